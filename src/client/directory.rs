//! Which rooms a server has.

use super::command::{Answer, Command};
use super::{Client, Pending};
use crate::protocol::RoomName;
use crate::protocol::payload::{self, ListRequest};

/// The rooms of a server in which somebody is, as far as it lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomList {
    /// Those with the most people first.
    pub rooms: Vec<ListedRoom>,
    /// Whether there are more than these.
    pub more: bool,
}

/// A room in a [`RoomList`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedRoom {
    /// Its name.
    pub name: RoomName,
    /// How many are present.
    pub here: u64,
    /// What it is about, safe to show.
    pub topic: Option<String>,
}

impl RoomList {
    /// These rooms, and whether there are more.
    ///
    /// ```
    /// # use hullo::client::RoomList;
    /// assert_eq!(RoomList::new(Vec::new(), false).rooms, []);
    /// ```
    pub fn new(rooms: Vec<ListedRoom>, more: bool) -> Self {
        Self { rooms, more }
    }
}

impl ListedRoom {
    /// A room in which so many are present, and of which no more is known.
    ///
    /// ```
    /// # use hullo::client::ListedRoom;
    /// let lobby = ListedRoom::new("lobby".parse()?, 3);
    /// assert_eq!((lobby.here, lobby.topic), (3, None));
    /// # Ok::<(), hullo::protocol::InvalidRoom>(())
    /// ```
    pub fn new(name: RoomName, here: u64) -> Self {
        Self { name, here, topic: None }
    }
}

impl Client {
    /// Which rooms the server has, those with the most people first: only those whose name or topic
    /// contains `matching`, and at most `limit` of them. A server lists at most 200, and none whose
    /// name begins with a dot.
    ///
    /// Needs a connection. A server that keeps no list fails it with
    /// [`Refusal::UnmatchedTopic`](crate::protocol::Refusal::UnmatchedTopic).
    ///
    /// ```no_run
    /// # async fn example(client: hullo::Client) -> Result<(), hullo::client::Error> {
    /// let list = client.rooms(Some("release"), 20).await?;
    /// for room in list.rooms {
    ///     println!("#{} · {} here · {}", room.name, room.here, room.topic.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rooms(&self, matching: Option<&str>, limit: u64) -> Pending<RoomList> {
        let matching = matching.map(str::to_owned);
        let request = ListRequest { matching, limit: Some(limit) };
        self.request(Command::List { request }, Answer::rooms)
    }
}

impl From<payload::RoomList> for RoomList {
    /// A room with a name that cannot be joined is left out.
    fn from(list: payload::RoomList) -> Self {
        let rooms = list.rooms.into_iter().filter_map(|room| {
            let topic = room.topic.map(|topic| crate::text::clean_label(&topic));
            let topic = topic.filter(|topic| !topic.is_empty());
            Some(ListedRoom { name: RoomName::try_from(&*room.name).ok()?, here: room.here, topic })
        });
        Self { rooms: rooms.collect(), more: list.more }
    }
}
