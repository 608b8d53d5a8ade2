//! What all scenes share in which messages go on for as long as it is measured.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use super::pace::Pace;
use super::{Figures, Span, Target};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::latency::Latency;
use crate::wire::Outcome;

/// A scene in which messages go on.
pub(super) trait Stream: Scene {
    /// Pushes until so many were pushed in all; or, without a number, as many as may be on their way.
    fn push_due(&mut self, out: &mut Outbound, due: Option<u64>, now: Instant) -> Outcome;

    fn tally(&mut self) -> &mut Tally;

    fn so_far(&self) -> &Tally;

    /// To how many a push is delivered.
    fn deliveries_of_each(&self) -> u64 {
        1
    }
}

/// What was pushed and what has come.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) pushed: u64,
    pub(super) replied: u64,
    pub(super) delivered: u64,
    pub(super) latency: Latency,
}

/// Lets messages go on, and measures once that has become steady. In the end everything must have
/// come, and nothing more may come.
pub(super) fn measure<S: Stream>(
    crowd: &mut Crowd,
    scene: &mut S,
    per_second: Option<u32>,
    target: Target,
) -> Outcome<Figures> {
    let pace = match per_second {
        Some(per_second) => Some(Pace::begin(per_second, crowd.waker()?)),
        None => None,
    };
    run_for(crowd, scene, pace.as_ref(), target.measured / 4)?;
    scene.tally().latency = Latency::default();
    let (span, before) = (Span::begin(target.process), scene.so_far().delivered);
    run_for(crowd, scene, pace.as_ref(), target.measured)?;
    let mut figures = span.end(scene.so_far().delivered - before);
    figures.push(("p50", scene.so_far().latency.quantile(0.5)));
    figures.push(("p99", scene.so_far().latency.quantile(0.99)));
    drop(pace);
    crowd.until(scene, is_done, missing)?;
    crowd.settle(scene)?;
    Ok(figures)
}

fn run_for<S: Stream>(
    crowd: &mut Crowd,
    scene: &mut S,
    pace: Option<&Pace>,
    span: Duration,
) -> Outcome {
    let began = Instant::now();
    let mut heard = (began, scene.so_far().delivered);
    loop {
        let now = Instant::now();
        if now - began >= span {
            return Ok(());
        }
        if heard.1 != scene.so_far().delivered {
            heard = (now, scene.so_far().delivered);
        } else if now - heard.0 > crowd.patience() {
            return Err(format!("nothing comes any more: {}", missing(scene)));
        }
        scene.push_due(crowd.out(), pace.map(|pace| pace.due(now)), now)?;
        crowd.turn(Duration::from_millis(20), scene)?;
    }
}

fn is_done<S: Stream>(scene: &S) -> bool {
    let Tally { pushed, replied, delivered, .. } = scene.so_far();
    replied == pushed && *delivered == pushed * scene.deliveries_of_each()
}

fn missing<S: Stream>(scene: &S) -> String {
    let Tally { pushed, replied, delivered, .. } = scene.so_far();
    let wanted = pushed * scene.deliveries_of_each();
    format!("{replied} of {pushed} pushes replied, {delivered} of {wanted} delivered")
}

/// The messages of one sender come one after another, each once, and none before it was pushed.
pub(super) fn in_order(number: u32, wanted: u32, pushed: u32) -> Outcome {
    match number.cmp(&wanted) {
        Ordering::Equal if number < pushed => Ok(()),
        Ordering::Equal => Err(format!("number {number} came before it was pushed")),
        Ordering::Less => Err(format!("number {number} came twice, where {wanted} was due")),
        Ordering::Greater => {
            Err(format!("number {wanted} was lost or overtaken: {number} came in its place"))
        }
    }
}
