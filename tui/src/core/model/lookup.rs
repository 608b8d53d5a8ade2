//! What other modules ask of the model: what is new, who is here, what we are called.

use hullo::protocol::SessionId;

use super::Model;
use crate::chat::buffer::{Buffer, Direct, Place, Room};
use crate::people::Member;

impl Model {
    /// Our name as the others see it here: with a number where somebody else has the same one.
    pub(crate) fn own_label(&self) -> String {
        self.own_label_in(self.current_room())
    }

    /// The same in another room.
    pub(crate) fn own_label_in(&self, room: Option<&Room>) -> String {
        let member = room.and_then(|room| room.people.member(room.own()?));
        let label = member.filter(|member| member.person.name == self.name).map(Member::label);
        label.unwrap_or_else(|| self.name.clone())
    }

    /// How urgent a buffer is: mentions before messages before arrivals. Unseen arrivals count for
    /// the list of arrivals only, not for each room.
    pub(crate) fn urgency(&self, at: usize) -> u8 {
        let buffer = &self.buffers[at];
        let arrivals = matches!(buffer.place, Place::Arrivals) && self.arrivals() > 0;
        match (buffer.mentions, buffer.unread) {
            (1.., _) => 3,
            (0, 1..) => 2,
            (0, 0) => u8::from(arrivals),
        }
    }

    /// Whether anything is new in another buffer.
    pub(crate) fn has_activity(&self) -> bool {
        (0..self.buffers.len()).any(|at| at != self.current && self.urgency(at) > 0)
    }

    /// The newest newcomer of the current room, if they are still here.
    pub(crate) fn newest_newcomer(&self) -> Option<&Member> {
        let room = self.current_room()?;
        let at = self.room_at(&room.name)?;
        room.people.member(self.buffers[at].log.newest_newcomer()?.session)
    }

    /// Whether anybody can be reached from the current buffer, now or after a reconnect.
    pub(crate) fn is_reachable(&self) -> bool {
        let buffer = self.buffer();
        let room = buffer.by_way_of().and_then(|name| self.room(name));
        room.is_some_and(|room| !room.is_out()) && buffer.direct().is_none_or(Direct::is_present)
    }

    /// Where somebody is present: in the current room, or in any other that we are in.
    pub(crate) fn find_person(&self, id: SessionId) -> Option<(&Room, &Member)> {
        let rooms = self.current_room().into_iter();
        let mut rooms = rooms.chain(self.buffers.iter().filter_map(Buffer::room));
        rooms.find_map(|room| Some((room, room.people.member(id)?)))
    }
}
