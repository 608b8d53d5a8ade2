//! Somebody who talks in several rooms through whatever happens to the connection, and writes down
//! what the client library tells.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use hullo::client::{Client, Error, JoinOptions, Notice, Notices, Room};
use hullo::presence::Person;
use hullo::protocol::payload::{State, Status};
use hullo::protocol::{Message, SessionId};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::transcript::{Heard, Key, RoomTranscript, Sent, Session, Transcript};
use crate::guest::room;

/// So many messages of one member may be without an answer: fewer than the server takes at once.
const MOST_UNANSWERED: usize = 90;

/// What the members are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Enter the rooms.
    Enter,
    Talk,
    /// Say nothing new until nothing waits for an answer.
    Settle,
    /// Say a last word in each room, and hear that of the others.
    LastWords,
    Over,
}

/// Who is in which room, in which session, with which status; and what remains to be done.
#[derive(Clone, Debug, Default)]
pub(super) struct Everybody(Arc<Mutex<BTreeMap<(usize, usize), Person>>>);

impl Everybody {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(usize, usize), Person>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those in a room: the number of the member, and who that is there.
    pub(super) fn of(&self, room: usize) -> BTreeMap<usize, Person> {
        let all = self.lock();
        let here = all.iter().filter(|((of, _), _)| *of == room);
        here.map(|((_, member), person)| (*member, person.clone())).collect()
    }
}

/// How a member is set up.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) number: usize,
    pub(super) rooms: Vec<usize>,
    pub(super) address: SocketAddr,
    pub(super) seed: u64,
    pub(super) history: u64,
    pub(super) everybody: Everybody,
}

/// The outcome of a message, or of a status in a room.
type Outcome = (Option<usize>, Result<(), Error>);

pub(super) struct Member {
    setup: Setup,
    random: Rng,
    client: Client,
    notices: Notices,
    rooms: BTreeMap<usize, Room>,
    transcript: Transcript,
    outcomes: FuturesUnordered<BoxFuture<'static, Outcome>>,
    /// The rooms that are entered on this connection.
    live: BTreeSet<usize>,
    /// When it connects again, if it has no connection.
    reconnect_at: Option<Instant>,
    /// Rooms in which the next session does not go on where the one before ended.
    gaps: BTreeMap<usize, bool>,
    /// The newest status in each room.
    statuses: BTreeMap<usize, Status>,
    last_words: BTreeMap<usize, usize>,
    said_last_words: bool,
}

impl Member {
    pub(super) fn new(setup: Setup) -> Self {
        let builder = Client::builder(&setup.address.to_string());
        let (client, notices) = builder.connect_timeout(Duration::from_secs(3)).start().unwrap();
        let (mut rooms, mut transcript) = (BTreeMap::new(), Transcript::default());
        for number in &setup.rooms {
            let joined = client.room(&room(&format!("r{number}")));
            let name = format!("m{}", setup.number);
            drop(joined.join(JoinOptions::new(name).history(setup.history)));
            rooms.insert(*number, joined);
            transcript.rooms.insert(*number, RoomTranscript::default());
        }
        let random = Rng::with_seed(setup.seed);
        Self {
            setup,
            random,
            client,
            notices,
            rooms,
            transcript,
            outcomes: FuturesUnordered::new(),
            live: BTreeSet::new(),
            reconnect_at: None,
            gaps: BTreeMap::new(),
            statuses: BTreeMap::new(),
            last_words: BTreeMap::new(),
            said_last_words: false,
        }
    }

    /// Does as the phases say; `done` is told of each that is done.
    pub(super) async fn run(
        mut self,
        mut phases: watch::Receiver<Phase>,
        done: watch::Sender<(Phase, String)>,
    ) -> Transcript {
        let mut next_word = Instant::now();
        loop {
            let phase = *phases.borrow_and_update();
            if phase == Phase::Over {
                return self.transcript;
            }
            if phase == Phase::LastWords && !std::mem::replace(&mut self.said_last_words, true) {
                for room in self.setup.rooms.clone() {
                    self.change_status(room);
                    self.say(room, None);
                }
            }
            let (is_done, why) = self.is_done(phase);
            done.send_replace((if is_done { phase } else { Phase::Enter }, why));
            let reconnect_at = self.reconnect_at.unwrap_or_else(Instant::now);
            tokio::select! {
                notice = self.notices.recv() => self.note(notice.expect("the client goes on")),
                Some((number, outcome)) = self.outcomes.next() => self.settle(number, outcome),
                () = sleep_until(reconnect_at), if self.reconnect_at.is_some() => {
                    self.reconnect_at = None;
                    self.client.reconnect();
                }
                () = sleep_until(next_word), if phase == Phase::Talk => {
                    next_word = self.talk();
                }
                _ = phases.changed() => {}
            }
        }
    }

    /// Whether it has done what the phase asks, and what it waits for.
    fn is_done(&self, phase: Phase) -> (bool, String) {
        let everybody = &self.setup.everybody;
        let rooms = || self.transcript.rooms.iter();
        let why = match phase {
            Phase::Enter => {
                let missing: Vec<_> =
                    rooms().filter(|(_, room)| room.sessions.is_empty()).collect();
                (!missing.is_empty()).then(|| format!("to enter {missing:?}"))
            }
            Phase::Talk | Phase::Over => None,
            Phase::Settle => {
                let waits = self.outcomes.len();
                let is_here = self.live.len() == self.rooms.len();
                (waits > 0 || !is_here).then(|| format!("for {waits} answers, {:?}", self.live))
            }
            Phase::LastWords => {
                let unheard = rooms().find_map(|(number, room)| {
                    let here = everybody.of(*number);
                    let expected: BTreeMap<SessionId, Person> =
                        here.values().map(|person| (person.id, person.clone())).collect();
                    let heard = self.last_words.get(number).copied().unwrap_or_default();
                    let is_complete = heard + 1 == here.len() && same(&room.present, &expected);
                    (!is_complete).then(|| {
                        let (here, present) = (here.len(), room.present.len());
                        format!("in room {number}: {heard} last words, {present} of {here} people")
                    })
                });
                unheard.or_else(|| (!self.outcomes.is_empty()).then(|| "for answers".to_owned()))
            }
        };
        (why.is_none(), why.unwrap_or_default())
    }

    /// Says something somewhere, or several things at once; when to do so again.
    fn talk(&mut self) -> Instant {
        let pause = Duration::from_millis(self.random.u64(20..400));
        let count = if self.random.u8(..20) == 0 { self.random.usize(5..40) } else { 1 };
        // More than a server takes at once it refuses, and if it stands still just then it may take
        // later ones first.
        let count = count.min(MOST_UNANSWERED.saturating_sub(self.outcomes.len()));
        for _ in 0..count {
            let room = self.setup.rooms[self.random.usize(..self.setup.rooms.len())];
            match self.random.u8(..20) {
                0 => self.change_status(room),
                1..=6 => {
                    let here: Vec<_> = self.setup.everybody.of(room).into_iter().collect();
                    let others = here.iter().filter(|(member, _)| *member != self.setup.number);
                    let others: Vec<_> = others.collect();
                    let to = self.random.choice(others).map(|(member, who)| (*member, who.id));
                    self.say(room, to);
                }
                _ => self.say(room, None),
            }
        }
        Instant::now() + pause
    }

    fn say(&mut self, room: usize, to: Option<(usize, SessionId)>) {
        let number = self.transcript.sent.len();
        self.transcript.sent.push(Sent { room, to, outcome: None });
        let more = if self.random.u8(..10) == 0 { self.random.usize(..4000) } else { 0 };
        let key = Key { member: self.setup.number, number };
        let text =
            if self.said_last_words { format!("{} last", key.text(0)) } else { key.text(more) };
        let pending = match to {
            Some((_, id)) => self.rooms[&room].respond(id, text),
            None => self.rooms[&room].say(text),
        };
        self.outcomes.push(Box::pin(async move { (Some(number), pending.await) }));
    }

    fn change_status(&mut self, room: usize) {
        let text = format!("s{}", self.random.u32(..));
        let status = Status { state: State::Away, text: Some(text) };
        self.statuses.insert(room, status.clone());
        if let Some(me) = self.setup.everybody.lock().get_mut(&(room, self.setup.number)) {
            show(&status, me);
        }
        let pending = self.rooms[&room].set_status(status);
        self.outcomes.push(Box::pin(async move { (None, pending.await) }));
    }

    fn settle(&mut self, number: Option<usize>, outcome: Result<(), Error>) {
        if let Some(sent) = number.and_then(|number| self.transcript.sent.get_mut(number)) {
            sent.outcome = Some(outcome);
        }
    }

    fn note(&mut self, notice: Notice) {
        match notice {
            Notice::Offline { .. } => {
                self.live.clear();
                let wait = Duration::from_millis(self.random.u64(..300));
                self.reconnect_at = Some(Instant::now() + wait);
            }
            Notice::Online => self.reconnect_at = None,
            Notice::Unreadable { reason } => self.fault(&format!("unreadable: {reason}")),
            Notice::Left { room, departure } => {
                self.fault(&format!("out of {room}: {departure:?}"));
            }
            Notice::Gap { room, is_filled } => self.on_gap(number_of(&room), is_filled),
            Notice::Entered { room, me, present, .. } => {
                self.on_entered(number_of(&room), me, present);
            }
            Notice::Resumed { room, me, present } => {
                self.on_resumed(number_of(&room), &me, present);
            }
            Notice::History { room, messages } => {
                for past in messages {
                    self.hear(number_of(&room), Some(past.seq), &past.message, Kind::Past);
                }
            }
            Notice::Said { room, message, seq, .. } => {
                self.hear(number_of(&room), seq, &message, Kind::Said);
            }
            Notice::Responded { room, message, seq, .. } => {
                self.hear(number_of(&room), seq, &message, Kind::Direct);
            }
            Notice::Changed { room, change } => {
                let Some(room) = self.transcript.rooms.get_mut(&number_of(&room)) else { return };
                for left in &change.left {
                    room.present.remove(&left.id);
                }
                let here = change.joined.into_iter().chain(change.updated);
                room.present.extend(here.map(|person| (person.id, person)));
            }
            _ => {}
        }
    }

    fn fault(&mut self, fault: &str) {
        self.transcript.faults.push(format!("member {}: {fault}", self.setup.number));
    }

    fn on_gap(&mut self, number: usize, is_filled: bool) {
        self.gaps.insert(number, is_filled);
    }

    fn on_entered(&mut self, number: usize, mut me: Person, present: Vec<Person>) {
        let Some(room) = self.transcript.rooms.get_mut(&number) else { return };
        self.live.insert(number);
        let gap = self.gaps.remove(&number);
        let is_told = gap.is_some() || room.sessions.is_empty();
        let session = Session { id: me.id, gap, past: Vec::new(), heard: Vec::new() };
        room.sessions.push(session);
        room.present = by_id(present);
        if let Some(status) = self.statuses.get(&number) {
            show(status, &mut me); // it may have been set since the helo
        }
        self.setup.everybody.lock().insert((number, self.setup.number), me);
        if !is_told {
            self.fault(&format!("room {number}: another session, and no gap was told"));
        }
    }

    fn on_resumed(&mut self, number: usize, me: &Person, present: Vec<Person>) {
        let Some(room) = self.transcript.rooms.get_mut(&number) else { return };
        room.resumes += 1;
        self.live.insert(number);
        let is_same = room.sessions.last().is_some_and(|session| session.id == me.id);
        let present = by_id(present);
        let before = std::mem::replace(&mut room.present, present);
        if !is_same {
            self.fault(&format!("room {number}: resumed as somebody else"));
        } else if before.keys().ne(self.transcript.rooms[&number].present.keys()) {
            self.fault(&format!("room {number}: others were here before it was resumed"));
        }
    }

    fn hear(&mut self, number: usize, seq: Option<u64>, message: &Message, kind: Kind) {
        let text = message.as_text();
        let (Some(key), Some(seq)) = (Key::of(&text), seq) else {
            return self.fault(&format!("room {number}: {text} has no key or no place"));
        };
        let Some(room) = self.transcript.rooms.get_mut(&number) else { return };
        let Some(session) = room.sessions.last_mut() else {
            return self.fault(&format!("room {number}: {text} before it was entered"));
        };
        let heard = Heard { seq, key, is_direct: kind == Kind::Direct };
        match kind {
            Kind::Past => session.past.push(heard),
            Kind::Said | Kind::Direct => session.heard.push(heard),
        }
        if kind != Kind::Past && text.ends_with(" last") {
            *self.last_words.entry(number).or_default() += 1;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Said,
    Direct,
    Past,
}

/// Whether these are the same people with the same names and statuses.
pub(super) fn same(
    some: &BTreeMap<SessionId, Person>,
    others: &BTreeMap<SessionId, Person>,
) -> bool {
    let looks = |people: &BTreeMap<SessionId, Person>| -> Vec<_> {
        let people = people.values();
        people.map(|it| (it.id, it.name.clone(), it.state, it.text.clone())).collect()
    };
    looks(some) == looks(others)
}

/// Somebody has this status.
fn show(status: &Status, person: &mut Person) {
    (person.state, person.text) = (Some(status.state), status.text.clone());
}

fn by_id(people: Vec<Person>) -> BTreeMap<SessionId, Person> {
    people.into_iter().map(|person| (person.id, person)).collect()
}

/// The number in the name of a room.
fn number_of(room: &hullo::protocol::RoomName) -> usize {
    room.as_str().trim_start_matches('r').parse().unwrap()
}
