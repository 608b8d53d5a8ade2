//! The screen's loop: the one place where keys are read, the network is listened to, and what
//! `update` decided is done. `lines` is its twin for where there is no screen.
//!
//! Keys come first and are drawn at once. What the network tells is taken in by the hundred and
//! drawn at most thirty times a second. Nothing is drawn while nothing visible changes.

mod breakdown;
mod chats;
mod desktop;
mod editor;
pub(crate) mod files;
mod hands;
pub(crate) mod host;
mod input;
mod keeper;
mod late;
pub(crate) mod lines;
mod log;
mod output;
mod own_server;
mod programs;
pub(crate) mod runtime;
mod session;
mod signals;
pub(crate) mod state;
mod terminal;
mod themes;

use std::future::poll_fn;
use std::io::{self, Write, stderr};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crossterm::event::EventStream;
use futures_util::StreamExt;
use hullo::client::{Client, Notice, Notices};
use hullo::protocol::RoomName;
use tokio::sync::Notify;
use tokio::time::sleep_until;

use self::editor::Edited;
use self::hands::clock;
pub(crate) use self::keeper::{Keeper, configured};
pub(crate) use self::log::{Tap, start as start_log};
use self::session::Shell;
use self::signals::{Signal, Signals};
use self::terminal::{Modes, Screen};
pub(crate) use self::themes::check as check_theme;
use crate::core::event::{Configured, Event};
use crate::failure::Failure;
use crate::screen::theme::Depth;

/// How long a frame waits for more from the network.
const FRAME: Duration = Duration::from_millis(33);

/// How many notices are taken in at once.
const BATCH: usize = 256;

/// How long leaving politely may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long to sleep when nothing on screen can change by itself.
const IDLY: Duration = Duration::from_secs(3600);

/// What the screen needs to know before it begins. Nothing is looked up in the environment.
#[derive(Debug)]
pub(crate) struct Options {
    /// The server, as [`Client::start`] takes it.
    pub(crate) address: String,
    /// Where this machine's own server is to be, if it is ours to start again.
    pub(crate) own_server: Option<SocketAddr>,
    /// The room to join.
    pub(crate) room: RoomName,
    /// The name to be known by.
    pub(crate) name: String,
    /// How many colours are shown; without, there is bold, dim and reverse.
    pub(crate) colours: Option<Depth>,
    /// Whether all that we draw is ASCII.
    pub(crate) ascii: bool,
    /// Whether the terminal swallows sequences that it does not know, as those of links.
    pub(crate) links: bool,
    /// What the configuration says.
    pub(crate) configured: Configured,
    /// What is kept, and where.
    pub(crate) keeper: Keeper,
    /// The program's own log, if it is ours.
    pub(crate) tap: Option<Tap>,
}

/// How the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The user asked for it.
    Quit,
    /// The system did, by a signal.
    Terminated,
}

/// Shows the screen until the user or the system ends it. Must run within a `current_thread`
/// runtime. The terminal is as it was when this returns, or panics.
pub(crate) async fn run(options: Options) -> Result<Ended, Failure> {
    let (client, mut notices) = Client::start(&options.address)?;
    let screen = Screen::take(options.colours.is_some()).map_err(|error| no_terminal(&error))?;
    let panicked = Arc::new(Notify::new());
    breakdown::prepare(screen.hold(), options.keeper.clone(), Arc::clone(&panicked));
    let mut shell = Shell::new(screen, client, options).map_err(|error| broken(&error))?;
    let ended = turn(&mut shell, &mut notices, &panicked).await;
    let kept = shell.keep_drafts();
    let partings = shell.hands().partings();
    let client = shell.hands().client();
    tracing::info!(?ended, "the screen ends");
    // The terminal first: nobody should look at a screen that does not answer. The line after it,
    // in good order, so that the others need not wait for the silence to tell them.
    drop(shell);
    if let Err(why) = kept {
        // A terminal that is gone is nothing to complain about.
        writeln!(stderr(), "hullo: {why}").ok();
    }
    farewell(client).await;
    partings.join_all().await;
    ended
}

/// Leaves every room in good order.
async fn farewell(client: Client) {
    if tokio::time::timeout(FAREWELL, client.close()).await.is_err() {
        tracing::debug!("the server did not say goodbye in time");
    }
}

/// Everything that happens, one after the other.
async fn turn(
    shell: &mut Shell,
    notices: &mut Notices,
    panicked: &Notify,
) -> Result<Ended, Failure> {
    let mut due = Some(shell.begin());
    let mut keys = EventStream::new();
    let mut signals = Signals::new().map_err(|error| broken(&error))?;
    let mut batch: Vec<Notice> = Vec::with_capacity(BATCH);
    loop {
        let wake = due.into_iter().chain(shell.deadline()).min();
        let sleep = sleep_until(wake.unwrap_or_else(|| clock().at + IDLY).into());
        let next = tokio::select! {
            biased;
            () = panicked.notified() => return Err(Failure::failed("hullo broke down").silent()),
            key = next_key(&mut keys) => match key {
                Some(Ok(key)) => shell.press(key),
                Some(Err(error)) => return Err(broken(&error)),
                None => return Ok(Ended::Terminated),
            },
            signal = signals.next() => match signal {
                Signal::End | Signal::Interrupted => shell.take(Event::Terminated, Draw::Now),
                Signal::Continued => Next::Retake,
            },
            count = notices.recv_many(&mut batch, BATCH) => match count {
                0 => return Err(Failure::failed("the line to the server is gone for good")),
                _ => shell.listen(&mut batch),
            },
            told = shell.told() => shell.take(told, Draw::Soon),
            () = sleep => shell.take(Event::Ticked, Draw::Now),
        };
        shell.hands().follow(notices);
        match next {
            Next::Draw(Draw::Now) => due = Some(clock().at),
            Next::Draw(Draw::Soon) => due = Some(due.unwrap_or(shell.drawn() + FRAME)),
            Next::Lend(borrower) => {
                // Nobody else may read keys meanwhile.
                drop(keys);
                let lent = lend(shell, &mut signals, borrower).await;
                if let Some(ended) = lent.map_err(|error| broken(&error))? {
                    return Ok(ended);
                }
                keys = EventStream::new();
                due = Some(clock().at);
            }
            Next::Retake => {
                // We were stopped without a word: the terminal has been in other hands.
                shell.hold().release();
                shell.retake().map_err(|error| broken(&error))?;
            }
            Next::End(ended) => return Ok(ended),
        }
        if due.is_some_and(|due| due <= clock().at) {
            shell.draw().map_err(|error| broken(&error))?;
            due = None;
        }
    }
}

/// What the terminal tells next; nothing once it is gone, for the library would read on for ever.
async fn next_key(keys: &mut EventStream) -> Option<io::Result<crossterm::event::Event>> {
    let next = |context: &mut Context<'_>| {
        if terminal::is_gone() { Poll::Ready(None) } else { keys.poll_next_unpin(context) }
    };
    poll_fn(next).await
}

/// Gives the terminal away, and takes it over again once it is given back; unless the system wants
/// us to end before that.
async fn lend(shell: &mut Shell, signals: &mut Signals, to: Borrower) -> io::Result<Option<Ended>> {
    shell.hold().release();
    match to {
        Borrower::Caller => {
            if let Some(ended) = suspend(signals).await? {
                return Ok(Some(ended));
            }
        }
        Borrower::Editor(draft) => {
            let modes = Modes::of_now();
            let edited = editor::edit(&draft, signals).await;
            modes.restore();
            match edited {
                Edited::Draft(text) => shell.happen(Event::Edited(text)),
                Edited::Failed(why) => shell.happen(Event::Warned(why)),
                Edited::Terminated(text) => {
                    terminal::tidy();
                    if let Some(text) = text {
                        shell.happen(Event::Edited(text));
                    }
                    return Ok(Some(Ended::Terminated));
                }
            }
        }
    }
    shell.retake()?;
    Ok(None)
}

/// Gives the terminal to the shell that started us, until it gives it back.
async fn suspend(signals: &mut Signals) -> io::Result<Option<Ended>> {
    signals::stop()?;
    // Where no shell would wake us (an orphaned group) the system does not stop us either, and
    // nothing comes: go on then.
    let woken = tokio::time::timeout(Duration::from_millis(100), signals.next()).await;
    Ok(match woken {
        Ok(Signal::End | Signal::Interrupted) => Some(Ended::Terminated),
        Ok(Signal::Continued) | Err(_) => None,
    })
}

/// When to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Draw {
    Now,
    Soon,
}

/// What follows an event.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    Draw(Draw),
    Lend(Borrower),
    Retake,
    End(Ended),
}

/// Who has the terminal for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Borrower {
    /// The shell that started us.
    Caller,
    /// The user's editor, with this draft.
    Editor(String),
}

fn no_terminal(error: &io::Error) -> Failure {
    Failure::usage(format!("the screen needs a terminal ({error}); `hullo --plain` does without"))
}

fn broken(error: &io::Error) -> Failure {
    Failure::failed(format!("the terminal cannot be used: {error}"))
}
