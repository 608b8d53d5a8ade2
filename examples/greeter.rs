//! A bot that stands in a room, greets whoever arrives, and repeats what it is told.
//!
//! `cargo run --example greeter -- ws://127.0.0.1:4856 lobby`

use std::env::args;
use std::error::Error;
use std::process::ExitCode;

use hullo::{Client, Notice};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a program says why it failed")]
async fn main() -> ExitCode {
    match greet().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("greeter: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn greet() -> Result<(), Box<dyn Error>> {
    let address = args().nth(1).unwrap_or_else(|| "ws://127.0.0.1:4856".into());
    let name = args().nth(2).unwrap_or_else(|| "lobby".into());

    let (client, mut notices) = Client::connect(&address).await?;
    let room = client.room(&name.parse()?);
    room.join("greeter").await?;

    while let Some(notice) = notices.recv().await {
        match notice {
            // Dropped, not awaited: who has left meanwhile needs no answer.
            Notice::Arrived { id, name, answer: true, .. } => {
                drop(room.auto_respond(id, format!("hello there {name}")));
            }
            Notice::Responded { from, message, auto: false, .. } => {
                drop(room.respond(from, format!("you said: {}", message.as_text())));
            }
            _ => {} // who left, who is typing, the connection: it is made anew by itself
        }
    }
    Ok(())
}
