//! Whole screens, as people see them, at the sizes that matter.

use hullo::Notice;
use hullo::presence::Change;
use hullo::protocol::payload::State;
use hullo::protocol::{Message, RoomName};

use super::id;
use super::play::{Stage, person, room};
use crate::core::event::{EarlierRuns, Event, Restored};

const SIZES: [(u16, u16); 5] = [(120, 40), (80, 24), (40, 12), (20, 5), (1, 1)];

/// One scene at every size.
fn snap(scene: &str, play: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = Stage::new(width, height);
        play(&mut stage);
        insta::assert_snapshot!(format!("{scene}_{width}x{height}"), stage.screen());
    }
}

fn go_online(stage: &mut Stage, others: &[&str]) {
    stage.tell(Notice::Online);
    stage.enter("lobby", others);
}

/// A room with a day's talk in it.
fn busy(stage: &mut Stage) {
    go_online(stage, &["mira", "tomas", "jo", "li", "ben", "cho", "gus"]);
    for n in [2, 3, 4, 5] {
        stage.responded(n, "hello there ada", true);
    }
    stage.wait(400);
    for n in [6, 7, 8] {
        stage.responded(n, "hello there ada", true);
    }
    stage.changes(Change {
        updated: vec![
            person(6, "ben", State::Idle, None),
            person(7, "cho", State::Idle, None),
            person(8, "gus", State::Away, Some("back 3 pm")),
        ],
        ..Change::default()
    });
    stage.wait(60_000);
    stage.said(2, "morning all. anyone seen the flaky reconnect test?");
    stage.said(3, "yes, it is the half-open socket one. I have a patch, and it is rather longer than I thought it would be");
    stage.wait(65_000);
    stage.line("tomas: push it, I will review before lunch");
    stage.event(crate::core::event::Event::Settled(crate::core::event::Ticket(1), Ok(())));
    stage.wait(30_000);
    for (n, name) in [(20, "ivo"), (21, "kim"), (22, "lu"), (23, "noa"), (24, "rui")] {
        stage.arrives(n, name);
    }
    stage.wait(31_000);
    stage.leaves(24, "rui");
    stage.said(2, "/me reads the wiki: https://wiki.example/n/4.");
    stage.wait(60_000);
    stage.event(Event::Focused(false));
    stage.said(3, "ada: patch is up, can you look at the backoff part?");
    stage.said(3, "it caps at 30 s now, with full jitter");
    stage.wait(1000);
    stage.event(Event::Focused(true));
    stage.arrives(30, "zoe");
    stage.tell(Notice::Typing { room: room("lobby"), from: id(2), direct: false, typing: true });
    stage.typed("tomas: looking now, the cap is g");
}

fn other_places(stage: &mut Stage) {
    stage.model.open_room(&room("build"));
    stage.model.open_room(&room("late-night"));
    for (name, n) in [("build", 3_u128), ("late-night", 0)] {
        stage.enter(name, &["mira", "tomas"]);
        let name: RoomName = room(name);
        for _ in 0..n {
            let message = Message::text("red again");
            stage.tell(Notice::Said {
                room: name.clone(),
                from: id(2),
                message,
                seq: None,
                name: None,
            });
        }
    }
    stage.wait(20_000);
    stage.responded(2, "got a minute?", false);
    stage.responded(2, "it is about the release", false);
}

#[test]
fn connecting() {
    snap("connecting", |_| {});
}

#[test]
fn an_empty_room() {
    snap("empty", |stage| go_online(stage, &[]));
}

#[test]
fn the_first_time() {
    let earlier = || Some(EarlierRuns { is_first: true, ..EarlierRuns::default() });
    let first =
        || Event::Restored(Box::new(Restored { earlier: earlier(), ..Restored::default() }));
    snap("welcome", |stage| {
        stage.event(first());
        go_online(stage, &[]);
    });
    snap("welcomed", |stage| {
        stage.event(first());
        go_online(stage, &["mira", "tomas"]);
        stage.wait(120);
        stage.responded(2, "hello there ada", true);
    });
}

#[test]
fn a_line_for_everybody() {
    snap("to_all", |stage| {
        go_online(stage, &["mira", "tomas"]);
        stage.wait(20_000);
        stage.responded(2, "got a minute?", false);
        stage.key("Alt+a");
        stage.typed("/all lunch is here");
    });
}

#[test]
fn a_busy_room() {
    snap("busy", |stage| {
        busy(stage);
        other_places(stage);
    });
}

#[test]
fn our_own_arrival() {
    snap("arrival", |stage| {
        go_online(stage, &["mira", "tomas", "jo", "li", "ben", "cho", "gus", "ann"]);
        stage.wait(120);
        for n in [2, 3, 5, 6, 7, 8] {
            stage.responded(n, "hello there ada", true);
        }
        stage.wait(200);
        stage.responded(4, "hi ada! I am around until 17:00", false);
    });
}

#[test]
fn answers_that_never_came() {
    snap("silent", |stage| {
        go_online(stage, &["mira", "tomas", "jo"]);
        stage.wait(120);
        stage.responded(2, "hello there ada", true);
        stage.wait(5_000);
    });
}

#[test]
fn a_conversation() {
    snap("direct", |stage| {
        go_online(stage, &["mira", "tomas"]);
        stage.wait(20_000);
        stage.responded(2, "got a minute?", false);
        stage.key("Alt+a");
        stage.line("sure, what is it?");
        stage.wait(300);
        stage.responded(2, "日本語 👩‍👩‍👧‍👦 and a text that is long enough to be wrapped somewhere, at least once, on every screen", false);
        stage.tell(Notice::Typing { room: room("lobby"), from: id(2), direct: true, typing: true });
    });
}

#[test]
fn offline() {
    snap("offline", |stage| {
        go_online(stage, &["mira", "tomas", "jo"]);
        stage.wait(6000);
        stage.said(3, "it caps at 30 s now, with full jitter");
        stage.wait(60_000);
        stage.goes_offline();
        stage.line("on it, give me five");
        stage.wait(1200);
    });
}

#[test]
fn back_again() {
    snap("back", |stage| {
        go_online(stage, &["mira", "tomas", "jo"]);
        stage.wait(6000);
        stage.goes_offline();
        stage.wait(500);
        stage.line("on it, give me five");
        stage.wait(12_000);
        go_online(stage, &["tomas", "mira", "kim", "lu"]);
        stage.wait(100);
        stage.responded(2, "hello there ada", true);
    });
}

#[test]
fn help() {
    snap("help", |stage| {
        go_online(stage, &["mira"]);
        stage.key("?");
    });
}

#[test]
fn choosing_a_command() {
    snap("commands", |stage| {
        go_online(stage, &["mira"]);
        stage.typed("/");
    });
}

#[test]
fn no_server_yet() {
    snap("no_server", Stage::goes_offline);
}

#[test]
fn going_to_anything() {
    snap("palette", |stage| {
        busy(stage);
        other_places(stage);
        stage.key("Ctrl+p");
        stage.typed("la");
    });
}

#[test]
fn finding_and_selecting() {
    snap("find", |stage| {
        busy(stage);
        stage.key("Ctrl+s");
        stage.typed("patch");
    });
    snap("selected", |stage| {
        busy(stage);
        for _ in 0..3 {
            stage.key("Alt+Up");
        }
    });
}

#[test]
fn filtering_people() {
    snap("people", |stage| {
        busy(stage);
        stage.key("F2");
        stage.typed("m");
    });
}

#[test]
fn the_lists() {
    snap("arrivals", |stage| {
        busy(stage);
        stage.key("Ctrl+u");
        stage.line("/buffer arrivals");
    });
}

#[test]
fn a_flood() {
    snap("flood", |stage| {
        busy(stage);
        stage.key("Ctrl+u");
        stage.line("/watch jo");
        for n in 0..700_u64 {
            stage.wait(8);
            stage.arrives(u128::from(1000 + n), if n == 600 { "jo" } else { "somebody" });
        }
        stage.said(2, "is that the load test?");
    });
}
