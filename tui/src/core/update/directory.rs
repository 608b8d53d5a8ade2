//! The list of the server's rooms: asked for by `/list`, which shows it, and whenever the palette is
//! opened, which offers them.

use std::time::Duration;

use hullo::client::{Error, RoomList};
use hullo::protocol::Refusal;

use super::{line_policy, report, why};
use crate::core::event::{Effect, Ticket};
use crate::core::model::{Directory, Filter, Link, Model, Picker, PickerKind, Push};
use crate::entry::system::Severity;
use crate::input::command::Args;

/// For how long a list is not asked for again when the palette is opened.
const FRESH_FOR: Duration = Duration::from_secs(30);

/// `/list`: asks for the rooms whose name or topic contains the text. On the screen the list opens at
/// once, so that it does not take the keys of somebody who writes on.
pub(super) fn command(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let matching = args.text.to_owned();
    let ticket = model.ticket(Push::List { matching: matching.clone() });
    if model.line_mode.is_none() {
        model.directory = Directory { asked_at: Some(model.now.at), ..Directory::default() };
        model.picker = Some(Picker::new(PickerKind::Directory));
    }
    vec![Effect::ListRooms { ticket: Some(ticket), matching }]
}

/// Opens the palette, and asks for the rooms that it offers unless the list is fresh.
pub(super) fn open_palette(model: &mut Model) -> Vec<Effect> {
    model.picker = Some(Picker::new(PickerKind::Palette(Filter::All)));
    let asked_at = model.directory.asked_at;
    let is_fresh =
        asked_at.is_some_and(|at| model.now.at.saturating_duration_since(at) < FRESH_FOR);
    if is_fresh || model.link != Link::Online {
        return Vec::new();
    }
    model.directory.asked_at = Some(model.now.at);
    vec![Effect::ListRooms { ticket: None, matching: String::new() }]
}

/// The rooms were listed, or not.
pub(super) fn on_listed(
    model: &mut Model,
    ticket: Option<Ticket>,
    outcome: Result<RoomList, Error>,
) {
    let Some(ticket) = ticket else {
        // The palette does without.
        if let Ok(RoomList { rooms, .. }) = outcome {
            model.directory.rooms = rooms;
        }
        return;
    };
    let asked = model.pushes.remove(&ticket).map(|under_way| under_way.push);
    let is_for_all = matches!(asked, Some(Push::List { matching }) if matching.is_empty());
    let rejected = model.rejected;
    let is_open = |picker: &mut Picker| picker.kind == PickerKind::Directory;
    if outcome.as_ref().map_or(true, |list| list.rooms.is_empty()) {
        model.picker.take_if(is_open);
    }
    match outcome {
        Ok(list) if list.rooms.is_empty() => {
            let like = if is_for_all { "" } else { " like that" };
            report(model, Severity::Info, format!("there is no room{like} with anybody in it"));
        }
        Ok(list) if model.line_mode.is_some() => report(model, Severity::Info, lines(&list)),
        Ok(RoomList { rooms, more, .. }) => {
            model.directory = Directory { rooms, more, asked_at: Some(model.now.at) };
        }
        Err(Error::Refused(Refusal::UnmatchedTopic)) => {
            report(model, Severity::Warning, "this server does not list its rooms");
        }
        Err(error) => {
            let text = format!("the rooms were not listed: {}", why(&error));
            report(model, Severity::Warning, text);
        }
    }
    line_policy::count_rejected(model, rejected);
}

/// A line for each room.
fn lines(list: &RoomList) -> String {
    let rooms = list.rooms.iter().map(|room| {
        let topic = room.topic.as_ref().map(|topic| format!(" · {topic}")).unwrap_or_default();
        format!("#{} · {} here{topic}", room.name, room.here)
    });
    let heading = match (list.rooms.len(), list.more) {
        (count, true) => format!("the {count} busiest rooms · /list TEXT lists others"),
        (1, false) => "one room".to_owned(),
        (count, false) => format!("{count} rooms"),
    };
    std::iter::once(heading).chain(rooms).collect::<Vec<_>>().join("\n")
}
