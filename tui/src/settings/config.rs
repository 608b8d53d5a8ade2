//! The configuration: what stands in `config.toml`, and everything that is wrong with it.
//!
//! A mistake costs its own line alone: what is wrong is told, all of it at once, and stays at its
//! default. Only who and where must be known: nobody shall say to one room what was for another.

mod keep;
mod template;
mod value;

use std::fmt;

use hullo::protocol::RoomName;
use toml_edit::{Document, Item, TableLike, TomlError};

pub(crate) use self::keep::keep;
pub(crate) use self::template::template;
use crate::input::alias::Aliases;
use crate::input::command::Commands;
use crate::input::keymap::{Action, Keymap};
use crate::settings::{Notify, SETTINGS, Settings};
use crate::text::{self, line_at};

/// The table with a [`Notify`] for each room or person: `notify` alone is the setting for all.
const NOTIFY_TABLE: &str = "notify-in";

const KEYS_TABLE: &str = "keys";

const ALIASES_TABLE: &str = "aliases";
/// Whoever has more mistakes than this has the wrong file, and does not read them one by one.
const MOST_COMPLAINTS: usize = 100;

/// What a configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) place: Defaults,
    pub(crate) settings: Settings,
    pub(crate) keymap: Keymap,
    pub(crate) aliases: Aliases,
    /// What is wrong, from top to bottom.
    pub(crate) complaints: Vec<Complaint>,
}

impl Config {
    /// How many mistakes there are.
    pub(crate) fn mistakes(&self) -> usize {
        self.complaints.iter().map(|one| one.stands_for).sum()
    }
}

/// Who and where, unless the command line or the environment says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Defaults {
    pub(crate) name: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) room: Option<RoomName>,
    /// Which of these the file says in a way that cannot be read. What was meant for one place must
    /// not go to another.
    pub(crate) unread: Vec<&'static str>,
}

/// What the file says of who and where.
const PLACE: [&str; 3] = ["name", "server", "room"];

/// One thing that is wrong; the last one may stand for many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
    stands_for: usize,
}

impl Complaint {
    pub(crate) fn new(line: usize, text: String) -> Self {
        Self { line, text, stands_for: 1 }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

/// Reads a configuration.
pub(crate) fn read(text: &str, commands: Commands) -> Config {
    parse(text, commands).unwrap_or_else(|complaint| {
        let says = |name: &&str| {
            let key = text.lines().filter_map(|line| line.trim_start().strip_prefix(*name));
            key.map(str::trim_start).any(|rest| rest.starts_with('='))
        };
        let unread = PLACE.into_iter().filter(says).collect();
        let place = Defaults { unread, ..Defaults::default() };
        Config { place, complaints: vec![complaint], ..Config::default() }
    })
}

/// Reads a configuration, if it is TOML at all.
pub(crate) fn parse(text: &str, commands: Commands) -> Result<Config, Complaint> {
    let document = Document::parse(text).map_err(|error| no_toml(text, &error))?;
    let (config, unlisted) = (Config::default(), None);
    let mut reader = Reader { commands, starts: starts(text), config, unlisted };
    reader.root(document.as_table());
    let Reader { mut config, unlisted, .. } = reader;
    config.complaints.sort_by_key(|complaint| complaint.line);
    config.complaints.extend(unlisted);
    Ok(config)
}

/// The line in which a key of the first level stands.
pub(crate) fn line_of(text: &str, name: &str) -> Option<usize> {
    let document = Document::parse(text).ok()?;
    Some(line_at(text, document.key(name)?.span()?.start))
}

/// What to say of a file that is no TOML at all.
fn no_toml(text: &str, error: &TomlError) -> Complaint {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let why = error.message().replace('\n', ", ");
    Complaint::new(line_at(text, at), format!("this is no TOML, column {column}: {why}"))
}

/// Where each line but the first begins.
fn starts(text: &str) -> Vec<usize> {
    text.match_indices('\n').map(|(at, _)| at + 1).collect()
}

struct Reader {
    /// What keys and aliases may lead to.
    commands: Commands,
    /// Counting lines anew for each mistake would take the square of their number.
    starts: Vec<usize>,
    config: Config,
    /// Stands for those that are too many.
    unlisted: Option<Complaint>,
}

impl Reader {
    fn root(&mut self, table: &dyn TableLike) {
        // First: a key may run one of them.
        if let Some(item) = table.get(ALIASES_TABLE) {
            let read = self.aliases(item);
            self.note(table, ALIASES_TABLE, read);
        }
        for (name, item) in table.iter() {
            let read = match name {
                ALIASES_TABLE => continue,
                KEYS_TABLE => self.table(name, item, Self::key),
                NOTIFY_TABLE => self.table(name, item, Self::notify),
                name => self.value(name, item),
            };
            // A server that is no address is kept, and fails by itself.
            let place = PLACE.into_iter().find(|place| *place == name && read.is_err());
            let is_kept = name == "server" && self.config.place.server.is_some();
            self.config.place.unread.extend(place.filter(|_| !is_kept));
            self.note(table, name, read);
        }
        if self.config.keymap.key(Action::Send).is_empty() {
            self.config.keymap.sends_by_enter();
            self.note(table, KEYS_TABLE, Err("no key sends, so enter does".into()));
        }
    }

    /// Reads what stands in a table of its own.
    fn table(
        &mut self,
        name: &str,
        item: &Item,
        read: impl Fn(&mut Self, &str, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        let table =
            item.as_table_like().ok_or_else(|| format!("{name} is a table; write [{name}]"))?;
        for (key, item) in table.iter() {
            let value = item.as_str().ok_or_else(|| format!("{key:?} needs a text in quotes"));
            let read = value.and_then(|value| read(self, key, value));
            self.note(table, key, read);
        }
        Ok(())
    }

    /// One may stand for another that comes after it, so they are judged once all are known.
    fn aliases(&mut self, item: &Item) -> Result<(), String> {
        let noted = |reader: &mut Self, name: &str, line: &str| {
            reader.config.aliases.add(name, line, reader.commands).map(drop)
        };
        self.table(ALIASES_TABLE, item, noted)?;
        for (name, _) in item.as_table_like().into_iter().flat_map(TableLike::iter) {
            if self.config.aliases.line(name).is_none() {
                continue;
            }
            if let (Err(why), Some(table)) =
                (self.config.aliases.check(name, self.commands), item.as_table_like())
            {
                self.config.aliases.remove(name);
                self.note(table, name, Err(why));
            }
        }
        Ok(())
    }

    fn key(&mut self, key: &str, action: &str) -> Result<(), String> {
        self.config.keymap.bind(key, action, &self.config.aliases, self.commands)
    }

    fn notify(&mut self, title: &str, level: &str) -> Result<(), String> {
        let level = Notify::named(level).map_err(|why| format!("{title}: {why}"))?;
        self.config.settings.notify_by_buffer.insert(title.to_owned(), level);
        // Of all names, that of the room one is in is hardly meant as a person's.
        let room = self.config.place.room.as_ref().map_or("lobby", RoomName::as_str);
        if title == room {
            return Err(format!("{title:?} is a person here; the room is \"#{title}\""));
        }
        Ok(())
    }

    fn server(&mut self, item: &Item) -> Result<(), String> {
        let server = value::text(item)?;
        let wrong = server.parse::<hullo::client::Address>().err();
        // Kept even so: better nowhere than to another server than the one that was meant.
        self.config.place.server = Some(server);
        wrong.map_or(Ok(()), |why| Err(why.to_string()))
    }

    fn value(&mut self, name: &str, item: &Item) -> Result<(), String> {
        let named = |why: String| format!("{name}: {why}");
        match name {
            "name" => self.config.place.name = Some(own_name(item).map_err(named)?),
            "server" => self.server(item).map_err(named)?,
            "room" => self.config.place.room = Some(room(item).map_err(named)?),
            _ => {
                let setting = SETTINGS.iter().find(|setting| setting.name == name);
                let setting = setting.ok_or_else(|| self.unknown(name))?;
                let value = value::written(setting, item).map_err(named)?;
                self.config.settings.write(name, &value).map_err(named)?;
            }
        }
        Ok(())
    }

    /// Keeps what was wrong about a key, with its line.
    fn note(&mut self, table: &dyn TableLike, key: &str, read: Result<(), String>) {
        let Err(text) = read else { return };
        let at = table.key(key).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        let line = self.starts.partition_point(|start| *start <= at) + 1;
        if self.is_full() {
            let (first, before) =
                self.unlisted.as_ref().map_or((line, 0), |more| (more.line, more.stands_for));
            let stands_for = before + 1;
            let text = format!("and {stands_for} more");
            self.unlisted = Some(Complaint { line: line.min(first), text, stands_for });
            return;
        }
        // Somebody else may have written the file: what it holds is told on a terminal.
        let text = hullo::text::clean_line(&text).into_owned();
        self.config.complaints.push(Complaint::new(line, text));
    }

    fn is_full(&self) -> bool {
        self.config.complaints.len() >= MOST_COMPLAINTS
    }

    fn unknown(&self, name: &str) -> String {
        if self.is_full() { String::new() } else { unknown(name) }
    }
}

fn own_name(item: &Item) -> Result<String, String> {
    let name = value::text(item)?;
    hullo::text::clean_name(&name).ok_or_else(|| {
        let most = hullo::text::MAX_NAME_GRAPHEMES;
        let bytes = hullo::text::MAX_NAME_BYTES;
        format!(
            "{name:?} is no name; it needs 1 to {most} visible characters in at most {bytes} bytes"
        )
    })
}

fn room(item: &Item) -> Result<RoomName, String> {
    text::room(&value::text(item)?)
}

fn unknown(name: &str) -> String {
    let all = SETTINGS.iter().map(|setting| setting.name);
    let all = all.chain(["name", "server", "room", KEYS_TABLE, NOTIFY_TABLE, ALIASES_TABLE]);
    match text::nearest(name, all) {
        Some(meant) => format!("there is no setting {name:?}; did you mean {meant}?"),
        None => {
            format!("there is no setting {name:?}; `hullo config init --stdout` lists all")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::update::COMMANDS;
    use crate::input::keymap::Action;

    fn read(text: &str) -> Config {
        super::read(text, COMMANDS)
    }

    #[track_caller]
    fn complaints(text: &str, expected: &[(usize, &str)]) {
        let told = read(text).complaints;
        let told: Vec<(usize, &str)> = told.iter().map(|one| (one.line, &*one.text)).collect();
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn there_is_always_a_key_that_sends() {
        let config = read("[keys]\nenter = \"new-line\"\nalt-enter = \"send\"\n");
        assert_eq!(config.complaints, []);
        let config = read("[keys]\nenter = \"new-line\"\n");
        assert_eq!(config.complaints, [Complaint::new(1, "no key sends, so enter does".into())]);
        assert_eq!(config.keymap.keys(Action::Send), ["Enter"]);
    }

    #[test]
    fn what_is_said_of_who_and_where_and_cannot_be_read_is_known() {
        for (text, expected) in [
            ("server = 5\nroom = \"ops\"\n", &["server"][..]),
            ("name = \"\"\nroom = 7\n", &["name", "room"]),
            ("server = \"nonsense nonsense\"\n", &[]),
            ("bell = 5\n", &[]),
            ("  server = \"ws://h\"\nx = [\n", &["server"]),
            ("#server = \"ws://h\"\nx = [\n", &[]),
        ] {
            assert_eq!(read(text).place.unread, expected, "{text}");
        }
    }

    #[test]
    fn everything_is_read_in_its_own_type() {
        let config = read(concat!(
            "name = \"ada\"\nserver = \"lan.example\"\nroom = \"#ops\"\n",
            "bell = false\nidle = 20\nwatch = [\"ana\", \"Jo the Great\"]\nnotify = \"all\"\n",
            "[notify-in]\n\"#lobby\" = \"none\"\n[keys]\n\"alt-a\" = \"bare\"\nf5 = \"none\"\n",
        ));
        assert_eq!(config.complaints, []);
        assert_eq!(config.place.name.as_deref(), Some("ada"));
        assert_eq!(config.place.server.as_deref(), Some("lan.example"));
        assert_eq!(config.place.room.map(|room| room.as_str().to_owned()), Some("ops".into()));
        let settings = config.settings;
        assert_eq!((settings.bell, settings.notify), (false, Notify::All));
        assert_eq!(settings.idle_after.as_secs(), 1200);
        assert_eq!(settings.watch, ["ana", "Jo the Great"]);
        assert_eq!(settings.notify_in("#lobby"), Notify::None);
        assert_eq!(config.keymap.keys(Action::Bare), ["Alt+A", "Alt+L"]);
    }

    #[test]
    fn of_many_mistakes_the_first_are_told_and_the_others_counted() {
        let lines: Vec<String> = (0..30_000).map(|n| format!("wrong{n} = 1\n")).collect();
        let config = read(&lines.concat());
        assert_eq!((config.complaints.len(), config.mistakes()), (101, 30_000));
        let lines: Vec<usize> = config.complaints.iter().map(|one| one.line).collect();
        assert_eq!(lines, (1..=101).collect::<Vec<_>>());
        assert_eq!(config.complaints[100].to_string(), "line 101: and 29900 more");
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        assert_eq!(read(""), Config::default());
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_with_its_line() {
        complaints(
            concat!(
                "theem = \"dark\"\n\nbell = \"loud\"\nidle = -1\nname = \"\"\n",
                "room = \"\"\nfrobnicate = 1\nwatch = \"ana\"\nkeys = 1\n",
                "[notify-in]\n\"#lobby\" = \"some\"\nmira = 1\n",
            ),
            &[
                (1, "there is no setting \"theem\"; did you mean theme?"),
                (3, "bell: it is true or false, without quotes"),
                (4, "idle: \"-1\" will not do; it may be 0 to 1440 minutes"),
                (
                    5,
                    "name: \"\" is no name; it needs 1 to 32 visible characters in at most 128 bytes",
                ),
                (6, "room: a room needs a name"),
                (7, "there is no setting \"frobnicate\"; `hullo config init --stdout` lists all"),
                (8, "watch: it is a list, as in [\"mira\", \"jo\"]"),
                (9, "keys is a table; write [keys]"),
                (11, "#lobby: \"some\" will not do; it may be all, mentions, none"),
                (12, "\"mira\" needs a text in quotes"),
            ],
        );
        complaints(
            concat!(
                "[keys]\nf5 = \"/lunch\"\nf6 = \"/nope\"\n[aliases]\nlunch = \"/brb (lunch)\"\n",
                "brb = \"/away back\"\naway = \"/back\"\nx = 1\na = \"/b\"\nb = \"/a\"\nc = \"/nope\"\n",
            ),
            &[
                (3, "there is no /nope · /help lists all"),
                (7, "/away is a command already, which no alias can hide"),
                (8, "\"x\" needs a text in quotes"),
                (9, "/a would call itself for ever"),
                (10, "there is no /a · /help lists all"),
                (11, "there is no /nope · /help lists all"),
            ],
        );
        complaints("aliases = 1\n", &[(1, "aliases is a table; write [aliases]")]);
        complaints(
            "rooms = [\"ops\", \"#\"]\nhighlight = \"deploy\"\n",
            &[
                (1, "rooms: \"#\" will not do: a room needs a name"),
                (2, "highlight: it is a list, as in [\"mira\", \"jo\"]"),
            ],
        );
        complaints(
            "[keys]\nf5 = \"/away lunch\"\nf6 = \"/awya\"\nf7 = \"/copy x\"\nf8 = \"/msg mira \"\n",
            &[
                (3, "there is no /awya · did you mean /away?"),
                (4, "/copy: \"x\" is no number from 1 up"),
            ],
        );
        complaints(
            "[keys]\n\"hyper-a\" = \"send\"\n\"alt-a\" = \"plaette\"\n",
            &[
                (2, "\"hyper-a\" is no key; write it like \"alt-a\", \"ctrl-left\" or \"f2\""),
                (3, "\"plaette\" is no action; did you mean palette?"),
            ],
        );
    }

    #[test]
    fn what_would_fail_later_is_told_as_well() {
        let told = "write ws://HOST:PORT, as in ws://127.0.0.1:4856";
        let empty = format!("server: \"\" is no address; {told}");
        complaints("server = \"\"\n", &[(1, &empty)]);
        let nonsense = format!("server: \"a b\" is no address; {told}");
        complaints("server = \"a b\"\n", &[(1, &nonsense)]);
        // To none, rather than to that of this machine.
        assert_eq!(read("server = \"a b\"\n").place.server.as_deref(), Some("a b"));
        let person = "\"lobby\" is a person here; the room is \"#lobby\"";
        complaints("[notify-in]\nmira = \"all\"\nlobby = \"all\"\n", &[(3, person)]);
        let person = "\"ops\" is a person here; the room is \"#ops\"";
        complaints("room = \"ops\"\n[notify-in]\nops = \"all\"\n", &[(3, person)]);
    }

    #[test]
    fn what_is_right_beside_a_mistake_counts() {
        let config = read("bell = 1\ntitle = false\n");
        assert_eq!(config.complaints.len(), 1);
        assert!(config.settings.bell && !config.settings.title);
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_with_line_and_column() {
        let config = read("bell = true\ntitle = ?\n");
        let [complaint] = &*config.complaints else { panic!("{:?}", config.complaints) };
        assert_eq!(complaint.line, 2);
        assert!(complaint.text.starts_with("this is no TOML, column 9: "), "{}", complaint.text);
        assert_eq!(config.settings, Settings::default());
    }
}
