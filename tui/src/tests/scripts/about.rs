//! Commands that tell something, or take it elsewhere.

use std::time::Duration;

use hullo::Notice;
use hullo::protocol::payload::State;

use super::settled;
use crate::core::event::{Effect, Event};
use crate::tests::play::room;

#[test]
fn people_and_places_are_told() {
    let mut stage = settled();
    stage.said(2, "hi");
    stage.wait(61_000);
    stage.line("/who mir");
    stage.shows("here 1: mira");
    stage.line("/who zoe");
    stage.shows("nobody here matches");
    stage.line("/whois mira");
    stage.shows("mira is here · spoke 1 m 1 s ago · in #lobby");
    stage.line("/rooms");
    stage.shows("1 #lobby (3 here)");
    stage.line("/lag");
    stage.shows("has not been measured yet");
    stage.tell(Notice::RoundTrip(Duration::from_micros(12_400)));
    stage.line("/lag");
    stage.shows("answered in 12.4 ms");
    stage.shows("12 ms · ada");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn what_was_said_goes_elsewhere() {
    let mut stage = settled();
    stage.said(2, "see https://a.example/1 and https://a.example/2");
    stage.said(3, "done");
    for line in ["/copy", "/copy 2", "/open", "/open 2", "/edit"] {
        stage.line(line);
    }
    let copied = |text: &str| Effect::Copy(text.into());
    let opened = |link: &str| Effect::Open(link.into());
    assert_eq!(
        stage.deeds(),
        [
            copied("done"),
            copied("see https://a.example/1 and https://a.example/2"),
            opened("https://a.example/2"),
            opened("https://a.example/1"),
            Effect::Edit(String::new()),
        ]
    );
    stage.line("/copy none");
    stage.shows("/copy: \"none\" is not a number from 1 up");
    stage.key("Ctrl+c");
    stage.line("/export log.txt");
    let [Effect::Export { path, text }] = &stage.deeds()[..] else { panic!("no export") };
    assert_eq!(path, "log.txt");
    assert!(text.contains("2026-11-24 09:40:10  tomas: done\n"), "{text}");
}

#[test]
fn nobody_can_forge_a_line_of_an_export() {
    let mut stage = settled();
    stage.line("/clear");
    stage.said(2, "x\n2026-11-24 09:00:00  ada: forged");
    stage.said(3, "y");
    stage.deeds();
    stage.line("/export log.txt");
    let [Effect::Export { text, .. }] = &stage.deeds()[..] else { panic!("no export") };
    assert_eq!(
        text,
        "2026-11-24 09:40:10  mira: x\n\t2026-11-24 09:00:00  ada: forged\n\
         2026-11-24 09:40:10  tomas: y\n"
    );
}

#[test]
fn a_draft_comes_back_from_the_editor() {
    let mut stage = settled();
    stage.typed("half a thou");
    stage.key("Alt+e");
    assert_eq!(stage.deeds(), [Effect::Edit("half a thou".into())]);
    stage.event(Event::Edited("a whole thought\n".into()));
    stage.shows("ada › a whole thought");
    stage.event(Event::Warned("vi cannot be run".into()));
    stage.shows("⚠ vi cannot be run");
}

#[test]
fn not_to_be_disturbed_ends_by_itself() {
    let mut stage = settled();
    stage.line("/status in a meeting");
    stage.line("/dnd for 30m");
    assert_eq!(stage.model.status.state, State::Dnd);
    stage.wait(29 * 60_000);
    stage.typed("x");
    assert_eq!(stage.model.status.state, State::Dnd);
    stage.wait(60_000);
    assert_eq!(stage.model.status.state, State::Here);
}

#[test]
fn a_wave_may_have_words_and_an_invitation_names_the_room() {
    let mut stage = settled();
    stage.arrives(9, "zoe");
    stage.effects();
    stage.line("/wave zoe lovely to see you");
    let [Effect::SayTo { text, .. }] = &stage.deeds()[..] else { panic!("no wave") };
    assert_eq!(text, "lovely to see you");
    stage.line("/invite mira");
    let [Effect::SayTo { text, room: by, .. }] = &stage.deeds()[..] else { panic!("no invite") };
    assert_eq!((&**text, by), ("come to #lobby: /join lobby", &room("lobby")));
}

#[test]
fn what_to_share_is_something_that_others_can_use() {
    let mut stage = settled();
    stage.enter("lobby", &[]);
    assert_eq!(stage.model.sharing(), "hullo --server ws://lan.example:4856");
    for address in ["ws://127.0.0.1:4856", "ws://[::1]:4856", "ws://localhost:4856"] {
        stage.model.address = address.to_owned();
        assert_eq!(
            stage.model.sharing(),
            format!(
                "hullo --server {address} on this machine; with other machines: \
                 hullo serve --listen 0.0.0.0:4857, then /connect HOST:4857"
            )
        );
    }
}

#[test]
fn the_line_that_invites_can_be_pasted_into_a_shell() {
    let check = |name: &str, expected: &str| {
        let mut stage = settled();
        stage.enter(name, &[]);
        stage.line(&format!("/join {name}"));
        stage.deeds();
        stage.key("Alt+y");
        assert_eq!(stage.deeds(), [Effect::Copy(expected.into())]);
    };
    check("lobby", "hullo --server ws://lan.example:4856");
    check("ops", "hullo --server ws://lan.example:4856 ops");
    check("it's late", r"hullo --server ws://lan.example:4856 -- '#it'\''s late'");
    check("-x", "hullo --server ws://lan.example:4856 -- '#-x'");
}
