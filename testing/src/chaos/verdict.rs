//! What the members' transcripts say together: was anything lost, doubled or put in another order?
//!
//! A session that goes on must hear everything. Where it ended, which its member was told, the next
//! one begins anew; so what must have been heard is judged by what was heard before and after:
//!
//! - by place: what another heard between two places of a session, it heard, too;
//! - by sender: of what one sender said one after another, a session that heard the first and the
//!   last heard all that was acknowledged between them, even if nobody else did.

use std::collections::{BTreeMap, BTreeSet};

use super::transcript::{Heard, Key, RoomTranscript, Sent, Session, Transcript};

/// What is wrong, in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// It should have been heard.
    pub lost: Vec<String>,
    /// It was heard twice.
    pub doubled: Vec<String>,
    /// It was heard in another order than by others, or than it was said in.
    pub reordered: Vec<String>,
    /// It should not have been heard at all.
    pub misled: Vec<String>,
}

/// A session as part of a room's life: its member, and which of the member's sessions it is.
type Place = (usize, usize);

/// Judges. If no session may end, each must have heard everything from the beginning.
pub fn judge(members: &[Transcript], no_session_ends: bool) -> Verdict {
    let mut verdict = Verdict::default();
    let rooms: BTreeSet<usize> = members.iter().flat_map(|it| it.rooms.keys().copied()).collect();
    for room in rooms {
        let mut judging = Judging { members, room, verdict: &mut verdict };
        judging.find_doubled();
        for life in judging.lives() {
            judging.check_places(&life);
        }
        judging.check_senders();
        if no_session_ends {
            judging.check_all();
        }
    }
    verdict
}

struct Judging<'a> {
    members: &'a [Transcript],
    room: usize,
    verdict: &'a mut Verdict,
}

impl<'a> Judging<'a> {
    fn here(&self) -> impl Iterator<Item = (usize, &'a RoomTranscript)> + use<'a> {
        let room = self.room;
        let members = self.members.iter().enumerate();
        members.filter_map(move |(member, it)| Some((member, it.rooms.get(&room)?)))
    }

    fn sessions(&self) -> impl Iterator<Item = (Place, &'a Session)> + use<'a> {
        self.here().flat_map(|(member, room)| {
            let sessions = room.sessions.iter().enumerate();
            sessions.map(move |(at, session)| ((member, at), session))
        })
    }

    fn session(&self, (member, at): Place) -> Option<&'a Session> {
        self.members[member].rooms.get(&self.room)?.sessions.get(at)
    }

    fn sent(&self, key: Key) -> Option<&'a Sent> {
        self.members.get(key.member)?.sent.get(key.number)
    }

    fn name(&self, member: usize, key: Key) -> String {
        let what =
            if self.sent(key).is_some_and(|sent| sent.to.is_some()) { "to it alone" } else { "" };
        let Key { member: from, number } = key;
        format!("room {}: message {number} of member {from} {what} at member {member}", self.room)
    }

    fn find_doubled(&mut self) {
        for (member, room) in self.here() {
            let mut known = BTreeSet::new();
            for heard in room.sessions.iter().flat_map(|it| it.past.iter().chain(&it.heard)) {
                if !known.insert(heard.key) {
                    self.verdict.doubled.push(self.name(member, heard.key));
                }
            }
        }
    }

    /// Sessions that heard a message in common are of one life of the room.
    fn lives(&self) -> Vec<Vec<Place>> {
        let mut lives: Vec<(BTreeSet<Key>, Vec<Place>)> = Vec::new();
        for (place, session) in self.sessions() {
            let all = session.past.iter().chain(&session.heard).filter(|heard| !heard.is_direct);
            let mut keys: BTreeSet<Key> = all.map(|heard| heard.key).collect();
            let mut places = vec![place];
            let same = lives.extract_if(.., |(known, _)| !known.is_disjoint(&keys));
            for (known, others) in same.collect::<Vec<_>>() {
                keys.extend(known);
                places.extend(others);
            }
            places.sort_unstable();
            lives.push((keys, places));
        }
        lives.into_iter().map(|(_, places)| places).collect()
    }

    /// Each place in the order has one message, each message one place, and nobody has a hole.
    fn check_places(&mut self, life: &[Place]) {
        let mut by_seq: BTreeMap<u64, Heard> = BTreeMap::new();
        let mut by_key: BTreeMap<Key, u64> = BTreeMap::new();
        for &(member, at) in life {
            let Some(session) = self.session((member, at)) else { continue };
            for heard in session.past.iter().chain(&session.heard) {
                let seq = *by_key.entry(heard.key).or_insert(heard.seq);
                let there = by_seq.entry(heard.seq).or_insert(*heard);
                if seq != heard.seq || there.key != heard.key {
                    self.verdict.reordered.push(self.name(member, heard.key));
                }
            }
            let in_order = |heard: &[Heard]| heard.windows(2).all(|two| two[0].seq < two[1].seq);
            if !in_order(&session.past) || !in_order(&session.heard) {
                let sentence = format!("room {}: member {member}, places go back", self.room);
                self.verdict.reordered.push(sentence);
            }
        }
        for &(member, at) in life {
            self.check_hole((member, at), life, &by_seq);
        }
    }

    fn check_hole(&mut self, place: Place, life: &[Place], by_seq: &BTreeMap<u64, Heard>) {
        let (member, at) = place;
        let Some(session) = self.session(place) else { return };
        let Some(last) = session.heard.last() else { return };
        let mut heard: BTreeSet<Key> = session.heard.iter().map(|heard| heard.key).collect();
        let mut first = session.heard.first().map_or(last.seq, |first| first.seq);
        // What was said between two sessions is in the history, if that is said to hold all.
        if session.gap == Some(true)
            && at > 0
            && life.contains(&(member, at - 1))
            && let Some(before) = self.session((member, at - 1)).and_then(|it| it.heard.last())
        {
            first = before.seq;
            heard.extend(session.past.iter().map(|past| past.key));
        }
        for told in by_seq.range(first..=last.seq).map(|(_, told)| told) {
            let is_for_it = !told.is_direct && told.key.member != member && told.seq > first;
            if is_for_it && !heard.contains(&told.key) {
                let range = format!("place {} of {first}-{}", told.seq, last.seq);
                let sentence = self.name(member, told.key);
                self.verdict.lost.push(format!("{sentence}, {range} in its session {at}"));
            }
        }
    }

    /// Each sender is heard in the order in which it spoke, and without a hole.
    fn check_senders(&mut self) {
        for ((member, _), session) in self.sessions() {
            let mut by_sender: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for Heard { key, is_direct, .. } in &session.heard {
                by_sender.entry(key.member).or_default().push(key.number);
                let Some(sent) = self.sent(*key) else {
                    self.verdict.misled.push(self.name(member, *key));
                    continue;
                };
                let meant = sent.to.is_none_or(|to| to == (member, session.id));
                if sent.room != self.room || !meant || *is_direct != sent.to.is_some() {
                    self.verdict.misled.push(self.name(member, *key));
                }
            }
            for (sender, numbers) in by_sender {
                if let Some(two) = numbers.windows(2).find(|two| two[0] >= two[1]) {
                    let key = Key { member: sender, number: two[1] };
                    self.verdict.reordered.push(self.name(member, key));
                }
                let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) else {
                    continue;
                };
                let known: BTreeSet<usize> = numbers.iter().copied().collect();
                let between = (*first..*last).filter(|number| !known.contains(number));
                self.check_heard(member, session, sender, between);
            }
        }
    }

    /// Of these, the session should have heard those that are acknowledged and for it.
    fn check_heard(
        &mut self,
        member: usize,
        session: &Session,
        sender: usize,
        numbers: impl Iterator<Item = usize>,
    ) {
        for number in numbers {
            let key = Key { member: sender, number };
            let Some(sent) = self.sent(key) else { continue };
            let is_for_it = sent.to.is_none_or(|to| to == (member, session.id));
            if is_for_it && sent.room == self.room && sent.is_acknowledged() {
                self.verdict.lost.push(self.name(member, key));
            }
        }
    }

    fn check_all(&mut self) {
        for (member, room) in self.here() {
            let [session] = &*room.sessions else {
                let (count, room) = (room.sessions.len(), self.room);
                let sentence = format!("room {room}: member {member} had {count} sessions");
                self.verdict.lost.push(sentence);
                continue;
            };
            let known: BTreeSet<Key> = session.heard.iter().map(|heard| heard.key).collect();
            for (sender, other) in self.members.iter().enumerate().filter(|it| it.0 != member) {
                let numbers = 0..other.sent.len();
                let unheard = numbers
                    .filter(|number| !known.contains(&Key { member: sender, number: *number }));
                self.check_heard(member, session, sender, unheard);
            }
        }
        self.verdict.lost.sort();
        self.verdict.lost.dedup();
    }
}
