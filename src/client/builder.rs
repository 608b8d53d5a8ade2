//! How a client is set up.

use std::time::Duration;

use super::options::Options;
use super::{Client, Error, Notices};

/// Options for a connection, made by [`Client::builder`].
///
/// ```no_run
/// use std::time::Duration;
///
/// use hullo::Client;
///
/// # async fn example() -> Result<(), hullo::client::Error> {
/// let (client, notices) = Client::builder("ws://127.0.0.1:4856")
///     .connect_timeout(Duration::from_secs(2))
///     .backlog(1000)
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    address: String,
    options: Options,
}

impl Client {
    /// Starts a client that connects, and goes on trying for ever. Must be called within a tokio
    /// runtime.
    ///
    /// `address` is `ws://HOST:PORT`, `HOST:PORT` or `HOST`.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), hullo::client::Error> {
    /// let (client, notices) = hullo::Client::start("ws://127.0.0.1:4856")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Address`] if this is not the address of a server.
    pub fn start(address: &str) -> Result<(Self, Notices), Error> {
        Self::builder(address).start()
    }

    /// Connects, and fails if the first attempt does. A connection that breaks later is made anew.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), hullo::client::Error> {
    /// let (client, notices) = hullo::Client::connect("ws://127.0.0.1:4856").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Address`] if this is not the address of a server, [`Error::Unreachable`] if no
    /// server answers there.
    pub async fn connect(address: &str) -> Result<(Self, Notices), Error> {
        Self::builder(address).connect().await
    }

    /// Options for a connection.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), hullo::client::Error> {
    /// let (client, notices) = hullo::Client::builder("localhost").backlog(1000).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(address: &str) -> ClientBuilder {
        ClientBuilder { address: address.to_owned(), options: Options::default() }
    }
}

impl ClientBuilder {
    /// How long a connection may take to open, the WebSocket handshake included; 10 s by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let builder = hullo::Client::builder("localhost").connect_timeout(Duration::from_secs(2));
    /// ```
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = timeout;
        self
    }

    /// How long the server may take to reply to a push; 10 s by default. A push that can be sent again
    /// waits 30 s at least, until a connection that is dead is found to be.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let builder = hullo::Client::builder("localhost").reply_timeout(Duration::from_secs(3));
    /// ```
    pub fn reply_timeout(mut self, timeout: Duration) -> Self {
        self.options.reply_timeout = timeout;
        self
    }

    /// How many pushes may wait for the server, sent or not; 256 by default.
    ///
    /// ```
    /// let builder = hullo::Client::builder("localhost").backlog(1000);
    /// ```
    pub fn backlog(mut self, pushes: usize) -> Self {
        self.options.backlog = pushes;
        self
    }

    /// How many notices may be unread before the connection is given up; 8,192 by default.
    ///
    /// ```
    /// let builder = hullo::Client::builder("localhost").unread_notices(100_000);
    /// ```
    pub fn unread_notices(mut self, notices: usize) -> Self {
        self.options.unread_notices = notices.max(1);
        self
    }

    /// Starts a client that connects, and goes on trying for ever. Must be called within a tokio
    /// runtime.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), hullo::client::Error> {
    /// let (client, notices) = hullo::Client::builder("localhost").start()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Address`] if this is not the address of a server.
    pub fn start(self) -> Result<(Client, Notices), Error> {
        Ok(Client::launch(self.address.parse()?, self.options, None))
    }

    /// Connects, and fails if the first attempt does. A connection that breaks later is made anew.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), hullo::client::Error> {
    /// let (client, notices) = hullo::Client::builder("localhost").connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Address`] if this is not the address of a server, [`Error::Unreachable`] if no
    /// server answers there.
    pub async fn connect(self) -> Result<(Client, Notices), Error> {
        let address = self.address.parse()?;
        let web_socket = super::connection::open(&address, self.options.connect_timeout)
            .await
            .map_err(|reason| Error::Unreachable { address: address.to_string(), reason })?;
        Ok(Client::launch(address, self.options, Some(web_socket)))
    }
}
