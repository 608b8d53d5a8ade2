//! What was said before: above the line "now", further up on request, and after a gap.

use hullo::Notice;
use hullo::client::{Error, PastMessage};
use hullo::protocol::Message;
use hullo::protocol::payload::PastBroadcast;

use super::super::play::{ME, Stage, room};
use super::super::{id, named};
use super::settled;
use crate::core::event::{Effect, Event};

/// 09:40 of the day of all tests, in Unix seconds.
const NOW: u64 = 1_795_513_200;

/// A message that was said so many seconds before the test began.
pub(super) fn past(seq: u64, ago: u64, from: u128, name: &str, text: &str) -> PastMessage {
    PastMessage::from(PastBroadcast {
        message: Message::text(text),
        client_session_id: id(from),
        seq,
        name: name.to_owned(),
        at: NOW - ago,
    })
}

pub(super) fn history(stage: &mut Stage, messages: Vec<PastMessage>) {
    stage.tell(Notice::History { room: room("lobby"), messages });
}

fn read(stage: &mut Stage, outcome: Result<Vec<PastMessage>, Error>) {
    stage.event(Event::HistoryRead { room: room("lobby"), outcome });
}

/// The rows of the log, without the pane beside it.
pub(super) fn log(stage: &Stage) -> Vec<String> {
    let text = stage.text();
    let rows = text.lines().skip(1).map(|row| row.split('│').next().unwrap_or_default().trim_end());
    let rows = rows.take_while(|row| !row.starts_with(" ada ›"));
    rows.filter(|row| !row.is_empty()).map(str::to_owned).collect()
}

fn read_history(before: u64) -> Effect {
    Effect::ReadHistory { room: room("lobby"), before }
}

fn joined() -> Stage {
    let mut stage = Stage::among(80, 24, &["mira"]);
    let yesterday = 86_400;
    history(
        &mut stage,
        vec![
            past(11, yesterday, 70, "ben", "who takes the late shift?"),
            past(12, yesterday - 60, 71, "mira", "ada: you do"),
            past(15, 3_600, 2, "mira", "morning"),
        ],
    );
    stage
}

#[test]
fn what_was_said_before_stands_above_now_and_counts_as_read() {
    let mut stage = joined();
    assert_eq!(
        log(&stage),
        [
            " ──────────────────────── Mon 23 Nov ────────────────────────",
            " 09:40 ben      who takes the late shift?",
            " 09:41 mira     ada: you do",
            " ──────────────────────── Tue 24 Nov ────────────────────────",
            " 08:40 mira     morning",
            " ─────────────────────────── now ────────────────────────────",
            " 09:40 ▸ you said helo · 0/1 …",
        ]
    );
    let buffer = stage.model.buffer();
    assert_eq!((buffer.unread, buffer.mentions, stage.model.buffers.len()), (0, 0, 1));
    assert_eq!(stage.deeds(), []);
    stage.said(2, "hi ada");
    assert_eq!(stage.model.buffers[1].title(), "mentions");
}

#[test]
fn more_is_read_by_scrolling_up_once_at_a_time_and_nothing_moves() {
    let mut stage = joined();
    stage.wait(10_000);
    for n in 0..35 {
        stage.said(2, &format!("line {n}"));
    }
    stage.effects();
    stage.key("PgUp");
    assert_eq!(stage.deeds(), []);
    stage.key("PgUp");
    assert_eq!(stage.deeds(), [read_history(11)]);
    stage.key("PgUp");
    assert_eq!(stage.deeds(), [], "once at a time");
    let before = log(&stage);
    read(
        &mut stage,
        Ok(vec![
            past(3, 180_000, 70, "ben", "the day before"),
            past(9, 86_500, 70, "ben", "is anybody here?"),
            past(11, 86_400, 70, "ben", "who takes the late shift?"),
        ]),
    );
    assert_eq!(log(&stage)[1..], before[1..], "the rows on screen stay");
    stage.key("PgUp");
    assert_eq!(
        log(&stage)[..8],
        [
            " ──────────────────────── Sun 22 Nov ────────────────────────",
            " 07:40 ben      the day before",
            " ──────────────────────── Mon 23 Nov ────────────────────────",
            " 09:38 ben      is anybody here?",
            " 09:40 ben      who takes the late shift?",
            " 09:41 mira     ada: you do",
            " ──────────────────────── Tue 24 Nov ────────────────────────",
            " 08:40 mira     morning",
        ]
    );
    assert_eq!(stage.deeds(), [read_history(3)]);
    read(&mut stage, Err(Error::Offline));
    stage.shows("earlier messages cannot be read");
    stage.key("PgUp");
    assert_eq!(stage.deeds(), [read_history(3)]);
    read(&mut stage, Ok(vec![]));
    stage.shows("the server has no earlier messages");
    stage.key("PgUp");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn who_comes_back_to_a_room_finds_what_was_said_meanwhile_once() {
    let mut stage = joined();
    stage.wait(10_000);
    stage.line("bye");
    stage.line("/leave");
    stage.wait(60_000);
    stage.line("/join lobby");
    let me = named(50, "ada");
    stage.tell(Notice::Entered {
        room: room("lobby"),
        me: me.clone(),
        present: vec![me],
        topic: None,
    });
    history(
        &mut stage,
        vec![
            past(12, 86_340, 71, "mira", "ada: you do"),
            past(15, 3_600, 2, "mira", "morning"),
            past(16, 0, ME, "ada", "bye"),
            past(18, 0, 2, "mira", "where is ada?"),
        ],
    );
    assert_eq!(
        log(&stage),
        [
            " ──────────────────────── Mon 23 Nov ────────────────────────",
            " 09:40 ben      who takes the late shift?",
            " 09:41 mira     ada: you do",
            " ──────────────────────── Tue 24 Nov ────────────────────────",
            " 08:40 mira     morning",
            " ─────────────────────────── now ────────────────────────────",
            " 09:40 ▸ you said helo · 0/1 answered · 1 silent",
            "       ada      bye",
            "       you left #lobby · /join lobby to come back · /quit to",
            "       end",
            " 09:41 ▸ you said helo again · nobody to answer yet",
            " 09:40 mira     where is ada?",
            " ─────────────────────────── now ────────────────────────────",
        ]
    );
    assert_eq!(stage.model.buffer().mentions, 0);
}

fn comes_back(stage: &mut Stage, is_filled: bool) {
    stage.wait(60_000);
    stage.tell(Notice::Online);
    stage.tell(Notice::Gap { room: room("lobby"), is_filled });
    let me = named(50, "ada");
    let present = vec![me.clone(), named(2, "mira")];
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
}

#[test]
fn what_was_missed_comes_from_the_history_and_is_unread() {
    let mut stage = settled();
    stage.line("/msg tomas hi");
    stage.effects();
    stage.goes_offline();
    comes_back(&mut stage, true);
    let missed = "ada: are you there?";
    history(&mut stage, vec![past_after(20, 30, "one"), past_after(21, 40, missed)]);
    let buffer = &stage.model.buffers[0];
    assert_eq!((buffer.unread, buffer.mentions), (2, 1));
    stage.key("Alt+1");
    assert_eq!(
        log(&stage),
        [
            " 09:40 ▸ you said helo · 0/2 answered · 2 silent",
            " ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ connection lost 09:40:10 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
            " ┄┄┄┄┄┄┄┄┄┄┄┄┄ back 09:41:10 after 1 m · 1 went ┄┄┄┄┄┄┄┄┄┄┄┄┄",
            " 09:41 ▸ you said helo again · 0/1 …",
            "       − tomas left",
            " ────────────────────────── 2 new ───────────────────────────",
            " 09:40 mira     one",
            "      ▌mira     ada: are you there?",
        ]
    );
    assert_eq!(stage.model.buffer().unread, 0);
}

/// A message of mira, so many seconds after the test began.
fn past_after(seq: u64, seconds: u64, text: &str) -> PastMessage {
    PastMessage::from(PastBroadcast {
        message: Message::text(text),
        client_session_id: id(2),
        seq,
        name: "mira".to_owned(),
        at: NOW + seconds,
    })
}

#[test]
fn what_cannot_be_had_any_more_is_told() {
    let mut stage = settled();
    stage.goes_offline();
    comes_back(&mut stage, false);
    assert_eq!(
        log(&stage),
        [
            " 09:40 ▸ you said helo · 0/2 answered · 2 silent",
            " ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ connection lost 09:40:10 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
            " ┄┄┄┄┄┄┄┄┄┄┄┄┄ back 09:41:10 after 1 m · 1 went ┄┄┄┄┄┄┄┄┄┄┄┄┄",
            " 09:41 ▸ you said helo again · 0/1 …",
            "       − tomas left",
            "       ⚠ messages between 09:40:10 and 09:41:10 may be",
            "         missing",
        ]
    );
    history(&mut stage, vec![past_after(2, 45, "is it running again?")]);
    assert_eq!(
        log(&stage),
        [
            " 09:40 ▸ you said helo · 0/2 answered · 2 silent",
            " ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ connection lost 09:40:10 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
            " ┄┄┄┄┄┄┄┄┄┄┄┄┄ back 09:41:10 after 1 m · 1 went ┄┄┄┄┄┄┄┄┄┄┄┄┄",
            " 09:41 ▸ you said helo again · 0/1 …",
            "       − tomas left",
            "       ⚠ messages between 09:40:10 and 09:40:45 may be",
            "         missing",
            " ────────────────────────── 1 new ───────────────────────────",
            " 09:40 mira     is it running again?",
        ]
    );
    stage.effects();
    stage.key("PgUp");
    assert_eq!(stage.deeds(), [], "the numbers may be others now");
}

#[test]
fn who_is_ignored_is_so_in_the_past_too() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    stage.line("/ignore ben");
    history(&mut stage, vec![past(1, 60, 70, "ben", "noise")]);
    stage.hides("noise");
    stage.hides("── now");
}
