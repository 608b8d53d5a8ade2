//! Kind must hold after whatever happens.

use std::collections::BTreeMap;
use std::time::Duration;

use hullo::Notice;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::{Position, Rect, Size};

use super::world::World;
use crate::chat::buffer::BufferId;
use crate::chat::log::Scroll;
use crate::core::event::{Effect, Event};
use crate::core::model::{Focus, Model, PickerKind, Push};
use crate::core::update::deadline;
use crate::entry::Kind;
use crate::entry::message::{Delivery, Message};
use crate::entry::presence::PresenceChange;
use crate::input::composer::{Composer, MAX_DRAFT_BYTES};
use crate::input::keymap::{Action, Chord, Meaning};
use crate::screen::{self, Drawn};

/// Kind is remembered of a model, to be compared with what becomes of it.
pub(super) struct Before {
    buffers: BTreeMap<BufferId, Seen>,
    keymap: crate::input::keymap::Keymap,
    help: bool,
}

struct Seen {
    composer: Composer,
    unread: usize,
    mentions: usize,
    scroll: Scroll,
    own: usize,
}

impl Before {
    pub(super) fn of(model: &Model) -> Self {
        let buffers = model.buffers.iter().map(|buffer| {
            let seen = Seen {
                composer: buffer.composer.clone(),
                unread: buffer.unread,
                mentions: buffer.mentions,
                scroll: buffer.log.scroll,
                own: buffer.log.newest().filter(|(_, entry)| own(&entry.kind).is_some()).count(),
            };
            (buffer.id, seen)
        });
        let help = model.picker.as_ref().is_some_and(|picker| picker.kind == PickerKind::Help);
        Self { buffers: buffers.collect(), keymap: model.keymap.clone(), help }
    }
}

/// Looks at everything but the screen.
pub(super) fn after(world: &mut World, before: &Before, event: &Event, effects: &[Effect]) {
    tickets(world, effects);
    let model = &world.stage.model;
    drafts(model, before, event);
    unread(model, before, event);
    places(model, before, event);
    lines(model, before, event, effects);
    times(model);
}

/// How many came and went, as the list of arrivals tells it.
pub(super) fn listed(model: &Model) -> usize {
    let entries = model.buffers.iter().flat_map(|buffer| buffer.log.newest());
    let passed = entries.filter(|(_, entry)| match &entry.kind {
        Kind::ListedPresence(presence) => {
            !matches!(presence.event.change, PresenceChange::Renamed { .. })
        }
        _ => false,
    });
    passed.count()
}

fn own(what: &Kind) -> Option<&Delivery> {
    match what {
        Kind::Message(Message { own, .. }) => own.as_ref(),
        _ => None,
    }
}

fn tickets(world: &mut World, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Say { ticket, .. }
        | Effect::SayTo { ticket, .. }
        | Effect::Rename { ticket, .. }
        | Effect::SetTopic { ticket, .. } = effect
        {
            assert!(world.tickets.insert(*ticket), "{ticket:?} is given out twice");
        }
    }
}

/// Nothing but a key, a paste or the editor changes a draft, and what it was can be had back.
fn drafts(model: &Model, before: &Before, event: &Event) {
    let by_hand = matches!(event, Event::Key(_) | Event::Pasted(_) | Event::Edited(_));
    let undoes = match event {
        Event::Key(key) => {
            before.keymap.meaning(Chord::from(*key)) == Some(&Meaning::Action(Action::Undo))
                || before.help && key.code == KeyCode::Enter
        }
        _ => false,
    };
    for (id, was) in &before.buffers {
        let text = was.composer.text();
        let Some(buffer) = model.buffers.iter().find(|buffer| buffer.id == *id) else {
            let kept = text.is_empty() || model.history.newest().any(|line| line == text);
            assert!(kept, "{text:?} went with its buffer at {event:?}");
            continue;
        };
        if buffer.composer.text() == text || undoes {
            continue;
        }
        assert!(by_hand, "{event:?} made {:?} of {text:?}", buffer.composer.text());
        let (head, tail) = text.split_at(was.composer.cursor());
        let is = buffer.composer.text();
        let inserted = is.len() >= text.len() && is.starts_with(head) && is.ends_with(tail);
        assert!(inserted || comes_back(&buffer.composer, text), "{text:?} is lost at {event:?}");
    }
}

fn comes_back(composer: &Composer, text: &str) -> bool {
    let mut composer = composer.clone();
    (0..3).any(|_| {
        composer.undo();
        composer.text() == text
    })
}

/// Only what somebody says is ever unread, and nothing is that one looks at.
fn unread(model: &Model, before: &Before, event: &Event) {
    let said = matches!(
        event,
        Event::Received(Notice::Said { .. } | Notice::Responded { .. } | Notice::History { .. })
    );
    for buffer in &model.buffers {
        let (unread, mentions) =
            before.buffers.get(&buffer.id).map_or((0, 0), |was| (was.unread, was.mentions));
        let grown = buffer.unread > unread || buffer.mentions > mentions;
        assert!(said || !grown, "{event:?} is unread");
        assert!(buffer.mentions <= buffer.unread);
    }
    let buffer = model.buffer();
    let is_watched = match model.focus {
        Focus::Yes => true,
        Focus::No => false,
        Focus::Unknown => model.now.at - model.last_key < Duration::from_secs(60),
    };
    let looked_at = is_watched && model.picker.is_none() && buffer.log.scroll == Scroll::Newest;
    assert!(!looked_at || buffer.unread == 0, "{event:?} left {} unread", buffer.unread);
}

/// Kind comes does not move what is being read.
fn places(model: &Model, before: &Before, event: &Event) {
    if matches!(event, Event::Key(_) | Event::Mouse(_) | Event::Resized(_) | Event::Edited(_)) {
        return;
    }
    for buffer in &model.buffers {
        if let Some(was) = before.buffers.get(&buffer.id) {
            assert_eq!(buffer.log.scroll, was.scroll, "{event:?} scrolled");
        }
    }
}

/// Every line of ours that is pushed stands in one log, once; only keys make new ones.
fn lines(model: &Model, before: &Before, event: &Event, effects: &[Effect]) {
    let entries = || model.buffers.iter().flat_map(|buffer| buffer.log.newest());
    for effect in effects {
        let (Effect::Say { ticket, text, .. } | Effect::SayTo { ticket, text, .. }) = effect else {
            continue;
        };
        assert!(text.len() <= MAX_DRAFT_BYTES + 100, "{} bytes are too much", text.len());
        let sent = entries().filter(
            |(_, entry)| matches!(own(&entry.kind), Some(Delivery::Sending(of, _)) if of == ticket),
        );
        let wave = matches!(model.pushes.get(ticket).map(|it| &it.push), Some(Push::Wave { .. }));
        assert_eq!(sent.count(), usize::from(!wave), "{effect:?} in the logs");
    }
    for buffer in &model.buffers {
        let own = buffer.log.newest().filter(|(_, entry)| own(&entry.kind).is_some()).count();
        let was = before.buffers.get(&buffer.id).map_or(0, |was| was.own);
        let most = was + usize::from(matches!(event, Event::Key(_)));
        assert!(own <= most, "{event:?} put {own} lines where {was} were");
        assert!(own >= was || matches!(event, Event::Key(_)), "{event:?} took lines");
    }
}

/// Kind is due is done, and what will be is in the future.
fn times(model: &Model) {
    let now = model.now.at;
    assert!(deadline(model).is_none_or(|at| at > now));
    assert!(model.dnd_until.is_none_or(|until| until > now), "an end that nobody sees");
    assert!(model.muted.values().all(|muted| muted.until > now), "muted for longer than asked");
    assert!(model.flash.as_ref().is_none_or(|(_, until)| *until > now));
    let floods = model.buffers.iter().filter(|buffer| buffer.log.flood().is_some());
    assert!(floods.count() == 0 || deadline(model).is_some(), "a flood that never ends");
}

/// The screen is drawn at the size it has, at another, and where the two do not agree yet.
pub(super) fn screens(model: &mut Model) {
    harmless(&screen::title(model));
    let size = model.size;
    whole_screen(model, size);
    let other = Size { width: (size.width / 2 + 7) % 90, height: (size.height + 5) % 30 };
    screen(model, other);
    model.size = other;
    whole_screen(model, other);
    model.size = size;
}

fn whole_screen(model: &Model, size: Size) {
    let cursor = screen(model, size);
    let area = Rect::from((Position::ORIGIN, size));
    assert!(cursor.is_none_or(|at| area.contains(at)), "{size}: {cursor:?}");
}

fn screen(model: &Model, size: Size) -> Option<Position> {
    let mut screen = Buffer::empty(Rect::from((Position::ORIGIN, size)));
    let Drawn { cursor, links, .. } = screen::draw(model, &mut screen);
    for cell in &screen.content {
        harmless(cell.symbol());
    }
    crate::text::emoji::shape(model.settings.emoji, &mut screen);
    screen::weave(&links, &mut screen);
    for cell in &screen.content {
        woven(cell.symbol());
    }
    cursor
}

/// A cell may begin one link, and must end it; an emoji may clear the ground that it stands on.
#[track_caller]
fn woven(symbol: &str) {
    let text = match symbol.strip_prefix("\x1b]8;") {
        Some(link) => {
            let (target, rest) = link.split_once("\x1b\\").unwrap();
            assert!(target.bytes().all(|byte| byte.is_ascii_graphic()), "{target:?}");
            rest.strip_suffix("\x1b]8;;\x1b\\").unwrap()
        }
        None => symbol,
    };
    harmless(
        (1..20).fold(text.to_owned(), |text, n| text.replace(&format!("\x1b[{n}X"), "")).as_str(),
    );
}

#[track_caller]
fn harmless(text: &str) {
    assert_eq!(hullo::text::clean_line(text), text, "drives a terminal");
}
