//! Sessions that are resumed after the connection broke, or cannot be; history.

use super::super::Command;
use super::{ADA, BOB, Script, joined, lobby, metas, presence_state};
use crate::client::JoinOptions;
use crate::protocol::payload::HistoryRequest;

const JOIN_AGAIN: &str = r#"send ["4","4","room:lobby","phx_join",{"resumable":true,"resume":{"token":"t","epoch":"e","seq":7}}]"#;

fn welcome(join_ref: u64, resume: &str, history: &str) -> String {
    let reference = join_ref + 1;
    format!(
        r#"["{join_ref}","{reference}","room:lobby","phx_reply",{{"status":"ok","response":{{"id":"{ADA}","name":"ada","resume":{resume}{history}}}}}]"#
    )
}

fn resume(epoch: &str, seq: u64) -> String {
    format!(r#"{{"token":"t","epoch":"{epoch}","seq":{seq}}}"#)
}

fn broadcast(seq: u64, text: &str) -> String {
    format!(
        r#"[null,null,"room:lobby","client_broadcast",{{"message":"{text}","client_session_id":"{BOB}","seq":{seq}}}]"#
    )
}

fn past(seq: u64, text: &str) -> String {
    format!(
        r#"["client_broadcast",{{"message":"{text}","client_session_id":"{BOB}","seq":{seq},"name":"bob","at":9}}]"#
    )
}

fn is_resumed(resumed: bool) -> String {
    format!(
        r#"["4","4","room:lobby","phx_reply",{{"status":"ok","response":{{"resumed":{resumed}}}}}]"#
    )
}

impl Script {
    /// Entered beside Bob, in a session that can be resumed from 7 on.
    fn resumable() -> Self {
        let mut script = Self::new();
        script.open();
        script.join();
        script.receive(&joined("1"));
        script.receive(&presence_state("1"));
        script.receive(&welcome(1, &resume("e", 6), ""));
        assert_eq!(script.receive(&broadcast(7, "seven")), ["said seven"]);
        script
    }

    fn connect_again(&mut self) -> Vec<String> {
        self.drop_connection();
        assert_eq!(self.pass(1), ["connect"]);
        self.open()
    }
}

#[test]
fn a_session_is_resumed_with_everything_that_was_missed() {
    let mut script = Script::resumable();
    assert_eq!(script.connect_again(), ["online", &JOIN_AGAIN.replace("\"4\"", "\"3\"")]);
    let resumed = is_resumed(true).replace("\"4\"", "\"3\"");
    assert_eq!(script.receive(&resumed), ["resumed as ada with 2"]);
    assert_eq!(script.receive(&broadcast(8, "eight")), ["said eight"]);
    let left = format!(
        r#"[null,null,"room:lobby","presence_diff",{{"joins":{{}},"leaves":{{{}}},"seq":9}}]"#,
        metas(BOB, "bob")
    );
    assert_eq!(script.receive(&left), ["changed +0 -1 ~0"]);
    script.drop_connection();
    script.pass(2);
    let join = script.open();
    assert!(join[1].contains(r#""seq":9"#), "{join:?}");
}

#[test]
fn what_was_heard_is_not_told_again() {
    let mut script = Script::resumable();
    for seq in [7, 3, 8, 8] {
        script.receive(&broadcast(seq, "again"));
    }
    assert_eq!(script.receive(&broadcast(8, "eight")), [""; 0]);
    assert_eq!(script.receive(&broadcast(9, "nine")), ["said nine"]);
}

#[test]
fn what_comes_before_the_session_is_resumed_comes_again_and_is_told_then() {
    let mut script = Script::resumable();
    script.connect_again();
    // The reply is late: meanwhile the room is joined again.
    assert_eq!(script.pass(10), [""; 0]);
    assert_eq!(script.pass(1), [JOIN_AGAIN]);
    assert_eq!(script.receive(&is_resumed(true).replace("\"4\"", "\"3\"")), [""; 0]);
    assert_eq!(script.receive(&broadcast(8, "eight")), [""; 0]);
    assert_eq!(script.receive(&is_resumed(true)), ["resumed as ada with 2"]);
    assert_eq!(script.receive(&broadcast(8, "eight")), ["said eight"]);
}

#[test]
fn pushes_without_a_reply_are_repeated_with_their_ids_before_those_that_waited() {
    let mut script = Script::resumable();
    script.say("under way");
    assert_eq!(script.drop_connection(), ["offline: reset"]);
    assert_eq!(script.say("meanwhile"), [""; 0]);
    script.pass(1);
    assert_eq!(script.open(), ["online", JOIN_AGAIN]);
    assert_eq!(
        script.receive(&is_resumed(true)),
        [
            "resumed as ada with 2",
            r#"send ["4","5","room:lobby","client_broadcast",{"message":"under way","msg_id":"m0"}]"#,
            r#"send ["4","6","room:lobby","client_broadcast",{"message":"meanwhile","msg_id":"m1"}]"#,
        ]
    );
    let ok = r#"["4","5","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), ["2 done"]);
}

#[test]
fn without_the_session_pushes_without_a_reply_are_lost_and_others_are_sent() {
    let mut script = Script::resumable();
    script.say("under way");
    script.connect_again();
    script.say("meanwhile");
    assert_eq!(
        script.receive(&is_resumed(false)),
        [
            "2 failed: the connection broke before the server answered; the push may have been delivered",
            r#"send ["4","5","room:lobby","client_helo",{"name":"ada"}]"#,
        ]
    );
    script.receive(&presence_state("4"));
    assert_eq!(
        script.receive(&welcome(4, &resume("f", 1), "")),
        [
            "gap",
            "entered as ada with ada bob",
            r#"send ["4","6","room:lobby","client_broadcast",{"message":"meanwhile","msg_id":"m1"}]"#,
        ]
    );
    assert_eq!(script.receive(&broadcast(2, "another order")), ["said another order"]);
}

#[test]
fn what_is_worth_nothing_later_is_not_repeated() {
    let mut script = Script::resumable();
    script.respond("hello there", true);
    assert_eq!(script.drop_connection().len(), 2);
}

#[test]
fn a_push_is_not_given_up_before_a_dead_connection_is_found() {
    let mut script = Script::resumable();
    script.say("hello?");
    let outputs = script.pass(30);
    assert_eq!(outputs[2..], ["disconnect", "offline: the server stopped answering"]);
}

#[test]
fn a_push_that_a_living_server_does_not_answer_fails_at_last() {
    let mut script = Script::resumable();
    script.say("hello?");
    for second in 0..30 {
        assert_eq!(script.pass(0), [""; 0]);
        script.receive(&broadcast(8 + second, "others are heard"));
        let outputs = script.pass(1);
        assert!(second == 29 || outputs.is_empty(), "{outputs:?}");
    }
    let ok = r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), [""; 0]); // it failed, so this is too late
}

#[test]
fn a_channel_that_broke_is_resumed_on_the_same_connection() {
    let mut script = Script::resumable();
    script.say("under way");
    let unmatched = r#"[null,"3","room:lobby","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]"#;
    assert_eq!(script.receive(unmatched), [""; 0]);
    assert_eq!(script.pass(1), [JOIN_AGAIN]);
    assert_eq!(script.receive(&is_resumed(true)).len(), 2);

    let mut script = Script::resumable();
    script.say("under way");
    script.receive(r#"["1","1","room:lobby","phx_error",{}]"#);
    assert_eq!(script.pass(1), [JOIN_AGAIN]);
    let resumed = script.receive(&is_resumed(true));
    assert_eq!(
        resumed[1],
        r#"send ["4","5","room:lobby","client_broadcast",{"message":"under way","msg_id":"m0"}]"#
    );
}

#[test]
fn a_room_that_is_left_while_offline_tells_that_a_push_may_have_arrived() {
    let mut script = Script::resumable();
    script.say("under way");
    script.drop_connection();
    script.say("never sent");
    assert_eq!(
        script.leave(),
        [
            "2 failed: the connection broke before the server answered; the push may have been delivered",
            "3 failed: the client is closed",
            "left: Left",
            "4 done",
        ]
    );
}

#[test]
fn a_server_that_cannot_store_for_now_is_asked_again() {
    let mut script = Script::resumable();
    script.connect_again();
    script.receive(&is_resumed(false).replace("\"4\"", "\"3\""));
    let unavailable = r#"["3","4","room:lobby","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]"#;
    assert_eq!(script.receive(unavailable), [""; 0]);
    assert_eq!(script.pass(1), [r#"send ["5","5","room:lobby","phx_join",{"resumable":true}]"#]);
}

#[test]
fn history_comes_after_the_entry_and_only_what_was_not_heard() {
    let mut script = Script::new();
    script.open();
    let options = JoinOptions::new("ada").history(20);
    assert_eq!(
        script.command(Command::Join { room: lobby(), options }),
        [r#"send ["1","1","room:lobby","phx_join",{"resumable":true,"history":20}]"#]
    );
    script.receive(&joined("1"));
    script.receive(&presence_state("1"));
    let history = format!(r#","history":[{},["of_a_newer_server",{{}}]]"#, past(5, "five"));
    assert_eq!(
        script.receive(&welcome(1, &resume("e", 6), &history)),
        ["1 welcomed as ada", "entered as ada with ada bob", "history 5: bob: five"]
    );
    script.receive(&broadcast(7, "seven"));
    script.connect_again();
    let not_resumed = is_resumed(false).replace("\"4\"", "\"3\"");
    script.receive(&not_resumed);
    script.receive(&presence_state("3"));
    let history =
        format!(r#","history":[{},{},{}]"#, past(5, "five"), past(7, "seven"), past(8, "eight"));
    assert_eq!(
        script.receive(&welcome(3, &resume("e", 9), &history)),
        ["gap, filled", "entered as ada with ada bob", "history 8: bob: eight"]
    );
}

#[test]
fn a_gap_is_filled_if_the_history_has_everything_since_the_newest_that_was_heard() {
    for (history, gap) in [
        // Nothing was said yet, or nothing since.
        (r#","history":[],"history_after":0"#.to_owned(), "gap, filled"),
        (r#","history":[],"history_after":7"#.to_owned(), "gap, filled"),
        (r#","history":[],"history_after":8"#.to_owned(), "gap"),
        (format!(r#","history":[{}],"history_after":0"#, past(9, "nine")), "gap, filled"),
        (format!(r#","history":[{}],"history_after":8"#, past(9, "nine")), "gap"),
        // A server that does not say
        (format!(r#","history":[{}]"#, past(7, "seven")), "gap, filled"),
        (format!(r#","history":[{}]"#, past(9, "nine")), "gap"),
        (String::new(), "gap"),
    ] {
        let mut script = Script::resumable();
        script.say("ours");
        script.connect_again();
        script.receive(&is_resumed(false));
        script.receive(&presence_state("4"));
        let told = script.receive(&welcome(4, &resume("e", 10), &history));
        assert_eq!(told[0], gap, "{history}");
    }
}

#[test]
fn older_messages_are_read_page_by_page() {
    let mut script = Script::resumable();
    let request = HistoryRequest { history: 2, before: Some(5) };
    let read = |request| Command::History { room: lobby(), request };
    assert_eq!(
        script.command(read(request)),
        [r#"send ["1","3","room:lobby","client_history",{"history":2,"before":5}]"#]
    );
    let page = format!(
        r#"["1","3","room:lobby","phx_reply",{{"status":"ok","response":{{"history":[{},{}]}}}}]"#,
        past(2, "two"),
        past(4, "four")
    );
    assert_eq!(script.receive(&page), ["2 read 2: bob: two, 4: bob: four"]);
    script.drop_connection();
    assert_eq!(script.command(read(request)), ["3 failed: there is no connection to the server"]);
}

#[test]
fn a_state_that_never_came_ends_the_session() {
    let mut script = Script::entered();
    let resume = resume("e", 6);
    script.receive(&welcome(1, &resume, ""));
    script.connect_again();
    assert_eq!(script.pass(0), [""; 0]);
    assert!(script.socket.channels.values().all(|channel| !channel.is_resumable()));
}
