//! What Tab makes of the word at the cursor: a command, one of its arguments, an emoji or a name.

use hullo::protocol::RoomName;

use crate::chat::buffer::{ARRIVALS, Buffer, Room};
use crate::core::model::Model;
use crate::entry::Kind;
use crate::input::command::{ArgKind, Command};
use crate::input::completion::Completion;
use crate::input::keymap::ACTIONS;
use crate::people::Member;
use crate::settings::{SETTINGS, choices};
use crate::text::natural_order;

/// A command or an alias, as the list above the line shows it.
#[derive(Clone, Debug)]
pub(crate) struct Suggestion<'a> {
    pub(crate) synopsis: String,
    pub(crate) help: &'a str,
}

impl Suggestion<'_> {
    /// The command, ready for its arguments.
    pub(crate) fn begun(&self) -> String {
        format!("{} ", self.synopsis.split(' ').next().unwrap_or_default())
    }
}

/// Names are looked for up to so many words before the cursor, since they may hold spaces.
const MAX_NAME_WORDS: usize = 4;

const MAX_EMOJI: usize = 20;

const MAX_ROOMS: usize = 20;

/// So many entries of each log are searched for names of rooms: older ones are hardly meant.
const MAX_SEARCHED: usize = 1000;

/// What the text up to the cursor can be completed to.
pub(crate) fn completions(model: &Model) -> Option<Completion> {
    let composer = &model.buffer().composer;
    let head = &composer.text()[..composer.cursor()];
    let end = head.len();
    let found = |start: usize, options: Vec<String>, tail| {
        let names = Vec::new();
        let completion = Completion { range: start..end, options, names, tail, chosen: 0 };
        (!completion.options.is_empty()).then_some(completion)
    };
    if let Some(command) = head.strip_prefix('/')
        && !command.contains(char::is_whitespace)
    {
        return found(0, commands(model, command), " ");
    }
    if let Some(start) = emoji_start(head) {
        let (names, options) = emoji(&head[start + 1..]).into_iter().unzip();
        return found(start, options, " ").map(|found| Completion { names, ..found });
    }
    if let Some((kind, before, typed)) = argument(model, head)
        && let Some((options, tail)) = values(model, kind, before, typed)
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
    let whole = typed.split_once(char::is_whitespace).map(|(name, _)| name);
    let named = whole.and_then(|name| model.commands.find(name)).map(|command| command.name);
    let is_meant = |known: &str| match whole {
        Some(name) => known == named.unwrap_or(name),
        None => known.starts_with(typed),
    };
    let commands = model.commands.iter().filter(|command| is_meant(command.name));
    let commands =
        commands.map(|command| Suggestion { synopsis: command.synopsis(), help: command.help });
    let aliases = model.aliases.iter().filter(|(name, _)| is_meant(name));
    let aliases =
        aliases.map(|(name, line)| Suggestion { synopsis: format!("/{name}"), help: line });
    commands.chain(aliases).collect()
}

/// The argument at the end of a command: its kind, the word before it and what is typed of it.
fn argument<'a>(model: &Model, text: &'a str) -> Option<(ArgKind, &'a str, &'a str)> {
    let (name, mut typed) = text.strip_prefix('/')?.split_once(char::is_whitespace)?;
    let command: &Command = model.commands.find(name)?;
    let mut before = "";
    for arg in command.args {
        match typed.split_once(char::is_whitespace).filter(|_| arg.kind().is_one_word()) {
            Some((word, rest)) => (before, typed) = (word, rest),
            None => return Some((arg.kind(), before, typed)),
        }
    }
    None
}

/// What an argument may be, and what follows it; `None` where that could be anything.
fn values(
    model: &Model,
    kind: ArgKind,
    before: &str,
    typed: &str,
) -> Option<(Vec<String>, &'static str)> {
    let of = |words: Vec<&str>| {
        let begin = words.into_iter().filter(|word| begins(word, typed));
        begin.map(str::to_owned).collect::<Vec<String>>()
    };
    Some(match kind {
        ArgKind::OneOf(_) if typed.contains(' ') => return None,
        // A name that is begun is completed as in any other text.
        ArgKind::Person if typed.is_empty() => (names(model, typed), " "),
        ArgKind::Room => (rooms(model, typed), ""),
        ArgKind::Buffer => (buffers(model, typed), ""),
        ArgKind::Mutable => (mutable(model, typed), ""),
        ArgKind::Setting => (of(SETTINGS.iter().map(|setting| setting.name).collect()), " "),
        ArgKind::Value if before == "theme" => (themes(model, typed), ""),
        ArgKind::Value => (of(choices(before).iter().map(String::as_str).collect()), ""),
        ArgKind::ValueOf(setting) => {
            (of(choices(setting).iter().map(String::as_str).collect()), "")
        }
        ArgKind::OneOf(choices) => {
            (of(choices.iter().filter_map(|choice| choice.split(' ').next()).collect()), "")
        }
        ArgKind::Theme => (themes(model, typed), ""),
        ArgKind::Action if typed.starts_with('/') => (commands(model, &typed[1..]), " "),
        ArgKind::Action => (of(ACTIONS.iter().map(|spec| spec.name).chain(["none"]).collect()), ""),
        ArgKind::Alias => (aliases(model, typed), ""),
        ArgKind::Person
        | ArgKind::Key
        | ArgKind::Text(_)
        | ArgKind::RoomText
        | ArgKind::Duration
        | ArgKind::Number => return None,
    })
}

fn commands(model: &Model, typed: &str) -> Vec<String> {
    let names = model.commands.iter().map(|command| command.name.to_owned());
    let names = names.chain(aliases(model, typed));
    names.filter(|name| name.starts_with(typed)).map(|name| format!("/{name}")).collect()
}

fn aliases(model: &Model, typed: &str) -> Vec<String> {
    let names = model.aliases.iter().map(|(name, _)| name);
    names.filter(|name| name.starts_with(typed)).map(str::to_owned).collect()
}

/// Where the `:name` at the cursor starts. It starts a word and has two letters at least, so that
/// neither `10:30` nor a smiley becomes an emoji.
fn emoji_start(head: &str) -> Option<usize> {
    let start = head.rfind(':')?;
    let name = &head[start + 1..];
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'));
    let begins_word = head[..start].chars().next_back().is_none_or(char::is_whitespace);
    (begins_word && is_name && name.len() >= 2).then_some(start)
}

/// Names and emoji whose short name starts with this, the shortest name first.
fn emoji(typed: &str) -> Vec<(String, String)> {
    let mut found: Vec<(&str, &emojis::Emoji)> = emojis::iter()
        .filter_map(|emoji| Some((emoji.shortcodes().find(|code| code.starts_with(typed))?, emoji)))
        .collect();
    found.sort_by_key(|(code, _)| (code.len(), *code));
    let found = found.into_iter().take(MAX_EMOJI);
    found.map(|(code, emoji)| (format!(":{code}:"), emoji.as_str().to_owned())).collect()
}

fn themes(model: &Model, typed: &str) -> Vec<String> {
    model.theming.names.iter().filter(|name| begins(name, typed)).cloned().collect()
}

/// Rooms that one may want to join: those that one has left, then those that somebody named, then
/// those that the server listed.
fn rooms(model: &Model, typed: &str) -> Vec<String> {
    let typed = typed.trim_start_matches('#');
    let out = model.buffers.iter().filter_map(Buffer::room).filter(|room| room.is_out());
    let left = model.left.iter().rev().chain(out.map(|room| &room.name)).cloned();
    let logs = std::iter::once(model.buffer()).chain(&model.buffers);
    let mut found: Vec<String> = Vec::new();
    let listed = model.directory.rooms.iter().map(|room| room.name.clone());
    for room in left.chain(logs.flat_map(named_rooms)).chain(listed) {
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
    let newest = buffer.log.newest().take(MAX_SEARCHED);
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

/// Every other buffer.
fn buffers(model: &Model, typed: &str) -> Vec<String> {
    let here = model.buffer().id;
    let titles = model.buffers.iter().filter(|buffer| buffer.id != here).map(Buffer::title);
    titles.filter(|title| begins(title, typed) || begins(title, &format!("#{typed}"))).collect()
}

/// What can be muted: every room and conversation, everybody here, and the arrivals.
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

/// People here whose name starts with this: those who talk first, then by name; ourselves last.
fn names(model: &Model, typed: &str) -> Vec<String> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let typed = typed.strip_prefix('@').unwrap_or(typed);
    let mut found: Vec<&Member> =
        room.people.iter().filter(|member| begins(&member.label(), typed)).collect();
    found.sort_by_cached_key(|member| {
        let is_me = room.me() == Some(member.person.id);
        (is_me, !member.is_talking(model.now), natural_order(&member.label()))
    });
    found.into_iter().map(Member::label).collect()
}

/// Where the last words before the cursor start, the earliest first.
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
