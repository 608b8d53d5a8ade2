//! The history of sent lines, which Up and Down recall.

/// The lines that were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    lines: Vec<String>,
    /// The recalled line, and the draft that was there before.
    at: Option<(usize, String)>,
}

/// How many lines are kept.
pub(crate) const MAX_HISTORY: usize = 500;

impl History {
    /// Begins with the lines of earlier runs, oldest first.
    pub(crate) fn of(lines: Vec<String>) -> Self {
        Self { lines, at: None }
    }

    /// Adds a line; `false` if it repeats the last one.
    pub(crate) fn add(&mut self, line: &str) -> bool {
        self.at = None;
        if self.lines.last().is_some_and(|last| last == line) {
            return false;
        }
        self.lines.push(line.to_owned());
        if self.lines.len() > MAX_HISTORY {
            self.lines.remove(0);
        }
        true
    }

    /// Recalls the line before the current one; `draft` is what is in the composer now.
    pub(crate) fn older(&mut self, draft: &str) -> Option<&str> {
        let (at, first) = match self.at.take() {
            Some((at, first)) => (at.checked_sub(1), first),
            None => (self.lines.len().checked_sub(1), draft.to_owned()),
        };
        self.at = (!self.lines.is_empty()).then_some((at.unwrap_or(0), first));
        self.lines.get(at?).map(String::as_str)
    }

    /// Recalls the line after the current one; after the last, the draft.
    pub(crate) fn newer(&mut self) -> Option<String> {
        let (at, draft) = self.at.take()?;
        match self.lines.get(at + 1) {
            Some(line) => {
                self.at = Some((at + 1, draft));
                Some(line.clone())
            }
            None => Some(draft),
        }
    }

    /// All lines, newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &String> {
        self.lines.iter().rev()
    }

    /// Ends recalling: what is typed now is a draft of its own.
    pub(crate) fn rest(&mut self) {
        self.at = None;
    }
}
