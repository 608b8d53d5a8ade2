//! `hullo who`: list who is here, without a word to them.

use hullo::Person;
use hullo::protocol::payload::State;
use serde::Serialize;

use super::print::{self, Reader};
use super::{connect, in_time, leave, names};
use crate::cli::args::WhoArgs;
use crate::failure::Failure;
use crate::text;

/// A person as `--json` prints them.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: String,
    name: &'a str,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    /// Unix seconds.
    online_at: u64,
}

impl<'a> From<&'a Person> for Shown<'a> {
    fn from(who: &'a Person) -> Self {
        Self {
            id: who.id.to_string(),
            name: &who.name,
            state: who.state.unwrap_or(State::Here),
            text: who.text.as_deref(),
            user: who.user.as_deref(),
            online_at: who.online_at,
        }
    }
}

impl Shown<'_> {
    /// The name, within a line for people.
    pub(super) fn name(&self) -> String {
        names::who(self.name)
    }

    /// How they are now, in a sentence.
    pub(super) fn status(&self) -> String {
        let text = self.text.map(|text| format!(": {text}")).unwrap_or_default();
        format!("{} is {}{text}", self.name(), state(self.state))
    }
}

/// Prints everybody in the room, in the order of their names. Nobody there is told.
pub(crate) async fn who(args: WhoArgs) -> Result<(), Failure> {
    let (client, _notices) = connect(&args.place.place).await?;
    let mut people = in_time(client.room(&args.place.room()).peek()).await?;
    leave(client).await;
    people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    if args.json {
        let shown: Vec<Shown> = people.iter().map(Shown::from).collect();
        return print::json(&shown).map(drop);
    }
    if people.is_empty() {
        print::talk(&format!("nobody is in #{}", args.place.room()));
    }
    let width = people.iter().map(|who| text::width(&who.name)).max();
    for who in &people {
        if print::line(&row(who, width.unwrap_or(0)))? == Reader::Gone {
            break;
        }
    }
    Ok(())
}

fn row(who: &Person, width: usize) -> String {
    let padding = width - text::width(&who.name).min(width);
    let state = state(who.state.unwrap_or(State::Here));
    let text = who.text.as_deref().unwrap_or("");
    format!("{}{}  {state:<4}  {text}", who.name, " ".repeat(padding)).trim_end().to_owned()
}

fn state(state: State) -> &'static str {
    match state {
        State::Here => "here",
        State::Idle => "idle",
        State::Away => "away",
        State::Dnd => "dnd",
    }
}
