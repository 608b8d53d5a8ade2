//! Somebody who uses the client library as any program would. Whatever is waited for is waited for
//! with a limit.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use hullo::client::{Client, JoinOptions, Notice, Notices, Room};
use hullo::presence::{Change, Person};
use hullo::protocol::{RoomName, SessionId};
use tokio::task::JoinSet;

use crate::wait::soon;

/// A name of a room.
pub fn room(name: &str) -> RoomName {
    RoomName::try_from(name).unwrap()
}

/// Where people meet.
pub fn lobby() -> RoomName {
    room("lobby")
}

/// A client without a room.
pub(crate) async fn connect(address: SocketAddr) -> (Client, Notices) {
    soon("a connection", Client::connect(&address.to_string())).await.unwrap()
}

/// Somebody in the lobby, with a list of the people there.
#[derive(Debug)]
pub struct Guest {
    /// The connection.
    pub client: Client,
    /// The lobby.
    pub lobby: Room,
    /// What happens.
    pub notices: Notices,
    people: BTreeMap<SessionId, Person>,
    me: Person,
}

impl Guest {
    /// Enters the lobby of the server at this address.
    pub async fn at(address: SocketAddr, options: impl Into<JoinOptions>) -> Self {
        let (client, notices) = connect(address).await;
        let lobby = client.room(&lobby());
        let me = soon("the room", lobby.join(options)).await.unwrap();
        let id = me.id;
        let mut guest = Guest { client, lobby, notices, people: BTreeMap::new(), me };
        guest.until("the room", |notice| matches!(notice, Notice::Entered { .. })).await;
        assert_eq!(guest.id(), id);
        guest
    }

    /// Who this is, as of the last entry.
    pub fn me(&self) -> &Person {
        &self.me
    }

    /// The session, as of the last entry.
    pub fn id(&self) -> SessionId {
        self.me.id
    }

    /// Says something to the room.
    pub async fn says(&self, text: &str) {
        soon("the reply", self.lobby.say(text)).await.unwrap();
    }

    /// Answers newcomers from now on, for as long as what is returned lives.
    pub fn greets(mut self, words: &'static str) -> JoinSet<()> {
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(notice) = self.notices.recv().await {
                if let Notice::Arrived { id, .. } = notice {
                    self.lobby.auto_respond(id, words).await.unwrap();
                }
            }
        });
        task
    }

    /// The next notice; the list of people follows it.
    pub async fn next(&mut self) -> Notice {
        let notice = soon("a notice", self.notices.recv()).await.expect("the client goes on");
        match &notice {
            Notice::Entered { me, present, .. } | Notice::Resumed { me, present, .. } => {
                self.me.clone_from(me);
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
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Notice) -> bool) -> Notice {
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
    pub async fn hears(&mut self) -> Heard {
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
    pub async fn sees(&mut self, people: &[Person]) {
        let expected = by_id(people);
        let reading = async {
            while self.people != expected {
                self.next().await;
            }
        };
        soon("the same people", reading).await;
    }

    /// Reads until people of exactly these names are here.
    pub async fn sees_names(&mut self, names: &[&str]) {
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
pub enum Heard {
    /// To the room.
    Room(SessionId, String),
    /// To this guest alone.
    Direct(SessionId, String),
    /// To this guest alone, by a program that answers newcomers.
    Answer(SessionId, String),
}

fn by_id(people: &[Person]) -> BTreeMap<SessionId, Person> {
    people.iter().map(|person| (person.id, person.clone())).collect()
}
