//! The people of the room, filtered by name.

use super::{Choice, Offer, ranking};
use crate::core::model::Model;
use crate::layout::by_relevance;
use crate::people::Member;
use crate::text::row::segment;
use crate::theme::{Role, state_glyph};

pub(super) fn offers(model: &Model, typed: &str) -> Vec<Offer> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let all = by_relevance(model, room, room.people.iter().collect()).into_iter();
    let all = all.map(|member| (member.label(), member));
    let found = ranking::best(all, typed, usize::MAX, |(label, _)| label);
    let is_live = model.is_live(&room.name);
    let offer = |(label, member): (String, &Member)| {
        let (glyph, role) = state_glyph(member.state());
        let role = if is_live { role } else { Role::Dim };
        let choice = Choice::Person { room: room.name.clone(), id: member.person.id };
        Offer {
            row: vec![segment(format!("{glyph} "), role), segment(label, Role::Name(member.hue()))],
            note: member.person.text.clone().unwrap_or_default(),
            choice,
        }
    };
    found.into_iter().map(offer).collect()
}
