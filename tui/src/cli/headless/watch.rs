//! `hullo watch`: print what happens, one event a line, until somebody stops it.

use hullo::client::Departure;
use hullo::protocol::{Message, SessionId};
use hullo::{Notice, Person};
use serde::Serialize;

use super::ending::Ending;
use super::names::{Names, who};
use super::print::{self, Reader};
use super::who::Shown;
use super::{Inside, enter, leave};
use crate::cli::args::WatchArgs;
use crate::entry::presence::PresenceChange;
use crate::entry::{message, newcomer};
use crate::failure::Failure;

/// One line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    /// RFC 3339, in UTC.
    at: jiff::Timestamp,
    #[serde(flatten)]
    event: Event<'a>,
}

/// Who said or did it.
#[derive(Serialize)]
struct Sender {
    id: String,
    name: String,
}

/// What happened.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    Online,
    Offline { reason: &'a str },
    Entered { room: &'a str, me: Shown<'a>, present: Vec<Shown<'a>> },
    Left { room: &'a str, reason: String },
    Arrived { room: &'a str, id: String, name: &'a str },
    Joined { room: &'a str, person: Shown<'a> },
    Gone { room: &'a str, person: Shown<'a> },
    Updated(Updated<'a>),
    Responded { room: &'a str, from: Sender, message: &'a Message, auto: bool },
    Said { room: &'a str, from: Sender, message: &'a Message },
    Typing { room: &'a str, from: Sender, typing: bool, direct: bool },
}

/// Somebody who is other than before.
#[derive(Serialize)]
struct Updated<'a> {
    room: &'a str,
    person: Shown<'a>,
    /// The name until now, if it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a str>,
}

/// Prints every event in the room. Ends well when interrupted, or when nobody reads any more.
pub(crate) async fn watch(args: WatchArgs) -> Result<(), Failure> {
    let mut ending = Ending::new()?;
    let entered = tokio::select! {
        inside = enter(&args.place) => inside?,
        () = ending.comes() => return Ok(()),
    };
    let Inside { client, room, mut notices, me, present } = entered;
    let mut names = Names::of(&present);
    let room = room.name().clone();
    let mut next = Some(Notice::Entered { room, me, present });
    let mut ended = Ok(());
    while let Some(notice) = next {
        // Only then what somebody was called is forgotten.
        let lines = lines(&notice, &names, args.json)?;
        names.learn(&notice);
        let shown = tokio::select! {
            shown = print::aside(lines) => shown?,
            () = ending.comes() => break,
        };
        if shown == Reader::Gone {
            break;
        }
        if let Notice::Left { departure: Departure::Refused(why), .. } = notice {
            ended = Err(why.into());
            break;
        }
        next = tokio::select! {
            notice = notices.recv() => notice,
            () = ending.comes() => None,
        };
    }
    leave(client).await;
    ended
}

fn lines(notice: &Notice, names: &Names, json: bool) -> Result<Vec<String>, Failure> {
    let at = jiff::Timestamp::now();
    let local = at.to_zoned_datetime(jiff::tz::TimeZone::system());
    let mut lines = Vec::new();
    for event in events(notice, names) {
        if json {
            lines.push(print::one_value(&Line { at, event })?);
        } else if let Some(text) = text(&event) {
            lines.push(print::one_line(&format!("{} {text}", local.strftime("%H:%M:%S"))));
        }
    }
    Ok(lines)
}

fn events<'a>(notice: &'a Notice, names: &'a Names) -> Vec<Event<'a>> {
    let sender = |id: SessionId| Sender { id: id.to_string(), name: names.name(id) };
    let event = match notice {
        Notice::Online => Event::Online,
        Notice::Offline { reason, .. } => Event::Offline { reason },
        Notice::Entered { room, me, present } => Event::Entered {
            room: room.as_str(),
            me: me.into(),
            present: present.iter().map(Shown::from).collect(),
        },
        Notice::Left { room, departure } => {
            Event::Left { room: room.as_str(), reason: reason(departure) }
        }
        Notice::Arrived { room, id, name, .. } => {
            Event::Arrived { room: room.as_str(), id: id.to_string(), name }
        }
        Notice::Changed { room, change } => {
            let room = room.as_str();
            let shown = |people: &'a [Person], event: fn(&'a str, Shown<'a>) -> Event<'a>| {
                people.iter().map(move |who| event(room, who.into()))
            };
            let update = |who| Updated { room, person: Shown::from(who), was: names.before(who) };
            let updated = change.updated.iter().map(move |who| Event::Updated(update(who)));
            return shown(&change.joined, |room, person| Event::Joined { room, person })
                .chain(shown(&change.left, |room, person| Event::Gone { room, person }))
                .chain(updated)
                .collect();
        }
        Notice::Responded { room, from, message, auto, .. } => {
            Event::Responded { room: room.as_str(), from: sender(*from), message, auto: *auto }
        }
        Notice::Said { room, from, message, .. } => {
            Event::Said { room: room.as_str(), from: sender(*from), message }
        }
        Notice::Typing { room, from, direct, typing } => Event::Typing {
            room: room.as_str(),
            from: sender(*from),
            typing: *typing,
            direct: *direct,
        },
        // About the connection, not about the room; or of a newer library.
        _ => return Vec::new(),
    };
    vec![event]
}

fn reason(departure: &Departure) -> String {
    match departure {
        Departure::Left => "asked".to_owned(),
        Departure::Refused(why) => why.to_string(),
        _ => "closed by the server".to_owned(),
    }
}

/// The event in a sentence; `None` for what people need not read.
fn text(event: &Event<'_>) -> Option<String> {
    let text = match event {
        Event::Online => "online".to_owned(),
        Event::Offline { reason } => format!("offline: {reason}"),
        Event::Entered { room, present, .. } => format!("#{room}: {} here", present.len()),
        Event::Left { room, reason } => format!("left #{room}: {reason}"),
        Event::Arrived { name, .. } => newcomer::sentence(&who(name)),
        Event::Gone { person, .. } => PresenceChange::Left.sentence(&person.name()),
        Event::Updated(Updated { person, was: Some(was), .. }) => {
            PresenceChange::Renamed { to: person.name() }.sentence(&who(was))
        }
        Event::Updated(Updated { person, was: None, .. }) => person.status(),
        Event::Responded { from, message, .. } => {
            message::sentence(&format!("{} to you", who(&from.name)), &message.as_text())
        }
        Event::Said { from, message, .. } => {
            message::sentence(&who(&from.name), &message.as_text())
        }
        Event::Joined { .. } | Event::Typing { .. } => return None,
    };
    Some(text)
}
