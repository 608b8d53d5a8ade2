//! `hullo rooms`: list the rooms of a server.

use hullo::client::{Error, ListedRoom, RoomList};
use hullo::protocol::Refusal;
use serde::Serialize;

use super::connect::{Target, connect, leave};
use super::output::{json, line, print, say};
use crate::failure::Failure;
use crate::text::width;

/// How many rooms are listed, which is as many as a server lists.
const MOST: u64 = 200;

/// A room, as `--json` prints it.
#[derive(Serialize)]
struct JsonRoom<'a> {
    name: &'a str,
    here: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
}

/// Prints the rooms whose name or topic contains the text, those with the most people first.
pub(super) async fn rooms(
    target: Target,
    matching: Option<&str>,
    as_json: bool,
) -> Result<(), Failure> {
    let (client, _notices) = connect(&target).await?;
    let listed = client.rooms(matching, MOST).await;
    leave(client).await;
    let RoomList { rooms, more, .. } = listed.map_err(|error| match error {
        Error::Refused(Refusal::UnmatchedTopic) => {
            Failure::refused("this server does not list its rooms")
        }
        error => error.into(),
    })?;
    if more {
        say("there are more rooms; add a part of their names to see those");
    }
    if as_json {
        return print(&json(&rooms.iter().map(JsonRoom::from).collect::<Vec<_>>())?);
    }
    if rooms.is_empty() {
        say("there is no such room with anybody in it");
    }
    print(&rows(&rooms).iter().map(|row| line(row)).collect::<String>())
}

impl<'a> From<&'a ListedRoom> for JsonRoom<'a> {
    fn from(room: &'a ListedRoom) -> Self {
        Self { name: room.name.as_str(), here: room.here, topic: room.topic.as_deref() }
    }
}

fn rows(rooms: &[ListedRoom]) -> Vec<String> {
    let columns = rooms.iter().map(|room| width(room.name.as_str())).max().unwrap_or(0);
    let row = |room: &ListedRoom| {
        let (name, topic) = (room.name.as_str(), room.topic.as_deref().unwrap_or(""));
        let padding = " ".repeat(columns - width(name));
        format!("{name}{padding}  {:>5}  {topic}", room.here).trim_end().to_owned()
    };
    rooms.iter().map(row).collect()
}
