//! The task between the state machine and the network: it owns the connection, the clock and the
//! senders of outcomes.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::command::{Answer, Command, Outcome, RequestId};
use super::connection::{Connection, ConnectionEvent, WebSocket};
use super::options::Options;
use super::socket::{Input, Output, Socket};
use super::{Address, Notice};

/// How long closing waits for what is under way.
const SETTLED_WITHIN: Duration = Duration::from_millis(500);

/// What a user asks of the task, and who is told what came of it.
pub(super) enum Request {
    Command(Command, oneshot::Sender<Outcome>),
    Close(oneshot::Sender<Outcome>),
}

/// Starts the task. It ends by itself, soon after it is asked to close or the last sender of
/// requests is dropped.
pub(super) fn spawn(
    address: Address,
    options: Options,
    web_socket: Option<WebSocket>,
    requests: mpsc::Receiver<Request>,
    notices: mpsc::Sender<Notice>,
) {
    let mut driver = Driver {
        socket: Socket::new(options.clone(), Instant::now().into_std(), fastrand::u64(..)),
        address,
        options,
        connection: Connection::Down,
        waiting: BTreeMap::new(),
        last_request: 0,
        notices,
        unsent: VecDeque::new(),
        closing: false,
    };
    #[expect(clippy::disallowed_methods, reason = "the task ends with the handles that feed it")]
    drop(tokio::spawn(async move {
        if let Some(web_socket) = web_socket {
            driver.on_connection_event(ConnectionEvent::Opened(web_socket));
        } else {
            driver.handle(Input::Tick);
        }
        driver.run(requests).await;
    }));
}

struct Driver {
    address: Address,
    options: Options,
    socket: Socket,
    connection: Connection,
    waiting: BTreeMap<RequestId, oneshot::Sender<Outcome>>,
    last_request: u64,
    notices: mpsc::Sender<Notice>,
    /// Notices that did not fit: the user reads too slowly, and the connection was given up. There are
    /// few, since without a connection only the user's own requests lead to notices.
    unsent: VecDeque<Notice>,
    closing: bool,
}

/// What the task wakes up for.
enum Wakeup {
    Request(Option<Request>),
    /// There is room for notices again, or nobody wants them any more.
    CaughtUp,
    Connection(ConnectionEvent),
    Deadline,
}

impl Driver {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        loop {
            match self.wait(&mut requests).await {
                Wakeup::Request(Some(Request::Command(command, outcome))) => {
                    self.on_command(command, outcome);
                }
                Wakeup::Request(Some(Request::Close(outcome))) => {
                    self.close().await;
                    drop(outcome.send(Ok(Answer::Done))); // whoever stopped waiting need not know
                    return;
                }
                Wakeup::Request(None) => return self.close().await,
                Wakeup::CaughtUp => self.on_caught_up(),
                Wakeup::Connection(event) => self.on_connection_event(event),
                Wakeup::Deadline => self.handle(Input::Tick),
            }
        }
    }

    /// Waits for whatever comes first. While the user is too far behind, nothing new is begun.
    async fn wait(&mut self, requests: &mut mpsc::Receiver<Request>) -> Wakeup {
        let behind = !self.unsent.is_empty();
        let deadline = self.socket.deadline().map(Instant::from_std).filter(|_| !behind);
        tokio::select! {
            biased;
            request = requests.recv() => Wakeup::Request(request),
            _ = self.notices.reserve(), if behind => Wakeup::CaughtUp,
            event = self.connection.next(), if !behind => Wakeup::Connection(event),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Wakeup::Deadline,
        }
    }

    fn on_command(&mut self, command: Command, outcome: oneshot::Sender<Outcome>) {
        self.last_request += 1;
        let request = RequestId(self.last_request);
        if !outcome.is_closed() {
            self.waiting.insert(request, outcome);
        }
        self.handle(Input::Command(request, command));
    }

    fn on_connection_event(&mut self, event: ConnectionEvent) {
        match event {
            ConnectionEvent::Opened(web_socket) => {
                self.connection = Connection::up(web_socket);
                self.handle(Input::Opened);
            }
            ConnectionEvent::Received(text) => self.handle(Input::Received(&text)),
            ConnectionEvent::Dropped(reason) => {
                self.connection = Connection::Down;
                self.handle(Input::Dropped { reason });
            }
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        for output in self.socket.handle(Instant::now().into_std(), input) {
            self.perform(output);
        }
        if !self.unsent.is_empty() && !matches!(self.connection, Connection::Down) {
            self.connection = Connection::Down;
            let reason = format!("{} notices were left unread", self.options.unread_notices);
            self.handle(Input::Dropped { reason });
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Connect => {
                let timeout = self.options.connect_timeout;
                self.connection = Connection::connecting(self.address.clone(), timeout);
            }
            Output::Send(text) => self.connection.queue(text),
            Output::Disconnect => self.connection = Connection::Down,
            Output::Notify(notice) => self.notify(notice),
            Output::Resolve(request, outcome) => {
                if let Some(waiting) = self.waiting.remove(&request) {
                    drop(waiting.send(outcome)); // whoever stopped waiting need not know
                }
            }
        }
    }

    /// Passes a notice on. If there is no room for it, it waits, and the connection is given up: no
    /// more can be taken in until the user has caught up.
    fn notify(&mut self, notice: Notice) {
        if self.unsent.is_empty() {
            match self.notices.try_send(notice) {
                Err(TrySendError::Full(notice)) if !self.closing => self.unsent.push_back(notice),
                Ok(()) | Err(TrySendError::Full(_) | TrySendError::Closed(_)) => {}
            }
        } else {
            self.unsent.push_back(notice);
        }
    }

    fn on_caught_up(&mut self) {
        while let Some(notice) = self.unsent.pop_front() {
            if let Err(TrySendError::Full(notice)) = self.notices.try_send(notice) {
                return self.unsent.push_front(notice);
            }
        }
    }

    /// Waits for replies, leaves every room, sends what is queued, closes.
    async fn close(&mut self) {
        self.closing = true;
        let settled = async {
            while self.socket.is_busy() {
                let event = self.connection.next().await;
                self.on_connection_event(event);
            }
        };
        // Not all of them in time is no reason to keep the user waiting.
        drop(timeout(SETTLED_WITHIN, settled).await);
        self.handle(Input::Closing);
        std::mem::replace(&mut self.connection, Connection::Down).close().await;
    }
}
