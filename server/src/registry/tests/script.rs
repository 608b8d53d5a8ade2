//! A stage for the registry: sockets with names, ids and `phx_ref`s one can read.
//!
//! A script is what is to be seen on the wire, and the stage writes down what is:
//!
//! ```text
//! ada> [..]     ada pushes this frame; the first push connects her
//! ada< [..]     ada gets this one
//! ada! 1008 x   ada's socket is closed
//! ada gone      ada's connection is lost
//! +5            five seconds pass
//! # a remark
//! ```
//!
//! `<ada>` is the id of ada's session, `<ada2>` that of her next one; `@1` is the first `phx_ref`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use hullo::protocol::codec;
use uuid::Uuid;

use super::super::{PhxRefs, Registry, Rules, Stamp};
use crate::config::Greeters;
use crate::delivery::{Delivery, SocketId};
use crate::rate::Pace;

/// Rules that are in nobody's way.
pub(super) fn rules() -> Rules {
    Rules { greeters: Greeters::AtMost(32), max_channels: 100, pace: Pace::per_second(0) }
}

#[track_caller]
pub(super) fn check(script: &str) {
    check_with(rules(), script);
}

#[track_caller]
pub(super) fn check_with(rules: Rules, script: &str) {
    Stage::new(rules).check(script);
}

pub(super) struct Stage {
    pub(super) registry: Registry,
    sockets: Vec<String>,
    /// What the session ids are called, in the order in which they were seen.
    ids: BTreeMap<Uuid, String>,
    start: Instant,
    seconds: u64,
    stamps: u64,
}

impl Stage {
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            registry: Registry::new(rules, 0),
            sockets: Vec::new(),
            ids: BTreeMap::new(),
            start: Instant::now(),
            seconds: 0,
            stamps: 0,
        }
    }

    #[track_caller]
    pub(super) fn check(&mut self, script: &str) {
        let lines = script.lines().map(str::trim);
        let lines: Vec<&str> =
            lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let mut seen = String::new();
        for line in lines.iter().filter(|line| !is_outcome(line)) {
            writeln!(seen, "{line}").unwrap();
            for outcome in self.act(line) {
                writeln!(seen, "{outcome}").unwrap();
            }
        }
        let expected = lines.join("\n") + "\n";
        assert!(seen == expected, "\n-- expected --\n{expected}\n-- seen --\n{seen}");
    }

    fn act(&mut self, line: &str) -> Vec<String> {
        if let Some(seconds) = line.strip_prefix('+') {
            self.seconds += seconds.parse::<u64>().unwrap();
            return Vec::new();
        }
        match line.split_once("> ") {
            Some((who, text)) => self.say(who, text),
            None => self.gone(line.strip_suffix(" gone").unwrap()),
        }
    }

    /// Pushes a frame; what comes of it, line by line.
    pub(super) fn say(&mut self, who: &str, text: &str) -> Vec<String> {
        let socket = self.socket(who);
        let text = self.ids.iter().fold(text.to_owned(), |text, (id, name)| {
            text.replace(&format!("<{name}>"), &id.to_string())
        });
        let stamp = self.stamp();
        let deliveries = self.registry.handle(&stamp, socket, codec::decode(&text).unwrap());
        self.show(deliveries, Some((who, stamp.id)))
    }

    /// Joins a room and says helo there.
    pub(super) fn enter(&mut self, who: &str, room: &str) -> Vec<String> {
        let mut told = self.say(who, &format!(r#"["1","1","{room}","phx_join",{{}}]"#));
        let helo = format!(r#"["1","2","{room}","client_helo",{{"name":"{who}"}}]"#);
        told.extend(self.say(who, &helo));
        told
    }

    /// Loses a connection.
    pub(super) fn gone(&mut self, who: &str) -> Vec<String> {
        let socket = self.socket(who);
        let deliveries = self.registry.disconnect(socket);
        self.show(deliveries, None)
    }

    /// A new one.
    pub(super) fn stamp(&mut self) -> Stamp {
        self.stamps += 1;
        Stamp {
            now: self.start + Duration::from_secs(self.seconds),
            unix_seconds: 1000 + self.seconds,
            // Ordered by time, so that scripts may be; the low half is as random as it needs be.
            id: Uuid::from_u64_pair(self.stamps, self.stamps),
        }
    }

    fn socket(&mut self, who: &str) -> SocketId {
        let known = self.sockets.iter().position(|name| name == who);
        let at = known.unwrap_or_else(|| {
            let socket = SocketId(self.sockets.len() as u64);
            self.registry.connect(socket);
            self.sockets.push(who.to_owned());
            self.sockets.len() - 1
        });
        SocketId(at as u64)
    }

    fn show(&mut self, deliveries: Vec<Delivery>, by: Option<(&str, Uuid)>) -> Vec<String> {
        let mut lines = Vec::new();
        for delivery in deliveries {
            match delivery {
                Delivery::Send { to, frame, care: _ } => {
                    let text = self.readable(codec::encode(&frame), by);
                    self.registry.reach(&to, |SocketId(socket)| {
                        let who = &self.sockets[usize::try_from(socket).unwrap()];
                        lines.push(format!("{who}< {text}"));
                    });
                }
                Delivery::Close(SocketId(socket), close) => {
                    let who = &self.sockets[usize::try_from(socket).unwrap()];
                    lines.push(format!("{who}! {} {}", close.code(), close.reason()));
                }
            }
        }
        lines
    }

    fn readable(&mut self, mut text: String, by: Option<(&str, Uuid)>) -> String {
        if let Some((who, id)) = by
            && text.contains(&id.to_string())
        {
            let earlier = self.ids.iter().filter(|(old, name)| {
                **old != id && name.trim_end_matches(|c: char| c.is_ascii_digit()) == who
            });
            let name = match earlier.count() {
                0 => who.to_owned(),
                times => format!("{who}{}", times + 1),
            };
            self.ids.insert(id, name);
        }
        for (id, name) in &self.ids {
            text = text.replace(&id.to_string(), &format!("<{name}>"));
        }
        let mut phx_refs = PhxRefs::new(0);
        for number in 1..=self.stamps {
            text = text.replace(&phx_refs.make(), &format!("@{number}"));
        }
        text
    }
}

fn is_outcome(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    word.ends_with('<') || word.ends_with('!')
}
