//! Programs that run beside us: those that tell the desktop, and those that open an address.
//!
//! One that tells the desktop is small and quick, and others write what makes us run it: so there
//! are never many of them, and none for long. One that opens an address may be the browser itself,
//! and is the user's own: it stays for as long as it likes, also when we are gone.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

#[cfg(unix)]
use rustix::process::Pid;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::hands::finished;

/// How many may tell the desktop at once.
const MAX_TELLING: usize = 8;
/// How long one of them may take. What opens an address has opened it by then.
const LASTS: Duration = Duration::from_secs(10);

/// What came of a program; the error is for the user.
type Done = Result<(), String>;

/// All that run.
#[derive(Default)]
pub(super) struct Programs {
    /// Each with the command that it is.
    telling: JoinSet<(String, Done)>,
    opening: JoinSet<Done>,
    /// The command that failed to tell the desktop last, which the user knows.
    failing: Option<String>,
}

impl Programs {
    /// Tells the desktop: the words of `command`, and then `arguments`, so that no shell ever reads
    /// what somebody wrote.
    pub(super) fn tell(&mut self, command: &str, arguments: &[&str]) {
        let Some((program, mut child)) = prepare(command, arguments) else { return };
        let command = command.to_owned();
        if self.telling.len() < MAX_TELLING {
            self.telling.spawn(async move { (command, in_time(&program, &mut child).await) });
        } else {
            let full = format!("{MAX_TELLING} of {program} still run");
            self.telling.spawn(async { (command, Err(full)) });
        }
    }

    /// Opens an address: as [`Self::tell`], but for as long as it likes. Whether the exit code says
    /// how it went is for the caller to know.
    pub(super) fn open(&mut self, command: &str, address: &str, has_code: bool) {
        let Some((program, mut child)) = prepare(command, &[address]) else { return };
        self.opening.spawn(async move {
            let mut child = child.spawn().map_err(|error| unable(&program, &error))?;
            match timeout(LASTS, child.wait()).await {
                Ok(Ok(status)) if has_code => judge(&program, status),
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(unable(&program, &error)),
                // It is the browser itself. Waited for, so that no zombie stays of it.
                Err(_) => {
                    drop(child.wait().await);
                    Ok(())
                }
            }
        });
    }

    /// Waits until there is something to tell the user. Safe to cancel.
    pub(super) async fn failed(&mut self) -> String {
        loop {
            let news = tokio::select! {
                (command, done) = finished(&mut self.telling) => self.news(command, done),
                done = finished(&mut self.opening) => {
                    done.err().map(|why| format!("the address is not opened: {why}; set BROWSER"))
                }
            };
            if let Some(news) = news {
                tracing::warn!("a program failed, which was told on screen");
                return news;
            }
        }
    }

    /// What is to be told of a command: not again until it worked, or is another.
    fn news(&mut self, command: String, done: Done) -> Option<String> {
        let Err(why) = done else {
            self.failing = None;
            return None;
        };
        if self.failing.as_ref() == Some(&command) {
            return None;
        }
        self.failing = Some(command);
        Some(format!("the desktop is not told: {why}"))
    }

    /// Where a test has a task of ours break down.
    #[cfg(debug_assertions)]
    pub(super) fn tasks(&mut self) -> &mut JoinSet<Done> {
        &mut self.opening
    }
}

/// A program without a terminal, and its name.
fn prepare(command: &str, arguments: &[&str]) -> Option<(String, Command)> {
    let mut words = command.split_whitespace();
    let program = words.next()?.to_owned();
    let mut child = Command::new(&program);
    child.args(words).args(arguments);
    child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Some((program, child))
}

/// Runs it to its end, which we bring about if it does not come in time, or if we end ourselves.
async fn in_time(program: &str, command: &mut Command) -> Done {
    #[cfg(unix)]
    command.process_group(0);
    let child = command.kill_on_drop(true).spawn().map_err(|error| unable(program, &error))?;
    let mut leash = Leash(child);
    match timeout(LASTS, leash.0.wait()).await {
        Ok(Ok(status)) => judge(program, status),
        Ok(Err(error)) => Err(unable(program, &error)),
        Err(_) => Err(format!("{program} went on for {} s and was ended", LASTS.as_secs())),
    }
}

/// A program that ends, unless it has ended, with all that it started in its turn.
struct Leash(Child);

impl Drop for Leash {
    fn drop(&mut self) {
        // It has an id for as long as it has not been waited for, so this is nobody else's.
        #[cfg(unix)]
        if let Some(group) = self.0.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)) {
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
        }
    }
}

fn judge(program: &str, status: ExitStatus) -> Done {
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
}

fn unable(program: &str, error: &std::io::Error) -> String {
    format!("{program} cannot be run ({error})")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_that_fails_is_told_once_until_it_works_or_is_another() {
        let mut programs = Programs::default();
        let mut news = async |command: &str| {
            programs.tell(command, &[]);
            let (command, done) = finished(&mut programs.telling).await;
            programs.news(command, done)
        };
        let failed = "the desktop is not told: false ended with exit status: 1";
        assert_eq!(news("false").await.as_deref(), Some(failed));
        assert_eq!(news("false").await, None);
        assert_eq!(news("false --other").await.as_deref(), Some(failed));
        assert_eq!(news("true").await, None);
        assert_eq!(news("false --other").await.as_deref(), Some(failed));
        let missing = news("no-such-program").await.unwrap();
        let expected = "the desktop is not told: no-such-program cannot be run (";
        assert!(missing.starts_with(expected), "{missing}");
    }
    /// The clock goes on by itself while nothing else happens.
    #[tokio::test(start_paused = true)]
    async fn a_command_that_hangs_is_ended_with_all_that_it_started() {
        let file = |ending: &str| {
            let name = format!("hullo-programs-{}-{ending}", std::process::id());
            std::env::temp_dir().join(name)
        };
        let (script, trace) = (file("script"), file("trace"));
        std::fs::write(&script, "(sleep 0.5; touch \"$1\") & wait").unwrap();
        let mut programs = Programs::default();
        programs.tell(&format!("sh {}", script.display()), &[trace.to_str().unwrap()]);
        let why = programs.failed().await;
        assert_eq!(why, "the desktop is not told: sh went on for 10 s and was ended");
        std::thread::sleep(Duration::from_secs(1));
        assert!(!trace.exists());
        std::fs::remove_file(&script).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_many_of_them() {
        let mut programs = Programs::default();
        for _ in 0..=MAX_TELLING {
            programs.tell("sleep 600", &[]);
        }
        assert_eq!(programs.failed().await, "the desktop is not told: 8 of sleep still run");
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_may_stay_and_what_does_not_open_is_told() {
        let mut programs = Programs::default();
        programs.open("sh -c", "sleep 0.3; exit 1", true);
        let told = timeout(LASTS + Duration::from_secs(1), programs.failed()).await;
        assert!(told.is_err(), "what lasts that long has opened it, but {told:?}");
        tokio::time::resume();
        programs.open("false", "https://wiki.example", false);
        programs.open("false", "https://wiki.example", true);
        assert_eq!(
            programs.failed().await,
            "the address is not opened: false ended with exit status: 1; set BROWSER"
        );
    }
}
