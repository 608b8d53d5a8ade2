//! What a room is about, who said so, and when.

use jiff::civil::DateTime;

use crate::time::{Hours, clock};

/// The topic of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) text: String,
    /// The name of who set it.
    pub(crate) by: String,
    pub(crate) at: DateTime,
}

impl Topic {
    /// The topic, who set it and when: with the day, unless that is today.
    pub(crate) fn told(&self, now: DateTime, hours: Hours) -> String {
        let time = clock(self.at, hours);
        let day = match self.at {
            at if at.date() == now.date() => String::new(),
            at if at.year() == now.year() => at.strftime("%-d %b ").to_string(),
            at => at.strftime("%-d %b %Y ").to_string(),
        };
        format!("topic: {} · set by {}, {day}{}", self.text, self.by, time.trim_start())
    }
}

/// Who said what a room is about.
pub(crate) fn sentence(by: &str, topic: Option<&str>) -> String {
    match topic {
        Some(topic) => format!("{by} set the topic: {topic}"),
        None => format!("{by} took the topic away"),
    }
}
