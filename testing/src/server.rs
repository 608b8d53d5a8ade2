//! A server in the process of the test.

use std::io;
use std::net::SocketAddr;

use hullo::client::{Client, JoinOptions, Notices};
use hullo_server::{Config, serve};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::guest::{Guest, connect};
use crate::peer::Peer;
use crate::wait::soon;
use crate::websocket::{connect_narrow, open};

/// A server on a port of its own, ended with the test.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinSet<io::Result<()>>,
}

impl Server {
    /// Starts one as it is without any option.
    pub async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// Starts one with this configuration.
    pub async fn with(config: Config) -> Self {
        Self::on(SocketAddr::from(([127, 0, 0, 1], 0)), config).await
    }

    /// Starts one that listens here.
    pub async fn on(address: SocketAddr, config: Config) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut task = JoinSet::new();
        task.spawn(serve(listener, config, async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        }));
        Self { address, stop: Some(stop), task }
    }

    /// Asks it to stop.
    pub fn begin_stop(&mut self) {
        self.stop.take().expect("it is asked once").send(()).expect("the server runs");
    }

    /// Waits for its end.
    pub async fn ended(&mut self) {
        let ended = soon("the end of the server", self.task.join_next()).await;
        ended.expect("one task").expect("no panic").expect("a good end");
    }

    /// Stops it in good order.
    pub async fn stop(mut self) {
        self.begin_stop();
        self.ended().await;
    }

    /// A client without a room.
    pub async fn connect(&self) -> (Client, Notices) {
        connect(self.address).await
    }

    /// Somebody in the lobby, by the client library.
    pub async fn guest(&self, options: impl Into<JoinOptions>) -> Guest {
        Guest::at(self.address, options).await
    }

    /// A connection that has not said anything.
    pub async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// A WebSocket as bare bytes.
    pub async fn raw(&self) -> TcpStream {
        let mut stream = self.tcp().await;
        open(&mut stream).await;
        stream
    }

    /// A WebSocket that has joined nothing.
    pub async fn peer(&self) -> Peer {
        Peer::open(self.tcp().await).await
    }

    /// A WebSocket for which the kernel takes as little as possible.
    pub async fn narrow_peer(&self) -> Peer {
        Peer::open(connect_narrow(self.address).await).await
    }

    /// Somebody in the lobby, by a bare WebSocket.
    pub async fn member(&self, name: &str) -> Peer {
        let mut peer = self.peer().await;
        peer.enter("room:lobby", name).await;
        peer
    }
}
