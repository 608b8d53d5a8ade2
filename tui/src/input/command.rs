//! How commands are written: their names, their arguments, and how a typed line is read.
//!
//! What each of them does stands beside its description in `core::update::commands`, the one table
//! from which everything here, the help, the palette and the man page are made.

use std::time::Duration;

use crate::text::nearest;

/// How a command is written, where it may run, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) other_names: &'static [&'static str],
    pub(crate) args: &'static [Arg],
    pub(crate) help: &'static str,
    /// The heading that it stands under in the help.
    pub(crate) group: &'static str,
    /// Whether it makes no sense without a screen, as in `--plain`.
    pub(crate) screen_only: bool,
    /// Whether choosing it from a list runs it; otherwise it is put into the line.
    pub(crate) runs_when_chosen: bool,
}

/// One argument, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arg {
    Required(ArgKind),
    Optional(ArgKind),
}

/// What an argument is: this decides how it is read, described and completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArgKind {
    /// Somebody in this room. The name may hold spaces.
    Person,
    Room,
    /// A room, conversation or list that is open, by name or number.
    Buffer,
    /// Whatever notifies: a person, a room or the arrivals.
    Mutable,
    Setting,
    /// A value of the setting that is named before it.
    Value,
    /// A value of this setting.
    ValueOf(&'static str),
    Theme,
    Key,
    /// An action for a key, or a line that begins with `/`.
    Action,
    Alias,
    /// Anything; in the usage it has this name.
    Text(&'static str),
    /// A message that everybody in a room reads, wherever it is written.
    RoomText,
    /// A length of time, as in `for 1h`.
    Duration,
    /// A number from 1 up.
    Number,
    /// One of these. What follows the first word of one stands for more text.
    OneOf(&'static [&'static str]),
}

impl Arg {
    pub(crate) fn kind(self) -> ArgKind {
        match self {
            Self::Required(kind) | Self::Optional(kind) => kind,
        }
    }
}

impl ArgKind {
    fn label(self) -> String {
        let label = match self {
            Self::Person | Self::Mutable | Self::Setting | Self::Theme | Self::Alias => "NAME",
            Self::Buffer => "NAME | NUMBER",
            Self::Room => "ROOM",
            Self::Value => "VALUE",
            Self::ValueOf(setting) => return crate::settings::choices(setting).join(" | "),
            Self::Key => "KEY",
            Self::Action => "ACTION",
            Self::Text(label) => label,
            Self::RoomText => "TEXT",
            Self::Duration => "for 1h",
            Self::Number => "N",
            Self::OneOf(choices) => return choices.join(" | "),
        };
        label.to_owned()
    }

    /// Whether it ends at the first blank, so that another argument can follow.
    pub(crate) fn is_one_word(self) -> bool {
        matches!(self, Self::Setting | Self::Key | Self::Alias)
    }
}

impl Command {
    /// How its arguments are written, as `NAME [TEXT]`. One behind an optional one makes no sense
    /// without that, unless it is a length of time, which is known by its first word.
    pub(crate) fn usage(&self) -> String {
        let mut usage = String::new();
        let mut stands_alone = false;
        for arg in self.args.iter().rev() {
            let label = arg.kind().label();
            usage = match arg {
                Arg::Required(_) => format!("{label} {usage}").trim_end().to_owned(),
                Arg::Optional(_) if stands_alone => format!("[{label}] {usage}"),
                Arg::Optional(_) => format!("[{}]", format!("{label} {usage}").trim_end()),
            };
            stands_alone = arg.kind() == ArgKind::Duration;
        }
        usage
    }

    /// The whole command as it is written, as `/msg NAME [TEXT]`.
    pub(crate) fn synopsis(&self) -> String {
        format!("/{} {}", self.name, self.usage()).trim_end().to_owned()
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.other_names.contains(&name)
    }

    /// Whether this text would be heard by everybody in a room.
    pub(crate) fn is_for_all(&self, args: &Args<'_>) -> bool {
        !args.text.is_empty() && self.args.iter().any(|arg| arg.kind() == ArgKind::RoomText)
    }

    /// Reads what is written behind the name; the error says what is missing or wrong.
    fn read<'a>(&self, typed: &'a str) -> Result<Args<'a>, String> {
        // What a key is bound to may end in a blank that means something.
        let keeps_end = self.args.iter().any(|arg| arg.kind() == ArgKind::Action);
        let text = if keeps_end { typed.trim_start() } else { typed.trim() };
        let mut args = Args { name: self.name, text, number: None, duration: None };
        if text.is_empty() {
            return match self.args.first() {
                Some(Arg::Required(_)) => Err(format!("/{} needs {}", self.name, self.usage())),
                Some(Arg::Optional(_)) | None => Ok(args),
            };
        }
        for arg in self.args {
            args.take(arg.kind(), self.args.len() == 1)
                .map_err(|why| format!("/{}: {why}", self.name))?;
        }
        Ok(args)
    }
}

/// A command as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Args<'a> {
    /// The name of the command.
    pub(crate) name: &'static str,
    /// All of it but what was read as a number or a length of time.
    pub(crate) text: &'a str,
    pub(crate) number: Option<usize>,
    pub(crate) duration: Option<Duration>,
}

/// The longest time that a command takes.
const A_YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

impl<'a> Args<'a> {
    /// The text, if there is any.
    pub(crate) fn given(&self) -> Option<&'a str> {
        (!self.text.is_empty()).then_some(self.text)
    }

    /// The first word, and what follows it.
    pub(crate) fn split(&self) -> (&'a str, &'a str) {
        split_word(self.text)
    }

    /// Reads what can be read without knowing who is here. `alone` is whether there is no other
    /// argument that the text could be.
    fn take(&mut self, kind: ArgKind, alone: bool) -> Result<(), String> {
        match kind {
            ArgKind::Duration => self.take_duration(alone),
            ArgKind::Number => {
                let number = self.text.parse().ok().filter(|number| *number > 0);
                number.ok_or_else(|| format!("{:?} is not a number from 1 up", self.text))?;
                self.number = number;
                self.text = "";
                Ok(())
            }
            ArgKind::OneOf(choices) => {
                let (first, rest) = self.split();
                let fits = choices.iter().any(|choice| {
                    let (word, more) = split_word(choice);
                    word == first && more.is_empty() == rest.is_empty()
                });
                let all = choices.join(", ");
                if fits { Ok(()) } else { Err(format!("{:?} is not one of {all}", self.text)) }
            }
            ArgKind::Person
            | ArgKind::Room
            | ArgKind::Buffer
            | ArgKind::Mutable
            | ArgKind::Setting
            | ArgKind::Value
            | ArgKind::ValueOf(_)
            | ArgKind::Theme
            | ArgKind::Key
            | ArgKind::Action
            | ArgKind::Alias
            | ArgKind::Text(_)
            | ArgKind::RoomText => Ok(()),
        }
    }

    /// Takes `for 1h` off the end. What ends like that may be a name, too, unless nothing else can
    /// be meant.
    fn take_duration(&mut self, alone: bool) -> Result<(), String> {
        let (before, written) = match self.text.strip_prefix("for ") {
            Some(written) => ("", written),
            None if alone => ("", self.text),
            None => match self.text.rsplit_once(" for ") {
                Some(parts) => parts,
                None => return Ok(()),
            },
        };
        let span = humantime::parse_duration(written.trim()).ok();
        match span.filter(|span| *span <= A_YEAR) {
            Some(span) => {
                self.text = before.trim();
                self.duration = Some(span);
                Ok(())
            }
            None if before.is_empty() => {
                Err(format!("{written:?} is not a duration of up to a year, such as 30m or 2h"))
            }
            None => Ok(()),
        }
    }
}

fn split_word(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim_start())
}

/// What a typed line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Something to say to whoever the buffer is for.
    Say(&'a str),
    Command(&'static Command, Args<'a>),
    /// There is no such command; what to say of it.
    Unknown(String),
    /// Something is missing or wrong behind the name; what to say of it.
    Unreadable(String),
}

/// Every command that there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commands(pub(crate) &'static [Command]);

impl Commands {
    pub(crate) fn iter(self) -> std::slice::Iter<'static, Command> {
        self.0.iter()
    }

    /// The command of this name, or of another name that it goes by.
    pub(crate) fn find(self, name: &str) -> Option<&'static Command> {
        let wanted = name.to_lowercase();
        self.iter().find(|command| command.is_called(&wanted))
    }

    /// Reads a line that was sent, in which aliases are expanded already.
    pub(crate) fn read(self, line: &str) -> Line<'_> {
        let Some(typed) = line.strip_prefix('/') else { return Line::Say(line.trim_end()) };
        if typed.starts_with('/') {
            return Line::Say(typed.trim_end());
        }
        let (name, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
        match self.find(name) {
            None => Line::Unknown(self.unknown(name)),
            Some(command) => match command.read(rest) {
                Ok(args) => Line::Command(command, args),
                Err(why) => Line::Unreadable(why),
            },
        }
    }

    /// What to say of a command that does not exist.
    pub(crate) fn unknown(self, typed: &str) -> String {
        let typed = hullo::text::clean_line(&typed.to_lowercase()).into_owned();
        let begins = |command: &&Command| typed.len() > 1 && command.name.starts_with(&*typed);
        let begun = self.iter().find(begins).map(|command| command.name);
        match begun.or_else(|| nearest(&typed, self.iter().map(|command| command.name))) {
            Some(meant) => format!("there is no /{typed} · did you mean /{meant}?"),
            None => format!("there is no /{typed} · /help lists all"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arg::{Optional, Required};
    use super::*;

    const fn command(name: &'static str, args: &'static [Arg]) -> Command {
        let (help, group) = ("", "");
        let other_names = &[];
        let (screen_only, runs_when_chosen) = (false, false);
        Command { name, other_names, args, help, group, screen_only, runs_when_chosen }
    }

    const COMMANDS: Commands = Commands(&[
        command("msg", &[Required(ArgKind::Person), Optional(ArgKind::Text("TEXT"))]),
        Command { other_names: &["exit", "q"], ..command("quit", &[Optional(ArgKind::RoomText)]) },
        command("dnd", &[Optional(ArgKind::Duration)]),
        command("mute", &[Optional(ArgKind::Mutable), Optional(ArgKind::Duration)]),
        command("copy", &[Optional(ArgKind::Number)]),
        command("greet", &[Optional(ArgKind::OneOf(&["on", "off", "text TEXT"]))]),
        command("set", &[Optional(ArgKind::Setting), Optional(ArgKind::Value)]),
        command("bind", &[Required(ArgKind::Key), Optional(ArgKind::Action)]),
        command("back", &[]),
        command("reconnect", &[]),
    ]);

    /// Name, text, number and seconds that are read from a line.
    #[track_caller]
    fn check(line: &str, expected: (&str, &str, Option<usize>, Option<u64>)) {
        let Line::Command(command, args) = COMMANDS.read(line) else { panic!("{line}") };
        let seconds = args.duration.map(|span| span.as_secs());
        assert_eq!((command.name, args.text, args.number, seconds), expected, "{line}");
    }

    #[test]
    fn arguments_are_read_by_their_kinds() {
        check("/msg ada  hi there ", ("msg", "ada  hi there", None, None));
        check("/QUIT", ("quit", "", None, None));
        check("/q see you", ("quit", "see you", None, None));
        check("/copy", ("copy", "", None, None));
        check("/copy 3", ("copy", "", Some(3), None));
        check("/dnd 2 h", ("dnd", "", None, Some(7200)));
        check("/dnd for 30m", ("dnd", "", None, Some(1800)));
        check("/mute", ("mute", "", None, None));
        check("/mute for 1h", ("mute", "", None, Some(3600)));
        check("/mute #ops for 2 h", ("mute", "#ops", None, Some(7200)));
        check("/mute art for all", ("mute", "art for all", None, None));
        check("/mute art for all for 1h", ("mute", "art for all", None, Some(3600)));
        check("/greet text hi {name}", ("greet", "text hi {name}", None, None));
        check("/bind f4 /msg ada ", ("bind", "f4 /msg ada ", None, None));
    }

    #[test]
    fn usage_is_made_of_the_kinds() {
        let usage: Vec<String> = COMMANDS.iter().map(Command::synopsis).collect();
        assert_eq!(
            usage,
            [
                "/msg NAME [TEXT]",
                "/quit [TEXT]",
                "/dnd [for 1h]",
                "/mute [NAME] [for 1h]",
                "/copy [N]",
                "/greet [on | off | text TEXT]",
                "/set [NAME [VALUE]]",
                "/bind KEY [ACTION]",
                "/back",
                "/reconnect",
            ]
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_said() {
        for (line, why) in [
            ("/msg", "/msg needs NAME [TEXT]"),
            ("/bind  ", "/bind needs KEY [ACTION]"),
            ("/greet maybe", "/greet: \"maybe\" is not one of on, off, text TEXT"),
            ("/greet text", "/greet: \"text\" is not one of on, off, text TEXT"),
            ("/copy 0", "/copy: \"0\" is not a number from 1 up"),
            ("/dnd soon", "/dnd: \"soon\" is not a duration of up to a year, such as 30m or 2h"),
            (
                "/mute for ever",
                "/mute: \"ever\" is not a duration of up to a year, such as 30m or 2h",
            ),
        ] {
            assert_eq!(COMMANDS.read(line), Line::Unreadable(why.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_slash_can_be_said() {
        assert_eq!(COMMANDS.read("//etc/hosts "), Line::Say("/etc/hosts"));
        assert_eq!(COMMANDS.read("see /etc"), Line::Say("see /etc"));
    }

    #[test]
    fn a_slip_is_understood() {
        let unknown = |name: &str| COMMANDS.unknown(name);
        assert_eq!(unknown("qiut"), "there is no /qiut · did you mean /quit?");
        assert_eq!(unknown("reconect"), "there is no /reconect · did you mean /reconnect?");
        assert_eq!(unknown("recon"), "there is no /recon · did you mean /reconnect?");
        assert_eq!(unknown("Frobnicate"), "there is no /frobnicate · /help lists all");
        assert_eq!(unknown(""), "there is no / · /help lists all");
    }
}
