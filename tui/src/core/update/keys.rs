//! What keys do. Whatever is typed is kept: no key but Enter sends, no layer takes the draft.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::buffers::{self, Go};
use super::{command, hint, layer, say, selection};
use crate::core::event::Effect;
use crate::core::model::{Layer, LayerKind, Model, Panes, Sort};
use crate::input::complete::{self, Completion};
use crate::input::composer::{Composer, MAX_DRAFT_BYTES};
use crate::input::keymap::{Action, Chord};

/// How soon a second Ctrl+C on an empty line means quit.
const QUIT_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

/// Takes pasted text into the line that has the keys: it is never sent by itself.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean = hullo::text::clean_text(&text).replace('\t', "    ");
    if let Some(layer) = &mut model.layer {
        layer.query.insert(clean.split('\n').next().unwrap_or_default());
        layer.chosen = 0;
        return Vec::new();
    }
    model.completion = None;
    let composer = &mut model.buffer_mut().composer;
    let left_out = clean.len().saturating_sub(composer.room());
    composer.insert(&clean);
    if left_out > 0 {
        let text = format!("{left_out} bytes of it are left out: {MAX_DRAFT_BYTES} are the most");
        hint(model, text);
    }
    say::tell_typing(model)
}

/// Takes one key.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let chord = Chord::of(key);
    let typing = model.layer.is_some() || !model.buffer().composer.is_empty();
    let is_typed = chord.types() && typing;
    if let Some(line) = model.keymap.line(chord).filter(|_| !is_typed && model.layer.is_none()) {
        let line = line.to_owned();
        model.quit_asked = None;
        model.completion = None;
        model.buffer_mut().selected = None;
        return say::run(model, &line);
    }
    let action = model.keymap.action(chord).filter(|_| !is_typed);
    if action != Some(Action::Interrupt) {
        model.quit_asked = None;
    }
    match action {
        Some(Action::Interrupt) => return interrupt(model),
        Some(Action::Suspend) => return vec![Effect::Suspend],
        Some(Action::Repaint) => return vec![Effect::Repaint],
        _ => {}
    }
    if model.layer.is_some() {
        return layer::press(model, key, action);
    }
    if !matches!(action, Some(Action::Complete | Action::CompleteBack)) {
        let offered = model.completion.take().is_some();
        if key.code == KeyCode::Esc {
            model.look.decline();
        }
        if offered && key.code == KeyCode::Esc {
            return Vec::new();
        }
    }
    if let Some(effects) = selection::press(model, key, action) {
        return effects;
    }
    match action {
        Some(action) => act(model, action),
        None => typed(model, key),
    }
}

/// A character, unless something is held down that makes it none.
pub(super) fn character(key: KeyEvent) -> Option<char> {
    let held = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER);
    match key.code {
        KeyCode::Char(typed) if held.is_empty() => Some(typed),
        _ => None,
    }
}

/// Inserts what a key types, without anything that could drive a terminal.
pub(super) fn insert(composer: &mut Composer, typed: char) {
    composer.insert(&hullo::text::clean_text(typed.encode_utf8(&mut [0; 4])));
}

fn typed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(typed) = character(key) else { return Vec::new() };
    insert(&mut model.buffer_mut().composer, typed);
    model.history.rest();
    say::tell_typing(model)
}

/// Clears the line; on an empty one asks, and the second time ends.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    let now = model.now.at;
    model.completion = None;
    if model.layer.take().is_some() {
        return Vec::new();
    }
    if !model.buffer().composer.is_empty() {
        model.buffer_mut().composer.take();
        hint(model, "cleared · Ctrl+_ brings it back");
        return say::tell_typing(model);
    }
    let asked = model.quit_asked.replace(now);
    if asked.is_some_and(|asked| now.saturating_duration_since(asked) < QUIT_WITHIN) {
        return vec![Effect::Quit];
    }
    hint(model, "Ctrl+C once more to quit");
    Vec::new()
}

/// Does what a key means, or what was chosen instead of pressing it.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let empty = model.buffer().composer.is_empty();
    match action {
        Action::Send if empty => unfold(model),
        Action::Send => return say::send(model),
        Action::Complete => complete(model, true),
        Action::CompleteBack => complete(model, false),
        Action::Older => recall(model, true),
        Action::Newer => recall(model, false),
        Action::NextActivity => buffers::next_activity(model),
        Action::Back => buffers::back(model),
        Action::Buffer(number) => buffers::show(model, usize::from(number) - 1),
        Action::PreviousBuffer => buffers::step(model, false),
        Action::NextBuffer => buffers::step(model, true),
        Action::PageUp => buffers::scroll(model, Go::PageUp),
        Action::PageDown => buffers::scroll(model, Go::PageDown),
        Action::LineStart if empty => buffers::scroll(model, Go::Top),
        Action::LineEnd if empty => buffers::scroll(model, Go::End),
        Action::Edit => return command::edit(model),
        // Readline's key for it, where there is something to go round in.
        Action::CopyAddress if model.buffer().composer.has_older_to_yank() => {
            model.buffer_mut().composer.yank_older();
        }
        Action::CopyAddress => return super::about::copy_address(model),
        Action::FirstUnread => buffers::scroll(model, Go::Unread),
        Action::Wave => return command::wave(model, None),
        Action::RoomsPane => {
            arrange(model, |panes| panes.rooms = Some(!panes.rooms.unwrap_or(true)));
        }
        Action::PeoplePane => {
            let by_itself = model.size.width >= 72;
            arrange(model, |panes| panes.people = Some(!panes.people.unwrap_or(by_itself)));
        }
        Action::Bare => arrange(model, |panes| panes.bare = !panes.bare),
        Action::Mute => return super::mute::mute(model, None, None),
        Action::Palette => model.layer = Some(Layer::new(LayerKind::Palette(Sort::All))),
        Action::SearchHistory => model.layer = Some(Layer::new(LayerKind::History)),
        Action::Find => model.layer = Some(Layer::new(LayerKind::Find)),
        Action::FilterPeople => model.layer = Some(Layer::new(LayerKind::People)),
        Action::SelectUp => selection::step(model, true),
        Action::SelectDown => selection::step(model, false),
        Action::NextMention => selection::to_mention(model, true),
        Action::PreviousMention => selection::to_mention(model, false),
        Action::Help => model.layer = Some(Layer::new(LayerKind::Help)),
        Action::DeleteRightOrQuit if empty => return vec![Effect::Quit],
        Action::Interrupt => return interrupt(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Repaint => return vec![Effect::Repaint],
        action => {
            edit(&mut model.buffer_mut().composer, action);
            return say::tell_typing(model);
        }
    }
    Vec::new()
}

/// Shows panes or hides them.
fn arrange(model: &mut Model, change: impl FnOnce(&mut Panes)) {
    change(&mut model.panes);
    buffers::fit(model);
}

/// Changes a line as the action says; true if it is an action that changes lines.
pub(super) fn edit(composer: &mut Composer, action: Action) -> bool {
    match action {
        Action::NewLine => composer.insert("\n"),
        Action::LineStart => composer.home(),
        Action::LineEnd => composer.end(),
        Action::Left => composer.left(),
        Action::Right => composer.right(),
        Action::WordLeft => composer.word_left(),
        Action::WordRight => composer.word_right(),
        Action::DeleteLeft => composer.backspace(),
        Action::DeleteRight | Action::DeleteRightOrQuit => composer.delete_next(),
        Action::KillToEnd => composer.kill_to_end(),
        Action::KillToStart => composer.kill_to_start(),
        Action::KillWordLeft => composer.kill_word_left(),
        Action::KillWordRight => composer.kill_word_right(),
        Action::Yank => composer.yank(),
        Action::Undo => composer.undo(),
        _ => return false,
    }
    true
}

/// Moves in a draft of several lines first, then in what was sent before.
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

/// Opens the newest group of arrivals, or closes it; those of a flood are in their list.
fn unfold(model: &mut Model) {
    if model.buffer().log.flood().is_some() {
        buffers::show_arrivals(model);
        return;
    }
    let log = &mut model.buffer_mut().log;
    if let Some(id) = log.newest_group() {
        log.toggle_group(id);
    }
}

fn complete(model: &mut Model, forwards: bool) {
    let next = match model.completion.take() {
        Some(completion) => {
            let count = completion.options.len();
            let by = if forwards { 1 } else { count - 1 };
            Some(Completion { chosen: (completion.chosen + by) % count, ..completion })
        }
        None => complete::completions(model),
    };
    let Some(mut completion) = next else { return };
    let text = format!("{}{}", completion.options[completion.chosen], completion.tail);
    model.buffer_mut().composer.replace(completion.range.clone(), &text);
    completion.range.end = completion.range.start + text.len();
    model.completion = Some(completion).filter(|completion| completion.options.len() > 1);
}
