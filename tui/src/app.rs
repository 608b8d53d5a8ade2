//! The loop: the only file that touches the terminal. Keys come first; what is drawn is drawn once
//! for everything that came meanwhile.

use std::io;

use futures_util::StreamExt;
use hullo::client::{Introduction, Pending};
use hullo::protocol::RoomName;
use hullo::{Client, Notice, Notices};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, EventStream};
use ratatui::crossterm::execute;
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::screen::{Screen, Wish};

/// Opens the screen; returns when it is closed. The terminal is given back whatever happens.
pub(crate) async fn run(address: &str, room: RoomName, name: String) -> Result<(), Failure> {
    let (client, mut notices) = Client::start(address)?;
    drop(client.join(&room, Introduction::from(&*name)));
    let mut terminal = ratatui::try_init().map_err(|error| terminal_failed(&error))?;
    let pasting = execute!(io::stdout(), EnableBracketedPaste);
    let mut app =
        App { screen: Screen::new(room.clone(), name), client, room, outcomes: JoinSet::new() };
    let ended = match pasting {
        Ok(()) => app.work(&mut terminal, &mut notices).await,
        Err(error) => Err(error),
    };
    let unpasted = execute!(io::stdout(), DisableBracketedPaste);
    ratatui::restore();
    drop(app); // the last client: every room is left before the line closes
    notices.closed().await;
    ended.and(unpasted).map_err(|error| terminal_failed(&error))
}

fn terminal_failed(error: &io::Error) -> Failure {
    Failure::failed(format!("cannot use this terminal: {error}"))
}

struct App {
    screen: Screen,
    client: Client,
    room: RoomName,
    /// Pushes whose failure must be shown.
    outcomes: JoinSet<Result<(), hullo::client::Error>>,
}

impl App {
    async fn work(
        &mut self,
        terminal: &mut DefaultTerminal,
        notices: &mut Notices,
    ) -> io::Result<()> {
        let mut keys = EventStream::new();
        let mut batch: Vec<Notice> = Vec::new();
        let mut end = std::pin::pin!(terminated());
        loop {
            terminal.draw(|frame| self.screen.draw(frame))?;
            let wish = tokio::select! {
                biased;
                () = &mut end => Some(Wish::Quit),
                key = keys.next() => match key {
                    Some(event) => self.input(event?),
                    None => Some(Wish::Quit),
                },
                Some(outcome) = self.outcomes.join_next(), if !self.outcomes.is_empty() => {
                    if let Ok(Err(error)) = outcome {
                        self.screen.tell(&format!("✗ not done: {error}"));
                    }
                    None
                }
                count = notices.recv_many(&mut batch, 256) => {
                    if count == 0 {
                        return Ok(());
                    }
                    for notice in batch.drain(..) {
                        if let Some(wish) = self.screen.take(notice) {
                            self.perform(wish);
                        }
                    }
                    None
                }
            };
            match wish {
                Some(Wish::Quit) => break,
                Some(wish) => self.perform(wish),
                None => {}
            }
        }
        Ok(())
    }

    fn input(&mut self, event: Event) -> Option<Wish> {
        match event {
            Event::Key(key) if key.is_press() => self.screen.press(key),
            Event::Paste(text) => {
                self.screen.paste(&text);
                None
            }
            _ => None,
        }
    }

    fn perform(&mut self, wish: Wish) {
        let pending: Pending<()> = match wish {
            Wish::Say(text) => self.client.say(&self.room, text),
            Wish::Tell(to, text) => self.client.tell(&self.room, to, text),
            // Whoever is gone again by now needs no answer.
            Wish::Answer(to, text) => return drop(self.client.answer(&self.room, to, text)),
            Wish::SetStatus(status) => self.client.set_status(&self.room, status),
            Wish::Rename(name) => {
                let pending = self.client.rename(&self.room, &name);
                self.outcomes.spawn(async move { pending.await.map(drop) });
                return;
            }
            Wish::Join(name) => {
                return drop(self.client.join(&self.room, Introduction::from(&*name)));
            }
            Wish::Quit => return,
        };
        self.outcomes.spawn(pending);
    }
}

/// Resolves when the system wants this process to end.
#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hangup)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}
