//! What keys do. Whatever is typed is kept: no key but Enter sends, no layer takes the draft.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::buffers::{self, Go};
use super::{command, hint, say};
use crate::complete::{self, Completion};
use crate::event::Effect;
use crate::model::{Help, Model};
use crate::transcript::What;

/// How soon a second Ctrl+C on an empty line means quit.
const QUIT_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

/// Takes pasted text into the draft: it is never sent by itself.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.completion = None;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean = hullo::text::clean_text(&text).replace('\t', "    ");
    model.buffer_mut().composer.insert(&clean);
    say::tell_typing(model)
}

/// Takes one key.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if !(control && key.code == KeyCode::Char('c')) {
        model.quit_asked = None;
    }
    if !matches!(key.code, KeyCode::Tab | KeyCode::BackTab) {
        model.completion = None;
    }
    if let Some(effects) = anywhere(model, key) {
        return effects;
    }
    if model.help.is_some() {
        in_help(model, key);
        return Vec::new();
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        return with_alt(model, key.code);
    }
    if control {
        return with_control(model, key.code);
    }
    plain(model, key)
}

/// Keys that do the same whatever is on screen.
fn anywhere(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if control => Some(interrupt(model)),
        KeyCode::Char('z') if control => Some(vec![Effect::Suspend]),
        KeyCode::Char('l') if control => Some(vec![Effect::Repaint]),
        KeyCode::F(1) => {
            model.help = if model.help.is_none() { Some(Help::default()) } else { None };
            Some(Vec::new())
        }
        _ => None,
    }
}

/// Clears the line; on an empty one asks, and the second time ends.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    let now = model.now.at;
    if model.help.take().is_some() {
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

fn in_help(model: &mut Model, key: KeyEvent) {
    let Some(help) = &mut model.help else { return };
    let page = usize::from(model.size.height).saturating_sub(4).max(1);
    help.scroll = match key.code {
        KeyCode::Up => help.scroll.saturating_sub(1),
        KeyCode::PageUp => help.scroll.saturating_sub(page),
        KeyCode::Down => help.scroll + 1,
        KeyCode::PageDown | KeyCode::Char(' ') => help.scroll + page,
        KeyCode::Home => 0,
        _ => {
            model.help = None;
            return;
        }
    };
    let most = crate::help::overflow(model.size);
    if let Some(help) = &mut model.help {
        help.scroll = help.scroll.min(most);
    }
}

fn with_alt(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    match code {
        KeyCode::Char('a') => buffers::next_activity(model),
        KeyCode::Char('w') => return command::wave(model, None),
        KeyCode::Char('u') => buffers::scroll(model, Go::Unread),
        KeyCode::Char('l') => model.panes.bare = !model.panes.bare,
        KeyCode::Char(digit @ '1'..='9') => {
            let at = digit as usize - '1' as usize;
            buffers::show(model, at);
        }
        KeyCode::Left => buffers::step(model, false),
        KeyCode::Right => buffers::step(model, true),
        code => return edit_with_alt(model, code),
    }
    Vec::new()
}

fn edit_with_alt(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    let composer = &mut model.buffer_mut().composer;
    match code {
        KeyCode::Char('b') => composer.word_left(),
        KeyCode::Char('f') => composer.word_right(),
        KeyCode::Char('d') => composer.kill_word_right(),
        KeyCode::Backspace => composer.kill_word_left(),
        KeyCode::Enter => composer.insert("\n"),
        _ => return Vec::new(),
    }
    say::tell_typing(model)
}

fn with_control(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    match code {
        KeyCode::Char('n') => {
            buffers::next_activity(model);
            return Vec::new();
        }
        KeyCode::Char('d') if model.buffer().composer.is_empty() => return vec![Effect::Quit],
        _ => {}
    }
    let composer = &mut model.buffer_mut().composer;
    match code {
        KeyCode::Char('a') => composer.home(),
        KeyCode::Char('e') => composer.end(),
        KeyCode::Char('b') => composer.left(),
        KeyCode::Char('f') => composer.right(),
        KeyCode::Char('d') => composer.delete_next(),
        KeyCode::Char('h') => composer.backspace(),
        KeyCode::Char('k') => composer.kill_to_end(),
        KeyCode::Char('u') => composer.kill_to_start(),
        KeyCode::Char('w') | KeyCode::Backspace => composer.kill_word_left(),
        KeyCode::Char('y') => composer.yank(),
        KeyCode::Char('_' | '/' | '7') => composer.undo(),
        KeyCode::Char('j') => composer.insert("\n"),
        KeyCode::Left => composer.word_left(),
        KeyCode::Right => composer.word_right(),
        _ => return Vec::new(),
    }
    say::tell_typing(model)
}

fn plain(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let empty = model.buffer().composer.is_empty();
    match key.code {
        KeyCode::Enter if key.modifiers.contains(KeyModifiers::SHIFT) => {
            model.buffer_mut().composer.insert("\n");
        }
        KeyCode::Enter if empty => unfold(model),
        KeyCode::Enter => return say::send(model),
        KeyCode::Tab => complete(model, true),
        KeyCode::BackTab => complete(model, false),
        KeyCode::Char('?') if empty => model.help = Some(Help::default()),
        KeyCode::PageUp => buffers::scroll(model, Go::PageUp),
        KeyCode::PageDown => buffers::scroll(model, Go::PageDown),
        KeyCode::Home if empty => buffers::scroll(model, Go::Top),
        KeyCode::End if empty => buffers::scroll(model, Go::End),
        KeyCode::F(3) => model.panes.rooms = Some(!model.panes.rooms.unwrap_or(true)),
        KeyCode::F(4) => {
            let shown = model.panes.people.unwrap_or(model.size.width >= 72);
            model.panes.people = Some(!shown);
        }
        KeyCode::Up => recall(model, true),
        KeyCode::Down => recall(model, false),
        code => return edit(model, code),
    }
    Vec::new()
}

fn edit(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    let composer = &mut model.buffer_mut().composer;
    match code {
        KeyCode::Char(typed) => {
            let mut bytes = [0; 4];
            let text = hullo::text::clean_text(typed.encode_utf8(&mut bytes)).into_owned();
            composer.insert(&text);
            model.history.rest();
        }
        KeyCode::Backspace => composer.backspace(),
        KeyCode::Delete => composer.delete_next(),
        KeyCode::Left => composer.left(),
        KeyCode::Right => composer.right(),
        KeyCode::Home => composer.home(),
        KeyCode::End => composer.end(),
        _ => return Vec::new(),
    }
    say::tell_typing(model)
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

/// Opens the newest group of arrivals, or closes it.
fn unfold(model: &mut Model) {
    let log = &mut model.buffer_mut().log;
    let Some((id, _)) = log.newest_group() else { return };
    if let Some(What::Group(group)) = log.entry_mut(id).map(|entry| &mut entry.what) {
        group.expanded = !group.expanded;
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
