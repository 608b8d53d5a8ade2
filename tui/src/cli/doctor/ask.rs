//! Finding out how things are: the terminal, the files, the server.

use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crossterm::terminal::{size, supports_keyboard_enhancement};
use hullo::Client;
use hullo::client::Address;
use ratatui::layout::Size;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::judge::{Configuration, Server, Terminal, Tmux, date};
use crate::cli::args::RoomPlace;
use crate::cli::headless;
use crate::failure::Failure;
use crate::settings::config::Config;
use crate::shell::check_theme;
use crate::shell::files;
use crate::shell::runtime::on_one_thread;
use crate::shell::state::State;

/// How long each question to the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn terminal() -> Terminal {
    let is_there = stdin().is_terminal() && stdout().is_terminal();
    Terminal {
        is_there,
        term: variable("TERM"),
        size: size().ok().map(|(width, height)| Size { width, height }),
        utf8: crate::speaks_utf8(),
        color_term: variable("COLORTERM"),
        no_color: !variable("NO_COLOR").is_empty(),
        // A question to the terminal: where there is none, nobody answers.
        keyboard: is_there.then(|| supports_keyboard_enhancement().unwrap_or(false)),
        tmux: (!variable("TMUX").is_empty()).then(tmux),
    }
}

/// The time zone's name, or a TZ that names none.
pub(super) fn time_zone() -> Result<String, String> {
    let told = variable("TZ");
    match jiff::tz::TimeZone::try_system() {
        Ok(zone) => Ok(zone.iana_name().unwrap_or(&told).to_owned()),
        Err(_) => Err(told),
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn tmux() -> Tmux {
    Tmux { focus_events: option("focus-events"), set_clipboard: option("set-clipboard") }
}

/// What an option of tmux is set to; nothing where it cannot be asked.
fn option(name: &str) -> String {
    let mut command = Command::new("tmux");
    command.args(["show-options", "-gv", name]).stdin(Stdio::null());
    let told = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&told).trim().to_owned()
}

pub(super) fn config(given: Option<&Path>, config: Result<Config, Failure>) -> Configuration {
    let path = files::config_path(given);
    let exists = path.as_ref().is_some_and(|path| path.exists());
    let mistakes = |config: Config| {
        config.mistakes() + usize::from(check_theme(&config.settings.theme).is_err())
    };
    Configuration { path, exists, mistakes: config.map(mistakes) }
}

/// Opens the state folder and writes into it.
pub(super) fn state() -> Result<PathBuf, String> {
    let state = State::open().map_err(|error| error.to_string())?;
    let folder = state.folder().to_owned();
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let trial = folder.join(format!("doctor.{}", std::process::id()));
    files::write(&trial, "").and_then(|()| std::fs::remove_file(&trial)).map_err(told)?;
    Ok(folder)
}

/// Connects, looks into the room and asks for the time. Nobody there is told.
pub(super) fn server(place: &RoomPlace) -> Result<Server, Failure> {
    on_one_thread(async { Ok(reach(place).await) })
}

async fn reach(place: &RoomPlace) -> Server {
    let address = headless::address(&place.place);
    let begun = now();
    let connected = in_time(Client::connect(&address)).await;
    let took = begun.elapsed();
    let (connected, looked) = match connected {
        Ok((client, _notices)) => {
            let looked = look(&client, place).await;
            client.close().await.ok(); // in time or not
            (Ok(took), Some(looked))
        }
        Err(failure) => (Err(failure), None),
    };
    let ahead = match address.parse::<Address>() {
        Ok(address) if connected.is_ok() => ahead(address.authority()).await,
        Ok(_) | Err(_) => None,
    };
    Server { address, is_own: place.place.server.is_none(), connected, looked, ahead }
}

async fn look(client: &Client, place: &RoomPlace) -> Result<(Duration, usize), Failure> {
    let begun = now();
    let people = in_time(client.room(&place.room()).peek()).await?;
    Ok((begun.elapsed(), people.len()))
}

async fn in_time<T>(
    asked: impl Future<Output = Result<T, hullo::client::Error>>,
) -> Result<T, Failure> {
    let late = || Failure::timed_out(format!("no answer within {} s", PATIENCE.as_secs()));
    Ok(timeout(PATIENCE, asked).await.map_err(|_| late())??)
}

/// How far the server's clock is ahead of ours, if it tells the time.
async fn ahead(authority: &str) -> Option<i64> {
    let before = unix_time();
    let answer = timeout(PATIENCE, ask_health(authority)).await.ok()?.ok()?;
    let between = i64::midpoint(before, unix_time());
    Some(date(&answer)? - between)
}

async fn ask_health(authority: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(authority).await?;
    let request =
        format!("GET /healthz HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // Whatever else stands there: a head is shorter.
    stream.take(8 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "this is the shell of the doctor")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the shell of the doctor")]
fn unix_time() -> i64 {
    let passed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(passed.as_secs()).unwrap_or(i64::MAX)
}
