//! What rooms are about, which rooms there are, and other ways to take part: library and server.

use hullo::client::{Error, JoinOptions, Notice};
use hullo::protocol::Refusal;
use hullo::protocol::payload::Mode;
use hullo_testing::guest::{Guest, Heard, lobby, room};
use hullo_testing::server::Server;
use hullo_testing::wait::soon;

#[tokio::test]
async fn a_topic_is_told_and_found() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let bo = server.guest("bo").await;
    soon("the reply", bo.lobby.set_topic("tea at four")).await.unwrap();
    let told = ada.until("a topic", |notice| matches!(notice, Notice::TopicSet { .. })).await;
    let (topic, name) = (Some("tea at four".to_owned()), None);
    assert_eq!(told, Notice::TopicSet { room: lobby(), topic, from: bo.id(), name });
    let (cyd, mut notices) = server.connect().await;
    drop(cyd.room(&lobby()).join("cyd"));
    let found = loop {
        if let Notice::Entered { topic, .. } = soon("the room", notices.recv()).await.unwrap() {
            break topic.unwrap();
        }
    };
    assert_eq!((&*found.text, &*found.by), ("tea at four", "bo"));
    let too_long = soon("the reply", bo.lobby.set_topic(&"x".repeat(141))).await;
    assert_eq!(too_long, Err(Error::Refused(Refusal::InvalidPayload)));
}

#[tokio::test]
async fn who_asks_is_told_which_rooms_there_are_several_times_at_once() {
    let server = Server::start().await;
    let ada = server.guest("ada").await;
    let _bo = server.guest("bo").await;
    let build = ada.client.room(&room("build"));
    soon("the room", build.join("ada")).await.unwrap();
    soon("the reply", build.set_topic("all green")).await.unwrap();
    let (all, some) = (ada.client.rooms(None, 100), ada.client.rooms(Some("GREEN"), 1));
    let all = soon("the list", all).await.unwrap();
    let rooms: Vec<_> = all
        .rooms
        .iter()
        .map(|room| (room.name.as_str(), room.here, room.topic.as_deref()))
        .collect();
    assert_eq!(rooms, [("lobby", 2, None), ("build", 1, Some("all green"))]);
    let some = soon("the list", some).await.unwrap();
    assert_eq!((some.rooms.as_slice(), some.more), (&all.rooms[1..], false));
    let first = soon("the list", ada.client.rooms(None, 1)).await.unwrap();
    assert_eq!((first.rooms.as_slice(), first.more), (&all.rooms[..1], true));
}

#[tokio::test]
async fn an_observer_is_seen_and_a_quiet_session_is_not() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let mut log = server.guest(JoinOptions::new("log").mode(Mode::Observer)).await;
    ada.sees_names(&["ada", "log"]).await;
    assert_eq!(log.me().mode, Some(Mode::Observer));
    let mut ci = server.guest(JoinOptions::new("ci").mode(Mode::Quiet)).await;
    ci.sees_names(&["ada", "ci", "log"]).await;
    soon("the reply", ci.lobby.say("the build is done")).await.unwrap();
    let said = ada.until("a message", |notice| matches!(notice, Notice::Said { .. })).await;
    let Notice::Said { from, name, .. } = said else { panic!() };
    assert_eq!((from, name.as_deref()), (ci.id(), Some("ci")));
    soon("the reply", ada.lobby.respond(from, "thank you")).await.unwrap();
    ada.says("to all").await;
    assert_eq!(ci.hears().await, Heard::Direct(ada.id(), "thank you".to_owned()));
    assert_eq!(log.hears().await, Heard::Room(ci.id(), "the build is done".to_owned()));
    assert_eq!(log.hears().await, Heard::Room(ada.id(), "to all".to_owned()));

    // Those who come are not announced to the one, and no answer is asked of the other.
    let bo: Guest = server.guest("bo").await;
    let arrived = log.until("bo", |notice| matches!(notice, Notice::Arrived { .. })).await;
    let (id, name, answer) = (bo.id(), "bo".to_owned(), false);
    assert_eq!(arrived, Notice::Arrived { room: lobby(), id, name, answer });
    soon("the reply", ci.lobby.leave()).await.unwrap();
    loop {
        match ci.next().await {
            Notice::Left { .. } => break,
            Notice::RoundTrip(_) => {}
            other => panic!("{other:?}"),
        }
    }
}
