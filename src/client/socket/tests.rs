//! Scripts for the machine: frames and wishes in, everything it wants done out, compared whole.

use super::*;
use crate::presence::Change;
use crate::protocol::Message;
use crate::protocol::payload::Broadcast;

const ADA: &str = "3e04cb4a-ccdf-40ee-bf05-9e047e1f8277";
const BOB: &str = "bf5594d8-4655-4611-9d8c-262be0e7d3de";

/// A machine, a clock, and the outputs in short.
struct Script {
    socket: Socket,
    now: Instant,
    tickets: u64,
}

impl Script {
    #[expect(clippy::disallowed_methods, reason = "a script needs some moment to start from")]
    fn new() -> Self {
        let now = Instant::now();
        let mut script = Self { socket: Socket::new(now, 7), now, tickets: 0 };
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
        self.socket.handle(self.now, input).into_iter().map(short).collect()
    }

    fn open(&mut self) -> Vec<String> {
        self.handle(Input::Opened)
    }

    fn tick(&mut self) -> Vec<String> {
        self.handle(Input::Ticked)
    }

    fn receive(&mut self, text: &str) -> Vec<String> {
        self.handle(Input::Received(text))
    }

    fn drop_line(&mut self) -> Vec<String> {
        self.handle(Input::Dropped { reason: "reset".to_owned() })
    }

    fn ask(&mut self, command: impl FnOnce(RoomName, Ticket) -> Command) -> Vec<String> {
        self.tickets += 1;
        let command = command(lobby(), Ticket(self.tickets));
        self.handle(Input::Asked(command))
    }

    fn join(&mut self) -> Vec<String> {
        let introduction = Introduction::from("ada");
        self.ask(|room, ticket| Command::Join { room, introduction, ticket })
    }

    fn say(&mut self, text: &str) -> Vec<String> {
        let payload = Payload::encode(&Broadcast { message: Message::text(text) });
        self.ask(|room, ticket| Command::Push { room, event: Event::Broadcast, payload, ticket })
    }

    /// Lets time pass up to the machine's own next deadline, at most `seconds` in all, ticking
    /// as the driver would.
    fn pass(&mut self, seconds: u64) -> Vec<String> {
        let end = self.now + Duration::from_secs(seconds);
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
        Output::Tell(notice) => tell(notice),
        Output::Done(Ticket(n)) => format!("{n} done"),
        Output::Welcomed(Ticket(n), me) => format!("{n} welcomed as {}", me.name),
        Output::Seen(Ticket(n), people) => format!("{n} saw {}", people.len()),
        Output::Failed(Ticket(n), error) => format!("{n} failed: {error}"),
    }
}

fn tell(notice: Notice) -> String {
    match notice {
        Notice::Online => "online".to_owned(),
        Notice::Offline { reason, .. } => format!("offline: {reason}"),
        Notice::RoundTrip(took) => format!("took {} ms", took.as_millis()),
        Notice::Entered { me, present, .. } => {
            let mut names: Vec<_> = present.into_iter().map(|who| who.name).collect();
            names.sort();
            format!("entered as {} with {}", me.name, names.join(" "))
        }
        Notice::Left { departure, .. } => format!("left: {departure:?}"),
        Notice::Arrived { name, answer, .. } => format!("arrived {name}, answer {answer}"),
        Notice::Changed { change: Change { joined, left, updated }, .. } => {
            format!("changed +{} -{} ~{}", joined.len(), left.len(), updated.len())
        }
        Notice::Responded { message, auto, .. } => {
            format!("responded {}, auto {auto}", message.as_text())
        }
        Notice::Said { message, .. } => format!("said {}", message.as_text()),
        Notice::Typing { direct, typing, .. } => format!("typing {typing}, direct {direct}"),
    }
}

#[test]
fn a_join_says_helo_and_enters() {
    let mut script = Script::new();
    assert_eq!(script.open(), ["online"]);
    assert_eq!(script.join(), [r#"send ["1","1","room:lobby","phx_join",{}]"#]);
    assert_eq!(
        script.receive(r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#),
        [r#"send ["1","2","room:lobby","client_helo",{"name":"ada"}]"#]
    );
    let state = format!(
        r#"["1",null,"room:lobby","presence_state",{{"{ADA}":{{"metas":[{{"name":"ada","phx_ref":"a","online_at":"7"}}]}},"{BOB}":{{"metas":[{{"name":"bob","phx_ref":"b","online_at":"7"}}]}}}}]"#
    );
    assert_eq!(script.receive(&state), [""; 0]);
    assert_eq!(
        script.receive(&welcome("1", "2", ADA, "ada")),
        ["1 welcomed as ada", "entered as ada with ada bob"]
    );
}

#[test]
fn the_reply_may_come_before_the_state() {
    let mut script = Script::entered();
    let state = format!(
        r#"["1",null,"room:lobby","presence_state",{{"{ADA}":{{"metas":[{{"name":"ada","phx_ref":"a","online_at":"7"}}]}}}}]"#
    );
    assert_eq!(script.receive(&state), ["changed +1 -0 ~0"]);
}

#[test]
fn what_others_do_is_told() {
    let mut script = Script::entered();
    let new_user =
        format!(r#"[null,null,"room:lobby","new_user",{{"id":"{BOB}","name":"b\u001bob"}}]"#);
    assert_eq!(script.receive(&new_user), ["arrived bob, answer true"]);
    let not_asked = format!(
        r#"[null,null,"room:lobby","new_user",{{"id":"{BOB}","name":"bob","answer":false}}]"#
    );
    assert_eq!(script.receive(&not_asked), ["arrived bob, answer false"]);
    let response = format!(
        r#"["1",null,"room:lobby","client_response",{{"message":"hi","recipient":"{ADA}","client_session_id":"{BOB}","auto":true}}]"#
    );
    assert_eq!(script.receive(&response), ["responded hi, auto true"]);
    let broadcast = format!(
        r#"[null,null,"room:lobby","client_broadcast",{{"message":[1],"client_session_id":"{BOB}"}}]"#
    );
    assert_eq!(script.receive(&broadcast), ["said [1]"]);
    let typing = format!(
        r#"[null,null,"room:lobby","client_typing",{{"typing":true,"client_session_id":"{BOB}"}}]"#
    );
    assert_eq!(script.receive(&typing), ["typing true, direct false"]);
}

#[test]
fn frames_of_another_join_or_room_are_ignored() {
    let mut script = Script::entered();
    let stale = format!(
        r#"["9",null,"room:lobby","client_response",{{"message":"hi","recipient":"{ADA}","client_session_id":"{BOB}"}}]"#
    );
    assert_eq!(script.receive(&stale), [""; 0]);
    assert_eq!(script.receive(&stale.replace("room:lobby", "room:other")), [""; 0]);
    assert_eq!(script.receive(r#"["9","9","room:lobby","phx_close",{}]"#), [""; 0]);
    assert_eq!(script.receive(r#"[null,null,"room:lobby","of_a_newer_server",7]"#), [""; 0]);
}

#[test]
fn a_push_is_settled_by_its_reply() {
    let mut script = Script::entered();
    assert_eq!(
        script.say("hi"),
        [r#"send ["1","3","room:lobby","client_broadcast",{"message":"hi"}]"#]
    );
    script.say("ho");
    let refused = r#"["1","4","room:lobby","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":20}}]"#;
    assert_eq!(
        script.receive(refused),
        ["3 failed: the server wants fewer pushes; try again in 20 ms"]
    );
    let ok = r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), ["2 done"]);
    assert_eq!(script.receive(ok), [""; 0]);
}

#[test]
fn a_push_without_a_reply_fails_in_time() {
    let mut script = Script::entered();
    script.say("hi");
    assert_eq!(script.pass(9), [""; 0]);
    assert_eq!(script.pass(1), ["2 failed: the server did not answer in time"]);
}

#[test]
fn pushes_wait_until_the_room_is_entered() {
    let mut script = Script::new();
    script.open();
    script.join();
    assert_eq!(script.say("early"), [""; 0]);
    script.receive(r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#);
    assert_eq!(
        script.receive(&welcome("1", "2", ADA, "ada")),
        [
            "1 welcomed as ada",
            "entered as ada with ada",
            r#"send ["1","3","room:lobby","client_broadcast",{"message":"early"}]"#,
        ]
    );
}

#[test]
fn a_lost_line_comes_back_with_helo_and_what_waited() {
    let mut script = Script::entered();
    script.say("under way");
    assert_eq!(
        script.drop_line(),
        ["2 failed: the line dropped before the server answered", "offline: reset"]
    );
    assert_eq!(script.say("meanwhile"), [""; 0]);
    assert_eq!(script.pass(1), ["connect"]);
    assert_eq!(script.open(), ["online", r#"send ["4","4","room:lobby","phx_join",{}]"#]);
    script.receive(r#"["4","4","room:lobby","phx_reply",{"status":"ok","response":{}}]"#);
    assert_eq!(
        script.receive(&welcome("4", "5", BOB, "ada")),
        [
            "entered as ada with ada",
            r#"send ["4","6","room:lobby","client_broadcast",{"message":"meanwhile"}]"#
        ]
    );
}

#[test]
fn an_answer_does_not_wait_for_a_line() {
    let mut script = Script::entered();
    script.drop_line();
    let payload = Payload::empty();
    let outputs = script.ask(|room, ticket| Command::PushNow {
        room,
        event: Event::Response,
        payload,
        ticket,
    });
    assert_eq!(outputs, ["2 failed: there is no line to the server"]);
}

#[test]
fn no_more_than_256_pushes_wait() {
    let mut script = Script::entered();
    script.drop_line();
    for _ in 0..256 {
        assert_eq!(script.say("x"), [""; 0]);
    }
    assert_eq!(script.say("x"), ["258 failed: too many pushes are waiting for the server"]);
}

#[test]
fn a_new_name_and_status_are_remembered_for_the_next_helo() {
    let mut script = Script::entered();
    let rename = |room, ticket| Command::Rename { room, name: "countess".to_owned(), ticket };
    assert_eq!(
        script.ask(rename),
        [r#"send ["1","3","room:lobby","client_helo",{"name":"countess"}]"#]
    );
    assert_eq!(script.receive(&welcome("1", "3", ADA, "countess")), ["2 welcomed as countess"]);
    let status = Status { state: crate::protocol::payload::State::Away, text: Some("tea".into()) };
    let set = |room, ticket| Command::SetStatus { room, status, ticket };
    assert_eq!(
        script.ask(set),
        [r#"send ["1","4","room:lobby","client_status",{"state":"away","text":"tea"}]"#]
    );
    script.drop_line();
    script.pass(1);
    script.open();
    assert_eq!(
        script.receive(r#"["5","5","room:lobby","phx_reply",{"status":"ok","response":{}}]"#),
        [
            r#"send ["5","6","room:lobby","client_helo",{"name":"countess","status":{"state":"away","text":"tea"}}]"#
        ]
    );
}

#[test]
fn a_refused_name_ends_the_join_but_not_a_rename() {
    let refused = |join: &str, reference: &str| {
        format!(
            r#"["{join}","{reference}","room:lobby","phx_reply",{{"status":"error","response":{{"reason":"invalid_name"}}}}]"#
        )
    };
    let mut script = Script::entered();
    script.ask(|room, ticket| Command::Rename { room, name: "\u{7}".to_owned(), ticket });
    assert_eq!(script.receive(&refused("1", "3")), ["2 failed: refused: invalid_name"]);

    let mut script = Script::new();
    script.open();
    script.join();
    script.receive(r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#);
    assert_eq!(
        script.receive(&refused("1", "2")),
        [
            r#"send ["1","3","room:lobby","phx_leave",{}]"#,
            "1 failed: refused: invalid_name",
            r#"left: Refused("invalid_name")"#,
        ]
    );
    assert_eq!(script.say("x"), ["2 failed: that room is not joined"]);
}

#[test]
fn a_look_takes_the_presence_and_goes() {
    let mut script = Script::new();
    script.open();
    let look = |room, ticket| Command::Look { room, ticket };
    assert_eq!(script.ask(look), [r#"send ["1","1","room:lobby","phx_join",{"presence":true}]"#]);
    let ok = r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), [""; 0]);
    let state = format!(
        r#"["1",null,"room:lobby","presence_state",{{"{BOB}":{{"metas":[{{"name":"bob","phx_ref":"b","online_at":"7"}}]}}}}]"#
    );
    assert_eq!(
        script.receive(&state),
        ["1 saw 1", r#"send ["1","2","room:lobby","phx_leave",{}]"#]
    );

    script.ask(look);
    assert_eq!(script.pass(10), ["2 failed: the server did not answer in time"]);
    script.drop_line();
    assert_eq!(script.ask(look), ["3 failed: there is no line to the server"]);
}

#[test]
fn a_leave_is_told_once() {
    let mut script = Script::entered();
    assert_eq!(
        script.ask(|room, ticket| Command::Leave { room, ticket }),
        [r#"send ["1","3","room:lobby","phx_leave",{}]"#]
    );
    assert_eq!(
        script.receive(r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#),
        ["left: Asked", "2 done"]
    );
    assert_eq!(script.receive(r#"["1","1","room:lobby","phx_close",{}]"#), [""; 0]);
}

#[test]
fn a_channel_the_server_closes_is_over() {
    let mut script = Script::entered();
    assert_eq!(script.receive(r#"["1","1","room:lobby","phx_close",{}]"#), ["left: Closed"]);
}

#[test]
fn a_broken_channel_is_joined_again_later_and_later() {
    let mut script = Script::entered();
    assert_eq!(
        script.receive(r#"["1","1","room:lobby","phx_error",{"reason":"channel_crash"}]"#),
        [""; 0]
    );
    assert_eq!(script.pass(1), [r#"send ["3","3","room:lobby","phx_join",{}]"#]);
    let no_answer = script.pass(12);
    assert_eq!(no_answer, [r#"send ["4","4","room:lobby","phx_join",{}]"#]);
}

#[test]
fn silence_brings_two_heartbeats_and_then_a_new_line() {
    let mut script = Script::entered();
    assert_eq!(script.pass(14), [""; 0]);
    assert_eq!(script.pass(1), [r#"send [null,"3","phoenix","heartbeat",{}]"#]);
    script.receive(r#"[null,"3","phoenix","phx_reply",{"status":"ok","response":{}}]"#);
    assert_eq!(script.pass(15), [r#"send [null,"4","phoenix","heartbeat",{}]"#]);
    assert_eq!(script.pass(15), [r#"send [null,"5","phoenix","heartbeat",{}]"#]);
    assert_eq!(script.pass(15)[..2], ["disconnect", "offline: the server fell silent"]);
}

#[test]
fn joins_and_heartbeats_tell_how_long_the_server_took() {
    let mut script = Script::new();
    script.open();
    script.join();
    script.now += Duration::from_millis(12);
    let joined = r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.handle_all(Input::Received(joined))[0], "took 12 ms");
    script.receive(&welcome("1", "2", ADA, "ada"));
    script.pass(15);
    script.now += Duration::from_millis(30);
    let pong = r#"[null,"3","phoenix","phx_reply",{"status":"ok","response":{}}]"#;
    let late = script.handle_all(Input::Received(pong));
    assert!(late[0].starts_with("took "), "{late:?}");
}

#[test]
fn whoever_only_hears_still_sends_a_heartbeat() {
    let mut script = Script::entered();
    let broadcast = format!(
        r#"[null,null,"room:lobby","client_broadcast",{{"message":"x","client_session_id":"{BOB}"}}]"#
    );
    let mut sent = Vec::new();
    for _ in 0..59 {
        script.receive(&broadcast);
        sent.extend(script.pass(1));
    }
    assert_eq!(sent, [r#"send [null,"3","phoenix","heartbeat",{}]"#]);
}

#[test]
fn a_room_that_is_joined_while_it_is_left_stays() {
    let mut script = Script::entered();
    let leave = script.ask(|room, ticket| Command::Leave { room, ticket });
    assert_eq!(leave, [r#"send ["1","3","room:lobby","phx_leave",{}]"#]);
    let join = script.join();
    assert_eq!(join, ["left: Asked", r#"send ["4","4","room:lobby","phx_join",{}]"#]);
    let left = r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(left), ["2 done"]);
    assert_eq!(script.receive(r#"["1",null,"room:lobby","phx_close",{}]"#), [""; 0]);
    let joined = r#"["4","4","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(
        script.receive(joined),
        [r#"send ["4","5","room:lobby","client_helo",{"name":"ada"}]"#]
    );
}

#[test]
fn a_server_that_talks_nonsense_is_left() {
    let mut script = Script::entered();
    let outputs = script.receive("hello");
    assert_eq!(outputs[0], "disconnect");
    assert!(outputs[1].starts_with("offline: the server does not speak this protocol"));
    let mut script = Script::entered();
    assert_eq!(script.receive(r#"["1",null,"room:lobby","presence_diff",{}]"#)[0], "disconnect");
}

#[test]
fn asked_to_reconnect_it_does_at_once() {
    let mut script = Script::entered();
    script.drop_line();
    assert_eq!(script.handle(Input::Asked(Command::Reconnect)), ["connect"]);
    script.open();
    assert_eq!(
        script.handle(Input::Asked(Command::Reconnect)),
        ["disconnect", "offline: reconnecting as asked", "connect"]
    );
}
