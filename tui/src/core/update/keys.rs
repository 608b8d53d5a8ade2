//! Keys and pasted text: whether they are for the picker, the selected message or the line.
//!
//! Whatever is typed is kept: no key but Enter sends, and no picker takes the draft.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::actions::{act, interrupt};
use super::{flash, picker_keys, say, selection, submit};
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::input::composer::MAX_DRAFT_BYTES;
use crate::input::keymap::{Action, Chord, Meaning, typed_character};

/// A paste of more lines may be a mistake: Enter asks before it is sent.
pub(super) const MANY_LINES: usize = 5;

/// Inserts pasted text into the line that has the keys: it is never sent by itself.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean = hullo::text::clean_text(&text).replace('\t', "    ");
    if let Some(picker) = &mut model.picker {
        picker.query.insert(clean.split('\n').next().unwrap_or_default());
        picker.chosen = 0;
        return Vec::new();
    }
    model.completion = None;
    let composer = &mut model.buffer_mut().composer;
    let left_out = clean.len().saturating_sub(composer.free_bytes());
    composer.insert(&clean);
    let lines = clean.trim_end().lines().count();
    if lines > MANY_LINES {
        model.buffer_mut().asks_before_sending = true;
        flash(model, format!("{lines} lines pasted"));
    }
    if left_out > 0 {
        let text =
            format!("{left_out} bytes were left out: a draft has at most {MAX_DRAFT_BYTES} bytes");
        flash(model, text);
    }
    say::tell_typing(model)
}

/// Handles one key.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let chord = Chord::from(key);
    let is_writing = model.picker.is_some() || !model.buffer().composer.is_empty();
    let action = match model.keymap.meaning(chord).filter(|_| !(is_writing && chord.is_character()))
    {
        Some(Meaning::Action(action)) => Some(*action),
        Some(Meaning::Line(line)) if model.picker.is_none() => {
            let line = line.clone();
            model.quit_asked = None;
            model.completion = None;
            model.buffer_mut().selected = None;
            return submit::run_bound(model, &line);
        }
        Some(Meaning::Line(_)) | None => None,
    };
    if action != Some(Action::Interrupt) {
        model.quit_asked = None;
    }
    match action {
        Some(Action::Interrupt) => return interrupt(model),
        Some(Action::Suspend) => return vec![Effect::Suspend],
        Some(Action::Repaint) => return vec![Effect::Repaint],
        _ => {}
    }
    if model.picker.is_some() {
        return picker_keys::press(model, key, action);
    }
    if !matches!(action, Some(Action::Complete | Action::CompleteBack)) {
        let was_stepping = model.completion.take().is_some();
        if key.code == KeyCode::Esc {
            model.theming.reject_preview();
        }
        if was_stepping && key.code == KeyCode::Esc {
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

fn typed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(typed) = typed_character(key) else { return Vec::new() };
    model.buffer_mut().composer.insert_typed(typed);
    model.history.rest();
    say::tell_typing(model)
}
