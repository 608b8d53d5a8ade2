//! What is said goes into files, for those who want that.

use super::tell;
use crate::chat::chatlog::Addition;
use crate::chat::transcript::Tone;
use crate::core::event::{AppendError, Effect};
use crate::core::failing::Feature;
use crate::core::model::Model;

/// What was said since the last event is written, once the outcome of what was written before is
/// known: what failed comes first the next time. Nothing of one server comes into the folder of
/// another, and at the end nothing is waited for.
pub(super) fn append_new(model: &mut Model, is_end: bool) -> Vec<Effect> {
    let mut log = std::mem::take(&mut model.chat_files.log);
    let here = model.address.clone();
    let mut additions = Vec::new();
    if model.chat_files.server != here {
        let left = std::mem::replace(&mut model.chat_files.server, here.clone());
        let mut unwritten = log.take_late(model);
        if model.chat_files.pending > 0 {
            unwritten.extend(log.additions(model));
        }
        additions.extend(unwritten.into_iter().map(|addition| (left.clone(), addition)));
    }
    let begins = model.settings.log && !log.is_on();
    if model.chat_files.pending == 0 || begins || is_end {
        additions.extend(log.additions(model).into_iter().map(|new| (here.clone(), new)));
    }
    model.chat_files.log = log;
    model.chat_files.pending += additions.len();
    let mut effects = Vec::new();
    if begins {
        model.failing.clear(Feature::ChatLog);
        effects.push(Effect::OpenChatLog { server: here });
    }
    let append = |(server, addition)| Effect::AppendChatLog { server, addition };
    effects.extend(additions.into_iter().map(append));
    effects
}

/// An addition was written, or not: then it is written later, unless its server was left.
pub(super) fn appended(
    model: &mut Model,
    server: &str,
    addition: &Addition,
    outcome: Result<(), AppendError>,
) {
    model.chat_files.pending = model.chat_files.pending.saturating_sub(1);
    let file = &addition.file;
    let (error, is_file) = match outcome {
        Ok(()) => {
            model.failing.clear(Feature::ChatLog);
            model.chat_files.log.written(addition);
            return;
        }
        Err(AppendError::File(error)) => (error, true),
        Err(AppendError::Folder(error)) => (error, false),
    };
    if server != model.address {
        tell(model, Tone::Warning, format!("the end of {file}.log is lost: {error}"));
        return;
    }
    let is_news = model.chat_files.log.failed(addition, model.now.at);
    if !is_file {
        not_opened(model, &error);
    } else if is_news {
        tell(model, Tone::Warning, format!("{file}.log is not written: {error}"));
    }
}

/// There is no folder for the files.
pub(super) fn not_opened(model: &mut Model, error: &str) {
    if model.failing.is_news(Feature::ChatLog, String::new()) {
        tell(model, Tone::Warning, format!("what is said is not kept: {error}"));
    }
}
