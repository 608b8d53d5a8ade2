//! Writing one value into a configuration: whatever else stands there stays as it is.

use std::ops::Range;

use toml_edit::{Document, DocumentMut, Item, Table, TableLike, Value};

use super::template::commented;
use super::value::value;
use super::{ALIASES_TABLE, KEYS_TABLE, NOTIFY_TABLE};
use crate::settings::{SETTINGS, Setting};
use crate::text::line_at;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    table: Option<&'static str>,
    key: &'a str,
}

/// The text of a configuration with this value in it, or with `None` without. The names are those
/// of [`crate::core::event::Effect::Keep`]. The error says why nothing can be written.
pub(crate) fn keep(text: &str, name: &str, written: Option<&str>) -> Result<String, String> {
    let kept = keep_in_lines(&text.replace("\r\n", "\n"), name, written)?;
    Ok(with_breaks_of(text, &kept))
}

/// As the other, in a text whose lines end as those of TOML's writer do.
fn keep_in_lines(text: &str, name: &str, written: Option<&str>) -> Result<String, String> {
    let document = Document::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        format!("line {line} is no TOML")
    })?;
    let (place, setting) = (Place::of(name), SETTINGS.iter().find(|one| one.name == name));
    let found = place.find(document.as_table());
    if found.is_some_and(|item| item.is_table_like() || item.is_array_of_tables()) {
        let key = place.table(document.as_table()).and_then(|table| table.key(place.key)?.span());
        let line = line_at(text, key.map_or(0, |span| span.start));
        return Err(format!("{} is a table in line {line}; take that away first", place.key));
    }
    let is_there = found.is_some();
    match written {
        Some(written) => {
            let value = setting.map_or_else(|| Value::from(written), |one| value(one, written));
            match (!is_there).then(|| place.uncomment(text, &value)).flatten() {
                Some(text) => Ok(text),
                None => place.put(document.into_mut(), value),
            }
        }
        None if is_there => Ok(place
            .cut(text, document.as_table(), setting)
            .unwrap_or_else(|| place.remove(document.into_mut()))),
        None => Ok(text.to_owned()),
    }
}

impl<'a> Place<'a> {
    fn of(name: &'a str) -> Self {
        let tables =
            [("keys.", KEYS_TABLE), ("notify.", NOTIFY_TABLE), ("aliases.", ALIASES_TABLE)];
        let within = |(prefix, table)| Some((table, name.strip_prefix(prefix)?));
        match tables.into_iter().find_map(within) {
            Some((table, key)) => Self { table: Some(table), key },
            None => Self { table: None, key: name },
        }
    }

    fn find(self, root: &Table) -> Option<&Item> {
        self.table(root)?.get(self.key)
    }

    fn table(self, root: &Table) -> Option<&dyn TableLike> {
        match self.table {
            None => Some(root),
            Some(table) => root.get(table)?.as_table_like(),
        }
    }

    /// The line in which the template has this very key, made to count. `None` where there is
    /// none, or where it would mean something else, as behind the head of another table.
    fn uncomment(self, text: &str, value: &Value) -> Option<String> {
        let value = value.to_string();
        let value = value.trim();
        text.lines().find_map(|line| {
            let start = line.as_ptr() as usize - text.as_ptr() as usize;
            let line = start..start + line.len();
            let changed = replaced(text, line.clone(), &self.uncommented(&text[line], value)?);
            let read = Document::parse(&changed).ok()?;
            let item = self.find(read.as_table()).and_then(Item::as_value)?;
            let is_right = item.to_string().trim() == value;
            is_right.then(|| changed.clone())
        })
    }

    /// This line with the value in it and without its `#`, if it is `#key = VALUE`. What is behind
    /// a blank, or is no TOML, are words of the user's about the key.
    fn uncommented(self, line: &str, value: &str) -> Option<String> {
        let line = line.strip_prefix('#').filter(|rest| !rest.starts_with(char::is_whitespace))?;
        let document = Document::parse(line).ok()?;
        let default = document.get(self.key)?.as_value()?.span()?;
        Some(replaced(line, default, value))
    }

    /// Sets the value; what stands around the old one stays.
    fn put(self, mut document: DocumentMut, mut value: Value) -> Result<String, String> {
        let table: &mut dyn TableLike = match self.table {
            None => document.as_table_mut(),
            Some(table) => {
                let item = document.entry(table).or_insert_with(toml_edit::table);
                item.as_table_like_mut().ok_or_else(|| format!("{table} is no table"))?
            }
        };
        match table.get_mut(self.key) {
            Some(item) => {
                if let Some(old) = item.as_value() {
                    *value.decor_mut() = old.decor().clone();
                }
                *item = Item::Value(value);
            }
            None => drop(table.insert(self.key, Item::Value(value))),
        }
        Ok(document.to_string())
    }

    /// Takes the lines of the value away, and leaves the comment above them; a setting stays as a
    /// comment, as in the template. `None` where it shares its line with others.
    fn cut(self, text: &str, root: &Table, setting: Option<&Setting>) -> Option<String> {
        let table = self.table(root)?;
        let (from, to) = (table.key(self.key)?.span()?.start, table.get(self.key)?.span()?.end);
        let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let end = text[to..].find('\n').map_or(text.len(), |at| to + at + 1);
        let left = setting.map_or_else(String::new, |setting| format!("{}\n", commented(setting)));
        let changed = replaced(text, start..end, &left);
        let read = Document::parse(&changed).ok()?;
        let others = |root: &Table| self.table(root).map_or(0, TableLike::len);
        let is_right = self.find(read.as_table()).is_none()
            && others(read.as_table()) + 1 == others(root)
            && self.table.is_none_or(|table| read.contains_key(table));
        is_right.then(|| changed.clone())
    }

    fn remove(self, mut document: DocumentMut) -> String {
        let root = document.as_table_mut();
        match self.table {
            None => drop(root.remove(self.key)),
            Some(table) => {
                if let Some(table) = root.get_mut(table).and_then(Item::as_table_like_mut) {
                    drop(table.remove(self.key));
                }
            }
        }
        document.to_string()
    }
}

/// A text whose unchanged lines break as they did before, and the others as that text does.
fn with_breaks_of(before: &str, changed: &str) -> String {
    if !before.contains("\r\n") {
        return changed.to_owned();
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), changed.split_inclusive('\n').collect());
    let is_same = |(old, new): &(&&str, &&str)| old.lines().eq(new.lines());
    let head = old.iter().zip(&new).take_while(is_same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(is_same).count();
    let between = new[head..new.len() - tail].concat().replace('\n', "\r\n");
    [&*old[..head].concat(), &between, &*old[old.len() - tail..].concat()].concat()
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(range, by);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::update::COMMANDS;
    use crate::settings::Settings;
    use crate::settings::config::{Config, read, template};

    #[track_caller]
    fn check(before: &str, name: &str, value: Option<&str>, after: &str) {
        assert_eq!(keep(before, name, value).as_deref(), Ok(after), "{name} in {before:?}");
    }

    #[test]
    fn a_value_is_changed_and_all_else_stays() {
        let before = "# mine\nidle = 10 # long\n\n[keys]\n# odd\nf5 = \"bare\"\n";
        check(before, "idle", Some("20"), &before.replace("10", "20"));
        check(before, "keys.f5", Some("send"), &before.replace("bare", "send"));
        check("watch = []\n", "watch", Some("ana, jo"), "watch = [\"ana\", \"jo\"]\n");
        check("keys = { f5 = \"bare\" }\n", "keys.f5", Some("send"), "keys = { f5 = \"send\" }\n");
        check("", "aliases.brb", Some("/away"), "[aliases]\nbrb = \"/away\"\n");
        check("", "keys.f6", Some("/msg \"mira\" "), "[keys]\nf6 = '/msg \"mira\" '\n");
        check("keys.f5 = \"bare\"\n", "keys.f5", Some("send"), "keys.f5 = \"send\"\n");
    }

    #[test]
    fn what_is_new_finds_a_place() {
        check("", "bell", Some("false"), "bell = false\n");
        check("", "notify", Some("all"), "notify = \"all\"\n");
        check("", "notify.#lobby", Some("none"), "[notify-in]\n\"#lobby\" = \"none\"\n");
        check(
            "[keys]\nf5 = \"bare\"\n",
            "keys.alt-<",
            Some("send"),
            "[keys]\nf5 = \"bare\"\n\"alt-<\" = \"send\"\n",
        );
        check(
            "[keys]\nf5 = \"bare\"\n",
            "bell",
            Some("false"),
            "bell = false\n[keys]\nf5 = \"bare\"\n",
        );
        // A comment in another table is not the place for a setting of all.
        check(
            "[keys]\n#bell = true\n",
            "bell",
            Some("false"),
            "bell = false\n[keys]\n#bell = true\n",
        );
    }

    #[test]
    fn what_is_taken_back_leaves_its_comment() {
        let before = "# mine\nidle = 20 # long\nbell = true\n";
        check(before, "idle", None, "# mine\n#idle = 10\nbell = true\n");
        check("[keys]\n# odd\nf5 = \"bare\"\n", "keys.f5", None, "[keys]\n# odd\n");
        check("keys = { f5 = \"bare\" }\n", "keys.f5", None, "keys = {}\n");
        check("watch = [\n \"ana\",\n]\n", "watch", None, "#watch = []\n");
        check(before, "title", None, before);
        check("keys.f5 = \"bare\"\n", "keys.f5", None, "");
    }

    #[test]
    fn the_template_is_filled_in_where_it_explains() {
        let before = template();
        let set = keep(&before, "idle", Some("20")).unwrap();
        assert_eq!(set, before.replace("\n#idle = 10\n", "\nidle = 20\n"));
        assert_eq!(keep(&set, "idle", None).unwrap(), before);
        let bound = keep(&before, "keys.alt-a", Some("bare")).unwrap();
        let line = "\n#\"alt-a\" = \"next-activity\"\n";
        assert_eq!(bound, before.replace(line, "\n\"alt-a\" = \"bare\"\n"));
        let named = keep(&bound, "aliases.brb", Some("/away soon")).unwrap();
        assert_eq!(
            named,
            bound.replace("#brb = \"/away back in a minute\"", "brb = \"/away soon\"")
        );
        let muted = keep(&bound, "notify.#lobby", Some("none")).unwrap();
        assert_eq!(read(&muted, COMMANDS).complaints, []);
        assert_eq!(muted.lines().count(), before.lines().count());
    }

    #[test]
    fn words_about_a_setting_are_not_taken_for_its_default() {
        for before in [
            "# idle = minutes, I like it short\n",
            "#idle = minutes, I like it short\n",
            "# idle = 10\n",
            "#idle\n",
        ] {
            check(before, "idle", Some("5"), &format!("idle = 5\n{before}"));
        }
        check("[keys]\n#f5 = 1\n", "keys.f5", Some("bare"), "[keys]\nf5 = \"bare\"\n");
        check(
            "#f5 = 1\n[keys]\n#f5 = 1\n",
            "keys.f5",
            Some("bare"),
            "#f5 = 1\n[keys]\nf5 = \"bare\"\n",
        );
        check("#idle=10 # short\n", "idle", Some("5"), "idle=5 # short\n");
    }

    #[test]
    fn lines_break_as_they_did() {
        let before = "# mine\r\nidle = 10 # long\n\r\n[keys]\r\nf5 = \"bare\"\r\n";
        check(before, "idle", Some("20"), &before.replace("10 # long\n", "20 # long\r\n"));
        check(before, "bell", Some("false"), &before.replace("\r\n[k", "bell = false\r\n\r\n[k"));
        check(before, "keys.f6", Some("send"), &format!("{before}f6 = \"send\"\r\n"));
        check(before, "keys.f5", None, &before.replace("f5 = \"bare\"\r\n", ""));
        check(before, "title", None, before);
        check("#idle = 10\r\n#x\r\n", "idle", Some("5"), "idle = 5\r\n#x\r\n");
    }

    #[test]
    fn a_table_in_the_place_of_a_value_stays() {
        let told = |line| Err(format!("bell is a table in line {line}; take that away first"));
        for (before, line) in [
            ("idle = 1\n[bell]\nloud = true\n", 2),
            ("[[bell]]\nloud = true\n", 1),
            ("bell = { loud = true }\n", 1),
            ("bell.loud = true\n", 1),
        ] {
            assert_eq!(keep(before, "bell", Some("true")), told(line), "{before}");
            assert_eq!(keep(before, "bell", None), told(line), "{before}");
        }
        let told = Err("f5 is a table in line 1; take that away first".into());
        assert_eq!(keep("[keys.f5]\na = 1\n", "keys.f5", Some("send")), told);
    }

    #[test]
    fn whatever_is_set_is_read_back() {
        let mut text = template();
        let mut settings = Settings::default();
        let changes = [("greeting", "a \"b\" \\ {name} #x"), ("idle", "0"), ("watch", "a, b c")];
        for (name, value) in changes {
            settings.write(name, value).unwrap();
            text = keep(&text, name, Some(value)).unwrap();
        }
        assert_eq!(read(&text, COMMANDS), Config { settings, ..Config::default() });
    }

    #[test]
    fn nothing_is_written_over_what_cannot_be_read() {
        assert_eq!(keep("a = 1\nb = ?\n", "bell", Some("true")), Err("line 2 is no TOML".into()));
        assert_eq!(keep("keys = 1\n", "keys.f5", Some("bare")), Err("keys is no table".into()));
    }
}
