//! What Tab makes of the word at the cursor: a command, a room or a name.

use std::ops::Range;

use hullo::protocol::RoomName;

use crate::chat::buffer::{ARRIVALS, Buffer, Room};
use crate::core::model::Model;
use crate::entry::Kind;
use crate::input::command::{COMMANDS, Spec, spec_of};
use crate::input::keymap::ACTIONS;
use crate::people::Member;
use crate::settings::SETTINGS;

/// Completions that are being stepped through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Completion {
    /// What Tab replaces next: the completion that stands there now.
    pub(crate) range: Range<usize>,
    /// What may stand there, as it is shown.
    pub(crate) options: Vec<String>,
    /// What follows the chosen one.
    pub(crate) tail: &'static str,
    pub(crate) chosen: usize,
}

/// A command, or what the user made one, as the list above the line shows it.
#[derive(Clone, Debug)]
pub(crate) struct Suggestion<'a> {
    pub(crate) how: String,
    pub(crate) does: &'a str,
}

/// Names are looked for up to so many words before the cursor, since they may hold spaces.
const MAX_NAME_WORDS: usize = 4;

const MAX_EMOJI: usize = 20;

const MAX_ROOMS: usize = 20;

/// So many entries of each log are read for the names of rooms: what is older is hardly meant.
const MAX_READ: usize = 1000;

/// What the text up to the cursor can be completed to.
pub(crate) fn completions(model: &Model) -> Option<Completion> {
    let composer = &model.buffer().composer;
    let head = &composer.text()[..composer.cursor()];
    let end = head.len();
    let found = |start: usize, options: Vec<String>, tail| {
        let completion = Completion { range: start..end, options, tail, chosen: 0 };
        (!completion.options.is_empty()).then_some(completion)
    };
    if let Some(command) = head.strip_prefix('/')
        && !command.contains(char::is_whitespace)
    {
        return found(0, commands(model, command), " ");
    }
    if let Some(start) = emoji_start(head) {
        return found(start, emoji(&head[start + 1..]), " ");
    }
    if let Some((spec, rest)) = argument(head)
        && let Some((typed, options, tail)) = values(model, spec, rest)
    {
        return found(end - typed.len(), options, tail);
    }
    let starts = word_starts(head).into_iter().filter(|start| *start < end);
    starts.into_iter().find_map(|start| {
        let names = names(model, &head[start..]);
        found(start, names, if start == 0 { ": " } else { " " })
    })
}

/// The commands that the typed start can still become, for the list above the line.
pub(crate) fn suggestions(model: &Model) -> Vec<Suggestion<'_>> {
    let Some(typed) = model.buffer().composer.text().strip_prefix('/') else { return Vec::new() };
    let (name, rest) = match typed.split_once(char::is_whitespace) {
        Some((name, rest)) => (name, Some(rest)),
        None => (typed, None),
    };
    let is_meant = |known: &str| match rest {
        Some(_) => known == name,
        None => known.starts_with(name),
    };
    let named = rest.and_then(|_| spec_of(name)).map_or(name, |spec| spec.name);
    let specs =
        COMMANDS.iter().filter(|spec| is_meant(spec.name) || rest.is_some() && spec.name == named);
    let specs = specs.map(|spec| Suggestion {
        how: format!("/{} {}", spec.name, spec.arguments),
        does: spec.does,
    });
    let aliases = model.aliases.iter().filter(|(known, _)| is_meant(known));
    let aliases = aliases.map(|(name, does)| Suggestion { how: format!("/{name} "), does });
    specs.chain(aliases).collect()
}

/// The command that stands there, and what follows it.
fn argument(text: &str) -> Option<(&'static Spec, &str)> {
    let (name, rest) = text.strip_prefix('/')?.split_once(char::is_whitespace)?;
    Some((spec_of(name)?, rest))
}

/// What a command takes, where that is one of a few: what is typed of it, and what it may become.
fn values<'a>(
    model: &Model,
    spec: &Spec,
    rest: &'a str,
) -> Option<(&'a str, Vec<String>, &'static str)> {
    let (first, second) = match rest.split_once(char::is_whitespace) {
        Some((first, second)) => (first, Some(second)),
        None => (rest, None),
    };
    Some(match (spec.name, second) {
        ("join", _) => (rest, rooms(model, rest), ""),
        ("buffer" | "leave", _) => (rest, buffers(model, rest), ""),
        ("theme", _) => (rest, themes(model, rest), ""),
        ("set" | "unset", None) => (rest, settings(rest), " "),
        ("set", Some(value)) if first == "theme" => (value, themes(model, value), ""),
        ("set", Some(value)) => (value, choices(setting_values(first), ", ", value), ""),
        ("unalias", _) => (rest, aliases(model, rest), ""),
        ("mute", _) => (rest, mutable(model, rest), ""),
        ("bind", Some(line)) if line.starts_with('/') => (line, commands(model, &line[1..]), " "),
        ("bind", Some(action)) => (action, actions(action), ""),
        _ if rest.is_empty() && spec.takes_name() => (rest, names(model, rest), " "),
        (_, None) if spec.arguments.contains(" | ") => {
            let arguments = spec.arguments.trim_matches(['[', ']']);
            (rest, choices(arguments, " | ", rest), "")
        }
        _ => return None,
    })
}

/// The words of a list that stand for themselves and begin so.
fn choices(list: &str, between: &str, typed: &str) -> Vec<String> {
    let words = list.split(between).filter_map(|choice| choice.split_whitespace().next());
    let words = words.filter(|word| !word.starts_with(char::is_uppercase));
    words.filter(|word| begins(word, typed)).map(str::to_owned).collect()
}

fn commands(model: &Model, typed: &str) -> Vec<String> {
    let names = COMMANDS.iter().map(|spec| spec.name.to_owned()).chain(aliases(model, typed));
    names.filter(|name| name.starts_with(typed)).map(|name| format!("/{name}")).collect()
}

fn aliases(model: &Model, typed: &str) -> Vec<String> {
    let names = model.aliases.iter().map(|(name, _)| name);
    names.filter(|name| name.starts_with(typed)).map(str::to_owned).collect()
}

/// Where `:name` begins that the cursor stands behind: at a word's start, with two letters at least,
/// so that neither `10:30` nor a smiley becomes a picture.
fn emoji_start(head: &str) -> Option<usize> {
    let start = head.rfind(':')?;
    let name = &head[start + 1..];
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'));
    let begins_word = head[..start].chars().next_back().is_none_or(char::is_whitespace);
    (begins_word && is_name && name.len() >= 2).then_some(start)
}

/// Emoji whose short name begins so, the shortest name first.
fn emoji(typed: &str) -> Vec<String> {
    let mut found: Vec<(&str, &emojis::Emoji)> = emojis::iter()
        .filter_map(|emoji| Some((emoji.shortcodes().find(|code| code.starts_with(typed))?, emoji)))
        .collect();
    found.sort_by_key(|(code, _)| (code.len(), *code));
    found.into_iter().take(MAX_EMOJI).map(|(_, emoji)| emoji.as_str().to_owned()).collect()
}

fn settings(typed: &str) -> Vec<String> {
    let names = SETTINGS.iter().map(|setting| setting.name);
    names.filter(|name| name.starts_with(typed)).map(str::to_owned).collect()
}

/// What a setting may be, if that is one of a few.
fn setting_values(name: &str) -> &'static str {
    let setting = SETTINGS.iter().find(|setting| setting.name == name);
    setting.map(|setting| setting.values).filter(|values| values.contains(", ")).unwrap_or_default()
}

fn themes(model: &Model, typed: &str) -> Vec<String> {
    model.look.names.iter().filter(|name| begins(name, typed)).cloned().collect()
}

fn actions(typed: &str) -> Vec<String> {
    let names = ACTIONS.iter().map(|spec| spec.name).chain(["none"]);
    names.filter(|name| name.starts_with(typed)).map(str::to_owned).collect()
}

/// Rooms that one may want to enter: those that one is out of, then those that somebody named.
fn rooms(model: &Model, typed: &str) -> Vec<String> {
    let typed = typed.trim_start_matches('#');
    let out = model.buffers.iter().filter_map(Buffer::room).filter(|room| room.is_out());
    let left = model.left.iter().rev().chain(out.map(|room| &room.name)).cloned();
    let logs = std::iter::once(model.buffer()).chain(&model.buffers);
    let mut found: Vec<String> = Vec::new();
    for room in left.chain(logs.flat_map(named_rooms)) {
        let is_out = model.room(&room).is_none_or(Room::is_out);
        if is_out && begins(room.as_str(), typed) && !found.iter().any(|name| name == room.as_str())
        {
            found.push(room.to_string());
        }
        if found.len() == MAX_ROOMS {
            break;
        }
    }
    found
}

/// Rooms that are named in what was said here, the latest first.
fn named_rooms(buffer: &Buffer) -> impl Iterator<Item = RoomName> {
    let newest = buffer.log.newest().take(MAX_READ);
    let said = newest.filter_map(|(_, entry)| match &entry.kind {
        Kind::Message(message) => Some(&*message.text),
        _ => None,
    });
    said.flat_map(|text| text.split(char::is_whitespace).filter_map(named_room))
}

/// The room that a word names, as `#ops` or `(#ops).`. A number alone is more often that of a
/// ticket.
fn named_room(word: &str) -> Option<RoomName> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = word.trim_start_matches(['(', '[', '"', '\'', '*', '`']).strip_prefix('#')?;
    let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
    let name = name[..end].trim_end_matches('.');
    let is_number = name.chars().all(|c| c.is_ascii_digit());
    RoomName::try_from(name).ok().filter(|_| !is_number)
}

/// Everywhere but here that one can go to.
fn buffers(model: &Model, typed: &str) -> Vec<String> {
    let here = model.buffer().id;
    let titles = model.buffers.iter().filter(|buffer| buffer.id != here).map(Buffer::title);
    titles.filter(|title| begins(title, typed) || begins(title, &format!("#{typed}"))).collect()
}

/// What can be made silent: every place one talks in, everybody here, and the arrivals.
fn mutable(model: &Model, typed: &str) -> Vec<String> {
    let talks = model.buffers.iter().filter(|buffer| buffer.by_way_of().is_some());
    let titles = talks.map(Buffer::title);
    let mut found: Vec<String> = Vec::new();
    for name in titles.chain(names(model, typed)).chain([ARRIVALS.to_owned()]) {
        let is_meant = begins(&name, typed) || begins(&name, &format!("#{typed}"));
        if is_meant && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Whoever is here and begins so: those who talk first, then by name; ourselves last.
fn names(model: &Model, typed: &str) -> Vec<String> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let typed = typed.strip_prefix('@').unwrap_or(typed);
    let mut found: Vec<&Member> =
        room.people.iter().filter(|member| begins(&member.label(), typed)).collect();
    found.sort_by_key(|member| {
        let is_me = room.me() == Some(member.person.id);
        (is_me, !member.is_talking(model.now), member.label().to_lowercase())
    });
    found.into_iter().map(Member::label).collect()
}

/// Where the last words before the cursor start, the farthest first.
fn word_starts(head: &str) -> Vec<usize> {
    let gaps = head.char_indices().rev().filter(|(_, c)| c.is_whitespace());
    let mut starts: Vec<usize> =
        gaps.map(|(at, c)| at + c.len_utf8()).take(MAX_NAME_WORDS).collect();
    if starts.len() < MAX_NAME_WORDS {
        starts.push(0);
    }
    starts.reverse();
    starts
}

fn begins(name: &str, typed: &str) -> bool {
    let mut letters = name.chars();
    typed.chars().all(|c| letters.next().is_some_and(|n| n.to_lowercase().eq(c.to_lowercase())))
}
