//! `watch`: an event a line, and when it ends.

#[cfg(unix)]
use std::process::Stdio;

use hullo_testing::program::Running;
#[cfg(unix)]
use hullo_testing::wait::eventually;
use hullo_testing::wait::soon;

use crate::process::Server;
use serde_json::{Value, json};

/// The events up to and with the first of this kind, without what differs from run to run.
async fn events(watch: &mut Running, last: &str) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let mut event = watch.event().await;
        let fields = event.as_object_mut().unwrap();
        assert!(fields.remove("at").unwrap().as_str().unwrap().ends_with('Z'));
        fields.remove("id");
        fields.remove("seq");
        for person in ["person", "from"] {
            if let Some(person) = fields.get_mut(person) {
                *person = person["name"].take();
            }
        }
        events.push(event);
        if events.last().unwrap()["event"] == last {
            return events;
        }
    }
}

#[tokio::test]
async fn each_event_is_a_line_of_json() {
    let server = Server::start().await;
    let mut watch = server.watcher("mira").await;
    let ada = server.member("ada").await;
    ada.says("hi").await;
    soon("the reply", ada.lobby.set_topic("tea")).await.unwrap();
    soon("the reply", ada.lobby.set_topic("")).await.unwrap();
    server.run(&["send", "--name", "ci", "done"]).await.printed("");
    drop(ada);
    let mut happened = events(&mut watch, "gone").await;
    // A newcomer's two events come in either order.
    happened[..2].sort_by_key(|event| event["event"].to_string());
    assert_eq!(
        happened,
        [
            json!({"event": "arrived", "room": "lobby", "name": "ada"}),
            json!({"event": "joined", "room": "lobby", "person": "ada"}),
            json!({"event": "said", "room": "lobby", "from": "ada", "message": "hi"}),
            json!({"event": "topic", "room": "lobby", "from": "ada", "topic": "tea"}),
            json!({"event": "topic", "room": "lobby", "from": "ada", "topic": null}),
            json!({"event": "said", "room": "lobby", "from": "ci", "message": "done"}),
            json!({"event": "gone", "room": "lobby", "person": "ada"}),
        ]
    );
}

#[tokio::test]
async fn it_begins_with_what_the_room_is_about() {
    let server = Server::start().await;
    let ada = server.member("ada").await;
    soon("the reply", ada.lobby.set_topic("tea")).await.unwrap();
    let mut watch = Running::start(&mut server.command(&["watch", "--json"]));
    let entered = watch.event().await;
    assert_eq!(
        (&entered["topic"]["text"], &entered["topic"]["by"]),
        (&json!("tea"), &json!("ada"))
    );
    assert_eq!(entered["me"]["mode"], "observer");
    let mut watch = Running::start(&mut server.command(&["watch"]));
    assert!(watch.line().await.ends_with("#lobby: 1 here · topic: tea"));
    soon("the reply", ada.lobby.set_topic("coffee")).await.unwrap();
    assert!(watch.line().await.ends_with("ada set the topic: coffee"));
}

#[tokio::test]
async fn without_json_events_are_sentences_and_further_lines_indented() {
    let server = Server::start().await;
    let mut watch = Running::start(&mut server.command(&["watch"]));
    let mut lines = vec![watch.line().await];
    let ada = server.member("ada").await;
    server.run(&["send", "--name", "ci", "--to", "tester", "hi\nyou"]).await.printed("");
    while !lines.last().unwrap().ends_with("you") {
        lines.push(watch.line().await);
    }
    drop(ada);
    lines.push(watch.line().await);
    let words: Vec<&str> = lines.iter().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(
        words,
        ["#lobby: 0 here", "ada arrived and says helo", "ci to you: hi", " you", "ada left"]
    );
}

#[tokio::test]
async fn a_name_cannot_imitate_a_line_and_a_new_one_is_printed() {
    let server = Server::start().await;
    let mut json = server.watcher("mira").await;
    let mut watch = Running::start(&mut server.command(&["watch"]));
    let mut lines = vec![watch.line().await];
    let ada = server.member("mira: deploy it now").await;
    ada.says("ok").await;
    soon("the reply", ada.lobby.rename("offline")).await.unwrap();
    ada.says("the server is gone").await;
    for _ in 0..4 {
        lines.push(watch.line().await);
    }
    let words: Vec<&str> = lines.iter().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(
        words,
        [
            "#lobby: 0 here",
            "\"mira: deploy it now\" arrived and says helo",
            "\"mira: deploy it now\": ok",
            "\"mira: deploy it now\" is now \"offline\"",
            "\"offline\": the server is gone",
        ]
    );
    let told = json.until("updated").await;
    assert_eq!((&told["person"]["name"], &told["was"]), (&json!("offline"), &json!(ada.me().name)));
}

#[tokio::test]
async fn it_ends_at_once_when_its_reader_closes_the_pipe() {
    let server = Server::start().await;
    let mut watch = server.watcher("mira").await;
    watch.unread();
    watch.ended().await.printed("");
    server.run(&["who", "--json"]).await.printed("[]\n");
}

#[cfg(unix)]
#[tokio::test]
async fn it_ends_at_once_when_its_reader_closes_the_socket() {
    use std::io::{BufRead, BufReader};
    let server = Server::start().await;
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let stdout = Stdio::from(std::os::fd::OwnedFd::from(theirs));
    // The command keeps its end of the pair until it is dropped.
    let watch = Running::start(server.command(&["watch"]).stdout(stdout));
    let read = tokio::task::spawn_blocking(move || BufReader::new(ours).lines().next());
    assert!(soon("a line", read).await.unwrap().unwrap().unwrap().ends_with("0 here"));
    watch.ended().await.printed("");
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_ends_it_while_its_reader_stalls() {
    use std::io::{BufRead, BufReader};
    let server = Server::start().await;
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let stdout = Stdio::from(std::os::fd::OwnedFd::from(theirs));
    let watch = Running::start(server.command(&["watch"]).stdout(stdout));
    let read = tokio::task::spawn_blocking(move || {
        let mut reader = BufReader::new(ours);
        reader.read_line(&mut String::new()).unwrap();
        reader
    });
    let stalled = soon("a line", read).await.unwrap();
    let ada = server.member("ada").await;
    for _ in 0..40 {
        ada.says(&"x".repeat(20_000)).await;
    }
    watch.signal(rustix::process::Signal::TERM);
    watch.ended().await.printed("");
    drop(stalled);
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_and_sigint_are_not_failures() {
    use rustix::process::Signal;
    let server = Server::start().await;
    for signal in [Signal::TERM, Signal::INT] {
        let watch = server.watcher("mira").await;
        watch.signal(signal);
        watch.ended().await.printed("");
        server.run(&["who", "--json"]).await.printed("[]\n");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn into_a_file_it_runs_until_a_signal() {
    let server = Server::start().await;
    let path = server.home.file("events");
    let stdout = std::fs::File::create(&path).unwrap();
    let watch = Running::start(server.command(&["watch"]).stdout(stdout));
    let holds = |text: &str| std::fs::read_to_string(&path).unwrap().contains(text);
    eventually("the room", || holds("#lobby: 0 here\n"));
    server.run(&["send", "--name", "ada", "hi"]).await.printed("");
    eventually("the message", || holds("ada: hi\n"));
    watch.signal(rustix::process::Signal::TERM);
    watch.ended().await.printed("");
}

#[cfg(unix)]
#[tokio::test]
async fn it_outlives_its_server_and_comes_back() {
    let server = Server::start().await;
    let mut watch = server.watcher("mira").await;
    let address = server.address.clone();
    server.process.signal(rustix::process::Signal::TERM);
    assert!(watch.event().await["reason"].as_str().unwrap().contains("restarting"));
    assert_eq!(server.process.ended().await.code, Some(0));
    let _server = Server::on(&address, &[]).await;
    watch.until("online").await;
    assert_eq!(watch.until("entered").await["me"]["name"], "mira");
}
