//! Short names that the user gives to lines: `/brb` for `/away back in a minute`.

use std::collections::BTreeMap;

use crate::input::command::{Commands, Line};
use crate::input::composer::MAX_DRAFT_BYTES;

/// Stands in a line for what is typed behind the alias; without it that goes to the end.
const PLACEHOLDER: &str = "{}";

/// Lines by the names that stand for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aliases(BTreeMap<String, String>);

impl Aliases {
    /// Gives a name to a line; the error says why that cannot be.
    pub(crate) fn set(
        &mut self,
        name: &str,
        line: &str,
        commands: Commands,
    ) -> Result<String, String> {
        let mut changed = self.clone();
        let name = changed.add(name, line, commands)?;
        changed.check(&name, commands)?;
        *self = changed;
        Ok(name)
    }

    /// As [`Self::set`], but does not [`Self::check`] the line yet: it may lead to an alias that is
    /// only added later.
    pub(crate) fn add(
        &mut self,
        name: &str,
        line: &str,
        commands: Commands,
    ) -> Result<String, String> {
        let name = name.strip_prefix('/').unwrap_or(name).to_lowercase();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(format!("{name:?} is not a name for a command; use letters and digits"));
        }
        if commands.find(&name).is_some() {
            return Err(format!("/{name} is a command; an alias cannot replace it"));
        }
        let line = hullo::text::clean_line(line.trim()).into_owned();
        if line.is_empty() {
            return Err(format!("/{name} stands for no line; give it one"));
        }
        self.0.insert(name.clone(), line);
        Ok(name)
    }

    /// Whether the line of this alias leads to something that can be run, or said.
    pub(crate) fn check(&self, name: &str, commands: Commands) -> Result<(), String> {
        match commands.read(&self.expand(&format!("/{name}"))?) {
            Line::Unknown(why) => Err(why),
            Line::Unreadable(_) | Line::Say(_) | Line::Command(..) => Ok(()),
        }
    }

    /// Whether a key can run this line; the error says why not.
    pub(crate) fn check_bound(&self, line: &str, commands: Commands) -> Result<(), String> {
        match commands.read(&self.expand(line)?) {
            Line::Unreadable(_) if self.is_begun(line, commands) => Ok(()),
            Line::Unknown(why) | Line::Unreadable(why) => Err(why),
            Line::Say(_) | Line::Command(..) => Ok(()),
        }
    }

    /// Whether a line that is bound to a key is only the beginning of one, to be completed by hand:
    /// it ends in a blank, or names a command that needs arguments and gives none.
    pub(crate) fn is_begun(&self, line: &str, commands: Commands) -> bool {
        let needs_more = || {
            let expanded = self.expand(line);
            expanded.is_ok_and(|line| matches!(commands.read(&line), Line::Unreadable(_)))
        };
        let is_alone = !line.trim_end().contains(char::is_whitespace);
        line.ends_with(' ') || is_alone && needs_more()
    }

    /// Removes an alias; false if there is not one of this name.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        self.0.remove(&*name.to_lowercase()).is_some()
    }

    pub(crate) fn line(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_lowercase()).map(|line| &**line)
    }

    /// Every alias, with its line.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, line)| (&**name, &**line))
    }

    /// The line that is meant: that of an alias, with what is typed behind it. An alias may lead to
    /// another, as long as that comes to an end. None has the name of a command.
    pub(crate) fn expand(&self, typed: &str) -> Result<String, String> {
        let mut line = typed.to_owned();
        // A chain that is longer than there are names is a circle.
        for _ in 0..=self.0.len() {
            let Some(name) = command_name(&line) else { return Ok(line) };
            let Some(stands_for) = self.line(name) else { return Ok(line) };
            let rest = line[1 + name.len()..].trim();
            // Checked before it is made: a few placeholders and a long rest can fill the memory.
            let places = stands_for.matches(PLACEHOLDER).count();
            let length = stands_for.len() - places * PLACEHOLDER.len() + places.max(1) * rest.len();
            if length > MAX_DRAFT_BYTES {
                return Err(format!(
                    "this becomes {length} bytes; at most {MAX_DRAFT_BYTES} bytes can be sent"
                ));
            }
            line = match (places, rest) {
                (1.., rest) => stands_for.replace(PLACEHOLDER, rest),
                (0, "") => stands_for.to_owned(),
                (0, rest) => format!("{stands_for} {rest}"),
            };
        }
        let name = command_name(typed).unwrap_or_default();
        Err(format!("/{name} would call itself endlessly"))
    }
}

/// The name of the command in a line, if it is not something to say.
fn command_name(line: &str) -> Option<&str> {
    let command = line.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?;
    command.split(char::is_whitespace).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::update::COMMANDS;

    fn aliases(all: &[(&str, &str)]) -> Aliases {
        let mut aliases = Aliases::default();
        for (name, line) in all {
            aliases.add(name, line, COMMANDS).unwrap();
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
        assert_eq!(round.expand("/b"), Err("/b would call itself endlessly".into()));
        assert_eq!(
            round.set("me2", "/me2 hi", COMMANDS),
            Err("/me2 would call itself endlessly".into())
        );
        let grows: Vec<(String, String)> =
            (0..40).map(|n| (format!("x{n}"), format!("/x{} {{}}{{}}{{}}", n + 1))).collect();
        let grows: Vec<(&str, &str)> = grows.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert!(aliases(&grows).expand("/x0 abc").unwrap_err().contains("can be sent"));
    }

    #[test]
    fn a_name_is_a_word_that_no_command_has() {
        let mut aliases = Aliases::default();
        let mut refused = |name: &str, line: &str, why: &str| {
            assert_eq!(aliases.set(name, line, COMMANDS), Err(why.to_owned()), "{name}");
        };
        refused("msg", "/away", "/msg is a command; an alias cannot replace it");
        refused("J", "/away", "/j is a command; an alias cannot replace it");
        refused("a b", "/away", "\"a b\" is not a name for a command; use letters and digits");
        refused("", "/away", "\"\" is not a name for a command; use letters and digits");
        refused("x", "  ", "/x stands for no line; give it one");
        refused("x", "/frobnicate", "there is no /frobnicate · /help lists all");
        assert_eq!(aliases, Aliases::default());
    }
}
