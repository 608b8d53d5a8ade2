//! One room: who is in it, what their pushes mean, and what each member is still to be sent.
//!
//! A room decides and does nothing: it is told the time and the ids, knows members and no sockets,
//! and says whom there is something for. A push goes through it like this:
//!
//! ```text
//! take     the push is checked, and becomes a change, with every choice made
//! apply    the change becomes what is so, and an entry in the log for those who are told
//! deliver  a member is sent what stands in the log behind its position
//! tick     what was gathered goes out: entries of a busy room, merged presence
//! ```

pub(crate) mod delivery;
pub(crate) mod durable;
mod helo;
mod history;
pub(crate) mod log;
pub(crate) mod members;
mod merged;
mod pace;
pub(crate) mod person;
mod presence;
mod restore;
pub(crate) mod resume;
mod retry;
mod room_topic;
mod taking_back;
mod talk;
mod typing;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hullo::protocol::payload::{Meta, RoomTopic};
use hullo::protocol::{Event, SessionId, Topic, payload};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::batch::Batch;
use crate::config::Greeters;
use crate::phx_ref::PhxRefs;
use crate::rate::{Bucket, Rate};
use crate::refusal::Refusal;
use crate::reply::ReplyTo;
use crate::token::TokenKey;
use durable::Durable;
use helo::Asked;
use history::History;
use log::{Audience, Log};
use members::{Content, Direct, Held, Joining, Member, MemberId, Members};
use pace::Pace;
use person::Person;
use presence::Presence;
use resume::Upkeep;
use room_topic::About;
use typing::Typing;

/// Up to this rate (with bursts) a change of presence is told at once; beyond it, changes are merged.
const CALM_PRESENCE: Rate = Rate::per_second(2);

/// For how long changes of presence are merged.
const MERGE_PRESENCE: Duration = Duration::from_millis(100);

/// In rooms of up to so many members nobody's push is answered before the changes of presence that
/// came before it are told; in larger ones that would undo the merging.
const SMALL_ROOM: usize = 32;

/// The time, and ids, for one push.
pub(crate) struct Stamp<'a> {
    /// Now, to measure with.
    pub(crate) now: Instant,
    /// Now, to tell people: seconds since 1970.
    pub(crate) unix_seconds: u64,
    /// A random id that was never given before.
    pub(crate) new_id: &'a dyn Fn() -> Uuid,
}

/// What the operator decided about rooms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// How many are asked to answer a newcomer.
    pub(crate) greeters: Greeters,
    /// How many may join one room.
    pub(crate) max_members: usize,
    /// How many bytes the log keeps.
    pub(crate) max_backlog_bytes: usize,
    /// How many bytes may wait for one member alone.
    pub(crate) max_direct_bytes: usize,
    /// For how long a session that lost its connection may be taken back; zero is never.
    pub(crate) resume_window: Duration,
    /// How many bytes of what was sent already the log keeps for those who come back.
    pub(crate) max_kept_log_bytes: usize,
    /// How many broadcasts are kept for those who come later.
    pub(crate) history: usize,
    /// How many bytes these take at most.
    pub(crate) max_history_bytes: usize,
}

/// The server's side of a topic.
#[derive(Debug)]
pub(crate) struct Room {
    topic: Topic,
    rules: Rules,
    /// What it is about, as its members say.
    about: About,
    members: Members,
    presence: Presence,
    phx_refs: PhxRefs,
    log: Log,
    typing: Typing,
    /// For each dialect.
    merged: [Option<merged::Merged>; 2],
    history: History,
    upkeep: Upkeep,
    epoch: Uuid,
    /// Somebody knows the epoch, and may ask for what happened since.
    has_told_epoch: bool,
    token_key: Arc<TokenKey>,
    deduplicated: u64,
    /// Set where a store keeps what happens.
    durable: Option<Box<Durable>>,
    /// Whom there is something for that was told nothing else since.
    woken: Vec<MemberId>,
    /// Who has lost something.
    lost: Vec<MemberId>,
    /// No member that has to be sent something was before this position when last looked.
    slowest_position: u64,
    pace: Pace,
    presence_rate: Bucket,
    presence_due: Option<Instant>,
    /// How much had been appended when members were last checked for being far behind.
    checked_bytes: u64,
    is_pressed: bool,
    /// The recipient of the last push to one member is far behind.
    is_recipient_pressed: bool,
    typing_dropped: u64,
}

/// A push of a member.
pub(crate) struct Push<'a> {
    pub(crate) member: MemberId,
    pub(crate) event: &'a Event,
    /// JSON.
    pub(crate) payload: &'a str,
    pub(crate) reply_to: ReplyTo<'a>,
    pub(crate) stamp: &'a Stamp<'a>,
}

/// Something that happens in the room, with every choice made: all that is needed to know what is
/// so afterwards.
#[derive(Debug)]
enum Change {
    /// A member says helo for the first time; nobody is told if nobody is named who may be asked.
    Arrived { member: MemberId, id: SessionId, meta: Meta, asked: Option<Asked> },
    /// Somebody has another name or status.
    Updated { member: MemberId, meta: Meta },
    /// A member has left.
    Left { member: MemberId },
    /// The room is about something else, or about nothing.
    TopicSet { from: MemberId, topic: Option<RoomTopic> },
    /// For everybody else.
    Broadcast { from: MemberId, payload: Vec<u8>, unix_seconds: u64 },
    /// For one member.
    Response { from: MemberId, to: MemberId, payload: Vec<u8> },
}

impl Room {
    /// A room without anybody. `seed` makes its `phx_ref`s differ from those of other rooms, and
    /// `epoch` names this life of it.
    pub(crate) fn new(
        topic: Topic,
        rules: Rules,
        (seed, epoch): (u64, Uuid),
        token_key: Arc<TokenKey>,
    ) -> Self {
        Self {
            durable: None,
            topic,
            rules,
            about: About::default(),
            members: Members::default(),
            presence: Presence::default(),
            phx_refs: PhxRefs::new(seed),
            log: Log::new(),
            typing: Typing::default(),
            merged: [None, None],
            history: History::default(),
            upkeep: Upkeep::default(),
            epoch,
            has_told_epoch: false,
            token_key,
            deduplicated: 0,
            woken: Vec::new(),
            lost: Vec::new(),
            slowest_position: 1,
            pace: Pace::default(),
            presence_rate: Bucket::default(),
            presence_due: None,
            checked_bytes: 0,
            is_pressed: false,
            is_recipient_pressed: false,
            typing_dropped: 0,
        }
    }

    /// How many have joined.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// How many members have places, whether they are taken or not.
    pub(crate) fn places(&self) -> usize {
        self.members.places()
    }

    /// How many bytes its log takes.
    pub(crate) fn backlog_bytes(&self) -> usize {
        self.log.bytes()
    }

    /// How many bytes its history takes.
    pub(crate) fn history_bytes(&self) -> usize {
        self.history.bytes()
    }

    /// How many typing notices were dropped since this was last asked.
    pub(crate) fn take_typing_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.typing_dropped)
    }

    /// How many pushes were repeated since this was last asked.
    pub(crate) fn take_deduplicated(&mut self) -> u64 {
        std::mem::take(&mut self.deduplicated)
    }

    /// The name of this life of the room.
    pub(crate) fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// Whether somebody who comes back may want to know that nothing was said meanwhile.
    pub(crate) fn has_told_epoch(&self) -> bool {
        self.has_told_epoch
    }

    /// How many are away.
    pub(crate) fn away(&self) -> usize {
        self.members.away()
    }

    /// Lets a member in; it has said nothing yet.
    pub(crate) fn join(&mut self, joining: Joining) -> Result<Held, Refusal> {
        if self.members.len() >= self.rules.max_members {
            return Err(Refusal::Full);
        }
        // What is not safe yet is in no history, so it is still to be sent.
        let position = self.log.next_seq().min(self.committed().saturating_add(1));
        self.slowest_position = self.slowest_position.min(position);
        Ok(self.members.insert(position, self.typing.newest(), joining))
    }

    /// The member, if this connection holds it still.
    pub(crate) fn held(&self, held: Held) -> Option<MemberId> {
        self.members.held(held)
    }

    /// Lets a member out. The others are told if it said helo.
    pub(crate) fn leave(&mut self, member: MemberId, now: Instant) {
        self.apply(Change::Left { member }, now);
        self.clear_if_all_idle();
    }

    /// Puts what must come before the reply to a push before it.
    pub(crate) fn prepare(&mut self, push: &Push<'_>) {
        // A helo is answered with the whole presence.
        let tells = *push.event != Event::Helo && self.members.len() <= SMALL_ROOM;
        if tells && self.presence_due.is_some() {
            self.tell_presence(push.stamp.now);
        }
    }

    /// Takes a push: writes the reply, and whatever else it brings its sender.
    pub(crate) fn take(&mut self, push: &Push<'_>, batch: &mut Batch) -> Result<(), Refusal> {
        let Some(member) = self.members.get(push.member) else {
            return Err(Refusal::UnmatchedTopic);
        };
        let msg_id = push.msg_id()?;
        if let Some(msg_id) = msg_id.filter(|msg_id| member.taken.contains(*msg_id)) {
            self.check_settled(msg_id)?;
            self.deduplicated += 1;
            self.answer_again(push, batch);
            return Ok(());
        }
        self.carry_out(push, batch)?;
        if let (Some(msg_id), Some(member)) = (msg_id, self.members.get_mut(push.member)) {
            member.taken.insert(msg_id);
        }
        Ok(())
    }

    fn carry_out(&mut self, push: &Push<'_>, batch: &mut Batch) -> Result<(), Refusal> {
        let session = self.members.get(push.member).and_then(Member::session);
        let known = session.ok_or(Refusal::HeloRequired);
        match push.event {
            Event::Helo => self.helo(push, batch),
            Event::Response => self.respond(push, known?, batch),
            Event::Broadcast => self.broadcast(push, known?, batch),
            Event::Status => known.and_then(|_| self.change_status(push, batch)),
            Event::Typing => self.tell_typing(push, known?, batch),
            Event::History => known.and_then(|_| self.look_back(push, batch)),
            Event::SetTopic => known.and_then(|_| self.set_topic(push, batch)),
            Event::Join
            | Event::Leave
            | Event::Close
            | Event::Error
            | Event::Reply
            | Event::Heartbeat
            | Event::PresenceState
            | Event::PresenceDiff
            | Event::NewUser
            | Event::RoomTopic
            | Event::List
            | Event::Other(_) => Err(Refusal::UnknownEvent),
        }
    }

    /// Makes a change so, and tells those who are to be told.
    fn apply(&mut self, change: Change, now: Instant) {
        match change {
            Change::Arrived { member, id, meta, asked } => {
                self.members.introduce(member, Person { id, meta: meta.clone() });
                self.record_session(member);
                if let Some(asked) = asked {
                    self.announce(member, id, &meta.name, asked, now);
                }
                self.change_presence(member, id, None, Some(meta), now);
            }
            Change::Updated { member, meta } => {
                let person = self.members.get_mut(member).and_then(|member| member.person.as_mut());
                let Some(person) = person else { return };
                let before = std::mem::replace(&mut person.meta, meta.clone());
                let id = person.id;
                self.record_session(member);
                self.change_presence(member, id, Some(before), Some(meta), now);
            }
            Change::Left { member } => {
                self.typing.forget_member(member);
                let left = self.members.remove(member);
                if let Some(left) = &left {
                    self.forget_kept(left);
                }
                if let Some(Person { id, meta }) = left.and_then(|left| left.person).map(|it| *it) {
                    self.record_end(id);
                    self.change_presence(member, id, Some(meta), None, now);
                }
            }
            Change::TopicSet { from, topic } => {
                self.tell_presence_of(from, now);
                self.tell_topic(from, topic, now);
            }
            Change::Broadcast { from, payload, unix_seconds } => {
                self.typing.forget(from);
                self.tell_presence_of(from, now);
                let told = self.tell(Audience::Others(from), &Event::Broadcast, &payload, now);
                self.remember(from, told, unix_seconds);
            }
            Change::Response { from, to, payload } => {
                let (seq, event) = (self.log.take_seq(), Event::Response);
                self.record_direct(seq, from, to, &payload);
                let content = Content::Message { event, payload: payload.into() };
                self.send(to, Direct { seq, content }, now);
            }
        }
    }
}

impl Push<'_> {
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        payload::read(self.payload).map_err(|_| Refusal::InvalidPayload)
    }
}

/// Appends a value as JSON.
///
/// # Panics
/// If the value has a map whose keys are not text, or its `Serialize` fails by itself. No payload
/// of the protocol does.
pub(crate) fn append_json(json: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(json, value).expect("a payload has text keys and no failing Serialize");
}
