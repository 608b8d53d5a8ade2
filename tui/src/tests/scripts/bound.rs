//! Keys that run a line as if it had been typed.

use hullo::protocol::payload::{State, Status};

use super::{say, settled};
use crate::core::event::Effect;
use crate::tests::play::room;

fn kept(key: &str, value: &str) -> Effect {
    Effect::SaveSetting { name: format!("keys.{key}"), value: Some(value.into()) }
}

fn away(text: &str) -> Effect {
    let status = Status { state: State::Away, text: Some(text.into()) };
    Effect::SetStatus { room: room("lobby"), status }
}

#[test]
fn a_key_runs_a_command_and_leaves_the_draft_alone() {
    let mut stage = settled();
    stage.line("/bind F4 /away lunch");
    stage.shows("F4 is /away lunch now");
    assert_eq!(stage.deeds(), [kept("f4", "/away lunch")]);
    stage.typed("half a thought");
    stage.deeds();
    stage.key("F4");
    assert_eq!(stage.deeds(), [away("lunch")]);
    assert_eq!(stage.model.buffer().composer.text(), "half a thought");
    stage.key("Ctrl+u");
    stage.line("/bind f4");
    stage.shows("F4 is /away lunch");
    stage.line("/bind f4 //shrugs");
    stage.key("F4");
    assert_eq!(stage.deeds()[1..], [say(1, "/shrugs")]);
    stage.key("Ctrl+p");
    stage.key("F4");
    assert_eq!(stage.deeds(), [], "a layer has the keys");
}

#[test]
fn a_command_that_is_only_begun_goes_before_the_draft() {
    let mut stage = settled();
    stage.line("/bind f4 /msg mira ");
    assert_eq!(stage.deeds(), [kept("f4", "/msg mira ")]);
    stage.key("F4");
    assert_eq!(stage.model.buffer().composer.text(), "/msg mira ");
    stage.key("Ctrl+u");
    stage.typed("see you at 5");
    stage.key("F4");
    assert_eq!(stage.model.buffer().composer.text(), "/msg mira see you at 5");
    stage.key("Ctrl+_");
    assert_eq!(stage.model.buffer().composer.text(), "see you at 5");
    stage.key("Ctrl+u");
    stage.line("/bind f4 /nick");
    stage.key("F4");
    assert_eq!(stage.model.buffer().composer.text(), "/nick ");
}

#[test]
fn a_letter_runs_its_line_only_where_nothing_is_written() {
    let mut stage = settled();
    stage.line("/bind g /greet off");
    stage.deeds();
    stage.typed("x");
    stage.key("g");
    assert_eq!(stage.model.buffer().composer.text(), "xg");
    stage.key("Ctrl+u");
    stage.key("g");
    let off = Effect::SaveSetting { name: "greet".into(), value: Some("false".into()) };
    assert_eq!(stage.deeds(), [off]);
}

#[test]
fn what_cannot_be_run_cannot_be_bound() {
    let mut stage = settled();
    stage.line("/bind f4 /awya lunch");
    stage.shows("there is no /awya · did you mean /away?");
    stage.line("/bind f4 /dnd for ever");
    stage.shows("/dnd: \"ever\" is not a duration");
    assert_eq!(stage.deeds(), []);
    stage.line("/bind f4 /away lunch");
    stage.deeds();
    stage.line("/unbind f4");
    stage.shows("F4 is people-pane now");
    assert_eq!(stage.deeds(), [Effect::SaveSetting { name: "keys.f4".into(), value: None }]);
}

#[test]
fn help_and_palette_list_such_keys_and_run_them() {
    let mut stage = settled();
    stage.line("/bind f4 /away lunch");
    stage.deeds();
    for opens in ["F1", "Ctrl+p"] {
        stage.key(opens);
        stage.typed("lunch");
        stage.shows("F4");
        stage.shows("/away lunch");
        stage.key("Enter");
        assert_eq!(stage.deeds(), [away("lunch")]);
    }
}

#[test]
fn tab_completes_the_command_to_be_bound() {
    let mut stage = settled();
    stage.typed("/bind f4 /aw");
    stage.key("Tab");
    assert_eq!(stage.model.buffer().composer.text(), "/bind f4 /away ");
}
