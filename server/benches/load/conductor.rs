//! Who starts servers and load generators, run by run, and collects what they tell.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::arguments::Arguments;
use crate::scene::{self, Scenario};
use crate::server::{Peer, Server, this_program};
use crate::table::Row;
use crate::wire::Outcome;

/// What one run told, by name.
type Told = BTreeMap<String, f64>;

/// Runs all scenes that are wanted.
pub(crate) fn run(arguments: &Arguments) -> Outcome<Vec<Row>> {
    let wanted = |scenario: &&Scenario| {
        arguments.only.is_empty() || arguments.only.iter().any(|name| name == scenario.name)
    };
    let peers = arguments.peers();
    let mut rows = Vec::new();
    for scenario in scene::ALL.iter().filter(wanted) {
        let mut runs: Vec<Vec<Told>> = vec![Vec::new(); peers.len()];
        for run in 0..arguments.runs() {
            // One after another in every run: what slows the machine down for a while slows all.
            for (peer, told) in peers.iter().zip(&mut runs) {
                eprintln!("{} {}, run {}", scenario.name, peer.name(), run + 1);
                let result = once(scenario, peer, arguments);
                told.push(result.map_err(|sentence| {
                    format!("{} with {} failed: {sentence}", scenario.name, peer.name())
                })?);
            }
        }
        rows.extend(peers.iter().zip(&runs).map(|(peer, told)| Row {
            scenario: scenario.name,
            peer: peer.name(),
            figures: medians(told),
        }));
    }
    Ok(rows)
}

fn once(scenario: &Scenario, peer: &Peer, arguments: &Arguments) -> Outcome<Told> {
    let server = Server::start(peer)?;
    let output = Command::new(this_program()?)
        .arg("drive")
        .args(["--scene", scenario.name])
        .args(["--address", &server.address.to_string()])
        .args(["--process", &server.process().0.to_string()])
        .args(["--seconds", &arguments.seconds().to_string()])
        .args(peer.has_presence().then_some("--presence"))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("the load generator does not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
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
