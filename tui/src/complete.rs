//! What Tab makes of the word at the cursor: a command, a room or a name.

use std::ops::Range;

use crate::command::{COMMANDS, Spec};
use crate::model::Model;
use crate::people::Member;

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

/// Names are looked for up to so many words before the cursor, since they may hold spaces.
const MAX_NAME_WORDS: usize = 4;

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
        return found(0, commands(command), " ");
    }
    if let Some(room) = head.strip_prefix("/join ") {
        return found("/join ".len(), rooms(model, room), "");
    }
    if let Some(theme) = head.strip_prefix("/theme ") {
        let names = model.look.names.iter().filter(|name| begins(name, theme)).cloned();
        return found("/theme ".len(), names.collect(), "");
    }
    let starts = word_starts(head).into_iter().filter(|start| *start < end);
    starts.into_iter().find_map(|start| {
        let names = names(model, &head[start..]);
        found(start, names, if start == 0 { ": " } else { " " })
    })
}

/// The commands that the typed start can still become, for the list above the line.
pub(crate) fn suggestions(text: &str) -> Vec<&'static Spec> {
    let Some(typed) = text.strip_prefix('/') else { return Vec::new() };
    match typed.split_once(char::is_whitespace) {
        Some((name, _)) => COMMANDS.iter().filter(|spec| spec.name == name).collect(),
        None => COMMANDS.iter().filter(|spec| spec.name.starts_with(typed)).collect(),
    }
}

fn commands(typed: &str) -> Vec<String> {
    let begun = COMMANDS.iter().filter(|spec| spec.name.starts_with(typed));
    begun.map(|spec| format!("/{}", spec.name)).collect()
}

fn rooms(model: &Model, typed: &str) -> Vec<String> {
    let names = model.buffers.iter().filter_map(|buffer| Some(buffer.room()?.name.to_string()));
    names.filter(|name| begins(name, typed.trim_start_matches('#'))).collect()
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
