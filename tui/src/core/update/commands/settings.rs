//! Changing settings, keys and aliases while the program runs; what is changed is kept for the next
//! time.

use super::{Entry, ON_OR_OFF, entry, info, warn};
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::core::update::{flash, report, restore, theme};
use crate::entry::system::Severity;
use crate::input::command::Arg::{Optional, Required};
use crate::input::command::ArgKind::{
    Action as KeyAction, Alias, Key, OneOf, Setting, Text, Theme, Value, ValueOf,
};
use crate::input::command::Args;
use crate::input::keymap::{Action, Chord, Meaning};
use crate::settings::{SETTINGS, Settings, setting};

pub(super) const COMMANDS: &[Entry] = &[
    entry("set", &[Optional(Setting), Optional(Value)], "show or change a setting", set),
    entry("unset", &[Required(Setting)], "put a setting back to its default", unset),
    entry(
        "theme",
        &[Optional(Theme)],
        "the colours; Tab previews one after the other",
        |model, args| theme::choose(model, args.text),
    )
    .screen_only(),
    entry(
        "emoji",
        &[Required(ValueOf("emoji"))],
        "show emoji as text where they break the lines",
        set_named,
    ),
    entry(
        "mouse",
        &[Required(OneOf(ON_OR_OFF))],
        "the mouse: scroll and click; selecting text then needs Shift",
        set_named,
    ),
    entry(
        "bind",
        &[Required(Key), Optional(KeyAction)],
        "make a key run an action, or a line such as /away lunch",
        bind,
    ),
    entry("unbind", &[Required(Key)], "give a key its default meaning back", unbind),
    entry(
        "alias",
        &[Optional(Alias), Optional(Text("LINE"))],
        "a name for a line; {} stands for what follows it",
        alias,
    ),
    entry("unalias", &[Required(Alias)], "remove an alias", unalias),
    entry(
        "log",
        &[Optional(OneOf(&["on", "off", "path"]))],
        "save messages in files, or show where they are",
        |model, args| match args.text {
            "" | "path" => restore::log(model),
            _ => set_named(model, args),
        },
    ),
    entry("reload", &[], "read the configuration again", |_, _| vec![Effect::Reload]),
];

/// Shows all settings or one, or changes one.
fn set(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    match args.split() {
        ("", _) => show_all(model),
        (name, "") => show(model, name),
        (name, value) => set_and_keep(model, name, value),
    }
}

/// Sets what is called as the command.
pub(super) fn set_named(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    set_and_keep(model, args.name, args.text)
}

/// Sets and keeps a value; says so, or what it may be.
pub(super) fn set_and_keep(model: &mut Model, name: &str, value: &str) -> Vec<Effect> {
    if name == "theme" {
        return theme::ask_for(model, value.trim());
    }
    match setting(name).and_then(|one| one.set(&mut model.settings, value).map(|()| one)) {
        Ok(setting) => {
            let since = if name == "rooms" { " (from the next start on)" } else { "" };
            flash(model, format!("{name} is {}{since}", setting.in_words(&model.settings)));
            let value = Some(setting.get(&model.settings));
            vec![Effect::SaveSetting { name: name.to_owned(), value }]
        }
        Err(why) => warn(model, why),
    }
}

fn unset(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let name = args.text;
    let reset = setting(name).and_then(|setting| {
        let value = setting.get(&Settings::default());
        setting.set(&mut model.settings, &value).map(|()| (setting, value))
    });
    match reset {
        Ok((setting, value)) => {
            flash(model, format!("{name} is {} again", setting.in_words(&model.settings)));
            let mut effects = vec![Effect::SaveSetting { name: name.to_owned(), value: None }];
            effects.extend((name == "theme").then_some(Effect::LoadTheme(value)));
            effects
        }
        Err(why) => warn(model, why),
    }
}

fn show(model: &mut Model, name: &str) -> Vec<Effect> {
    let setting = match setting(name) {
        Ok(setting) => setting,
        Err(why) => return warn(model, why),
    };
    let choices = setting.choices().join(", ");
    let choices = if choices.is_empty() { choices } else { format!(" ({choices})") };
    let value = setting.get(&model.settings);
    info(model, format!("{name} is {value:?}: {}{choices}", setting.help))
}

fn show_all(model: &mut Model) -> Vec<Effect> {
    let all = SETTINGS.iter().map(|one| format!("{} = {}", one.name, one.get(&model.settings)));
    let all = all.collect::<Vec<_>>().join("\n");
    info(model, format!("{all}\n/set NAME VALUE changes one"))
}

/// The automatic answer: shows it, turns it on or off, or changes its text.
pub(super) fn greet(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let effects = match args.split() {
        ("text", template) => {
            let mut effects = set_and_keep(model, "greeting", template);
            effects.extend(set_and_keep(model, "greet", "true"));
            effects
        }
        ("", _) => Vec::new(),
        (value, _) => set_and_keep(model, "greet", value),
    };
    let text = if model.settings.greet {
        format!(
            "automatic greeting: {} · /greet off turns it off",
            model.settings.greeting_for("NAME")
        )
    } else {
        "no automatic greeting · /greet on turns it on".to_owned()
    };
    report(model, Severity::Info, text);
    effects
}

/// Binds a key to an action or a line; without either tells what it means.
fn bind(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let (key, action) = args.split();
    // A command may be begun only, and a blank behind it says so.
    let action = if action.starts_with('/') { action } else { action.trim_end() };
    if let (Some(chord), "") = (Chord::parse(key), action) {
        return info(model, format!("{chord} is {}", meaning(model, chord)));
    }
    let before = model.keymap.clone();
    let mut bound = model.keymap.bind(key, action, &model.aliases, model.commands);
    if bound.is_ok() && model.keymap.key(Action::Send).is_empty() {
        model.keymap = before;
        bound = Err(format!(
            "no other key sends messages: /bind another key to send before you change {key}"
        ));
    }
    keep_binding(model, key, bound, Some(action))
}

fn unbind(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let bound = model.keymap.unbind(args.text);
    keep_binding(model, args.text, bound, None)
}

fn keep_binding(
    model: &mut Model,
    key: &str,
    bound: Result<(), String>,
    action: Option<&str>,
) -> Vec<Effect> {
    if let Err(why) = bound {
        return warn(model, why);
    }
    if let Some(chord) = Chord::parse(key) {
        flash(model, format!("{chord} is {} now", meaning(model, chord)));
    }
    // A letter alone is another key than its capital.
    let key = if key.chars().count() == 1 { key.to_owned() } else { key.to_lowercase() };
    vec![Effect::SaveSetting { name: format!("keys.{key}"), value: action.map(str::to_owned) }]
}

fn meaning(model: &Model, chord: Chord) -> String {
    match model.keymap.meaning(chord) {
        Some(Meaning::Action(action)) => action.name(),
        Some(Meaning::Line(line)) => line.clone(),
        None => "none".to_owned(),
    }
}

/// Shows all aliases or one, or makes one.
fn alias(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let (name, line) = args.split();
    let bare = name.strip_prefix('/').unwrap_or(name).to_lowercase();
    if line.is_empty() {
        let found = model.aliases.iter().filter(|(known, _)| bare.is_empty() || *known == bare);
        let found: Vec<String> = found.map(|(name, line)| format!("/{name} is {line}")).collect();
        let text = match &*found {
            [] => "there is no such alias · /alias brb /away back in a minute makes one".to_owned(),
            found => found.join("\n"),
        };
        return info(model, text);
    }
    match model.aliases.set(name, line, model.commands) {
        Ok(name) => {
            let line = model.aliases.line(&name).unwrap_or_default().to_owned();
            flash(model, format!("/{name} is {line} now"));
            vec![Effect::SaveSetting { name: format!("aliases.{name}"), value: Some(line) }]
        }
        Err(why) => warn(model, why),
    }
}

fn unalias(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let name = args.text;
    let name = name.strip_prefix('/').unwrap_or(name).to_lowercase();
    if !model.aliases.remove(&name) {
        let name = hullo::text::clean_line(&name);
        return warn(model, format!("there is no alias /{name} · /alias lists all"));
    }
    flash(model, format!("/{name} is removed"));
    vec![Effect::SaveSetting { name: format!("aliases.{name}"), value: None }]
}
