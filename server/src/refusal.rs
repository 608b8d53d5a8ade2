//! A "no" to a push: a value that becomes an error reply, never an error of ours.

pub(crate) use hullo::protocol::Refusal;
