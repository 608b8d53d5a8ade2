//! The line mode's loop: stdin in, lines out, the same model between them.
//!
//! At a terminal, lines are read as they are typed, and the end of input ends hullo. From a pipe
//! they are read once the room is entered, as fast as the server takes them, and the end of input
//! ends hullo once everything is delivered.

use std::io::{self, IsTerminal, Write, stdin, stdout};
use std::time::{Duration, Instant};

use hullo::client::{Client, Departure, Error, Notice, Notices};
use hullo::protocol::RoomName;
use ratatui::layout::Size;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::hands::{Hands, Show, clock, note};
use super::input::{self, Typed};
use super::signals::{Signal, Signals};
use super::terminal::Screen;
use super::{BATCH, IDLY, Options, farewell, log};
use crate::event::{Effect, Event};
use crate::failure::Failure;
use crate::model::{Link, Membership, Model};
use crate::plain::{self, Printer};
use crate::update::{self, update};

/// The model wants to know how large the screen is; there is none.
const NO_SCREEN: Size = Size { width: 200, height: 50 };

/// How many lines from a pipe may be on their way at once.
const MAX_UNSETTLED: usize = 16;

/// So many lines from a pipe are read at once; further ones not faster than a server takes them
/// that limits its clients as ours does by default.
const LINES_AT_ONCE: usize = 100;
const LINE_EVERY: Duration = Duration::from_millis(25);

/// How long what is left of a pipe waits for a server that is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// The model, what it does, and what it tells.
struct Lines {
    model: Model,
    hands: Hands,
    printer: Printer,
    /// Whether somebody types, rather than a program writes.
    typed: bool,
    /// The room that the command line named.
    asked_for: RoomName,
    /// Why the server did not let us into it.
    refused: Option<String>,
    /// There is nothing more to read.
    closing: bool,
    read: usize,
    /// When the next line may be read.
    ready: Instant,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Listen,
    End,
}

/// Talks in lines until the input, the user or the system ends it. Must run within a
/// `current_thread` runtime.
pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let (client, mut notices) = Client::start(&options.address)?;
    let mut lines = Lines::new(client, options);
    let ended = turn(&mut lines, &mut notices).await;
    let partings = lines.hands.partings();
    drop(lines);
    farewell(notices).await;
    partings.join_all().await;
    ended
}

/// Everything that happens, one after the other.
async fn turn(lines: &mut Lines, notices: &mut Notices) -> Result<(), Failure> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::failed(format!("cannot listen to signals: {error}")))?;
    let mut input = input::listen();
    let mut batch: Vec<Notice> = Vec::with_capacity(BATCH);
    let mut next = lines.begin()?;
    while next == Next::Listen {
        let wake = lines.deadline().unwrap_or_else(|| clock().at + IDLY);
        let (may_read, from) = (lines.reads(), lines.ready);
        next = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::End | Signal::Interrupted => lines.end()?,
                Signal::Continued => Next::Listen,
            },
            count = notices.recv_many(&mut batch, BATCH) => match count {
                0 => return Err(Failure::failed("the line to the server is gone for good")),
                _ => lines.listen(&mut batch)?,
            },
            told = lines.hands.told() => lines.take(told)?,
            typed = next_line(&mut input, from), if may_read => lines.read(typed)?,
            () = sleep_until(wake.into()) => lines.take(Event::Ticked)?,
        };
        lines.hands.follow(notices);
    }
    lines.outcome()
}

async fn next_line(input: &mut mpsc::Receiver<Typed>, from: Instant) -> Option<Typed> {
    sleep_until(from.into()).await;
    input.recv().await
}

impl Lines {
    fn new(client: Client, options: Options) -> Self {
        let (now, typed) = (clock(), stdin().is_terminal());
        let mut model = Model::new(now, NO_SCREEN, options.address, options.name, &options.room);
        for event in [
            Event::Configured(Box::new(options.configured)),
            // No drafts: there is no line here in which they could be gone on with.
            Event::Restored(Box::new(options.keeper.places())),
        ] {
            // It only takes in what it is told: there is nothing to do yet.
            drop(update(&mut model, now, event));
        }
        // A terminal in lines has a history of its own, and a program wants none.
        model.settings.history = false;
        Self {
            model,
            hands: Hands::new(client, options.own_server, options.keeper, options.tap),
            printer: Printer::new(!typed),
            typed,
            asked_for: options.room,
            refused: None,
            closing: false,
            read: 0,
            ready: now.at,
        }
    }

    fn begin(&mut self) -> Result<Next, Failure> {
        for effect in update::start(&mut self.model) {
            self.act(effect);
        }
        self.print()
    }

    fn deadline(&self) -> Option<Instant> {
        let printed = self.printer.deadline(&self.model);
        printed.into_iter().chain(update::deadline(&self.model)).min()
    }

    /// Whether a line is to be read now: what a program writes waits for the room, and for what it
    /// wrote before.
    fn reads(&self) -> bool {
        let entered = self.model.buffers.iter().filter_map(|buffer| buffer.room());
        let decided = entered.into_iter().all(|room| match room.membership {
            Membership::Joined { .. } | Membership::Refused | Membership::Out => true,
            Membership::Joining | Membership::Lost { .. } => false,
        });
        !self.closing && (self.typed || decided && self.hands.unsettled() < MAX_UNSETTLED)
    }

    fn read(&mut self, typed: Option<Typed>) -> Result<Next, Failure> {
        self.read += 1;
        if !self.typed && self.read > LINES_AT_ONCE {
            self.ready = clock().at + LINE_EVERY;
        }
        match typed {
            Some(Typed::Line(line)) => self.take(Event::Line(line)),
            Some(Typed::TooLong) => self.refuse_long(),
            None if self.typed => self.end(),
            None => self.close(),
        }
    }

    fn refuse_long(&mut self) -> Result<Next, Failure> {
        let text = format!("that line is too long: {} bytes are the most", input::MAX_BYTES);
        self.printer.refuse();
        write(&[plain::general(clock(), &format!("error: not sent: {text}"))])
    }

    fn listen(&mut self, notices: &mut Vec<Notice>) -> Result<Next, Failure> {
        for notice in notices.drain(..) {
            log::heard(&notice);
            self.hands.keep_server(&notice);
            if let Notice::Left { room, departure: Departure::Refused(why) } = &notice
                && *room == self.asked_for
            {
                self.refused = Some(why.clone());
            }
            if self.take(Event::Received(notice))? == Next::End {
                return Ok(Next::End);
            }
        }
        Ok(Next::Listen)
    }

    /// Takes in one event, does what follows from it, and tells what is new.
    fn take(&mut self, event: Event) -> Result<Next, Failure> {
        let now = clock();
        let mut asked_to_end = false;
        for effect in update(&mut self.model, now, event) {
            asked_to_end |= effect == Effect::Quit;
            self.act(effect);
        }
        if let Some(Show::Event(event)) = self.hands.keep_chats(&self.model) {
            for effect in update(&mut self.model, now, *event) {
                self.act(effect);
            }
        }
        self.check_way_in()?;
        match asked_to_end {
            true if self.typed => self.end(),
            true => self.close(),
            false => self.print(),
        }
    }

    fn happen(&mut self, event: Event) {
        for effect in update(&mut self.model, clock(), event) {
            self.act(effect);
        }
    }

    fn act(&mut self, effect: Effect) {
        match self.hands.act(effect, &self.model.settings) {
            Some(Show::Ring) if stdout().is_terminal() => note(Screen::ring()),
            Some(Show::Event(event)) => self.happen(*event),
            Some(Show::Moved) => {
                let places = self.hands.keeper().places();
                self.happen(Event::Restored(Box::new(places)));
            }
            // There is no screen to paint or theme, and no clipboard to reach.
            Some(Show::Ring | Show::Repaint | Show::Copy(_) | Show::Theme(_)) | None => {}
        }
    }

    /// A program that cannot get in is told so by the exit code; people may try something else.
    fn check_way_in(&self) -> Result<(), Failure> {
        if self.typed || self.read > 0 {
            return Ok(());
        }
        if let Some(why) = &self.refused {
            return Err(Error::Refused(why.clone()).into());
        }
        match &self.model.link {
            Link::Offline { reason, .. } if !self.printer.was_connected() => {
                let address = &self.model.address;
                Err(Failure::no_server(format!("no server at {address}: {reason}")))
            }
            Link::Connecting | Link::Online | Link::Offline { .. } => Ok(()),
        }
    }

    /// Nothing more comes from the pipe: what is under way is delivered, and that is all.
    fn close(&mut self) -> Result<Next, Failure> {
        self.closing = true;
        self.print()
    }

    fn end(&mut self) -> Result<Next, Failure> {
        let mut lines = self.printer.lines(&self.model);
        lines.extend(self.printer.unsent(&self.model));
        write(&lines)?;
        Ok(Next::End)
    }

    fn print(&mut self) -> Result<Next, Failure> {
        let lines = self.printer.lines(&self.model);
        if write(&lines)? == Next::End {
            return Ok(Next::End);
        }
        if self.closing && (self.is_delivered() || self.is_out_of_patience()) {
            return self.end();
        }
        Ok(Next::Listen)
    }

    fn is_delivered(&self) -> bool {
        self.hands.unsettled() == 0 && !plain::has_unsent(&self.model)
    }

    fn is_out_of_patience(&self) -> bool {
        match &self.model.link {
            Link::Offline { since, .. } => clock().at.saturating_duration_since(*since) > PATIENCE,
            Link::Connecting | Link::Online => false,
        }
    }

    /// How it went, as far as a program wants to know.
    fn outcome(&self) -> Result<(), Failure> {
        match self.printer.failed() {
            0 => Ok(()),
            _ if self.typed => Ok(()),
            1 => Err(Failure::failed("one line was not sent")),
            failed => Err(Failure::failed(format!("{failed} lines were not sent"))),
        }
    }
}

/// Nobody reading any more is a quiet end.
fn write(lines: &[String]) -> Result<Next, Failure> {
    if lines.is_empty() {
        return Ok(Next::Listen);
    }
    let mut out = stdout().lock();
    let text = format!("{}\n", lines.join("\n"));
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Next::Listen),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Next::End),
        Err(error) => Err(Failure::failed(format!("cannot write: {error}"))),
    }
}
