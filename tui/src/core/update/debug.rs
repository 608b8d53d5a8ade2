//! The program's own log in a buffer, for as long as somebody wants to see it.

use super::{buffers, flash, report};
use crate::chat::buffer::Place;
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::Kind;
use crate::entry::system::Severity;

/// The most lines that are kept.
const MAX_LINES: usize = 1000;

/// Shows what is logged from now on.
pub(super) fn show(model: &mut Model) -> Vec<Effect> {
    let is_new = find(model).is_none();
    let at = model.open_list(Place::Debug);
    buffers::show(model, at);
    if !is_new {
        return Vec::new();
    }
    report(model, Severity::Info, "hullo's own log from now on · /debug off hides it");
    vec![Effect::Debug(true)]
}

/// Closes the buffer; nothing is asked of the log any more.
pub(super) fn hide(model: &mut Model) -> Vec<Effect> {
    let Some(at) = find(model) else {
        flash(model, "the log is not shown · /debug shows it");
        return Vec::new();
    };
    buffers::close(model, at);
    vec![Effect::Debug(false)]
}

/// Adds what was logged. It is never unread: whoever wants it looks at it.
pub(super) fn add(model: &mut Model, severity: Severity, text: &str) {
    let now = model.now;
    // It may have been under way when the buffer was closed.
    let Some(at) = find(model) else { return };
    let text = text.replace('\n', " / ");
    let text = hullo::text::clean_line(&text);
    let line = format!("{} {text}", now.wall.strftime("%H:%M:%S%.3f"));
    let log = &mut model.buffers[at].log;
    log.push(now, Kind::system(severity, line));
    log.keep_newest(MAX_LINES);
}

fn find(model: &Model) -> Option<usize> {
    model.buffers.iter().position(|buffer| matches!(buffer.place, Place::Debug))
}
