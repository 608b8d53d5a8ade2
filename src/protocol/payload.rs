//! What is inside a payload: the shapes of the hullo flow.
//!
//! A payload that a client pushes is named like its event ([`Helo`], [`Response`]). What the server
//! delivers of it to others is named `Delivered…` and holds the sender's id.

mod read;
mod session;
mod topics;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use read::read;
pub use session::{
    History, HistoryPage, HistoryRequest, Join, Numbered, PastBroadcast, Resume, Resumed,
    Retryable, Welcome,
};
pub use topics::{DeliveredTopic, ListRequest, ListedRoom, Mode, RoomList, RoomTopic, SetTopic};

/// The fifth item of a frame: JSON that is not parsed yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Box<RawValue>);

impl Payload {
    /// The payload that holds `value`.
    ///
    /// # Panics
    /// If `value` is a map whose keys are not text, or its `Serialize` fails by itself. No shape
    /// in this module does.
    pub fn encode<T: Serialize + ?Sized>(value: &T) -> Self {
        let raw = serde_json::value::to_raw_value(value);
        Self(raw.expect("a payload has text keys and no failing Serialize"))
    }

    /// `{}`
    pub fn empty() -> Self {
        Self::encode(&Nothing {})
    }

    /// Reads a payload of shape `T`, as [`read`] does.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        read(self.as_json())
    }

    /// The payload as JSON.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }
}

impl From<Box<RawValue>> for Payload {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw)
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

/// `{}`: an empty payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// The id of one session: one joined channel on the server, from its helo to its leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub uuid::Uuid);

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for SessionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// What a person (or a program) said: any JSON, carried verbatim.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message(Box<RawValue>);

impl Message {
    /// The message that is `text`.
    pub fn text(text: &str) -> Self {
        Self(Payload::encode(text).0)
    }

    /// The message as text: a JSON string as what it says, anything else as its JSON.
    ///
    /// It is as the sender sent it: clean it before anybody sees it ([`crate::text`]).
    pub fn as_text(&self) -> Cow<'_, str> {
        let text = serde_json::from_str::<String>(self.0.get());
        text.map_or(Cow::Borrowed(self.0.get()), Cow::Owned)
    }

    /// The message as JSON.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(&text)
    }
}

/// How reachable somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// At the keyboard.
    Here,
    /// Not at the keyboard for a while.
    Idle,
    /// Away, as they said themselves.
    Away,
    /// Do not disturb.
    Dnd,
}

/// `client_status`, and the status in a helo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// How reachable.
    pub state: State,
    /// The status text, in the person's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// `client_helo`: I am here, and this is my name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helo {
    /// The name to be known by.
    pub name: String,
    /// The first status; a bare state such as `"away"` is read, too.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "status_or_state"
    )]
    pub status: Option<Status>,
    /// Who this is beyond one session, if the client tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How to take part, if not as everybody does. A later helo cannot change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

fn status_or_state<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Status>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    let status = match &value {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::String(_) => {
            serde_json::from_value(value).map(|state| Status { state, text: None })
        }
        _ => Status::deserialize(value),
    };
    status.map(Some).map_err(D::Error::custom)
}

/// `new_user`: somebody else said helo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    /// The newcomer's session.
    pub id: SessionId,
    /// The newcomer's name.
    pub name: String,
    /// Whether this member is asked to answer. On the wire only when it is not.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub answer: bool,
}

/// `client_response`, from the sender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// What is said.
    pub message: Message,
    /// The id of the session that gets it. As text, since a server replies to malformed ids, too.
    pub recipient: String,
    /// Whether a program answered automatically.
    #[serde(default, skip_serializing_if = "is_no")]
    pub auto: bool,
}

/// `client_response`, to the recipient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveredResponse {
    /// What is said.
    pub message: Message,
    /// The session that gets it.
    pub recipient: SessionId,
    /// The session that said it; set by the server.
    pub client_session_id: SessionId,
    /// Whether a program answered automatically.
    #[serde(default, skip_serializing_if = "is_no")]
    pub auto: bool,
    /// The name of a quiet sender, which no presence tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// `client_broadcast`, from the sender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broadcast {
    /// What is said.
    pub message: Message,
}

/// `client_broadcast`, to every other member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveredBroadcast {
    /// What is said.
    pub message: Message,
    /// The session that said it; set by the server.
    pub client_session_id: SessionId,
    /// The name of a quiet sender, which no presence tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// `client_typing`, from the sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// Whether the sender is writing.
    pub typing: bool,
    /// The session that is told; the whole room if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
}

/// `client_typing`, to the recipient or the room: a frame with a `join_ref` was for this one alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveredTyping {
    /// Whether the sender is writing.
    pub typing: bool,
    /// The session that writes; set by the server.
    pub client_session_id: SessionId,
}

/// One presence of one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The name as others see it.
    pub name: String,
    /// How reachable they are, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// The status text, in the person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who this is beyond one session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How they take part, if not as everybody does.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "topics::known_mode"
    )]
    pub mode: Option<Mode>,
    /// Identifies this meta; a new one for each update.
    pub phx_ref: String,
    /// The meta that this one replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phx_ref_prev: Option<String>,
    /// When the session said helo: Unix seconds, as text.
    pub online_at: String,
}

/// All metas of one presence key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metas {
    /// Oldest last.
    pub metas: Vec<Meta>,
}

/// `presence_state`: everybody who is here.
pub type PresenceState = BTreeMap<SessionId, Metas>;

/// `presence_diff`: who came and went; an update is both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceDiff {
    /// Metas that are new.
    pub joins: PresenceState,
    /// Metas that are gone.
    pub leaves: PresenceState,
}

/// `phx_reply`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// Whether the push was carried out.
    pub status: ReplyStatus,
    /// `{}`, or what the push asked for, or a [`Reason`].
    pub response: ReplyBody,
}

/// Whether a push was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyStatus {
    /// The push was carried out.
    Ok,
    /// It was not; the response says why.
    Error,
}

/// What a reply holds: JSON that is not parsed yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplyBody(Box<RawValue>);

impl ReplyBody {
    /// The same JSON as a payload, to be decoded.
    pub fn into_payload(self) -> Payload {
        Payload(self.0)
    }
}

impl PartialEq for ReplyBody {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Reply {
    /// An ok reply that holds `response`.
    pub fn ok<T: Serialize + ?Sized>(response: &T) -> Self {
        Self { status: ReplyStatus::Ok, response: ReplyBody(Payload::encode(response).0) }
    }

    /// An error reply that says why.
    pub fn error(reason: &Reason) -> Self {
        Self { status: ReplyStatus::Error, response: ReplyBody(Payload::encode(reason).0) }
    }
}

/// Why a push was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A fixed word such as `unknown_recipient`.
    pub reason: String,
    /// For `rate_limited`: milliseconds until a push is accepted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_yes(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_no(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(json: &str) -> Payload {
        Payload(RawValue::from_string(json.to_owned()).unwrap())
    }

    #[track_caller]
    fn reads<T: for<'a> Deserialize<'a> + std::fmt::Debug + PartialEq>(json: &str, expected: &T) {
        assert_eq!(&payload(json).decode::<T>().unwrap(), expected, "{json}");
    }

    #[track_caller]
    fn refused<T: for<'a> Deserialize<'a> + std::fmt::Debug>(json: &str) {
        assert!(payload(json).decode::<T>().is_err(), "{json} was read");
    }

    #[test]
    fn a_helo_is_read() {
        let helo = |status| Helo { name: "ada".into(), status, user: None, mode: None };
        let away =
            |text: Option<&str>| Some(Status { state: State::Away, text: text.map(str::to_owned) });
        reads(r#"{"name":"ada"}"#, &helo(None));
        reads(r#"{"name":"bob","name":"ada"}"#, &helo(None)); // the last key counts
        reads(r#"{"n\u0061me":"ada","extra":[1]}"#, &helo(None));
        reads(r#"{"name":"ada","status":null,"user":null}"#, &helo(None));
        reads(r#"{"name":"ada","status":"away"}"#, &helo(away(None)));
        reads(r#"{"name":"ada","status":{"state":"away","text":"tea"}}"#, &helo(away(Some("tea"))));
    }

    #[test]
    fn what_is_no_helo_is_refused() {
        refused::<Helo>("{}");
        refused::<Helo>("null");
        refused::<Helo>(r#"["ada"]"#);
        refused::<Helo>(r#""ada""#);
        refused::<Helo>(r#"{"name":7}"#);
        refused::<Helo>(r#"{"name":null}"#);
        refused::<Helo>(r#"{"name":"ada","status":"asleep"}"#);
        refused::<Helo>(r#"{"name":"ada","status":7}"#);
        refused::<Helo>(r#"{"name":"ada","user":7}"#);
    }

    #[test]
    fn a_message_is_any_json_verbatim() {
        let spaced = payload(r#"{"message":{"a" : [1, 2.50]}}"#);
        let broadcast: Broadcast = spaced.decode().unwrap();
        assert_eq!(broadcast.message.as_json(), r#"{"a" : [1, 2.50]}"#);
        assert_eq!(broadcast.message.as_text(), r#"{"a" : [1, 2.50]}"#);
        let null = payload(r#"{"message":null}"#);
        assert_eq!(null.decode::<Broadcast>().unwrap().message.as_json(), "null");
        assert_eq!(Message::text("say \"hi\"").as_text(), "say \"hi\"");
        refused::<Broadcast>(r#"{"msg":"hi"}"#);
        refused::<Broadcast>("[]");
    }

    #[test]
    fn a_response_says_to_whom() {
        reads(
            r#"{"message":"hi","recipient":"x","client_session_id":"forged","auto":true}"#,
            &Response { message: "hi".into(), recipient: "x".into(), auto: true },
        );
        refused::<Response>(r#"{"message":"hi"}"#);
        refused::<Response>(r#"{"message":"hi","recipient":5}"#);
        refused::<Response>(r#"{"message":"hi","recipient":"x","auto":"yes"}"#);
    }

    #[test]
    fn what_is_not_set_is_not_written() {
        let id: SessionId = "3e04cb4a-ccdf-40ee-bf05-9e047e1f8277".parse().unwrap();
        let mut newcomer = NewUser { id, name: "ada".into(), answer: true };
        assert_eq!(
            Payload::encode(&newcomer).as_json(),
            r#"{"id":"3e04cb4a-ccdf-40ee-bf05-9e047e1f8277","name":"ada"}"#
        );
        newcomer.answer = false;
        assert!(Payload::encode(&newcomer).as_json().ends_with(r#","answer":false}"#));
        assert_eq!(
            Payload::encode(&Reply::ok(&Nothing {})).as_json(),
            r#"{"status":"ok","response":{}}"#
        );
    }

    #[test]
    fn a_diff_always_has_both_sides() {
        let empty = Payload::encode(&PresenceDiff::default());
        assert_eq!(empty.as_json(), r#"{"joins":{},"leaves":{}}"#);
    }
}
