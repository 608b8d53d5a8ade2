//! The footer: the status line, the input line, and the key hints.

use ratatui::layout::{Margin, Position, Rect};

use super::canvas::{Canvas, Part, columns, parts_width};
use super::header::elsewhere;
use crate::chat::log::Scroll;
use crate::core::model::{Link, Model};
use crate::entry::Kind;
use crate::entry::message::Message;
use crate::input::completion::Completion;
use crate::input::keymap::Action;
use crate::layout::{Areas, Target, areas, composer_rows, is_for_all, prompt};
use crate::menu::complete::{Suggestion, suggestions};
use crate::menu::does_something;
use crate::people::Member;
use crate::text::row::{Row, segment};
use crate::text::{clip, head, links, width};
use crate::theme::Role;

/// From this size of the log on, completions have a frame.
const FRAMED_FROM: (u16, u16) = (20, 5);

/// Draws the footer and returns the position of the cursor.
pub(super) fn draw(model: &Model, areas: &Areas, canvas: &mut Canvas<'_>) -> Option<Position> {
    if let Some(area) = areas.status {
        status(model, area, areas.hint.is_none(), canvas);
    }
    if let Some(area) = areas.hint {
        hints(model, area, canvas);
    }
    offers(model, areas, canvas);
    composer(model, areas, canvas)
}

fn status(model: &Model, area: Rect, with_hint: bool, canvas: &mut Canvas<'_>) {
    let is_narrow = area.width < 50;
    let right = match () {
        () if !with_hint => waiting(model, usize::from(area.width) * 2 / 3),
        // A message needs the whole row.
        () if is_narrow && model.flash.is_some() => Vec::new(),
        () => {
            let next = (!is_narrow && model.has_activity()).then_some(Action::NextActivity);
            let next = next.and_then(|next| offer(model, next, "next · "));
            next.into_iter().chain(offer(model, Action::Help, "help ")).collect()
        }
    };
    let from = canvas.right_parts(area, &right);
    let room = usize::from(from.saturating_sub(area.x + 2));
    let (text, role, target) = happening(model);
    let text = clip(&text, room).into_owned();
    canvas.parts(area.x, area.y, area.width, &[(vec![segment(text, role)], target)]);
}

/// A key and what it does, which a click does as well; nothing where it has no key.
fn offer(model: &Model, action: Action, does: &str) -> Option<Part> {
    let key = model.keymap.key(action);
    let row = vec![segment(format!("{key} {does}"), Role::Dim)];
    (!key.is_empty()).then_some((row, Some(Target::Action(action))))
}

/// The status line: a message, the position in a scrolled log, what was not sent, or who is typing; and
/// what a click on it does.
fn happening(model: &Model) -> (String, Role, Option<Target>) {
    let lead = if model.size.width < 50 { "" } else { " " };
    if let Some((message, _)) = &model.flash {
        return (format!("{lead}{message}"), Role::Strong, None);
    }
    let log = &model.buffer().log;
    if let Scroll::At { entry, .. } = log.scroll {
        let new = match log.said_after(entry) {
            0 => String::new(),
            count => format!("{count} below · "),
        };
        // In a line that is begun, End goes to its end.
        let is_empty = model.buffer().composer.is_empty();
        let how = if is_empty { "End for the newest" } else { "PgDn scrolls down" };
        return (format!("{lead}▼ {new}{how}"), Role::Strong, Some(Target::Newest));
    }
    let typing = typing(model);
    if typing.is_empty()
        && let Some((what, role)) = not_sent(model)
    {
        let key = model.keymap.key(Action::SendAgain);
        let is_offered = !key.is_empty() && does_something(model, Action::SendAgain);
        let how = match model.size.width {
            _ if !is_offered => String::new(),
            0..50 => format!(" · {key} again"),
            _ => format!(" · {key} sends it again"),
        };
        let target = is_offered.then_some(Target::Action(Action::SendAgain));
        return (format!("{lead}{what}{how}"), role, target);
    }
    (format!("{lead}{typing}"), Role::Dim, None)
}

/// That the last message we wrote here was not sent, or not confirmed.
fn not_sent(model: &Model) -> Option<(&'static str, Role)> {
    let (_, last) = model.buffer().log.recent_own().next_back()?;
    match () {
        () if last.is_failed() => Some(("✗ not sent", Role::Bad)),
        () if last.is_unconfirmed() => Some(("◌ not confirmed", Role::Warning)),
        () => None,
    }
}

fn typing(model: &Model) -> String {
    let now = model.now;
    if let Some(direct) = model.buffer().direct() {
        let types = direct.typing.is_some_and(|until| until > now.at);
        return if types { format!("{} is typing…", direct.label) } else { String::new() };
    }
    let Some(room) = model.buffer().room() else { return String::new() };
    let me = room.me();
    let typing = room.people.iter().filter(|who| who.is_typing(now) && me != Some(who.person.id));
    let names: Vec<String> = typing.map(Member::label).collect();
    match &*names {
        [] => String::new(),
        [one] => format!("{one} is typing…"),
        [one, two] => format!("{one} and {two} are typing…"),
        [one, rest @ ..] => format!("{one} and {} others are typing…", rest.len()),
    }
}

/// Unread messages in other buffers, and the key that goes there.
fn waiting(model: &Model, room: usize) -> Vec<Part> {
    let all: usize = model.buffers.iter().map(|buffer| buffer.mentions).sum();
    let others = all - model.buffer().mentions;
    let key = format!("{} next:", model.keymap.key(Action::NextActivity));
    let mut row = Row::new();
    if others > 0 {
        row.push(segment(format!("▲{others} · "), Role::Mention));
    }
    let next = elsewhere(model, room.saturating_sub(columns(&row) + key.len()));
    if next.is_empty() {
        return Vec::new();
    }
    row.push(segment(key, Role::Dim));
    let first = (row, Some(Target::Action(Action::NextActivity)));
    let last = (vec![segment(" ", Role::Text)], None);
    std::iter::once(first).chain(next).chain([last]).collect()
}

fn hints(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let help =
        vec![segment(model.keymap.key(Action::Help), Role::Key), segment(" help ", Role::Dim)];
    let from = canvas.right_parts(area, &[(help, Some(Target::Action(Action::Help)))]);
    let mut parts: Vec<Part> = vec![(vec![segment(" ", Role::Text)], None)];
    let hints = worth_pressing(model).into_iter().filter(|hint| !hint.key.is_empty());
    for Hint { key, does, target } in hints {
        let next = vec![segment(key, Role::Key), segment(format!(" {does}"), Role::Dim)];
        if parts_width(&parts) + columns(&next) + 4 > usize::from(from) {
            break;
        }
        if parts.len() > 1 {
            parts.push((vec![segment(" · ", Role::Dim)], None));
        }
        parts.push((next, Some(target)));
    }
    canvas.parts(area.x, area.y, from, &parts);
}

/// A key and what it does, which a click does as well.
struct Hint {
    key: String,
    does: &'static str,
    target: Target,
}

/// Keys that are useful now, the most useful first. A picker shows its own keys.
fn worth_pressing(model: &Model) -> Vec<Hint> {
    let key = |action, does| {
        let target = Target::Action(action);
        Hint { key: model.keymap.key(action), does, target }
    };
    let plain = |key: char, does| Hint { key: key.into(), does, target: Target::Key(key) };
    let buffer = model.buffer();
    if model.picker.is_some() {
        return Vec::new();
    }
    let selected = buffer.selected.and_then(|id| Some((id, buffer.log.entry(id)?)));
    if let Some((id, entry)) = selected {
        let log = areas(model).log;
        let is_foldable = model.log_layout(log.width).is_foldable(id);
        let is_expanded = match &entry.kind {
            Kind::PresenceGroup(group) => group.expanded,
            Kind::Message(message) => message.expanded,
            _ => false,
        };
        let content = entry.kind.content();
        let said = content.message().map(|said| &*said.text);
        let is_present = content.session().is_some_and(|id| model.find_person(id).is_some());
        let is_unsent =
            model.is_reachable() && content.message().is_some_and(Message::can_be_sent_again);
        let keys = [
            (is_unsent, plain('s', "send again")),
            (said.is_some(), plain('r', "reply")),
            (content.copied().is_some(), plain('y', "copy")),
            (said.is_some_and(|text| !links(text).is_empty()), plain('o', "open link")),
            (is_present, plain('p', "person")),
            (is_foldable, plain('e', if is_expanded { "fold" } else { "expand" })),
            (true, Hint { key: "Esc".to_owned(), does: "back", target: Target::Escape }),
        ];
        return keys.into_iter().filter_map(|(does, key)| does.then_some(key)).collect();
    }
    match (model.completion.is_some(), buffer.composer.is_empty()) {
        (true, _) => vec![
            key(Action::Complete, "next"),
            key(Action::CompleteBack, "previous"),
            key(Action::Send, "send"),
        ],
        (false, true) => {
            let keys = [
                (Action::Palette, "go to anything"),
                (Action::NextActivity, "what is new"),
                (Action::Wave, "wave"),
                (Action::SelectUp, "select"),
            ];
            let keys = keys.into_iter().filter(|(action, _)| does_something(model, *action));
            keys.map(|(action, does)| key(action, does)).chain([plain('/', "commands")]).collect()
        }
        (false, false) => vec![
            key(Action::Send, "send"),
            key(Action::NewLine, "new line"),
            key(Action::Complete, "complete"),
            key(Action::Interrupt, "clear"),
        ],
    }
}

fn composer(model: &Model, areas: &Areas, canvas: &mut Canvas<'_>) -> Option<Position> {
    let area = areas.composer;
    if area.is_empty() {
        return None;
    }
    let composer = &model.buffer().composer;
    let prompt = prompt(model);
    let rows = composer_rows(composer.text(), &prompt, model.size.width);
    let cursor = composer.cursor();
    let at = rows.iter().rposition(|row| row.start <= cursor).unwrap_or_default();
    let height = usize::from(area.height);
    let first = (at + 1).saturating_sub(height);
    let indent = u16::try_from(width(&prompt)).unwrap_or(u16::MAX).min(area.width);
    let lost = areas.header.is_none() && matches!(model.link, Link::Offline { .. });
    for (y, (number, row)) in (area.top()..area.bottom()).zip(rows.iter().enumerate().skip(first)) {
        if number == 0 {
            let own = if is_for_all(model) { Role::Warning } else { Role::Own };
            let (text, role) =
                if lost { ("✗ ".to_owned(), Role::Bad) } else { (prompt.clone(), own) };
            canvas.put_within(area.x, y, area.width, &text, role);
        }
        canvas.put_within(
            area.x + indent,
            y,
            area.width - indent,
            &composer.text()[row.clone()],
            Role::Text,
        );
    }
    let before = width(&composer.text()[rows[at].start..cursor]);
    let x = indent.saturating_add(u16::try_from(before).unwrap_or(u16::MAX)).min(area.width - 1);
    let y = u16::try_from(at - first).unwrap_or_default().min(area.height - 1);
    Some(Position::new(area.x + x, area.y + y))
}

/// The completions that Tab steps through, or the commands that match so far, above the input line.
fn offers(model: &Model, areas: &Areas, canvas: &mut Canvas<'_>) {
    let wide = if areas.log.width > 0 { areas.log.width } else { model.size.width };
    let is_framed = areas.log.height >= FRAMED_FROM.1 && wide >= FRAMED_FROM.0;
    let frame = if is_framed { 2 } else { 0 };
    let most = usize::from(areas.log.height).saturating_sub(frame).min(8);
    let inner = usize::from(wide).saturating_sub(frame);
    let rows = match &model.completion {
        Some(completion) => completed(completion, most),
        None => commands(model, inner, most),
    };
    if rows.is_empty() {
        return;
    }
    let bottom = areas.status.map_or(areas.composer.y, |status| status.y);
    let bottom = areas.bottom_rule.map_or(bottom, |rule| rule.y);
    let count = u16::try_from(rows.len() + frame).unwrap_or(u16::MAX).min(bottom);
    let widest = rows.iter().map(|(_, row)| columns(row)).max().unwrap_or_default().min(inner);
    let wide = u16::try_from(widest + frame).unwrap_or(u16::MAX).min(wide);
    let area = Rect::new(areas.log.x, bottom - count, wide, count);
    canvas.clear(area);
    if !is_framed {
        paint_offers(model, &rows, area, canvas);
        return;
    }
    let edge = "─".repeat(widest);
    canvas.put_within(area.x, area.y, area.width, &format!("┌{edge}┐"), Role::Dim);
    canvas.put_within(area.x, area.bottom() - 1, area.width, &format!("└{edge}┘"), Role::Dim);
    for y in area.top() + 1..area.bottom() - 1 {
        canvas.put(area.x, y, "│", Role::Dim);
        canvas.put(area.right() - 1, y, "│", Role::Dim);
    }
    paint_offers(model, &rows, area.inner(Margin::new(1, 1)), canvas);
}

/// Paints completions or commands, each of which a click chooses.
fn paint_offers(model: &Model, rows: &[(usize, Row)], area: Rect, canvas: &mut Canvas<'_>) {
    for (y, (at, row)) in (area.top()..area.bottom()).zip(rows) {
        canvas.row(area.x, y, area.width, row);
        let is_completion = model.completion.is_some();
        let target = if is_completion { Target::Completion(*at) } else { Target::Suggestion(*at) };
        canvas.target(Rect { y, height: 1, ..area }, target);
    }
}

/// The completions around the chosen one, with their names.
fn completed(completion: &Completion, most: usize) -> Vec<(usize, Row)> {
    let first = (completion.chosen + 1).saturating_sub(most);
    let options = completion.options.iter().enumerate().skip(first).take(most);
    let rows = options.map(|(at, option)| {
        let role = if at == completion.chosen { Role::Chosen } else { Role::Text };
        let name = completion.names.get(at).map(|name| segment(format!(" {name} "), Role::Dim));
        (at, std::iter::once(segment(format!(" {option} "), role)).chain(name).collect())
    });
    rows.collect()
}

fn commands(model: &Model, log: usize, most: usize) -> Vec<(usize, Row)> {
    let found = suggestions(model);
    let wide = |one: &Suggestion<'_>| width(&one.synopsis) + 3;
    // In a narrow log an aligned column would leave no room for the descriptions.
    let key = if log < 60 { 0 } else { found.iter().map(wide).max().unwrap_or(0).min(24) };
    let row = |(at, one): (usize, &Suggestion<'_>)| {
        let how = format!(" {}", head(one.synopsis.trim_end(), 60));
        let pad = " ".repeat(key.saturating_sub(width(&how)).max(2));
        let room = log.saturating_sub(width(&how) + pad.len() + 1);
        let does = format!("{pad}{} ", clip(one.help, room));
        (at, vec![segment(how, Role::Key), segment(does, Role::Dim)])
    };
    found.iter().enumerate().take(most).map(row).collect()
}
