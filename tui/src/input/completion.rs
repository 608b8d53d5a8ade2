//! What Tab is stepping through.

use std::ops::Range;

/// Completions that are being stepped through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Completion {
    /// What Tab replaces next: the completion that stands there now.
    pub(crate) range: Range<usize>,
    /// What may stand there, as it is shown.
    pub(crate) options: Vec<String>,
    /// What each option is called, where it does not tell itself: the names of emoji.
    pub(crate) names: Vec<String>,
    /// What follows the chosen one.
    pub(crate) tail: &'static str,
    pub(crate) chosen: usize,
}
