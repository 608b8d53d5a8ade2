//! What is kept between two runs: what was sent and written, and the configuration.

use super::{hint, tell};
use crate::core::event::{Configured, Earlier, Effect, Left};
use crate::core::failing::Feature;
use crate::core::model::{History, Model};
use crate::entry::system::Severity;

/// Takes up what earlier runs left, or what was left at the server that was gone to.
pub(super) fn restored(model: &mut Model, left: Left) {
    let Left { earlier, drafts, log_path, chat_path } = left;
    if let Some(Earlier { is_first, history }) = earlier {
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

/// Everything is as the configuration says; what is wrong in it is told.
pub(super) fn configured(model: &mut Model, configured: Configured) -> Vec<Effect> {
    let Configured { again, settings, keymap, aliases, complaints } = configured;
    let theme = settings.theme.clone();
    model.settings = settings;
    model.keymap = keymap;
    model.aliases = aliases;
    for complaint in complaints {
        tell(model, Severity::Warning, complaint);
    }
    if again {
        hint(model, "the configuration is read again");
    }
    // Of the same name, too: its file may be another now.
    vec![Effect::LoadTheme(theme)]
}

/// Adds a line that is sent to what can be recalled.
pub(super) fn remember(model: &mut Model, line: &str) -> Option<Effect> {
    // A terminal in lines has a history of its own, and a program wants none.
    let is_wanted = model.settings.history && model.line_mode.is_none();
    let is_possible = !model.failing.contains(Feature::History);
    let is_new = model.history.add(line);
    (is_new && is_wanted && is_possible).then(|| Effect::Remember(line.to_owned()))
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
    tell(model, Severity::Info, format!("{kept}\n{own}"));
    Vec::new()
}
