//! Appends to the chat logs, if the user wants them.

use super::report;
use crate::chat::log_files::Addition;
use crate::core::event::{AppendError, Effect};
use crate::core::failing::Feature;
use crate::core::model::Model;
use crate::entry::system::Severity;

/// Appends what is new since the last event. Earlier additions are waited for, because one that fails
/// must be written first; but not at the end of the program. What could not be written for a server
/// that was left is tried a last time, in the folder of that server.
pub(super) fn append_new(model: &mut Model, is_end: bool) -> Vec<Effect> {
    let Model { chat_files, buffers, settings, now, .. } = model;
    let here = model.address.clone();
    let mut additions = Vec::new();
    if chat_files.server != here {
        let left = std::mem::replace(&mut chat_files.server, here.clone());
        let mut unwritten = chat_files.log.take_failed(buffers, *now);
        if chat_files.pending > 0 {
            unwritten.extend(chat_files.log.additions(buffers, settings.log, *now));
        }
        additions.extend(unwritten.into_iter().map(|addition| (left.clone(), addition)));
    }
    let begins = settings.log && !chat_files.log.is_on();
    if chat_files.pending == 0 || begins || is_end {
        let new = chat_files.log.additions(buffers, settings.log, *now);
        additions.extend(new.into_iter().map(|new| (here.clone(), new)));
    }
    chat_files.pending += additions.len();
    let mut effects = Vec::new();
    if begins {
        model.failing.clear(Feature::ChatLog);
        effects.push(Effect::OpenChatLog { server: here });
    }
    let append = |(server, addition)| Effect::AppendChatLog { server, addition };
    effects.extend(additions.into_iter().map(append));
    effects
}

/// An addition was written, or will be tried again, unless its server was left.
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
        report(model, Severity::Warning, format!("the end of {file}.log is lost: {error}"));
        return;
    }
    let is_news = model.chat_files.log.failed(addition, model.now.at);
    if !is_file {
        not_opened(model, &error);
    } else if is_news {
        report(model, Severity::Warning, format!("{file}.log is not written: {error}"));
    }
}

/// The folder cannot be made.
pub(super) fn not_opened(model: &mut Model, error: &str) {
    if model.failing.is_news(Feature::ChatLog, String::new()) {
        report(model, Severity::Warning, format!("what is said is not kept: {error}"));
    }
}
