//! hullo without a screen: `who`, `send`, `watch` and `helo`. Stdout is data, stderr is talk.

mod ending;
mod helo;
mod names;
mod print;
mod recipient;
mod send;
mod watch;
mod who;

use std::time::Duration;

use hullo::client::{Pending, Room};
use hullo::{Client, Notice, Notices, Person};

pub(crate) use helo::helo;
pub(crate) use print::{Reader, json, line, page, talk};
pub(crate) use send::send;
pub(crate) use watch::watch;
pub(crate) use who::who;

use crate::cli::args::{Place, RoomPlace};
use crate::failure::Failure;
use crate::shell::local_server;

/// How long the way in may take, from the open line to the room.
const ENTER_WITHIN: Duration = Duration::from_secs(10);

/// The server meant by `place`. Nothing is started for a command that is over in a moment.
pub(crate) fn address(place: &Place) -> String {
    place.server.clone().unwrap_or_else(|| format!("ws://{}", local_server::reach(place.local)))
}

/// The name meant by `place`, as others will see it.
pub(crate) fn name(place: &Place) -> Result<String, Failure> {
    let name = place.name.clone().unwrap_or_else(user);
    hullo::text::clean_name(&name).ok_or_else(|| {
        Failure::usage(format!(
            "{name:?} is no name: it needs 1 to {} visible characters in at most {} bytes; \
             use --name NAME",
            hullo::text::MAX_NAME_GRAPHEMES,
            hullo::text::MAX_NAME_BYTES,
        ))
    })
}

/// Who the system says we are. Where it says nothing, as in many containers, the home does.
fn user() -> String {
    let told = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let at_home = || {
        let home = etcetera::home_dir().ok()?;
        Some(home.file_name()?.to_string_lossy().into_owned())
    };
    told.filter(|name| !name.is_empty()).or_else(at_home).unwrap_or_else(|| "guest".to_owned())
}

/// Connects, or says what to do about it.
async fn connect(place: &Place) -> Result<(Client, Notices), Failure> {
    let address = address(place);
    let connected = Client::connect(&address).await;
    if place.server.is_none() && matches!(connected, Err(hullo::client::Error::Unreachable { .. }))
    {
        return Err(Failure::no_server(format!(
            "no server at {address}; start one with `hullo serve`, or by opening `hullo` in a terminal"
        )));
    }
    Ok(connected?)
}

/// A room that was entered.
struct Inside {
    client: Client,
    room: Room,
    notices: Notices,
    me: Person,
    present: Vec<Person>,
}

/// Connects, joins and says helo.
async fn enter(place: &RoomPlace) -> Result<Inside, Failure> {
    let name = name(&place.place)?;
    let (client, mut notices) = connect(&place.place).await?;
    let room = client.room(&place.room());
    let joining = room.join(name);
    in_time(joining).await?;
    while let Some(notice) = notices.recv().await {
        if let Notice::Entered { me, present, .. } = notice {
            return Ok(Inside { client, room, notices, me, present });
        }
    }
    Err(Failure::failed("the room was left before it was entered"))
}

async fn in_time<T>(pending: Pending<T>) -> Result<T, Failure> {
    match tokio::time::timeout(ENTER_WITHIN, pending).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(Failure::timed_out(format!(
            "no answer from the server within {} s",
            ENTER_WITHIN.as_secs()
        ))),
    }
}

/// Leaves politely: everything said is sent before the line closes.
async fn leave(client: Client) {
    client.close().await.ok(); // in time or not
}
