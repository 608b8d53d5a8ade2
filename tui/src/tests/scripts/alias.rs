//! Names of the user's own for what they type.

use hullo::protocol::payload::{State, Status};

use super::{say, settled};
use crate::core::event::{Effect, Event};
use crate::tests::play::{Stage, room};

fn kept(name: &str, line: Option<&str>) -> Effect {
    Effect::SaveSetting { name: format!("aliases.{name}"), value: line.map(str::to_owned) }
}

fn away(text: &str) -> Effect {
    let status = Status { state: State::Away, text: Some(text.into()) };
    Effect::SetStatus { room: room("lobby"), status }
}

#[test]
fn an_alias_is_made_run_told_kept_and_taken_back() {
    let mut stage = settled();
    stage.line("/alias");
    stage.shows("there is no such alias · /alias brb");
    stage.line("/alias /Brb /away back in a minute");
    stage.shows("/brb is /away back in a minute now");
    assert_eq!(stage.deeds(), [kept("brb", Some("/away back in a minute"))]);
    stage.line("/brb");
    stage.line("/BRB or two");
    assert_eq!(stage.deeds(), [away("back in a minute"), away("back in a minute or two")]);
    stage.line("/alias yo yo {}, how is {}?");
    stage.deeds();
    stage.line("/yo mira");
    assert_eq!(stage.deeds(), [say(1, "yo mira, how is mira?")]);
    stage.line("/clear");
    stage.line("/alias brb");
    stage.shows("/brb is /away back in a minute");
    stage.hides("/yo is yo {}, how is {}?\n");
    stage.line("/unalias brb");
    assert_eq!(stage.deeds(), [kept("brb", None)]);
    stage.line("/brb");
    stage.shows("there is no /brb");
    stage.line("/unalias brb");
    stage.shows("there is no alias /brb");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn no_alias_hides_a_command_or_calls_itself() {
    let mut stage = settled();
    for (line, why) in [
        ("/alias away /quit", "/away is a command; an alias"),
        ("/alias j /quit", "/j is a command; an alias"),
        ("/alias x /x", "/x would call itself endlessly"),
        ("/alias x /awya", "there is no /awya"),
    ] {
        stage.line(line);
        stage.shows(why);
    }
    stage.line("/alias a /away a");
    stage.line("/alias b /a b");
    stage.deeds();
    stage.line("/alias a /b");
    stage.shows("/a would call itself endlessly");
    assert_eq!(stage.deeds(), []);
    stage.line("/a");
    assert_eq!(stage.deeds(), [away("a")], "what it was stays");
}

#[test]
fn what_it_stands_for_may_need_more() {
    let mut stage = settled();
    stage.line("/alias m /msg");
    stage.line("/m");
    stage.shows("/msg needs NAME [TEXT]");
    assert_eq!(stage.model.buffer().composer.text(), "/m");
    stage.typed(" mira hi");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().title(), "mira");
    stage.shows("hi");
}

#[test]
fn a_key_can_run_one() {
    let mut stage = settled();
    stage.line("/alias brb /away back in a minute");
    stage.line("/alias m /msg mira {}");
    stage.line("/bind f4 /brb");
    stage.deeds();
    stage.key("F4");
    assert_eq!(stage.deeds(), [away("back in a minute")]);
    stage.line("/bind f4 /m ");
    stage.typed("lunch?");
    stage.key("F4");
    assert_eq!(stage.model.buffer().composer.text(), "/m lunch?");
}

#[test]
fn tab_help_and_palette_know_it() {
    let mut stage = settled();
    stage.line("/alias brb /away back in a minute");
    stage.typed("/br");
    stage.shows("/away back in a minute");
    stage.key("Tab");
    assert_eq!(stage.model.buffer().composer.text(), "/brb ");
    stage.shows("/away back in a minute");
    stage.key("Ctrl+u");
    stage.typed("/unalias b");
    stage.key("Tab");
    assert_eq!(stage.model.buffer().composer.text(), "/unalias brb");
    stage.key("Ctrl+u");
    for opens in ["F1", "Ctrl+p"] {
        stage.key(opens);
        stage.typed("brb");
        stage.shows("back in a minute");
        stage.key("Enter");
        assert_eq!(stage.model.buffer().composer.text(), "/brb ");
        stage.key("Ctrl+u");
    }
    let mut stage = Stage::among(80, 50, &[]);
    stage.line("/alias brb /away back in a minute");
    stage.event(Event::Line("/help".into()));
    stage.shows("/brb: /away back in a minute");
}
