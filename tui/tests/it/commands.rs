//! `who`, `send` and `helo`, and what all commands share: exit codes, names, a missing server.

use hullo::Notice;
use hullo_testing::NOWHERE;
use hullo_testing::guest::room;
use hullo_testing::listener::Listener;
use hullo_testing::program::{Running, run};
use hullo_testing::wait::soon;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::home::Home;
use crate::process::{Server, command};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn who_in_an_empty_room_says_so_on_stderr() {
    let server = Server::start().await;
    server.run(&["who"]).await.told("hullo: nobody is in #lobby\n");
    server.run(&["who", "--room", "#ops"]).await.told("hullo: nobody is in #ops\n");
    server.run(&["who", "--json"]).await.printed("[]\n");
}

#[tokio::test]
async fn who_lists_people_by_name_and_they_do_not_notice() {
    let server = Server::start().await;
    let mut mira = server.watcher("mira").await;
    let bo = server.member("bo").await;
    mira.until("joined").await;
    server.run(&["who"]).await.printed("bo    here\nmira  watching\n");
    let who = json(&server.run(&["who", "--json"]).await.stdout);
    let online_at = who[0]["online_at"].as_u64().unwrap();
    assert!(online_at > 1_700_000_000, "{who}");
    let expected =
        json!({"id": bo.id().to_string(), "name": "bo", "state": "here", "online_at": online_at});
    assert_eq!(who[0], expected);
    assert_eq!((&who[1]["name"], &who[1]["mode"]), (&json!("mira"), &json!("observer")));
    bo.says("next").await;
    assert_eq!(mira.event().await["message"], "next");
}

#[tokio::test]
async fn send_uses_the_given_name() {
    let server = Server::start().await;
    let mut mira = server.watcher("mira").await;
    server.run(&["send", "--name", "ada", "lunch?"]).await.printed("");
    let said = mira.until("said").await;
    assert_eq!((&said["from"]["name"], &said["message"]), (&json!("ada"), &json!("lunch?")));
    server.run(&["send", "--name", "ada", "--", "--hlep"]).await.printed("");
    assert_eq!(mira.until("said").await["message"], "--hlep");
    server.run(&["send", "from whom?"]).await.printed("");
    assert_eq!(mira.until("said").await["from"]["name"], "tester");
}

#[tokio::test]
async fn send_announces_neither_that_it_comes_nor_that_it_goes() {
    let server = Server::start().await;
    let mut mira = server.watcher("mira").await;
    let mut bo = server.member("bo").await;
    for text in ["one", "two"] {
        server.run(&["send", "--name", "ci", text]).await.printed("");
    }
    server.run(&["send", "--name", "ci", "--to", "bo", "psst"]).await.printed("");
    assert!(matches!(bo.until("psst", |it| matches!(it, Notice::Responded { .. })).await,
        Notice::Responded { name: Some(name), .. } if name == "ci"));
    let mut events = Vec::new();
    while events.last().is_none_or(|(_, message)| message != "two") {
        let event = mira.event().await;
        events.push((event["event"].clone(), event["message"].clone()));
    }
    events.retain(|(event, _)| event != "arrived" && event != "joined"); // of bo
    assert_eq!(events, [(json!("said"), json!("one")), (json!("said"), json!("two"))]);
}

#[tokio::test]
async fn rooms_are_listed_with_their_topics() {
    let server = Server::start().await;
    server.run(&["rooms"]).await.told("hullo: there is no such room with anybody in it\n");
    let (ada, _bo) = (server.member("ada").await, server.member("bo").await);
    let build = ada.client.room(&room("build"));
    soon("the room", build.join("ada")).await.unwrap();
    soon("the reply", build.set_topic("all green")).await.unwrap();
    server.run(&["rooms"]).await.printed("lobby      2\nbuild      1  all green\n");
    server.run(&["rooms", "green"]).await.printed("build      1  all green\n");
    let listed = json(&server.run(&["rooms", "--json"]).await.stdout);
    let expected = json!([
        { "name": "lobby", "here": 2 },
        { "name": "build", "here": 1, "topic": "all green" },
    ]);
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn send_to_one_person_reaches_nobody_else() {
    let server = Server::start().await;
    let mut mira = server.watcher("mira").await;
    let mut bo = server.watcher("bo").await;
    server.run(&["send", "--name", "ada", "--to", "mira", "psst"]).await.printed("");
    let heard = mira.until("responded").await;
    assert_eq!(
        (&heard["from"]["name"], &heard["message"], &heard["auto"]),
        (&json!("ada"), &json!("psst"), &json!(false))
    );
    server.run(&["send", "--name", "ada", "all"]).await.printed("");
    loop {
        let event = bo.event().await;
        assert_ne!(event["event"], "responded", "{event}");
        if event["event"] == "said" {
            return assert_eq!(event["message"], "all");
        }
    }
}

#[tokio::test]
async fn send_reads_standard_input_and_keeps_its_lines() {
    let server = Server::start().await;
    let mut mira = server.watcher("mira").await;
    server.feed(&["send", "-"], "one\ntwo\r\n").await.printed("");
    assert_eq!(mira.until("said").await["message"], "one\ntwo");
}

#[tokio::test]
async fn an_empty_or_too_long_message_is_not_sent() {
    let server = Server::start().await;
    let _mira = server.watcher("mira").await;
    let long = "x".repeat(70_000);
    let unknown = server.run(&["send", "--to", "zoe", "hi"]).await;
    unknown.failed(1, "nobody called \"zoe\" is in #lobby; here: mira");
    server.run(&["send", " \n"]).await.failed(2, "the text is empty");
    server.feed(&["send", "-"], "\n").await.failed(2, "the text is empty");
    server.run(&["send", &long]).await.failed(2, "too long to send");
    server.feed(&["send", "-"], &long[..65_000]).await.failed(2, "too long to send");
}

#[tokio::test]
async fn helo_prints_each_answer_and_goes_when_everybody_has_answered() {
    let server = Server::start().await;
    let mira = server.member("mira").await;
    let id = mira.id().to_string();
    let _greeting = mira.greets("hello there");
    // A limit that nobody would wait for: it ends with the last answer.
    let answered = server.run(&["helo", "--wait", "1h", "--json"]).await;
    let answer = json(&answered.stdout);
    let after_ms = &answer["after_ms"];
    assert!(after_ms.is_u64(), "{answer}");
    let expected = json!({
        "id": id, "name": "mira", "message": "hello there", "auto": true, "after_ms": after_ms
    });
    assert_eq!(answer, expected);
    server.run(&["helo", "--wait", "1h"]).await.printed("mira: hello there\n");
}

#[tokio::test]
async fn helo_where_nobody_answers_exits_5_and_where_nobody_is_0() {
    let server = Server::start().await;
    server.run(&["helo"]).await.told("hullo: nobody else is in #lobby\n");
    let _who_only_watches = server.watcher("zoe").await;
    server.run(&["helo"]).await.told("hullo: nobody else is in #lobby\n");
    let _silent = server.member("mira").await;
    let unanswered = server.run(&["helo", "--wait", "50ms", "--json"]).await;
    unanswered.failed(5, "the other person did not answer in time");
}

#[tokio::test]
async fn helo_ends_at_once_when_its_output_is_closed() {
    let server = Server::start().await;
    let mut watch = server.watcher("zoe").await;
    let _silent = server.member("mira").await;
    watch.until("arrived").await;
    let mut helo = Running::start(&mut server.command(&["helo", "--wait", "1h"]));
    watch.until("arrived").await;
    helo.unread();
    helo.ended().await.printed("");
}

#[tokio::test]
async fn no_server_exits_3_and_says_what_to_do() {
    let home = Home::new();
    let commands: [&[&str]; 4] = [&["who"], &["send", "hi"], &["watch"], &["helo"]];
    for arguments in commands {
        let mut named = command(&home, arguments);
        named.env("HULLO_SERVER", format!("ws://{NOWHERE}"));
        run(named).await.failed(3, "cannot reach ws://127.0.0.1:9");
        let mut local = command(&home, arguments);
        local.env("HULLO_LISTEN", NOWHERE);
        run(local).await.failed(3, "start one with `hullo serve`");
    }
}

#[tokio::test]
async fn another_program_on_the_port_is_not_taken_for_a_server() {
    let other = Listener::of_another_program().await;
    let address = other.address.to_string();
    let ended = run(command(&Home::new(), &["who", "--server", &address])).await;
    ended.failed(3, "no hullo server");
}

#[tokio::test]
async fn send_to_a_name_that_two_people_have_exits_4_and_lists_their_ids() {
    let server = Server::start().await;
    let mut first = server.watcher("bo").await;
    let mut second = server.watcher("bo").await;
    let refused = server.run(&["send", "--to", "bo", "hi"]).await;
    refused.failed(4, "2 people in #lobby are called \"bo\"; use an id");
    let who = json(&server.run(&["who", "--json"]).await.stdout);
    let ids = [&who[0], &who[1]].map(|who| who["id"].as_str().unwrap().to_owned());
    for id in &ids {
        server.run(&["send", "--to", id, id]).await.printed("");
    }
    for bo in [&mut first, &mut second] {
        let heard = bo.until("responded").await["message"].as_str().unwrap().to_owned();
        assert!(ids.contains(&heard), "{heard}");
    }
}

#[tokio::test]
async fn invalid_arguments_exit_2_before_connecting() {
    let home = Home::new();
    let long = "n".repeat(33);
    let lines: [(&[&str], &str); 5] = [
        (&["send", "--name", "\u{1b}\u{7}", "hi"], "is not a name"),
        (&["watch", "--name", &long], "is not a name"),
        (&["helo", "--name", " "], "is not a name"),
        (&["who", "--server", "wss://127.0.0.1:9"], "wants TLS"),
        (&["who", "--server", "ws://"], "write ws://HOST:PORT"),
    ];
    for (arguments, why) in lines {
        run(command(&home, arguments)).await.failed(2, why);
    }
    let lines = [
        &["who", "--bogus"][..],
        &["send"],
        &["send", "--hlep"],
        &["helo", "--wait", "soon"],
        &["helo", "--wait", "584542046090y"],
    ];
    for arguments in lines {
        let ended = run(command(&home, arguments)).await;
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{ended:?}");
    }
}

#[tokio::test]
async fn help_lists_every_exit_code() {
    let help = run(command(&Home::new(), &["--help"])).await;
    let codes = "0 success, 1 failure, 2 wrong usage, 3 no server, 4 refused, 5 timed out";
    assert!(help.code == Some(0) && help.stdout.contains(codes), "{help:?}");
}

/// A program that is no hullo server holds the port: one that keeps silent, or answers otherwise.
#[tokio::test]
async fn what_holds_the_port_of_this_machine_is_said_with_what_to_do() {
    let home = Home::new();
    for (answer, what) in [(None, "does not answer"), (Some("SSH-2.0\r\n"), "is no hullo server")] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut holder = tokio::task::JoinSet::new();
        holder.spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                if let Some(answer) = answer {
                    stream.write_all(str::as_bytes(answer)).await.ok();
                }
                held.push(stream);
            }
        });
        let told = format!("hullo: {address} is held by a program that {what}; end it, or use");
        for arguments in [&["who"][..], &["send", "hi"], &["watch"], &["--plain"]] {
            let mut hullo = command(&home, arguments);
            hullo.env("HULLO_LISTEN", &address);
            let ended = run(hullo).await;
            assert_eq!((ended.code, &*ended.stdout), (Some(3), ""), "{arguments:?}");
            assert!(ended.stderr.contains(&told), "{arguments:?}: {}", ended.stderr);
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn who_is_interrupted_has_left_and_says_so_by_its_exit_code() {
    use rustix::process::Signal;
    let server = Server::start().await;
    let _silent = server.member("bo").await;
    let mut mira = server.watcher("mira").await;
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let waits = &["helo", "--name", "ada", "--wait", "1m"];
        let helo = Running::start(&mut server.command(waits));
        mira.until("arrived").await;
        helo.signal(signal);
        let ended = helo.ended().await;
        assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (Some(code), "", ""));
        server.run(&["who"]).await.printed("bo    here\nmira  watching\n");
    }
}
