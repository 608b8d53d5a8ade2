//! `hullo watch`: print what happens in a room, until somebody stops it.

use hullo::client::{Departure, PastMessage};
use hullo::presence::Change;
use hullo::protocol::payload::{Mode, RoomTopic};
use hullo::protocol::{Message, SessionId};
use hullo::{Notice, Notices};
use serde::Serialize;

use super::connect::{Entered, Target, in_room};
use super::names::{Names, quoted};
use super::output::{json, paragraph, print_async};
use super::stop;
use super::who::{JsonPerson, state_name};
use crate::chat::topic;
use crate::entry::presence::PresenceChange;
use crate::entry::{message, newcomer};
use crate::failure::Failure;

/// An event, as `--json` prints it.
#[derive(Serialize)]
struct JsonLine<'a> {
    /// RFC 3339, in UTC.
    at: jiff::Timestamp,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    Online,
    Offline {
        reason: &'a str,
    },
    Entered {
        room: &'a str,
        me: JsonPerson<'a>,
        present: Vec<JsonPerson<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<Topic<'a>>,
    },
    Left {
        room: &'a str,
        reason: String,
    },
    Arrived {
        room: &'a str,
        id: SessionId,
        name: &'a str,
    },
    Joined {
        room: &'a str,
        person: JsonPerson<'a>,
    },
    Gone {
        room: &'a str,
        person: JsonPerson<'a>,
    },
    Updated {
        room: &'a str,
        person: JsonPerson<'a>,
        /// The previous name, if that changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        was: Option<&'a str>,
    },
    Responded {
        room: &'a str,
        from: Sender,
        message: &'a Message,
        auto: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    },
    Said {
        room: &'a str,
        from: Sender,
        message: &'a Message,
        /// Its number in the order of the room, if the server counts.
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    },
    /// The session goes on after the connection broke, and what was missed follows.
    Resumed {
        room: &'a str,
        me: JsonPerson<'a>,
        present: Vec<JsonPerson<'a>>,
    },
    /// The session did not go on; `filled` if everything that was said meanwhile follows as `past`.
    Gap {
        room: &'a str,
        filled: bool,
    },
    /// What the room is about from now on; nothing if the topic was taken away.
    Topic {
        room: &'a str,
        from: Sender,
        topic: Option<&'a str>,
    },
    /// A message from before.
    Past {
        room: &'a str,
        from: Sender,
        message: &'a Message,
        seq: u64,
        said_at: jiff::Timestamp,
    },
    Typing {
        room: &'a str,
        from: Sender,
        typing: bool,
        direct: bool,
    },
}

/// What a room is about, who said so and when.
#[derive(Serialize)]
struct Topic<'a> {
    text: &'a str,
    by: &'a str,
    set_at: jiff::Timestamp,
}

#[derive(Serialize)]
struct Sender {
    id: SessionId,
    name: String,
}

/// Prints every event in the room. Being interrupted is not a failure.
pub(super) async fn watch(target: Target, as_json: bool, history: u64) -> Result<(), Failure> {
    let work = async |entered| {
        let Entered { mut notices, me, present, topic, .. } = entered;
        let first = Notice::Entered { room: target.room.clone(), me, present, topic };
        print_events(first, &mut notices, as_json).await
    };
    let stop = async {
        tokio::select! {
            _ = stop::signalled() => {}
            () = stop::stdout_closed() => {}
        }
        Ok(())
    };
    in_room(&target, (Some(Mode::Observer), history), work, stop).await
}

async fn print_events(first: Notice, notices: &mut Notices, as_json: bool) -> Result<(), Failure> {
    let mut names = Names::default();
    let mut next = Some(first);
    while let Some(notice) = next {
        names.learn(&notice);
        print_async(lines(&notice, &names, as_json)?).await?;
        if let Notice::Left { departure: Departure::Refused(why), .. } = notice {
            return Err(why.into());
        }
        next = notices.recv().await;
    }
    Ok(())
}

fn lines(notice: &Notice, names: &Names, as_json: bool) -> Result<String, Failure> {
    let at = jiff::Timestamp::now();
    let time = at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%H:%M:%S");
    let mut lines = String::new();
    for event in events(notice, names) {
        if as_json {
            lines += &json(&JsonLine { at, event })?;
        } else if let Some(text) = text(&event, names) {
            lines += &paragraph(&format!("{time} {text}"));
        }
    }
    Ok(lines)
}

fn events<'a>(notice: &'a Notice, names: &'a Names) -> Vec<Event<'a>> {
    let sender = |id: SessionId| Sender { id, name: names.name(id) };
    let event = match notice {
        Notice::Online => Event::Online,
        Notice::Offline { reason, .. } => Event::Offline { reason },
        Notice::Entered { room, me, present, topic } => Event::Entered {
            room: room.as_str(),
            me: me.into(),
            present: present.iter().map(JsonPerson::from).collect(),
            topic: topic.as_ref().map(Topic::from),
        },
        Notice::Left { room, departure } => {
            Event::Left { room: room.as_str(), reason: reason(departure) }
        }
        Notice::Arrived { room, id, name, .. } => {
            Event::Arrived { room: room.as_str(), id: *id, name }
        }
        Notice::Changed { room, change } => return changes(room.as_str(), change, names),
        Notice::Responded { room, from, message, auto, seq, .. } => Event::Responded {
            room: room.as_str(),
            from: sender(*from),
            message,
            auto: *auto,
            seq: *seq,
        },
        Notice::Said { room, from, message, seq, .. } => {
            Event::Said { room: room.as_str(), from: sender(*from), message, seq: *seq }
        }
        Notice::TopicSet { room, topic, from, .. } => {
            Event::Topic { room: room.as_str(), from: sender(*from), topic: topic.as_deref() }
        }
        Notice::Resumed { room, me, present } => Event::Resumed {
            room: room.as_str(),
            me: me.into(),
            present: present.iter().map(JsonPerson::from).collect(),
        },
        Notice::Gap { room, is_filled } => Event::Gap { room: room.as_str(), filled: *is_filled },
        Notice::History { room, messages } => {
            return messages.iter().map(|past| past_event(room.as_str(), past)).collect();
        }
        Notice::Typing { room, from, direct, typing } => Event::Typing {
            room: room.as_str(),
            from: sender(*from),
            typing: *typing,
            direct: *direct,
        },
        // About the connection, not the room; or of a newer library.
        _ => return Vec::new(),
    };
    vec![event]
}

fn changes<'a>(room: &'a str, change: &'a Change, names: &'a Names) -> Vec<Event<'a>> {
    let joined = change.joined.iter().map(|who| Event::Joined { room, person: who.into() });
    let gone = change.left.iter().map(|who| Event::Gone { room, person: who.into() });
    let updated = change.updated.iter().map(|who| {
        let was = names.before(who.id);
        Event::Updated { room, person: who.into(), was }
    });
    joined.chain(gone).chain(updated).collect()
}

impl<'a> From<&'a RoomTopic> for Topic<'a> {
    fn from(topic: &'a RoomTopic) -> Self {
        Self { text: &topic.text, by: &topic.by, set_at: timestamp(topic.at) }
    }
}

/// Unix seconds as a point in time.
fn timestamp(seconds: u64) -> jiff::Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX)
}

fn past_event<'a>(room: &'a str, past: &'a PastMessage) -> Event<'a> {
    Event::Past {
        room,
        from: Sender { id: past.from, name: past.name.clone() },
        message: &past.message,
        seq: past.seq,
        said_at: timestamp(past.at),
    }
}

fn reason(departure: &Departure) -> String {
    match departure {
        Departure::Left => "asked".to_owned(),
        Departure::Refused(why) => why.to_string(),
        _ => "closed by the server".to_owned(),
    }
}

/// The event in words; `None` for what is only in the JSON.
fn text(event: &Event<'_>, names: &Names) -> Option<String> {
    Some(match event {
        Event::Online => "online".to_owned(),
        Event::Offline { reason } => format!("offline: {reason}"),
        Event::Entered { room, present, topic, .. } => {
            let here = present.iter().filter(|person| person.mode.is_none()).count();
            let topic = topic.as_ref().map(|topic| format!(" · topic: {}", topic.text));
            format!("#{room}: {here} here{}", topic.unwrap_or_default())
        }
        Event::Topic { from, topic, .. } => topic::sentence(&names.quoted(from.id), *topic),
        Event::Left { room, reason } => format!("left #{room}: {reason}"),
        Event::Arrived { id, .. } => newcomer::sentence(&names.quoted(*id)),
        Event::Gone { person, .. } | Event::Updated { person, .. } if person.mode.is_some() => {
            return None; // they only watch
        }
        Event::Gone { person, .. } => PresenceChange::Left.sentence(&names.quoted(person.id)),
        Event::Updated { person, was: Some(was), .. } => {
            let was = names.quoted_before(person.id).unwrap_or_else(|| quoted(was));
            PresenceChange::Renamed { to: names.quoted(person.id) }.sentence(&was)
        }
        Event::Updated { person, was: None, .. } => {
            let text = person.text.map(|text| format!(": {text}")).unwrap_or_default();
            format!("{} is {}{text}", names.quoted(person.id), state_name(person.state))
        }
        Event::Responded { from, message, .. } => {
            message::sentence(&format!("{} to you", names.quoted(from.id)), &message.as_text())
        }
        Event::Said { from, message, .. } => {
            message::sentence(&names.quoted(from.id), &message.as_text())
        }
        Event::Resumed { room, .. } => format!("back in #{room}, nothing is missing"),
        Event::Gap { room, filled: false } => format!("back in #{room}, messages may be missing"),
        Event::Past { from, message, said_at, .. } => {
            let zone = jiff::tz::TimeZone::system();
            let said_at = said_at.to_zoned_datetime(zone).strftime("%-d %b %H:%M:%S");
            let said = message::sentence(&quoted(&from.name), &message.as_text());
            format!("(said {said_at}) {said}")
        }
        Event::Joined { .. } | Event::Typing { .. } | Event::Gap { filled: true, .. } => {
            return None;
        }
    })
}
