//! What keys do.

use hullo::Notice;

use super::super::id;
use super::super::play::{Stage, room};
use super::{say, settled};
use crate::chat::log::Scroll;
use crate::core::event::{Effect, Event};

#[test]
fn the_most_urgent_comes_first() {
    let mut stage = settled();
    for name in ["build", "ops"] {
        stage.model.open_room(&room(name));
        stage.enter(name, &["mira", "tomas"]);
    }
    let message = || hullo::protocol::Message::text("red");
    stage.tell(Notice::Said {
        room: room("build"),
        from: id(2),
        message: message(),
        seq: None,
        name: None,
    });
    let (name, lobby) = ("zoe".to_owned(), room("ops"));
    stage.tell(Notice::Arrived { room: lobby, id: id(77), name, answer: false });
    stage.responded(3, "look at this", false);
    let mut tour = Vec::new();
    for _ in 0..3 {
        stage.key("Alt+a");
        tour.push(stage.model.buffer().title());
    }
    assert_eq!(tour, ["tomas", "#build", "arrivals"]);
    stage.shows("#ops  + zoe arrived");
    stage.key("Alt+<");
    assert_eq!(stage.model.buffer().title(), "#build");
    stage.key("Ctrl+n");
    stage.shows("nothing is new elsewhere");
}

#[test]
fn drafts_stay_where_they_were_written() {
    let mut stage = settled();
    stage.typed("half a thou");
    stage.responded(2, "psst", false);
    stage.key("Alt+a");
    stage.hides("half a thou");
    stage.typed("other");
    stage.key("Alt+1");
    stage.shows("ada › half a thou");
    stage.key("Ctrl+c");
    stage.hides("half a thou");
    stage.key("Ctrl+_");
    stage.shows("half a thou");
}

#[test]
fn scrolling_keeps_its_place() {
    let mut stage = settled();
    for n in 0..100 {
        stage.said(2, &format!("line {n}."));
    }
    stage.key("PgUp");
    let Scroll::At { .. } = stage.model.buffer().log.scroll else { panic!("{}", stage.text()) };
    stage.shows("line 80.");
    stage.hides("line 99.");
    stage.said(2, "ada: the newest");
    stage.shows("line 80.");
    stage.shows("▼ 20 below · End for the newest");
    stage.key("End");
    stage.shows("the newest");
    stage.key("Home");
    stage.shows("you said helo");
    stage.key("PgDn");
    stage.hides("you said helo");
}

#[test]
fn tab_completes_names_and_commands() {
    let mut stage = Stage::among(80, 24, &["mira", "milan", "tomas"]);
    let draft = |stage: &Stage| stage.model.buffer().composer.text().to_owned();
    stage.typed("to");
    stage.key("Tab");
    assert_eq!(draft(&stage), "tomas: ");
    stage.typed("ask mi");
    stage.key("Tab");
    assert_eq!(draft(&stage), "tomas: ask milan ");
    stage.key("Tab");
    assert_eq!(draft(&stage), "tomas: ask mira ");
    stage.key("Shift+Tab");
    stage.key("Ctrl+c");
    stage.typed("/rec");
    stage.shows("try to reach the server now");
    stage.key("Tab");
    assert_eq!(draft(&stage), "/reconnect ");
    stage.key("Ctrl+c");
    stage.typed("/msg tom");
    stage.key("Tab");
    assert_eq!(draft(&stage), "/msg tomas ");
}

#[test]
fn a_slip_gets_a_hint_and_what_is_missing_stays_typed() {
    let mut stage = settled();
    stage.line("/nikc grace");
    stage.shows("⚠ there is no /nikc · did you mean /nick?");
    stage.line("/msg");
    stage.shows("/msg NAME [TEXT]  write to one person");
    stage.shows("/msg needs NAME [TEXT]");
    stage.shows("ada › /msg");
    assert_eq!(stage.deeds(), []);
    stage.key("Ctrl+c");
    stage.line("//shrug");
    assert_eq!(stage.deeds(), [say(1, "/shrug")]);
}

#[test]
fn what_was_sent_comes_back_with_up() {
    let mut stage = settled();
    stage.line("one");
    stage.line("two");
    stage.typed("dra");
    for expected in ["two", "one", "one"] {
        stage.key("Up");
        assert_eq!(stage.model.buffer().composer.text(), expected);
    }
    for expected in ["two", "dra", "dra"] {
        stage.key("Down");
        assert_eq!(stage.model.buffer().composer.text(), expected);
    }
}

#[test]
fn a_paste_is_never_sent_by_itself() {
    let mut stage = settled();
    stage.event(Event::Pasted("one\r\ntwo\x1b[2J\tthree\n".into()));
    assert_eq!(stage.deeds(), []);
    assert_eq!(stage.model.buffer().composer.text(), "one\ntwo[2J    three\n");
    stage.key("Enter");
    assert_eq!(stage.deeds(), [say(1, "one\ntwo[2J    three")]);
}

#[test]
fn typing_is_told_sparingly_and_shown() {
    let mut stage = settled();
    let typing = |typing| Effect::Typing { room: room("lobby"), to: None, typing };
    stage.typed("hel");
    assert_eq!(stage.effects(), [typing(true)]);
    stage.wait(3_000);
    stage.typed("lo");
    assert_eq!(stage.effects(), [typing(true)]);
    stage.key("Ctrl+c");
    assert_eq!(stage.effects(), [typing(false)]);
    stage.typed("/nick x");
    assert_eq!(stage.effects(), []);
    stage.tell(Notice::Typing { room: room("lobby"), from: id(2), direct: false, typing: true });
    stage.wait(4_000);
    stage.shows("mira is typing…");
    stage.wait(6_000);
    stage.hides("typing");
}

#[test]
fn who_does_not_want_to_be_seen_typing_is_not() {
    let mut stage = settled();
    stage.line("/set typing off");
    stage.effects();
    stage.typed("hi");
    assert_eq!(stage.effects(), []);
}

#[test]
fn what_a_paste_leaves_out_is_said() {
    let mut stage = settled();
    stage.event(Event::Pasted("x".repeat(20_000)));
    stage.shows("4000 bytes were left out: a draft has at most 16000");
    assert_eq!(stage.model.buffer().composer.text().len(), 16_000);
}

#[test]
fn quitting_is_asked_once() {
    let mut stage = settled();
    stage.typed("x");
    stage.key("Ctrl+c");
    stage.key("Ctrl+c");
    assert_eq!(stage.deeds(), []);
    stage.shows("Ctrl+C once more to quit");
    stage.wait(3_000);
    stage.key("Ctrl+c");
    assert_eq!(stage.deeds(), []);
    stage.key("Ctrl+c");
    assert_eq!(stage.deeds(), [Effect::Quit]);
    stage.key("Ctrl+d");
    stage.line("/quit");
    stage.event(Event::Terminated);
    assert_eq!(stage.deeds(), [Effect::Quit, Effect::Quit, Effect::Quit]);
}

#[test]
fn help_is_filtered_does_what_is_chosen_and_never_touches_the_draft() {
    let mut stage = settled();
    stage.key("?");
    stage.shows("keys and commands");
    stage.typed("/nosuch");
    stage.shows("no matches");
    stage.key("Ctrl+u");
    stage.typed("log to select");
    stage.key("Enter");
    assert!(stage.model.panes.bare && stage.model.picker.is_none());
    stage.key("F1");
    stage.typed("/nick");
    stage.key("Enter");
    stage.shows("ada › /nick");
    stage.key("Ctrl+c");
    stage.key("F1");
    stage.key("Esc");
    stage.hides("keys and commands");
    stage.typed("what?");
    stage.key("F1");
    stage.key("F1");
    stage.shows("ada › what?");
}

#[test]
fn tab_completes_emoji_settings_and_actions() {
    let mut stage = settled();
    stage.typed("hi :wav");
    stage.key("Tab");
    stage.shows("ada › hi 👋");
    stage.key("Ctrl+c");
    stage.typed("at 10:30");
    stage.key("Tab");
    stage.shows("ada › at 10:30");
    stage.key("Ctrl+c");
    stage.typed("/set gree");
    stage.key("Tab");
    stage.shows("ada › /set greet");
    stage.key("Tab");
    stage.shows("ada › /set greeting");
    stage.key("Ctrl+c");
    stage.typed("/bind f5 next-a");
    stage.key("Tab");
    stage.shows("ada › /bind f5 next-activity");
}

#[test]
fn tab_completes_whatever_is_one_of_a_few() {
    let check = |typed: &str, expected: &[&str]| {
        let mut stage = Stage::among(80, 24, &["mira", "tomas"]);
        stage.enter("ops", &[]);
        stage.typed(typed);
        stage.key("Tab");
        let options = match &stage.model.completion {
            Some(completion) => completion.options.clone(),
            None => vec![stage.model.buffer().composer.text()[typed.len()..].to_owned()],
        };
        assert_eq!(options, expected, "{typed}");
    };
    check("/set notification ", &["off", "osc9", "osc777", "command"]);
    check("/set bell t", &["rue"]);
    check("/set theme da", &["rk"]);
    check("/set greeting ", &[""]);
    check("/notify ", &["all", "mentions", "none"]);
    check("/mouse ", &["on", "off"]);
    check("/greet ", &["on", "off", "text"]);
    check("/bind f5 no", &["ne"]);
    check("/msg ", &["mira", "tomas", "ada"]);
    check("/query ", &["mira", "tomas", "ada"]);
    check("/whois t", &["omas "]);
    check("/nick ", &[""]);
    check("/j ", &[""]);
    check("/buffer ", &["#ops"]);
}

#[test]
fn tab_offers_rooms_that_one_is_out_of_or_has_heard_of() {
    let mut stage = settled();
    for name in ["build", "ops"] {
        stage.line(&format!("/join {name}"));
        stage.enter(name, &[]);
    }
    stage.line("/leave build");
    stage.line("/buffer lobby");
    stage.said(2, "see (#Design-2), #123 and https://a.test/#top; not #ops, #build or #");
    stage.said(2, "come to #日本: /join 日本");
    stage.line("/leave ops");
    stage.typed("/join ");
    stage.key("Tab");
    let options = |stage: &Stage| stage.model.completion.clone().unwrap().options;
    assert_eq!(options(&stage), ["ops", "build", "日本", "Design-2"]);
    stage.key("Ctrl+c");
    stage.line("/leave lobby");
    stage.typed("/join #lo");
    stage.key("Tab");
    stage.shows("ada › /join lobby");
}

#[test]
fn help_comes_back_to_the_selected_message() {
    let mut stage = settled();
    stage.said(2, "hi");
    stage.key("Alt+Up");
    stage.key("F1");
    stage.key("Esc");
    stage.key("r");
    stage.shows("ada › > mira: hi");
}

#[test]
fn help_is_asked_about_something() {
    let mut stage = settled();
    stage.line("/help notifications");
    stage.shows("› notifications");
    stage.shows("/mute");
    stage.hides("/wave");
}
