//! A bot that stands in a room, greets whoever arrives, and repeats what it is told.
//!
//! `cargo run --example greeter -- ws://127.0.0.1:4856 lobby`

use std::env::args;
use std::error::Error;
use std::process::ExitCode;

use hullo::protocol::RoomName;
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
    let room: RoomName = args().nth(2).unwrap_or_else(|| "lobby".into()).parse()?;

    let (client, mut notices) = Client::connect(&address).await?;
    client.join(&room, "greeter").await?;

    while let Some(notice) = notices.recv().await {
        match notice {
            // Dropped, not awaited: whoever is gone again by now needs no answer.
            Notice::Arrived { room, id, name, answer: true } => {
                drop(client.answer(&room, id, format!("hello there {name}")));
            }
            Notice::Responded { room, from, message, auto: false } => {
                drop(client.tell(&room, from, format!("you said: {}", message.as_text())));
            }
            _ => {} // who left, who is typing, the line itself: it comes back alone
        }
    }
    Ok(())
}
