//! A draft goes to the user's own editor and comes back.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::signals::{Signal, Signals};

/// How long an editor that is to end may take to save what it has.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// What came of it.
#[derive(Debug)]
pub(super) enum Edited {
    Draft(String),
    /// The draft is as it was; this is why.
    Failed(String),
    /// The system wanted us to end meanwhile, and so the editor did. Its file held this.
    Terminated(Option<String>),
}

/// Lets the user edit a text in `$VISUAL`, or `$EDITOR`, or vi. The terminal must be in its hands.
pub(super) async fn edit(draft: &str, signals: &mut Signals) -> Edited {
    let file = match DraftFile::new(draft) {
        Ok(file) => file,
        Err(error) => return Edited::Failed(format!("no file for the draft: {error}")),
    };
    let (program, mut editor) = match start(&file.0) {
        Ok(started) => started,
        Err(why) => return Edited::Failed(why),
    };
    let ended = tokio::select! {
        biased;
        () = to_end(signals) => {
            end(&mut editor).await;
            // An empty one is more likely half written than meant.
            return Edited::Terminated(file.read().ok().filter(|text| !text.trim().is_empty()));
        }
        ended = editor.wait() => ended,
    };
    match ended {
        Ok(status) if status.success() => match file.read() {
            Ok(text) => Edited::Draft(text),
            Err(error) => Edited::Failed(format!("the draft cannot be read back: {error}")),
        },
        Ok(status) => {
            Edited::Failed(format!("{program} ended with {status}; the draft is as it was"))
        }
        Err(error) => Edited::Failed(format!("{program} is out of sight ({error})")),
    }
}

fn start(path: &Path) -> Result<(String, Child), String> {
    let set = |name| std::env::var(name).ok().filter(|editor: &String| !editor.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi").to_owned();
    match Command::new(&program).args(words).arg(path).spawn() {
        Ok(editor) => Ok((program, editor)),
        Err(error) => Err(format!("{program} cannot be run ({error}); set EDITOR")),
    }
}

/// Waits until the system wants us to end. Ctrl+C reaches all who share the terminal, and is a key
/// of the editor; and we may have been stopped together with it.
async fn to_end(signals: &mut Signals) {
    loop {
        match signals.next().await {
            Signal::End => return,
            Signal::Interrupted | Signal::Continued => {}
        }
    }
}

/// Tells the editor what it knows from terminals that are closed: save what you can, and end. One
/// that does not is ended.
async fn end(editor: &mut Child) {
    #[cfg(unix)]
    let told = editor.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?));
    #[cfg(unix)]
    if let Some(editor) = told {
        rustix::process::kill_process(editor, rustix::process::Signal::HUP).ok();
    }
    if cfg!(unix) && timeout(ENDS_WITHIN, editor.wait()).await.is_ok() {
        return;
    }
    editor.start_kill().ok();
    if timeout(ENDS_WITHIN, editor.wait()).await.is_err() {
        tracing::warn!("the editor does not end");
    }
}

/// A file of the draft that nobody else can read, of a name that nobody else had. Gone with this.
struct DraftFile(PathBuf);

impl DraftFile {
    #[expect(clippy::disallowed_methods, reason = "the shell may draw lots")]
    fn new(draft: &str) -> io::Result<Self> {
        let name = format!("hullo-{}.txt", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        // From here on it is there, whatever becomes of what is written into it.
        let made = Self(path);
        file.write_all(draft.as_bytes())?;
        Ok(made)
    }

    fn read(&self) -> io::Result<String> {
        let text = std::fs::read_to_string(&self.0)?;
        Ok(hullo::text::clean_text(&text).replace('\t', "    "))
    }
}

impl Drop for DraftFile {
    fn drop(&mut self) {
        if let Err(failure) = std::fs::remove_file(&self.0) {
            tracing::warn!(%failure, "the file of a draft is still there");
        }
    }
}
