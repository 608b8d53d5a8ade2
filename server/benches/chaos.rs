//! Connections break and the server is killed for as long as is asked for, and nothing may be lost.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use hullo_testing::chaos::{Durability, Plan, run};
use hullo_testing::faults::Faults;

/// Breaks connections and kills the server while members talk: was anything lost, doubled or put in
/// another order?
#[derive(Debug, Parser)]
#[command(name = "chaos")]
struct Arguments {
    /// At least so many connections are broken
    #[arg(long, value_name = "N", default_value_t = 1000)]
    cuts: usize,
    /// So often the server is killed
    #[arg(long, value_name = "N", default_value_t = 20)]
    kills: usize,
    /// What all choices follow from; when they take effect, the machine decides
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// So many runs, with one seed after the other
    #[arg(long, value_name = "N", default_value_t = 1)]
    runs: u64,
    /// What the server does with --data; none is without
    #[arg(
        long, value_name = "HOW", default_value = "strict",
        value_parser = PossibleValuesParser::new(["strict", "relaxed", "none"])
    )]
    durability: String,
    /// For how many milliseconds the server keeps a session; a short time makes sessions end
    /// [default: 600000, or 5000 with --durability none]
    #[arg(long, value_name = "MS")]
    resume_window: Option<u64>,
    /// How many members
    #[arg(long, value_name = "N", default_value_t = 12)]
    members: usize,
    /// In how many rooms; each member is in one or two
    #[arg(long, value_name = "N", default_value_t = 4)]
    rooms: usize,
    /// How many milliseconds a connection lives, on average
    #[arg(long, value_name = "MS", default_value_t = 1500)]
    life: u64,
    /// For how many milliseconds nothing passes, at most; of eight stalls, seven last an eighth of it
    #[arg(long, value_name = "MS", default_value_t = 12_000)]
    stall: u64,
    /// Another build of the server instead of the one just made
    #[arg(long, value_name = "PROGRAM")]
    server: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    fn plan(&self, seed: u64, folder: PathBuf) -> Plan {
        let resume_window = if self.durability == "none" { 5000 } else { 600_000 };
        Plan {
            program: self.server.clone().unwrap_or(env!("CARGO_BIN_EXE_hullo-server").into()),
            folder,
            seed,
            members: self.members,
            rooms: self.rooms.max(1),
            cuts: self.cuts,
            kills: self.kills,
            durability: match &*self.durability {
                "strict" => Durability::Strict,
                "relaxed" => Durability::Relaxed,
                _ => Durability::None,
            },
            resume_window: Duration::from_millis(self.resume_window.unwrap_or(resume_window)),
            faults: Faults {
                mean_life: Duration::from_millis(self.life),
                longest_stall: Duration::from_millis(self.stall),
            },
        }
    }
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "the report is what it is for")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut code = ExitCode::SUCCESS;
    for seed in (arguments.seed..).zip(0..arguments.runs).map(|(seed, _)| seed) {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let report = run(arguments.plan(seed, folder.path().to_owned())).await;
        println!("\n{report}");
        if !report.is_good() {
            code = ExitCode::FAILURE;
            println!("What the server kept: {}", folder.keep().display());
        }
    }
    code
}
