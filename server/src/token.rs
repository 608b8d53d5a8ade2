//! The tokens with which sessions are taken back: an id, and a signature that only this server
//! can make.
//!
//! A token has no expiry of its own. It is good for as long as its session is there, and what ends
//! a session is known here alone.

use hmac::{Hmac, KeyInit, Mac};
use hullo::protocol::{SessionId, Topic};
use sha2::Sha256;
use uuid::Uuid;

/// How many hexadecimal digits of a token are the id; as many are the signature.
const DIGITS: usize = 32;

/// Signs tokens, and knows its own signatures again.
#[derive(Clone)]
pub(crate) struct TokenKey(Hmac<Sha256>);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(secret)")
    }
}

impl TokenKey {
    /// A key from secret bytes.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// The token of a session in one life of a room.
    pub(crate) fn sign(&self, session: SessionId, epoch: &str, topic: &Topic) -> String {
        let signature = self.signature(session, epoch, topic).finalize().into_bytes();
        let signature: [u8; 16] = std::array::from_fn(|at| signature[at]);
        format!("{}{}", session.0.simple(), Uuid::from_bytes(signature).simple())
    }

    /// Whose token it is, if it was signed here for that room and that life of it.
    pub(crate) fn verify(&self, token: &str, epoch: &str, topic: &Topic) -> Option<SessionId> {
        let (id, signature) = token.split_at_checked(DIGITS)?;
        let [id, signature] = [id, signature]
            .map(|part| (part.len() == DIGITS).then(|| Uuid::try_parse(part).ok()).flatten());
        let session = SessionId(id?);
        // Takes the same time wherever the signature differs.
        let known = self.signature(session, epoch, topic);
        known.verify_truncated_left(signature?.as_bytes()).ok()?;
        Some(session)
    }

    fn signature(&self, session: SessionId, epoch: &str, topic: &Topic) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(session.0.as_bytes());
        mac.update(epoch.as_bytes());
        mac.update(&[0]); // neither an epoch nor a topic of ours holds it
        mac.update(topic.as_str().as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_here_for_this_room_and_life_is_known() {
        let (key, other) = (TokenKey::new(&[1; 32]), TokenKey::new(&[2; 32]));
        let (id, topic) = (SessionId(Uuid::from_u128(7)), Topic::from("room:a"));
        let token = key.sign(id, "e1", &topic);
        assert_eq!(token.len(), 64);
        assert_eq!(key.verify(&token, "e1", &topic), Some(id));
        assert_eq!(other.verify(&token, "e1", &topic), None);
        assert_eq!(key.verify(&token, "e2", &topic), None);
        assert_eq!(key.verify(&token, "e1", &Topic::from("room:b")), None);
        for at in 0..token.len() {
            let mut forged = token.clone();
            let digit = if token.as_bytes()[at] == b'0' { "1" } else { "0" };
            forged.replace_range(at..=at, digit);
            assert_eq!(key.verify(&forged, "e1", &topic), None, "{forged}");
        }
        for nonsense in ["", "ü", &token[1..], &format!("{token}0"), &"x".repeat(64)] {
            assert_eq!(key.verify(nonsense, "e1", &topic), None);
        }
    }
}
