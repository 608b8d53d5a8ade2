//! `hullo who`: list who is in a room, without entering it.

use hullo::Person;
use hullo::protocol::SessionId;
use hullo::protocol::payload::{Mode, State};
use serde::Serialize;

use super::connect::{Target, connect, in_time, leave};
use super::output::{json, line, print, say};
use crate::failure::Failure;
use crate::people::Labels;
use crate::text::{natural_order, width};

/// A person, as `--json` prints them.
#[derive(Serialize)]
pub(super) struct JsonPerson<'a> {
    pub(super) id: SessionId,
    pub(super) name: &'a str,
    pub(super) state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    /// How they take part, if not as everybody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<Mode>,
    /// Unix seconds.
    online_at: u64,
}

impl<'a> From<&'a Person> for JsonPerson<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            id: person.id,
            name: &person.name,
            state: person.state.unwrap_or(State::Here),
            text: person.text.as_deref(),
            user: person.user.as_deref(),
            mode: person.mode,
            online_at: person.online_at,
        }
    }
}

/// Prints everybody in the room by name. Nobody there notices.
pub(super) async fn who(target: Target, as_json: bool) -> Result<(), Failure> {
    let (client, _notices) = connect(&target).await?;
    let mut people = in_time(client.room(&target.room).peek()).await?;
    leave(client).await;
    if as_json {
        people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        return print(&json(&people.iter().map(JsonPerson::from).collect::<Vec<_>>())?);
    }
    if people.is_empty() {
        say(&format!("nobody is in #{}", target.room));
    }
    print(&rows(&people).iter().map(|row| line(row)).collect::<String>())
}

/// A row for each, by name; people of one name are told apart as on the screen.
fn rows(present: &[Person]) -> Vec<String> {
    let mut labels = Labels::default();
    labels.put_all(present);
    let labelled = present.iter().filter_map(|person| Some((labels.get(person.id)?, person)));
    let mut people: Vec<(&str, &Person)> = labelled.collect();
    people.sort_by_key(|(label, _)| natural_order(label));
    let columns = people.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    people.iter().map(|(label, person)| row(label, person, columns)).collect()
}

fn row(label: &str, person: &Person, columns: usize) -> String {
    let padding = " ".repeat(columns - width(label));
    let state = match person.mode {
        Some(Mode::Observer) => "watching",
        Some(Mode::Quiet) | None => state_name(person.state.unwrap_or(State::Here)),
    };
    let text = person.text.as_deref().unwrap_or("");
    format!("{label}{padding}  {state:<4}  {text}").trim_end().to_owned()
}

pub(super) fn state_name(state: State) -> &'static str {
    match state {
        State::Here => "here",
        State::Idle => "idle",
        State::Away => "away",
        State::Dnd => "dnd",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::named;

    #[test]
    fn who_only_watches_is_told_apart() {
        let mut log = named(2, "log");
        log.mode = Some(Mode::Observer);
        assert_eq!(rows(&[named(1, "ada"), log]), ["ada  here", "log  watching"]);
    }

    #[test]
    fn people_of_one_name_are_told_apart() {
        let present = vec![named(1, "mira"), named(2, "ada"), named(3, "mira")];
        assert_eq!(rows(&present), ["ada     here", "mira    here", "mira~2  here"]);
    }
}
