//! Words of the user's own for what they often type: `/brb` for `/away back in a minute`.

use std::collections::BTreeMap;

use crate::input::command::{spec_of, unknown};
use crate::input::composer::MAX_DRAFT_BYTES;

/// Where what is typed behind an alias goes; at the end, where its line does not say.
const HERE: &str = "{}";

/// Lines by the names that stand for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aliases(BTreeMap<String, String>);

impl Aliases {
    /// Gives a name to a line; the error says why that cannot be.
    pub(crate) fn set(&mut self, name: &str, line: &str) -> Result<String, String> {
        let mut changed = self.clone();
        let name = changed.note(name, line)?;
        changed.check(&name)?;
        *self = changed;
        Ok(name)
    }

    /// As [`Self::set`], but what the line needs may come later; [`Self::check`] tells whether it
    /// came.
    pub(crate) fn note(&mut self, name: &str, line: &str) -> Result<String, String> {
        let name = name.strip_prefix('/').unwrap_or(name).to_lowercase();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(format!("{name:?} is no name for a command; it has letters and digits"));
        }
        if spec_of(&name).is_some() {
            return Err(format!("/{name} is a command already, which no alias can hide"));
        }
        let line = hullo::text::clean_line(line.trim()).into_owned();
        if line.is_empty() {
            return Err(format!("/{name} stands for nothing"));
        }
        self.0.insert(name.clone(), line);
        Ok(name)
    }

    /// Whether the line of this name leads to something that can be done, or said.
    pub(crate) fn check(&self, name: &str) -> Result<(), String> {
        let line = self.expand(&format!("/{name}"))?;
        match command_of(&line) {
            Some(command) if spec_of(command).is_none() => Err(unknown(command, None)),
            Some(_) | None => Ok(()),
        }
    }

    /// Takes a name away; false if there is none such.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        self.0.remove(&*name.to_lowercase()).is_some()
    }

    pub(crate) fn line(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_lowercase()).map(|line| &**line)
    }

    /// Every name, with its line.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, line)| (&**name, &**line))
    }

    /// What is meant by a line: that of an alias, with what is typed behind it. An alias may stand
    /// for another, as long as that comes to an end.
    pub(crate) fn expand(&self, typed: &str) -> Result<String, String> {
        let mut line = typed.to_owned();
        // Whatever goes through more names than there are goes round.
        for _ in 0..=self.0.len() {
            let Some(command) = command_of(&line).filter(|name| spec_of(name).is_none()) else {
                return Ok(line);
            };
            let Some(stands_for) = self.line(command) else { return Ok(line) };
            let rest = line[1 + command.len()..].trim();
            // Before it is made: a few places and a long rest are more than memory holds.
            let places = stands_for.matches(HERE).count();
            let long = stands_for.len() - places * HERE.len() + places.max(1) * rest.len();
            if long > MAX_DRAFT_BYTES {
                return Err(format!("that becomes {long} bytes; {MAX_DRAFT_BYTES} are the most"));
            }
            line = match (places, rest) {
                (1.., rest) => stands_for.replace(HERE, rest),
                (0, "") => stands_for.to_owned(),
                (0, rest) => format!("{stands_for} {rest}"),
            };
        }
        let name = command_of(typed).unwrap_or_default();
        Err(format!("/{name} would call itself for ever"))
    }
}

/// The command that a line names, if it is none to be said.
fn command_of(line: &str) -> Option<&str> {
    let command = line.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?;
    command.split(char::is_whitespace).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aliases(all: &[(&str, &str)]) -> Aliases {
        let mut aliases = Aliases::default();
        for (name, line) in all {
            aliases.note(name, line).unwrap();
        }
        aliases
    }

    #[test]
    fn what_is_typed_behind_a_name_goes_to_its_place_or_to_the_end() {
        let aliases = aliases(&[
            ("brb", "/away back in a minute"),
            ("m", "/msg mira"),
            ("/Hi", "/msg {} hi, {}!"),
            ("lunch", "/brb (lunch)"),
            ("shrug", "¯\\_(ツ)_/¯"),
        ]);
        for (typed, expected) in [
            ("/brb", "/away back in a minute"),
            ("/BRB", "/away back in a minute"),
            ("/m  see you ", "/msg mira see you"),
            ("/hi mira", "/msg mira hi, mira!"),
            ("/lunch now", "/away back in a minute (lunch) now"),
            ("/shrug", "¯\\_(ツ)_/¯"),
            ("/away /brb", "/away /brb"),
            ("//brb", "//brb"),
            ("brb", "brb"),
            ("/nope", "/nope"),
        ] {
            assert_eq!(aliases.expand(typed).as_deref(), Ok(expected), "{typed}");
        }
    }

    #[test]
    fn nothing_calls_itself_or_grows_for_ever() {
        let mut round = aliases(&[("a", "/b"), ("b", "/c x"), ("c", "/a")]);
        assert_eq!(round.expand("/b"), Err("/b would call itself for ever".into()));
        assert_eq!(round.set("me2", "/me2 hi"), Err("/me2 would call itself for ever".into()));
        let grows: Vec<(String, String)> =
            (0..40).map(|n| (format!("x{n}"), format!("/x{} {{}}{{}}{{}}", n + 1))).collect();
        let grows: Vec<(&str, &str)> = grows.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert!(aliases(&grows).expand("/x0 abc").unwrap_err().contains("are the most"));
    }

    #[test]
    fn a_name_is_a_word_that_no_command_has() {
        let mut aliases = Aliases::default();
        let mut refused = |name: &str, line: &str, why: &str| {
            assert_eq!(aliases.set(name, line), Err(why.to_owned()), "{name}");
        };
        refused("msg", "/away", "/msg is a command already, which no alias can hide");
        refused("J", "/away", "/j is a command already, which no alias can hide");
        refused("a b", "/away", "\"a b\" is no name for a command; it has letters and digits");
        refused("", "/away", "\"\" is no name for a command; it has letters and digits");
        refused("x", "  ", "/x stands for nothing");
        refused("x", "/frobnicate", "there is no /frobnicate · /help lists all");
        assert_eq!(aliases, Aliases::default());
    }
}
