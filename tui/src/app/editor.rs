//! A draft goes to the user's own editor and comes back.

use std::io::Write;
use std::path::{Path, PathBuf};

use tokio::process::Command;

/// Lets the user edit a text in `$VISUAL`, or `$EDITOR`, or vi. The terminal must be in its hands.
pub(super) async fn edit(draft: &str) -> Result<String, String> {
    let path = put(draft).map_err(|error| format!("no file for the draft: {error}"))?;
    let edited = run(&path).await;
    let text = std::fs::read_to_string(&path);
    if let Err(failure) = std::fs::remove_file(&path) {
        tracing::warn!(%failure, "the file of a draft is still there");
    }
    edited?;
    let text = text.map_err(|error| format!("the draft cannot be read back: {error}"))?;
    Ok(hullo::text::clean_text(&text).replace('\t', "    "))
}

async fn run(path: &Path) -> Result<(), String> {
    let set = |name| std::env::var(name).ok().filter(|editor: &String| !editor.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    match Command::new(program).args(words).arg(path).status().await {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}; the draft is as it was")),
        Err(error) => Err(format!("{program} cannot be run ({error}); set EDITOR")),
    }
}

/// A file of the draft that nobody else can read, of a name that nobody else had.
#[expect(clippy::disallowed_methods, reason = "the shell may draw lots")]
fn put(draft: &str) -> std::io::Result<PathBuf> {
    let name = format!("hullo-{}.txt", uuid::Uuid::new_v4());
    let path = std::env::temp_dir().join(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?.write_all(draft.as_bytes())?;
    Ok(path)
}
