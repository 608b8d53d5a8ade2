//! What can be done now: where something is new, whom one can greet or write to.

use hullo::protocol::SessionId;

use super::Model;
use crate::chat::buffer::{Buffer, Place, Room};
use crate::people::Member;

impl Model {
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

    /// Where somebody is present: in the current room, or in any other that we are in.
    pub(crate) fn find_person(&self, id: SessionId) -> Option<(&Room, &Member)> {
        let rooms = self.current_room().into_iter();
        let mut rooms = rooms.chain(self.buffers.iter().filter_map(Buffer::room));
        rooms.find_map(|room| Some((room, room.people.member(id)?)))
    }
}
