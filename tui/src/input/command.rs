//! What a typed line means: something to say, or a command.

use std::time::Duration;

use crate::input::alias::Aliases;

/// A line that was typed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// To whoever the buffer is for.
    Say(String),
    Command(Command),
    /// There is no such command; perhaps this one was meant.
    Unknown {
        typed: String,
        meant: Option<&'static str>,
    },
    /// The command needs more; this is how it is written.
    Incomplete(&'static Spec),
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// What it is asked about, or nothing.
    Help(String),
    /// The rest holds name and text; who is meant depends on who is here.
    Message(String),
    Reply(String),
    Me(String),
    All(String),
    Join(String),
    /// Which one, if not this.
    Leave(Option<String>),
    /// The rest names another buffer, by number or title.
    Buffer(Option<String>),
    Who(String),
    Nick(String),
    Away(Option<String>),
    Back,
    Dnd(Option<Duration>),
    Greet(Greet),
    /// The rest holds name and text.
    Wave(Option<String>),
    /// What to say to the room then, if anything.
    Helo(Option<String>),
    StatusText(Option<String>),
    WhoIs(String),
    Invite(String),
    Search(String),
    /// Which one, counted from the end; the last is 1.
    Copy(usize),
    Open(usize),
    Edit,
    Export(String),
    Lag,
    Version,
    /// The rest holds a name and a value, either of which may be missing.
    Set(String),
    Unset(String),
    Watch(Option<String>),
    Ignore(Option<String>),
    Notify(String),
    /// What, if not this; and for how long, if not until once more.
    Mute {
        what: Option<String>,
        lasts: Option<Duration>,
    },
    Bell(String),
    Mouse(String),
    /// A name, or nothing to list all.
    Theme(String),
    Emoji(String),
    /// The rest holds a key and an action or a line, or a key alone to be told of.
    Bind(String),
    Unbind(String),
    /// The rest holds a name and what it stands for, either of which may be missing.
    Alias(String),
    Unalias(String),
    Clear,
    Reconnect,
    /// Which server, or nothing to be told which this is.
    Connect(Option<String>),
    Reload,
    /// Whether to show the program's own log.
    Debug(bool),
    Log(String),
    /// What to say to every room first, if anything.
    Quit(Option<String>),
}

/// What to do about the automatic answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Greet {
    Show,
    On,
    Off,
    Text(String),
}

/// How a command is written and what it does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) does: &'static str,
}

impl Spec {
    /// Whether one who chooses it from a list has said all: who wants to leave means this place, and
    /// who wants to quit needs no words for it.
    pub(crate) fn is_complete(&self) -> bool {
        self.arguments.is_empty()
            || matches!(self.name, "leave" | "mute" | "helo" | "debug" | "quit")
    }

    /// Whether the first thing it takes is the name of somebody here.
    pub(crate) fn takes_name(&self) -> bool {
        self.name != "nick" && self.arguments.trim_start_matches('[').starts_with("NAME")
    }
}

const fn spec(name: &'static str, arguments: &'static str, does: &'static str) -> Spec {
    Spec { name, arguments, does }
}

/// Every command, in the order of the help.
pub(crate) const COMMANDS: &[Spec] = &[
    spec("msg", "NAME TEXT", "write to one person"),
    spec("r", "TEXT", "reply to whoever wrote to you last"),
    spec("all", "TEXT", "say it to the whole room"),
    spec("me", "TEXT", "say what you are doing"),
    spec("wave", "[NAME [TEXT]]", "greet a newcomer yourself"),
    spec("helo", "[TEXT]", "say helo again, and this: all who are asked answer once more"),
    spec("greet", "on | off | text TEXT", "the automatic answer to newcomers"),
    spec("nick", "NAME", "go by another name"),
    spec("away", "[TEXT]", "say that you are away"),
    spec("back", "", "say that you are here again"),
    spec("status", "[TEXT]", "a word beside your name; without one it goes"),
    spec("dnd", "[for 1h]", "say that you are not to be disturbed"),
    spec("join", "ROOM", "join a room"),
    spec("leave", "[NAME]", "leave this room, or close this conversation"),
    spec("buffer", "[NAME | NUMBER]", "go to another room or conversation, or list them"),
    spec("who", "[TEXT]", "list who is here"),
    spec("whois", "NAME", "all that is known about somebody"),
    spec("invite", "NAME", "ask somebody into this room"),
    spec("watch", "[NAME]", "always tell when they come and go; once more ends it"),
    spec("ignore", "[NAME]", "do not hear them; once more ends it"),
    spec("notify", "[all | mentions | none]", "what rings here"),
    spec("mute", "[NAME] [for 1h]", "let a person, a room or the arrivals not ring; again ends it"),
    spec("mouse", "on | off", "the mouse: scroll and click; selecting text then needs Shift"),
    spec("bell", "on | off", "the bell of the terminal"),
    spec("theme", "[NAME]", "the colours; Tab shows one after the other"),
    spec("emoji", "graphic | text", "text where emoji break the lines"),
    spec("set", "[NAME [VALUE]]", "show or change a setting"),
    spec("unset", "NAME", "put a setting back"),
    spec("bind", "KEY [ACTION]", "give a key another meaning: bare, or a command, /away lunch"),
    spec("unbind", "KEY", "give a key its first meaning back"),
    spec("alias", "[NAME [LINE]]", "a name for a line; {} is what is typed behind it"),
    spec("unalias", "NAME", "take such a name back"),
    spec("search", "[TEXT]", "find in this log"),
    spec("copy", "[N]", "copy the last message, or the Nth from the end"),
    spec("open", "[N]", "open the last link, or the Nth from the end"),
    spec("edit", "", "write in $EDITOR"),
    spec("export", "FILE", "write this log to a file"),
    spec("clear", "", "empty this log"),
    spec("lag", "", "how long the server takes to answer"),
    spec("version", "", "which hullo this is"),
    spec("reload", "", "read the configuration again"),
    spec("log", "[on | off | path]", "keep what is said in files; where they are"),
    spec("connect", "[URL]", "go to another server; without one: which this is"),
    spec("debug", "[on | off]", "the program's own log, as it happens"),
    spec("reconnect", "", "try to reach the server now"),
    spec("help", "[TEXT]", "keys and commands"),
    spec("quit", "[TEXT]", "end hullo; say this to every room first"),
];

const OTHER_NAMES: &[(&str, &str)] = &[
    ("j", "join"),
    ("rooms", "buffer"),
    ("part", "leave"),
    ("close", "leave"),
    ("go", "buffer"),
    ("names", "who"),
    ("query", "msg"),
    ("reply", "r"),
    ("keys", "help"),
    ("exit", "quit"),
    ("q", "quit"),
];

/// The longest that anything is asked for.
const A_YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

/// Reads a line that was sent.
pub(crate) fn parse(line: &str) -> Line {
    if let Some(escaped) = line.strip_prefix("//") {
        return Line::Say(format!("/{}", escaped.trim_end()));
    }
    let Some(typed) = line.strip_prefix('/') else { return Line::Say(line.trim_end().to_owned()) };
    let (name, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    let wanted = name.to_lowercase();
    let Some(spec) = spec_of(name) else {
        return Line::Unknown { typed: wanted.clone(), meant: nearest(&wanted) };
    };
    // What a key is bound to may end in a blank that means something.
    let rest = if spec.name == "bind" { rest.trim_start() } else { rest.trim() };
    read(spec.name, rest).map_or(Line::Incomplete(spec), Line::Command)
}

/// Whether a line that is bound to a key is to be gone on with by hand: it ends in a blank, or it
/// names a command that needs more and nothing else.
pub(crate) fn is_begun(line: &str, aliases: &Aliases) -> bool {
    let needs_more = || {
        let meant = aliases.expand(line);
        meant.is_ok_and(|meant| matches!(parse(&meant), Line::Incomplete(_)))
    };
    let is_alone = !line.trim_end().contains(char::is_whitespace);
    line.ends_with(' ') || is_alone && needs_more()
}

/// Whether a key can be bound to this line; the error says why not.
pub(crate) fn check(line: &str, aliases: &Aliases) -> Result<(), String> {
    match parse(&aliases.expand(line)?) {
        Line::Unknown { typed, meant } => Err(unknown(&typed, meant)),
        Line::Incomplete(spec) if !is_begun(line, aliases) => {
            Err(format!("/{} needs {}", spec.name, spec.arguments))
        }
        Line::Incomplete(_) | Line::Say(_) | Line::Command(_) => Ok(()),
    }
}

/// What to say of a command that is none.
pub(crate) fn unknown(typed: &str, meant: Option<&str>) -> String {
    let typed = hullo::text::clean_line(typed);
    match meant {
        Some(meant) => format!("there is no /{typed} · did you mean /{meant}?"),
        None => format!("there is no /{typed} · /help lists all"),
    }
}

/// The command of this name, or of another name that it goes by.
pub(crate) fn spec_of(name: &str) -> Option<&'static Spec> {
    let wanted = name.to_lowercase();
    let name = OTHER_NAMES.iter().find(|(other, _)| *other == wanted).map_or(&*wanted, |(_, n)| n);
    COMMANDS.iter().find(|spec| spec.name == name)
}

fn read(name: &str, rest: &str) -> Option<Command> {
    let some = (!rest.is_empty()).then(|| rest.to_owned());
    Some(match name {
        "msg" => Command::Message(some?),
        "r" => Command::Reply(some?),
        "all" => Command::All(some?),
        "me" => Command::Me(some?),
        "wave" => Command::Wave(some),
        "greet" => Command::Greet(greet(rest)?),
        "nick" => Command::Nick(some?),
        "away" => Command::Away(some),
        "back" => Command::Back,
        "dnd" => Command::Dnd(if rest.is_empty() { None } else { Some(span(rest)?) }),
        "status" => Command::StatusText(some),
        "join" => Command::Join(some?),
        "leave" => Command::Leave(some),
        "buffer" => Command::Buffer(some),
        "who" => Command::Who(rest.to_owned()),
        "whois" => Command::WhoIs(some?),
        "invite" => Command::Invite(some?),
        "helo" => Command::Helo(some),
        "search" => Command::Search(rest.to_owned()),
        "copy" => Command::Copy(count(rest)?),
        "open" => Command::Open(count(rest)?),
        "edit" => Command::Edit,
        "export" => Command::Export(some?),
        "lag" => Command::Lag,
        "version" => Command::Version,
        "set" => Command::Set(rest.to_owned()),
        "unset" => Command::Unset(some?),
        "watch" => Command::Watch(some),
        "ignore" => Command::Ignore(some),
        "notify" => Command::Notify(rest.to_owned()),
        "mute" => mute(rest)?,
        "bell" => Command::Bell(some?),
        "mouse" => Command::Mouse(some?),
        "theme" => Command::Theme(rest.to_owned()),
        "emoji" => Command::Emoji(some?),
        "bind" => Command::Bind(some?),
        "unbind" => Command::Unbind(some?),
        "alias" => Command::Alias(rest.to_owned()),
        "unalias" => Command::Unalias(some?),
        "clear" => Command::Clear,
        "debug" => Command::Debug(switch(rest)?),
        "connect" => Command::Connect(some),
        "reconnect" => Command::Reconnect,
        "reload" => Command::Reload,
        "log" => Command::Log(rest.to_owned()),
        "help" => Command::Help(rest.to_owned()),
        "quit" => Command::Quit(some),
        _ => return None,
    })
}

/// On unless it says off.
fn switch(rest: &str) -> Option<bool> {
    match rest {
        "" | "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// How many, as in `/copy 3`; one where nothing is said.
fn count(rest: &str) -> Option<usize> {
    if rest.is_empty() { Some(1) } else { rest.parse().ok().filter(|count| *count > 0) }
}

/// How long, as in `for 1h`; no clock goes on for ever.
fn span(rest: &str) -> Option<Duration> {
    let text = rest.strip_prefix("for ").unwrap_or(rest);
    humantime::parse_duration(text.trim()).ok().filter(|span| *span <= A_YEAR)
}

/// What is muted and for how long, as in `mira for 1h`. What ends like that may be a name, too.
fn mute(rest: &str) -> Option<Command> {
    let parts = rest.strip_prefix("for ").map(|lasts| ("", lasts));
    let (what, lasts) = match parts.or_else(|| rest.rsplit_once(" for ")) {
        Some((what, text)) => match span(text) {
            Some(lasts) => (what.trim(), Some(lasts)),
            None if what.is_empty() => return None,
            None => (rest, None),
        },
        None => (rest, None),
    };
    let what = (!what.is_empty()).then(|| what.to_owned());
    Some(Command::Mute { what, lasts })
}

fn greet(rest: &str) -> Option<Greet> {
    Some(match rest.split_once(char::is_whitespace).unwrap_or((rest, "")) {
        ("", _) => Greet::Show,
        ("on", "") => Greet::On,
        ("off", "") => Greet::Off,
        ("text", text) if !text.trim().is_empty() => Greet::Text(text.trim().to_owned()),
        _ => return None,
    })
}

/// The command that was most likely meant, if one is near enough.
fn nearest(typed: &str) -> Option<&'static str> {
    if typed.is_empty() {
        return None;
    }
    let begins = COMMANDS.iter().find(|spec| typed.len() > 1 && spec.name.starts_with(typed));
    let near = || meant(typed, COMMANDS.iter().map(|spec| spec.name));
    begins.map(|spec| spec.name).or_else(near)
}

/// Which of these was most likely meant, if one is near enough.
pub(crate) fn meant<'a>(typed: &str, of: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = typed.chars().count();
    // Whatever is too long or too short by more is no slip; to count the others takes time.
    let near = of.into_iter().filter(|name| name.chars().count().abs_diff(letters) <= slips(typed));
    let distances = near.map(|name| (distance(typed, name), name));
    distances
        .filter(|(far, _)| *far <= slips(typed))
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name)
}

/// So many slips may be in a word.
fn slips(typed: &str) -> usize {
    if typed.chars().count() < 5 { 1 } else { 2 }
}

/// How many letters must be added, dropped, changed or swapped with the next one.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) =
        (from.chars().take(20).collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=to.len()).collect();
    for i in 1..=from.len() {
        for j in 1..=to.len() {
            let changed = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Command) {
        assert_eq!(parse(line), Line::Command(expected), "{line}");
    }

    #[track_caller]
    fn check_unknown(line: &str, meant: Option<&str>) {
        let Line::Unknown { meant: found, .. } = parse(line) else { panic!("{line} is known") };
        assert_eq!(found, meant, "{line}");
    }

    #[test]
    fn lines_are_read() {
        check("/msg ada  hi there ", Command::Message("ada  hi there".into()));
        check("/QUIT", Command::Quit(None));
        check("/quit see you", Command::Quit(Some("see you".into())));
        check("/j lobby", Command::Join("lobby".into()));
        check("/away", Command::Away(None));
        check("/away back at 3", Command::Away(Some("back at 3".into())));
        check("/greet", Command::Greet(Greet::Show));
        check("/greet off", Command::Greet(Greet::Off));
        check("/greet text hi {name}", Command::Greet(Greet::Text("hi {name}".into())));
        check("/me waves", Command::Me("waves".into()));
        let mute = |what: Option<&str>, hours: Option<u64>| Command::Mute {
            what: what.map(str::to_owned),
            lasts: hours.map(|hours| Duration::from_secs(hours * 3600)),
        };
        check("/mute", mute(None, None));
        check("/mute for 1h", mute(None, Some(1)));
        check("/mute #ops for 2 h", mute(Some("#ops"), Some(2)));
        check("/mute art for all", mute(Some("art for all"), None));
        check("/mute art for all for 1h", mute(Some("art for all"), Some(1)));
        check("/r sure", Command::Reply("sure".into()));
    }

    #[test]
    fn a_slash_can_be_said() {
        assert_eq!(parse("//etc/hosts"), Line::Say("/etc/hosts".into()));
        assert_eq!(parse("see /etc"), Line::Say("see /etc".into()));
    }

    #[test]
    fn what_is_missing_is_told() {
        for line in ["/msg", "/nick  ", "/join", "/greet maybe", "/greet text", "/mute for ever"] {
            assert!(matches!(parse(line), Line::Incomplete(_)), "{line}");
        }
    }

    #[test]
    fn a_slip_is_understood() {
        check_unknown("/nikc ada", Some("nick"));
        check_unknown("/reconect", Some("reconnect"));
        check_unknown("/qiut", Some("quit"));
        check_unknown("/recon", Some("reconnect"));
        check_unknown("/frobnicate", None);
        check_unknown("/", None);
    }

    #[test]
    fn every_command_of_the_table_can_be_read() {
        for spec in COMMANDS {
            let arguments = match spec.name {
                "copy" | "open" => "2",
                "dnd" => "for 1h",
                "debug" => "off",
                _ => "text x",
            };
            let line = format!("/{} {arguments}", spec.name);
            assert!(matches!(parse(&line), Line::Command(_)), "{line}");
        }
    }
}
