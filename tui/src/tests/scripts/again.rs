//! Sending again what was not sent; two people of one name.

use hullo::Notice;
use hullo::client::Error;
use hullo::protocol::Refusal;

use super::super::named;
use super::super::play::{ME, Stage, room};
use super::{say, settled};
use crate::core::event::{Event, Ticket};

#[test]
fn a_failed_line_is_sent_again_with_one_key() {
    let mut stage = settled();
    stage.line("hello all");
    assert_eq!(stage.deeds(), [say(1, "hello all")]);
    let refused = Err(Error::Refused(Refusal::UnknownRecipient));
    stage.event(Event::Settled(Ticket(1), refused));
    stage.shows("✗ not sent · Alt+↑ selects it, s sends it again");
    stage.said(2, "hm?");
    stage.key("Alt+Up");
    stage.hides("s send again");
    stage.key("s");
    assert_eq!(stage.deeds(), []);
    assert_eq!(stage.model.buffer().composer.text(), "s", "as any other letter");
    stage.key("Backspace");
    stage.key("Alt+Up");
    stage.key("Alt+Up");
    stage.shows("s send again · r reply");
    stage.key("s");
    assert_eq!(stage.deeds(), [say(2, "hello all")]);
    stage.event(Event::Settled(Ticket(2), Ok(())));
    stage.hides("✗ not sent");
    assert_eq!((stage.model.failed_lines, stage.model.buffer().selected), (0, None));
}

#[test]
fn our_own_name_is_told_apart_everywhere() {
    let mut stage = Stage::new(80, 24);
    stage.tell(Notice::Online);
    let present = vec![named(5, "ada"), named(ME, "ada")];
    stage.tell(Notice::Entered { room: room("lobby"), me: named(ME, "ada"), present, topic: None });
    stage.shows(" ada~2 ›");
    stage.shows(" ada~2 ●");
    stage.line("/who");
    stage.shows("here 2: ada, ada~2 (you)");
}
