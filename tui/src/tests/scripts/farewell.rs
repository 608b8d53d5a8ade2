//! Words to say on the way in and on the way out.

use super::{say, settled};
use crate::core::event::{Effect, Ticket};
use crate::tests::play::{Stage, room};

fn join() -> Effect {
    Effect::Join { room: room("lobby"), name: "ada".into(), status: None }
}

#[test]
fn what_is_said_with_a_helo_waits_for_the_room() {
    let mut stage = settled();
    stage.line("/helo back from lunch");
    assert_eq!(stage.deeds(), [join()]);
    stage.shows("back from lunch  ◌ waiting to send");
    stage.enter("lobby", &["mira", "tomas"]);
    assert_eq!(stage.deeds(), [say(1, "back from lunch")]);
    stage.line("/helo");
    assert_eq!(stage.deeds(), [join()]);
    stage.goes_offline();
    stage.line("/helo anybody?");
    stage.shows("you are not in the room");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn a_last_word_goes_to_every_room_that_hears_it() {
    let mut stage = settled();
    stage.line("/join ops");
    stage.enter("ops", &[]);
    stage.line("/join build");
    stage.line("/msg mira");
    stage.deeds();
    stage.line("/quit see you");
    let to = |ticket, name: &str| Effect::Say {
        ticket: Ticket(ticket),
        room: room(name),
        text: "see you".into(),
    };
    assert_eq!(stage.deeds(), [to(1, "lobby"), to(2, "ops"), Effect::Quit]);
}

#[test]
fn who_quits_without_a_word_or_without_a_line_just_quits() {
    let mut stage = settled();
    stage.line("/quit");
    assert_eq!(stage.deeds(), [Effect::Quit]);
    stage.goes_offline();
    stage.line("/quit see you");
    assert_eq!(stage.deeds(), [Effect::Quit]);
}

#[test]
fn chosen_from_the_palette_they_need_no_words() {
    let mut stage: Stage = settled();
    stage.key("Ctrl+p");
    stage.typed("/quit");
    stage.key("Enter");
    assert_eq!(stage.deeds(), [Effect::Quit]);
    stage.line("/log path");
    stage.shows("what is said is not kept · /log on begins it");
}
