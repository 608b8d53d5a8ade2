//! Which key means which action. Every action has a name, so that a configuration can bind it to
//! other keys, and a line that says what it does, so that help can never be out of date.

mod chord;

#[cfg(test)]
use ratatui::crossterm::event::KeyEvent;

pub(crate) use self::chord::Chord;
use crate::input::alias::Aliases;
use crate::input::command;

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Send,
    NewLine,
    Complete,
    CompleteBack,
    Older,
    Newer,
    SearchHistory,
    Find,
    LineStart,
    LineEnd,
    Left,
    Right,
    WordLeft,
    WordRight,
    DeleteLeft,
    DeleteRight,
    DeleteRightOrQuit,
    KillToEnd,
    KillToStart,
    KillWordLeft,
    KillWordRight,
    Yank,
    Undo,
    Edit,
    Palette,
    NextActivity,
    Back,
    Buffer(u8),
    PreviousBuffer,
    NextBuffer,
    SelectUp,
    SelectDown,
    PageUp,
    PageDown,
    FirstUnread,
    NextMention,
    PreviousMention,
    Wave,
    FilterPeople,
    RoomsPane,
    PeoplePane,
    Bare,
    Mute,
    CopyAddress,
    Help,
    Interrupt,
    Suspend,
    Repaint,
}

/// An action as a configuration names it and as help tells it.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) action: Action,
    pub(crate) name: &'static str,
    /// The keys it has unless told otherwise.
    keys: &'static [&'static str],
    pub(crate) does: &'static str,
}

const fn spec(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    does: &'static str,
) -> Spec {
    Spec { action, name, keys, does }
}

/// Every action but [`Action::Buffer`], in the order of the help.
pub(crate) const ACTIONS: [Spec; 47] = [
    spec(Action::Send, "send", &["enter"], "send; on an empty line: show who came and went"),
    spec(Action::NewLine, "new-line", &["alt-enter", "shift-enter", "ctrl-j"], "a new line"),
    spec(Action::Complete, "complete", &["tab"], "complete a name, a command, a room, an emoji"),
    spec(Action::CompleteBack, "complete-back", &["shift-tab"], "the completion before"),
    spec(Action::Palette, "palette", &["ctrl-p"], "go to anything: people, rooms, commands, words"),
    spec(Action::NextActivity, "next-activity", &["alt-a", "ctrl-n"], "go to what is new"),
    spec(Action::Back, "back", &["alt-<"], "go back to where you were"),
    spec(Action::PreviousBuffer, "previous-buffer", &["alt-left"], "the buffer before"),
    spec(Action::NextBuffer, "next-buffer", &["alt-right"], "the buffer after"),
    spec(Action::SelectUp, "select-up", &["alt-up"], "select a message: reply, copy, open"),
    spec(Action::SelectDown, "select-down", &["alt-down"], "select the message below"),
    spec(Action::PageUp, "page-up", &["pgup"], "scroll up"),
    spec(Action::PageDown, "page-down", &["pgdn"], "scroll down"),
    spec(Action::FirstUnread, "first-unread", &["alt-u"], "go to the first unread"),
    spec(Action::NextMention, "next-mention", &["alt-n"], "go to the next mention of you"),
    spec(Action::PreviousMention, "previous-mention", &["alt-p"], "go to the mention before"),
    spec(Action::Find, "find", &["ctrl-s"], "find in this log"),
    spec(Action::Wave, "wave", &["alt-w"], "wave to the newest newcomer"),
    spec(Action::FilterPeople, "filter-people", &["f2"], "filter the list of people"),
    spec(Action::RoomsPane, "rooms-pane", &["f3"], "rooms: show or hide"),
    spec(Action::PeoplePane, "people-pane", &["f4"], "people: show or hide"),
    spec(Action::Bare, "bare", &["alt-l"], "nothing but the log, to select text"),
    spec(Action::Mute, "mute", &["alt-m"], "mute what is noisy here, or hear it again"),
    spec(Action::CopyAddress, "copy-address", &["alt-y"], "copy the line that invites others"),
    spec(Action::Older, "older", &["up"], "what you sent before"),
    spec(Action::Newer, "newer", &["down"], "what you sent after"),
    spec(Action::SearchHistory, "search-history", &["ctrl-r"], "search what you sent"),
    spec(Action::LineStart, "line-start", &["ctrl-a", "home"], "line start; empty line: oldest"),
    spec(Action::LineEnd, "line-end", &["ctrl-e", "end"], "line end; empty line: newest"),
    spec(Action::Left, "left", &["left", "ctrl-b"], "a character left"),
    spec(Action::Right, "right", &["right", "ctrl-f"], "a character right"),
    spec(Action::WordLeft, "word-left", &["alt-b", "ctrl-left"], "a word left"),
    spec(Action::WordRight, "word-right", &["alt-f", "ctrl-right"], "a word right"),
    spec(Action::DeleteLeft, "delete-left", &["backspace", "ctrl-h"], "delete to the left"),
    spec(Action::DeleteRight, "delete-right", &["delete"], "delete to the right"),
    spec(Action::KillToEnd, "kill-to-end", &["ctrl-k"], "cut to the line's end"),
    spec(Action::KillToStart, "kill-to-start", &["ctrl-u"], "cut to the line's start"),
    spec(
        Action::KillWordLeft,
        "kill-word-left",
        &["ctrl-w", "alt-backspace", "ctrl-backspace"],
        "cut the word before",
    ),
    spec(Action::KillWordRight, "kill-word-right", &["alt-d"], "cut the word after"),
    spec(Action::Yank, "yank", &["ctrl-y"], "insert what was cut"),
    spec(Action::Undo, "undo", &["ctrl-_", "ctrl-/", "ctrl-7"], "undo"),
    spec(Action::Edit, "edit", &["alt-e"], "write in $EDITOR"),
    spec(Action::Help, "help", &["f1", "?"], "keys and commands; ? on an empty line"),
    spec(
        Action::Interrupt,
        "interrupt",
        &["ctrl-c"],
        "clear the line; twice on an empty one: quit",
    ),
    spec(
        Action::DeleteRightOrQuit,
        "delete-right-or-quit",
        &["ctrl-d"],
        "quit on an empty line; else delete to the right",
    ),
    spec(Action::Suspend, "suspend", &["ctrl-z"], "go to the shell; fg comes back"),
    spec(Action::Repaint, "repaint", &["ctrl-l"], "paint the screen afresh"),
];

/// All keys that mean something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keymap {
    actions: Vec<(Chord, Action)>,
    /// Keys that run a line, as if it had been typed.
    lines: Vec<(Chord, String)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut bound = Vec::new();
        for spec in &ACTIONS {
            let chords = spec.keys.iter().filter_map(|key| Chord::parse(key));
            bound.extend(chords.map(|chord| (chord, spec.action)));
        }
        let digits = (1..=9_u8).filter_map(|number| {
            Some((Chord::parse(&format!("alt-{number}"))?, Action::Buffer(number)))
        });
        bound.extend(digits);
        Self { actions: bound, lines: Vec::new() }
    }
}

impl Keymap {
    /// What this key means, if anything.
    pub(crate) fn action(&self, chord: Chord) -> Option<Action> {
        self.actions.iter().rev().find(|(bound, _)| *bound == chord).map(|(_, action)| *action)
    }

    /// The line that this key runs, if it runs one.
    pub(crate) fn line(&self, chord: Chord) -> Option<&str> {
        self.lines.iter().find(|(bound, _)| *bound == chord).map(|(_, line)| &**line)
    }

    /// Every key that runs a line, with it.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (String, &str)> {
        self.lines.iter().map(|(chord, line)| (chord.to_string(), &**line))
    }

    /// Gives a key another meaning: an action, a line that begins with `/`, or with `none` none at
    /// all. Both are written as in a configuration; the error says what is wrong.
    pub(crate) fn bind(
        &mut self,
        key: &str,
        action: &str,
        aliases: &Aliases,
    ) -> Result<(), String> {
        let chord = Chord::parse(key).ok_or_else(|| {
            format!("{key:?} is no key; write it like \"alt-a\", \"ctrl-left\" or \"f2\"")
        })?;
        if action.starts_with('/') {
            command::check(action, aliases)?;
            self.clear(chord);
            self.lines.push((chord, hullo::text::clean_line(action).into_owned()));
        } else if action == "none" {
            self.clear(chord);
        } else {
            let action = by_name(action).ok_or_else(|| unknown(action))?;
            // In its old place: the first key of an action is the one that hints name.
            match self.actions.iter_mut().find(|(bound, _)| *bound == chord) {
                Some((_, bound)) => *bound = action,
                None => self.actions.push((chord, action)),
            }
            self.lines.retain(|(bound, _)| *bound != chord);
        }
        Ok(())
    }

    /// Gives Enter the meaning back without which nothing could be sent.
    pub(crate) fn sends_by_enter(&mut self) {
        self.unbind("enter").expect("that is the name of a key");
    }

    fn clear(&mut self, chord: Chord) {
        self.actions.retain(|(bound, _)| *bound != chord);
        self.lines.retain(|(bound, _)| *bound != chord);
    }

    /// The first key of an action, for a hint; empty where it has none.
    pub(crate) fn key(&self, action: Action) -> String {
        self.keys(action).into_iter().next().unwrap_or_default()
    }

    /// Gives a key the meaning back that it has unless told otherwise.
    pub(crate) fn unbind(&mut self, key: &str) -> Result<(), String> {
        self.bind(key, "none", &Aliases::default())?;
        let chord = Chord::parse(key);
        let first = Self::default().actions.into_iter();
        self.actions.extend(first.filter(|(bound, _)| Some(*bound) == chord));
        Ok(())
    }

    /// The keys of an action, as people read them: `Alt+A`.
    pub(crate) fn keys(&self, action: Action) -> Vec<String> {
        let bound = self.actions.iter().filter(|(_, bound)| *bound == action);
        bound.map(|(chord, _)| chord.to_string()).collect()
    }
}

/// The action of this name.
pub(crate) fn by_name(name: &str) -> Option<Action> {
    let buffer = name.strip_prefix("buffer-").and_then(|number| number.parse().ok());
    if let Some(number @ 1..=9) = buffer {
        return Some(Action::Buffer(number));
    }
    ACTIONS.iter().find(|spec| spec.name == name).map(|spec| spec.action)
}

/// The name of an action.
pub(crate) fn name_of(action: Action) -> String {
    match action {
        Action::Buffer(number) => format!("buffer-{number}"),
        action => {
            let spec = ACTIONS.iter().find(|spec| spec.action == action);
            spec.expect("every action is in the table").name.to_owned()
        }
    }
}

/// What to say of an action that is none.
fn unknown(name: &str) -> String {
    let names = ACTIONS.iter().map(|spec| spec.name);
    match command::meant(name, names) {
        Some(meant) => format!("{name:?} is no action; did you mean {meant}?"),
        None => format!("{name:?} is no action; `hullo config init --stdout` lists all"),
    }
}

/// Every action with its default keys, as a configuration would bind them.
pub(crate) fn defaults() -> impl Iterator<Item = (&'static Spec, &'static str)> {
    ACTIONS.iter().flat_map(|spec| spec.keys.iter().map(move |key| (spec, *key)))
}

#[cfg(test)]
/// Every key that means something in the beginning, as a terminal reports it.
pub(crate) fn bound() -> Vec<KeyEvent> {
    let chords = Keymap::default().actions.into_iter();
    chords.map(|(chord, _)| chord.event()).collect()
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn bind(keymap: &mut Keymap, key: &str, action: &str) -> Result<(), String> {
        keymap.bind(key, action, &Aliases::default())
    }

    #[test]
    fn every_default_key_is_read_and_shown_and_has_one_meaning() {
        let keymap = Keymap::default();
        for (spec, key) in defaults() {
            let chord = Chord::parse(key).unwrap_or_else(|| panic!("{key}"));
            assert_eq!(keymap.action(chord), Some(spec.action), "{key}");
            let shown = chord.to_string().replace('+', "-");
            assert_eq!(Chord::parse(&shown), Some(chord), "{key} is shown as {shown}");
        }
        assert_eq!(keymap.actions.len(), defaults().count() + 9);
    }

    #[test]
    fn a_key_is_the_same_however_the_terminal_reports_it() {
        let check = |code, modifiers, written: &str| {
            assert_eq!(Chord::of(KeyEvent::new(code, modifiers)), Chord::parse(written).unwrap());
        };
        check(KeyCode::Char('<'), KeyModifiers::ALT | KeyModifiers::SHIFT, "alt-<");
        check(KeyCode::Tab, KeyModifiers::SHIFT, "shift-tab");
        check(KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab");
        check(KeyCode::Char('C'), KeyModifiers::CONTROL | KeyModifiers::SHIFT, "ctrl-c");
        check(KeyCode::Char('-'), KeyModifiers::CONTROL, "ctrl--");
    }

    #[test]
    fn a_key_runs_a_line_until_it_means_something_else() {
        let mut keymap = Keymap::default();
        let alt_a = Chord::parse("alt-a").unwrap();
        bind(&mut keymap, "Alt-A", "/away lunch").unwrap();
        assert_eq!((keymap.action(alt_a), keymap.line(alt_a)), (None, Some("/away lunch")));
        bind(&mut keymap, "alt-a", "/msg mira ").unwrap();
        let lines: Vec<(String, &str)> = keymap.lines().collect();
        assert_eq!(lines, [("Alt+A".to_owned(), "/msg mira ")]);
        let mut refused = |line: &str, why: &str| {
            assert_eq!(bind(&mut keymap, "alt-a", line), Err(why.to_owned()));
        };
        refused("/awya", "there is no /awya · did you mean /away?");
        refused("/dnd for ever", "/dnd needs [for 1h]");
        bind(&mut keymap, "alt-a", "bare").unwrap();
        assert_eq!((keymap.action(alt_a), keymap.line(alt_a)), (Some(Action::Bare), None));
        bind(&mut keymap, "alt-a", "/msg").unwrap();
        keymap.unbind("alt-a").unwrap();
        assert_eq!((keymap.action(alt_a), keymap.line(alt_a)), (Some(Action::NextActivity), None));
    }

    #[test]
    fn keys_are_bound_anew_and_unbound() {
        let mut keymap = Keymap::default();
        bind(&mut keymap, "alt-a", "none").unwrap();
        bind(&mut keymap, "f5", "next-activity").unwrap();
        assert_eq!(keymap.action(Chord::parse("alt-a").unwrap()), None);
        assert_eq!(keymap.keys(Action::NextActivity), ["Ctrl+N", "F5"]);
        assert!(bind(&mut keymap, "hyper-a", "send").unwrap_err().contains("is no key"));
        assert!(bind(&mut keymap, "f5", "fly").unwrap_err().contains("is no action"));
        assert!(bind(&mut keymap, "f5", "plaette").unwrap_err().contains("did you mean palette?"));
        assert_eq!(keymap.action(Chord::parse("f5").unwrap()), Some(Action::NextActivity));
    }
}
