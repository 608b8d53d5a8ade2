//! Who starts servers and load generators, run by run, and collects what they tell.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::arguments::Arguments;
use crate::scene::{Family, Scenario};
use crate::server::{Peer, this_program};
use crate::table::Row;
use crate::wire::Outcome;

/// What one run told, by name.
type Told = BTreeMap<String, f64>;

/// How a run is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) quick: bool,
    pub(crate) window: Option<u32>,
    /// After so many seconds without anything heard, what was to come is lost.
    pub(crate) patience: u64,
}

/// Runs all scenes that are wanted.
pub(crate) fn run(arguments: &Arguments) -> Outcome<Vec<Row>> {
    let all_peers = arguments.peers()?;
    let manner = Manner { quick: arguments.quick, window: arguments.window, patience: 10 };
    let mut rows = Vec::new();
    for scenario in arguments.scenes() {
        let title = scenario.title();
        // Who can come back is not gone at once, and that is what churn waits for.
        let takes_part = |peer: &&Peer| !peer.is_resumable() || scenario.family() != Family::Churn;
        let peers: Vec<&Peer> = all_peers.iter().filter(takes_part).collect();
        let mut runs: Vec<Vec<Told>> = vec![Vec::new(); peers.len()];
        for run in 0..arguments.runs(&scenario) {
            // One after another in every run: what slows the machine down for a while slows all.
            for (peer, told) in peers.iter().zip(&mut runs) {
                eprintln!("{title} {}, run {}", peer.name(), run + 1);
                let result = once(&scenario, peer, manner);
                told.push(result.map_err(|sentence| {
                    format!("{title} with {} failed: {sentence}", peer.name())
                })?);
            }
        }
        rows.extend(peers.iter().zip(&runs).map(|(peer, told)| Row {
            scenario,
            peer: peer.name(),
            figures: medians(told),
        }));
    }
    Ok(rows)
}

/// Plays one scene to one server.
pub(crate) fn once(scenario: &Scenario, peer: &Peer, manner: Manner) -> Outcome<Told> {
    let started = peer.start()?;
    let server = &started.process;
    let mut command = Command::new(this_program()?);
    command.args(["drive", "--scene", scenario.name]);
    command.args(scenario.at.map(|at| format!("--at={at}")));
    command.args(["--address", &server.address.to_string()]);
    command.args(["--process", &server.process().0.to_string()]);
    command.args(["--patience", &manner.patience.to_string()]);
    command.args(manner.window.map(|window| format!("--window={window}")));
    command.args(manner.quick.then_some("--quick"));
    command.args(peer.has_presence().then_some("--presence"));
    command.args(peer.is_resumable().then_some("--resumable"));
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("the load generator does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(said.trim().to_owned());
    }
    eprint!("{said}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figures = text.lines().filter_map(|line| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    });
    Ok(figures.collect())
}

fn medians(runs: &[Told]) -> Told {
    let names = runs.iter().flat_map(Told::keys);
    names
        .map(|name| {
            let mut values: Vec<f64> =
                runs.iter().filter_map(|told| told.get(name).copied()).collect();
            values.sort_by(f64::total_cmp);
            (name.clone(), f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2]))
        })
        .collect()
}
