//! What becomes of a line that is sent, by a key or as a whole.

use super::commands::{needs_screen, run_line};
use super::keys::MANY_LINES;
use super::{flash, reject, report, restore, say};
use crate::core::event::Effect;
use crate::core::model::{Model, Picker, PickerKind};
use crate::entry::system::Severity;
use crate::input::composer::MAX_DRAFT_BYTES;
use crate::menu::{self, Offer};

/// Sends the draft.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let length = model.buffer().composer.text().len();
    if length > MAX_DRAFT_BYTES {
        // An editor may write more than the server accepts in one message.
        reject(
            model,
            format!("this is {length} bytes long; at most {MAX_DRAFT_BYTES} bytes can be sent"),
        );
        return Vec::new();
    }
    model.flash = None;
    if is_asked(model) {
        return Vec::new();
    }
    let draft = model.buffer_mut().composer.take();
    let line = draft.trim_end();
    if line.trim().is_empty() {
        return Vec::new();
    }
    let mut effects = Vec::from_iter(restore::remember(model, line));
    model.typing_told = None;
    let (list, rejected) = (model.current, model.rejected);
    let is_list = model.buffer().by_way_of().is_none();
    let is_said = !line.starts_with('/') || line.starts_with("//") || line.starts_with("/me ");
    effects.extend(run_line(model, &draft));
    let is_refused = model.rejected > rejected && model.buffer().composer.is_empty();
    if is_list && is_said && is_refused && model.current == list {
        // Nobody hears it there, so it stays on the line.
        model.buffer_mut().composer.undo();
    }
    effects
}

/// Asks once before something long that was pasted is sent.
fn is_asked(model: &mut Model) -> bool {
    let was_pasted = std::mem::take(&mut model.buffer_mut().asks_before_sending);
    let lines = model.buffer().composer.text().trim_end().lines().count();
    let is_asked = was_pasted && lines > MANY_LINES;
    if is_asked {
        flash(model, format!("{lines} lines · Enter again sends them"));
    }
    is_asked
}

/// Runs the line that a key is bound to, as if it had been typed. An unfinished command is put
/// before the draft, which may be its argument.
pub(super) fn run_bound(model: &mut Model, line: &str) -> Vec<Effect> {
    if !model.aliases.is_begun(line, model.commands) {
        return run_line(model, line);
    }
    let composer = &mut model.buffer_mut().composer;
    let whole = format!("{} {}", line.trim_end(), composer.text());
    composer.set(&whole);
    model.history.rest();
    say::tell_typing(model)
}

/// Withdraws the question whether to send to many people once the draft has changed.
pub(super) fn forget_question(model: &mut Model) {
    let draft = model.buffer().composer.text();
    if model.all_asked.as_ref().is_some_and(|asked| asked.draft != draft) {
        model.all_asked = None;
        model.flash = None;
    }
}

/// Handles a whole line in line mode. What would be shown in the composer, the clipboard or a picker
/// is printed instead.
pub(super) fn whole_line(model: &mut Model, line: &str) -> Vec<Effect> {
    let clean = hullo::text::clean_text(line).replace('\t', "    ");
    if let Some(why) = needs_screen(model, clean.trim_end()) {
        report(model, Severity::Warning, why);
        return Vec::new();
    }
    model.buffer_mut().composer.set(&clean);
    let mut effects = send(model);
    if model.all_asked.is_some() {
        // Line mode asks no questions.
        effects.extend(send(model));
    }
    if model.theming.asked.take().is_some() {
        effects.retain(|effect| !matches!(effect, Effect::LoadTheme(_)));
        report(model, Severity::Warning, "a theme needs the screen; --plain has none");
    }
    if effects.iter().any(|effect| matches!(effect, Effect::Copy(_))) {
        flash(model, "there is no clipboard here; this is the text:");
    }
    model.buffer_mut().composer.take();
    let offers = menu::offers(model);
    let text = match model.picker.take() {
        Some(Picker { kind: PickerKind::Help, query, .. }) if query.is_empty() => {
            Some(menu::help::text(model))
        }
        Some(_) => Some(found(&offers)),
        None => None,
    };
    if let Some(text) = text {
        report(model, Severity::Info, text);
    }
    effects
}

/// The items of a picker, one per line.
fn found(offers: &[Offer]) -> String {
    let line = |offer: &Offer| -> String {
        offer.row.iter().map(|segment| &*segment.text).collect::<String>().trim().to_owned()
    };
    match offers {
        [] => "no matches".to_owned(),
        offers => offers.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}
