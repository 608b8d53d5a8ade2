//! The mouse, if it is turned on: the wheel scrolls, a click does what is drawn there.

use ratatui::crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::actions::{act, complete_to};
use super::buffers::{self, Go, PeopleStep};
use super::commands::run_line;
use super::{keys, picker_keys, selection};
use crate::chat::log::Scroll;
use crate::core::event::Effect;
use crate::core::model::{Model, Picker, PickerKind};
use crate::ids::EntryId;
use crate::layout::{self, Target};
use crate::menu::complete::suggestions;
use crate::screen;

pub(super) fn handle(model: &mut Model, mouse: MouseEvent) -> Vec<Effect> {
    let at = Position::new(mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::ScrollUp => wheel(model, at, false),
        MouseEventKind::ScrollDown => wheel(model, at, true),
        MouseEventKind::Down(MouseButton::Left) => return click(model, at),
        _ => {}
    }
    Vec::new()
}

fn wheel(model: &mut Model, at: Position, down: bool) {
    let is_over_people = layout::areas(model).people.is_some_and(|area| area.contains(at));
    match () {
        () if model.picker.is_some() => picker_keys::step(model, down),
        () if is_over_people => buffers::scroll_people(model, PeopleStep::Wheel, down),
        () => buffers::scroll(model, if down { Go::Down } else { Go::Up }),
    }
}

/// Does what is drawn there. A click beside the open picker closes it.
fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let target = screen::target(model, at);
    match target {
        Some(Target::Offer(_) | Target::Filter(_) | Target::Enter | Target::Escape) => {}
        _ => model.picker = None,
    }
    let Some(target) = target else { return Vec::new() };
    match target {
        Target::Buffer(id) => {
            if let Some(at) = model.index_of(id) {
                buffers::show(model, at);
            }
        }
        Target::Person(id) => {
            let mut rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
            let known = rooms.find_map(|room| room.people.known(id));
            let name = known.map_or_else(|| "this person".to_owned(), |(name, _)| name);
            return selection::open_person(model, id, &name);
        }
        Target::Entry(id) => click_entry(model, id),
        Target::Action(action) => return act(model, action),
        Target::Key(key) => return press(model, KeyCode::Char(key)),
        Target::Enter => return press(model, KeyCode::Enter),
        Target::Escape => return press(model, KeyCode::Esc),
        Target::Command(line) => return run_line(model, line),
        Target::Newest => model.buffer_mut().log.scroll = Scroll::Newest,
        Target::Picker(kind) => model.picker = Some(Picker::new(kind)),
        Target::Completion(at) => complete_to(model, at),
        Target::Suggestion(at) => {
            // Where arguments follow, it only says which they are.
            let is_begun = !model.buffer().composer.text().contains(' ');
            let found = suggestions(model).into_iter().nth(at);
            let line = found.filter(|_| is_begun).map(|one| one.begun());
            if let Some(line) = line {
                model.buffer_mut().composer.set(&line);
            }
        }
        Target::Offer(at) => return picker_keys::choose_at(model, at),
        Target::Filter(filter) => {
            if let Some(picker) = &mut model.picker {
                (picker.kind, picker.chosen) = (PickerKind::Palette(filter), 0);
            }
        }
    }
    Vec::new()
}

fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    keys::press(model, KeyEvent::from(code))
}

/// Expands or folds what can be folded; selects anything else, or ends that.
fn click_entry(model: &mut Model, entry: EntryId) {
    if selection::toggle(model, entry) {
        return;
    }
    let buffer = model.buffer_mut();
    if buffer.selected == Some(entry) {
        buffer.selected = None;
    } else {
        selection::select(model, entry);
    }
}
