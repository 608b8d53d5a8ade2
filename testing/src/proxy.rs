//! A proxy between clients and a server, which breaks connections when it is told to.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::listener::Listener;

/// What the proxy does.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    cuts: u32,
    is_closed: bool,
    swallows_replies: bool,
}

/// Ends with the test.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    state: watch::Sender<State>,
    _listener: Listener,
}

impl Proxy {
    /// Passes everything on to this server.
    pub async fn to(server: SocketAddr) -> Self {
        let state = watch::Sender::new(State::default());
        let control = state.subscribe();
        let listener =
            Listener::start(move |client| connect(client, server, control.clone())).await;
        Self { address: listener.address, state, _listener: listener }
    }

    /// Breaks all connections, and accepts new ones.
    pub fn cut(&self) {
        self.state.send_modify(|state| {
            *state = State { cuts: state.cuts + 1, ..State::default() };
        });
    }

    /// Breaks all connections, and accepts no new ones until [`Proxy::cut`].
    pub fn close(&self) {
        self.state.send_modify(|state| {
            *state = State { cuts: state.cuts + 1, is_closed: true, swallows_replies: false };
        });
    }

    /// From now on nothing that the server sends arrives, until [`Proxy::cut`].
    pub fn swallow_replies(&self) {
        self.state.send_modify(|state| state.swallows_replies = true);
    }
}

async fn connect(client: TcpStream, server: SocketAddr, mut state: watch::Receiver<State>) {
    if state.borrow().is_closed {
        return;
    }
    let server = TcpStream::connect(server).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (begun, swallowing) = (state.borrow().cuts, state.clone());
    let replies = async {
        let mut chunk = [0; 4096];
        while let Ok(length @ 1..) = from_server.read(&mut chunk).await {
            let swallowed = swallowing.borrow().swallows_replies;
            if !swallowed && to_client.write_all(&chunk[..length]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        () = replies => {}
        _ = state.wait_for(|state| state.cuts != begun) => {}
    }
}
