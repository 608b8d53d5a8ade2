//! Between what a setting is in TOML and what people write after `/set`.

use toml_edit::{Array, Item, Value};

use crate::settings::Setting;

/// What a setting is in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Switch,
    Minutes,
    Names,
    Text,
}

fn kind(setting: &Setting) -> Kind {
    match setting.values {
        "true, false" => Kind::Switch,
        "minutes" => Kind::Minutes,
        "names" | "words" | "rooms" => Kind::Names,
        _ => Kind::Text,
    }
}

/// A value of the configuration as one would write it after `/set`; the error says what it has to
/// be.
pub(super) fn written(setting: &Setting, item: &Item) -> Result<String, String> {
    match kind(setting) {
        Kind::Switch => {
            let switch = item.as_bool().ok_or("it is true or false, without quotes")?;
            Ok(switch.to_string())
        }
        Kind::Minutes => {
            let minutes = item.as_integer().ok_or("it is a number of minutes, without quotes")?;
            Ok(minutes.to_string())
        }
        Kind::Names => names(item),
        Kind::Text => text(item),
    }
}

/// A text in quotes.
pub(super) fn text(item: &Item) -> Result<String, String> {
    Ok(item.as_str().ok_or("it is a text in quotes")?.to_owned())
}

fn names(item: &Item) -> Result<String, String> {
    let wrong = "it is a list, as in [\"mira\", \"jo\"]";
    let array = item.as_array().ok_or(wrong)?;
    let names: Option<Vec<&str>> = array.iter().map(Value::as_str).collect();
    let names = names.ok_or(wrong)?;
    match names.iter().find(|name| name.contains(',')) {
        Some(name) => Err(format!("{name:?} holds a comma, which parts names elsewhere")),
        None => Ok(names.join(", ")),
    }
}

/// What was written after `/set` as a value of the configuration.
pub(super) fn value(setting: &Setting, written: &str) -> Value {
    let as_text = || Value::from(written);
    match kind(setting) {
        Kind::Switch => written.parse::<bool>().map_or_else(|_| as_text(), Value::from),
        Kind::Minutes => written.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        Kind::Names => {
            let names = written.split(',').map(str::trim).filter(|name| !name.is_empty());
            Value::Array(names.collect::<Array>())
        }
        Kind::Text => as_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{SETTINGS, Settings};

    #[test]
    fn every_setting_is_written_as_it_is_read() {
        for setting in &SETTINGS {
            let default = Settings::default().read(setting.name).unwrap();
            let item = Item::Value(value(setting, &default));
            assert_eq!(written(setting, &item), Ok(default), "{}", setting.name);
        }
    }
}
