//! The rooms of the server, to join one.

use hullo::client::ListedRoom;

use super::{Choice, Offer, contains_words};
use crate::chat::buffer::{Room, room_title};
use crate::core::model::Model;
use crate::text::row::segment;
use crate::theme::Role;

/// Those whose name or topic contains what was typed, those with the most people first.
pub(super) fn offers(model: &Model, typed: &str) -> Vec<Offer> {
    let is_meant = |room: &&ListedRoom| {
        let topic = room.topic.as_deref().unwrap_or_default();
        contains_words(&format!("{} {topic}", room_title(&room.name)), typed)
    };
    model.directory.rooms.iter().filter(is_meant).map(|room| offer(model, room)).collect()
}

fn offer(model: &Model, room: &ListedRoom) -> Offer {
    let is_in = model.room(&room.name).is_some_and(|room| !Room::is_out(room));
    let topic = room.topic.as_ref().map(|topic| format!("  {topic}")).unwrap_or_default();
    let row = vec![
        segment(format!(" {:>4} ", room.here), Role::Dim),
        segment(room_title(&room.name), Role::Strong),
        segment(topic, Role::Dim),
    ];
    let note = if is_in { "you are in" } else { "join" };
    Offer { row, note: note.to_owned(), choice: Choice::Join(room.name.to_string()) }
}
