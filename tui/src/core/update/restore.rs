//! What outlives a run: the input history, drafts, and the configuration.

use hullo::protocol::RoomName;

use super::{buffers, flash, report};
use crate::chat::buffer::read_draft_key;
use crate::core::event::{Configured, EarlierRuns, Effect, Restored};
use crate::core::failing::Feature;
use crate::core::model::{History, Model};
use crate::entry::Kind;
use crate::entry::system::Severity;

/// Takes in what earlier runs left, at the start or after a change of server.
pub(super) fn restored(model: &mut Model, left: Restored) {
    let Restored { earlier, drafts, log_path, chat_path } = left;
    if let Some(EarlierRuns { is_first, history }) = earlier {
        model.is_first = is_first;
        if model.settings.history {
            model.history = History::of(history);
        }
    }
    model.drafts = drafts;
    model.log_path = log_path;
    model.chat_path = chat_path;
    for buffer in &mut model.buffers {
        buffer.take_up(&mut model.drafts);
    }
}

/// Opens the conversations for which an earlier run left drafts. Where the partner has left, the draft
/// is put into the input history.
pub(super) fn restore_conversations(model: &mut Model, room: &RoomName) {
    let read = |key: &String| {
        let (session, name) = read_draft_key(room, key)?;
        Some((key.clone(), session, name.to_owned()))
    };
    let left: Vec<_> = model.drafts.keys().filter_map(read).collect();
    for (key, session, name) in left {
        let member = model.room(room).and_then(|room| room.people.member(session)).cloned();
        if let Some(member) = member {
            buffers::open_direct(model, room, &member);
        } else if let Some(draft) = model.drafts.remove(&key) {
            model.history.add(&draft);
            let now = model.now;
            let text = format!("{name} has left; your draft to them is in the history (Up)");
            if let Some(buffer) = model.room_buffer(room) {
                buffer.log.push(now, Kind::info(text));
            }
        }
    }
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
