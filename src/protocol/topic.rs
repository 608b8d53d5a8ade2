//! Topics: where a frame goes. A room is a topic of the form `room:<name>`.

use std::fmt;
use std::sync::Arc;

use crate::text::is_clean_label;

/// The longest topic a server acts on, in bytes.
pub const MAX_TOPIC_BYTES: usize = 255;

/// The longest room name, in bytes of UTF-8.
pub const MAX_ROOM_BYTES: usize = 200;

const ROOM_PREFIX: &str = "room:";

/// The third item of a frame, as it came. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic(Arc<str>);

/// What a topic addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicKind {
    /// `phoenix`: the socket itself, for heartbeats.
    Phoenix,
    /// `rooms`: the directory of all rooms.
    Directory,
    /// `room:<name>` with a valid room name.
    Room(RoomName),
    /// `room:<name>` with an invalid room name.
    NoSuchRoom(InvalidRoom),
    /// Anything else.
    Unknown,
}

impl Topic {
    /// The text of the topic that heartbeats travel on.
    pub const PHOENIX: &str = "phoenix";

    /// The text of the topic on which a server lists its rooms.
    pub const DIRECTORY: &str = "rooms";

    /// The topic that heartbeats travel on.
    pub fn phoenix() -> Self {
        Self::from(Self::PHOENIX)
    }

    /// The topic on which a server lists its rooms.
    pub fn directory() -> Self {
        Self::from(Self::DIRECTORY)
    }

    /// The whole topic, prefix included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows `room:`, whether it is a valid room name or not.
    pub fn room(&self) -> Option<&str> {
        self.0.strip_prefix(ROOM_PREFIX)
    }

    /// Says what this topic addresses.
    pub fn kind(&self) -> TopicKind {
        if &*self.0 == Self::PHOENIX {
            return TopicKind::Phoenix;
        }
        if &*self.0 == Self::DIRECTORY {
            return TopicKind::Directory;
        }
        match self.room().map(RoomName::try_from) {
            Some(Ok(room)) => TopicKind::Room(room),
            Some(Err(invalid)) => TopicKind::NoSuchRoom(invalid),
            None => TopicKind::Unknown,
        }
    }
}

impl From<&str> for Topic {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<&RoomName> for Topic {
    fn from(room: &RoomName) -> Self {
        Self(format!("{ROOM_PREFIX}{room}").into())
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a room: 1 to 200 bytes of UTF-8, shown by every program as it is written. Cheap to
/// clone.
///
/// A name is an address: if one side cleaned it in silence, the other would no longer find its room.
/// So a name that is not its own [`clean_label`](crate::text::clean_label) is refused instead.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomName(Arc<str>);

/// Why a text is not the name of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRoom {
    /// Nothing between `room:` and the end.
    #[error("a room needs a name")]
    Empty,
    /// More than [`MAX_ROOM_BYTES`].
    #[error("a room name has at most {MAX_ROOM_BYTES} bytes")]
    TooLong,
    /// A control character, which no terminal should ever be sent.
    #[error("a room name holds no control characters")]
    Control,
    /// A blank at its beginning or its end.
    #[error("a room name does not begin or end with a blank")]
    Padded,
    /// A character that is not seen, or that turns text around: two names would look the same.
    #[error("a room name holds nothing that cannot be seen")]
    Hidden,
}

impl RoomName {
    /// The name without `room:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for RoomName {
    type Error = InvalidRoom;

    fn try_from(name: &str) -> Result<Self, InvalidRoom> {
        if name.is_empty() {
            return Err(InvalidRoom::Empty);
        }
        if name.len() > MAX_ROOM_BYTES {
            return Err(InvalidRoom::TooLong);
        }
        if name.chars().any(char::is_control) {
            return Err(InvalidRoom::Control);
        }
        if name.trim() != name {
            return Err(InvalidRoom::Padded);
        }
        if !is_clean_label(name) {
            return Err(InvalidRoom::Hidden);
        }
        Ok(Self(name.into()))
    }
}

impl std::str::FromStr for RoomName {
    type Err = InvalidRoom;

    fn from_str(name: &str) -> Result<Self, InvalidRoom> {
        Self::try_from(name)
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(topic: &str, expected: &TopicKind) {
        assert_eq!(&Topic::from(topic).kind(), expected, "{topic:?}");
    }

    #[test]
    fn a_topic_says_what_it_addresses() {
        let room = |name| TopicKind::Room(RoomName::try_from(name).unwrap());
        check("phoenix", &TopicKind::Phoenix);
        check("rooms", &TopicKind::Directory);
        check("room:rooms", &room("rooms"));
        check("room:lobby", &room("lobby"));
        check("room:a:b", &room("a:b"));
        check("room:Grüße 🙂", &room("Grüße 🙂"));
        check(&format!("room:{}", "x".repeat(200)), &room(&"x".repeat(200)));
        check(&format!("room:{}", "x".repeat(201)), &TopicKind::NoSuchRoom(InvalidRoom::TooLong));
        check("room:", &TopicKind::NoSuchRoom(InvalidRoom::Empty));
        check("room:a\u{7}b", &TopicKind::NoSuchRoom(InvalidRoom::Control));
        check("room:a\u{9b}b", &TopicKind::NoSuchRoom(InvalidRoom::Control));
        check("room:a\nb", &TopicKind::NoSuchRoom(InvalidRoom::Control));
        check("rooms:lobby", &TopicKind::Unknown);
        check("room", &TopicKind::Unknown);
        check("", &TopicKind::Unknown);
    }

    #[test]
    fn rooms_that_look_the_same_are_the_same() {
        for hidden in [
            "\u{202a}", "\u{202e}", "\u{2066}", "\u{2069}", "\u{61c}", "\u{200e}", "\u{200f}",
            "\u{200b}", "\u{2060}", "\u{feff}", "\u{ad}", "\u{200c}", "\u{200d}", "\u{fe0f}",
            "\u{2800}",
        ] {
            for name in
                [format!("lob{hidden}by"), format!("{hidden}lobby"), format!("lobby{hidden}")]
            {
                check(&format!("room:{name}"), &TopicKind::NoSuchRoom(InvalidRoom::Hidden));
            }
        }
        for name in [" lobby", "lobby ", "\u{3000}lobby", "lobby\u{a0}", " "] {
            check(&format!("room:{name}"), &TopicKind::NoSuchRoom(InvalidRoom::Padded));
        }
    }

    #[test]
    fn what_scripts_and_emoji_need_may_be_in_a_room_name() {
        for name in [
            "👩\u{200d}🚀",
            "❤\u{fe0f}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "שלום",
            "zażółć gęślą jaźń",
        ] {
            assert_eq!(RoomName::try_from(name).map(|room| room.to_string()).as_deref(), Ok(name));
        }
    }
}
