//! The end of a connection: its last words, within bounds.

use std::net::Shutdown;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Connection, Ending, now, with_scratch};

/// How long the last words may take, to a client that may not be listening.
const FAREWELL: Duration = Duration::from_millis(1500);

impl Connection {
    /// Puts what the rooms still have for it before its last words.
    pub(super) fn deliver_rest(&self) {
        let mut state = self.lock();
        with_scratch(|scratch| {
            let mut marks = u64::MAX;
            // Who was too slow has lost something; the close says so.
            state.channels.deliver(&mut marks, &mut scratch.batch).unwrap_or_default();
            self.write(&mut state, &mut scratch.batch, now());
        });
    }

    /// Writes what is left, and then this close frame. Whether the socket is still one.
    fn write_last(&self, close_frame: Option<Vec<u8>>) -> bool {
        with_scratch(|scratch| {
            if let Some(close_frame) = close_frame {
                scratch.batch.close(&close_frame);
            }
            self.write(&mut self.lock(), &mut scratch.batch, now())
        })
    }

    /// Writes what is left and the close frame, and ends the connection.
    pub(super) async fn say_goodbye(&self, ending: Ending) {
        let close_frame: Vec<u8> = match ending {
            Ending::Lost => return,
            Ending::Left => self.lock().goodbye.take().map(Vec::from).unwrap_or_default(),
            Ending::Closed(close) => {
                [&close.code().to_be_bytes(), close.reason().as_bytes()].concat()
            }
        };
        let last_words = async {
            let mut close_frame = Some(close_frame);
            while self.write_last(close_frame.take()) {
                if !self.lock().output.is_blocked() {
                    return linger(self.writing.as_ref()).await;
                }
                if self.writing.writable().await.is_err() {
                    return;
                }
            }
        };
        // Not heard in time is not heard: the client will find the connection gone.
        timeout(FAREWELL, last_words).await.unwrap_or_default();
    }
}

/// Ends our side and reads the client's to its end: unread bytes would make the kernel reset the
/// connection, and the last words would be lost with it.
pub(crate) async fn linger(stream: &TcpStream) {
    if socket2::SockRef::from(stream).shutdown(Shutdown::Write).is_err() {
        return;
    }
    while stream.readable().await.is_ok() {
        // Made anew each time, so that the task does not hold it while it waits.
        match stream.try_read(&mut [0; 1024]) {
            Ok(0) => return,
            // There may always be more, and then neither others nor the time limit had a turn.
            Ok(_) => tokio::task::yield_now().await,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
