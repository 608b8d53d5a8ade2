//! Scripts for the machine: frames and commands in, everything it wants done out, compared whole.

mod connection;
mod peek;
mod push;
mod resume;
mod room;
mod topics;
mod unreadable;

use super::*;
use crate::client::{JoinOptions, PastMessage};
use crate::presence::Change;
use crate::protocol::Message;
use crate::protocol::payload::{Broadcast, Response};

const ADA: &str = "3e04cb4a-ccdf-40ee-bf05-9e047e1f8277";
const BOB: &str = "bf5594d8-4655-4611-9d8c-262be0e7d3de";

/// A machine, a clock, and the outputs in short.
struct Script {
    socket: Socket,
    now: Instant,
    requests: u64,
    /// The ids of messages, in the order in which they were first sent.
    msg_ids: Vec<String>,
}

impl Script {
    #[expect(clippy::disallowed_methods, reason = "a script needs some moment to start from")]
    fn new() -> Self {
        let now = Instant::now();
        let mut script = Self {
            socket: Socket::new(Options::default(), now, 7),
            now,
            requests: 0,
            msg_ids: Vec::new(),
        };
        assert_eq!(script.tick(), ["connect"]);
        script
    }

    /// Online, entered as ada.
    fn entered() -> Self {
        let mut script = Self::new();
        script.open();
        script.join();
        script.receive(r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#);
        script.receive(&welcome("1", "2", ADA, "ada"));
        script
    }

    fn handle(&mut self, input: Input<'_>) -> Vec<String> {
        let outputs = self.handle_all(input);
        outputs.into_iter().filter(|output| !output.starts_with("took ")).collect()
    }

    /// Everything, how long the server took included, which most tests do not care for.
    fn handle_all(&mut self, input: Input<'_>) -> Vec<String> {
        let outputs = self.socket.handle(self.now, input);
        outputs.into_iter().map(|output| self.with_short_id(short(output))).collect()
    }

    /// With `m0` in place of the first id of a message, and so on.
    fn with_short_id(&mut self, output: String) -> String {
        let Some((before, rest)) = output.split_once(r#""msg_id":""#) else { return output };
        let (id, after) = rest.split_once('"').unwrap();
        let known = self.msg_ids.iter().position(|known| known == id);
        let number = known.unwrap_or(self.msg_ids.len());
        if known.is_none() {
            self.msg_ids.push(id.to_owned());
        }
        format!(r#"{before}"msg_id":"m{number}"{after}"#)
    }

    fn open(&mut self) -> Vec<String> {
        self.handle(Input::Opened)
    }

    fn tick(&mut self) -> Vec<String> {
        self.handle(Input::Tick)
    }

    fn receive(&mut self, text: &str) -> Vec<String> {
        self.handle(Input::Received(text))
    }

    fn drop_connection(&mut self) -> Vec<String> {
        self.handle(Input::Dropped { reason: "reset".to_owned() })
    }

    fn command(&mut self, command: Command) -> Vec<String> {
        self.requests += 1;
        self.handle(Input::Command(RequestId(self.requests), command))
    }

    fn join(&mut self) -> Vec<String> {
        self.command(Command::Join { room: lobby(), options: JoinOptions::from("ada") })
    }

    fn leave(&mut self) -> Vec<String> {
        self.command(Command::Leave { room: lobby() })
    }

    fn peek(&mut self) -> Vec<String> {
        self.command(Command::Peek { room: lobby() })
    }

    fn say(&mut self, text: &str) -> Vec<String> {
        let broadcast = Broadcast { message: Message::text(text) };
        self.command(Command::Say { room: lobby(), broadcast })
    }

    fn respond(&mut self, text: &str, auto: bool) -> Vec<String> {
        let response = Response { message: Message::text(text), recipient: BOB.to_owned(), auto };
        self.command(Command::Respond { room: lobby(), response })
    }

    /// Lets time pass up to the machine's own next deadline, at most `seconds` in all, ticking
    /// as the driver would.
    fn pass(&mut self, seconds: u64) -> Vec<String> {
        self.pass_millis(seconds * 1000)
    }

    fn pass_millis(&mut self, millis: u64) -> Vec<String> {
        let end = self.now + Duration::from_millis(millis);
        let mut all = Vec::new();
        while let Some(due) = self.socket.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            all.extend(self.tick());
        }
        self.now = end;
        all
    }
}

fn lobby() -> RoomName {
    RoomName::try_from("lobby").unwrap()
}

fn texts(messages: &[PastMessage]) -> String {
    let texts: Vec<_> = messages
        .iter()
        .map(|past| format!("{}: {}: {}", past.seq, past.name, past.message.as_text()))
        .collect();
    texts.join(", ")
}

fn joined(join_ref: &str) -> String {
    format!(
        r#"["{join_ref}","{join_ref}","room:lobby","phx_reply",{{"status":"ok","response":{{}}}}]"#
    )
}

/// Ada and Bob are here.
fn presence_state(join_ref: &str) -> String {
    format!(
        r#"["{join_ref}",null,"room:lobby","presence_state",{{{},{}}}]"#,
        metas(ADA, "ada"),
        metas(BOB, "bob")
    )
}

fn metas(id: &str, name: &str) -> String {
    format!(r#""{id}":{{"metas":[{{"name":"{name}","phx_ref":"{name}","online_at":"7"}}]}}"#)
}

fn welcome(join_ref: &str, reference: &str, id: &str, name: &str) -> String {
    format!(
        r#"["{join_ref}","{reference}","room:lobby","phx_reply",{{"status":"ok","response":{{"id":"{id}","name":"{name}"}}}}]"#
    )
}

fn short(output: Output) -> String {
    match output {
        Output::Connect => "connect".to_owned(),
        Output::Send(text) => format!("send {text}"),
        Output::Disconnect => "disconnect".to_owned(),
        Output::Notify(notice) => describe(notice),
        Output::Resolve(RequestId(n), Ok(Answer::Done)) => format!("{n} done"),
        Output::Resolve(RequestId(n), Ok(Answer::Me(me))) => format!("{n} welcomed as {}", me.name),
        Output::Resolve(RequestId(n), Ok(Answer::People(people))) => {
            format!("{n} saw {}", people.len())
        }
        Output::Resolve(RequestId(n), Ok(Answer::History(messages))) => {
            format!("{n} read {}", texts(&messages))
        }
        Output::Resolve(RequestId(n), Ok(Answer::Rooms(list))) => {
            let more = if list.more { " and more" } else { "" };
            let rooms = list.rooms.iter().map(|room| {
                format!("#{} {} {}", room.name, room.here, room.topic.as_deref().unwrap_or("-"))
            });
            format!("{n} listed {}{more}", rooms.collect::<Vec<_>>().join(", "))
        }
        Output::Resolve(RequestId(n), Err(error)) => format!("{n} failed: {error}"),
    }
}

/// The name of a quiet sender.
fn by(name: Option<String>) -> String {
    name.map(|name| format!(", by {name}")).unwrap_or_default()
}

fn describe(notice: Notice) -> String {
    match notice {
        Notice::Online => "online".to_owned(),
        Notice::Offline { reason, .. } => format!("offline: {reason}"),
        Notice::RoundTrip(took) => format!("took {} ms", took.as_millis()),
        Notice::Entered { me, present, topic, .. } => {
            let mut names: Vec<_> = present.into_iter().map(|who| who.name).collect();
            names.sort();
            let topic = topic.map(|it| format!(", about {} by {} at {}", it.text, it.by, it.at));
            let topic = topic.unwrap_or_default();
            format!("entered as {} with {}{topic}", me.name, names.join(" "))
        }
        Notice::Resumed { me, present, .. } => {
            format!("resumed as {} with {}", me.name, present.len())
        }
        Notice::Gap { is_filled: true, .. } => "gap, filled".to_owned(),
        Notice::Gap { is_filled: false, .. } => "gap".to_owned(),
        Notice::History { messages, .. } => format!("history {}", texts(&messages)),
        Notice::Left { departure, .. } => format!("left: {departure:?}"),
        Notice::Arrived { name, answer, .. } => format!("arrived {name}, answer {answer}"),
        Notice::Changed { change: Change { joined, left, updated }, .. } => {
            format!("changed +{} -{} ~{}", joined.len(), left.len(), updated.len())
        }
        Notice::Responded { message, auto, name, .. } => {
            format!("responded {}, auto {auto}{}", message.as_text(), by(name))
        }
        Notice::Said { message, name, .. } => format!("said {}{}", message.as_text(), by(name)),
        Notice::TopicSet { topic, name, .. } => {
            format!("topic {}{}", topic.as_deref().unwrap_or("-"), by(name))
        }
        Notice::Typing { direct, typing, .. } => format!("typing {typing}, direct {direct}"),
        Notice::Unreadable { reason } => format!("unreadable: {reason}"),
    }
}
