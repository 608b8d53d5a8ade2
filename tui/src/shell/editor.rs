//! The user's own editor, for a draft.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use tempfile::TempPath;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::child_processes::words;
use super::terminal::{Modes, clear_modes};
use crate::core::event::Event;

/// How long an editor may take to save and end.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// A running editor.
pub(super) struct Editor {
    program: String,
    child: Child,
    /// Readable by its owner alone, and deleted when this is dropped.
    file: TempPath,
    modes: Modes,
}

impl Editor {
    /// Starts `$VISUAL`, `$EDITOR`, or vi. The terminal must have been released. The error is for the
    /// user.
    pub(super) fn start(draft: &str) -> Result<Self, String> {
        let file = write(draft).map_err(|error| format!("no file for the draft: {error}"))?;
        let set =
            |name| std::env::var(name).ok().filter(|editor: &String| !editor.trim().is_empty());
        let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
        let words = words(&editor)?;
        let (program, modes) = (words[0].clone(), Modes::current());
        match Command::new(&program).args(&words[1..]).arg(&file).spawn() {
            Ok(child) => Ok(Self { program, child, file, modes }),
            Err(error) => Err(format!("{program} cannot be run ({error}); set EDITOR")),
        }
    }

    /// Waits until the user has finished. Safe to cancel.
    pub(super) async fn finished(&mut self) -> Event {
        let status = self.child.wait().await;
        self.modes.restore();
        match status {
            Ok(status) if status.success() => match read(&self.file) {
                Ok(text) => Event::Edited(text),
                Err(error) => Event::Warned(format!("the draft cannot be read back: {error}")),
            },
            Ok(status) => {
                let program = &self.program;
                Event::Warned(format!("{program} ended with {status}; the draft is as it was"))
            }
            Err(error) => Event::Warned(format!("{} cannot be waited for ({error})", self.program)),
        }
    }

    /// Sends the editor SIGHUP, upon which editors save, and kills it if it does not end. Returns what
    /// it has saved.
    pub(super) async fn terminate(mut self) -> Option<Event> {
        let child = &mut self.child;
        #[cfg(unix)]
        if let Some(id) =
            child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?))
        {
            rustix::process::kill_process(id, rustix::process::Signal::HUP).ok();
        }
        if !cfg!(unix) || timeout(ENDS_WITHIN, child.wait()).await.is_err() {
            child.start_kill().ok();
            if timeout(ENDS_WITHIN, child.wait()).await.is_err() {
                tracing::warn!("the editor did not exit");
            }
        }
        self.modes.restore();
        clear_modes();
        // An empty file is more likely unfinished than intended.
        read(&self.file).ok().filter(|text| !text.trim().is_empty()).map(Event::Edited)
    }
}

fn write(draft: &str) -> io::Result<TempPath> {
    let mut file = tempfile::Builder::new().prefix("hullo-").suffix(".txt").tempfile()?;
    file.write_all(draft.as_bytes())?;
    Ok(file.into_temp_path())
}

fn read(path: &Path) -> io::Result<String> {
    let text = std::fs::read_to_string(path)?;
    Ok(hullo::text::clean_text(&text).replace('\t', "    "))
}
