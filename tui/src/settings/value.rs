//! The types of settings, and how each is written: as text after `/set`, and in TOML.

use std::time::Duration;

use clap::ValueEnum;
use hullo::protocol::RoomName;
use toml_edit::{Array, Value};

use crate::text;
use crate::text::emoji::EmojiForm;
use crate::time::Hours;

/// What a setting can hold.
pub(crate) trait SettingValue {
    /// The accepted values, where there are only a few.
    fn choices() -> Vec<String>
    where
        Self: Sized,
    {
        Vec::new()
    }

    /// The value, as it is written in TOML.
    fn to_toml(&self) -> Value;

    /// Sets the value from what is written after `/set`. The error says what is accepted.
    fn parse(&mut self, text: &str) -> Result<(), String>;
}

/// What is written after `/set` for this TOML, which has to be of the same type as `like`.
pub(crate) fn text_from_toml(toml: Option<&Value>, like: &Value) -> Result<String, String> {
    let error = match (toml, like) {
        (Some(Value::String(text)), Value::String(_)) => return Ok(text.value().clone()),
        (Some(Value::Boolean(on)), Value::Boolean(_)) => return Ok(on.value().to_string()),
        (Some(Value::Integer(number)), Value::Integer(_)) => return Ok(number.value().to_string()),
        (Some(Value::Array(items)), Value::Array(_)) if items.iter().all(Value::is_str) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            return match items.iter().find(|item| item.contains(',')) {
                Some(item) => Err(format!("{item:?} contains a comma, which separates the items")),
                None => Ok(items.join(", ")),
            };
        }
        (_, Value::Boolean(_)) => "write true or false, without quotes",
        (_, Value::Integer(_)) => "write a whole number, without quotes",
        (_, Value::Array(_)) => "write a list, such as [\"mira\", \"jo\"]",
        (_, _) => "write a text in quotes",
    };
    Err(error.into())
}

/// When to notify the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notify {
    All,
    Mentions,
    None,
}

/// How to notify the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notification {
    Off,
    /// OSC 9, for `iTerm2`, kitty, `WezTerm`, foot and Windows Terminal.
    Osc9,
    /// OSC 777, for urxvt and VTE.
    Osc777,
    /// The program in the setting `command`.
    Command,
}

/// The answer that newcomers get automatically. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Greeting(pub(super) String);

/// A number of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backlog(pub(crate) u16);

/// The most that is asked for: servers keep a few hundred.
const MAX_BACKLOG: u16 = 1000;

impl SettingValue for Backlog {
    fn to_toml(&self) -> Value {
        i64::from(self.0).into()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        let messages = text.parse().ok().filter(|messages| *messages <= MAX_BACKLOG);
        self.0 = messages.ok_or_else(|| {
            format!("{text:?} is not a number of messages from 0 to {MAX_BACKLOG}")
        })?;
        Ok(())
    }
}

impl SettingValue for bool {
    fn choices() -> Vec<String> {
        vec!["true".to_owned(), "false".to_owned()]
    }

    fn to_toml(&self) -> Value {
        (*self).into()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        *self = match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" => true,
            "false" | "off" | "no" => false,
            _ => return Err(invalid(text, &Self::choices())),
        };
        Ok(())
    }
}

impl SettingValue for String {
    fn to_toml(&self) -> Value {
        self.into()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        text.clone_into(self);
        Ok(())
    }
}

impl SettingValue for Greeting {
    fn to_toml(&self) -> Value {
        self.0.to_toml()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        if text.is_empty() { Err("a greeting cannot be empty".into()) } else { self.0.parse(text) }
    }
}

/// Whole minutes.
impl SettingValue for Duration {
    fn to_toml(&self) -> Value {
        i64::try_from(self.as_secs() / 60).unwrap_or(i64::MAX).into()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        let minutes = text.parse().ok().filter(|minutes| (0..=1440).contains(minutes));
        let minutes: u64 =
            minutes.ok_or_else(|| format!("{text:?} is not a number of minutes from 0 to 1440"))?;
        *self = Self::from_secs(minutes * 60);
        Ok(())
    }
}

impl SettingValue for Vec<String> {
    fn to_toml(&self) -> Value {
        self.iter().collect::<Array>().into()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        *self = comma_separated(text).collect();
        Ok(())
    }
}

/// Each room once; a leading `#` may be left out.
impl SettingValue for Vec<RoomName> {
    fn to_toml(&self) -> Value {
        self.iter().map(RoomName::as_str).collect::<Array>().into()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        let mut rooms = Self::new();
        for name in comma_separated(text) {
            let room = text::room(&name).map_err(|why| format!("{name:?}: {why}"))?;
            if !rooms.contains(&room) {
                rooms.push(room);
            }
        }
        *self = rooms;
        Ok(())
    }
}

fn comma_separated(text: &str) -> impl Iterator<Item = String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| hullo::text::clean_line(item).into_owned())
}

/// One of a few named values.
trait Choice: ValueEnum {}

impl Choice for Notify {}
impl Choice for Notification {}
impl Choice for Hours {}
impl Choice for EmojiForm {}

impl<T: Choice> SettingValue for T {
    fn choices() -> Vec<String> {
        T::value_variants().iter().map(name).collect()
    }

    fn to_toml(&self) -> Value {
        name(self).into()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        *self = T::from_str(text, true).map_err(|_| invalid(text, &T::choices()))?;
        Ok(())
    }
}

/// The name of one of a few values.
pub(super) fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn invalid(text: &str, choices: &[String]) -> String {
    format!("{text:?} is not valid; it may be {}", choices.join(", "))
}
