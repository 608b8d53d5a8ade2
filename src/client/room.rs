//! A room, as the user of the library sees it.

use super::command::{Answer, Command};
use super::{Client, JoinOptions, PastMessage, Pending};
use crate::presence::Person;
use crate::protocol::payload::{Broadcast, HistoryRequest, Response, SetTopic, Status, Typing};
use crate::protocol::{Message, RoomName, SessionId};

/// A room on a server, made by [`Client::room`]. Cheap to clone.
///
/// Like the [`Client`] it comes from, it keeps the connection open; dropping it does not leave the
/// room. Pushes wait for the room to be entered, unless said otherwise; in a room that is not joined
/// they fail with [`Error::NotJoined`](super::Error::NotJoined).
///
/// ```no_run
/// # async fn example(client: hullo::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let lobby = client.room(&"lobby".parse()?);
/// lobby.join("ada").await?;
/// lobby.say("hello, who is here?").await?;
/// lobby.leave().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Room {
    client: Client,
    name: RoomName,
}

impl Client {
    /// A room, joined or not.
    ///
    /// ```no_run
    /// # async fn example(client: hullo::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let lobby = client.room(&"lobby".parse()?);
    /// lobby.join("ada").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn room(&self, name: &RoomName) -> Room {
        Room { client: self.clone(), name: name.clone() }
    }
}

impl Room {
    /// The name of the room.
    ///
    /// ```no_run
    /// # fn example(lobby: hullo::client::Room) {
    /// assert_eq!(lobby.name().as_str(), "lobby");
    /// # }
    /// ```
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// Joins the room and says helo there, until [`Room::leave`]. When the connection was made anew,
    /// the session is resumed, or if that is not possible, the room is joined and helo said again.
    /// Resolves with who we are there.
    ///
    /// ```no_run
    /// use hullo::client::JoinOptions;
    /// use hullo::protocol::payload::{State, Status};
    ///
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// let away = Status { state: State::Away, text: Some("lunch".to_owned()) };
    /// let me = lobby.join(JoinOptions::new("ada").status(away)).await?;
    /// println!("joined as {} with the id {}", me.name, me.id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn join(&self, options: impl Into<JoinOptions>) -> Pending<Person> {
        let command = Command::Join { room: self.name.clone(), options: options.into() };
        self.client.request(command, Answer::me)
    }

    /// Leaves the room.
    ///
    /// ```no_run
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// lobby.leave().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn leave(&self) -> Pending<()> {
        self.client.request(Command::Leave { room: self.name.clone() }, Answer::done)
    }

    /// Takes another name. Resolves with who we are then.
    ///
    /// ```no_run
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// let me = lobby.rename("ada l.").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rename(&self, name: &str) -> Pending<Person> {
        let command = Command::Rename { room: self.name.clone(), name: name.to_owned() };
        self.client.request(command, Answer::me)
    }

    /// Shows others how reachable we are; repeated whenever the room is joined again.
    ///
    /// ```no_run
    /// use hullo::protocol::payload::{State, Status};
    ///
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// lobby.set_status(Status { state: State::Dnd, text: None }).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_status(&self, status: Status) -> Pending<()> {
        let command = Command::SetStatus { room: self.name.clone(), status };
        self.client.request(command, Answer::done)
    }

    /// Says what the room is about: one line of at most
    /// [`MAX_ROOM_TOPIC_GRAPHEMES`](crate::text::MAX_ROOM_TOPIC_GRAPHEMES). An empty text takes the
    /// topic away.
    ///
    /// ```no_run
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// lobby.set_topic("release 2.0 on Friday").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_topic(&self, topic: &str) -> Pending<()> {
        let topic = SetTopic { topic: topic.to_owned() };
        let command = Command::SetTopic { room: self.name.clone(), topic };
        self.client.request(command, Answer::done)
    }

    /// Says something to everybody else in the room.
    ///
    /// ```no_run
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// lobby.say("hello, who is here?").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn say(&self, message: impl Into<Message>) -> Pending<()> {
        let broadcast = Broadcast { message: message.into() };
        self.client.request(Command::Say { room: self.name.clone(), broadcast }, Answer::done)
    }

    /// Says something to one person in the room.
    ///
    /// ```no_run
    /// use hullo::Notice;
    ///
    /// # async fn example(lobby: hullo::client::Room, notice: Notice) -> Result<(), hullo::client::Error> {
    /// if let Notice::Said { from, .. } = notice {
    ///     lobby.respond(from, "between us: yes").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn respond(&self, to: SessionId, message: impl Into<Message>) -> Pending<()> {
        self.send_response(to, message.into(), false)
    }

    /// Answers a newcomer automatically: the recipient is told that a program did it. Fails at once
    /// with [`Error::Offline`](super::Error::Offline) if the room is not entered, since an answer
    /// that is late is worth nothing.
    ///
    /// ```no_run
    /// use hullo::Notice;
    ///
    /// # async fn example(lobby: hullo::client::Room, notice: Notice) -> Result<(), hullo::client::Error> {
    /// if let Notice::Arrived { id, name, answer: true, .. } = notice {
    ///     lobby.auto_respond(id, format!("hello there {name}")).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn auto_respond(&self, to: SessionId, message: impl Into<Message>) -> Pending<()> {
        self.send_response(to, message.into(), true)
    }

    /// Shows the room, or one person, whether we are writing. May be lost.
    ///
    /// ```no_run
    /// # fn example(lobby: hullo::client::Room) {
    /// lobby.set_typing(None, true);
    /// # }
    /// ```
    pub fn set_typing(&self, to: Option<SessionId>, typing: bool) {
        let typing = Typing { typing, recipient: to.map(|id| id.to_string()) };
        let command = Command::SetTyping { room: self.name.clone(), typing };
        drop(self.client.request(command, Answer::done));
    }

    /// Peeks at the presence: who is in the room, without joining it and unseen by those who are in
    /// it. Needs a connection; servers other than hullo's let it time out.
    ///
    /// ```no_run
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// for person in lobby.peek().await? {
    ///     println!("{}", person.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn peek(&self) -> Pending<Vec<Person>> {
        self.client.request(Command::Peek { room: self.name.clone() }, Answer::people)
    }

    /// What was said to the room before: the newest `limit` messages older than the one with the
    /// number `before`, or the newest of all. The oldest come first, and fewer where the server has
    /// or sends no more. Fails at once with [`Error::Offline`](super::Error::Offline) if the room is
    /// not entered.
    ///
    /// ```no_run
    /// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
    /// let newest = lobby.history(50, None).await?;
    /// if let Some(oldest) = newest.first() {
    ///     let older = lobby.history(50, Some(oldest.seq)).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn history(&self, limit: u64, before: Option<u64>) -> Pending<Vec<PastMessage>> {
        let request = HistoryRequest { history: limit, before };
        let command = Command::History { room: self.name.clone(), request };
        self.client.request(command, Answer::history)
    }

    fn send_response(&self, to: SessionId, message: Message, auto: bool) -> Pending<()> {
        let response = Response { message, recipient: to.to_string(), auto };
        self.client.request(Command::Respond { room: self.name.clone(), response }, Answer::done)
    }
}
