//! What a user may set: in the configuration, or live by `/set`. Every setting has a name, what it
//! may be, and what it does; one table holds all of that.

pub(crate) mod config;

use std::collections::BTreeMap;
use std::time::Duration;

use hullo::protocol::RoomName;

use crate::text;

/// Everything that can be set, in its types.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch that a user turns")]
pub(crate) struct Settings {
    /// Whether newcomers are answered by themselves.
    pub(crate) greet: bool,
    /// What newcomers are told; `{name}` is the newcomer.
    pub(crate) greeting: String,
    pub(crate) notify: Notify,
    pub(crate) bell: bool,
    pub(crate) notification: Notification,
    /// The program and its arguments, if `notification` is a command. Empty means none.
    pub(crate) command: String,
    /// Whether the window's title says where we are and how much is for us.
    pub(crate) title: bool,
    /// The name of a theme: one of ours, or a file's.
    pub(crate) theme: String,
    pub(crate) time: Hours,
    pub(crate) emoji: EmojiForm,
    /// Whether `*strong*`, `_stressed_` and code between backticks look so.
    pub(crate) emphasis: bool,
    pub(crate) mouse: bool,
    /// Whether others are told that we write.
    pub(crate) typing: bool,
    /// After so long without a key, others see us idle.
    pub(crate) idle_after: Duration,
    /// Whose coming and going is always told and rung for.
    pub(crate) watch: Vec<String>,
    /// Rooms that are joined at the start, behind the one that was asked for.
    pub(crate) rooms: Vec<RoomName>,
    /// Words that mean us as our name does.
    pub(crate) highlight: Vec<String>,
    /// Who is not heard.
    pub(crate) ignore: Vec<String>,
    /// Whether what was sent is kept on disk, to be recalled next time.
    pub(crate) history: bool,
    /// Whether what is said is kept in files.
    pub(crate) log: bool,
    /// Rooms and people with a [`Notify`] of their own, by the title of their buffer.
    pub(crate) notify_by_buffer: BTreeMap<String, Notify>,
}

/// What is worth a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notify {
    All,
    Mentions,
    None,
}

/// How the desktop is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notification {
    Off,
    /// OSC 9, as `iTerm2`, kitty, `WezTerm`, foot and Windows Terminal take it.
    Osc9,
    /// OSC 777, as urxvt and VTE take it.
    Osc777,
    /// A program of the user's own.
    Command,
}

/// How the time of day is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hours {
    TwentyFour,
    Twelve,
}

/// How emoji whose width terminals disagree on are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmojiForm {
    Graphic,
    /// Without the selector that makes a text character an emoji, and joined ones apart.
    Text,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            greet: true,
            greeting: "hello there {name}".into(),
            notify: Notify::Mentions,
            bell: true,
            notification: Notification::Off,
            command: String::new(),
            title: true,
            theme: "terminal".into(),
            time: Hours::TwentyFour,
            emoji: EmojiForm::Graphic,
            emphasis: true,
            mouse: false,
            typing: true,
            idle_after: Duration::from_secs(600),
            watch: Vec::new(),
            rooms: Vec::new(),
            highlight: Vec::new(),
            ignore: Vec::new(),
            history: true,
            log: false,
            notify_by_buffer: BTreeMap::new(),
        }
    }
}

/// One setting, as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// What it may be.
    pub(crate) values: &'static str,
    pub(crate) does: &'static str,
}

const fn setting(name: &'static str, values: &'static str, does: &'static str) -> Setting {
    Setting { name, values, does }
}

/// Every setting, in the order of the configuration.
pub(crate) const SETTINGS: [Setting; 20] = [
    setting("greet", "true, false", "answer newcomers by itself"),
    setting("greeting", "a text", "what newcomers are told; {name} is the newcomer"),
    setting("notify", "all, mentions, none", "what rings while you look elsewhere"),
    setting("bell", "true, false", "ring the terminal's bell"),
    setting("notification", "off, osc9, osc777, command", "how the desktop is told"),
    setting("command", "a program", "what `command` runs; it gets title and text as arguments"),
    setting("title", "true, false", "name the window, with what is for you"),
    setting("theme", "a theme's name", "the colours; /theme shows all"),
    setting("time", "24h, 12h", "how the time of day is written"),
    setting("emoji", "graphic, text", "text where emoji break the lines of your terminal"),
    setting("emphasis", "true, false", "show *strong*, _stressed_ and `code` as such"),
    setting("mouse", "true, false", "scroll and click; selecting then needs Shift"),
    setting("typing", "true, false", "tell others that you write"),
    setting("idle", "minutes", "without a key for so long, others see you idle; 0 never"),
    setting("rooms", "rooms", "rooms joined at the start besides the first, apart by commas"),
    setting("watch", "names", "whose coming and going is always told, apart by commas"),
    setting("highlight", "words", "words that count as a mention of you, apart by commas"),
    setting("ignore", "names", "who is not heard, apart by commas"),
    setting("history", "true, false", "keep what you sent, to recall it next time"),
    setting("log", "true, false", "keep what is said in files, one a room and person"),
];

impl Settings {
    /// A setting's value, as people write it; `None` if there is no such setting.
    pub(crate) fn read(&self, name: &str) -> Option<String> {
        Some(match name {
            "greet" => self.greet.to_string(),
            "greeting" => self.greeting.clone(),
            "notify" => self.notify.name().into(),
            "bell" => self.bell.to_string(),
            "notification" => NOTIFICATIONS.name(self.notification).into(),
            "command" => self.command.clone(),
            "title" => self.title.to_string(),
            "theme" => self.theme.clone(),
            "time" => HOURS.name(self.time).into(),
            "emoji" => EMOJI.name(self.emoji).into(),
            "emphasis" => self.emphasis.to_string(),
            "mouse" => self.mouse.to_string(),
            "typing" => self.typing.to_string(),
            "idle" => (self.idle_after.as_secs() / 60).to_string(),
            "watch" => self.watch.join(", "),
            "rooms" => self.rooms.iter().map(RoomName::as_str).collect::<Vec<_>>().join(", "),
            "highlight" => self.highlight.join(", "),
            "ignore" => self.ignore.join(", "),
            "history" => self.history.to_string(),
            "log" => self.log.to_string(),
            _ => return None,
        })
    }

    /// Sets what people wrote; the error says what it may be.
    pub(crate) fn write(&mut self, name: &str, value: &str) -> Result<(), String> {
        let value = value.trim();
        match name {
            "greet" => self.greet = yes_or_no(value)?,
            "greeting" if value.is_empty() => return Err("a greeting needs words".into()),
            "greeting" => self.greeting = value.into(),
            "notify" => self.notify = NOTIFY.value(value)?,
            "bell" => self.bell = yes_or_no(value)?,
            "notification" => self.notification = NOTIFICATIONS.value(value)?,
            "command" => self.command = value.into(),
            "title" => self.title = yes_or_no(value)?,
            "theme" => self.theme = value.into(),
            "time" => self.time = HOURS.value(value)?,
            "emoji" => self.emoji = EMOJI.value(value)?,
            "emphasis" => self.emphasis = yes_or_no(value)?,
            "mouse" => self.mouse = yes_or_no(value)?,
            "typing" => self.typing = yes_or_no(value)?,
            "idle" => self.idle_after = minutes(value)?,
            "watch" => self.watch = names(value),
            "rooms" => self.rooms = rooms(value)?,
            "highlight" => self.highlight = names(value),
            "ignore" => self.ignore = names(value),
            "history" => self.history = yes_or_no(value)?,
            "log" => self.log = yes_or_no(value)?,
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// What a newcomer of this name is told.
    pub(crate) fn greeting_for(&self, name: &str) -> String {
        self.greeting.replace("{name}", name)
    }

    /// What is worth a notification in the buffer of this title.
    pub(crate) fn notify_in(&self, title: &str) -> Notify {
        self.notify_by_buffer.get(title).copied().unwrap_or(self.notify)
    }

    /// Whether the user muted the buffer of this title.
    pub(crate) fn mutes(&self, title: &str) -> bool {
        self.notify_by_buffer.get(title) == Some(&Notify::None)
    }

    pub(crate) fn watches(&self, name: &str) -> bool {
        is_among(&self.watch, name)
    }

    pub(crate) fn ignores(&self, name: &str) -> bool {
        is_among(&self.ignore, name)
    }
}

/// The values that a setting may have, if it is one of a few.
pub(crate) fn choices(name: &str) -> Vec<&'static str> {
    let values = SETTINGS.iter().find(|setting| setting.name == name).map(|setting| setting.values);
    let few = values.filter(|values| values.contains(", "));
    few.map(|values| values.split(", ").collect()).unwrap_or_default()
}

/// What to say of a setting that is none.
pub(crate) fn unknown(name: &str) -> String {
    match text::nearest(name, SETTINGS.iter().map(|setting| setting.name)) {
        Some(meant) => format!("there is no setting {name:?}; did you mean {meant}?"),
        None => format!("there is no setting {name:?}; /set lists all"),
    }
}

impl Notify {
    pub(crate) fn name(self) -> &'static str {
        NOTIFY.name(self)
    }

    pub(crate) fn named(name: &str) -> Result<Self, String> {
        NOTIFY.value(name)
    }
}

/// A closed list of values and their names.
struct Choice<T: 'static>(&'static [(&'static str, T)]);

const NOTIFY: Choice<Notify> =
    Choice(&[("all", Notify::All), ("mentions", Notify::Mentions), ("none", Notify::None)]);
const NOTIFICATIONS: Choice<Notification> = Choice(&[
    ("off", Notification::Off),
    ("osc9", Notification::Osc9),
    ("osc777", Notification::Osc777),
    ("command", Notification::Command),
]);
const HOURS: Choice<Hours> = Choice(&[("24h", Hours::TwentyFour), ("12h", Hours::Twelve)]);
const EMOJI: Choice<EmojiForm> =
    Choice(&[("graphic", EmojiForm::Graphic), ("text", EmojiForm::Text)]);

impl<T: Copy + PartialEq> Choice<T> {
    fn name(&self, value: T) -> &'static str {
        let found = self.0.iter().find(|(_, other)| *other == value);
        found.map(|(name, _)| *name).expect("every value is in its list")
    }

    fn value(&self, name: &str) -> Result<T, String> {
        let found = self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|(name, _)| *name).collect();
            format!("{name:?} will not do; it may be {}", names.join(", "))
        })
    }
}

fn yes_or_no(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" => Ok(true),
        "false" | "off" | "no" => Ok(false),
        _ => Err(format!("{value:?} will not do; it may be true, false")),
    }
}

fn minutes(value: &str) -> Result<Duration, String> {
    let minutes: u64 = value
        .parse()
        .ok()
        .filter(|minutes| *minutes <= 1440)
        .ok_or_else(|| format!("{value:?} will not do; it may be 0 to 1440 minutes"))?;
    Ok(Duration::from_secs(minutes * 60))
}

fn names(value: &str) -> Vec<String> {
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| hullo::text::clean_line(name).into_owned()).collect()
}

/// Each once, in this order; a leading # is understood.
fn rooms(value: &str) -> Result<Vec<RoomName>, String> {
    let mut rooms: Vec<RoomName> = Vec::new();
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let room = text::room(name).map_err(|why| format!("{name:?} will not do: {why}"))?;
        if !rooms.contains(&room) {
            rooms.push(room);
        }
    }
    Ok(rooms)
}

fn is_among(names: &[String], name: &str) -> bool {
    let name = name.to_lowercase();
    names.iter().any(|other| other.to_lowercase() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read_as_it_was_written() {
        let mut settings = Settings::default();
        for setting in &SETTINGS {
            let value = settings.read(setting.name).unwrap_or_else(|| panic!("{}", setting.name));
            settings.write(setting.name, &value).unwrap_or_else(|why| panic!("{why}"));
        }
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn what_will_not_do_is_said_with_what_will() {
        let mut settings = Settings::default();
        let mut check = |name: &str, value: &str, why: &str| {
            let error = settings.write(name, value).unwrap_err();
            assert!(error.contains(why), "{name} {value}: {error}");
        };
        check("bell", "loud", "true, false");
        check("notify", "some", "all, mentions, none");
        check("idle", "-1", "0 to 1440");
        check("theem", "dark", "did you mean theme?");
        check("frobnicate", "1", "/set lists all");
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn rooms_are_told_apart_by_commas_and_each_is_named_once() {
        let mut settings = Settings::default();
        settings.write("rooms", "#ops, build,, ops").unwrap();
        assert_eq!(settings.read("rooms").as_deref(), Some("ops, build"));
        assert!(settings.write("rooms", "ops, #").unwrap_err().contains("a room needs a name"));
        assert_eq!(settings.read("rooms").as_deref(), Some("ops, build"));
    }

    #[test]
    fn names_are_told_apart_by_commas_and_known_in_any_case() {
        let mut settings = Settings::default();
        settings.write("watch", " ana, Jo the Great ,").unwrap();
        assert_eq!(settings.watch, ["ana", "Jo the Great"]);
        assert!(settings.watches("ANA") && settings.watches("jo the great"));
        assert!(!settings.watches("an"));
    }
}
