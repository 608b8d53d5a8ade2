//! Clicks: on names, on tabs, on what is offered.

use ratatui::crossterm::event::{MouseButton, MouseEventKind};
use ratatui::layout::Position;

use super::settled;
use crate::core::event::Effect;
use crate::tests::play::Stage;

fn title(stage: &Stage) -> String {
    stage.model.buffer().title()
}

#[test]
fn a_click_on_a_name_opens_the_conversation() {
    let mut stage = settled();
    stage.click("tomas");
    assert_eq!(title(&stage), "tomas");
    let mut stage = settled();
    stage.said(2, "hello");
    stage.click("mira     hello");
    assert_eq!(title(&stage), "mira");
    stage.key("Alt+1");
    // On the words, it selects what was said.
    stage.click("hello");
    assert_eq!(title(&stage), "#lobby");
    stage.shows("r reply");
    let mut stage = Stage::among(60, 20, &["mira", "tomas"]);
    stage.click("tomas");
    assert_eq!(title(&stage), "tomas");
}

#[test]
fn a_click_on_the_name_of_somebody_who_left_says_so() {
    let mut stage = settled();
    stage.said(2, "hello");
    stage.leaves(2, "mira");
    stage.click("mira     hello");
    stage.shows("mira is not here any more");
    stage.click("hello");
    stage.hides("p person");
}

#[test]
fn a_click_on_our_own_name_does_nothing() {
    let mut stage = settled();
    stage.click("ada       you");
    assert_eq!(title(&stage), "#lobby");
    stage.hides("that is you");
}

#[test]
fn a_click_on_an_answer_opens_the_conversation() {
    let mut stage = Stage::among(80, 24, &["mira", "tomas"]);
    stage.wait(100);
    stage.responded(2, "hello there ada", true);
    stage.responded(3, "welcome back", true);
    stage.click("tomas  welcome");
    assert_eq!(title(&stage), "tomas");
}

#[test]
fn a_click_on_a_tab_goes_there() {
    let mut stage = settled();
    stage.line("/msg mira");
    stage.line("/join ops");
    stage.key("Alt+1");
    stage.click("3 #ops");
    assert_eq!(title(&stage), "#ops");
    stage.click("mira");
    assert_eq!(title(&stage), "mira");
    for n in 0..12 {
        stage.line(&format!("/join room-number-{n}"));
    }
    stage.click("+");
    stage.shows("rooms");
    stage.shows("1/14");
    stage.key("Esc");
    stage.model.size.width = 120;
    stage.click("1 #lobby");
    assert_eq!(title(&stage), "#lobby");
}

#[test]
fn a_click_on_a_hint_does_what_it_says() {
    let mut stage = settled();
    stage.click("/ commands");
    assert_eq!(stage.model.buffer().composer.text(), "/");
    stage.key("Ctrl+u");
    stage.click("F1 help");
    stage.shows("keys and commands");
    stage.click("Esc back");
    stage.hides("keys and commands");
    stage.said(2, "hello");
    stage.click("Alt+↑ select");
    stage.shows("r reply");
    stage.click("y copy");
    assert_eq!(stage.deeds(), [Effect::Copy("hello".into())]);
    stage.click("Alt+↑ select");
    stage.click("Esc back");
    stage.hides("r reply");
    stage.typed("hi");
    stage.click("Enter send");
    assert_eq!(stage.deeds(), [super::say(1, "hi")]);
    stage.goes_offline();
    stage.click("/reconnect");
    assert_eq!(stage.deeds(), [Effect::Reconnect]);
}

#[test]
fn a_click_on_a_wave_waves_and_one_on_what_is_new_goes_there() {
    let mut stage = settled();
    stage.line("/set greet off");
    stage.arrives(7, "zoe");
    stage.deeds();
    stage.click("Alt+W wave back");
    let [Effect::SayTo { to, .. }] = &stage.deeds()[..] else { panic!("no wave") };
    assert_eq!(*to, super::id(7));
    stage.line("/join ops");
    stage.said(3, "ada: look");
    stage.click("#lobby(1)");
    assert_eq!(title(&stage), "#lobby");
}

#[test]
fn a_click_on_an_item_chooses_it_and_one_beside_closes_the_list() {
    let mut stage = settled();
    stage.key("Ctrl+p");
    stage.click("commands");
    stage.typed("away");
    stage.click("/away");
    assert_eq!(stage.model.buffer().composer.text(), "/away ");
    stage.key("Ctrl+u");
    stage.key("Ctrl+p");
    stage.mouse(MouseEventKind::Down(MouseButton::Left), Position::new(70, 20));
    stage.hides("─ go to ─");
}

#[test]
fn a_click_on_a_completion_takes_it() {
    let mut stage = settled();
    stage.typed("/wh");
    stage.click("/whois NAME");
    assert_eq!(stage.model.buffer().composer.text(), "/whois ");
    stage.key("Ctrl+u");
    stage.typed(":rock");
    stage.key("Tab");
    stage.click(":rocket:");
    assert_eq!(stage.model.buffer().composer.text(), "🚀 ");
}

#[test]
fn the_newest_is_one_click_away_whatever_is_in_the_line() {
    let mut stage = settled();
    for n in 0..40 {
        stage.said(2, &format!("line {n}"));
    }
    stage.key("PgUp");
    stage.shows("End for the newest");
    stage.typed("a draft");
    stage.hides("End for the newest");
    stage.shows("PgDn scrolls down");
    stage.click("PgDn scrolls");
    stage.shows("line 39");
}
