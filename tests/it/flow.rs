//! People meet, talk, look in and leave.

use hullo::client::{Departure, Error, JoinOptions, Notice};
use hullo::protocol::Refusal;
use hullo::protocol::payload::{State, Status};
use hullo_testing::guest::{Heard, lobby, room};
use hullo_testing::server::Server;
use hullo_testing::wait::soon;

fn away() -> Status {
    Status { state: State::Away, text: Some("lunch".to_owned()) }
}

#[tokio::test]
async fn a_newcomer_is_noticed_and_greeted() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let mut bo = server.guest("bo").await;
    bo.sees_names(&["ada", "bo"]).await;
    let arrived = ada.until("bo", |notice| matches!(notice, Notice::Arrived { .. })).await;
    let expected =
        Notice::Arrived { room: lobby(), id: bo.id(), name: "bo".to_owned(), answer: true };
    assert_eq!(arrived, expected);
    soon("the reply", ada.lobby.auto_respond(bo.id(), "hello bo")).await.unwrap();
    assert_eq!(bo.hears().await, Heard::Answer(ada.id(), "hello bo".to_owned()));
    soon("the reply", bo.lobby.respond(ada.id(), "thanks")).await.unwrap();
    assert_eq!(ada.hears().await, Heard::Direct(bo.id(), "thanks".to_owned()));
}

#[tokio::test]
async fn what_is_told_to_one_reaches_no_other_and_what_is_said_not_its_speaker() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let mut bo = server.guest("bo").await;
    let mut cyd = server.guest("cyd").await;
    soon("the reply", ada.lobby.respond(bo.id(), "psst")).await.unwrap();
    soon("the reply", ada.lobby.say("all")).await.unwrap();
    assert_eq!(bo.hears().await, Heard::Direct(ada.id(), "psst".to_owned()));
    assert_eq!(bo.hears().await, Heard::Room(ada.id(), "all".to_owned()));
    assert_eq!(cyd.hears().await, Heard::Room(ada.id(), "all".to_owned()));
    soon("the reply", bo.lobby.say("ok")).await.unwrap();
    assert_eq!(ada.hears().await, Heard::Room(bo.id(), "ok".to_owned()));
}

#[tokio::test]
async fn everybody_sees_the_same_people_whatever_they_do() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let mut bo = server.guest("bo").await;
    let cyd = server.guest("cyd").await;
    soon("the reply", bo.lobby.rename("bob")).await.unwrap();
    soon("the reply", ada.lobby.set_status(away())).await.unwrap();
    soon("the reply", cyd.lobby.leave()).await.unwrap();
    let mut dan = server.guest("dan").await;
    let (outside, _notices) = server.connect().await;
    let people = soon("the people", outside.room(&lobby()).peek()).await.unwrap();
    let mut shown: Vec<_> =
        people.iter().map(|who| (&*who.name, who.state, who.text.as_deref())).collect();
    shown.sort_by_key(|(name, ..)| *name);
    assert_eq!(
        shown,
        [("ada", Some(State::Away), Some("lunch")), ("bob", None, None), ("dan", None, None)]
    );
    for guest in [&mut ada, &mut bo, &mut dan] {
        guest.sees(&people).await;
    }
}

#[tokio::test]
async fn who_arrives_with_a_status_is_seen_with_it() {
    let server = Server::start().await;
    let (client, _notices) = server.connect().await;
    let me = JoinOptions::new("ada").status(away()).user("ada@example".to_owned());
    soon("the room", client.room(&lobby()).join(me)).await.unwrap();
    let people = soon("the people", client.room(&lobby()).peek()).await.unwrap();
    assert_eq!(
        (people[0].state, people[0].text.as_deref(), people[0].user.as_deref()),
        (Some(State::Away), Some("lunch"), Some("ada@example"))
    );
}

#[tokio::test]
async fn a_peek_sees_without_being_seen() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let mut bo = server.guest("bo").await;
    soon("the reply", bo.lobby.say("before")).await.unwrap();
    ada.hears().await;
    let (outside, _notices) = server.connect().await;
    let people = soon("the people", outside.room(&lobby()).peek()).await.unwrap();
    assert_eq!(people.len(), 2);
    bo.sees(&people).await;
    assert_eq!(soon("nobody", outside.room(&room("empty")).peek()).await.unwrap(), []);
    soon("the reply", bo.lobby.say("after")).await.unwrap();
    assert!(matches!(ada.next().await, Notice::Said { .. }));
}

#[tokio::test]
async fn who_leaves_is_told_so_and_missed_by_the_others() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let mut bo = server.guest("bo").await;
    ada.sees_names(&["ada", "bo"]).await;
    soon("the reply", bo.lobby.leave()).await.unwrap();
    let left = bo.until("the end", |notice| matches!(notice, Notice::Left { .. })).await;
    assert_eq!(left, Notice::Left { room: lobby(), departure: Departure::Left });
    ada.sees_names(&["ada"]).await;
    assert_eq!(bo.lobby.say("still here?").await, Err(Error::NotJoined));
    assert_eq!(bo.lobby.leave().await, Err(Error::NotJoined));
    let told = ada.lobby.respond(bo.id(), "bye");
    assert_eq!(soon("the no", told).await, Err(Error::Refused(Refusal::UnknownRecipient)));
    let again = soon("the room", bo.lobby.join("bo")).await.unwrap();
    assert_ne!(again.id, bo.id());
}

#[tokio::test]
async fn rooms_do_not_mix() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let bo = server.guest("bo").await;
    for guest in [&ada, &bo] {
        soon("the room", guest.client.room(&room("ops")).join("op")).await.unwrap();
    }
    soon("the reply", bo.client.room(&room("ops")).say("here")).await.unwrap();
    soon("the reply", bo.lobby.say("there")).await.unwrap();
    let said = |notice: &Notice| matches!(notice, Notice::Said { .. });
    for expected in [room("ops"), lobby()] {
        let Notice::Said { room, .. } = ada.until("a message", said).await else { panic!() };
        assert_eq!(room, expected);
    }
}
