//! One connection after its handshake.
//!
//! Its own task reads, handles what was pushed, and then sends it to everybody there is something
//! for: whoever pushes carries it to the others' sockets, so that a message costs no task a wake-up.
//! Only where a socket is full does its own task take over.
//!
//! On a thread that has much to do, every other task that has something to read gets its turn
//! between handling and sending. So what several clients push at the same time leaves together, with
//! one write for each socket.
//!
//! While a socket is full, nothing is read from it: whoever does not take its answers gets no
//! chance to ask for more.

mod channel;
pub(crate) mod channels;
mod farewell;
mod input;
pub(crate) mod meter;
mod output;
mod reading;
mod sending;

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use futures_util::task::AtomicWaker;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Sleep, sleep_until};
use uuid::Uuid;

use crate::batch::Batch;
use crate::close::Close;
use crate::rate::Bucket;
use crate::rooms::{Recipient, Woken};
use crate::server::Server;
use crate::ticker::flush;
use channels::Channels;
use input::Input;
use output::Output;
use reading::Turn;

pub(crate) use farewell::linger;

/// How much is read before everybody else gets their turn.
const READ_BYTES: usize = 64 * 1024;

/// How long a sender waits where a member of its room is far behind.
const PRESSED_PAUSE: Duration = Duration::from_millis(20);

/// A clock that is later than this by the time it is looked at has been stopped, or the machine has.
const STOPPED: Duration = Duration::from_secs(1);

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client said goodbye.
    Left,
    /// The connection broke.
    Lost,
    /// The server ends it.
    Closed(Close),
}

/// One connection, shared by its own task and by those that have something for it.
#[derive(Debug)]
pub(crate) struct Connection {
    writing: OwnedWriteHalf,
    server: Arc<Server>,
    /// Which channels' rooms have something for it; see [`mark`].
    marks: AtomicU64,
    state: Mutex<State>,
    /// A room wants it closed.
    ordered_close: OnceLock<Close>,
    /// Its task is to look what there is to do.
    needs_task: AtomicBool,
    task: AtomicWaker,
}

#[derive(Debug)]
struct State {
    channels: Channels,
    input: Input,
    output: Output,
    /// What pings and pongs are charged to: they belong to no session.
    control: Bucket,
    /// The payload of the newest ping that was not answered yet.
    ping: Option<Box<[u8]>>,
    /// The payload of the client's close frame.
    goodbye: Option<Box<[u8]>>,
    ending: Option<Ending>,
    /// When the last whole message came.
    heard_at: Instant,
}

/// What reading and writing take for as long as they last: it belongs to the thread.
struct Scratch {
    input: Box<[u8]>,
    batch: Batch,
    /// When something was last read.
    read_at: Option<Instant>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> =
        RefCell::new(Scratch {
            input: vec![0; READ_BYTES].into(),
            batch: Batch::default(),
            read_at: None,
        });
}

/// The batch is empty: what a panic left in it was for another connection.
fn with_scratch<T>(use_it: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.batch.clear();
        use_it(scratch)
    })
}

impl Connection {
    fn new(writing: OwnedWriteHalf, server: Arc<Server>) -> Self {
        let state = State {
            channels: Channels::new(Arc::clone(&server.limits)),
            input: Input::default(),
            output: Output::default(),
            control: Bucket::default(),
            ping: None,
            goodbye: None,
            ending: None,
            heard_at: now(),
        };
        Self {
            writing,
            server,
            marks: AtomicU64::new(0),
            state: Mutex::new(state),
            ordered_close: OnceLock::new(),
            needs_task: AtomicBool::new(false),
            task: AtomicWaker::new(),
        }
    }

    /// Runs a connection to its end; `early` came right behind the handshake.
    pub(crate) async fn run(stream: TcpStream, server: &Arc<Server>, early: Vec<u8>) -> Ending {
        let (mut reading, writing) = stream.into_split();
        let connection = Arc::new(Self::new(writing, Arc::clone(server)));
        let present = Present { connection: Arc::clone(&connection) };
        let _open = connection.server.register(&connection);
        if connection.server.stop.is_cancelled() {
            connection.close(Close::Restart); // it came too late to be closed with the others
        }
        let ending = connection.serve(&mut reading, early).await;
        if let Ending::Closed(_) = ending {
            connection.deliver_rest();
        }
        drop(present); // the room hears of it before this socket does
        // Boxed: the task of every connection would hold space for it otherwise.
        Box::pin(connection.say_goodbye(ending)).await;
        ending
    }

    /// Ends it, after what it is still to be sent. Only the first reason counts.
    pub(crate) fn close(&self, close: Close) {
        self.lock().end(Ending::Closed(close));
        self.wake_task();
    }

    async fn serve(self: &Arc<Self>, reading: &mut OwnedReadHalf, early: Vec<u8>) -> Ending {
        let me: Arc<dyn Recipient> = Arc::clone(self) as _;
        let mut timer = pin!(sleep_until((now() + self.server.config.idle_timeout).into()));
        let mut paused_until = None;
        if !early.is_empty() {
            let turn = with_scratch(|scratch| self.handle(&mut { early }, &me, &mut scratch.batch));
            flush(&turn.woken).await;
        }
        loop {
            let status = self.settle(paused_until, timer.as_mut());
            let Status { blocked, pause } = match status {
                Ok(status) => status,
                Err(ending) => return ending,
            };
            paused_until = pause;
            let mut reads = (!blocked && pause.is_none()).then_some(&mut *reading);
            let poll = poll_fn(|cx| self.poll_turn(cx, &me, &mut reads, blocked, timer.as_mut()));
            let Some(turn) = poll.await else {
                tokio::task::consume_budget().await; // others have their turn, too
                continue;
            };
            if turn.thread_is_busy {
                tokio::task::yield_now().await;
            }
            self.send();
            self.flush(); // what came while the lock was taken
            flush(&turn.woken).await;
            if !turn.woken.is_empty() {
                self.server.metrics.dispatched(now() - turn.started_at);
            }
            paused_until = turn.is_pressed.then(|| now() + PRESSED_PAUSE);
        }
    }

    /// Waits until there is something to do: to read, which it does, or to write, or as somebody
    /// else or a clock says.
    fn poll_turn(
        &self,
        cx: &mut TaskContext<'_>,
        me: &Arc<dyn Recipient>,
        reads: &mut Option<&mut OwnedReadHalf>,
        writes: bool,
        timer: Pin<&mut Sleep>,
    ) -> Poll<Option<Turn>> {
        self.task.register(cx.waker());
        let is_marked = !writes && self.is_marked();
        if self.needs_task.swap(false, Ordering::AcqRel) || is_marked {
            return Poll::Ready(None);
        }
        if let Some(reading) = reads
            && let Poll::Ready(turn) = self.poll_read(cx, me, reading)
        {
            return Poll::Ready(Some(turn));
        }
        if writes && self.writing.as_ref().poll_write_ready(cx).is_ready() {
            return Poll::Ready(None);
        }
        timer.poll(cx).map(|()| None)
    }

    /// Sends what there is, sets the timer, and says what the task is to wait for; or why it ends.
    fn settle(&self, paused: Option<Instant>, timer: Pin<&mut Sleep>) -> Result<Status, Ending> {
        let mut state = self.lock();
        self.send_locked(&mut state);
        let now = now();
        if let Some(ending) = state.ending {
            return Err(ending);
        }
        if let Some(close) = self.ordered_close.get() {
            return Err(Ending::Closed(*close));
        }
        let pause = paused.filter(|until| *until > now);
        let config = &self.server.config;
        let due = match state.output.blocked_since() {
            Some(since) => since + config.max_stall,
            None => state.heard_at + config.idle_timeout,
        };
        if due <= now {
            let blocked = state.output.is_blocked();
            if now - due > STOPPED {
                state.output.restart_clock(now);
            } else if blocked {
                return Err(Ending::Closed(Close::TooSlow));
            }
            if !blocked {
                // What it said may lie unread: after the machine slept, that of thousands does.
                if !self.has_unread() {
                    return Err(Ending::Closed(Close::Idle));
                }
                state.heard_at = now;
            }
            drop(state);
            return self.settle(pause, timer);
        }
        let due = pause.map_or(due, |until| until.min(due)).into();
        if timer.is_elapsed() || due < timer.deadline() {
            timer.reset(due);
        }
        Ok(Status { blocked: state.output.is_blocked(), pause })
    }

    fn has_unread(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit()];
        socket2::SockRef::from(self.writing.as_ref()).peek(&mut byte).is_ok_and(|count| count > 0)
    }

    fn wake_task(&self) {
        self.needs_task.store(true, Ordering::Release);
        self.task.wake();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a connection's task is to wait for.
struct Status {
    /// Its socket is full.
    blocked: bool,
    /// Nothing is read until then.
    pause: Option<Instant>,
}

impl From<Close> for Ending {
    fn from(close: Close) -> Self {
        Self::Closed(close)
    }
}

impl State {
    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }
}

/// A connection's place in its rooms. However its task ends, dropping this is the one way out.
struct Present {
    connection: Arc<Connection>,
}

impl Drop for Present {
    fn drop(&mut self) {
        let rooms = &self.connection.server.rooms;
        let mut woken = Woken::new();
        self.connection.lock().channels.detach_all(rooms, now(), &mut woken);
        rooms.flush_later(woken);
    }
}

#[expect(clippy::disallowed_methods, reason = "a connection brings the time to the rooms")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a connection brings ids to the rooms")]
fn new_id() -> Uuid {
    Uuid::new_v4()
}
