//! The shell around the core: reads keys and notices, passes them to `update` as events, and performs
//! the effects that it returns. The outcome of an effect is reported as an event, too.

mod child_processes;
mod draft_file;
mod editor;
mod effects;
pub(crate) mod files;
mod front_end;
mod full_screen;
mod history_file;
pub(crate) mod local_server;
mod log;
mod notification;
mod panic_hook;
mod plain_lines;
pub(crate) mod port;
pub(crate) mod runtime;
mod screen_file;
mod signals;
pub(crate) mod state;
mod stdin;
mod stdout;
mod store;
mod terminal;
mod terminal_reply;
mod terminal_writer;
#[cfg(feature = "test-hooks")]
mod test_hooks;
mod themes;

use std::io::{self, IsTerminal, Write, stderr, stdin};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hullo::client::{Client, Notice, Notices};
use hullo::protocol::RoomName;
use ratatui::layout::Size;
use tokio::sync::Notify;
use tokio::time::{sleep_until, timeout_at};

use self::effects::Effects;
use self::front_end::{Draw, FrontEnd};
use self::full_screen::{FullScreen, broken};
pub(crate) use self::log::{Tap, start as start_log};
use self::plain_lines::Lines;
use self::signals::{Signal, Signals};
pub(crate) use self::store::{Store, configured};
use self::terminal::Handle;
pub(crate) use self::themes::check as check_theme;
use crate::core::event::{Configured, Event};
use crate::core::line_mode::LineMode;
use crate::core::model::{Link, Model};
use crate::core::update::{self, update};
use crate::failure::Failure;
use crate::theme::Depth;
use crate::time::Now;

/// How long disconnecting from a server may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long the replies to the last lines are waited for.
const SETTLED_WITHIN: Duration = Duration::from_millis(500);

/// How soon a change of drafts or of what is on screen is saved.
const SAVED_WITHIN: Duration = Duration::from_secs(2);

/// How long to sleep when there is no deadline.
const IDLE: Duration = Duration::from_secs(3600);

/// What the program needs to know before it begins. Nothing is looked up in the environment.
#[derive(Debug)]
pub(crate) struct Options {
    /// The server, as [`Client::start`] takes it.
    pub(crate) address: String,
    /// The address of this machine's own server, if we may start it again.
    pub(crate) local_server: Option<SocketAddr>,
    /// The room to join.
    pub(crate) room: RoomName,
    /// Our name.
    pub(crate) name: String,
    /// How many colours there are; `None` for bold, dim and reverse alone.
    pub(crate) colours: Option<Depth>,
    /// Whether only ASCII is drawn.
    pub(crate) ascii: bool,
    /// Whether the terminal ignores unknown sequences, such as those of links.
    pub(crate) links: bool,
    /// The content of the configuration.
    pub(crate) configured: Configured,
    pub(crate) store: Store,
    /// Shows the program's own log, unless the process logs elsewhere.
    pub(crate) tap: Option<Tap>,
}

/// Runs the screen until the user or the system ends it, within a `current_thread` runtime. The
/// terminal is restored when this returns, or panics.
pub(crate) async fn run_screen(options: Options) -> Result<(), Failure> {
    // First the signals: one that comes while the terminal is taken over must not skip restoring it.
    let signals = Signals::new().map_err(|error| no_signals(&error))?;
    let connection = Client::start(&options.address)?;
    let (terminal, background) =
        Handle::take(options.colours.is_some()).map_err(|error| no_terminal(&error))?;
    let panicked = Arc::new(Notify::new());
    panic_hook::install(Some(terminal.clone()), options.store.clone(), Arc::clone(&panicked));
    let front = FullScreen::new(terminal, background, &options).map_err(|error| broken(&error))?;
    let size = full_screen::size().map_err(|error| broken(&error))?;
    let model = model(&options, clock(), size);
    let restored = options.store.restore();
    let mut shell = Shell::new(model, front, signals, panicked, connection, options);
    shell.begin(restored);
    let ended = shell.run().await;
    let (ended, ..) = shell.end(ended).await;
    ended
}

/// Runs the line mode until the input, the user or the system ends it, within a `current_thread`
/// runtime.
pub(crate) async fn run_lines(options: Options) -> Result<(), Failure> {
    let signals = Signals::new().map_err(|error| no_signals(&error))?;
    let connection = Client::start(&options.address)?;
    let (now, is_typed) = (clock(), stdin().is_terminal());
    let mut model = model(&options, now, plain_lines::NO_SCREEN);
    model.line_mode = Some(LineMode::new(is_typed, options.room.clone(), now.at));
    // No drafts: there is no input line to put them into.
    let restored = vec![Event::Restored(Box::new(options.store.places()))];
    let (front, panicked) = (Lines::start(is_typed), Arc::new(Notify::new()));
    panic_hook::install(None, options.store.clone(), Arc::clone(&panicked));
    let mut shell = Shell::new(model, front, signals, panicked, connection, options);
    shell.begin(restored);
    let ended = shell.run().await;
    let is_terminated = shell.is_terminated;
    let (ended, front, mut signals) = shell.end(ended).await;
    ended.and(front.finish(&mut signals, is_terminated).await)
}

fn model(options: &Options, now: Now, size: Size) -> Model {
    let (address, name) = (options.address.clone(), options.name.clone());
    let mut model = Model::new(now, size, address, name, &options.room, update::COMMANDS);
    model.zone = jiff::tz::TimeZone::system();
    model.restart.is_ours = options.local_server.is_some();
    model
}

/// Leaves every room and disconnects, once what is under way is settled.
async fn farewell(client: Client) {
    if tokio::time::timeout(FAREWELL, client.close()).await.is_err() {
        tracing::debug!("the server did not say goodbye in time");
    }
}

/// The model, and everything that acts for it.
struct Shell<F> {
    model: Model,
    front: F,
    effects: Effects,
    signals: Signals,
    panicked: Arc<Notify>,
    is_terminated: bool,
    /// When what changed is saved, so that not even a kill loses more than this.
    save_at: Option<Instant>,
}

impl<F: FrontEnd> Shell<F> {
    fn new(
        mut model: Model,
        front: F,
        signals: Signals,
        panicked: Arc<Notify>,
        connection: (Client, Notices),
        mut options: Options,
    ) -> Self {
        let effects = Effects::new(connection, &mut options, model.line_mode.as_ref());
        // The effects that matter are those of `begin`.
        let configured = Event::Configured(Box::new(options.configured));
        drop(update(&mut model, clock(), configured));
        Self { model, front, effects, signals, panicked, is_terminated: false, save_at: None }
    }

    /// Restores what earlier runs left, and joins the rooms.
    fn begin(&mut self, restored: Vec<Event>) {
        for event in restored {
            drop(update(&mut self.model, clock(), event));
        }
        self.effects.store.note(&self.model);
        for effect in update::start(&mut self.model) {
            self.effects.perform(effect, &self.model.settings, &mut self.front);
        }
        self.front.updated(&self.model, Draw::Now);
    }

    /// The loop: one event after the other.
    async fn run(&mut self) -> Result<(), Failure> {
        let mut batch: Vec<Notice> = Vec::with_capacity(F::BATCH);
        loop {
            // Outcomes that are known at once come before the next frame: at the start, the theme.
            while let Ok(event) = self.effects.reports.try_recv() {
                self.update(event, Draw::Soon);
            }
            if self.effects.quits {
                return update::outcome(&self.model);
            }
            self.front.show(&self.model)?;
            if self.save_at.is_some_and(|at| at <= clock().at) {
                self.save_at = None;
                self.effects.save_meanwhile(&self.model);
            }
            let wake = self.front.deadline(&self.model).into_iter().chain(self.save_at).min();
            let wake = wake.unwrap_or_else(|| clock().at + IDLE);
            let has_room = self.front.has_room();
            tokio::select! {
                biased;
                () = self.panicked.notified() => {
                    return Err(Failure::failed("hullo broke down").silent());
                }
                signal = self.signals.next() => self.signal(signal).await?,
                event = self.front.next(&self.model) => self.input(event?),
                count = self.effects.notices.recv_many(&mut batch, F::BATCH), if has_room => {
                    if count == 0 {
                        return Err(Failure::failed("the connection to the server has ended for good"));
                    }
                    self.receive(&mut batch);
                }
                Some(event) = self.effects.reports.recv() => self.update(event, Draw::Soon),
                event = log::next(&mut self.effects.tap) => self.update(event, Draw::Soon),
                () = sleep_until(wake.into()) => self.update(Event::Ticked, Draw::Now),
            }
        }
    }

    /// Applies an event and performs its effects.
    fn update(&mut self, event: Event, draw: Draw) {
        let is_change = !matches!(event, Event::Ticked | Event::Received(Notice::RoundTrip(_)));
        if self.save_at.is_none() && is_change {
            self.save_at = Some(clock().at + SAVED_WITHIN);
        }
        for effect in update(&mut self.model, clock(), event) {
            self.effects.perform(effect, &self.model.settings, &mut self.front);
        }
        self.front.updated(&self.model, draw);
    }

    /// Applies an event that may change the draft.
    fn input(&mut self, event: Event) {
        self.update(event, Draw::Now);
        self.effects.store.note(&self.model);
        #[cfg(feature = "test-hooks")]
        test_hooks::panic_if_ordered(&self.model, self.effects.tasks());
    }

    fn receive(&mut self, batch: &mut Vec<Notice>) {
        for notice in batch.drain(..) {
            log::received(&notice);
            // The user waits for this at the start, and it does not come in floods.
            let is_entry = matches!(notice, Notice::Entered { .. });
            let draw = if is_entry { Draw::Now } else { Draw::Soon };
            self.update(Event::Received(notice), draw);
        }
    }

    /// Saves, releases the terminal, then disconnects: a terminal may stall, and a slow server must
    /// not keep the user waiting in front of a dead screen.
    async fn end(mut self, ended: Result<(), Failure>) -> (Result<(), Failure>, F, Signals) {
        tracing::info!(ok = ended.is_ok(), "hullo ends");
        if ended.is_ok() {
            self.settle_lines().await;
            self.effects.store.note(&self.model);
        }
        let unsent = self.effects.keeps_unsent(&self.model);
        let (farewell, mut lost) = self.effects.save().await;
        lost.extend(unsent.filter(|_| lost.is_empty()));
        self.front.close(&self.model);
        for why in lost {
            // If the terminal is gone, there is nobody to tell.
            writeln!(stderr(), "hullo: {why}").ok();
        }
        farewell.finish().await;
        (ended, self.front, self.signals)
    }

    /// Waits a moment for the replies to lines that were sent just now, so that they are not kept as
    /// drafts.
    async fn settle_lines(&mut self) {
        let deadline = clock().at + SETTLED_WITHIN;
        while self.model.link == Link::Online && !self.model.pushes.is_empty() {
            let report = timeout_at(deadline.into(), self.effects.reports.recv()).await;
            let Ok(Some(event)) = report else { return };
            // There is nothing left to do but to end.
            drop(update(&mut self.model, clock(), event));
        }
    }

    async fn signal(&mut self, signal: Signal) -> Result<(), Failure> {
        match (signal, self.front.is_lent()) {
            (Signal::End, _) | (Signal::Interrupted, false) => {}
            // Keys are for the program that has the terminal.
            (Signal::Interrupted | Signal::Continued, true) => return Ok(()),
            (Signal::Continued, false) => return self.front.continued(),
        }
        self.is_terminated = true;
        if let Some(event) = self.front.terminate().await {
            self.input(event);
        }
        self.update(Event::Terminated, Draw::Now);
        Ok(())
    }
}

fn no_terminal(error: &io::Error) -> Failure {
    Failure::usage(format!("the screen needs a terminal ({error}); `hullo --plain` needs none"))
}

fn no_signals(error: &io::Error) -> Failure {
    Failure::failed(format!("cannot listen for signals: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "the shell brings the time into the core")]
fn clock() -> Now {
    Now { at: Instant::now(), wall: jiff::ZonedDateTime::now().datetime() }
}
