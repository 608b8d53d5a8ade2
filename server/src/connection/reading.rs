//! Reading from one connection, and handling what came.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::{Duration, Instant};

use hullo::protocol::codec;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;

use super::channels::Context;
use super::input::Message;
use super::{Connection, Ending, Scratch, State, new_id, now, with_scratch};
use crate::batch::Batch;
use crate::clock::unix_seconds;
use crate::close::Close;
use crate::rate::Verdict;
use crate::refusal::Refusal;
use crate::room::Stamp;
use crate::rooms::{Pressed, Recipient, Woken};
use crate::server::Server;

/// A thread that has read something else so shortly before has much to do.
const BUSY: Duration = Duration::from_micros(50);

/// What came of one read.
pub(super) struct Turn {
    pub(super) started_at: Instant,
    /// For whom there is something now.
    pub(super) woken: Woken,
    /// A member of one of its rooms is far behind.
    pub(super) is_pressed: bool,
    pub(super) thread_is_busy: bool,
}

impl Turn {
    fn new(started_at: Instant) -> Self {
        Self { started_at, woken: Woken::new(), is_pressed: false, thread_is_busy: false }
    }
}

impl Connection {
    /// Reads once and handles what came.
    pub(super) fn poll_read(
        &self,
        cx: &mut TaskContext<'_>,
        me: &Arc<dyn Recipient>,
        reading: &mut OwnedReadHalf,
    ) -> Poll<Turn> {
        with_scratch(|Scratch { input, batch, read_at }| {
            let mut buffer = ReadBuf::new(input);
            let read = ready!(Pin::new(reading).poll_read(cx, &mut buffer));
            let bytes = buffer.filled_mut();
            if read.is_err() || bytes.is_empty() {
                self.lock().end(Ending::Lost);
            }
            let mut turn = self.handle(bytes, me, batch);
            let before = read_at.replace(turn.started_at);
            turn.thread_is_busy = before
                .is_some_and(|before| turn.started_at.saturating_duration_since(before) < BUSY);
            Poll::Ready(turn)
        })
    }

    /// Handles what was read; the replies wait to be sent.
    pub(super) fn handle(
        &self,
        bytes: &mut [u8],
        me: &Arc<dyn Recipient>,
        batch: &mut Batch,
    ) -> Turn {
        let Server { rooms, config, limits, metrics, .. } = &*self.server;
        let now = now();
        let stamp = Stamp { now, unix_seconds: unix_seconds(), new_id: &new_id };
        let mut turn = Turn::new(now);
        let woken = &mut turn.woken;
        let mut frames = 0;
        let received_bytes = bytes.len() as u64;
        let mut locked = self.lock();
        let State { channels, input, control, ping, goodbye, heard_at, .. } = &mut *locked;
        let mut refused = |refusal: Refusal| metrics.refused(refusal.word());
        let refused = &mut refused;
        let mut charge_control = || match control.charge(limits.session_pushes, 1, now) {
            Verdict::Accept | Verdict::Refuse(_) => Ok(()),
            Verdict::Close => Err(Ending::Closed(Close::RateLimited)),
        };
        let outcome = input.receive(bytes, config.max_message_bytes, |message| {
            *heard_at = now;
            frames += 1;
            match message {
                Message::Text(text) => {
                    let frame = codec::parse(text).map_err(|_| Close::Undecodable)?;
                    let mut context = Context { rooms, me, stamp: &stamp, batch, woken, refused };
                    let Pressed(pressed) = channels.handle(&frame, text.len(), &mut context)?;
                    turn.is_pressed |= pressed;
                    Ok(())
                }
                Message::Binary => Err(Ending::Closed(Close::Undecodable)),
                Message::Ping(payload) => {
                    *ping = Some(payload.into());
                    charge_control()
                }
                Message::Pong => charge_control(),
                Message::Close(payload) => {
                    *goodbye = Some(payload.into());
                    Err(Ending::Left)
                }
            }
        });
        metrics.received(frames, received_bytes);
        if let Err(ending) = outcome {
            locked.end(ending);
        }
        metrics.sent(batch.frames(), 0); // their bytes are counted as they are written
        locked.output.queue(batch);
        turn
    }
}
