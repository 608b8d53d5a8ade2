//! Servers, and guests that use the library as any program would. Whatever is waited for is waited
//! for with a limit.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hullo::client::{Client, JoinOptions, Notice, Notices, Room};
use hullo::presence::{Change, Person};
use hullo::protocol::{RoomName, SessionId};
use hullo_server::{Config, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Longer than anything that is expected takes, on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(30);

/// Awaits something that must come.
#[track_caller]
pub(crate) fn soon<F: Future>(what: &str, future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        let outcome = timeout(PATIENCE, future).await;
        outcome.unwrap_or_else(|_| panic!("{caller}: {what} did not come"))
    }
}

pub(crate) fn room(name: &str) -> RoomName {
    RoomName::try_from(name).unwrap()
}

pub(crate) fn lobby() -> RoomName {
    room("lobby")
}

/// A server, ended with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinSet<io::Result<()>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::on("127.0.0.1:0".parse().unwrap(), config).await
    }

    pub(crate) async fn on(address: SocketAddr, config: Config) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut task = JoinSet::new();
        task.spawn(serve(listener, config, async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        }));
        Self { address, stop, task }
    }

    /// Stops it in good order.
    pub(crate) async fn stop(mut self) {
        self.stop.send(()).unwrap();
        soon("the end of the server", self.task.join_next()).await.unwrap().unwrap().unwrap();
    }

    /// A client without a room.
    pub(crate) async fn connect(&self) -> (Client, Notices) {
        connect(self.address).await
    }

    /// Somebody in the lobby.
    pub(crate) async fn guest(&self, name: &str) -> Guest {
        Guest::at(self.address, name).await
    }
}

async fn connect(address: SocketAddr) -> (Client, Notices) {
    soon("a connection", Client::connect(&address.to_string())).await.unwrap()
}

impl Guest {
    /// Somebody in the lobby of the server at this address.
    pub(crate) async fn at(address: SocketAddr, options: impl Into<JoinOptions>) -> Self {
        let (client, notices) = connect(address).await;
        let room = client.room(&lobby());
        let joining = room.join(options);
        let mut guest = Guest { client, lobby: room, notices, people: BTreeMap::new(), id: None };
        let me = soon("the room", joining).await.unwrap();
        guest.until("the room", |notice| matches!(notice, Notice::Entered { .. })).await;
        assert_eq!(guest.id, Some(me.id));
        guest
    }
}

/// Somebody in the lobby, with a list of the people there.
pub(crate) struct Guest {
    pub(crate) client: Client,
    pub(crate) lobby: Room,
    pub(crate) notices: Notices,
    people: BTreeMap<SessionId, Person>,
    id: Option<SessionId>,
}

impl Guest {
    /// The session, as of the last entry.
    pub(crate) fn id(&self) -> SessionId {
        self.id.unwrap()
    }

    /// The next notice; the list of people follows it.
    pub(crate) async fn next(&mut self) -> Notice {
        let notice = soon("a notice", self.notices.recv()).await.expect("the client goes on");
        match &notice {
            Notice::Entered { me, present, .. } | Notice::Resumed { me, present, .. } => {
                self.id = Some(me.id);
                self.people = by_id(present);
            }
            Notice::Changed { change: Change { joined, left, updated }, .. } => {
                self.people.retain(|id, _| left.iter().all(|gone| gone.id != *id));
                self.people.extend(by_id(&[&**joined, updated].concat()));
            }
            _ => {}
        }
        notice
    }

    /// Reads up to the first notice that is wanted.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Notice) -> bool) -> Notice {
        let reading = async {
            loop {
                let notice = self.next().await;
                if wanted(&notice) {
                    return notice;
                }
            }
        };
        soon(what, reading).await
    }

    /// Reads up to the next thing that somebody said, to the room or to this guest alone.
    pub(crate) async fn hears(&mut self) -> Heard {
        let spoken =
            |notice: &Notice| matches!(notice, Notice::Said { .. } | Notice::Responded { .. });
        match self.until("something said", spoken).await {
            Notice::Said { from, message, .. } => Heard::Room(from, message.as_text().into()),
            Notice::Responded { from, message, auto: false, .. } => {
                Heard::Direct(from, message.as_text().into())
            }
            Notice::Responded { from, message, .. } => {
                Heard::Answer(from, message.as_text().into())
            }
            other => panic!("{other:?}"),
        }
    }

    /// Reads until exactly these people are here.
    pub(crate) async fn sees(&mut self, people: &[Person]) {
        let expected = by_id(people);
        let reading = async {
            while self.people != expected {
                self.next().await;
            }
        };
        soon("the same people", reading).await;
    }

    /// Reads until people of exactly these names are here.
    pub(crate) async fn sees_names(&mut self, names: &[&str]) {
        let here = |guest: &Self| {
            let mut here: Vec<_> =
                guest.people.values().map(|person| person.name.clone()).collect();
            here.sort();
            here
        };
        let reading = async {
            while here(self) != names {
                self.next().await;
            }
        };
        soon(&format!("{names:?}"), reading).await;
    }
}

/// What was said, and by whom.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Room(SessionId, String),
    Direct(SessionId, String),
    Answer(SessionId, String),
}

fn by_id(people: &[Person]) -> BTreeMap<SessionId, Person> {
    people.iter().map(|person| (person.id, person.clone())).collect()
}
