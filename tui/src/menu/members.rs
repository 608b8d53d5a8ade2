//! The people of the room, filtered by name.

use super::{Choice, Offer, ranking};
use crate::core::model::Model;
use crate::people::Member;
use crate::text::row::piece;
use crate::theme::{Role, state_glyph};

pub(super) fn offers(model: &Model, typed: &str) -> Vec<Offer> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let mut all: Vec<(String, &Member)> =
        room.people.iter().map(|member| (member.label(), member)).collect();
    all.sort_by_cached_key(|(label, member)| (!member.is_talking(model.now), label.to_lowercase()));
    let found = ranking::best(all.into_iter(), typed, |(label, _)| label);
    let offer = |(label, member): (String, &Member)| {
        let (glyph, role) = state_glyph(member.state());
        let choice = Choice::Person { room: room.name.clone(), id: member.person.id };
        Offer {
            row: vec![piece(format!("{glyph} "), role), piece(label, Role::Name(member.hue()))],
            note: member.person.text.clone().unwrap_or_default(),
            choice,
        }
    };
    found.into_iter().map(offer).collect()
}
