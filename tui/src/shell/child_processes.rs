//! Programs that we start: notifiers, and browsers.
//!
//! Notifiers are started by what others write: so only a few may run at once, and none for long. A
//! browser is started by the user, and may outlive us.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

#[cfg(unix)]
use rustix::process::Pid;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::core::event::Event;
use crate::core::failing::Feature;

/// How many notifiers may run at once.
pub(super) const MAX_NOTIFIERS: usize = 8;
/// How long a notifier may take. A browser that has not failed by then has opened the address.
const LASTS: Duration = Duration::from_secs(10);

/// The words of a command as a shell would split them; the error is for the user.
pub(super) fn words(command: &str) -> Result<Vec<String>, String> {
    // On Windows a backslash separates folders.
    let words = if cfg!(windows) {
        Some(command.split_whitespace().map(str::to_owned).collect())
    } else {
        shlex::split(command)
    };
    let words: Vec<String> = words.ok_or_else(|| format!("{command}: a quote is not closed"))?;
    if words.is_empty() { Err("it is empty".to_owned()) } else { Ok(words) }
}

/// Runs a notifier: the words of `command`, followed by `arguments`. No shell interprets them.
pub(super) async fn notify(
    command: String,
    arguments: [String; 2],
    running: Arc<Semaphore>,
) -> Event {
    let outcome = if let Ok(_permit) = running.try_acquire() {
        run_in_time(&command, &arguments).await
    } else {
        let program = command.split_whitespace().next().unwrap_or_default();
        Err(format!("{MAX_NOTIFIERS} of {program} are still running"))
    };
    match outcome {
        Ok(()) => Event::Worked(Feature::Notifier),
        Err(why) => {
            let why = format!("no desktop notification: {why}");
            Event::Failed { feature: Feature::Notifier, what: command, why }
        }
    }
}

/// Runs a program, and kills it if it takes too long, or if this is dropped.
async fn run_in_time(command: &str, arguments: &[String]) -> Result<(), String> {
    let (program, mut command) = prepare(command, arguments)?;
    #[cfg(unix)]
    command.process_group(0);
    let child = command.kill_on_drop(true).spawn().map_err(|error| unable(&program, &error))?;
    let mut group = KillOnDrop(child);
    match timeout(LASTS, group.0.wait()).await {
        Ok(Ok(status)) => judge(&program, status),
        Ok(Err(error)) => Err(unable(&program, &error)),
        Err(_) => {
            Err(format!("{program} did not finish within {} s and was stopped", LASTS.as_secs()))
        }
    }
}

/// Kills a process with all that it started, unless it has ended.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        // A child has an id until it was waited for, so no other process can have it.
        #[cfg(unix)]
        if let Some(group) = self.0.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)) {
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
        }
    }
}

/// Opens a web address with `$BROWSER`, or with the system's opener. The address is one argument that
/// begins with its scheme, so no program can mistake it for an option.
pub(super) async fn open(address: String) -> Option<Event> {
    let browser = std::env::var("BROWSER").ok().filter(|browser| !browser.trim().is_empty());
    // Explorer always exits with 1.
    let has_code = browser.is_some() || !cfg!(windows);
    let program = browser.unwrap_or_else(|| {
        let of_system = match () {
            () if cfg!(target_os = "macos") => "open",
            () if cfg!(windows) => "explorer",
            () => "xdg-open",
        };
        of_system.to_owned()
    });
    open_with(&program, address, has_code)
        .await
        .err()
        .map(|why| Event::Warned(format!("the link cannot be opened: {why}; set BROWSER")))
}

async fn open_with(command: &str, address: String, has_code: bool) -> Result<(), String> {
    let (program, mut command) = prepare(command, &[address])?;
    let mut child = command.spawn().map_err(|error| unable(&program, &error))?;
    match timeout(LASTS, child.wait()).await {
        Ok(Ok(status)) if has_code => judge(&program, status),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(unable(&program, &error)),
        // This is the browser itself. It is waited for so that it does not become a zombie.
        Err(_) => {
            drop(child.wait().await);
            Ok(())
        }
    }
}

/// A command without a terminal, and the name of its program.
fn prepare(command: &str, arguments: &[String]) -> Result<(String, Command), String> {
    let words = words(command)?;
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok((words[0].clone(), command))
}

fn judge(program: &str, status: ExitStatus) -> Result<(), String> {
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
}

fn unable(program: &str, error: &std::io::Error) -> String {
    format!("{program} cannot be run ({error})")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn notified(command: &str, argument: &str, running: &Arc<Semaphore>) -> Option<String> {
        let arguments = [argument.to_owned(), String::new()];
        match notify(command.to_owned(), arguments, Arc::clone(running)).await {
            Event::Failed { feature: Feature::Notifier, why, .. } => Some(why),
            Event::Worked(Feature::Notifier) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_command_is_split_as_a_shell_would() {
        let split = |command: &str| super::words(command).map(|words| words.join("|"));
        assert_eq!(split("vi"), Ok("vi".into()));
        assert_eq!(
            split("'/opt/my editor/bin' -c \"set tw=80\""),
            Ok("/opt/my editor/bin|-c|set tw=80".into(),)
        );
        assert_eq!(split("vi 'x"), Err("vi 'x: a quote is not closed".into()));
        assert_eq!(split(" "), Err("it is empty".into()));
    }

    #[tokio::test]
    async fn a_notifier_that_fails_says_why() {
        let running = Arc::new(Semaphore::new(MAX_NOTIFIERS));
        assert_eq!(notified("true", "", &running).await, None);
        let failed = "no desktop notification: false ended with exit status: 1";
        assert_eq!(notified("false", "", &running).await.as_deref(), Some(failed));
        let missing = notified("no-such-program", "", &running).await.unwrap();
        let expected = "no desktop notification: no-such-program cannot be run (";
        assert!(missing.starts_with(expected), "{missing}");
    }

    /// The clock goes on by itself while nothing else happens.
    #[tokio::test(start_paused = true)]
    async fn a_notifier_that_hangs_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let (script, trace) = (folder.path().join("script"), folder.path().join("trace"));
        std::fs::write(&script, "(sleep 0.5; touch \"$1\") & wait").unwrap();
        let running = Arc::new(Semaphore::new(MAX_NOTIFIERS));
        let command = format!("sh {}", script.display());
        let why = notified(&command, trace.to_str().unwrap(), &running).await;
        let expected = "no desktop notification: sh did not finish within 10 s and was stopped";
        assert_eq!(why.as_deref(), Some(expected));
        std::thread::sleep(Duration::from_secs(1));
        assert!(!trace.exists());
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_many_notifiers() {
        let running = Arc::new(Semaphore::new(MAX_NOTIFIERS));
        let _all = running.acquire_many(8).await.unwrap();
        let why = notified("sleep 600", "", &running).await;
        assert_eq!(why.as_deref(), Some("no desktop notification: 8 of sleep are still running"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_may_stay_and_what_does_not_open_is_told() {
        let wiki = || "https://wiki.example".to_owned();
        let browser = open_with("sh -c 'sleep 0.3; exit 1'", wiki(), true);
        assert_eq!(browser.await, Ok(()), "what lasts that long has opened it");
        tokio::time::resume();
        assert_eq!(open_with("false", wiki(), false).await, Ok(()));
        let failed = "false ended with exit status: 1";
        assert_eq!(open_with("false", wiki(), true).await, Err(failed.into()));
    }
}
