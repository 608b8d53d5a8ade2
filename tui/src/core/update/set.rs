//! Changing settings while the program runs; what is changed is kept for the next time.

use super::{hint, mute, tell, theme};
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::system::Severity;
use crate::input::command::Greet;
use crate::input::keymap::{Action, Chord, name_of};
use crate::settings::{Notify, SETTINGS, Settings, unknown};

/// `/set`, `/set NAME`, `/set NAME VALUE`.
pub(super) fn set(model: &mut Model, rest: &str) -> Vec<Effect> {
    let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match (name, value.trim()) {
        ("", _) => show_all(model),
        (name, "") => show(model, name),
        (name, value) => return put(model, name, value),
    }
    Vec::new()
}

/// Sets and keeps a value; says so, or what will do.
pub(super) fn put(model: &mut Model, name: &str, value: &str) -> Vec<Effect> {
    if name == "theme" {
        return theme::ask_for(model, value.trim());
    }
    if let Err(why) = model.settings.write(name, value) {
        tell(model, Severity::Warning, why);
        return Vec::new();
    }
    let value = model.settings.read(name).unwrap_or_default();
    let is_switch = SETTINGS.iter().any(|one| one.name == name && one.values == "true, false");
    let told = match &*value {
        "" => "empty",
        "true" if is_switch => "on",
        "false" if is_switch => "off",
        other => other,
    };
    let since = if name == "rooms" { " (from the next start on)" } else { "" };
    hint(model, format!("{name} is {told}{since}"));
    vec![Effect::Keep { name: name.to_owned(), value: Some(value) }]
}

/// `/unset NAME`: as if it had never been set.
pub(super) fn unset(model: &mut Model, name: &str) -> Vec<Effect> {
    let Some(value) = Settings::default().read(name) else {
        tell(model, Severity::Warning, unknown(name));
        return Vec::new();
    };
    if let Err(why) = model.settings.write(name, &value) {
        tell(model, Severity::Warning, why);
        return Vec::new();
    }
    let told = if value.is_empty() { "empty" } else { &*value };
    hint(model, format!("{name} is {told} again"));
    let mut effects = vec![Effect::Keep { name: name.to_owned(), value: None }];
    effects.extend((name == "theme").then_some(Effect::LoadTheme(value)));
    effects
}

fn show(model: &mut Model, name: &str) {
    let setting = SETTINGS.iter().find(|setting| setting.name == name);
    let (Some(setting), Some(value)) = (setting, model.settings.read(name)) else {
        tell(model, Severity::Warning, unknown(name));
        return;
    };
    let text = format!("{name} is {value:?}: {} ({})", setting.does, setting.values);
    tell(model, Severity::Info, text);
}

fn show_all(model: &mut Model) {
    let all = SETTINGS.iter().filter_map(|setting| {
        let value = model.settings.read(setting.name)?;
        Some(format!("{} = {value}", setting.name))
    });
    let all = all.collect::<Vec<_>>().join("\n");
    tell(model, Severity::Info, format!("{all}\n/set NAME VALUE changes one"));
}

/// `/greet`: the automatic answer.
pub(super) fn greet(model: &mut Model, greet: Greet) -> Vec<Effect> {
    let mut effects = Vec::new();
    match greet {
        Greet::Show => {}
        Greet::On => effects.extend(put(model, "greet", "true")),
        Greet::Off => effects.extend(put(model, "greet", "false")),
        Greet::Text(template) => {
            effects.extend(put(model, "greeting", &template));
            effects.extend(put(model, "greet", "true"));
        }
    }
    let text = if model.settings.greet {
        format!("newcomers hear: {} · /greet off ends it", model.settings.greeting_for("NAME"))
    } else {
        "newcomers hear nothing from you by itself · /greet on begins it".to_owned()
    };
    tell(model, Severity::Info, text);
    effects
}

/// `/watch`, `/ignore`: adds a name to a list, or takes it off. Bare, tells who is on it.
pub(super) fn toggle(model: &mut Model, list: &'static str, name: Option<&str>) -> Vec<Effect> {
    let names = model.settings.read(list).unwrap_or_default();
    let Some(name) = name else {
        let text = if names.is_empty() { "nobody".into() } else { names };
        tell(model, Severity::Info, format!("{list}: {text} · /{list} NAME adds or removes"));
        return Vec::new();
    };
    let mut names: Vec<&str> =
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let before = names.len();
    names.retain(|other| other.to_lowercase() != name.to_lowercase());
    if names.len() == before {
        names.push(name);
    }
    let names = names.join(", ");
    put(model, list, &names)
}

/// `/notify`: what rings in this buffer.
pub(super) fn notify(model: &mut Model, value: &str) -> Vec<Effect> {
    let title = model.buffer().title();
    if value.is_empty() {
        let level = model.settings.notify_in(&title);
        let name = level.name();
        tell(
            model,
            Severity::Info,
            format!("{} ({name}) · /notify all, mentions, none", mute::told(&title, level)),
        );
        return Vec::new();
    }
    match Notify::named(value) {
        Ok(level) => mute::set(model, &title, level),
        Err(why) => {
            tell(model, Severity::Warning, why);
            Vec::new()
        }
    }
}

/// `/bind KEY ACTION`, `/bind KEY /COMMAND`; `/bind KEY` tells what it means.
pub(super) fn bind(model: &mut Model, rest: &str) -> Vec<Effect> {
    let (key, action) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    // A command may be begun only, and a blank behind it says so.
    let action =
        if action.trim_start().starts_with('/') { action.trim_start() } else { action.trim() };
    if let (Some(chord), "") = (Chord::parse(key), action) {
        tell(model, Severity::Info, format!("{chord} is {}", meaning(model, chord)));
        return Vec::new();
    }
    let before = model.keymap.clone();
    let mut bound = model.keymap.bind(key, action, &model.aliases);
    if bound.is_ok() && model.keymap.key(Action::Send).is_empty() {
        model.keymap = before;
        bound = Err(format!("no other key sends: /bind another to send before {key} loses that"));
    }
    kept_binding(model, key, bound, Some(action))
}

/// `/unbind KEY`.
pub(super) fn unbind(model: &mut Model, key: &str) -> Vec<Effect> {
    let bound = model.keymap.unbind(key);
    kept_binding(model, key, bound, None)
}

fn kept_binding(
    model: &mut Model,
    key: &str,
    bound: Result<(), String>,
    action: Option<&str>,
) -> Vec<Effect> {
    if let Err(why) = bound {
        tell(model, Severity::Warning, why);
        return Vec::new();
    }
    if let Some(chord) = Chord::parse(key) {
        hint(model, format!("{chord} is {} now", meaning(model, chord)));
    }
    // A letter alone is another key than its capital.
    let key = if key.chars().count() == 1 { key.to_owned() } else { key.to_lowercase() };
    vec![Effect::Keep { name: format!("keys.{key}"), value: action.map(str::to_owned) }]
}

fn meaning(model: &Model, chord: Chord) -> String {
    let line = model.keymap.line(chord).map(str::to_owned);
    line.or_else(|| model.keymap.action(chord).map(name_of)).unwrap_or_else(|| "none".into())
}

/// `/alias`, `/alias NAME`, `/alias NAME LINE`.
pub(super) fn alias(model: &mut Model, rest: &str) -> Vec<Effect> {
    let (name, line) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let bare = name.strip_prefix('/').unwrap_or(name).to_lowercase();
    if line.is_empty() {
        let found = model.aliases.iter().filter(|(known, _)| bare.is_empty() || *known == bare);
        let found: Vec<String> = found.map(|(name, line)| format!("/{name} is {line}")).collect();
        let text = match &*found {
            [] => "there is no such alias · /alias brb /away back in a minute makes one".to_owned(),
            found => found.join("\n"),
        };
        tell(model, Severity::Info, text);
        return Vec::new();
    }
    match model.aliases.set(name, line) {
        Ok(name) => {
            let line = model.aliases.line(&name).unwrap_or_default().to_owned();
            hint(model, format!("/{name} is {line} now"));
            vec![Effect::Keep { name: format!("aliases.{name}"), value: Some(line) }]
        }
        Err(why) => {
            tell(model, Severity::Warning, why);
            Vec::new()
        }
    }
}

/// `/unalias NAME`.
pub(super) fn unalias(model: &mut Model, name: &str) -> Vec<Effect> {
    let name = name.strip_prefix('/').unwrap_or(name).to_lowercase();
    if !model.aliases.remove(&name) {
        let name = hullo::text::clean_line(&name);
        tell(model, Severity::Warning, format!("there is no alias /{name} · /alias lists all"));
        return Vec::new();
    }
    hint(model, format!("/{name} is nothing now"));
    vec![Effect::Keep { name: format!("aliases.{name}"), value: None }]
}
