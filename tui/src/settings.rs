//! What a user can set, in `config.toml` or with `/set` while hullo runs. Everything about a setting
//! stands in one line of the table [`settings!`] makes.

pub(crate) mod value;

use std::collections::BTreeMap;
use std::time::Duration;

use hullo::protocol::RoomName;
use toml_edit::{Item, Value};

pub(crate) use self::value::{Backlog, Notification, Notify};
use self::value::{Greeting, SettingValue, text_from_toml};
use crate::text;
use crate::text::emoji::EmojiForm;
use crate::time::Hours;

/// Makes [`Settings`], its defaults and the table [`SETTINGS`].
macro_rules! settings {
    ($($name:ident: $type:ty = $default:expr, $help:literal;)*) => {
        /// The value of every setting.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct Settings {
            $(#[doc = $help] pub(crate) $name: $type,)*
            /// What differs from `notify` in one room or conversation, by its title.
            pub(crate) notify_by_buffer: BTreeMap<String, Notify>,
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)* notify_by_buffer: BTreeMap::new() }
            }
        }

        /// Every setting, in the order of the configuration.
        pub(crate) const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            help: $help,
            choices: <$type>::choices,
            value: |settings| &settings.$name,
            value_mut: |settings| &mut settings.$name,
        }),*];
    };
}

settings! {
    greet: bool = true, "answer newcomers automatically";
    greeting: Greeting = Greeting("hello there {name}".into()),
        "the automatic answer; {name} stands for the newcomer";
    notify: Notify = Notify::Mentions, "what to notify you of while you look elsewhere";
    bell: bool = true, "ring the terminal's bell";
    notification: Notification = Notification::Off,
        "how to notify the desktop: by an escape sequence, or by running `command`";
    command: String = String::new(),
        "the program for notification = command; its arguments are a title and a text";
    title: bool = true, "show the room and what is unread in the window's title";
    theme: String = "terminal".into(), "the colours; /theme lists the themes";
    time: Hours = Hours::TwentyFour, "how to write the time of day";
    emoji: EmojiForm = EmojiForm::Graphic, "text, if emoji break the lines of your terminal";
    emphasis: bool = true, "style *strong*, _stressed_ and `code`";
    mouse: bool = false, "scroll and click; selecting text then needs Shift";
    typing: bool = true, "tell others while you are typing";
    idle: Duration = Duration::from_secs(600),
        "minutes without a key until others see you as idle; 0 for never";
    rooms: Vec<RoomName> = Vec::new(), "more rooms to join at the start";
    watch: Vec<String> = Vec::new(), "people whose coming and going is always shown and notified";
    highlight: Vec<String> = Vec::new(), "words that count as a mention of you";
    ignore: Vec<String> = Vec::new(), "people whose messages are not shown";
    backlog: Backlog = Backlog(100),
        "how many earlier messages a room shows when you join it; 0 for none";
    restore: bool = true,
        "come back to the rooms, conversations and status of the last time";
    history: bool = true, "keep what you sent, to recall it next time";
    log: bool = false, "keep log files of what is said, one for each room and person";
}

/// One setting.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    choices: fn() -> Vec<String>,
    value: fn(&Settings) -> &dyn SettingValue,
    value_mut: fn(&mut Settings) -> &mut dyn SettingValue,
}

impl Setting {
    /// The accepted values, where there are only a few.
    pub(crate) fn choices(&self) -> Vec<String> {
        (self.choices)()
    }

    /// The value, as it is written after `/set`.
    pub(crate) fn get(&self, settings: &Settings) -> String {
        let value = self.to_toml(settings);
        text_from_toml(Some(&value), &value).expect("it has its own type, and no commas in items")
    }

    /// The value, as a sentence about it says it.
    pub(crate) fn in_words(&self, settings: &Settings) -> String {
        match self.get(settings).as_str() {
            "" => "empty",
            "true" if self.is_switch() => "on",
            "false" if self.is_switch() => "off",
            text => text,
        }
        .to_owned()
    }

    fn is_switch(&self) -> bool {
        self.choices() == bool::choices()
    }

    /// Sets the value from what is written after `/set`.
    pub(crate) fn set(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        (self.value_mut)(settings).parse(text.trim())
    }

    pub(crate) fn set_from_toml(&self, settings: &mut Settings, item: &Item) -> Result<(), String> {
        self.set(settings, &text_from_toml(item.as_value(), &self.to_toml(settings))?)
    }

    pub(crate) fn to_toml(&self, settings: &Settings) -> Value {
        (self.value)(settings).to_toml()
    }
}

/// The setting of this name; the error suggests another.
pub(crate) fn setting(name: &str) -> Result<&'static Setting, String> {
    SETTINGS.iter().find(|setting| setting.name == name).ok_or_else(|| {
        let names = SETTINGS.iter().map(|setting| setting.name);
        unknown(name, names, "/set lists all")
    })
}

/// The accepted values of a setting, where there are only a few.
pub(crate) fn choices(name: &str) -> Vec<String> {
    setting(name).map(Setting::choices).unwrap_or_default()
}

pub(crate) fn unknown<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
    or_else: &str,
) -> String {
    match text::nearest(name, names) {
        Some(nearest) => format!("there is no setting {name:?}; did you mean {nearest}?"),
        None => format!("there is no setting {name:?}; {or_else}"),
    }
}

impl Settings {
    /// The greeting for a newcomer of this name.
    pub(crate) fn greeting_for(&self, name: &str) -> String {
        self.greeting.0.replace("{name}", name)
    }

    /// What to notify of in the buffer with this title.
    pub(crate) fn notify_in(&self, title: &str) -> Notify {
        self.notify_by_buffer.get(title).copied().unwrap_or(self.notify)
    }

    /// Whether the buffer with this title is muted.
    pub(crate) fn mutes(&self, title: &str) -> bool {
        self.notify_by_buffer.get(title) == Some(&Notify::None)
    }

    pub(crate) fn watches(&self, name: &str) -> bool {
        contains(&self.watch, name)
    }

    pub(crate) fn ignores(&self, name: &str) -> bool {
        contains(&self.ignore, name)
    }
}

fn contains(names: &[String], name: &str) -> bool {
    let name = name.to_lowercase();
    names.iter().any(|other| other.to_lowercase() == name)
}

impl Notify {
    pub(crate) fn name(self) -> String {
        value::name(&self)
    }

    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let mut notify = Self::All;
        notify.parse(name).map(|()| notify)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn set(settings: &mut Settings, name: &str, text: &str) -> Result<(), String> {
        setting(name).and_then(|setting| setting.set(settings, text))
    }

    #[test]
    fn every_value_is_read_as_it_was_written() {
        let mut settings = Settings::default();
        for setting in SETTINGS {
            let text = setting.get(&settings);
            setting.set(&mut settings, &text).unwrap_or_else(|why| panic!("{why}"));
            let toml = Item::Value(setting.to_toml(&settings));
            let read = setting.set_from_toml(&mut settings, &toml);
            read.unwrap_or_else(|why| panic!("{}: {why}", setting.name));
            for choice in setting.choices() {
                assert_eq!(setting.set(&mut settings.clone(), &choice), Ok(()), "{choice}");
            }
        }
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn an_invalid_value_is_refused_with_what_is_accepted() {
        let mut settings = Settings::default();
        let mut check = |name: &str, value: &str, why: &str| {
            let error = set(&mut settings, name, value).unwrap_err();
            assert!(error.contains(why), "{name} {value}: {error}");
        };
        check("bell", "loud", "true, false");
        check("notify", "some", "all, mentions, none");
        check("idle", "-1", "0 to 1440");
        check("greeting", " ", "cannot be empty");
        check("theem", "dark", "did you mean theme?");
        check("frobnicate", "1", "/set lists all");
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn rooms_are_separated_by_commas_and_each_is_listed_once() {
        let mut settings = Settings::default();
        let get = |settings: &Settings| setting("rooms").map(|rooms| rooms.get(settings));
        set(&mut settings, "rooms", "#ops, build,, ops").unwrap();
        assert_eq!(get(&settings), Ok("ops, build".into()));
        let why = set(&mut settings, "rooms", "ops, #").unwrap_err();
        assert!(why.contains("a room needs a name"), "{why}");
        assert_eq!(get(&settings), Ok("ops, build".into()));
    }

    #[test]
    fn names_are_separated_by_commas_and_found_in_any_case() {
        let mut settings = Settings::default();
        set(&mut settings, "watch", " ana, Jo the Great ,").unwrap();
        assert_eq!(settings.watch, ["ana", "Jo the Great"]);
        assert!(settings.watches("ANA") && settings.watches("jo the great"));
        assert!(!settings.watches("an"));
    }
}
