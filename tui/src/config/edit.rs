//! Changing one value in the text of a configuration. Everything else in it stays as it is.

use std::ops::Range;

use toml_edit::{Document, DocumentMut, Item, Table, TableLike, Value};

use super::template::commented_out;
use super::{ALIASES, KEYS, NOTIFY, not_toml};
use crate::settings::{SETTINGS, Setting, Settings};
use crate::text::line_at;

/// The text of a configuration with this value set, or with `None` removed. `name` is that of a
/// setting, or `keys.KEY`, `notify.TITLE` or `aliases.NAME`; `value` is what is written after
/// `/set`. The error says why nothing can be written.
pub(crate) fn with_value(text: &str, name: &str, value: Option<&str>) -> Result<String, String> {
    // TOML's writer ends every line with a line feed alone.
    let edited = edit(&text.replace("\r\n", "\n"), name, value)?;
    Ok(with_line_endings_of(text, &edited))
}

fn edit(text: &str, name: &str, value: Option<&str>) -> Result<String, String> {
    let document = Document::parse(text).map_err(|error| not_toml(text, &error).to_string())?;
    let key = Key::named(name);
    let setting = SETTINGS.iter().find(|setting| setting.name == name);
    let found = key.find(document.as_table());
    if found.is_some_and(|item| item.is_table_like() || item.is_array_of_tables()) {
        let span = key.table(document.as_table()).and_then(|table| table.key(key.key)?.span());
        let line = line_at(text, span.map_or(0, |span| span.start));
        return Err(format!("{} is a table in line {line}; remove that first", key.key));
    }
    match (value, found) {
        (None, None) => Ok(text.to_owned()),
        (None, Some(_)) => {
            let cut = key.cut(text, document.as_table(), setting);
            Ok(cut.unwrap_or_else(|| key.remove(document.into_mut())))
        }
        (Some(value), found) => {
            let value = setting.map_or_else(|| Ok(value.into()), |one| toml_value(one, value))?;
            let uncommented = if found.is_none() { key.uncomment(text, &value) } else { None };
            uncommented.map_or_else(|| key.put(document.into_mut(), value), Ok)
        }
    }
}

fn toml_value(setting: &Setting, text: &str) -> Result<Value, String> {
    let mut settings = Settings::default();
    setting.set(&mut settings, text)?;
    Ok(setting.to_toml(&settings))
}

/// A key at the top level or in one of the tables.
#[derive(Clone, Copy, Debug)]
struct Key<'a> {
    table: Option<&'static str>,
    key: &'a str,
}

impl<'a> Key<'a> {
    fn named(name: &'a str) -> Self {
        let tables = [("keys.", KEYS), ("notify.", NOTIFY), ("aliases.", ALIASES)];
        let in_table = tables.into_iter().find_map(|(prefix, table)| {
            Some(Self { table: Some(table), key: name.strip_prefix(prefix)? })
        });
        in_table.unwrap_or(Self { table: None, key: name })
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

    /// Sets the value in the line in which the template has this key as a comment. `None` if there
    /// is no such line, or if it is in another table.
    fn uncomment(self, text: &str, value: &Value) -> Option<String> {
        let mut start = 0;
        text.split_inclusive('\n').find_map(|line| {
            let range = start..start + line.len();
            start = range.end;
            let edited = replaced(text, range, &self.uncommented_line(line, value)?);
            let document = Document::parse(edited.clone()).ok()?;
            let set = self.find(document.as_table())?.as_value()?;
            (set.to_string().trim() == value.to_string().trim()).then_some(edited)
        })
    }

    /// `#key = VALUE` with this value and without the `#`. Anything else is a remark of the user's.
    fn uncommented_line(self, line: &str, value: &Value) -> Option<String> {
        let line = line.strip_prefix('#').filter(|rest| !rest.starts_with(char::is_whitespace))?;
        let document = Document::parse(line).ok()?;
        let default = document.get(self.key)?.as_value()?.span()?;
        Some(replaced(line, default, value.to_string().trim()))
    }

    /// Sets the value. Comments and blanks around the old one stay.
    fn put(self, mut document: DocumentMut, mut value: Value) -> Result<String, String> {
        let table: &mut dyn TableLike = match self.table {
            None => document.as_table_mut(),
            Some(table) => {
                let item = document.entry(table).or_insert_with(toml_edit::table);
                item.as_table_like_mut().ok_or_else(|| format!("{table} is not a table"))?
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

    /// Removes the lines of the value but not the comment above them; a setting is commented out
    /// instead, as in the template. `None` if other values are in the same lines.
    fn cut(self, text: &str, root: &Table, setting: Option<&Setting>) -> Option<String> {
        let table = self.table(root)?;
        let (from, to) = (table.key(self.key)?.span()?.start, table.get(self.key)?.span()?.end);
        let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let end = text[to..].find('\n').map_or(text.len(), |at| to + at + 1);
        let comment = setting.map_or_else(String::new, |setting| commented_out(setting) + "\n");
        let edited = replaced(text, start..end, &comment);
        let document = Document::parse(edited.clone()).ok()?;
        let left = self.table(document.as_table()).map(|table| (table.len(), table.get(self.key)));
        let is_right = left.is_some_and(|(len, item)| len + 1 == table.len() && item.is_none());
        is_right.then_some(edited)
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

/// The edited text. Unchanged lines end as they did before; changed ones in CRLF if any line did.
fn with_line_endings_of(text: &str, edited: &str) -> String {
    if !text.contains("\r\n") {
        return edited.to_owned();
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (text.split_inclusive('\n').collect(), edited.split_inclusive('\n').collect());
    let is_same = |(old, new): &(&&str, &&str)| old.lines().eq(new.lines());
    let head = old.iter().zip(&new).take_while(is_same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(is_same).count();
    let changed = new[head..new.len() - tail].concat().replace('\n', "\r\n");
    [&*old[..head].concat(), &changed, &*old[old.len() - tail..].concat()].concat()
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
    use crate::core::update::COMMANDS;
    use crate::settings::setting;

    #[track_caller]
    fn check(before: &str, name: &str, value: Option<&str>, after: &str) {
        assert_eq!(with_value(before, name, value).as_deref(), Ok(after), "{name} in {before:?}");
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
    fn a_new_value_is_inserted() {
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
    fn a_removed_value_leaves_its_comment() {
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
        let set = with_value(&before, "idle", Some("20")).unwrap();
        assert_eq!(set, before.replace("\n#idle = 10\n", "\nidle = 20\n"));
        assert_eq!(with_value(&set, "idle", None).unwrap(), before);
        let bound = with_value(&before, "keys.alt-a", Some("bare")).unwrap();
        let line = "\n#\"alt-a\" = \"next-activity\"\n";
        assert_eq!(bound, before.replace(line, "\n\"alt-a\" = \"bare\"\n"));
        let named = with_value(&bound, "aliases.brb", Some("/away soon")).unwrap();
        assert_eq!(
            named,
            bound.replace("#brb = \"/away back in a minute\"", "brb = \"/away soon\"")
        );
        let muted = with_value(&bound, "notify.#lobby", Some("none")).unwrap();
        assert_eq!(read(&muted, COMMANDS).mistakes, []);
        assert_eq!(muted.lines().count(), before.lines().count());
    }

    #[test]
    fn remarks_about_a_setting_are_not_taken_for_its_default() {
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
    fn line_endings_are_kept() {
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
        let error = |line| Err(format!("bell is a table in line {line}; remove that first"));
        for (before, line) in [
            ("idle = 1\n[bell]\nloud = true\n", 2),
            ("[[bell]]\nloud = true\n", 1),
            ("bell = { loud = true }\n", 1),
            ("bell.loud = true\n", 1),
        ] {
            assert_eq!(with_value(before, "bell", Some("true")), error(line), "{before}");
            assert_eq!(with_value(before, "bell", None), error(line), "{before}");
        }
        let error = Err("f5 is a table in line 1; remove that first".into());
        assert_eq!(with_value("[keys.f5]\na = 1\n", "keys.f5", Some("send")), error);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut text = template();
        let mut settings = Settings::default();
        let changes = [("greeting", "a \"b\" \\ {name} #x"), ("idle", "0"), ("watch", "a, b c")];
        for (name, value) in changes {
            setting(name).unwrap().set(&mut settings, value).unwrap();
            text = with_value(&text, name, Some(value)).unwrap();
        }
        assert_eq!(read(&text, COMMANDS), Config { settings, ..Config::default() });
    }

    #[test]
    fn nothing_is_written_into_an_unreadable_file() {
        let why = with_value("a = 1\nb = ?\n", "bell", Some("true")).unwrap_err();
        assert!(why.starts_with("line 2: not valid TOML at column 5: "), "{why}");
        assert_eq!(
            with_value("keys = 1\n", "keys.f5", Some("bare")),
            Err("keys is not a table".into())
        );
    }
}
