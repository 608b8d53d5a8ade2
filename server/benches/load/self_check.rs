//! Are the checks worth anything? A server that does something wrong once in a few thousand
//! deliveries must fail the run, and the sentence must say what went wrong.

use clap::ValueEnum;

use crate::bare::fault::Fault;
use crate::conductor::{self, Manner};
use crate::scene;
use crate::server::Peer;
use crate::wire::Outcome;

/// Every fault in every scene that has to notice it.
pub(crate) fn run() -> Outcome {
    let manner = Manner { quick: true, window: None, patience: 3 };
    for scenario in scene::all() {
        for &fault in Fault::value_variants() {
            let Some(sign) = sign(scenario.name, fault) else { continue };
            let noticed = conductor::once(&scenario, &Peer::Bare(Some(fault)), manner);
            let name = scenario.name;
            match noticed {
                Err(sentence) if sentence.contains(sign) => {
                    println!("{name} notices {fault}: {sentence}");
                }
                Err(other) => {
                    return Err(format!("{name} with {fault} should say: {sign}; {other}"));
                }
                Ok(_) => return Err(format!("{name} does not notice a server with {fault}")),
            }
        }
    }
    Ok(())
}

/// What is said about a fault; nothing where the scene cannot notice it, or is not asked.
fn sign(scene: &str, fault: Fault) -> Option<&'static str> {
    match (scene, fault) {
        ("fan-out-100" | "fan-out-100-paced" | "direct", fault) => Some(match fault {
            Fault::Lose | Fault::Reorder => "was lost or overtaken",
            Fault::Double => "came twice",
            Fault::Misdeliver => "misdelivered",
        }),
        // Announcements of several people come in any order.
        ("helo-storm", Fault::Lose) => Some("nothing comes any more"),
        ("helo-storm", Fault::Double) => Some("announced twice"),
        ("helo-storm", Fault::Misdeliver) => Some("misdelivered"),
        _ => None,
    }
}
