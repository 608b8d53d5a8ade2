//! What every action does: one arm for each in the table of [`crate::input::keymap`].

use std::time::Duration;

use super::buffers::{self, Go, PeopleStep};
use super::commands::messages::{edit, wave_to};
use super::commands::{copy_address, notifications};
use super::{directory, flash, quit, say, selection, submit};
use crate::core::event::Effect;
use crate::core::model::{Model, Panes, Picker, PickerKind};
use crate::input::completion::Completion;
use crate::input::keymap::Action;
use crate::layout::ROOMS_FROM;
use crate::menu::complete::completions;

/// How soon a second Ctrl+C on an empty line means quit.
const QUIT_WITHIN: Duration = Duration::from_secs(2);

/// Runs the action of a key, or one that was chosen from a list.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let empty = model.buffer().composer.is_empty();
    match action {
        Action::Send if empty => unfold(model),
        Action::Send => return submit::send(model),
        Action::Complete => complete(model, true),
        Action::CompleteBack => complete(model, false),
        Action::Older => recall(model, true),
        Action::Newer => recall(model, false),
        Action::NextActivity => buffers::next_activity(model),
        Action::Back => buffers::back(model),
        Action::Buffer(number) => buffers::show_numbered(model, usize::from(number)),
        Action::PreviousBuffer => buffers::step(model, false),
        Action::NextBuffer => buffers::step(model, true),
        Action::PageUp => buffers::scroll(model, Go::PageUp),
        Action::PageDown => buffers::scroll(model, Go::PageDown),
        Action::LineStart if empty => buffers::scroll(model, Go::Top),
        Action::LineEnd if empty => buffers::scroll(model, Go::End),
        Action::Edit => return edit(model),
        // Readline's key for it, where there is something to go round in.
        Action::CopyAddress if model.buffer().composer.has_older_to_yank() => {
            model.buffer_mut().composer.yank_older();
        }
        Action::CopyAddress => return copy_address(model),
        Action::FirstUnread => buffers::scroll(model, Go::Unread),
        Action::Wave => return wave_to(model, None),
        Action::PeopleUp => buffers::scroll_people(model, PeopleStep::Page, false),
        Action::PeopleDown => buffers::scroll_people(model, PeopleStep::Page, true),
        Action::SendAgain => return selection::send_all_again(model),
        Action::RoomsPane | Action::PeoplePane | Action::Bare => toggle_pane(model, action),
        Action::Mute => return notifications::mute(model, None, None),
        Action::Palette => return directory::open_palette(model),
        Action::SearchHistory => model.picker = Some(Picker::new(PickerKind::History)),
        Action::Find => model.picker = Some(Picker::new(PickerKind::Find)),
        Action::FilterPeople => model.picker = Some(Picker::new(PickerKind::People)),
        Action::SelectUp => selection::step(model, true),
        Action::SelectDown => selection::step(model, false),
        Action::NextMention => selection::to_mention(model, true),
        Action::PreviousMention => selection::to_mention(model, false),
        Action::Help => model.picker = Some(Picker::new(PickerKind::Help)),
        Action::DeleteRightOrQuit if empty => return quit::quit(model),
        Action::Interrupt => return interrupt(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Repaint => return vec![Effect::Repaint],
        Action::NewLine
        | Action::LineStart
        | Action::LineEnd
        | Action::Left
        | Action::Right
        | Action::WordLeft
        | Action::WordRight
        | Action::DeleteLeft
        | Action::DeleteRight
        | Action::DeleteRightOrQuit
        | Action::KillToEnd
        | Action::KillToStart
        | Action::KillWordLeft
        | Action::KillWordRight
        | Action::Yank
        | Action::Undo => return edit_line(model, action),
    }
    Vec::new()
}

/// Clears the line; on an empty one asks, and quits the second time.
pub(super) fn interrupt(model: &mut Model) -> Vec<Effect> {
    let now = model.now.at;
    model.completion = None;
    if model.picker.take().is_some() {
        return Vec::new();
    }
    if !model.buffer().composer.is_empty() {
        model.buffer_mut().composer.take();
        flash(model, "cleared · Ctrl+_ brings it back");
        return say::tell_typing(model);
    }
    let asked = model.quit_asked.replace(now);
    if asked.is_some_and(|asked| now.saturating_duration_since(asked) < QUIT_WITHIN) {
        return quit::quit(model);
    }
    flash(model, "Ctrl+C once more to quit");
    Vec::new()
}

/// Shows a pane or hides it, or everything but the log.
fn toggle_pane(model: &mut Model, pane: Action) {
    if pane == Action::RoomsPane && model.size.width < ROOMS_FROM {
        flash(model, format!("the list of rooms needs {ROOMS_FROM} columns"));
        return;
    }
    let people_fit = model.size.width >= 72;
    let Panes { rooms, people, bare, people_scroll: _ } = &mut model.panes;
    match pane {
        Action::RoomsPane => *rooms = Some(!rooms.unwrap_or(true)),
        Action::PeoplePane => *people = Some(!people.unwrap_or(people_fit)),
        _ => *bare = !*bare,
    }
    buffers::fit(model);
}

fn edit_line(model: &mut Model, action: Action) -> Vec<Effect> {
    if let Some(edit) = action.edit() {
        edit(&mut model.buffer_mut().composer);
    }
    say::tell_typing(model)
}

/// Moves in a draft of several lines first, then in the history.
fn recall(model: &mut Model, older: bool) {
    let composer = &mut model.buffer_mut().composer;
    if if older { composer.up() } else { composer.down() } {
        return;
    }
    let draft = composer.text().to_owned();
    let line =
        if older { model.history.older(&draft).map(str::to_owned) } else { model.history.newer() };
    if let Some(line) = line {
        model.buffer_mut().composer.set(&line);
    }
}

/// Expands or folds the newest group of arrivals; those of a flood are in their list.
fn unfold(model: &mut Model) {
    if model.buffer().log.flood().is_some() {
        buffers::show_arrivals(model);
        return;
    }
    let log = &mut model.buffer_mut().log;
    if let Some(id) = log.newest_group() {
        log.toggle(id);
    }
}

/// Completes the word at the cursor, or steps to the next completion.
fn complete(model: &mut Model, forwards: bool) {
    let next = match model.completion.take() {
        Some(completion) => {
            let count = completion.options.len();
            let by = if forwards { 1 } else { count - 1 };
            Some(Completion { chosen: (completion.chosen + by) % count, ..completion })
        }
        None => completions(model),
    };
    if let Some(next) = next {
        apply(model, next);
    }
}

/// Takes this one of the completions that are offered.
pub(super) fn complete_to(model: &mut Model, at: usize) {
    let completion = model.completion.take().filter(|one| at < one.options.len());
    if let Some(completion) = completion {
        apply(model, Completion { chosen: at, ..completion });
    }
}

/// Puts the chosen completion into the line.
fn apply(model: &mut Model, mut completion: Completion) {
    let text = format!("{}{}", completion.options[completion.chosen], completion.tail);
    model.buffer_mut().composer.replace(completion.range.clone(), &text);
    completion.range.end = completion.range.start + text.len();
    model.completion = Some(completion).filter(|completion| completion.options.len() > 1);
}
