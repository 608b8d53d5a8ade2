//! What rings no more, and rings again.

use hullo::Notice;
use hullo::protocol::Message;

use super::settled;
use crate::core::event::{Effect, Event};
use crate::tests::id;
use crate::tests::play::{Stage, room};

fn kept(title: &str, value: Option<&str>) -> Effect {
    Effect::SaveSetting { name: format!("notify.{title}"), value: value.map(str::to_owned) }
}

/// What is to be done for this, while nobody looks.
fn unseen(stage: &mut Stage, happens: impl FnOnce(&mut Stage)) -> Vec<Effect> {
    stage.event(Event::Focused(false));
    stage.effects();
    happens(stage);
    stage.deeds()
}

#[test]
fn what_is_muted_for_a_while_rings_again_by_itself_and_says_so_where_that_was_asked_for() {
    let mut stage = settled();
    stage.line("/join ops");
    stage.line("/mute #lobby for 1h");
    stage.shows("#lobby is muted for 1 h");
    stage.shows("1 #lobby ⊘");
    assert_eq!(stage.deeds().len(), 1, "nothing is kept");
    assert_eq!(unseen(&mut stage, |stage| stage.said(2, "ada: hi")), []);
    stage.line("/buffer");
    stage.shows("1 #lobby (3 here) 1 new muted");
    stage.wait(3_599_000);
    stage.hides("again");
    stage.wait(1_000);
    stage.shows("#lobby notifies you of mentions again");
    stage.hides("⊘");
    assert_eq!(unseen(&mut stage, |stage| stage.said(2, "ada: hi")), [Effect::Ring]);
}

#[test]
fn once_more_ends_it_and_a_while_takes_the_place_of_for_good() {
    let mut stage = settled();
    stage.line("/mute");
    assert_eq!(stage.deeds(), [kept("#lobby", Some("none"))]);
    stage.line("/mute for 10 m");
    stage.shows("#lobby is muted for 10 m");
    assert_eq!(stage.deeds(), [kept("#lobby", None)]);
    stage.key("Alt+m");
    stage.shows("#lobby notifies you of mentions again");
    assert_eq!(stage.deeds(), []);
    stage.line("/mute for 10 m");
    stage.line("/notify all");
    assert_eq!(stage.deeds(), [kept("#lobby", Some("all"))]);
    assert_eq!(unseen(&mut stage, |stage| stage.said(2, "hi")), [Effect::Ring]);
}

#[test]
fn the_arrivals_are_silent_also_for_those_who_are_watched() {
    let mut stage = settled();
    stage.line("/watch zoe");
    let comes = |stage: &mut Stage, n| {
        unseen(stage, |stage| stage.arrives(n, "zoe")).contains(&Effect::Ring)
    };
    assert!(comes(&mut stage, 9));
    stage.leaves(9, "zoe");
    stage.line("/mute arrivals");
    stage.shows("arrivals are muted");
    assert_eq!(stage.deeds().pop(), Some(kept("arrivals", Some("none"))));
    stage.wait(1_000);
    assert!(!comes(&mut stage, 10));
    assert_eq!(unseen(&mut stage, |stage| stage.leaves(10, "zoe")), []);
    assert_eq!(unseen(&mut stage, |stage| stage.said(2, "ada: hi")), [Effect::Ring]);
    stage.line("/buffer arrivals");
    stage.line("/mute");
    stage.shows("arrivals notify you of those whom you watch again");
    stage.wait(1_000);
    assert!(comes(&mut stage, 11));
}

#[test]
fn who_is_muted_rings_nowhere() {
    let mut stage = settled();
    stage.line("/mute MIRA");
    stage.shows("mira is muted");
    assert_eq!(stage.deeds(), [kept("mira", Some("none"))]);
    assert_eq!(unseen(&mut stage, |stage| stage.said(2, "ada: hi")), []);
    assert_eq!(unseen(&mut stage, |stage| stage.responded(2, "psst", false)), []);
    let message = Message::text("psst");
    let tell = Notice::Responded {
        room: room("lobby"),
        from: id(3),
        message,
        auto: false,
        seq: None,
        name: None,
    };
    assert_eq!(unseen(&mut stage, |stage| stage.tell(tell)), [Effect::Ring]);
    stage.leaves(2, "mira");
    stage.line("/leave mira");
    stage.line("/mute mira");
    stage.shows("mira notifies you of messages to you again");
}

#[test]
fn what_is_not_there_cannot_be_muted_but_a_room_can_before_one_joins_it() {
    let mut stage = settled();
    stage.line("/mute nobody for 1h");
    stage.shows("nothing here is called nobody");
    stage.line("/mute for ever");
    stage.shows("/mute: \"ever\" is not a duration");
    stage.key("Ctrl+u");
    assert_eq!(stage.deeds(), []);
    stage.line("/mute #ops");
    assert_eq!(stage.deeds(), [kept("#ops", Some("none"))]);
    stage.line("/mute lobby");
    assert_eq!(stage.deeds(), [kept("#lobby", Some("none"))]);
    stage.said(2, "ada: hi");
    stage.line("/buffer mentions");
    stage.line("/mute");
    stage.shows("this list notifies you of nothing");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn tab_offers_what_can_be_muted() {
    let mut stage = settled();
    let completed = |stage: &mut Stage, typed: &str| {
        stage.key("Ctrl+u");
        stage.typed(typed);
        stage.key("Tab");
        stage.model.buffer().composer.text().to_owned()
    };
    assert_eq!(completed(&mut stage, "/mute lo"), "/mute #lobby");
    assert_eq!(completed(&mut stage, "/mute mi"), "/mute mira");
    assert_eq!(completed(&mut stage, "/mute ar"), "/mute arrivals");
}
