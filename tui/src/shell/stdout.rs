//! Writes lines to stdout from its own thread: a reader that stalls must not block the loop, or the
//! server would close the connection.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc, oneshot};

use crate::failure::Failure;

/// How many bytes may wait for the reader. Beyond that, the loop takes in nothing that would make
/// further lines, for no line is ever dropped.
const MAX_WAITING: usize = 1024 * 1024;

/// The queue of what is to be written.
#[derive(Debug)]
pub(super) struct Output {
    /// Bounded by [`Output::has_room`].
    queue: mpsc::UnboundedSender<String>,
    waiting: Arc<Waiting>,
    ended: oneshot::Receiver<io::Result<()>>,
    outcome: Option<io::Result<()>>,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    /// Notified whenever a part was written.
    fewer: Notify,
}

impl Output {
    /// Starts the thread. It ends when the reader is gone, or with [`Output::finish`]. A blocked
    /// write cannot be cancelled: it ends with the process at the latest.
    pub(super) fn start(to: impl Write + Send + 'static) -> Self {
        let (queue, texts) = mpsc::unbounded_channel();
        let (tell, ended) = oneshot::channel();
        let waiting = Arc::<Waiting>::default();
        let written = Arc::clone(&waiting);
        std::thread::spawn(move || {
            // The receiver is gone if the program ends without waiting.
            tell.send(write(to, texts, &written)).ok();
        });
        Self { queue, waiting, ended, outcome: None }
    }

    /// Queues a text as it is.
    pub(super) fn write(&self, text: String) {
        self.waiting.bytes.fetch_add(text.len(), Ordering::AcqRel);
        // A thread that has ended is reported by `closed`.
        self.queue.send(text).ok();
    }

    /// Whether more may be queued.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.bytes.load(Ordering::Acquire) < MAX_WAITING
    }

    /// Waits until nothing can be written any more; [`Output::finish`] returns why. Safe to cancel.
    pub(super) async fn closed(&mut self) {
        if self.outcome.is_none() {
            self.outcome = Some(outcome((&mut self.ended).await));
        }
    }

    /// Waits until there may be room again.
    pub(super) fn room(&self) -> impl Future<Output = ()> + use<> {
        let waiting = Arc::clone(&self.waiting);
        async move { waiting.fewer.notified().await }
    }

    /// Waits until everything is written. A reader that has left is no error.
    pub(super) async fn finish(self) -> Result<(), Failure> {
        drop(self.queue);
        let outcome = match self.outcome {
            Some(outcome) => outcome,
            None => outcome(self.ended.await),
        };
        match outcome {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::failed(format!("cannot write: {error}")))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn outcome(ended: Result<io::Result<()>, oneshot::error::RecvError>) -> io::Result<()> {
    ended.unwrap_or_else(|_| Err(io::Error::other("the thread that writes has panicked")))
}

fn write(
    mut to: impl Write,
    mut texts: mpsc::UnboundedReceiver<String>,
    waiting: &Waiting,
) -> io::Result<()> {
    while let Some(text) = texts.blocking_recv() {
        to.write_all(text.as_bytes()).and_then(|()| to.flush())?;
        waiting.bytes.fetch_sub(text.len(), Ordering::AcqRel);
        waiting.fewer.notify_one();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::tests::block_on;

    #[test]
    fn a_reader_that_stalls_gets_everything_and_holds_up_nobody() {
        block_on(async {
            let (mut reader, writer) = io::pipe().unwrap();
            let output = Output::start(writer);
            let line = "x".repeat(16_000) + "\n";
            let mut sent = 0;
            while output.has_room() {
                output.write(line.clone());
                sent += line.len();
            }
            assert!((MAX_WAITING..2 * MAX_WAITING).contains(&sent), "{sent}");
            let reading = std::thread::spawn(move || {
                let mut read = String::new();
                reader.read_to_string(&mut read).unwrap();
                read
            });
            while !output.has_room() {
                output.room().await;
            }
            output.write("last\n".into());
            assert_eq!(output.finish().await, Ok(()));
            let read = reading.join().unwrap();
            assert_eq!((read.len(), &read[sent..]), (sent + 5, "last\n"));
        });
    }

    #[test]
    fn a_reader_that_leaves_is_a_quiet_end_and_a_full_disk_is_none() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        block_on(async {
            let (reader, writer) = io::pipe().unwrap();
            drop(reader);
            for (mut output, is_quiet) in
                [(Output::start(writer), true), (Output::start(Full), false)]
            {
                output.write("hello\n".into());
                output.closed().await;
                output.write("anybody?\n".into());
                assert_eq!(output.finish().await.is_ok(), is_quiet);
            }
        });
    }
}
