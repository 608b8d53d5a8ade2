//! Ending the program. Lines that were not sent are not thrown away: the user is asked once, and they
//! are kept as drafts.

use std::time::Duration;

use super::flash;
use crate::core::event::Effect;
use crate::core::model::Model;

/// How soon a second attempt to quit counts as an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Ends, or asks first.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if asks_first(model) { Vec::new() } else { vec![Effect::Quit] }
}

/// Asks whether to end although lines are not sent. Line mode asks nothing.
pub(super) fn asks_first(model: &mut Model) -> bool {
    let now = model.now.at;
    let unsent = model.buffers.iter().flat_map(|buffer| buffer.log.unsent());
    let count = unsent.filter(|message| message.is_marked_unsent(now)).count();
    let asked = model.unsent_asked.replace(now);
    let is_answer = asked.is_some_and(|at| now.saturating_duration_since(at) < ANSWER_WITHIN);
    if count == 0 || model.line_mode.is_some() || is_answer {
        return false;
    }
    let lines = if count == 1 { "one line is".to_owned() } else { format!("{count} lines are") };
    flash(model, format!("{lines} not sent yet · quit again to keep what is not sent as a draft"));
    true
}
