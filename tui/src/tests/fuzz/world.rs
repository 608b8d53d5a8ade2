//! The world of a script: who is really there, what is on its way, and what a server would tell.

use std::collections::{BTreeMap, BTreeSet};

use hullo::client::{Departure, Error, ListedRoom, PastMessage, RoomList};
use hullo::presence::Change;
use hullo::protocol::payload::{Mode, PastBroadcast, RoomTopic};
use hullo::protocol::{Message, RoomName};
use hullo::{Notice, Person};
use ratatui::crossterm::event::{KeyModifiers, MouseEvent};
use ratatui::layout::Size;

use super::check::{self, Before};
use super::step::{Order, ROOMS, Step};
use crate::core::event::{AppendError, Effect, Event, Ticket};
use crate::tests::play::{Stage, room};
use crate::tests::{at, id, named};

/// The stage, and all that a model cannot know by itself.
pub(super) struct World {
    pub(super) stage: Stage,
    /// Who is in the rooms that we are in, ourselves not counted.
    present: BTreeMap<usize, Vec<Person>>,
    /// The rooms that we have asked to be let into.
    asked: BTreeSet<usize>,
    online: bool,
    next: u128,
    /// What is on its way.
    pending: Vec<Ticket>,
    pub(super) tickets: BTreeSet<Ticket>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::new(80, 24),
            present: BTreeMap::new(),
            asked: [0].into(),
            online: false,
            next: 100,
            pending: Vec::new(),
            tickets: BTreeSet::new(),
        }
    }

    /// Lets one thing happen, and looks at what must hold.
    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Key(key) => self.event(&Event::Key(key)),
            Step::Mouse(kind, column, row) => {
                let modifiers = KeyModifiers::NONE;
                self.event(&Event::Mouse(MouseEvent { kind, column, row, modifiers }));
            }
            Step::Line(line) => self.line(&line),
            Step::Paste(text) => self.event(&Event::Pasted(text)),
            Step::Arrive { room, name, order } => self.arrive(room, name, order),
            Step::Watch { room } => self.watch(room),
            Step::Leave { room, who } => self.leave(room, who),
            Step::Rename { room, who, name } => self.rename(room, who, name),
            Step::Say { room, who, text } => {
                let notice = |room, from| Notice::Said {
                    room,
                    from,
                    message: message(&text),
                    seq: None,
                    name: unlisted(who),
                };
                self.tell_of(room, who, notice);
            }
            Step::Tell { room, who, text, auto } => {
                let notice = |room, from| Notice::Responded {
                    room,
                    from,
                    message: message(&text),
                    auto,
                    seq: None,
                    name: unlisted(who),
                };
                self.tell_of(room, who, notice);
            }
            Step::Topic { room, who, text } => self.set_topic(room, who, &text),
            Step::Type { room, who, direct, typing } => {
                self.tell_of(room, who, |room, from| Notice::Typing { room, from, direct, typing });
            }
            Step::Flood { room, count, millis } => {
                for _ in 0..count {
                    self.stage.millis += millis;
                    self.arrive(room, "somebody", Order::HeloFirst);
                }
            }
            Step::Offline => self.offline(),
            Step::Online { gone, came } => self.online(gone, came),
            Step::Resumed => self.resumed(),
            Step::PutOut { room, refused } => self.put_out(room, refused),
            Step::Settle(well) => self.settle(well),
            Step::Wait(millis) => {
                self.stage.millis += millis;
                self.event(&Event::Ticked);
            }
            Step::Resize(width, height) => self.event(&Event::Resized(Size { width, height })),
            Step::Focus(focused) => self.event(&Event::Focused(focused)),
        }
        check::screens(&mut self.stage.model);
    }

    fn event(&mut self, event: &Event) {
        let before = Before::of(&self.stage.model);
        self.stage.event(event.clone());
        let effects = self.stage.effects();
        check::after(self, &before, event, &effects);
        for effect in effects {
            self.perform(effect);
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.event(&Event::Received(notice));
    }

    fn tell_all(&mut self, notices: [Notice; 2]) {
        for notice in notices {
            self.tell(notice);
        }
    }

    /// What the shell would do.
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Say { ticket, .. }
            | Effect::SayTo { ticket, .. }
            | Effect::Rename { ticket, .. }
            | Effect::SetTopic { ticket, .. } => self.pending.push(ticket),
            Effect::ListRooms { ticket, .. } => {
                let rooms = ["lobby", "build", "日本語"].map(|name| ListedRoom::new(room(name), 3));
                let list = || RoomList::new(rooms.to_vec(), true);
                let outcome =
                    if self.next.is_multiple_of(3) { Err(Error::Lost) } else { Ok(list()) };
                self.event(&Event::RoomsListed(ticket, outcome));
            }
            Effect::Join { room, .. } => self.asked.extend(number(&room)),
            Effect::Debug(true) => {
                let line = "WARN \u{1b}[2J\u{202e}\nodd".to_owned();
                self.event(&Event::Logged(crate::entry::system::Severity::Warning, line));
            }
            Effect::Connect { .. } => {
                self.online = false;
                self.present.clear();
                self.asked.clear();
                for ticket in std::mem::take(&mut self.pending) {
                    self.event(&Event::Settled(ticket, Err(Error::Closed)));
                }
            }
            Effect::Leave(room) => {
                if let Some(room) = number(&room) {
                    self.asked.remove(&room);
                    if self.present.remove(&room).is_some() {
                        self.tell(left(room, Departure::Left));
                    }
                }
            }
            Effect::LoadTheme(name) => {
                let theme = crate::theme::shipped(&name).ok_or_else(|| "no such theme".to_owned());
                self.event(&Event::Themed { name, theme, names: vec!["light".into()] });
            }
            Effect::AppendChatLog { server, addition } => {
                let full = || AppendError::File("the disk is full".into());
                let outcome = if self.next.is_multiple_of(2) { Ok(()) } else { Err(full()) };
                self.event(&Event::ChatLogAppended { server, addition, outcome });
            }
            Effect::ReadHistory { room, before } => {
                let page = |before: u64| {
                    (before.saturating_sub(7)..before).map(|seq| past(seq, "earlier")).collect()
                };
                let asked = self.next.is_multiple_of(4);
                let outcome = if asked { Err(Error::Lost) } else { Ok(page(before)) };
                self.event(&Event::HistoryRead { room, outcome });
            }
            Effect::Edit(draft) => self.event(&Event::Edited(format!("{draft} edited"))),
            _ => {}
        }
    }

    fn line(&mut self, line: &str) {
        for letter in line.chars().chain(['\n']) {
            let code = match letter {
                '\n' => ratatui::crossterm::event::KeyCode::Enter,
                letter => ratatui::crossterm::event::KeyCode::Char(letter),
            };
            self.event(&Event::Key(code.into()));
        }
    }

    fn arrive(&mut self, room: usize, name: &'static str, order: Order) {
        if !self.present.contains_key(&room) {
            return;
        }
        let person = self.somebody(name);
        let helo = Notice::Arrived {
            room: name_of(room),
            id: person.id,
            name: name.into(),
            answer: self.next.is_multiple_of(3),
        };
        let joined = changed(room, Change { joined: vec![person.clone()], ..Change::default() });
        let model = &self.stage.model;
        let listed = check::listed(model);
        let people = model.room(&name_of(room)).map(|room| &room.people);
        let before = people.and_then(|people| {
            people.left_just_now(name, person.user.as_deref(), at(self.stage.millis))
        });
        self.present.entry(room).or_default().push(person);
        match order {
            Order::HeloFirst => self.tell_all([helo, joined]),
            Order::PresenceFirst => self.tell_all([joined, helo]),
            Order::HeloLate => {
                self.tell(joined);
                self.take(Step::Say { room, who: 0, text: "meanwhile".into() });
                self.tell(helo);
            }
            Order::NoHelo => self.tell(joined),
        }
        let now = check::listed(&self.stage.model);
        let news = usize::from(before.is_none());
        assert_eq!(now, listed + news, "an arrival is in the list of arrivals once");
    }

    fn set_topic(&mut self, room: usize, who: usize, text: &str) {
        // As the library cleans it.
        let topic = Some(hullo::text::clean_label(text)).filter(|text| !text.is_empty());
        self.tell_of(room, who, |room, from| {
            let name = unlisted(who);
            Notice::TopicSet { room, topic: topic.clone(), from, name }
        });
    }

    fn watch(&mut self, room: usize) {
        if !self.present.contains_key(&room) {
            return;
        }
        let mut person = self.somebody("log");
        person.mode = Some(Mode::Observer);
        let joined = changed(room, Change { joined: vec![person.clone()], ..Change::default() });
        let listed = check::listed(&self.stage.model);
        self.present.entry(room).or_default().push(person);
        self.tell(joined);
        assert_eq!(check::listed(&self.stage.model), listed, "who only watches comes unannounced");
    }

    fn leave(&mut self, room: usize, who: usize) {
        let Some(people) = self.present.get_mut(&room).filter(|people| !people.is_empty()) else {
            return;
        };
        let person = people.remove(who % people.len());
        let told = usize::from(person.mode.is_none());
        let listed = check::listed(&self.stage.model);
        self.tell(changed(room, Change { left: vec![person], ..Change::default() }));
        let now = check::listed(&self.stage.model);
        assert_eq!(now, listed + told, "a leave is in the list of arrivals once");
    }

    fn rename(&mut self, room: usize, who: usize, name: &str) {
        let Some(people) = self.present.get_mut(&room).filter(|people| !people.is_empty()) else {
            return;
        };
        let count = people.len();
        let person = &mut people[who % count];
        person.name = name.into();
        let updated = vec![person.clone()];
        self.tell(changed(room, Change { updated, ..Change::default() }));
    }

    /// Tells something that one of the people there does; of nobody, that a stranger does.
    fn tell_of(
        &mut self,
        room: usize,
        who: usize,
        notice: impl Fn(RoomName, hullo::protocol::SessionId) -> Notice,
    ) {
        let Some(people) = self.present.get(&room) else { return };
        let from = people.get(who).map_or(id(99), |person| person.id);
        self.tell(notice(name_of(room), from));
    }

    fn offline(&mut self) {
        self.online = false;
        self.asked.extend(std::mem::take(&mut self.present).into_keys());
        let retry_at = at(self.stage.millis + 3000).at;
        self.tell(Notice::Offline { reason: "refused \u{1b}\u{202e}".into(), retry_at });
        for ticket in std::mem::take(&mut self.pending) {
            self.event(&Event::Settled(ticket, Err(Error::Lost)));
        }
    }

    fn online(&mut self, gone: u8, came: u8) {
        if !self.online {
            self.online = true;
            self.tell(Notice::Online);
        }
        for room in std::mem::take(&mut self.asked) {
            let known = self.stage.model.room(&name_of(room));
            let mut people: Vec<Person> = known
                .into_iter()
                .flat_map(|room| room.people.iter().filter(|who| room.own() != Some(who.person.id)))
                .map(|member| member.person.clone())
                .collect();
            people.truncate(people.len().saturating_sub(gone.into()));
            people
                .extend((0..came).map(|n| self.somebody(["kim", "bo", "לו"][usize::from(n % 3)])));
            let me = self.somebody("ada");
            let mut present = people.clone();
            present.push(me.clone());
            self.present.insert(room, people);
            if gone == 3 {
                self.tell(Notice::Gap { room: name_of(room), is_filled: came == 3 });
            }
            let topic = (came > 1).then(|| RoomTopic {
                text: "日本語 about ".repeat(usize::from(came)),
                by: "bo  bo".to_owned(),
                at: u64::from(gone) * 1_000_000_000,
            });
            self.tell(Notice::Entered { room: name_of(room), me, present, topic });
            let seq = u64::try_from(self.next).unwrap();
            let words = ["hi ada", "\u{1b}[2J\u{202e}", "日本語\ntwo"];
            let messages: Vec<PastMessage> =
                (seq..).zip(words).map(|(seq, text)| past(seq, text)).take(came.into()).collect();
            if !messages.is_empty() {
                self.tell(Notice::History { room: name_of(room), messages });
            }
        }
    }

    /// Only where the connection was lost does a session go on.
    fn resumed(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        if self.online {
            self.asked = asked;
            return;
        }
        self.online = true;
        self.tell(Notice::Online);
        for room in asked {
            let known = self.stage.model.room(&name_of(room)).and_then(|known| {
                let all: Vec<Person> =
                    known.people.iter().map(|member| member.person.clone()).collect();
                let me = all.iter().find(|person| Some(person.id) == known.own())?.clone();
                Some((me, all))
            });
            let Some((me, present)) = known else {
                self.asked.insert(room);
                continue;
            };
            let others = present.iter().filter(|person| person.id != me.id).cloned().collect();
            self.present.insert(room, others);
            self.tell(Notice::Resumed { room: name_of(room), me, present });
        }
    }

    fn put_out(&mut self, room: usize, refused: bool) {
        let there = self.present.remove(&room).is_some();
        let wanted = self.online && self.asked.remove(&room);
        if there || wanted {
            let why = Departure::Refused(Error::RefusedOther("no \u{1b}[2J\u{202e}".into()));
            self.tell(left(room, if refused { why } else { Departure::Closed }));
        }
    }

    fn settle(&mut self, well: bool) {
        if let Some(ticket) = self.pending.pop() {
            let outcome = if well { Ok(()) } else { Err(Error::RefusedOther("full\u{1b}".into())) };
            self.event(&Event::Settled(ticket, outcome));
        }
    }

    fn somebody(&mut self, name: &str) -> Person {
        self.next += 1;
        let user = self.next.is_multiple_of(5).then(|| format!("u\u{202e}{}", self.next % 10));
        let mut person = named(self.next, name);
        (person.user, person.text) = (user, Some(name.to_owned()));
        person
    }
}

/// Days, but not weeks, ago.
fn past(seq: u64, text: &str) -> PastMessage {
    PastMessage::from(PastBroadcast {
        message: message(text),
        client_session_id: id(u128::from(seq % 9)),
        seq,
        name: "bo\u{202e}".to_owned(),
        at: 1_795_000_000 + seq * 3_000,
    })
}

/// The name of a sender that is in nobody's presence; most are.
fn unlisted(who: usize) -> Option<String> {
    (who > 5).then(|| ["bo", ""][who % 2].to_owned())
}

fn message(text: &str) -> Message {
    Message::text(text)
}

fn name_of(number: usize) -> RoomName {
    room(ROOMS[number])
}

fn number(name: &RoomName) -> Option<usize> {
    ROOMS.iter().position(|room| *room == name.as_str())
}

fn changed(room: usize, change: Change) -> Notice {
    Notice::Changed { room: name_of(room), change }
}

fn left(room: usize, departure: Departure) -> Notice {
    Notice::Left { room: name_of(room), departure }
}
