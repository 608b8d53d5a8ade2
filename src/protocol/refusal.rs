//! Refusals: why a server does not carry out a push. A closed list, shared by server and client.

use std::time::Duration;

use super::payload::Reason;

const RATE_LIMITED: &str = "rate_limited";

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// Why a server refused a push.
        ///
        /// ```
        /// use hullo::protocol::Refusal;
        /// use hullo::protocol::payload::Reason;
        ///
        /// let reason = Reason::from(Refusal::UnknownRecipient);
        /// assert_eq!(reason.reason, "unknown_recipient");
        /// assert_eq!(reason.refusal(), Some(Refusal::UnknownRecipient));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Refusal {
            $($(#[$doc])* $variant,)*
            /// Too many pushes; the next one is accepted after this long.
            RateLimited(Duration),
        }

        impl Refusal {
            /// The word on the wire. Those with blanks are Phoenix's own.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::RateLimited(_) => RATE_LIMITED,
                }
            }

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

refusals! {
    /// The topic is not joined, or no such topic exists.
    UnmatchedTopic = "unmatched topic",
    /// `room:` followed by a name that is not a valid room name.
    InvalidRoom = "invalid_room",
    /// The socket has joined as many channels as it may.
    TooManyChannels = "too many channels joined",
    /// An event that the server does not handle.
    UnknownEvent = "unknown_event",
    /// The payload does not have the shape that the event needs.
    InvalidPayload = "invalid_payload",
    /// A name that is empty once cleaned, or a name or a status text that is too long.
    InvalidName = "invalid_name",
    /// No session with that id has said helo in this room.
    UnknownRecipient = "unknown_recipient",
    /// The session has to say helo before it may push.
    HeloRequired = "helo_required",
    /// As many rooms, or members of the room, as the server allows.
    Full = "full",
    /// The server cannot store what is said at the moment, and delivers nothing that is not stored.
    Unavailable = "unavailable",
}

impl Refusal {
    /// What the error reply holds.
    pub fn reason(self) -> Reason {
        self.into()
    }
}

impl std::fmt::Display for Refusal {
    /// The word on the wire, and when to try again.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RateLimited(wait) => {
                write!(f, "{}; try again in {} ms", self.word(), wait.as_millis())
            }
            _ => f.write_str(self.word()),
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        let retry_after_ms = match refusal {
            // Rounded up: a client that waits exactly this long is not too early.
            Refusal::RateLimited(wait) => {
                Some(u64::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u64::MAX))
            }
            _ => None,
        };
        Self { reason: refusal.word().to_owned(), retry_after_ms }
    }
}

impl Reason {
    /// The refusal, unless another server used a word of its own.
    pub fn refusal(&self) -> Option<Refusal> {
        match self.retry_after_ms {
            Some(wait) if self.reason == RATE_LIMITED => {
                Some(Refusal::RateLimited(Duration::from_millis(wait)))
            }
            _ => Refusal::from_word(&self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_wire() {
        for refusal in [
            Refusal::UnmatchedTopic,
            Refusal::TooManyChannels,
            Refusal::Full,
            Refusal::RateLimited(Duration::from_millis(20)),
        ] {
            assert_eq!(refusal.reason().refusal(), Some(refusal));
        }
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let refusal = Refusal::RateLimited(Duration::from_micros(1001));
        assert_eq!(refusal.reason().retry_after_ms, Some(2));
    }

    #[test]
    fn a_word_of_another_server_is_not_guessed() {
        for (reason, retry_after_ms) in [("busy", None), ("rate_limited", None), ("", Some(7))] {
            let reason = Reason { reason: reason.to_owned(), retry_after_ms };
            assert_eq!(reason.refusal(), None);
        }
    }
}
