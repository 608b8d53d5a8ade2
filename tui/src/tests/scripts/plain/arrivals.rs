//! People who come and go, as lines.

use hullo::Notice;
use hullo::presence::Change;

use super::Lines;
use crate::tests::play::{Stage, room};
use crate::tests::{at, id, named};

#[test]
fn newcomers_are_told_with_what_becomes_of_them() {
    let mut lines = Lines::among(&["mira"]);
    lines.tell(
        |stage| stage.arrives(9, "zoe"),
        &["09:40 #lobby zoe arrived and says helo; your greeting was sent"],
    );
    lines.line("/wave", &["09:40 #lobby you waved to zoe: hello there zoe"]);
    lines.tell(|stage| stage.leaves(9, "zoe"), &[]);
    lines.tell(|stage| stage.wait(1_000), &["09:40 #lobby zoe left"]);
}

#[test]
fn who_says_helo_again_is_not_told_to_have_left() {
    let mut lines = Lines::among(&["mira"]);
    lines.after(|stage| stage.arrives(9, "zoe"));
    lines.tell(|stage| stage.leaves(9, "zoe"), &[]);
    lines.tell(|stage| stage.arrives(10, "zoe"), &[]);
    lines.tell(|stage| stage.wait(2_000), &["09:40 #lobby zoe said helo again"]);
}

#[test]
fn a_flood_is_one_line_once_it_rests_or_somebody_speaks() {
    let mut lines = Lines::among(&["mira"]);
    for n in 1..=3 {
        lines.after(|stage| stage.arrives(10 + n, &format!("a{n}")));
    }
    for n in 4..=12 {
        lines.tell(|stage| stage.arrives(10 + n, &format!("a{n}")), &[]);
    }
    assert_eq!(lines.printer.deadline(&lines.stage.model), Some(at(12_000).at));
    lines.tell(|stage| stage.wait(1_999), &[]);
    lines.tell(|stage| stage.wait(1), &["09:40 #lobby a12, a11, a10, a9, a8 and 4 more arrived"]);
    lines.tell(|stage| stage.leaves(15, "a5"), &[]);
    lines.tell(
        |stage| stage.said(2, "so many"),
        &["09:40 #lobby a5 left", "09:40 #lobby mira: so many"],
    );
}

#[test]
fn an_endless_flood_is_told_now_and_then() {
    let mut lines = Lines::among(&[]);
    for n in 1..=3 {
        lines.after(|stage| stage.arrives(10 + n, &format!("a{n}")));
    }
    let mut told = 0;
    for n in 0..40 {
        told += lines
            .after(|stage| {
                stage.wait(1_000);
                stage.arrives(100 + n, &format!("b{n}"));
            })
            .len();
    }
    assert_eq!(told, 2);
}

#[test]
fn those_who_pour_in_are_counted_once_a_minute() {
    let mut lines = Lines::among(&[]);
    let mut told = Vec::new();
    for n in 0..700_u64 {
        told.extend(lines.after(|stage| {
            stage.wait(100);
            stage.arrives(u128::from(100 + n), &format!("b{n}"));
        }));
    }
    for _ in 0..10 {
        told.extend(lines.after(|stage| stage.wait(1_000)));
    }
    let counts: Vec<&str> = told.iter().map(|line| &line[6..]).skip(4).collect();
    assert_eq!(
        counts,
        [
            "#lobby many people arrive at once: from now on they are only counted",
            "#lobby 600 arrived and 0 left within 1 m so far",
            "#lobby 682 arrived and 0 left within 1 m 9 s",
        ]
    );
}

#[test]
fn an_arrival_that_becomes_a_card_is_told_once() {
    let mut lines = Lines::among(&["mira"]);
    let joins = |stage: &mut Stage| {
        stage.changes(Change { joined: vec![named(9, "zoe")], ..Change::default() });
    };
    let helo = |stage: &mut Stage| {
        let name = "zoe".to_owned();
        stage.tell(Notice::Arrived { room: room("lobby"), id: id(9), name, answer: true });
    };
    lines.tell(joins, &[]);
    lines.tell(helo, &["09:40 #lobby zoe arrived and says helo; your greeting was sent"]);

    let mut lines = Lines::among(&["mira"]);
    lines.tell(joins, &[]);
    lines.tell(|stage| stage.wait(2_000), &["09:40 #lobby zoe arrived"]);
    lines.tell(helo, &["09:40 #lobby zoe says helo; your greeting was sent"]);
}
