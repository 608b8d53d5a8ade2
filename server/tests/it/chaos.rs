//! Connections break and the daemon is killed, and nothing is lost; briefly. For as long as is asked
//! for it does so as a benchmark: `cargo bench -p hullo-server --bench chaos -- --help`.

use std::time::Duration;

use hullo_testing::chaos::transcript::{Heard, Key, RoomTranscript, Sent, Session, Transcript};
use hullo_testing::chaos::verdict::{Verdict, judge};
use hullo_testing::chaos::{Durability, Plan, run};
use hullo_testing::faults::Faults;
use tempfile::tempdir;

/// Any will do. When exactly something happens, the machine decides.
const SEED: u64 = 20;

async fn is_well(durability: Durability, resume_window: Duration, kills: usize) {
    let folder = tempdir().unwrap();
    let (cuts, millis) = (40, Duration::from_millis);
    let plan = Plan {
        program: env!("CARGO_BIN_EXE_hullo-server").into(),
        folder: folder.path().to_owned(),
        seed: SEED,
        members: 8,
        rooms: 3,
        cuts,
        kills,
        durability,
        resume_window,
        faults: Faults { mean_life: millis(700), longest_stall: millis(2000) },
    };
    let report = run(plan).await;
    assert!(
        report.is_good(),
        "{report}\nOnce more, and longer: cargo bench -p hullo-server --bench chaos -- --seed {SEED} \
         --durability {durability} --resume-window {} --cuts 300 --kills {}",
        resume_window.as_millis(),
        4 * kills
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_store_everybody_hears_everything_once_and_nobody_leaves() {
    is_well(Durability::Strict, Duration::from_secs(600), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_store_a_restart_is_told_and_hides_nothing() {
    is_well(Durability::None, Duration::from_secs(5), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_told_and_its_history_is_what_it_is_said_to_be() {
    is_well(Durability::Relaxed, Duration::from_millis(100), 1).await;
}

/// What three members of one room said and heard; the first says three messages to all.
fn three_members() -> Vec<Transcript> {
    let sent = |_| Sent { room: 0, to: None, outcome: Some(Ok(())) };
    let session = || Session {
        id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
        gap: None,
        past: Vec::new(),
        heard: Vec::new(),
    };
    let member = |said: usize, heard: &[(u64, usize)]| {
        let heard = heard.iter().map(|(seq, number)| Heard {
            seq: *seq,
            key: Key { member: 0, number: *number },
            is_direct: false,
        });
        let session = Session { heard: heard.collect(), ..session() };
        let room = RoomTranscript { sessions: vec![session], ..RoomTranscript::default() };
        let sent = (0..said).map(sent).collect();
        Transcript { sent, rooms: [(0, room)].into(), faults: Vec::new() }
    };
    let all = [(1, 0), (2, 1), (4, 2)];
    vec![member(3, &[]), member(0, &all), member(0, &all)]
}

/// How many are lost, doubled, reordered, misled.
fn counts(change: impl FnOnce(&mut Transcript, &mut Vec<Heard>)) -> [[usize; 4]; 2] {
    let mut members = three_members();
    let mut heard = members[1].rooms[&0].sessions[0].heard.clone();
    change(&mut members[0], &mut heard);
    members[1].rooms.get_mut(&0).unwrap().sessions[0].heard = heard;
    [true, false].map(|no_session_ends| {
        let Verdict { lost, doubled, reordered, misled } = judge(&members, no_session_ends);
        [lost.len(), doubled.len(), reordered.len(), misled.len()]
    })
}

#[test]
fn whatever_goes_wrong_is_noticed() {
    let none = [[0; 4]; 2];
    assert_eq!(counts(|_, _| {}), none);
    // One lost in the middle is noticed by its place and by its sender.
    let lost = counts(|_, heard| {
        heard.remove(1);
    });
    assert!(lost[0][0] > 0 && lost[1][0] > 0, "{lost:?}");
    // One lost at an end is noticed if the session heard all there was.
    assert_eq!(counts(|_, heard| heard.truncate(2)), [[1, 0, 0, 0], [0; 4]]);
    // What was not acknowledged may be lost by all, but not by some.
    let by_one = counts(|sender, heard| {
        sender.sent[1].outcome = None;
        heard.remove(1);
    });
    assert_eq!(by_one, [[1, 0, 0, 0]; 2]);
    let twice = counts(|_, heard| heard.push(Heard { seq: 5, ..heard[0] }));
    assert!(twice.iter().all(|counts| counts[1] == 1), "{twice:?}");
    let swapped = counts(|_, heard| heard.swap(0, 1));
    assert!(swapped.iter().all(|counts| counts[2] > 0), "{swapped:?}");
    let elsewhere = counts(|_, heard| heard[1].seq = 3);
    assert!(elsewhere.iter().all(|counts| counts[2] > 0), "{elsewhere:?}");
    let stranger = counts(|sender, _| sender.sent[0].room = 1);
    assert!(stranger.iter().all(|counts| counts[3] > 0), "{stranger:?}");
}
