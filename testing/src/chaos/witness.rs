//! Somebody who says nothing, to whom the presence of a room is told over a connection that nobody
//! breaks: in it, everybody comes once and leaves once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use crate::websocket::SOCKET;

/// The server hears from it this often.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// What the witness of one room saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness {
    room: usize,
    topic: String,
    /// Who is there: the name, and the reference of its newest meta.
    pub(super) present: BTreeMap<String, (String, String)>,
    /// References of metas that came, and that went.
    came: BTreeSet<String>,
    went: BTreeSet<String>,
    /// Sessions that left.
    gone: BTreeSet<String>,
    pub(super) faults: Vec<String>,
}

impl Witness {
    pub(super) fn of(room: usize) -> Self {
        Self { room, topic: format!("room:r{room}"), ..Self::default() }
    }

    /// The number of its room.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Watches until it is over. The server's address changes with its restarts.
    pub(super) async fn watch(
        mut self,
        mut server: watch::Receiver<Option<SocketAddr>>,
        mut is_over: watch::Receiver<bool>,
    ) -> Self {
        loop {
            let address = *server.borrow_and_update();
            let watching = async {
                if let Some(address) = address {
                    let _ended: Option<()> = self.watch_one(address).await;
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = watching => {}
                _ = server.changed() => {}
                _ = is_over.wait_for(|is_over| *is_over) => return self,
            }
        }
    }

    /// Watches one life of the server; nothing at its end.
    async fn watch_one(&mut self, address: SocketAddr) -> Option<()> {
        let stream = TcpStream::connect(address).await.ok()?;
        let (mut ws, _) = client_async(format!("ws://x{SOCKET}"), stream).await.ok()?;
        let join = format!(r#"["1","1","{}","phx_join",{{"presence":true}}]"#, self.topic);
        ws.send(Message::text(join)).await.ok()?;
        (self.present, self.came, self.went) = Default::default();
        loop {
            let Ok(message) = timeout(HEARTBEAT, ws.next()).await else {
                let beat = r#"[null,"beat","phoenix","heartbeat",{}]"#;
                ws.send(Message::text(beat)).await.ok()?;
                continue;
            };
            let Message::Text(text) = message?.ok()? else { continue };
            let frame: Value = serde_json::from_str(&text).ok()?;
            match frame[3].as_str() {
                Some("presence_state") => {
                    for (id, name, reference) in metas(&frame[4]) {
                        self.arrives(id, name, reference);
                    }
                }
                Some("presence_diff") => self.changes(&frame[4]),
                _ => {}
            }
        }
    }

    fn changes(&mut self, diff: &Value) {
        let joins: Vec<_> = metas(&diff["joins"]).collect();
        for (id, name, reference) in metas(&diff["leaves"]) {
            let goes_on = joins.iter().any(|(joining, ..)| *joining == id);
            if !self.went.insert(reference) {
                self.faults.push(format!("{}: {name} ({id}) left twice", self.topic));
            }
            if !goes_on {
                self.present.remove(&id);
                self.gone.insert(id);
            }
        }
        for (id, name, reference) in joins {
            if !self.came.insert(reference.clone()) {
                self.faults.push(format!("{}: {name} ({id}) joined twice", self.topic));
            }
            self.arrives(id, name, reference);
        }
    }

    fn arrives(&mut self, id: String, name: String, reference: String) {
        if self.gone.contains(&id) {
            self.faults.push(format!("{}: {name} ({id}) is back after it left", self.topic));
        }
        self.present.insert(id, (name, reference));
    }

    /// How many left.
    pub(super) fn gone(&self) -> usize {
        self.gone.len()
    }
}

/// The sessions in a part of a presence: id, name, and the reference of the newest meta.
fn metas(people: &Value) -> impl Iterator<Item = (String, String, String)> {
    let people = people.as_object().into_iter().flatten();
    people.filter_map(|(id, person)| {
        let meta = person["metas"].as_array()?.last()?;
        let text = |key: &str| Some(meta[key].as_str()?.to_owned());
        Some((id.clone(), text("name")?, text("phx_ref")?))
    })
}
