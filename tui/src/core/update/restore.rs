//! What outlives a run: the input history, drafts, and the configuration.

use hullo::protocol::RoomName;
use hullo::protocol::payload::{State, Status};
use jiff::civil::DateTime;

use super::{buffers, flash, presence, report};
use crate::chat::buffer::{BufferId, Direct, Partner, Place, read_draft_key};
use crate::chat::log_files::file_name;
use crate::core::event::{Configured, EarlierRuns, Effect, Restored};
use crate::core::failing::Feature;
use crate::core::kept_screen::{KeptConversation, KeptScreen};
use crate::core::model::{History, Model};
use crate::entry::system::Severity;

/// Takes in what earlier runs left, at the start or after a change of server.
pub(super) fn restored(model: &mut Model, left: Restored) {
    let Restored { earlier, drafts, screen, log_path, chat_path } = left;
    if let Some(EarlierRuns { is_first, history }) = earlier {
        model.is_first = is_first;
        if model.settings.history {
            model.history = History::of(history);
        }
    }
    model.drafts = drafts;
    model.log_path = log_path;
    model.chat_path = chat_path;
    if let Some(screen) = screen.filter(|_| model.settings.restore) {
        show_again(model, &screen);
    }
    for buffer in &mut model.buffers {
        buffer.take_up(&mut model.drafts);
    }
}

/// Opens what was on screen at the end of the last run, instead of the room that comes by itself.
fn show_again(model: &mut Model, screen: &KeptScreen) {
    let by_itself = model.buffer().id;
    let rooms = screen.rooms.iter().filter_map(|name| RoomName::try_from(&**name).ok());
    let rooms: Vec<RoomName> = rooms.collect();
    for room in &rooms {
        model.open_room(room);
    }
    let is_wanted = |room: &RoomName| rooms.contains(room);
    if let Some(at) = model.index_of(by_itself)
        && !rooms.is_empty()
        && !model.buffers[at].by_way_of().is_some_and(is_wanted)
    {
        model.buffers.remove(at);
        model.current = 0;
        model.buffers[0].number = Some(1);
    }
    for kept in &screen.conversations {
        open_again(model, kept);
    }
    let shown = model.buffers.iter().position(|buffer| buffer.draft_key() == screen.current);
    model.current = shown.unwrap_or(0);
    model.status = Status {
        state: screen.state.unwrap_or(State::Here),
        text: screen.text.as_deref().and_then(hullo::text::clean_status),
    };
}

/// What was said in earlier runs, for people: a program would take it for new. A conversation of this
/// run has nothing from before.
pub(super) fn read_chat_logs(model: &Model) -> impl Iterator<Item = Effect> {
    let most = usize::from(model.settings.backlog.0);
    let is_wanted = model.settings.log && most > 0 && model.line_mode.is_none();
    let buffers = model.buffers.iter().filter(move |_| is_wanted);
    buffers.filter_map(move |buffer| {
        let since = match &buffer.place {
            Place::Room(_) => None,
            Place::Direct(direct) => Some(direct.since?),
            Place::Mentions | Place::Arrivals | Place::Debug => return None,
        };
        let file = file_name(&buffer.chat_log_title());
        Some(Effect::ReadChatLog { buffer: buffer.id, file, since, most })
    })
}

pub(super) fn chat_log_read(model: &mut Model, id: BufferId, lines: Vec<(DateTime, String)>) {
    let now = model.now;
    if let Some(buffer) = model.by_id(id) {
        buffer.log.prepend_from_disk(lines, now);
    }
}

/// Opens a conversation of the last run. Once its room is joined it shows whether that session is
/// still there; until then what is written to it waits.
fn open_again(model: &mut Model, kept: &KeptConversation) {
    let (Ok(room), Ok(peer)) = (RoomName::try_from(&*kept.room), kept.session.parse()) else {
        return;
    };
    let Some(name) = hullo::text::clean_name(&kept.name) else { return };
    if model.room(&room).is_none() {
        return;
    }
    let at = model.buffers.len();
    let (label, user) = (name.clone(), kept.user.clone());
    let (partner, since, typing) = (Partner::Present, kept.since, None);
    let direct = Direct { room, peer, name, label, user, partner, typing, since };
    model.insert(at, Place::Direct(direct));
}

/// Opens the conversations for which an earlier run left drafts. Where the partner has left, the draft
/// stays on the line of a conversation that says so: nobody else gets it, and it is not lost.
pub(super) fn restore_conversations(model: &mut Model, room: &RoomName) {
    let read = |key: &String| {
        let (session, name) = read_draft_key(room, key)?;
        Some((session, name.to_owned()))
    };
    let left: Vec<_> = model.drafts.keys().filter_map(read).collect();
    for (session, name) in left {
        let member = model.room(room).and_then(|room| room.people.member(session)).cloned();
        if let Some(member) = member {
            buffers::open_direct(model, room, &member);
            continue;
        }
        let (room, session) = (room.to_string(), session.to_string());
        open_again(model, &KeptConversation { room, session, name, user: None, since: None });
    }
    presence::refresh_conversations(model, room);
}

/// Applies the configuration; its mistakes are shown.
pub(super) fn configured(model: &mut Model, configured: Configured) -> Vec<Effect> {
    let Configured { again, settings, keymap, aliases, complaints } = configured;
    let theme = settings.theme.clone();
    model.settings = settings;
    model.keymap = keymap;
    model.aliases = aliases;
    for complaint in complaints {
        report(model, Severity::Warning, complaint);
    }
    if again {
        flash(model, "the configuration is read again");
    }
    // Even if its name is the same: the file may have changed.
    vec![Effect::LoadTheme(theme)]
}

/// Adds a line to the input history, in memory and on disk.
pub(super) fn remember(model: &mut Model, line: &str) -> Option<Effect> {
    // In line mode the terminal has its own history, and a program needs none.
    let is_wanted = model.settings.history && model.line_mode.is_none();
    let is_possible = !model.failing.contains(Feature::History);
    let is_new = model.history.add(line);
    (is_new && is_wanted && is_possible).then(|| Effect::AppendHistory(line.to_owned()))
}

/// `/log`: where the logs are.
pub(super) fn log(model: &mut Model) -> Vec<Effect> {
    let kept = match (&model.chat_path, model.settings.log) {
        (Some(path), true) => format!("what is said is kept in {path} · /log off ends it"),
        (_, true) => "what is said cannot be kept: no folder for it can be written".into(),
        (_, false) => "what is said is not kept · /log on begins it".into(),
    };
    let own = match &model.log_path {
        Some(path) => format!("the program's own log is {path} · HULLO_LOG=debug tells it more"),
        None => "the program has no log: no folder for it can be written · try hullo doctor".into(),
    };
    report(model, Severity::Info, format!("{kept}\n{own}"));
    Vec::new()
}
