//! A server that says only what it is told to: a room of a fixed size in which people come and go
//! by the thousand, or somebody writes in another room.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hullo::protocol::{Frame, codec};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// How many people the room always has.
pub(crate) const PEOPLE: u64 = 500;

/// How often something is sent.
const TICK: Duration = Duration::from_millis(2);

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    Quiet,
    /// So many arrivals a second, and as many leaves.
    Arrivals(u64),
    /// So many notices a second that somebody writes in #ops.
    TypingElsewhere(u64),
}

/// The server, and what it is told.
pub(crate) struct FakeServer {
    pub(crate) address: String,
    scene: watch::Sender<Scene>,
    sent: watch::Receiver<u64>,
}

impl FakeServer {
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = format!("ws://{}", listener.local_addr().unwrap());
        let (scene, mut scenes) = watch::channel(Scene::Quiet);
        let (told, sent) = watch::channel(0);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                Peer { socket, next: PEOPLE, told }.talk(&mut scenes).await;
            });
        });
        Self { address, scene, sent }
    }

    pub(crate) fn show(&self, scene: Scene) {
        self.scene.send(scene).unwrap();
    }

    /// How many frames were sent in scenes so far.
    pub(crate) fn sent(&self) -> u64 {
        *self.sent.borrow()
    }
}

struct Peer {
    socket: WebSocketStream<TcpStream>,
    /// Who arrives next; whoever came so many before them leaves.
    next: u64,
    told: watch::Sender<u64>,
}

impl Peer {
    async fn talk(mut self, scenes: &mut watch::Receiver<Scene>) {
        let mut ticks = tokio::time::interval(TICK);
        let mut due = 0.0;
        loop {
            tokio::select! {
                said = self.socket.next() => match said {
                    Some(Ok(Message::Text(text))) => self.answer(&text).await,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                _ = ticks.tick() => {
                    let scene = *scenes.borrow_and_update();
                    if self.play(scene, &mut due).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Sends what is due since the last tick.
    async fn play(&mut self, scene: Scene, due: &mut f64) -> Result<(), ()> {
        let (Scene::Arrivals(rate) | Scene::TypingElsewhere(rate)) = scene else { return Ok(()) };
        *due += f64::from(u32::try_from(rate).unwrap()) * TICK.as_secs_f64();
        while *due >= 1.0 {
            *due -= 1.0;
            let frames = match scene {
                Scene::Arrivals(_) => self.arrival(),
                Scene::TypingElsewhere(_) | Scene::Quiet => vec![typing()],
            };
            let count = u64::try_from(frames.len()).unwrap();
            for frame in frames {
                self.socket.feed(Message::text(frame)).await.map_err(drop)?;
            }
            self.told.send_modify(|sent| *sent += count);
        }
        self.socket.flush().await.map_err(drop)
    }

    /// Somebody says helo, and somebody else has left.
    fn arrival(&mut self) -> Vec<String> {
        let (new, old) = (self.next, self.next - PEOPLE + 1);
        self.next += 1;
        let helo = format!(
            r#"[null,null,"room:lobby","new_user",{{"id":"{}","name":"p{new}"}}]"#,
            id(new)
        );
        let diff = format!(
            r#"[null,null,"room:lobby","presence_diff",{{"joins":{{{}}},"leaves":{{{}}}}}]"#,
            present(new),
            present(old)
        );
        vec![helo, diff]
    }

    /// Joins and helos are taken, everything else is acknowledged.
    async fn answer(&mut self, text: &str) {
        let Frame { join_ref, reference, topic, event, .. } = codec::decode(text).unwrap();
        let json = |reference: Option<hullo::protocol::Ref>| {
            reference.map_or_else(|| "null".to_owned(), |reference| reference.as_json().to_owned())
        };
        let (join_ref, reference) = (json(join_ref), json(reference));
        let topic = topic.as_str();
        let mut response = "{}".to_owned();
        if event.as_str() == "client_helo" {
            response = format!(r#"{{"id":"{}","name":"ada"}}"#, id(0));
            let lobby = topic == "room:lobby";
            let people: Vec<String> = (0..if lobby { PEOPLE } else { 3 }).map(present).collect();
            let state = people.join(",");
            self.say(format!(r#"[{join_ref},null,"{topic}","presence_state",{{{state}}}]"#)).await;
        }
        self.say(format!(
            r#"[{join_ref},{reference},"{topic}","phx_reply",{{"status":"ok","response":{response}}}]"#
        ))
        .await;
    }

    async fn say(&mut self, frame: String) {
        self.socket.send(Message::text(frame)).await.ok();
    }
}

fn typing() -> String {
    format!(
        r#"[null,null,"room:ops","client_typing",{{"typing":true,"client_session_id":"{}"}}]"#,
        id(1)
    )
}

fn id(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// Ourselves are the first.
fn present(n: u64) -> String {
    let name = if n == 0 { "ada".to_owned() } else { format!("p{n}") };
    format!(
        r#""{}":{{"metas":[{{"name":"{name}","phx_ref":"F{n}","online_at":"1795485576"}}]}}"#,
        id(n)
    )
}
