//! Writing one value into a configuration: whatever else stands there stays as it is.

use std::ops::Range;

use toml_edit::{Document, DocumentMut, Item, Key, Table, TableLike, Value};

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
/// of [`crate::event::Effect::Keep`]. The error says why nothing can be written.
pub(crate) fn keep(text: &str, name: &str, written: Option<&str>) -> Result<String, String> {
    let document = Document::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        format!("line {line} is no TOML")
    })?;
    let (place, setting) = (Place::of(name), SETTINGS.iter().find(|one| one.name == name));
    let is_there = place.find(document.as_table()).is_some();
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

    /// The line in which the template explains this very key, made to count. `None` where there is
    /// none, or where it would mean something else, as behind the head of another table.
    fn uncomment(self, text: &str, value: &Value) -> Option<String> {
        let line = format!("{} = {}", Key::new(self.key).display_repr(), value.to_string().trim());
        let found = text.lines().find(|line| self.is_commented_in(line))?;
        let start = found.as_ptr() as usize - text.as_ptr() as usize;
        let changed = replaced(text, start..start + found.len(), &line);
        let read = Document::parse(&changed).ok()?;
        let is_right = self.find(read.as_table()).and_then(Item::as_value)?.to_string().trim()
            == value.to_string().trim();
        is_right.then(|| changed.clone())
    }

    fn is_commented_in(self, line: &str) -> bool {
        let named = line.strip_prefix('#').and_then(|rest| rest.split_once('='));
        let path = named.and_then(|(name, _)| Key::parse(name.trim()).ok());
        path.is_some_and(|path| matches!(&*path, [key] if key.get() == self.key))
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

fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(range, by);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, read, template};
    use crate::settings::Settings;

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
        assert_eq!(bound, before.replace(line, "\nalt-a = \"bare\"\n"));
        let named = keep(&bound, "aliases.brb", Some("/away soon")).unwrap();
        assert_eq!(
            named,
            bound.replace("#brb = \"/away back in a minute\"", "brb = \"/away soon\"")
        );
        let muted = keep(&bound, "notify.#lobby", Some("none")).unwrap();
        assert_eq!(read(&muted).complaints, []);
        assert_eq!(muted.lines().count(), before.lines().count());
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
        assert_eq!(read(&text), Config { settings, ..Config::default() });
    }

    #[test]
    fn nothing_is_written_over_what_cannot_be_read() {
        assert_eq!(keep("a = 1\nb = ?\n", "bell", Some("true")), Err("line 2 is no TOML".into()));
        assert_eq!(keep("keys = 1\n", "keys.f5", Some("bare")), Err("keys is no table".into()));
    }
}
