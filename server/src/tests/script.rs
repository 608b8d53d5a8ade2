//! Scripts for rooms and channels: connections with names, ids and `phx_ref`s one can read.
//!
//! A script is what is to be seen on the wire, whole text in and whole text out, and the stage
//! writes down what is:
//!
//! ```text
//! ada> [..]     ada pushes this frame; the first push connects her
//! ada< [..]     ada is sent this one: first what comes of her own push, then the others, in the
//!               order in which they connected
//! ada! 1008 x   ada's connection is closed
//! ada gone      ada's connection is lost
//! +5            five seconds pass
//! tick          a tick of the ticker
//! commit        the store has all that it was told
//! fail          the store cannot keep what it was told
//! # a remark
//! ```
//!
//! `<ada>` is the id of ada's session, `<ada2>` that of her next one; `@1` is the first `phx_ref`,
//! `<token ada>` the token of ada's session, and `<epoch 1>` the first epoch that was seen.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use hullo::protocol::codec;
use uuid::Uuid;

use crate::batch::Batch;
use crate::close::Close;
use crate::config::Greeters;
use crate::connection::channels::{Channels, Context, mark};
use crate::connection::meter::Limits;
use crate::metrics::Metrics;
use crate::rate::Rate;
use crate::refusal::Refusal;
use crate::room::{Rules, Stamp};
use crate::rooms::journal::{Journal, Journaling, Report};
use crate::rooms::{Keep, Recipient, Rooms, Woken};
use crate::store::{self, StoreError};
use crate::ticker::Ticker;
use crate::token::TokenKey;

/// A connection without a socket: what is for it is taken when the stage looks.
#[derive(Debug)]
pub(super) struct Peer {
    name: String,
    channels: Channels,
    marks: Arc<Marks>,
    is_gone: bool,
}

#[derive(Debug, Default)]
struct Marks(AtomicU64, OnceLock<Close>);

impl Recipient for Marks {
    fn mark(&self, channel: usize) {
        self.0.fetch_or(mark(channel), Ordering::Relaxed);
    }

    fn order_close(&self, close: Close) {
        self.1.get_or_init(|| close);
    }

    fn flush(&self) {}
}

/// A store that answers when it is told to, and knows all that it has kept.
#[derive(Debug, Default)]
pub(super) struct SlowStore {
    waiting: Mutex<Vec<(store::Batch, Hidden)>>,
    pub(super) kept: Mutex<Vec<store::Batch>>,
}

struct Hidden(Report);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a report")
    }
}

impl Journal for SlowStore {
    fn append(&self, batch: store::Batch, report: Report) -> Result<(), StoreError> {
        self.waiting.lock().unwrap().push((batch, Hidden(report)));
        Ok(())
    }
}

/// Rules that are in nobody's way.
pub(crate) fn rules() -> Rules {
    Rules {
        greeters: Greeters::AtMost(32),
        max_members: 1000,
        max_backlog_bytes: 1 << 20,
        max_direct_bytes: 1 << 16,
        resume_window: Duration::from_secs(30),
        max_kept_log_bytes: 1 << 20,
        history: 200,
        max_history_bytes: 1 << 20,
    }
}

/// Bounds that are in nobody's way.
pub(crate) fn keep() -> Keep {
    Keep { max_away: 1000, max_bytes: 1 << 26, retention: Duration::from_secs(3600) }
}

/// Limits that are in nobody's way.
pub(super) fn limits() -> Limits {
    let unlimited = Rate::per_second(0);
    Limits {
        max_channels: 100,
        session_pushes: unlimited,
        connection_pushes: unlimited,
        bytes: unlimited,
    }
}

#[track_caller]
pub(super) fn check(script: &str) {
    Stage::new(rules(), limits()).check(script);
}

pub(super) struct Stage {
    pub(super) rooms: Rooms,
    pub(super) store: Option<Arc<SlowStore>>,
    pub(super) ticker: Arc<Ticker>,
    limits: Limits,
    peers: Vec<Peer>,
    /// What the session ids are called.
    ids: BTreeMap<Uuid, String>,
    /// What the `phx_ref`s are called.
    phx_refs: Vec<String>,
    /// What tokens and epochs are called.
    names: Vec<(String, String)>,
    start: Instant,
    pub(super) passed: Duration,
    stamps: Cell<u64>,
    /// Whether lines hold ids and `phx_ref`s as they are.
    pub(super) is_plain: bool,
}

impl Stage {
    pub(super) fn new(rules: Rules, limits: Limits) -> Self {
        Self::keeping(rules, limits, None)
    }

    /// A stage whose rooms are kept in a store that answers when the script says so.
    pub(super) fn with_store(rules: Rules, limits: Limits) -> Self {
        Self::keeping(rules, limits, Some(Arc::default()))
    }

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn keeping(rules: Rules, limits: Limits, store: Option<Arc<SlowStore>>) -> Self {
        let ticker = Arc::new(Ticker::default());
        let journaling = store.clone().map(|store| {
            let store: Arc<dyn Journal> = store;
            Journaling {
                journal: Arc::downgrade(&store),
                flushes: Arc::default(),
                metrics: Arc::new(Metrics::new()),
                now: Instant::now,
            }
        });
        let (key, metrics) = (TokenKey::new(&[7; 32]), Arc::new(Metrics::new()));
        Self {
            rooms: Rooms::new(
                (rules, keep()),
                1000,
                key,
                (Arc::clone(&ticker), journaling),
                metrics,
            ),
            store,
            ticker,
            limits,
            peers: Vec::new(),
            ids: BTreeMap::new(),
            phx_refs: Vec::new(),
            names: Vec::new(),
            start: Instant::now(),
            passed: Duration::ZERO,
            stamps: Cell::new(0),
            is_plain: false,
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
            self.passed += Duration::from_secs(seconds.parse().unwrap());
            self.sweep_only();
            return self.deliver();
        }
        match line {
            "tick" => return self.tick(),
            "commit" => return self.answer_store(&Ok(())),
            "fail" => return self.answer_store(&Err(StoreError::DiskFull)),
            _ => {}
        }
        match line.split_once("> ") {
            Some((who, text)) => self.say(who, text),
            None => self.gone(line.strip_suffix(" gone").unwrap()),
        }
    }

    /// Pushes a frame; what comes of it, line by line.
    pub(super) fn say(&mut self, who: &str, text: &str) -> Vec<String> {
        let mut lines = self.push(who, text);
        lines.extend(self.deliver());
        lines
    }

    /// The same, but nobody else takes what is for them yet.
    pub(super) fn push(&mut self, who: &str, text: &str) -> Vec<String> {
        let at = self.peer(who);
        let text = self.ids.iter().fold(text.to_owned(), |text, (id, name)| {
            text.replace(&format!("<{name}>"), &id.to_string())
        });
        let text = self.names.iter().fold(text, |text, (is, name)| text.replace(name, is));
        let (mut batch, mut woken) = (Batch::default(), Woken::new());
        let before = self.stamps.get();
        let new_id = || {
            self.stamps.set(self.stamps.get() + 1);
            // Ordered by time, so that scripts may be; the low half is as random as it needs be.
            Uuid::from_u64_pair(self.stamps.get(), self.stamps.get())
        };
        let unix_seconds = 1000 + self.passed.as_secs();
        let stamp = Stamp { now: self.start + self.passed, unix_seconds, new_id: &new_id };
        let peer = &mut self.peers[at];
        if peer.is_gone {
            return Vec::new();
        }
        let me: Arc<dyn Recipient> = Arc::clone(&peer.marks) as _;
        let mut refused = |_: Refusal| {};
        let mut context = Context {
            rooms: &self.rooms,
            me: &me,
            stamp: &stamp,
            batch: &mut batch,
            woken: &mut woken,
            refused: &mut refused,
        };
        let frame = codec::parse(&text).unwrap();
        let outcome = peer.channels.handle(&frame, text.len(), &mut context);
        for number in before + 1..=self.stamps.get() {
            self.name_session(who, Uuid::from_u64_pair(number, number));
        }
        let mut lines = self.lines(at, &batch);
        if let Err(close) = outcome {
            lines.push(closed(who, close));
            self.lose(at);
        }
        lines
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
        let at = self.peer(who);
        self.lose(at);
        self.deliver()
    }

    /// Rooms that gather or merge tell what is due.
    pub(super) fn tick(&mut self) -> Vec<String> {
        self.tick_only();
        self.deliver()
    }

    /// The store answers all that it was told; everybody takes what is for them.
    pub(super) fn answer_store(&mut self, answer: &Result<(), StoreError>) -> Vec<String> {
        let store = self.store.clone().unwrap();
        let waiting = std::mem::take(&mut *store.waiting.lock().unwrap());
        for (batch, Hidden(report)) in waiting {
            if answer.is_ok() {
                store.kept.lock().unwrap().push(batch);
            }
            report(answer.clone());
        }
        self.deliver()
    }

    /// Whatever time has ended ends; nobody takes what is for them yet.
    pub(super) fn sweep_only(&mut self) {
        self.rooms.sweep(self.start + self.passed, &mut Woken::new());
    }

    /// The same, but nobody takes what is for them yet.
    pub(super) fn tick_only(&mut self) {
        self.ticker.tick_once(self.start + self.passed);
    }

    /// Everybody takes what is for them.
    pub(super) fn deliver(&mut self) -> Vec<String> {
        (0..self.peers.len()).flat_map(|at| self.deliver_to(at)).collect()
    }

    /// One takes what is for it.
    pub(super) fn deliver_to(&mut self, at: usize) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut batch = Batch::default();
            let peer = &mut self.peers[at];
            let mut marks = peer.marks.0.swap(0, Ordering::Relaxed);
            if let Some(close) = peer.marks.1.get().copied().filter(|_| !peer.is_gone) {
                lines.push(closed(&peer.name, close));
                self.lose(at);
                return lines;
            }
            if marks == 0 {
                return lines;
            }
            let delivered = peer.channels.deliver(&mut marks, &mut batch);
            peer.marks.0.fetch_or(marks, Ordering::Relaxed);
            let now = self.start + self.passed;
            peer.channels.finish_leaves(&self.rooms, now, &mut batch, &mut Woken::new());
            lines.extend(self.lines(at, &batch));
            if let Err(close) = delivered {
                lines.push(closed(&self.peers[at].name, close));
                self.lose(at);
            }
        }
    }

    /// What a name in scripts stands for.
    pub(super) fn real(&self, name: &str) -> String {
        let known = self.names.iter().find(|(_, known)| known == name);
        known.unwrap().0.clone()
    }

    /// There may be so many rooms.
    pub(super) fn limit_rooms(&mut self, rooms: usize) {
        self.rooms.limit = rooms;
    }

    /// So many may be away.
    pub(super) fn limit_away(&mut self, members: usize) {
        self.rooms.keep.max_away = members;
    }

    /// So many bytes may be kept.
    pub(super) fn limit_kept(&mut self, bytes: usize) {
        self.rooms.keep.max_bytes = bytes;
    }

    /// Loses a connection; nobody takes what is for them yet.
    pub(super) fn lose(&mut self, at: usize) {
        let now = self.start + self.passed;
        let peer = &mut self.peers[at];
        peer.is_gone = true;
        peer.marks.0.store(0, Ordering::Relaxed);
        peer.channels.detach_all(&self.rooms, now, &mut Woken::new());
    }

    pub(super) fn peer(&mut self, who: &str) -> usize {
        let known = self.peers.iter().position(|peer| peer.name == who);
        known.unwrap_or_else(|| {
            let channels = Channels::new(Arc::new(self.limits));
            let name = who.to_owned();
            self.peers.push(Peer { name, channels, marks: Arc::default(), is_gone: false });
            self.peers.len() - 1
        })
    }

    fn name_session(&mut self, who: &str, id: Uuid) {
        let number_free =
            |name: &String| name.trim_end_matches(|c: char| c.is_ascii_digit()) == who;
        let name = match self.ids.values().filter(|name| number_free(name)).count() {
            0 => who.to_owned(),
            times => format!("{who}{}", times + 1),
        };
        self.ids.insert(id, name);
    }

    /// Names the tokens or epochs in a text.
    fn name_kept(&mut self, text: &str, key: &str, length: usize) {
        let quoted = format!(r#""{key}":""#);
        for (start, _) in text.match_indices(&quoted) {
            let start = start + quoted.len();
            let is = text[start..start + length].to_owned();
            if self.names.iter().any(|(known, _)| *known == is) {
                continue;
            }
            let owner = Uuid::try_parse(&is[..32.min(length)]).ok();
            let owner = owner.and_then(|id| self.ids.get(&id)).cloned();
            let prefix = format!("<{key} ");
            let number = self.names.iter().filter(|(_, name)| name.starts_with(&prefix)).count();
            let name = owner.unwrap_or_else(|| (number + 1).to_string());
            self.names.push((is, format!("{prefix}{name}>")));
        }
    }

    fn lines(&mut self, at: usize, batch: &Batch) -> Vec<String> {
        let name = self.peers[at].name.clone();
        let texts = batch.texts();
        texts.into_iter().map(|text| format!("{name}< {}", self.readable(text))).collect()
    }

    fn readable(&mut self, mut text: String) -> String {
        if self.is_plain {
            return text;
        }
        self.name_kept(&text, "token", 64);
        self.name_kept(&text, "epoch", 32);
        for (is, name) in &self.names {
            text = text.replace(is, name);
        }
        for (id, name) in &self.ids {
            text = text.replace(&id.to_string(), &format!("<{name}>"));
        }
        for (start, _) in text.match_indices(r#""phx_ref":""#) {
            let phx_ref = text[start + 11..start + 27].to_owned();
            if !self.phx_refs.contains(&phx_ref) {
                self.phx_refs.push(phx_ref);
            }
        }
        for (number, phx_ref) in self.phx_refs.iter().enumerate() {
            text = text.replace(phx_ref, &format!("@{}", number + 1));
        }
        text
    }
}

fn closed(who: &str, close: Close) -> String {
    format!("{who}! {} {}", close.code(), close.reason())
}

fn is_outcome(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    word.ends_with('<') || word.ends_with('!')
}
