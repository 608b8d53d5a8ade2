//! What the user of the library holds: [`Client`] to push, [`Notices`] to listen, [`Pending`] to wait.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::{mpsc, oneshot};

use super::command::{Answer, Command, Outcome};
use super::connection::WebSocket;
use super::driver::{self, Request};
use super::options::Options;
use super::{Address, Error, Notice};

/// A connection to a server, to push on. Cheap to clone.
///
/// The connection stays open while a clone, a [`Room`](super::Room) or the [`Notices`] exist, or until
/// [`Client::close`]. When the last of them is dropped, every room is left and the connection closed
/// in the background.
///
/// ```no_run
/// use hullo::Client;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (client, _notices) = Client::connect("localhost").await?;
/// let lobby = client.room(&"lobby".parse()?);
/// lobby.join("ci").await?;
/// lobby.say("the build is done").await?;
/// client.close().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    requests: mpsc::Sender<Request>,
}

/// What happens, in order: a stream of [`Notice`]s.
///
/// Dropping it ends nothing: a [`Client`] can still push, and nobody is told what happens.
///
/// ```no_run
/// use hullo::{Notice, Notices};
///
/// async fn print_arrivals(mut notices: Notices) {
///     while let Some(notice) = notices.recv().await {
///         if let Notice::Arrived { name, .. } = notice {
///             println!("{name} is here");
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Notices {
    notices: mpsc::Receiver<Notice>,
    /// Keeps the connection open while somebody listens.
    _requests: mpsc::Sender<Request>,
}

impl Client {
    pub(super) fn launch(
        address: Address,
        options: Options,
        web_socket: Option<WebSocket>,
    ) -> (Self, Notices) {
        let (requests, to_handle) = mpsc::channel(options.backlog.max(1));
        let (sender, notices) = mpsc::channel(options.unread_notices);
        driver::spawn(address, options, web_socket, to_handle, sender);
        (Self { requests: requests.clone() }, Notices { notices, _requests: requests })
    }

    /// Tries to connect again at once, also while there is a connection, which is given up.
    ///
    /// ```no_run
    /// # fn example(client: hullo::Client) {
    /// client.reconnect();
    /// # }
    /// ```
    pub fn reconnect(&self) {
        drop(self.request(Command::Reconnect, Answer::done));
    }

    /// Closes the connection for every clone and room: sends what was pushed, waits half a second for
    /// the replies, leaves the rooms. Resolves once that is done, within two seconds. What is pushed
    /// afterwards fails with [`Error::Closed`], and the [`Notices`] end.
    ///
    /// ```no_run
    /// # async fn example(client: hullo::Client) -> Result<(), hullo::client::Error> {
    /// client.close().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(self) -> Pending<()> {
        let (sender, outcome) = oneshot::channel();
        self.enqueue(Request::Close(sender), outcome, Answer::done)
    }

    /// Queues a command; they are carried out in the order of the calls.
    pub(super) fn request<T>(&self, command: Command, read: fn(Answer) -> Option<T>) -> Pending<T> {
        let (sender, outcome) = oneshot::channel();
        self.enqueue(Request::Command(command, sender), outcome, read)
    }

    fn enqueue<T>(
        &self,
        request: Request,
        outcome: oneshot::Receiver<Outcome>,
        read: fn(Answer) -> Option<T>,
    ) -> Pending<T> {
        let state = match self.requests.try_send(request) {
            Ok(()) => State::Queued(outcome),
            Err(mpsc::error::TrySendError::Full(_)) => State::Failed(Error::Full),
            Err(mpsc::error::TrySendError::Closed(_)) => State::Failed(Error::Closed),
        };
        Pending { state, read }
    }
}

impl Notices {
    /// The next notice; `None` once the client is closed. Safe to cancel.
    ///
    /// ```no_run
    /// # async fn example(mut notices: hullo::Notices) {
    /// while let Some(notice) = notices.recv().await {
    ///     println!("{notice:?}");
    /// }
    /// # }
    /// ```
    pub async fn recv(&mut self) -> Option<Notice> {
        self.notices.recv().await
    }

    /// Waits for at least one notice and appends up to `limit`; 0 once the client is closed. Safe to
    /// cancel.
    ///
    /// ```no_run
    /// # async fn example(mut notices: hullo::Notices) {
    /// let mut batch = Vec::new();
    /// while notices.recv_many(&mut batch, 256).await > 0 {
    ///     println!("{} notices", batch.len());
    ///     batch.clear();
    /// }
    /// # }
    /// ```
    pub async fn recv_many(&mut self, into: &mut Vec<Notice>, limit: usize) -> usize {
        self.notices.recv_many(into, limit).await
    }
}

impl Stream for Notices {
    type Item = Notice;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Notice>> {
        self.notices.poll_recv(cx)
    }
}

/// A request that was queued; resolves with what came of it. Dropping it takes nothing back.
///
/// ```no_run
/// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
/// let sent = lobby.say("hello");
/// drop(lobby.say("nobody waits to hear whether this arrived"));
/// sent.await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a push may fail; await it, or drop it where failure does not matter"]
pub struct Pending<T> {
    state: State,
    /// What this kind of request makes of its answer.
    read: fn(Answer) -> Option<T>,
}

#[derive(Debug)]
enum State {
    Queued(oneshot::Receiver<Outcome>),
    Failed(Error),
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let read = self.read;
        match &mut self.state {
            // If the client ends, nobody sends the outcome.
            State::Queued(outcome) => Pin::new(outcome).poll(cx).map(|outcome| {
                let answer = outcome.unwrap_or(Err(Error::Closed))?;
                Ok(read(answer).expect("each command has its own kind of answer"))
            }),
            State::Failed(error) => Poll::Ready(Err(error.clone())),
        }
    }
}
