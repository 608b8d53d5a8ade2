//! What fails again and again is told once; and a local server that is gone is started again.

use hullo::Notice;

use super::settled;
use crate::core::event::{Effect, Event};
use crate::core::failing::Feature;
use crate::entry::Kind;
use crate::entry::system::Severity;
use crate::tests::play::Stage;

/// How many warnings the event makes.
fn warned(stage: &mut Stage, event: Event) -> usize {
    let before = warnings(stage);
    stage.event(event);
    warnings(stage) - before
}

fn warnings(stage: &Stage) -> usize {
    let entries = stage.model.buffers.iter().flat_map(|buffer| buffer.log.newest());
    let warnings = entries.filter(|(_, entry)| match &entry.kind {
        Kind::System(line) => line.severity == Severity::Warning,
        _ => false,
    });
    warnings.count()
}

#[test]
fn a_local_server_is_started_again_at_the_third_loss_and_one_of_others_never() {
    for is_ours in [true, false] {
        let mut stage = settled();
        stage.model.restart.is_ours = is_ours;
        let starts = |stage: &mut Stage| {
            stage.effects();
            stage.goes_offline();
            stage.effects().contains(&Effect::StartServer)
        };
        assert!(!starts(&mut stage) && !starts(&mut stage));
        assert_eq!(starts(&mut stage), is_ours);
        stage.event(Event::ServerStarted(Ok(())));
        assert!(!starts(&mut stage) && !starts(&mut stage));
        assert_eq!(starts(&mut stage), is_ours);
    }
    let mut stage = settled();
    stage.model.restart.is_ours = true;
    stage.line("/connect other.example");
    (0..3).for_each(|_| stage.goes_offline());
    assert!(!stage.effects().contains(&Effect::StartServer), "a server that was named");
}

#[test]
fn why_a_server_cannot_be_started_is_told_once_until_we_are_online_or_it_is_another_reason() {
    let mut stage = settled();
    let mut told = |started: Result<(), &str>| {
        warned(&mut stage, Event::ServerStarted(started.map_err(str::to_owned)))
    };
    assert_eq!(told(Ok(())), 0);
    assert_eq!((told(Err("taken")), told(Err("taken"))), (1, 0));
    assert_eq!((told(Ok(())), told(Err("taken"))), (0, 0));
    assert_eq!((told(Err("no disk")), told(Err("no disk"))), (1, 0));
    stage.tell(Notice::Online);
    assert_eq!(warned(&mut stage, Event::ServerStarted(Err("no disk".into()))), 1);
}

#[test]
fn a_notifier_that_fails_is_told_once_until_it_works_or_is_another() {
    let mut stage = settled();
    let mut told = |command: &str| {
        let (feature, why) = (Feature::Notifier, "it failed".to_owned());
        warned(&mut stage, Event::Failed { feature, what: command.to_owned(), why })
    };
    assert_eq!((told("false"), told("false")), (1, 0));
    assert_eq!((told("false --other"), told("false --other")), (1, 0));
    stage.event(Event::Worked(Feature::Notifier));
    let (what, why) = ("false --other".to_owned(), "it failed".to_owned());
    let failed = Event::Failed { feature: Feature::Notifier, what, why };
    assert_eq!(warned(&mut stage, failed), 1);
}

#[test]
fn a_history_that_cannot_be_kept_is_told_once_and_not_tried_again() {
    let mut stage = settled();
    let kept = |stage: &mut Stage, line: &str| {
        stage.effects();
        stage.line(line);
        stage.effects().contains(&Effect::AppendHistory(line.into()))
    };
    assert!(kept(&mut stage, "one"));
    let failed = || {
        let why = "what you send is not kept: the disk is full".to_owned();
        Event::Failed { feature: Feature::History, what: String::new(), why }
    };
    assert_eq!((warned(&mut stage, failed()), warned(&mut stage, failed())), (1, 0));
    assert!(!kept(&mut stage, "two"));
}
