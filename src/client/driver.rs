//! The task between the machine and the network: it holds the line, the clock and the waiters.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::address::Address;
use super::line::{Line, LineEvent, WebSocket};
use super::socket::{Command, Input, Output, Socket, Ticket};
use super::{Error, Notice};
use crate::presence::Person;

/// How many commands may wait to be taken up.
pub(super) const MAX_ASKED: usize = 256;
/// How far behind the user may fall before the line is given up.
pub(super) const MAX_NOTICES: usize = 8192;

/// A command on its way to the machine, and who waits for it.
pub(super) struct Asked {
    pub(super) command: Box<dyn FnOnce(Ticket) -> Command + Send>,
    pub(super) waiter: Waiter,
}

/// What came of a push.
enum Settled {
    Done,
    Welcomed(Person),
    Seen(Vec<Person>),
}

/// Who waits for a push.
pub(super) enum Waiter {
    Nothing(oneshot::Sender<Result<(), Error>>),
    Person(oneshot::Sender<Result<Person, Error>>),
    People(oneshot::Sender<Result<Vec<Person>, Error>>),
}

/// Starts the task. It ends when every sender of `asked` is gone.
pub(super) fn spawn(
    address: Address,
    line: Option<WebSocket>,
    asked: mpsc::Receiver<Asked>,
    notices: mpsc::Sender<Notice>,
) -> tokio::task::JoinHandle<()> {
    let now = Instant::now();
    let mut driver = Driver {
        address,
        socket: Socket::new(now.into_std(), seed()),
        line: Line::Down,
        waiters: BTreeMap::new(),
        last_ticket: 0,
        notices,
        behind: None,
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "the handle is kept, and the task aborted, by Notices"
    )]
    tokio::spawn(async move {
        if let Some(line) = line {
            driver.line = Line::up(line);
            driver.handle(Input::Opened);
        } else {
            driver.handle(Input::Ticked);
        }
        driver.run(asked).await;
    })
}

/// A number that differs from client to client, without a dependency on a source of randomness:
/// the standard library seeds every `RandomState` anew.
fn seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

impl Waiter {
    /// Whether nobody waits any more.
    fn is_gone(&self) -> bool {
        match self {
            Self::Nothing(settle) => settle.is_closed(),
            Self::Person(settle) => settle.is_closed(),
            Self::People(settle) => settle.is_closed(),
        }
    }

    /// Tells who waits; whoever stopped waiting does not want to know.
    fn settle(self, outcome: Result<Settled, Error>) {
        match (self, outcome) {
            (Self::Nothing(settle), outcome) => drop(settle.send(outcome.map(|_| ()))),
            (Self::Person(settle), Ok(Settled::Welcomed(me))) => drop(settle.send(Ok(me))),
            (Self::People(settle), Ok(Settled::Seen(people))) => drop(settle.send(Ok(people))),
            (Self::Person(settle), Err(error)) => drop(settle.send(Err(error))),
            (Self::People(settle), Err(error)) => drop(settle.send(Err(error))),
            // The machine answers each command with its own kind; if not, the wait ends as closed.
            (Self::Person(_) | Self::People(_), Ok(_)) => {}
        }
    }
}

struct Driver {
    address: Address,
    socket: Socket,
    line: Line,
    waiters: BTreeMap<Ticket, Waiter>,
    last_ticket: u64,
    notices: mpsc::Sender<Notice>,
    /// A notice that found no room: the user is too slow, and the line was given up.
    behind: Option<Notice>,
}

enum Woken {
    Asked(Option<Asked>),
    CaughtUp,
    Line(LineEvent),
    Due,
}

impl Driver {
    async fn run(mut self, mut asked: mpsc::Receiver<Asked>) {
        loop {
            match self.wake(&mut asked).await {
                Woken::Asked(Some(ask)) => self.ask(ask),
                Woken::Asked(None) => return self.farewell().await,
                Woken::CaughtUp => {
                    if let Some(notice) = self.behind.take() {
                        self.tell(notice);
                    }
                }
                Woken::Line(event) => self.happened(event),
                Woken::Due => self.handle(Input::Ticked),
            }
        }
    }

    /// Waits for whatever comes first. While the user is too far behind, nothing new is begun.
    async fn wake(&mut self, asked: &mut mpsc::Receiver<Asked>) -> Woken {
        let behind = self.behind.is_some();
        let deadline = self.socket.deadline().map(Instant::from_std).filter(|_| !behind);
        tokio::select! {
            biased;
            ask = asked.recv() => Woken::Asked(ask),
            // Nobody listening means that this task is about to be aborted.
            room = self.notices.reserve(), if behind => room.map_or(Woken::Asked(None), |_| Woken::CaughtUp),
            event = self.line.next(), if !behind => Woken::Line(event),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Woken::Due,
        }
    }

    fn ask(&mut self, Asked { command, waiter }: Asked) {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        if !waiter.is_gone() {
            self.waiters.insert(ticket, waiter);
        }
        self.handle(Input::Asked(command(ticket)));
    }

    fn happened(&mut self, event: LineEvent) {
        match event {
            LineEvent::Opened(line) => {
                self.line = Line::up(line);
                self.handle(Input::Opened);
            }
            LineEvent::Received(text) => self.handle(Input::Received(&text)),
            LineEvent::Dropped(reason) => {
                self.line = Line::Down;
                self.handle(Input::Dropped { reason });
            }
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        for output in self.socket.handle(Instant::now().into_std(), input) {
            self.perform(output);
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Connect => self.line = Line::connecting(self.address.clone()),
            Output::Send(text) => self.line.queue(text),
            Output::Disconnect => self.line = Line::Down,
            Output::Tell(notice) => self.tell(notice),
            Output::Done(ticket) => self.settle(ticket, Ok(Settled::Done)),
            Output::Welcomed(ticket, me) => self.settle(ticket, Ok(Settled::Welcomed(me))),
            Output::Seen(ticket, people) => self.settle(ticket, Ok(Settled::Seen(people))),
            Output::Failed(ticket, error) => self.settle(ticket, Err(error)),
        }
    }

    fn settle(&mut self, ticket: Ticket, outcome: Result<Settled, Error>) {
        let Some(waiter) = self.waiters.remove(&ticket) else { return };
        waiter.settle(outcome);
    }

    /// Passes a notice on. If there is no room for it, the user has lost the thread: the line is
    /// given up, and the state of then follows once there is room again.
    fn tell(&mut self, notice: Notice) {
        if self.behind.is_some() {
            // Only what says that there is no line may replace it; the rest is void without one.
            if let Notice::Offline { .. } = notice {
                self.behind = Some(notice);
            }
            return;
        }
        let Err(mpsc::error::TrySendError::Full(notice)) = self.notices.try_send(notice) else {
            return; // sent; or nobody listens, and this task is about to be aborted
        };
        self.behind = Some(notice);
        self.line = Line::Down;
        let reason = format!("{MAX_NOTICES} notices were left unread");
        self.handle(Input::Dropped { reason });
    }

    /// Leaves every room, sends what is queued, closes.
    async fn farewell(mut self) {
        self.handle(Input::Asked(Command::LeaveAll));
        self.line.say_goodbye().await;
    }
}
