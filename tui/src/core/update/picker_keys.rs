//! Keys while a picker is open: they filter it, choose in it, and do what is chosen.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::actions::act;
use super::commands::{messages::talk_to, rooms::join, run_line};
use super::{buffers, flash, selection, submit};
use crate::chat::buffer::BufferId;
use crate::core::event::Effect;
use crate::core::model::{Model, PickerKind};
use crate::input::keymap::{Action, typed_character};
use crate::menu::{self, Choice};

/// Handles a key that is not for the whole program.
pub(super) fn press(model: &mut Model, key: KeyEvent, action: Option<Action>) -> Vec<Effect> {
    let page = menu::page(model);
    let Some(picker) = &mut model.picker else { return Vec::new() };
    if let (PickerKind::Palette(filter), Some(Action::Complete | Action::CompleteBack)) =
        (picker.kind, action)
    {
        picker.kind = PickerKind::Palette(filter.step(action == Some(Action::Complete)));
        picker.chosen = 0;
        return Vec::new();
    }
    match (action, key.code) {
        (_, KeyCode::Esc) | (Some(Action::Help), _) => model.picker = None,
        (_, KeyCode::Enter) => return choose(model),
        (Some(Action::Older | Action::CompleteBack), _) => {
            go(model, |chosen, last| chosen.checked_sub(1).unwrap_or(last));
        }
        (Some(Action::Newer | Action::Complete), _) => {
            go(model, |chosen, last| if chosen >= last { 0 } else { chosen + 1 });
        }
        (Some(Action::PageUp), _) => picker.chosen = picker.chosen.saturating_sub(page),
        (Some(Action::PageDown), _) => go(model, |chosen, last| (chosen + page).min(last)),
        (Some(Action::NewLine), _) => {}
        (Some(action), _) => {
            if let Some(edit) = action.edit() {
                edit(&mut picker.query);
                picker.chosen = 0;
            }
        }
        (None, _) => {
            if let Some(typed) = typed_character(key) {
                picker.query.insert_typed(typed);
                picker.chosen = 0;
            }
        }
    }
    Vec::new()
}

/// Chooses the next item, or the previous one.
pub(super) fn step(model: &mut Model, down: bool) {
    let to =
        |chosen: usize, last| if down { (chosen + 1).min(last) } else { chosen.saturating_sub(1) };
    go(model, to);
}

/// Moves the choice to a place that is computed from its old place and the last item.
fn go(model: &mut Model, to: impl FnOnce(usize, usize) -> usize) {
    let last = menu::offers(model).len().saturating_sub(1);
    if let Some(picker) = &mut model.picker {
        picker.chosen = to(picker.chosen, last);
    }
}

/// Does what stands at this place, and closes the picker.
pub(super) fn choose_at(model: &mut Model, at: usize) -> Vec<Effect> {
    if let Some(picker) = &mut model.picker {
        picker.chosen = at;
    }
    choose(model)
}

/// Does what is chosen, and closes the picker.
fn choose(model: &mut Model) -> Vec<Effect> {
    let mut offers = menu::offers(model);
    let Some(picker) = model.picker.take() else { return Vec::new() };
    if picker.chosen >= offers.len() {
        return Vec::new();
    }
    match offers.swap_remove(picker.chosen).choice {
        Choice::Act(action) => act(model, action),
        Choice::Command(command) if command.runs_when_chosen => {
            run_line(model, &format!("/{}", command.name))
        }
        Choice::Command(command) => write(model, &format!("/{} ", command.name)),
        Choice::Run(line) => submit::run_bound(model, &line),
        Choice::Type(text) => write(model, &text),
        Choice::Show(id) => {
            show(model, id);
            Vec::new()
        }
        Choice::Join(name) => join(model, &name),
        Choice::Person { room, id } => {
            let member = model.room(&room).and_then(|room| room.people.member(id)).cloned();
            if let Some(member) = member {
                talk_to(model, &room, &member, "")
            } else {
                flash(model, "they have left");
                Vec::new()
            }
        }
        Choice::Entry(buffer, entry) => {
            show(model, buffer);
            selection::select(model, entry);
            Vec::new()
        }
    }
}

/// Puts a text into the line; undo brings back what was there.
fn write(model: &mut Model, text: &str) -> Vec<Effect> {
    model.buffer_mut().composer.set(text);
    Vec::new()
}

fn show(model: &mut Model, id: BufferId) {
    if let Some(at) = model.index_of(id) {
        buffers::show(model, at);
    }
}
