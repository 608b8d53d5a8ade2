//! The line mode's loop: stdin in, lines out, the same model between them.
//!
//! At a terminal, lines are read as they are typed, and the end of input ends hullo. From a pipe
//! they are read once the room is entered, as fast as the server takes them, and the end of input
//! ends hullo once everything is delivered.

use std::io::{IsTerminal, stdin, stdout};
use std::pin::pin;
use std::time::{Duration, Instant};

use hullo::client::{Client, Departure, Error, Notice, Notices};
use hullo::protocol::RoomName;
use ratatui::layout::Size;
use tokio::time::{sleep_until, timeout};

use super::hands::{Hands, Show, clock};
use super::input::{self, Input, Rest, Typed};
use super::output::{Output, Reader};
use super::signals::{Signal, Signals};
use super::{FAREWELL, IDLY, Options, farewell, log};
use crate::chat::buffer::Membership;
use crate::core::event::{Effect, Event};
use crate::core::model::{Link, Model};
use crate::core::update::{self, COMMANDS, update};
use crate::failure::Failure;
use crate::plain::{self, Printer};
use crate::settings::Notification;

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
    output: Output,
    /// What is to be told after what is new.
    aside: Vec<String>,
    /// How many lines from a pipe could not be carried out.
    declined: usize,
    /// What of a pipe was not taken when the server was given up.
    given_up: Option<Rest>,
    /// Whether somebody types, rather than a program writes.
    typed: bool,
    /// The room that the command line named.
    asked_for: RoomName,
    /// Why the server did not let us into it.
    refused: Option<Error>,
    /// There is nothing more to read.
    closing: bool,
    /// The system wants us to end.
    stopped: bool,
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
    let mut signals = Signals::new()
        .map_err(|error| Failure::failed(format!("cannot listen to signals: {error}")))?;
    let mut lines = Lines::new(client, options);
    let ended = turn(&mut lines, &mut notices, &mut signals).await;
    let partings = lines.hands.partings();
    let client = lines.hands.client();
    let (output, stopped) = lines.leave();
    farewell(client).await;
    partings.join_all().await;
    ended.and(finish(output, &mut signals, stopped).await)
}

/// Everything that happens, one after the other. While nobody reads what was told, nothing is taken
/// in that would make it more; the line to the server lives on meanwhile.
async fn turn(
    lines: &mut Lines,
    notices: &mut Notices,
    signals: &mut Signals,
) -> Result<(), Failure> {
    let mut input = Input::of(lines.typed);
    let mut next = lines.begin();
    while next == Next::Listen {
        let wake = lines.deadline().unwrap_or_else(|| clock().at + IDLY);
        if lines.gives_up(input.rest()) {
            lines.give_up(&mut input);
            break;
        }
        let (may_read, from) = (lines.reads(), lines.ready);
        let has_room = lines.output.has_room();
        next = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::End | Signal::Interrupted => lines.stop(),
                Signal::Continued => Next::Listen,
            },
            reader = lines.output.goes_on(has_room) => match reader {
                Reader::There => Next::Listen,
                Reader::Gone => Next::End,
            },
            notice = notices.recv(), if has_room => match notice {
                None => return Err(Failure::failed("the line to the server is gone for good")),
                Some(notice) => lines.listen(notice)?,
            },
            told = lines.hands.told() => lines.take(told)?,
            typed = input.next(from), if has_room && may_read => lines.read(typed)?,
            () = sleep_until(wake.into()) => lines.take(Event::Ticked)?,
        };
        lines.hands.follow(notices);
    }
    lines.outcome()
}

/// Waits until everything is read, as any program in a pipe does; once the system wants us to end,
/// not for long.
async fn finish(output: Output, signals: &mut Signals, stopped: bool) -> Result<(), Failure> {
    let mut finished = pin!(output.finish());
    let mut waits = !stopped;
    while waits {
        waits = tokio::select! {
            biased;
            outcome = &mut finished => return outcome,
            signal = signals.next() => signal == Signal::Continued,
        };
    }
    let outcome = timeout(FAREWELL, finished).await;
    outcome.unwrap_or_else(|_| Err(Failure::failed("nobody took the last lines")))
}

impl Lines {
    fn new(client: Client, options: Options) -> Self {
        let (now, typed, room) = (clock(), stdin().is_terminal(), &options.room);
        let mut model = Model::new(now, NO_SCREEN, options.address, options.name, room, COMMANDS);
        for event in [
            Event::Configured(Box::new(options.configured)),
            // No drafts: there is no line here in which they could be gone on with.
            Event::Restored(Box::new(options.keeper.places())),
        ] {
            // It only takes in what it is told: there is nothing to do yet.
            drop(update(&mut model, now, event));
        }
        model.settings.history = false;
        Self {
            model,
            hands: Hands::new(client, options.own_server, options.keeper, options.tap),
            printer: Printer::new(!typed),
            output: Output::start(stdout()),
            aside: Vec::new(),
            declined: 0,
            given_up: None,
            typed,
            asked_for: options.room,
            refused: None,
            closing: false,
            stopped: false,
            read: 0,
            ready: now.at,
        }
    }

    fn begin(&mut self) -> Next {
        for effect in update::start(&mut self.model) {
            self.act(effect);
        }
        self.print()
    }

    /// Gives the line to the server up; what is not written yet is left, and whether to hurry.
    fn leave(self) -> (Output, bool) {
        (self.output, self.stopped)
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
            Some(Typed::TooLong) => Ok(self.refuse_long()),
            None if self.typed => Ok(self.end()),
            None => Ok(self.close()),
        }
    }

    fn refuse_long(&mut self) -> Next {
        let text = format!("that line is too long: {} bytes are the most", input::MAX_BYTES);
        self.printer.refuse();
        self.write(&[plain::stamped(clock(), &format!("error: not sent: {text}"))]);
        Next::Listen
    }

    fn listen(&mut self, notice: Notice) -> Result<Next, Failure> {
        log::heard(&notice);
        self.hands.keep_server(&notice);
        if let Notice::Left { room, departure: Departure::Refused(why) } = &notice
            && *room == self.asked_for
        {
            self.refused = Some(why.clone());
        }
        self.take(Event::Received(notice))
    }

    /// Takes in one event, does what follows from it, and tells what is new.
    fn take(&mut self, event: Event) -> Result<Next, Failure> {
        let now = clock();
        let line = if let Event::Line(line) = &event { Some(line.clone()) } else { None };
        let is_asked = line.is_some() || matches!(event, Event::Settled(..));
        let declined = self.model.declined;
        let mut asked_to_end = false;
        for effect in update(&mut self.model, now, event) {
            asked_to_end |= effect == Effect::Quit;
            self.act(effect);
        }
        // A program reads no words: it learns by the exit code that a line of it came to nothing,
        // and whoever looks for the reason finds the line.
        if !self.typed && is_asked && self.model.declined > declined {
            self.declined += 1;
            self.aside.extend(line.map(|line| plain::undone(now, &line)));
        }
        if let Some(Show::Event(event)) = self.hands.keep_chats(&self.model) {
            for effect in update(&mut self.model, now, *event) {
                self.act(effect);
            }
        }
        self.check_way_in()?;
        Ok(match asked_to_end {
            true if self.typed => self.end(),
            true => self.close(),
            false => self.print(),
        })
    }

    fn happen(&mut self, event: Event) {
        let effects = update(&mut self.model, clock(), event);
        // A terminal in lines has a history of its own, and a program wants none, whatever the
        // configuration says when it is read again.
        self.model.settings.history = false;
        for effect in effects {
            self.act(effect);
        }
    }

    fn act(&mut self, effect: Effect) {
        if self.is_for_a_terminal(&effect) && !stdout().is_terminal() {
            return;
        }
        match self.hands.act(effect, &self.model.settings) {
            Some(Show::Ring) if stdout().is_terminal() => self.output.write("\x07".into()),
            Some(Show::Event(event)) => self.happen(*event),
            Some(Show::Moved(losses)) => {
                let places = self.hands.keeper().places();
                self.happen(Event::Restored(Box::new(places)));
                for loss in losses {
                    self.happen(Event::Warned(loss));
                }
            }
            // Whoever reads lines takes them from there.
            Some(Show::Copy(text)) => self.aside.extend(plain::whole(&text)),
            // There is no screen to paint or theme.
            Some(Show::Ring | Show::Repaint | Show::Theme(_)) | None => {}
        }
    }

    /// Whether this is done by writing what only a terminal can take.
    fn is_for_a_terminal(&self, effect: &Effect) -> bool {
        match self.model.settings.notification {
            Notification::Osc9 | Notification::Osc777 => matches!(effect, Effect::Notify { .. }),
            Notification::Off | Notification::Command => false,
        }
    }

    /// A program that cannot get in is told so by the exit code; people may try something else.
    fn check_way_in(&self) -> Result<(), Failure> {
        if self.typed || self.read > 0 {
            return Ok(());
        }
        if let Some(why) = &self.refused {
            return Err(why.clone().into());
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
    fn close(&mut self) -> Next {
        self.closing = true;
        self.print()
    }

    fn stop(&mut self) -> Next {
        self.stopped = true;
        self.end()
    }

    fn end(&mut self) -> Next {
        let mut lines = self.printer.lines(&self.model);
        lines.extend(self.printer.unsent(&self.model));
        self.write(&lines);
        Next::End
    }

    fn print(&mut self) -> Next {
        let mut lines = self.printer.lines(&self.model);
        lines.append(&mut self.aside);
        self.write(&lines);
        if self.closing && (self.is_delivered() || self.is_out_of_patience()) {
            return self.end();
        }
        Next::Listen
    }

    fn write(&self, lines: &[String]) {
        if !lines.is_empty() {
            self.output.write(lines.join("\n") + "\n");
        }
    }

    /// Whether what is left of a pipe waits for a server in vain. Who may still write decides on
    /// their own how long.
    fn gives_up(&self, rest: Rest) -> bool {
        rest != Rest::Open && !self.typed && !self.closing && self.is_out_of_patience()
    }

    fn give_up(&mut self, input: &mut Input) {
        self.given_up = Some(input.rest());
        let count = input.give_up();
        self.end();
        (0..count).for_each(|_| self.printer.refuse());
        let told = input::left_over(count, self.is_cut());
        self.write(told.map(|text| plain::stamped(clock(), &text)).as_slice());
    }

    fn is_cut(&self) -> bool {
        self.given_up == Some(Rest::TooMuch)
    }

    fn is_delivered(&self) -> bool {
        self.hands.unsettled() == 0 && !self.printer.has_unsent(&self.model)
    }

    fn is_out_of_patience(&self) -> bool {
        match &self.model.link {
            Link::Offline { since, .. } => clock().at.saturating_duration_since(*since) > PATIENCE,
            Link::Connecting | Link::Online => false,
        }
    }

    /// How it went, as far as a program wants to know.
    fn outcome(&self) -> Result<(), Failure> {
        let counts = [(self.printer.failed(), "sent"), (self.declined, "done")];
        let told =
            counts.into_iter().filter(|(count, _)| *count > 0).map(|counted| match counted {
                (1, done) => format!("one line was not {done}"),
                (count, done) => format!("{count} lines were not {done}"),
            });
        let told = told.chain(self.is_cut().then(|| "the rest was not read".to_owned()));
        let told = told.collect::<Vec<_>>().join(", ");
        if self.typed || told.is_empty() { Ok(()) } else { Err(Failure::failed(told)) }
    }
}
