//! The types of settings, and how each is written: as text after `/set`, and in TOML.

use std::time::Duration;

use clap::ValueEnum;
use hullo::protocol::RoomName;
use toml_edit::{Array, Item, Value};

use crate::text;
use crate::text::emoji::EmojiForm;
use crate::time::Hours;

/// What a setting can hold. The errors are for the user and say what is accepted.
pub(crate) trait SettingValue {
    /// The accepted values, where there are only a few.
    fn choices() -> Vec<String>
    where
        Self: Sized,
    {
        Vec::new()
    }

    /// The value as it is written after `/set`.
    fn to_text(&self) -> String;

    /// Sets the value from what is written after `/set`.
    fn parse(&mut self, text: &str) -> Result<(), String>;

    /// The value as it is written in TOML.
    fn to_toml(&self) -> Value {
        self.to_text().into()
    }

    /// The text for [`Self::parse`] that means the same as this TOML.
    fn text_from_toml(item: &Item) -> Result<String, String>
    where
        Self: Sized,
    {
        quoted_text(item)
    }
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

impl SettingValue for bool {
    fn choices() -> Vec<String> {
        vec!["true".to_owned(), "false".to_owned()]
    }

    fn to_text(&self) -> String {
        self.to_string()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        *self = match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" => true,
            "false" | "off" | "no" => false,
            _ => return Err(not_among(text, &Self::choices())),
        };
        Ok(())
    }

    fn to_toml(&self) -> Value {
        (*self).into()
    }

    fn text_from_toml(item: &Item) -> Result<String, String> {
        let on = item.as_bool().ok_or("write true or false, without quotes")?;
        Ok(on.to_string())
    }
}

impl SettingValue for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        text.clone_into(self);
        Ok(())
    }
}

impl SettingValue for Greeting {
    fn to_text(&self) -> String {
        self.0.clone()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        if text.is_empty() {
            return Err("a greeting cannot be empty".into());
        }
        self.0.parse(text)
    }
}

/// Whole minutes.
impl SettingValue for Duration {
    fn to_text(&self) -> String {
        (self.as_secs() / 60).to_string()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        let minutes = text.parse().ok().filter(|minutes| (0..=1440).contains(minutes));
        let minutes: u64 =
            minutes.ok_or_else(|| format!("{text:?} is not a number of minutes from 0 to 1440"))?;
        *self = Self::from_secs(minutes * 60);
        Ok(())
    }

    fn to_toml(&self) -> Value {
        i64::try_from(self.as_secs() / 60).unwrap_or(i64::MAX).into()
    }

    fn text_from_toml(item: &Item) -> Result<String, String> {
        let minutes = item.as_integer().ok_or("write a number of minutes, without quotes")?;
        Ok(minutes.to_string())
    }
}

impl SettingValue for Vec<String> {
    fn to_text(&self) -> String {
        self.join(", ")
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        *self = comma_separated(text).collect();
        Ok(())
    }

    fn to_toml(&self) -> Value {
        self.iter().collect::<Array>().into()
    }

    fn text_from_toml(item: &Item) -> Result<String, String> {
        array_of_texts(item)
    }
}

/// Each room once; a leading `#` may be left out.
impl SettingValue for Vec<RoomName> {
    fn to_text(&self) -> String {
        self.iter().map(RoomName::as_str).collect::<Vec<_>>().join(", ")
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

    fn to_toml(&self) -> Value {
        self.iter().map(RoomName::as_str).collect::<Array>().into()
    }

    fn text_from_toml(item: &Item) -> Result<String, String> {
        array_of_texts(item)
    }
}

/// One of a few named values.
trait Choice: ValueEnum {}

impl Choice for Notify {}
impl Choice for Notification {}
impl Choice for Hours {}
impl Choice for EmojiForm {}

impl<T: Choice> SettingValue for T {
    fn choices() -> Vec<String> {
        T::value_variants().iter().map(SettingValue::to_text).collect()
    }

    fn to_text(&self) -> String {
        let value = self.to_possible_value();
        value.map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn parse(&mut self, text: &str) -> Result<(), String> {
        *self = T::from_str(text, true).map_err(|_| not_among(text, &T::choices()))?;
        Ok(())
    }
}

fn not_among(text: &str, choices: &[String]) -> String {
    format!("{text:?} is not valid; it may be {}", choices.join(", "))
}

fn comma_separated(text: &str) -> impl Iterator<Item = String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| hullo::text::clean_line(item).into_owned())
}

/// A TOML string.
pub(super) fn quoted_text(item: &Item) -> Result<String, String> {
    Ok(item.as_str().ok_or("write a text in quotes")?.to_owned())
}

/// A TOML array of strings.
fn array_of_texts(item: &Item) -> Result<String, String> {
    let wrong = "write a list, such as [\"mira\", \"jo\"]";
    let array = item.as_array().ok_or(wrong)?;
    let items: Option<Vec<&str>> = array.iter().map(Value::as_str).collect();
    let items = items.ok_or(wrong)?;
    match items.iter().find(|item| item.contains(',')) {
        Some(item) => Err(format!("{item:?} contains a comma, which separates the items")),
        None => Ok(items.join(", ")),
    }
}
