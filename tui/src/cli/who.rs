//! `hullo who`: list who is in a room, without entering it.

use hullo::Person;
use hullo::protocol::payload::State;
use serde::Serialize;

use super::connect::{Target, connect, in_time, leave};
use super::output::{json, line, print, say};
use crate::failure::Failure;
use crate::text::width;

/// A person, as `--json` prints them.
#[derive(Serialize)]
pub(super) struct JsonPerson<'a> {
    id: String,
    pub(super) name: &'a str,
    pub(super) state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    /// Unix seconds.
    online_at: u64,
}

impl<'a> From<&'a Person> for JsonPerson<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            id: person.id.to_string(),
            name: &person.name,
            state: person.state.unwrap_or(State::Here),
            text: person.text.as_deref(),
            user: person.user.as_deref(),
            online_at: person.online_at,
        }
    }
}

/// Prints everybody in the room by name. Nobody there notices.
pub(super) async fn who(target: Target, as_json: bool) -> Result<(), Failure> {
    let (client, _notices) = connect(&target).await?;
    let mut people = in_time(client.room(&target.room).peek()).await?;
    leave(client).await;
    people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    if as_json {
        return print(&json(&people.iter().map(JsonPerson::from).collect::<Vec<_>>())?);
    }
    if people.is_empty() {
        say(&format!("nobody is in #{}", target.room));
    }
    let columns = people.iter().map(|person| width(&person.name)).max().unwrap_or(0);
    print(&people.iter().map(|person| line(&row(person, columns))).collect::<String>())
}

fn row(person: &Person, columns: usize) -> String {
    let padding = " ".repeat(columns - width(&person.name));
    let state = state_name(person.state.unwrap_or(State::Here));
    let text = person.text.as_deref().unwrap_or("");
    format!("{}{padding}  {state:<4}  {text}", person.name).trim_end().to_owned()
}

pub(super) fn state_name(state: State) -> &'static str {
    match state {
        State::Here => "here",
        State::Idle => "idle",
        State::Away => "away",
        State::Dnd => "dnd",
    }
}
