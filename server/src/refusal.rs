//! A "no" to a push: a value that becomes an error reply, never an error of ours.

use std::time::Duration;

use hullo::protocol::payload::Reason;

/// Why a push was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such channel, or not joined.
    UnmatchedTopic,
    /// `room:` with a name that no room can bear.
    InvalidRoom,
    /// One socket, too many channels.
    TooManyChannels,
    /// An event that is not for the server.
    UnknownEvent,
    /// The payload has not the shape that the event needs.
    InvalidPayload,
    /// Nothing is left of a name once it is clean, or it or a status text is too long.
    InvalidName,
    /// Nobody of that id has said helo in this room.
    UnknownRecipient,
    /// First say helo, then speak.
    HeloRequired,
    /// As many rooms, or members of a room, as there may be.
    Full,
    /// What is said cannot be kept now, and nobody is told what is not.
    Unavailable,
    /// Too many pushes; one will be taken again after this long.
    RateLimited(Duration),
}

impl Refusal {
    /// The word on the wire. Those with blanks are Phoenix's own.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::UnmatchedTopic => "unmatched topic",
            Self::InvalidRoom => "invalid_room",
            Self::TooManyChannels => "too many channels joined",
            Self::UnknownEvent => "unknown_event",
            Self::InvalidPayload => "invalid_payload",
            Self::InvalidName => "invalid_name",
            Self::UnknownRecipient => "unknown_recipient",
            Self::HeloRequired => "helo_required",
            Self::Full => "full",
            Self::Unavailable => "unavailable",
            Self::RateLimited(_) => "rate_limited",
        }
    }

    /// What the error reply holds.
    pub(crate) fn reason(self) -> Reason {
        let retry_after_ms = match self {
            Self::RateLimited(wait) => {
                Some(u64::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u64::MAX))
            }
            Self::UnmatchedTopic
            | Self::InvalidRoom
            | Self::TooManyChannels
            | Self::UnknownEvent
            | Self::InvalidPayload
            | Self::InvalidName
            | Self::UnknownRecipient
            | Self::HeloRequired
            | Self::Full
            | Self::Unavailable => None,
        };
        Reason { reason: self.word().to_owned(), retry_after_ms }
    }
}
