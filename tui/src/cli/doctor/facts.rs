//! Finding out what is: the terminal, the files, the server.

use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crossterm::terminal::{size, supports_keyboard_enhancement};
use hullo::Client;
use hullo::client::Address;
use jiff::Timestamp;
use ratatui::layout::Size;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::findings::{ConfigFile, Connection, Server, Terminal, Tmux, http_date};
use crate::cli::config_command::read_checked;
use crate::cli::connect::{Target, leave, local_address, no_answer};
use crate::cli::environment::{colour_depth, is_utf8, variable};
use crate::config::Defaults;
use crate::failure::Failure;
use crate::shell::files;
use crate::shell::port;
use crate::shell::runtime::on_one_thread;
use crate::shell::state::State;

/// How long each question to the server may take.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn terminal() -> Terminal {
    let interactive = stdin().is_terminal() && stdout().is_terminal();
    Terminal {
        interactive,
        term: variable("TERM"),
        size: size().ok().map(|(width, height)| Size { width, height }),
        utf8: is_utf8(),
        colours: colour_depth(),
        no_color: !variable("NO_COLOR").is_empty(),
        // This asks the terminal, and waits for it to answer.
        shift_enter: interactive.then(|| supports_keyboard_enhancement().unwrap_or(false)),
        tmux: (!variable("TMUX").is_empty()).then(|| Tmux {
            focus_events: tmux_option("focus-events"),
            set_clipboard: tmux_option("set-clipboard"),
        }),
    }
}

/// The name of the time zone, empty if it has none; the error is a `TZ` that is not known.
pub(super) fn time_zone() -> Result<String, String> {
    let tz = variable("TZ");
    match jiff::tz::TimeZone::try_system() {
        Ok(zone) => Ok(zone.iana_name().unwrap_or(&tz).to_owned()),
        Err(_) => Err(tz),
    }
}

/// The value of an option of tmux; empty if tmux cannot be run.
fn tmux_option(name: &str) -> String {
    let mut command = Command::new("tmux");
    command.args(["show-options", "-gv", name]).stdin(Stdio::null());
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}

/// The configuration file, and the defaults in it.
pub(super) fn config(given: Option<&Path>) -> (ConfigFile, Defaults) {
    let path = files::config_path(given);
    let mut defaults = Defaults::default();
    let mistakes = match path.as_deref().map_or(Ok(None), read_checked) {
        Ok(Some(config)) => {
            defaults = config.defaults;
            Ok(Some(config.mistake_count))
        }
        Ok(None) if given.is_some() => Err(Failure::usage("the file does not exist")),
        Ok(None) => Ok(None),
        Err(why) => Err(why),
    };
    (ConfigFile { path, mistakes }, defaults)
}

/// The state folder, in which a file can be written; or why not.
pub(super) fn state() -> Result<PathBuf, String> {
    let state = State::open().map_err(|error| error.to_string())?;
    let folder = state.folder().to_owned();
    let trial = folder.join(format!("doctor.{}", std::process::id()));
    files::write(&trial, "")
        .and_then(|()| std::fs::remove_file(&trial))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Connects, lists the people in the room and asks for the time. Nobody there notices.
pub(super) fn server(target: &Target) -> Result<Server, Failure> {
    let port = match local_address() {
        Ok(address) if target.is_local() => Some(port::look(address)),
        Ok(_) | Err(_) => None,
    };
    on_one_thread(async {
        Ok(match target.address() {
            Ok(address) => {
                let connection = connection(&address, target).await;
                Server { address, port, connection }
            }
            Err(why) => Server { address: String::new(), port: None, connection: Err(why) },
        })
    })
}

async fn connection(address: &str, target: &Target) -> Result<Connection, Failure> {
    let start = now();
    let (client, _notices) = in_time(Client::connect(address)).await?;
    let took = start.elapsed();
    let start = now();
    let people = in_time(client.room(&target.room).peek()).await;
    let people = people.map(|people| (start.elapsed(), people.len()));
    leave(client).await;
    let clock_ahead = match address.parse::<Address>() {
        Ok(address) => clock_ahead(address.authority()).await,
        Err(_) => None,
    };
    Ok(Connection { took, people, clock_ahead })
}

async fn in_time<T>(
    question: impl Future<Output = Result<T, hullo::client::Error>>,
) -> Result<T, Failure> {
    Ok(timeout(TIMEOUT, question).await.map_err(|_| no_answer(TIMEOUT))??)
}

/// How many seconds the server's clock is ahead of this one, if the server sends the time.
async fn clock_ahead(authority: &str) -> Option<i64> {
    let before = Timestamp::now().as_second();
    let answer = timeout(TIMEOUT, get_health(authority)).await.ok()?.ok()?;
    let here = i64::midpoint(before, Timestamp::now().as_second());
    Some(http_date(&answer)? - here)
}

async fn get_health(authority: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(authority).await?;
    let request =
        format!("GET /healthz HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(8 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "facts are found out here")]
fn now() -> Instant {
    Instant::now()
}
