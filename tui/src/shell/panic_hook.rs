//! What a panic in any thread does: the terminal, if it was taken over, is restored before the message
//! is printed, the drafts are saved, and the user is told where the files are.

use std::io::{Write, stderr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;

use super::store::Store;
use super::terminal::Handle;

/// Installs the hook, which notifies `panicked`: then the loop ends.
pub(super) fn install(terminal: Option<Handle>, store: Store, panicked: Arc<Notify>) {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(terminal) = &terminal {
            terminal.release();
        }
        tracing::error!(%panic, "panicked");
        print(panic);
        let message = message(store.log_path.clone(), store.save_noted());
        // If the terminal is gone, there is nobody to tell.
        writeln!(stderr(), "{message}").ok();
        panicked.notify_one();
    }));
}

fn message(log: Option<PathBuf>, drafts: Result<Option<PathBuf>, String>) -> String {
    let log = log.map(|path| format!("; the log is {}", path.display()));
    let drafts = match drafts {
        Ok(path) => path.map(|path| format!("; your draft is kept in {}", path.display())),
        Err(why) => Some(format!("; {why}")),
    };
    format!("hullo broke down{}{}", log.unwrap_or_default(), drafts.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_message_has_what_there_is() {
        let message = |log: Option<&str>, drafts: Result<Option<&str>, &str>| {
            let drafts = drafts.map(|path| path.map(Into::into));
            super::message(log.map(Into::into), drafts.map_err(str::to_owned))
        };
        assert_eq!(message(None, Ok(None)), "hullo broke down");
        assert_eq!(
            message(Some("a.log"), Ok(Some("d.json"))),
            "hullo broke down; the log is a.log; your draft is kept in d.json"
        );
        assert_eq!(message(None, Err("it is not")), "hullo broke down; it is not");
    }
}
