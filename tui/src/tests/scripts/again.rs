//! Sending again what was not sent; two people of one name.

use hullo::Notice;
use hullo::client::Error;
use hullo::protocol::Refusal;

use super::super::named;
use super::super::play::{ME, Stage, room};
use super::{say, settled};
use crate::core::event::{Event, Ticket};

#[test]
fn failed_lines_are_sent_again_with_one_key() {
    let mut stage = settled();
    let refused = || Err(Error::Refused(Refusal::Unavailable));
    for (ticket, text) in [(1, "one"), (2, "two")] {
        stage.line(text);
        stage.event(Event::Settled(Ticket(ticket), refused()));
    }
    stage.deeds();
    stage.said(2, "hm?");
    stage.shows("✗ not sent · Alt+S sends it again");
    stage.typed("a draft");
    stage.key("Alt+s");
    assert_eq!(stage.deeds(), [say(3, "one"), say(4, "two")]);
    assert_eq!(stage.model.buffer().composer.text(), "a draft");
    assert_eq!(stage.model.failed_lines, 0);
    stage.event(Event::Settled(Ticket(3), Ok(())));
    stage.event(Event::Settled(Ticket(4), refused()));
    stage.click("Alt+S sends it again");
    assert_eq!(stage.deeds(), [say(5, "two")]);
    stage.event(Event::Settled(Ticket(5), Ok(())));
    stage.hides("not sent");
    stage.key("Alt+s");
    stage.shows("there is nothing to send again");
}

#[test]
fn a_selected_line_that_failed_is_sent_again_with_s() {
    let mut stage = settled();
    stage.line("hello all");
    stage.event(Event::Settled(Ticket(1), Err(Error::Refused(Refusal::Unavailable))));
    stage.said(2, "hm?");
    stage.deeds();
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
fn what_is_not_confirmed_can_be_sent_again_and_a_late_reply_ends_the_mark() {
    let mut stage = settled();
    stage.line("late");
    stage.wait(3_000);
    // It is still under way: sent again, it would arrive twice.
    stage.shows("late  ◌ not confirmed yet");
    stage.hides("sends it again");
    stage.key("Alt+s");
    stage.shows("there is nothing to send again");
    stage.event(Event::Settled(Ticket(1), Ok(())));
    stage.hides("not confirmed");
    stage.line("lost");
    stage.event(Event::Settled(Ticket(2), Err(Error::TimedOut)));
    stage.shows("lost  ◌ not confirmed");
    stage.wait(4_000);
    stage.shows(" ◌ not confirmed · Alt+S sends it again");
    stage.deeds();
    stage.key("Alt+Up");
    stage.click("s send again");
    assert_eq!(stage.deeds(), [say(3, "lost")]);
    stage.event(Event::Settled(Ticket(3), Ok(())));
    stage.hides("not confirmed");
}

#[test]
fn nobody_is_offered_to_send_again_to_somebody_who_left() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.leaves(2, "mira");
    stage.line("are you there?");
    stage.shows("✗ not sent: they have left");
    stage.hides("Alt+S");
    stage.key("Alt+s");
    stage.shows("they have left");
    stage.key("Alt+Up");
    stage.hides("s send again");
}

/// In #lobby, where somebody else is called ada, too.
fn with_namesake() -> Stage {
    let mut stage = Stage::new(80, 24);
    stage.tell(Notice::Online);
    let mut me = named(ME, "ada");
    me.online_at = 1;
    let present = vec![me.clone(), named(5, "ada")];
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
    stage
}

#[test]
fn whoever_shares_a_name_is_told_so_and_offered_another() {
    let mut stage = with_namesake();
    stage.shows(" ada~2 ›");
    stage.shows(" ada~2 ●");
    stage.line("/who");
    stage.shows("here 2: ada~2 (you), ada");
    stage.shows("somebody else here is called ada, so you are shown as");
    stage.shows("/nick ada-2");
    stage.line("from me");
    stage.said(5, "from the other");
    stage.shows("ada~2    from me");
    stage.shows("ada      from the other");
}

#[test]
fn a_name_that_is_refused_is_proposed_in_another_form() {
    let mut stage = settled();
    stage.line(&format!("/nick {}", "x".repeat(40)));
    stage.shows("a name has 1 to 32 visible characters · Enter asks for this one");
    assert_eq!(stage.model.buffer().composer.text(), format!("/nick {}", "x".repeat(32)));
    stage.key("Enter");
    stage.deeds();
    let refused = Err(Error::Refused(Refusal::InvalidName));
    stage.event(Event::Settled(Ticket(1), refused));
    stage.shows(&format!("{} was refused · Enter asks for this one", "x".repeat(32)));
    assert_eq!(stage.model.buffer().composer.text(), format!("/nick {}-2", "x".repeat(30)));
    stage.key("Ctrl+u");
    stage.typed("a draft");
    let refused = Err(Error::Refused(Refusal::InvalidName));
    stage.event(Event::Settled(Ticket(1), refused));
    assert_eq!(stage.model.buffer().composer.text(), "a draft");
}
