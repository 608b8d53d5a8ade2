//! Lines as a front end, for screen readers, pipes and dumb terminals: reads lines from stdin and
//! prints lines to stdout. When a line is read, and when it ends, is decided by `update`.

use std::io::{IsTerminal, stdout};
use std::pin::pin;
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use tokio::time::timeout;

use super::clock;
use super::effects::Display;
use super::front_end::{Draw, FrontEnd};
use super::signals::{Signal, Signals};
use super::stdin::{Input, InputLine, Rest};
use super::stdout::Output;
use crate::core::event::Event;
use crate::core::model::Model;
use crate::core::update;
use crate::failure::Failure;
use crate::plain::{self, Printer};

/// The model needs the size of a screen, although there is none.
pub(super) const NO_SCREEN: Size = Size { width: 200, height: 50 };

/// How long the last lines may take to be read after a signal to end.
const LAST_LINES_WITHIN: Duration = Duration::from_secs(1);

/// Lines in, lines out.
pub(super) struct Lines {
    input: Input,
    printer: Printer,
    output: Output,
    /// Whether the output is a terminal, which understands sequences.
    is_terminal: bool,
    /// Lines to be printed after what is new in the model.
    aside: Vec<String>,
}

impl Lines {
    /// Starts reading and printing, where somebody types or a program writes.
    pub(super) fn start(is_typed: bool) -> Self {
        Self {
            input: Input::of(is_typed),
            printer: Printer::new(!is_typed),
            output: Output::start(stdout()),
            is_terminal: stdout().is_terminal(),
            aside: Vec::new(),
        }
    }

    fn print_lines(&mut self, mut lines: Vec<String>) {
        lines.append(&mut self.aside);
        if !lines.is_empty() {
            self.output.write(lines.join("\n") + "\n");
        }
    }

    /// Waits until everything is read, as any program in a pipe does; after a signal to end, not for
    /// long.
    pub(super) async fn finish(
        self,
        signals: &mut Signals,
        is_terminated: bool,
    ) -> Result<(), Failure> {
        let mut finished = pin!(self.output.finish());
        let mut waits = !is_terminated;
        while waits {
            waits = tokio::select! {
                biased;
                outcome = &mut finished => return outcome,
                signal = signals.next() => signal == Signal::Continued,
            };
        }
        let outcome = timeout(LAST_LINES_WITHIN, finished).await;
        outcome.unwrap_or_else(|_| Err(Failure::failed("nobody took the last lines")))
    }
}

impl FrontEnd for Lines {
    /// Few, for each may print a line, and the room for further ones is checked in between.
    const BATCH: usize = 16;

    async fn next(&mut self, model: &Model) -> Result<Event, Failure> {
        let has_room = self.output.has_room();
        let reads_at = update::reads_at(model).filter(|_| has_room);
        let room = self.output.room();
        let line = async |input: &mut Input| match reads_at {
            Some(at) => input.next(at).await,
            None => std::future::pending().await,
        };
        Ok(tokio::select! {
            biased;
            () = self.output.closed() => Event::OutputClosed,
            () = room, if !has_room => Event::Ticked,
            line = line(&mut self.input) => match line {
                Some(InputLine::Line(line)) => Event::Line(line),
                Some(InputLine::TooLong) => Event::LineTooLong,
                None => Event::InputEnded,
            },
        })
    }

    fn has_room(&self) -> bool {
        self.output.has_room()
    }

    fn deadline(&self, model: &Model) -> Option<Instant> {
        self.printer.deadline(model).into_iter().chain(update::deadline(model)).min()
    }

    /// Prints at once: a log forgets its oldest entries, and each must be printed.
    fn updated(&mut self, model: &Model, _: Draw) {
        if !update::is_shut_out(model) {
            let lines = self.printer.lines(model);
            self.print_lines(lines);
        }
    }

    fn close(&mut self, model: &Model) {
        if !update::is_shut_out(model) {
            let mut lines = self.printer.lines(model);
            lines.extend(self.printer.unsent(model));
            self.print_lines(lines);
        }
    }
}

impl Display for Lines {
    fn send(&mut self, sequence: String) {
        if self.is_terminal {
            self.output.write(sequence);
        }
    }

    /// Without a clipboard, the text is printed.
    fn copy(&mut self, text: &str) {
        self.aside.extend(plain::whole(text));
    }

    fn print(&mut self, text: &str) {
        self.aside.push(plain::stamped(clock(), text));
    }

    fn abandon_input(&mut self) -> Option<Event> {
        let rest = self.input.rest();
        // A writer that has not closed the pipe decides itself how long to wait.
        (rest != Rest::Unknown).then(|| Event::InputAbandoned {
            count: self.input.give_up(),
            is_cut: rest == Rest::TooMuch,
        })
    }
}
