//! Reading `config.toml`. Every mistake is reported with its line, and only what it stands in stays
//! at its default.

mod edit;
mod template;

use std::fmt;

use hullo::protocol::RoomName;
use toml_edit::{Document, Item, TableLike, TomlError};

pub(crate) use self::edit::with_value;
pub(crate) use self::template::template;
use crate::input::alias::Aliases;
use crate::input::command::Commands;
use crate::input::keymap::{Action, Keymap};
use crate::settings::value::text_from_toml;
use crate::settings::{Notify, SETTINGS, Settings, unknown};
use crate::text::{self, line_at};

/// The tables: notifications by the title of a buffer, keys, and aliases.
const NOTIFY: &str = "notify-in";
const KEYS: &str = "keys";
const ALIASES: &str = "aliases";

/// The values of [`Defaults`].
const DEFAULTS: [&str; 3] = ["name", "server", "room"];

/// A file with more mistakes than this is likely the wrong file; the rest is only counted.
const MAX_MISTAKES: usize = 100;

/// The content of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) defaults: Defaults,
    pub(crate) settings: Settings,
    pub(crate) keymap: Keymap,
    pub(crate) aliases: Aliases,
    /// From top to bottom; the last one may stand for all the rest.
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) mistake_count: usize,
}

/// What applies unless the command line or the environment says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Defaults {
    pub(crate) name: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) room: Option<RoomName>,
    /// Those of the three that are in the file but cannot be read. Without them nobody should
    /// connect: what is meant for one room must not be sent to another.
    pub(crate) invalid: Vec<&'static str>,
}

/// Something wrong in a line of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

/// Reads a configuration.
pub(crate) fn read(text: &str, commands: Commands) -> Config {
    parse(text, commands).unwrap_or_else(|mistake| {
        let sets = |name: &&str| {
            let mut lines = text.lines().map(str::trim_start);
            lines.any(|line| {
                line.strip_prefix(*name).is_some_and(|rest| rest.trim_start().starts_with('='))
            })
        };
        let invalid = DEFAULTS.into_iter().filter(sets).collect();
        let defaults = Defaults { invalid, ..Defaults::default() };
        Config { defaults, mistakes: vec![mistake], mistake_count: 1, ..Config::default() }
    })
}

/// Reads a configuration; the error says why it is not TOML.
pub(crate) fn parse(text: &str, commands: Commands) -> Result<Config, Mistake> {
    let document = Document::parse(text).map_err(|error| not_toml(text, &error))?;
    let line_starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    let mut reader = Reader { commands, line_starts, config: Config::default() };
    reader.document(document.as_table());
    Ok(reader.finish())
}

/// The line of a top-level key.
pub(crate) fn line_of(text: &str, key: &str) -> Option<usize> {
    let document = Document::parse(text).ok()?;
    Some(line_at(text, document.key(key)?.span()?.start))
}

fn not_toml(text: &str, error: &TomlError) -> Mistake {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let line_before = text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let column = line_before.chars().count() + 1;
    let why = error.message().replace('\n', ", ");
    Mistake { line: line_at(text, at), text: format!("not valid TOML at column {column}: {why}") }
}

struct Reader {
    /// The commands that keys and aliases may run.
    commands: Commands,
    /// The offset of every line but the first: counting lines anew for each mistake would take
    /// quadratic time.
    line_starts: Vec<usize>,
    config: Config,
}

impl Reader {
    fn document(&mut self, root: &dyn TableLike) {
        // First, for a key may run an alias.
        if let Some(item) = root.get(ALIASES) {
            let read = self.aliases(item);
            self.note(root, ALIASES, read);
        }
        for (name, item) in root.iter() {
            let read = match name {
                ALIASES => continue,
                KEYS => self.table(name, item, Self::key),
                NOTIFY => self.table(name, item, Self::notify),
                name => self.value(name, item),
            };
            self.note(root, name, read);
        }
        if self.config.keymap.key(Action::Send).is_empty() {
            self.config.keymap.sends_by_enter();
            self.note(root, KEYS, Err("no key is bound to send; Enter sends".into()));
        }
    }

    /// Reads a table of texts.
    fn table(
        &mut self,
        name: &str,
        item: &Item,
        read: impl Fn(&mut Self, &str, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        let table = item.as_table_like();
        let table = table.ok_or_else(|| format!("{name} is a table; write [{name}]"))?;
        for (key, item) in table.iter() {
            let text = item.as_str().ok_or_else(|| format!("{key}: write a text in quotes"));
            let read = text.and_then(|text| read(self, key, text));
            self.note(table, key, read);
        }
        Ok(())
    }

    /// An alias may stand for one further down, so all are known before any is checked.
    fn aliases(&mut self, item: &Item) -> Result<(), String> {
        self.table(ALIASES, item, |reader, name, line| {
            reader.config.aliases.add(name, line, reader.commands).map(drop)
        })?;
        let Some(table) = item.as_table_like() else { return Ok(()) };
        for (name, _) in table.iter() {
            let aliases = &mut self.config.aliases;
            let checked = aliases.line(name).map_or(Ok(()), |_| aliases.check(name, self.commands));
            if checked.is_err() {
                aliases.remove(name);
            }
            self.note(table, name, checked);
        }
        Ok(())
    }

    fn key(&mut self, key: &str, action: &str) -> Result<(), String> {
        self.config.keymap.bind(key, action, &self.config.aliases, self.commands)
    }

    fn notify(&mut self, title: &str, level: &str) -> Result<(), String> {
        let level = Notify::named(level).map_err(|why| format!("{title}: {why}"))?;
        self.config.settings.notify_by_buffer.insert(title.to_owned(), level);
        // Hardly anybody has the name of the room that one is in: it is the room that is meant.
        let room = self.config.defaults.room.as_ref().map_or("lobby", RoomName::as_str);
        if title == room {
            return Err(format!("{title:?} is a person; write \"#{title}\" for the room"));
        }
        Ok(())
    }

    fn value(&mut self, name: &str, item: &Item) -> Result<(), String> {
        if let Some(name) = DEFAULTS.into_iter().find(|default| *default == name) {
            return self.default(name, item).map_err(|why| format!("{name}: {why}"));
        }
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        let set = setting.ok_or_else(|| {
            let names = SETTINGS.iter().map(|setting| setting.name);
            let names = names.chain(DEFAULTS).chain([KEYS, NOTIFY, ALIASES]);
            unknown(name, names, "`hullo config init --stdout` lists all")
        })?;
        let set = set.set_from_toml(&mut self.config.settings, item);
        set.map_err(|why| format!("{name}: {why}"))
    }

    fn default(&mut self, name: &'static str, item: &Item) -> Result<(), String> {
        let defaults = &mut self.config.defaults;
        let read = text_from_toml(item.as_value(), &"".into()).and_then(|text| match name {
            "name" => own_name(&text).map(|name| defaults.name = Some(name)),
            "room" => text::room(&text).map(|room| defaults.room = Some(room)),
            _ => {
                let checked = text.parse::<hullo::client::Address>().map(drop);
                // Kept even if it is wrong: connecting to it fails, and to no other server.
                defaults.server = Some(text);
                checked.map_err(|why| why.to_string())
            }
        });
        if read.is_err() && !(name == "server" && defaults.server.is_some()) {
            defaults.invalid.push(name);
        }
        read
    }

    /// Notes what is wrong about a key, with its line.
    fn note(&mut self, table: &dyn TableLike, key: &str, read: Result<(), String>) {
        let Err(text) = read else { return };
        let at = table.key(key).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        let line = self.line_starts.partition_point(|start| *start <= at) + 1;
        // Someone else may have written the file, and this is shown on a terminal.
        let text = hullo::text::clean_line(&text).into_owned();
        self.config.mistakes.push(Mistake { line, text });
    }

    fn finish(self) -> Config {
        let Self { mut config, .. } = self;
        config.mistakes.sort_by_key(|mistake| mistake.line);
        config.mistake_count = config.mistakes.len();
        let more = config.mistake_count.saturating_sub(MAX_MISTAKES);
        if let Some(first) = config.mistakes.get_mut(MAX_MISTAKES) {
            first.text = format!("and {more} more");
        }
        config.mistakes.truncate(MAX_MISTAKES + 1);
        config
    }
}

fn own_name(name: &str) -> Result<String, String> {
    hullo::text::clean_name(name).ok_or_else(|| invalid_name(name))
}

/// Why this is not accepted as one's name.
pub(crate) fn invalid_name(name: &str) -> String {
    let (max, max_bytes) = (hullo::text::MAX_NAME_GRAPHEMES, hullo::text::MAX_NAME_BYTES);
    format!(
        "{name:?} is not a name: it needs 1 to {max} visible characters, at most {max_bytes} bytes"
    )
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
    fn check(text: &str, expected: &[(usize, &str)]) {
        let found = read(text).mistakes;
        let found: Vec<(usize, &str)> = found.iter().map(|one| (one.line, &*one.text)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn there_is_always_a_key_that_sends() {
        let config = read("[keys]\nenter = \"new-line\"\nalt-enter = \"send\"\n");
        assert_eq!(config.mistakes, []);
        let config = read("[keys]\nenter = \"new-line\"\n");
        assert_eq!(
            config.mistakes,
            [Mistake { line: 1, text: "no key is bound to send; Enter sends".into() }]
        );
        assert_eq!(config.keymap.keys(Action::Send), ["Enter"]);
    }

    #[test]
    fn an_unreadable_name_server_or_room_is_noted() {
        for (text, expected) in [
            ("server = 5\nroom = \"ops\"\n", &["server"][..]),
            ("name = \"\"\nroom = 7\n", &["name", "room"]),
            ("server = \"nonsense nonsense\"\n", &[]),
            ("bell = 5\n", &[]),
            ("  server = \"ws://h\"\nx = [\n", &["server"]),
            ("#server = \"ws://h\"\nx = [\n", &[]),
        ] {
            assert_eq!(read(text).defaults.invalid, expected, "{text}");
        }
    }

    #[test]
    fn every_value_is_read_by_its_type() {
        let config = read(concat!(
            "name = \"ada\"\nserver = \"lan.example\"\nroom = \"#ops\"\n",
            "bell = false\nidle = 20\nwatch = [\"ana\", \"Jo the Great\"]\nnotify = \"all\"\n",
            "[notify-in]\n\"#lobby\" = \"none\"\n[keys]\n\"alt-a\" = \"bare\"\nf5 = \"none\"\n",
        ));
        assert_eq!(config.mistakes, []);
        assert_eq!(config.defaults.name.as_deref(), Some("ada"));
        assert_eq!(config.defaults.server.as_deref(), Some("lan.example"));
        assert_eq!(config.defaults.room.map(|room| room.as_str().to_owned()), Some("ops".into()));
        let settings = config.settings;
        assert_eq!((settings.bell, settings.notify), (false, Notify::All));
        assert_eq!(settings.idle.as_secs(), 1200);
        assert_eq!(settings.watch, ["ana", "Jo the Great"]);
        assert_eq!(settings.notify_in("#lobby"), Notify::None);
        assert_eq!(config.keymap.keys(Action::Bare), ["Alt+A", "Alt+L"]);
    }

    #[test]
    fn of_many_mistakes_the_first_are_listed_and_the_rest_counted() {
        let lines: Vec<String> = (0..30_000).map(|n| format!("wrong{n} = 1\n")).collect();
        let config = read(&lines.concat());
        assert_eq!((config.mistakes.len(), config.mistake_count), (101, 30_000));
        let lines: Vec<usize> = config.mistakes.iter().map(|one| one.line).collect();
        assert_eq!(lines, (1..=101).collect::<Vec<_>>());
        assert_eq!(config.mistakes[100].to_string(), "line 101: and 29900 more");
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        assert_eq!(read(""), Config::default());
    }

    #[test]
    fn every_mistake_is_listed_with_its_line() {
        check(
            concat!(
                "theem = \"dark\"\n\nbell = \"loud\"\nidle = -1\nname = \"\"\n",
                "room = \"\"\nfrobnicate = 1\nwatch = \"ana\"\nkeys = 1\n",
                "[notify-in]\n\"#lobby\" = \"some\"\nmira = 1\n",
            ),
            &[
                (1, "there is no setting \"theem\"; did you mean theme?"),
                (3, "bell: write true or false, without quotes"),
                (4, "idle: \"-1\" is not a number of minutes from 0 to 1440"),
                (
                    5,
                    "name: \"\" is not a name: it needs 1 to 32 visible characters, at most 128 bytes",
                ),
                (6, "room: a room needs a name"),
                (7, "there is no setting \"frobnicate\"; `hullo config init --stdout` lists all"),
                (8, "watch: write a list, such as [\"mira\", \"jo\"]"),
                (9, "keys is a table; write [keys]"),
                (11, "#lobby: \"some\" is not valid; it may be all, mentions, none"),
                (12, "mira: write a text in quotes"),
            ],
        );
        check(
            concat!(
                "[keys]\nf5 = \"/lunch\"\nf6 = \"/nope\"\n[aliases]\nlunch = \"/brb (lunch)\"\n",
                "brb = \"/away back\"\naway = \"/back\"\nx = 1\na = \"/b\"\nb = \"/a\"\nc = \"/nope\"\n",
            ),
            &[
                (3, "there is no /nope · /help lists all"),
                (7, "/away is a command; an alias cannot replace it"),
                (8, "x: write a text in quotes"),
                (9, "/a would call itself endlessly"),
                (10, "there is no /a · /help lists all"),
                (11, "there is no /nope · /help lists all"),
            ],
        );
        check("aliases = 1\n", &[(1, "aliases is a table; write [aliases]")]);
        check(
            "rooms = [\"ops\", \"#\"]\nhighlight = \"deploy\"\n",
            &[
                (1, "rooms: \"#\": a room needs a name"),
                (2, "highlight: write a list, such as [\"mira\", \"jo\"]"),
            ],
        );
        check(
            "[keys]\nf5 = \"/away lunch\"\nf6 = \"/awya\"\nf7 = \"/copy x\"\nf8 = \"/msg mira \"\n",
            &[
                (3, "there is no /awya · did you mean /away?"),
                (4, "/copy: \"x\" is not a number from 1 up"),
            ],
        );
        check(
            "[keys]\n\"hyper-a\" = \"send\"\n\"alt-a\" = \"plaette\"\n",
            &[
                (2, "\"hyper-a\" is not a key; write it like \"alt-a\", \"ctrl-left\" or \"f2\""),
                (3, "\"plaette\" is not an action; did you mean palette?"),
            ],
        );
    }

    #[test]
    fn what_would_fail_later_is_a_mistake_too() {
        let format = "write ws://HOST:PORT, as in ws://127.0.0.1:4856";
        let empty = format!("server: \"\" is no address; {format}");
        check("server = \"\"\n", &[(1, &empty)]);
        let nonsense = format!("server: \"a b\" is no address; {format}");
        check("server = \"a b\"\n", &[(1, &nonsense)]);
        // Connecting to it fails, rather than ending up at the server of this machine.
        assert_eq!(read("server = \"a b\"\n").defaults.server.as_deref(), Some("a b"));
        let person = "\"lobby\" is a person; write \"#lobby\" for the room";
        check("[notify-in]\nmira = \"all\"\nlobby = \"all\"\n", &[(3, person)]);
        let person = "\"ops\" is a person; write \"#ops\" for the room";
        check("room = \"ops\"\n[notify-in]\nops = \"all\"\n", &[(3, person)]);
    }

    #[test]
    fn a_mistake_leaves_the_rest_in_force() {
        let config = read("bell = 1\ntitle = false\n");
        assert_eq!(config.mistakes.len(), 1);
        assert!(config.settings.bell && !config.settings.title);
    }

    #[test]
    fn invalid_toml_is_reported_with_line_and_column() {
        let config = read("bell = true\ntitle = ?\n");
        let [mistake] = &*config.mistakes else { panic!("{:?}", config.mistakes) };
        assert_eq!(mistake.line, 2);
        assert!(mistake.text.starts_with("not valid TOML at column 9: "), "{}", mistake.text);
        assert_eq!(config.settings, Settings::default());
    }
}
