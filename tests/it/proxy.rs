//! A proxy between clients and a server, which breaks connections when it is told to.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the proxy does.
#[derive(Clone, Copy, Default)]
struct State {
    cuts: u32,
    is_closed: bool,
    swallows_replies: bool,
}

/// Ends with the test.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: watch::Sender<State>,
    _task: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = watch::Sender::new(State::default());
        let control = state.subscribe();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                if !control.borrow().is_closed {
                    connections.spawn(connect(client, server, control.clone()));
                }
            }
        });
        Self { address, state, _task: task }
    }

    /// Breaks all connections, and accepts new ones.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| {
            *state = State { cuts: state.cuts + 1, ..State::default() };
        });
    }

    /// Breaks all connections, and accepts no new ones until [`Proxy::cut`].
    pub(crate) fn close(&self) {
        self.state.send_modify(|state| {
            *state = State { cuts: state.cuts + 1, is_closed: true, swallows_replies: false };
        });
    }

    /// From now on nothing that the server sends arrives, until [`Proxy::cut`].
    pub(crate) fn swallow_replies(&self) {
        self.state.send_modify(|state| state.swallows_replies = true);
    }
}

async fn connect(client: TcpStream, server: SocketAddr, mut state: watch::Receiver<State>) {
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
