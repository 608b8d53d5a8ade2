//! What keys do. Every action stands in one table with its name, its keys and what it is for, from
//! which the configuration, the help and the palette are made.

mod chord;

#[cfg(test)]
use ratatui::crossterm::event::KeyEvent;

use self::Use::{Edits, Listed, Pressed};
pub(crate) use self::chord::{Chord, typed_character};
use crate::input::alias::Aliases;
use crate::input::command::Commands;
use crate::input::composer::Composer;
use crate::text::nearest;

/// An action as a configuration names it and as help describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    pub(crate) action: Action,
    pub(crate) name: &'static str,
    /// The keys it has by default.
    pub(crate) keys: &'static [&'static str],
    pub(crate) help: &'static str,
    pub(crate) used: Use,
}

/// How an action is used.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Use {
    /// It changes the line that has the keys, which may be that of a picker.
    Edits(fn(&mut Composer)),
    /// It can be chosen from the palette, too.
    Listed,
    /// It only makes sense as a key.
    Pressed,
}

/// Makes the enum and the table of one list: the action, its name, its keys, what it is for, and
/// how it is used. What it does stands in `core::update::keys`.
macro_rules! actions {
    ($($action:ident, $name:literal, [$($key:literal),*], $help:literal, $used:expr;)*) => {
        /// What a key can mean.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Action {
            $($action,)*
            /// Goes to the buffer of this number.
            Buffer(u8),
        }

        /// Every action but [`Action::Buffer`], in the order of the help.
        pub(crate) const ACTIONS: &[Spec] = &[$(Spec {
            action: Action::$action,
            name: $name,
            keys: &[$($key),*],
            help: $help,
            used: $used,
        },)*];
    };
}

actions! {
    Send, "send", ["enter"], "send; on an empty line: show who came and went", Pressed;
    NewLine, "new-line", ["alt-enter", "shift-enter", "ctrl-j"],
        "a new line", Edits(|line| line.insert("\n"));
    Complete, "complete", ["tab"], "complete a name, a command, a room, an emoji", Pressed;
    CompleteBack, "complete-back", ["shift-tab"], "the previous completion", Pressed;
    Palette, "palette", ["ctrl-p"], "go to anything: people, rooms, commands, words", Pressed;
    NextActivity, "next-activity", ["alt-a", "ctrl-n"], "go to what is new", Listed;
    Back, "back", ["alt-<"], "go back to where you were", Listed;
    PreviousBuffer, "previous-buffer", ["alt-left"], "the previous buffer", Pressed;
    NextBuffer, "next-buffer", ["alt-right"], "the next buffer", Pressed;
    SelectUp, "select-up", ["alt-up"], "select a message: reply, copy, open", Pressed;
    SelectDown, "select-down", ["alt-down"], "select the message below", Pressed;
    PageUp, "page-up", ["pgup"], "scroll up", Pressed;
    PageDown, "page-down", ["pgdn"], "scroll down", Pressed;
    FirstUnread, "first-unread", ["alt-u"], "go to the first unread", Listed;
    NextMention, "next-mention", ["alt-n"], "go to the next mention of you", Listed;
    PreviousMention, "previous-mention", ["alt-p"], "go to the previous mention of you", Listed;
    Find, "find", ["ctrl-s"], "find in this log", Listed;
    SendAgain, "send-again", ["alt-s"], "send again what was not sent", Listed;
    Wave, "wave", ["alt-w"], "wave to the newest newcomer", Listed;
    FilterPeople, "filter-people", ["f2"], "filter the list of people", Listed;
    RoomsPane, "rooms-pane", ["f3"], "show or hide the rooms", Listed;
    PeoplePane, "people-pane", ["f4"], "show or hide the people", Listed;
    PeopleUp, "people-up", ["alt-pgup"], "scroll the people up", Pressed;
    PeopleDown, "people-down", ["alt-pgdn"], "scroll the people down", Pressed;
    Bare, "bare", ["alt-l"], "nothing but the log, to select text", Listed;
    Mute, "mute", ["alt-m"], "mute this room or conversation, or unmute it", Listed;
    CopyAddress, "copy-address", ["alt-y"], "copy the command with which others join", Listed;
    Older, "older", ["up"], "recall what you sent before", Pressed;
    Newer, "newer", ["down"], "recall what you sent after", Pressed;
    SearchHistory, "search-history", ["ctrl-r"], "search in what you sent", Listed;
    LineStart, "line-start", ["ctrl-a", "home"],
        "line start; empty line: oldest", Edits(Composer::home);
    LineEnd, "line-end", ["ctrl-e", "end"], "line end; empty line: newest", Edits(Composer::end);
    Left, "left", ["left", "ctrl-b"], "a character left", Edits(Composer::left);
    Right, "right", ["right", "ctrl-f"], "a character right", Edits(Composer::right);
    WordLeft, "word-left", ["alt-b", "ctrl-left"], "a word left", Edits(Composer::word_left);
    WordRight, "word-right", ["alt-f", "ctrl-right"], "a word right", Edits(Composer::word_right);
    DeleteLeft, "delete-left", ["backspace", "ctrl-h"],
        "delete to the left", Edits(Composer::backspace);
    DeleteRight, "delete-right", ["delete"], "delete to the right", Edits(Composer::delete_next);
    KillToEnd, "kill-to-end", ["ctrl-k"], "cut to the line's end", Edits(Composer::kill_to_end);
    KillToStart, "kill-to-start", ["ctrl-u"],
        "cut to the line's start", Edits(Composer::kill_to_start);
    KillWordLeft, "kill-word-left", ["ctrl-w", "alt-backspace", "ctrl-backspace"],
        "cut the word before", Edits(Composer::kill_word_left);
    KillWordRight, "kill-word-right", ["alt-d"],
        "cut the word after", Edits(Composer::kill_word_right);
    Yank, "yank", ["ctrl-y"], "insert what was cut", Edits(Composer::yank);
    Undo, "undo", ["ctrl-_", "ctrl-/", "ctrl-7"], "undo", Edits(Composer::undo);
    Edit, "edit", ["alt-e"], "write in $EDITOR", Listed;
    Help, "help", ["f1", "?"], "keys and commands; ? on an empty line", Listed;
    Interrupt, "interrupt", ["ctrl-c"], "clear the line; twice on an empty one: quit", Pressed;
    DeleteRightOrQuit, "delete-right-or-quit", ["ctrl-d"],
        "quit on an empty line; else delete to the right", Edits(Composer::delete_next);
    Suspend, "suspend", ["ctrl-z"], "suspend hullo; fg brings it back", Listed;
    Repaint, "repaint", ["ctrl-l"], "redraw the screen", Listed;
}

impl Action {
    /// The action of this name.
    fn named(name: &str) -> Option<Self> {
        let number = name.strip_prefix("buffer-").and_then(|number| number.parse().ok());
        let buffer = number.filter(|number| (1..=9).contains(number)).map(Self::Buffer);
        buffer.or_else(|| ACTIONS.iter().find(|spec| spec.name == name).map(|spec| spec.action))
    }

    /// What it is called in a configuration.
    pub(crate) fn name(self) -> String {
        match (self, self.spec()) {
            (Self::Buffer(number), _) => format!("buffer-{number}"),
            (_, spec) => spec.map(|spec| spec.name).unwrap_or_default().to_owned(),
        }
    }

    /// How it changes a line, if it does.
    pub(crate) fn edit(self) -> Option<fn(&mut Composer)> {
        match self.spec()?.used {
            Edits(edit) => Some(edit),
            Listed | Pressed => None,
        }
    }

    fn spec(self) -> Option<&'static Spec> {
        ACTIONS.iter().find(|spec| spec.action == self)
    }
}

/// The keys and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keymap(Vec<(Chord, Meaning)>);

/// What a key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Action(Action),
    /// Runs a line as if it had been typed.
    Line(String),
}

impl Default for Keymap {
    fn default() -> Self {
        let named = ACTIONS.iter().flat_map(|spec| {
            spec.keys.iter().filter_map(|key| Some((Chord::parse(key)?, spec.action)))
        });
        let numbered = (1..=9_u8).filter_map(|number| {
            Some((Chord::parse(&format!("alt-{number}"))?, Action::Buffer(number)))
        });
        let actions = named.chain(numbered);
        Self(actions.map(|(chord, action)| (chord, Meaning::Action(action))).collect())
    }
}

impl Keymap {
    pub(crate) fn meaning(&self, chord: Chord) -> Option<&Meaning> {
        self.0.iter().find(|(bound, _)| *bound == chord).map(|(_, meaning)| meaning)
    }

    /// Every key that runs a line, with it.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().filter_map(|(chord, meaning)| match meaning {
            Meaning::Line(line) => Some((chord.to_string(), &**line)),
            Meaning::Action(_) => None,
        })
    }

    /// Gives a key another meaning: an action, a line that begins with `/`, or with `none` nothing.
    /// All are written as in a configuration; the error says what is wrong.
    pub(crate) fn bind(
        &mut self,
        key: &str,
        meaning: &str,
        aliases: &Aliases,
        commands: Commands,
    ) -> Result<(), String> {
        let chord = chord(key)?;
        let meaning = if meaning == "none" {
            self.0.retain(|(bound, _)| *bound != chord);
            return Ok(());
        } else if meaning.starts_with('/') {
            aliases.check_bound(meaning, commands)?;
            Meaning::Line(hullo::text::clean_line(meaning).into_owned())
        } else {
            Meaning::Action(Action::named(meaning).ok_or_else(|| unknown(meaning))?)
        };
        self.put(chord, meaning);
        Ok(())
    }

    /// In its old place: the first key of an action is the one that hints name.
    fn put(&mut self, chord: Chord, meaning: Meaning) {
        match self.0.iter_mut().find(|(bound, _)| *bound == chord) {
            Some((_, bound)) => *bound = meaning,
            None => self.0.push((chord, meaning)),
        }
    }

    /// Gives a key its default meaning back.
    pub(crate) fn unbind(&mut self, key: &str) -> Result<(), String> {
        let chord = chord(key)?;
        match Self::default().meaning(chord) {
            Some(meaning) => self.put(chord, meaning.clone()),
            None => self.0.retain(|(bound, _)| *bound != chord),
        }
        Ok(())
    }

    /// Lets Enter send again: without any key for that, nothing could be sent.
    pub(crate) fn sends_by_enter(&mut self) {
        self.unbind("enter").expect("that is the name of a key");
    }

    /// The first key of an action, for a hint; empty where it has none.
    pub(crate) fn key(&self, action: Action) -> String {
        self.keys(action).into_iter().next().unwrap_or_default()
    }

    /// The keys of an action, as people read them: `Alt+A`.
    pub(crate) fn keys(&self, action: Action) -> Vec<String> {
        let bound = self.0.iter().filter(|(_, bound)| *bound == Meaning::Action(action));
        bound.map(|(chord, _)| chord.to_string()).collect()
    }
}

fn chord(key: &str) -> Result<Chord, String> {
    Chord::parse(key).ok_or_else(|| {
        format!("{key:?} is not a key; write it like \"alt-a\", \"ctrl-left\" or \"f2\"")
    })
}

/// What to say of an action that does not exist.
fn unknown(name: &str) -> String {
    match nearest(name, ACTIONS.iter().map(|spec| spec.name)) {
        Some(meant) => format!("{name:?} is not an action; did you mean {meant}?"),
        None => format!("{name:?} is not an action; `hullo config init --stdout` lists all"),
    }
}

/// Every action with its default keys, as a configuration would bind them.
pub(crate) fn defaults() -> impl Iterator<Item = (&'static Spec, &'static str)> {
    ACTIONS.iter().flat_map(|spec| spec.keys.iter().map(move |key| (spec, *key)))
}

#[cfg(test)]
/// Every key that means something by default, as a terminal reports it.
pub(crate) fn bound() -> Vec<KeyEvent> {
    Keymap::default().0.into_iter().map(|(chord, _)| chord.event()).collect()
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyModifiers};

    use super::*;
    use crate::core::update::COMMANDS;

    fn bind(keymap: &mut Keymap, key: &str, action: &str) -> Result<(), String> {
        keymap.bind(key, action, &Aliases::default(), COMMANDS)
    }

    fn action(keymap: &Keymap, key: &str) -> Option<Action> {
        match keymap.meaning(Chord::parse(key).unwrap()) {
            Some(Meaning::Action(action)) => Some(*action),
            Some(Meaning::Line(_)) | None => None,
        }
    }

    #[test]
    fn every_default_key_is_read_and_shown_and_has_one_meaning() {
        let keymap = Keymap::default();
        for (spec, key) in defaults() {
            let chord = Chord::parse(key).unwrap_or_else(|| panic!("{key}"));
            assert_eq!(action(&keymap, key), Some(spec.action), "{key}");
            let shown = chord.to_string().replace('+', "-");
            assert_eq!(Chord::parse(&shown), Some(chord), "{key} is shown as {shown}");
        }
        assert_eq!(keymap.0.len(), defaults().count() + 9);
    }

    #[test]
    fn a_key_is_the_same_however_the_terminal_reports_it() {
        let check = |code, modifiers, written: &str| {
            assert_eq!(Chord::from(KeyEvent::new(code, modifiers)), Chord::parse(written).unwrap());
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
        let line = Meaning::Line("/away lunch".to_owned());
        assert_eq!(keymap.meaning(alt_a), Some(&line));
        bind(&mut keymap, "alt-a", "/msg mira ").unwrap();
        let lines: Vec<(String, &str)> = keymap.lines().collect();
        assert_eq!(lines, [("Alt+A".to_owned(), "/msg mira ")]);
        let mut refused = |line: &str, why: &str| {
            assert_eq!(bind(&mut keymap, "alt-a", line), Err(why.to_owned()));
        };
        refused("/awya", "there is no /awya · did you mean /away?");
        let why = "/dnd: \"ever\" is not a duration of up to a year, such as 30m or 2h";
        refused("/dnd for ever", why);
        bind(&mut keymap, "alt-a", "bare").unwrap();
        assert_eq!(action(&keymap, "alt-a"), Some(Action::Bare));
        bind(&mut keymap, "alt-a", "/msg").unwrap();
        keymap.unbind("alt-a").unwrap();
        assert_eq!(action(&keymap, "alt-a"), Some(Action::NextActivity));
    }

    #[test]
    fn keys_are_bound_anew_and_unbound() {
        let mut keymap = Keymap::default();
        bind(&mut keymap, "alt-a", "none").unwrap();
        bind(&mut keymap, "f5", "next-activity").unwrap();
        assert_eq!(action(&keymap, "alt-a"), None);
        assert_eq!(keymap.keys(Action::NextActivity), ["Ctrl+N", "F5"]);
        assert!(bind(&mut keymap, "hyper-a", "send").unwrap_err().contains("is not a key"));
        assert!(bind(&mut keymap, "f5", "fly").unwrap_err().contains("is not an action"));
        assert!(bind(&mut keymap, "f5", "plaette").unwrap_err().contains("did you mean palette?"));
        assert_eq!(action(&keymap, "f5"), Some(Action::NextActivity));
    }
}
