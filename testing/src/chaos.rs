//! Members talk in several rooms while their connections break and their server is stopped, killed
//! and started again. At the end their transcripts are laid side by side.
//!
//! A seed decides what is done; when exactly it happens, the machine does. So the same seed leads
//! to the same kind of run, and seldom to the same run.

mod member;
mod server;
pub mod transcript;
pub mod verdict;
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::faults::{Faults, FaultyProxy};
use member::{Everybody, Member, Phase, Setup};
use server::Server;
use transcript::Transcript;
use verdict::{Verdict, judge};
use witness::Witness;

/// How long may pass until everybody is done with a phase.
const PHASE_WITHIN: Duration = Duration::from_secs(120);

/// What the server keeps of what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// On the disk.
    Strict,
    /// With the system.
    Relaxed,
    /// Nothing: after a restart all is new.
    None,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Relaxed => "relaxed",
            Self::None => "none",
        })
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program of the server.
    pub program: PathBuf,
    /// Where it keeps its data.
    pub folder: PathBuf,
    /// What all choices follow from.
    pub seed: u64,
    /// How many members there are.
    pub members: usize,
    /// How many rooms; each member is in two of them.
    pub rooms: usize,
    /// At least so many connections are broken.
    pub cuts: usize,
    /// So often the server is killed.
    pub kills: usize,
    /// What the server keeps.
    pub durability: Durability,
    /// For how long a session may be without a connection.
    pub resume_window: Duration,
    /// How connections break.
    pub faults: Faults,
}

impl Plan {
    /// A session whose connection breaks goes on: also when the server is killed, for it has all on
    /// its disk, and for longer than anything lasts here.
    fn no_session_ends(&self) -> bool {
        self.durability != Durability::None && self.resume_window >= Duration::from_secs(60)
    }
}

/// What a run was like.
#[derive(Clone, Debug, Default)]
pub struct Report {
    plan: String,
    took: Duration,
    cuts: BTreeMap<&'static str, usize>,
    resumes: usize,
    gaps: usize,
    filled_gaps: usize,
    kills: usize,
    restarts: usize,
    stops: usize,
    acknowledged: usize,
    failed: BTreeMap<String, usize>,
    deliveries: usize,
    left: usize,
    /// What was wrong with the messages.
    pub verdict: Verdict,
    /// What else was wrong.
    pub faults: Vec<String>,
}

impl Report {
    /// Whether nothing was wrong.
    pub fn is_good(&self) -> bool {
        self.verdict == Verdict::default() && self.faults.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { lost, doubled, reordered, misled } = &self.verdict;
        writeln!(f, "{}, {:.0} s", self.plan, self.took.as_secs_f64())?;
        let cuts: usize = self.cuts.values().sum();
        let (gaps, filled) = (self.gaps, self.filled_gaps);
        writeln!(f, "cuts {cuts} {:?}", self.cuts)?;
        writeln!(f, "resumes {}, gaps told {gaps} ({filled} filled by the history)", self.resumes)?;
        writeln!(
            f,
            "kills {}, restarts in good order {}, stops {}; leaves seen {}",
            self.kills, self.restarts, self.stops, self.left
        )?;
        writeln!(
            f,
            "messages acknowledged {}, not {:?}; deliveries {}",
            self.acknowledged, self.failed, self.deliveries
        )?;
        writeln!(
            f,
            "lost {}, doubled {}, reordered {}, misled {}, other faults {}",
            lost.len(),
            doubled.len(),
            reordered.len(),
            misled.len(),
            self.faults.len()
        )?;
        let all = [("lost", lost), ("doubled", doubled), ("reordered", reordered)];
        for (what, which) in all.into_iter().chain([("misled", misled), ("fault", &self.faults)]) {
            for one in which.iter().take(20) {
                writeln!(f, "  {what}: {one}")?;
            }
        }
        Ok(())
    }
}

/// Carries out a run.
pub async fn run(plan: Plan) -> Report {
    let began = now();
    let mut random = Rng::with_seed(plan.seed);
    let proxy = FaultyProxy::start(random.u64(..), plan.faults).await;
    let address = watch::Sender::new(None);
    let mut server = Server::new(&plan, proxy, address.clone());
    server.start().await;
    let everybody = Everybody::default();
    let (phase, mut crowd) = (watch::Sender::new(Phase::Enter), Crowd::default());
    for number in 0..plan.members {
        let rooms = BTreeSet::from([number % plan.rooms, (number / plan.rooms) % plan.rooms]);
        // If the reply to a helo is lost, nobody can take that session back, and it stays as long as it
        // may. So all come in peace.
        let setup = Setup {
            number,
            rooms: rooms.into_iter().collect(),
            address: server.proxy.address,
            seed: random.u64(..),
            history: 50,
            everybody: everybody.clone(),
        };
        crowd.add(Member::new(setup), &phase);
    }
    let mut witnesses = JoinSet::new();
    let is_over = watch::Sender::new(false);
    for room in 0..plan.rooms {
        let witness = Witness::of(room);
        witnesses.spawn(witness.watch(address.subscribe(), is_over.subscribe()));
    }
    let mut report = Report { plan: describe(&plan), ..Report::default() };
    crowd.all_do(Phase::Enter, &phase, &mut report).await;
    phase.send_replace(Phase::Talk);
    server.proxy.break_connections();
    server.misbehave(&plan, &mut random, &mut report).await;
    server.proxy.calm_down();
    sleep(Duration::from_secs(1)).await; // what was being broken is, by now
    crowd.all_do(Phase::Settle, &phase, &mut report).await;
    crowd.all_do(Phase::LastWords, &phase, &mut report).await;
    sleep(Duration::from_secs(1)).await; // what is told twice comes now
    phase.send_replace(Phase::Over);
    is_over.send_replace(true);
    let members = crowd.transcripts().await;
    let witnesses = witnesses.join_all().await;
    report.cuts = server.proxy.cuts();
    server.end(&mut report).await;
    sum_up(&plan, &members, witnesses, &everybody, &mut report);
    report.took = began.elapsed();
    report
}

#[expect(clippy::disallowed_methods, reason = "it tells how long it took")]
fn now() -> Instant {
    Instant::now()
}

fn describe(plan: &Plan) -> String {
    let Plan { seed, members, rooms, durability, resume_window, .. } = plan;
    format!(
        "seed {seed}: {members} members in {rooms} rooms, durability {durability}, \
         resume window {resume_window:?}"
    )
}

/// All members.
#[derive(Default)]
struct Crowd {
    tasks: JoinSet<(usize, Transcript)>,
    done: Vec<watch::Receiver<(Phase, String)>>,
}

impl Crowd {
    fn add(&mut self, member: Member, phase: &watch::Sender<Phase>) {
        let (done, phases) =
            (watch::Sender::new((Phase::Enter, "to begin".to_owned())), phase.subscribe());
        let number = self.done.len();
        self.done.push(done.subscribe());
        self.tasks.spawn(async move { (number, member.run(phases, done).await) });
    }

    /// All are to do as the phase says; waits until they have.
    async fn all_do(&mut self, phase: Phase, say: &watch::Sender<Phase>, report: &mut Report) {
        say.send_replace(phase);
        let all = async {
            for done in &mut self.done {
                drop(done.wait_for(|(done, why)| *done == phase && why.is_empty()).await);
            }
        };
        if timeout(PHASE_WITHIN, all).await.is_err() {
            for (number, done) in self.done.iter().enumerate() {
                let (_, why) = &*done.borrow();
                if !why.is_empty() {
                    report.faults.push(format!("{phase:?}: member {number} waits {why}"));
                }
            }
        }
    }

    async fn transcripts(self) -> Vec<Transcript> {
        let mut all = self.tasks.join_all().await;
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, transcript)| transcript).collect()
    }
}

fn sum_up(
    plan: &Plan,
    members: &[Transcript],
    witnesses: Vec<Witness>,
    everybody: &Everybody,
    report: &mut Report,
) {
    for member in members {
        report.faults.extend(member.faults.iter().cloned());
        for room in member.rooms.values() {
            report.resumes += room.resumes;
            report.deliveries += room.sessions.iter().map(|it| it.heard.len()).sum::<usize>();
            let gaps = room.sessions.iter().filter_map(|session| session.gap);
            gaps.for_each(|is_filled| {
                report.gaps += 1;
                report.filled_gaps += usize::from(is_filled);
            });
        }
        for sent in &member.sent {
            match &sent.outcome {
                Some(Ok(())) => report.acknowledged += 1,
                Some(Err(error)) => *report.failed.entry(error.to_string()).or_default() += 1,
                None => *report.failed.entry("no outcome".to_owned()).or_default() += 1,
            }
        }
    }
    for witness in witnesses {
        let room = witness.room();
        let expected: BTreeSet<String> =
            everybody.of(room).values().map(|person| person.id.to_string()).collect();
        let seen: BTreeSet<String> = witness.present.keys().cloned().collect();
        if seen != expected {
            let difference: Vec<_> = seen.symmetric_difference(&expected).collect();
            report.faults.push(format!("room {room}: ghosts or missing: {difference:?}"));
        }
        report.left += witness.gone();
        if plan.no_session_ends() && witness.gone() > 0 {
            report.faults.push(format!("room {room}: {} left, and none should", witness.gone()));
        }
        report.faults.extend(witness.faults);
    }
    report.verdict = judge(members, plan.no_session_ends());
}
