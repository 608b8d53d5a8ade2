//! Where to connect, under which name, and how to get into a room.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use hullo::client::{Error, JoinOptions, Pending, Room};
use hullo::protocol::payload::{Mode, RoomTopic};
use hullo::protocol::{DEFAULT_ADDRESS, RoomName};
use hullo::{Client, Notice, Notices, Person};

use super::args::ConnectArgs;
use super::environment::variable;
use super::output::say;
use crate::config::{Config, Defaults, invalid_name};
use crate::failure::Failure;
use crate::shell::{files, local_server, port};

const TIMEOUT: Duration = Duration::from_secs(10);

/// A room on a server, and the name to use there.
#[derive(Clone, Debug)]
pub(super) struct Target {
    name: Option<String>,
    server: Option<String>,
    pub(super) room: RoomName,
}

/// Reads the configuration, and takes from it what the command line and the environment leave open.
pub(super) fn load(
    path: Option<&Path>,
    connect: ConnectArgs,
    room: Option<RoomName>,
) -> Result<(Target, Config), Failure> {
    let config = files::config(path)?;
    let missing = [
        ("name", connect.name.is_none()),
        ("server", connect.server.is_none()),
        ("room", room.is_none()),
    ];
    // Without it, what is meant for one room would go to another.
    if let Some(what) = config.defaults.invalid.iter().find(|what| missing.contains(&(what, true)))
    {
        let why = config.mistakes.first().map(ToString::to_string).unwrap_or_default();
        return Err(Failure::usage(format!(
            "the {what} in the configuration cannot be read ({why}); correct it, or give the \
             {what} on the command line"
        )));
    }
    Ok((Target::new(connect, room, config.defaults.clone()), config))
}

impl Target {
    pub(super) fn new(connect: ConnectArgs, room: Option<RoomName>, defaults: Defaults) -> Self {
        let lobby = || RoomName::try_from("lobby").expect("this is a valid name");
        Self {
            name: connect.name.or(defaults.name),
            server: connect.server.or(defaults.server),
            room: room.or(defaults.room).unwrap_or_else(lobby),
        }
    }

    /// Whether it is on the server of this machine.
    pub(super) fn is_local(&self) -> bool {
        self.server.is_none()
    }

    /// The address of the server. The one of this machine need not be running.
    pub(super) fn address(&self) -> Result<String, Failure> {
        match &self.server {
            Some(server) => Ok(server.clone()),
            None => Ok(format!("ws://{}", local_server::reach(local_address()?))),
        }
    }

    /// The name, as others will see it.
    pub(super) fn name(&self) -> Result<String, Failure> {
        let name = self.name.clone().unwrap_or_else(user_name);
        hullo::text::clean_name(&name)
            .ok_or_else(|| Failure::usage(invalid_name(&name) + "; use --name NAME"))
    }
}

/// Where the server of this machine listens.
pub(super) fn local_address() -> Result<SocketAddr, Failure> {
    let listen = variable("HULLO_LISTEN");
    let address = if listen.is_empty() { DEFAULT_ADDRESS } else { &listen };
    let wrong = |_| {
        Failure::usage(format!(
            "HULLO_LISTEN is {listen:?}; it must be an IP address and a port, such as {DEFAULT_ADDRESS}"
        ))
    };
    address.parse().map_err(wrong)
}

/// The name of the user. Many containers do not say it; then that of the home folder.
fn user_name() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"].map(variable);
    let home = || {
        let home = etcetera::home_dir().ok()?;
        Some(home.file_name()?.to_string_lossy().into_owned())
    };
    let name = names.into_iter().find(|name| !name.is_empty());
    name.or_else(home).unwrap_or_else(|| "guest".to_owned())
}

/// Connects to a server. None is started for a command that is over in a moment.
pub(super) async fn connect(target: &Target) -> Result<(Client, Notices), Failure> {
    let address = target.address()?;
    if target.is_local() {
        let port = port::look(local_address()?);
        if let Some(obstacle) = port.obstacle() {
            return Err(Failure::no_server(obstacle.whole()));
        }
        if let Some(warning) = port.warning() {
            say(&warning.whole());
        }
    }
    match Client::connect(&address).await {
        Err(Error::Unreachable { .. }) if target.is_local() => Err(Failure::no_server(format!(
            "no server at {address}; start one with `hullo serve`, or by opening `hullo` in a terminal"
        ))),
        connected => Ok(connected?),
    }
}

/// A room that has been entered.
pub(super) struct Entered {
    pub(super) room: Room,
    pub(super) notices: Notices,
    pub(super) me: Person,
    pub(super) present: Vec<Person>,
    pub(super) topic: Option<RoomTopic>,
}

/// Enters a room, as everybody does or in this mode, asking for as many messages from before, and
/// does something there. However that
/// ends, also if `stop` does first, the room is left: others would see us for a while otherwise.
pub(super) async fn in_room(
    target: &Target,
    (mode, history): (Option<Mode>, u64),
    work: impl AsyncFnOnce(Entered) -> Result<(), Failure>,
    stop: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let name = target.name()?;
    let mut stop = pin!(stop);
    let (client, notices) = tokio::select! {
        connected = connect(target) => connected?,
        stopped = &mut stop => return stopped,
    };
    let room = client.room(&target.room);
    let options = JoinOptions::new(name).mode(mode).history(history);
    let outcome = tokio::select! {
        outcome = async { work(enter(room, notices, options).await?).await } => outcome,
        stopped = &mut stop => stopped,
    };
    leave(client).await;
    outcome
}

async fn enter(room: Room, mut notices: Notices, options: JoinOptions) -> Result<Entered, Failure> {
    in_time(room.join(options)).await?;
    while let Some(notice) = notices.recv().await {
        if let Notice::Entered { me, present, topic, .. } = notice {
            return Ok(Entered { room, notices, me, present, topic });
        }
    }
    Err(Failure::failed("the connection was closed before the room was entered"))
}

pub(super) async fn in_time<T>(pending: Pending<T>) -> Result<T, Failure> {
    match tokio::time::timeout(TIMEOUT, pending).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(no_answer(TIMEOUT)),
    }
}

pub(super) fn no_answer(timeout: Duration) -> Failure {
    Failure::timed_out(format!("no answer from the server within {} s", timeout.as_secs()))
}

/// Leaves the room. Everything said is sent before the connection closes.
pub(super) async fn leave(client: Client) {
    // A server that does not answer in time is left all the same.
    client.close().await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_takes_precedence_over_the_configuration() {
        let room = |name| RoomName::try_from(name).ok();
        let target = |name: Option<&str>, server: Option<&str>, room| {
            let connect =
                ConnectArgs { name: name.map(Into::into), server: server.map(Into::into) };
            let defaults = Defaults {
                name: Some("mira".into()),
                server: Some("ws://h:1".into()),
                room: RoomName::try_from("ops").ok(),
                ..Defaults::default()
            };
            let target = Target::new(connect, room, defaults);
            (target.name().unwrap(), target.address().unwrap(), target.room.to_string())
        };
        let expected =
            |name: &str, server: &str, room: &str| (name.into(), server.into(), room.into());
        assert_eq!(target(None, None, None), expected("mira", "ws://h:1", "ops"));
        assert_eq!(target(Some("ada"), None, room("build")), expected("ada", "ws://h:1", "build"));
        assert_eq!(target(None, Some("ws://i:2"), None), expected("mira", "ws://i:2", "ops"));
    }
}
