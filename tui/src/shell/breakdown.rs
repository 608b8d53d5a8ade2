//! A panic, in any task: the terminal is handed back before its message is printed, the draft is
//! kept, and the user is told where things are.

use std::io::{Write, stderr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;
#[cfg(debug_assertions)]
use tokio::task::JoinSet;

use super::keeper::Keeper;
use super::terminal::Hold;

/// Prepares for a panic anywhere. The loop ends when it is told by `panicked`.
pub(super) fn prepare(hold: Hold, keeper: Keeper, panicked: Arc<Notify>) {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        hold.release();
        tracing::error!(%panic, "panicked");
        print(panic);
        let told = told(keeper.log_path.clone(), keeper.keep_drafts());
        // A terminal that is gone is nothing to complain about.
        writeln!(stderr(), "{told}").ok();
        panicked.notify_one();
    }));
}

fn told(log: Option<PathBuf>, drafts: Result<Option<PathBuf>, String>) -> String {
    let log = log.map(|path| format!("; the log is {}", path.display()));
    let drafts = match drafts {
        Ok(path) => path.map(|path| format!("; your draft is kept in {}", path.display())),
        Err(why) => Some(format!("; {why}")),
    };
    format!("hullo broke down{}{}", log.unwrap_or_default(), drafts.unwrap_or_default())
}

/// A breakdown to order, so that a test can see what becomes of the terminal: when this text is
/// typed, in the loop or in a task beside it. `HULLO_PANIC_ON=loop:TEXT`, or `task:TEXT`.
#[cfg(debug_assertions)]
#[derive(Clone, Debug)]
pub(super) struct Order {
    text: String,
    in_task: bool,
}

#[cfg(debug_assertions)]
impl Order {
    pub(super) fn of_environment() -> Option<Self> {
        let order = std::env::var("HULLO_PANIC_ON").ok()?;
        let (place, text) = order.split_once(':')?;
        Some(Self { text: text.to_owned(), in_task: place == "task" })
    }

    /// Breaks down if this is the text.
    pub(super) fn obey<T: Send + 'static>(&self, typed: &str, tasks: &mut JoinSet<T>) {
        if typed != self.text {
            return;
        }
        assert!(self.in_task, "as HULLO_PANIC_ON ordered");
        tasks.spawn(async { panic!("as HULLO_PANIC_ON ordered") });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_there_is_to_tell_is_told() {
        let told = |log: Option<&str>, drafts: Result<Option<&str>, &str>| {
            let drafts = drafts.map(|path| path.map(Into::into));
            super::told(log.map(Into::into), drafts.map_err(str::to_owned))
        };
        assert_eq!(told(None, Ok(None)), "hullo broke down");
        assert_eq!(
            told(Some("a.log"), Ok(Some("d.json"))),
            "hullo broke down; the log is a.log; your draft is kept in d.json"
        );
        assert_eq!(told(None, Err("it is not")), "hullo broke down; it is not");
    }
}
