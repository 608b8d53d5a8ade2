//! The people of a room, where they are more than there are rows.

use hullo::Notice;
use hullo::protocol::payload::State;
use ratatui::crossterm::event::MouseEventKind;

use crate::tests::play::{ME, Stage, person, room};
use crate::tests::{id, named};

/// In #lobby with 500 people, of whom some are idle and some away.
fn crowd(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    stage.tell(Notice::Online);
    let mut present = vec![named(ME, "ada")];
    present.extend((2..=500).map(|n| {
        let reach = match n {
            401..=450 => State::Idle,
            451..=500 => State::Away,
            _ => State::Here,
        };
        person(n, &format!("q{n}"), reach, None)
    }));
    stage.tell(Notice::Entered { room: room("lobby"), me: named(ME, "ada"), present, topic: None });
    stage.wait(10_000);
    stage
}

/// The names in the people pane, from top to bottom.
fn listed(stage: &Stage) -> Vec<String> {
    let text = stage.text();
    let rows = text.lines().filter_map(|row| Some(row.rsplit_once('│')?.1.trim()));
    let names = rows.filter_map(|row| row.strip_prefix(['●', '◐', '○'])?.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// All names that are seen while `scroll` is done again and again.
fn reached(stage: &mut Stage, mut scroll: impl FnMut(&mut Stage)) -> Vec<String> {
    let mut reached: Vec<String> = Vec::new();
    loop {
        let seen = listed(stage);
        let new = seen.into_iter().filter(|name| !reached.contains(name)).collect::<Vec<_>>();
        if new.is_empty() {
            return reached;
        }
        reached.extend(new);
        scroll(stage);
    }
}

fn everybody() -> Vec<String> {
    std::iter::once("ada".to_owned()).chain((2..=500).map(|n| format!("q{n}"))).collect()
}

#[test]
fn all_of_500_people_are_reached_by_keys() {
    for (width, height) in [(120, 40), (72, 24)] {
        let mut stage = crowd(width, height);
        stage.shows(" below");
        stage.hides(" above");
        assert_eq!(reached(&mut stage, |stage| stage.key("Alt+PgDn")), everybody());
        stage.hides(" below");
        for _ in 0..60 {
            stage.key("Alt+PgUp");
        }
        assert_eq!(listed(&stage)[..2], ["ada", "q2"]);
    }
}

#[test]
fn all_of_500_people_are_reached_by_the_wheel_over_them() {
    let mut stage = crowd(72, 24);
    stage.said(2, "hello");
    let over = stage.find("q7 ");
    let down = |stage: &mut Stage| stage.mouse(MouseEventKind::ScrollDown, over);
    assert_eq!(reached(&mut stage, down), everybody());
    stage.mouse(MouseEventKind::ScrollUp, over);
    stage.shows("↓ 4 below");
    stage.shows("↑ 478 above");
    // Over the log, the wheel scrolls the log.
    let before = listed(&stage);
    let log = stage.find("hello");
    stage.mouse(MouseEventKind::ScrollUp, log);
    assert_eq!(listed(&stage), before);
}

#[test]
fn what_is_above_and_below_is_counted_and_leads_there() {
    let mut stage = crowd(72, 24);
    stage.shows("↓ 482 below");
    stage.click("↓ 482");
    stage.shows("↑ 17 above");
    stage.click("↑ 17");
    stage.hides(" above");
    stage.key("Alt+PgDn");
    stage.line("/join ops");
    stage.key("Alt+1");
    stage.hides(" above");
}

#[test]
fn on_a_narrow_screen_the_people_are_scrolled_in_the_place_of_the_log() {
    let mut stage = crowd(40, 12);
    stage.key("F4");
    stage.shows("HERE 400");
    stage.key("PgDn");
    stage.shows("above");
    stage.key("PgUp");
    stage.hides("above");
    stage.key("F4");
    // Where there is no pane, the list opens.
    stage.key("Alt+PgDn");
    stage.shows("1/500");
}

#[test]
fn the_list_of_people_holds_everybody_and_those_who_matter_come_first() {
    let mut stage = crowd(40, 12);
    stage.shows("● q2 ● q3");
    stage.line("/msg q300");
    stage.key("Alt+1");
    stage.changes(hullo::presence::Change {
        updated: vec![person(300, "q300", State::Away, None)],
        ..Default::default()
    });
    let typing = Notice::Typing { room: room("lobby"), from: id(200), direct: false, typing: true };
    stage.tell(typing);
    stage.shows("○ q300 ● q200… ● q2 ");
    stage.click("+4");
    stage.shows("1/500");
    let names = |stage: &Stage| {
        let text = stage.text();
        let rows = text.lines().filter_map(|row| row.trim().strip_prefix(['●', '◐', '○']));
        rows.map(|row| row.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&stage)[..5], ["q300", "q200", "ada", "q2", "q3"]);
    stage.key("Up");
    stage.shows("500/500");
    stage.shows("q500");
}

#[test]
fn nobody_is_shown_in_the_colour_of_their_state_without_a_connection() {
    use crate::theme::Role;
    let mut stage = crowd(72, 24);
    stage.goes_offline();
    for key in ["F2", "Ctrl+p"] {
        stage.key(key);
        for offer in crate::menu::offers(&stage.model) {
            let dots = offer.row.iter().filter(|segment| segment.text.starts_with('●'));
            assert!(dots.into_iter().all(|segment| segment.role == Role::Dim), "{key}");
        }
        stage.key("Esc");
    }
    let dot = stage.find("● q2");
    let (screen, dim) = (stage.screen(), stage.find("HERE"));
    assert_eq!(screen.buffer()[dot].style(), screen.buffer()[dim].style());
}

#[test]
fn who_lists_people_in_the_same_order() {
    let mut stage = crowd(120, 40);
    stage.line("/who q1");
    stage.shows("here 110: q10, q11, q12, ");
    stage.line("/msg q105");
    stage.key("Alt+1");
    stage.line("/who q10");
    stage.shows("here 11: q105, q10, q100, q101, ");
}
