//! Decides when line mode reads a line, when it ends, and with which exit code.
//!
//! Somebody who types is read at once, and the end of input ends hullo. What a program writes is read
//! once the room is joined, as fast as the server takes it, and the end of input ends hullo once
//! everything is delivered.

use std::time::{Duration, Instant};

use hullo::Notice;
use hullo::client::Departure;

use super::submit;
use crate::chat::buffer::Membership;
use crate::core::event::{Effect, Event};
use crate::core::line_mode::End;
use crate::core::model::{Link, Model};
use crate::entry::message::Message;
use crate::failure::Failure;
use crate::input::composer::MAX_DRAFT_BYTES;

/// How many lines of a program may be pending at once.
const MAX_PENDING: usize = 16;

/// A program's first lines are read without a pause; further ones no faster than our server's default
/// rate limit allows.
const LINES_AT_ONCE: usize = 100;
const LINE_EVERY: Duration = Duration::from_millis(25);

/// How long the lines of a program wait for a server that is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// When the next line may be read; `None` if something else must happen first. Lines of a program
/// wait for the rooms to be joined, and for earlier lines.
pub(crate) fn reads_at(model: &Model) -> Option<Instant> {
    let lines = model.line_mode.as_ref()?;
    let mut rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    let is_decided = rooms.all(|room| match room.membership {
        Membership::Joined { .. } | Membership::Refused | Membership::Out => true,
        Membership::Joining | Membership::Lost { .. } => false,
    });
    let pending = model.pushes.len() + lines.file_lines.len();
    let is_ready = lines.is_typed || is_decided && pending < MAX_PENDING;
    (lines.end == End::Open && is_ready).then_some(lines.next_line_at)
}

/// The outcome of the run, from which the exit code is made; always good where somebody typed.
pub(crate) fn outcome(model: &Model) -> Result<(), Failure> {
    let Some(lines) = model.line_mode.as_ref().filter(|lines| !lines.is_typed) else {
        return Ok(());
    };
    if let Some(failure) = &lines.shut_out {
        return Err(failure.clone());
    }
    let not_sent = model.failed_lines + lines.not_taken + waiting(model).count();
    let unconfirmed = model.buffers.iter().flat_map(|buffer| buffer.log.messages());
    let unconfirmed = unconfirmed.filter(|(_, message)| message.is_unconfirmed()).count();
    let counts = [(not_sent, "sent"), (unconfirmed, "confirmed"), (lines.not_done, "done")];
    let counts = counts.into_iter().filter_map(|counted| match counted {
        (0, _) => None,
        (1, done) => Some(format!("one line was not {done}")),
        (count, done) => Some(format!("{count} lines were not {done}")),
    });
    let cut = lines.is_cut.then(|| "the rest was not read".to_owned());
    let text = counts.chain(cut).collect::<Vec<_>>().join(", ");
    if text.is_empty() { Ok(()) } else { Err(Failure::failed(text)) }
}

/// Whether we could not join: then nothing but the error is printed.
pub(crate) fn is_shut_out(model: &Model) -> bool {
    model.line_mode.as_ref().is_some_and(|lines| lines.shut_out.is_some())
}

/// Handles a line.
pub(super) fn line(model: &mut Model, line: &str) -> Vec<Effect> {
    count_line(model);
    let rejected = model.rejected;
    let mut effects = submit::whole_line(model, line);
    if let Some(lines) = &mut model.line_mode {
        let on_files = effects.iter().filter(|effect| is_on_files(effect));
        lines.file_lines.extend(on_files.map(|_| line.to_owned()));
    }
    if count_rejected(model, rejected) {
        effects.push(not_done(line));
    }
    effects
}

/// Whether [`Event::FileDone`] will follow.
fn is_on_files(effect: &Effect) -> bool {
    matches!(effect, Effect::SaveSetting { .. } | Effect::Export { .. } | Effect::Reload)
}

/// The effect of a line on a file is done, or has failed.
pub(super) fn file_done(model: &mut Model, is_done: bool) -> Vec<Effect> {
    let Some(lines) = &mut model.line_mode else { return Vec::new() };
    let line = lines.file_lines.pop_front();
    if is_done || lines.is_typed {
        return Vec::new();
    }
    lines.not_done += 1;
    line.map(|line| not_done(&line)).into_iter().collect()
}

/// Names the line, for whoever looks for the reason of the exit code.
fn not_done(line: &str) -> Effect {
    Effect::Print(format!("error: not done: {}", hullo::text::clean_line(line)))
}

/// Counts a command that was rejected since `before`, if a program sent it; returns whether it was.
pub(super) fn count_rejected(model: &mut Model, before: usize) -> bool {
    let is_rejected = model.rejected > before;
    let Some(lines) = model.line_mode.as_mut().filter(|lines| !lines.is_typed) else {
        return false;
    };
    lines.not_done += usize::from(is_rejected);
    is_rejected
}

/// Refuses a line that is too long.
pub(super) fn too_long(model: &mut Model) -> Vec<Effect> {
    count_line(model);
    if let Some(lines) = &mut model.line_mode {
        lines.not_taken += 1;
    }
    let text = format!("this line is too long: at most {MAX_DRAFT_BYTES} bytes can be sent");
    vec![Effect::Print(format!("error: not sent: {text}"))]
}

fn count_line(model: &mut Model) {
    let now = model.now.at;
    if let Some(lines) = &mut model.line_mode {
        lines.read += 1;
        if !lines.is_typed && lines.read > LINES_AT_ONCE {
            lines.next_line_at = now + LINE_EVERY;
        }
    }
}

/// Ends, for a program after everything is delivered.
pub(super) fn input_ended(model: &mut Model) {
    let is_typed = model.line_mode.as_ref().is_some_and(|lines| lines.is_typed);
    end(model, if is_typed { End::Now } else { End::Delivering });
}

/// Ends, for lines were dropped because the server does not come back.
pub(super) fn input_abandoned(model: &mut Model, count: usize, is_cut: bool) -> Vec<Effect> {
    if let Some(lines) = &mut model.line_mode {
        lines.not_taken += count;
        lines.is_cut = is_cut;
    }
    end(model, End::Now);
    abandoned(count, is_cut).map(Effect::Print).into_iter().collect()
}

fn abandoned(count: usize, is_cut: bool) -> Option<String> {
    let text = match (count, is_cut) {
        (0, false) => return None,
        (0, true) => "the rest was not read".to_owned(),
        (1, false) => "one more line".to_owned(),
        (count, false) => format!("{count} more lines"),
        (count, true) => format!("{count} more lines, and the rest was not read"),
    };
    Some(format!("error: not sent, the server is gone: {text}"))
}

/// Ends at once.
pub(super) fn end_now(model: &mut Model) {
    end(model, End::Now);
}

fn end(model: &mut Model, end: End) {
    if let Some(lines) = model.line_mode.as_mut().filter(|lines| lines.end != End::Now) {
        lines.end = end;
    }
}

/// Ends a program that cannot connect or join. People may try something else.
pub(super) fn watch_way_in(model: &mut Model, event: &Event) {
    let address = &model.address;
    let Some(lines) = &mut model.line_mode else { return };
    let Event::Received(notice) = event else { return };
    lines.was_online |= matches!(notice, Notice::Online);
    let failure = match notice {
        Notice::Left { room, departure: Departure::Refused(why) } if *room == lines.room => {
            Some(why.clone().into())
        }
        Notice::Offline { reason, .. } if !lines.was_online => {
            let reason = hullo::text::clean_line(reason);
            Some(Failure::no_server(format!("no server at {address}: {reason}")))
        }
        _ => None,
    };
    if failure.is_some() && !lines.is_typed && lines.read == 0 {
        lines.shut_out = failure;
        lines.end = End::Now;
    }
}

/// Ends when it is time to. For a program, `/quit` is the end of input.
pub(super) fn run_due(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.line_mode.is_none() {
        return;
    }
    let before = effects.len();
    effects.retain(|effect| *effect != Effect::Quit);
    if effects.len() < before {
        input_ended(model);
    }
    let Some(lines) = &model.line_mode else { return };
    let (end, is_typed, is_late) = (lines.end, lines.is_typed, is_out_of_patience(model));
    match end {
        End::Now => effects.push(Effect::Quit),
        End::Delivering if is_late || is_delivered(model) => effects.push(Effect::Quit),
        End::Open if is_late && !is_typed => effects.push(Effect::AbandonInput),
        End::Open | End::Delivering => {}
    }
}

fn is_out_of_patience(model: &Model) -> bool {
    match &model.link {
        Link::Offline { since, .. } => model.now.at.saturating_duration_since(*since) > PATIENCE,
        Link::Connecting | Link::Online => false,
    }
}

/// Whether nothing is pending, neither on the server nor in a file.
fn is_delivered(model: &Model) -> bool {
    let is_written = model.line_mode.as_ref().is_none_or(|lines| lines.file_lines.is_empty())
        && model.chat_files.pending == 0;
    is_written && model.pushes.is_empty() && waiting(model).next().is_none()
}

/// Messages of ours that wait for the connection.
fn waiting(model: &Model) -> impl Iterator<Item = &Message> {
    let messages = model.buffers.iter().flat_map(|buffer| buffer.log.messages());
    messages.map(|(_, message)| message).filter(|message| message.is_waiting())
}

#[cfg(test)]
mod tests {
    use super::abandoned;

    #[test]
    fn what_is_abandoned_is_counted() {
        let text = |count, is_cut| abandoned(count, is_cut).unwrap_or_default();
        let gone = |text: &str| format!("error: not sent, the server is gone: {text}");
        assert_eq!(text(0, false), "");
        assert_eq!(text(1, false), gone("one more line"));
        assert_eq!(text(7, false), gone("7 more lines"));
        assert_eq!(text(7, true), gone("7 more lines, and the rest was not read"));
        assert_eq!(text(0, true), gone("the rest was not read"));
    }
}
