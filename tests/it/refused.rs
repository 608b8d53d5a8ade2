//! What the server or the library says no to.

use futures_util::future::join_all;
use hullo::client::{Client, Departure, Error, Notice};
use hullo::protocol::Refusal;
use hullo_server::Config;
use hullo_testing::NOWHERE;
use hullo_testing::guest::{Heard, lobby, room};
use hullo_testing::listener::Listener;
use hullo_testing::server::Server;
use hullo_testing::wait::soon;

#[tokio::test]
async fn a_name_that_is_none_ends_the_join() {
    let server = Server::start().await;
    let (client, mut notices) = server.connect().await;
    let refused = Error::Refused(Refusal::InvalidName);
    assert_eq!(soon("the no", client.room(&lobby()).join("\u{1b}")).await, Err(refused.clone()));
    loop {
        match soon("the end", notices.recv()).await.unwrap() {
            Notice::Online | Notice::RoundTrip(_) => {}
            notice => {
                let departure = Departure::Refused(refused);
                assert_eq!(notice, Notice::Left { room: lobby(), departure });
                break;
            }
        }
    }
    assert_eq!(soon("nobody", client.room(&lobby()).peek()).await.unwrap(), []);
    soon("the room", client.room(&lobby()).join("ada")).await.unwrap();
}

#[tokio::test]
async fn a_rename_that_is_refused_changes_nothing() {
    let server = Server::start().await;
    let ada = server.guest("ada").await;
    let refused = Error::Refused(Refusal::InvalidName);
    assert_eq!(soon("the no", ada.lobby.rename(" ")).await, Err(refused));
    let people = soon("the people", ada.lobby.peek()).await.unwrap();
    assert_eq!(people[0].name, "ada");
}

#[tokio::test]
async fn a_join_that_is_one_too_many_is_refused_and_the_first_goes_on() {
    let server = Server::with(Config { max_channels: 1, ..Config::default() }).await;
    let ada = server.guest("ada").await;
    let refused = Error::Refused(Refusal::TooManyChannels);
    assert_eq!(soon("the no", ada.client.room(&room("ops")).join("ada")).await, Err(refused));
    soon("the reply", ada.lobby.say("still here")).await.unwrap();
}

#[tokio::test]
async fn too_many_pushes_at_once_are_sent_again_but_answers_that_would_be_late_are_refused() {
    let config = Config { max_pushes_per_second: 20, ..Config::default() };
    let server = Server::with(config).await;
    let mut bo = server.guest("bo").await;
    let ada = server.guest("ada").await;
    let said = join_all((0..100).map(|number| ada.lobby.say(number.to_string())));
    let answers = join_all((0..8).map(|_| ada.lobby.auto_respond(bo.id(), "x")));
    let (said, answers) = soon("the replies", async { tokio::join!(said, answers) }).await;
    assert_eq!(said, vec![Ok(()); 100]);
    let limited =
        |reply: &Result<(), Error>| matches!(reply, Err(Error::Refused(Refusal::RateLimited(_))));
    assert!(answers.iter().all(limited), "{answers:?}");
    for number in 0..100 {
        assert_eq!(bo.hears().await, Heard::Room(ada.id(), number.to_string()));
    }
}

#[tokio::test]
async fn what_waits_for_a_room_is_bounded_and_the_rest_arrives_in_order() {
    let server = Server::with(Config { max_pushes_per_second: 0, ..Config::default() }).await;
    let mut bo = server.guest("bo").await;
    let (client, _notices) = server.connect().await;
    let joining = client.room(&lobby()).join("ada");
    let mut pushes = Vec::new();
    for number in 0..300 {
        pushes.push(client.room(&lobby()).say(number.to_string()));
        // As often as not the client gets to take them up meanwhile.
        if number % 2 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let ada = soon("the room", joining).await.unwrap();
    let replies = soon("the replies", join_all(pushes)).await;
    let sent: Vec<usize> = (0..300).filter(|number| replies[*number].is_ok()).collect();
    for (number, reply) in replies.iter().enumerate() {
        assert!(matches!(reply, Ok(()) | Err(Error::Full)), "{number}: {reply:?}");
    }
    assert!((0..200).all(|number| replies[number].is_ok()));
    for number in sent {
        assert_eq!(bo.hears().await, Heard::Room(ada.id, number.to_string()));
    }
}

#[tokio::test]
async fn without_a_connection_256_pushes_wait_and_one_more_is_too_many() {
    let (client, _notices) = Client::start(NOWHERE).unwrap();
    let _joining = client.room(&lobby()).join("ada");
    let mut waiting = Vec::new();
    for _ in 0..256 {
        waiting.push(client.room(&lobby()).say("x"));
        tokio::task::yield_now().await;
    }
    assert_eq!(soon("the no", client.room(&lobby()).say("x")).await, Err(Error::Full));
    assert_eq!(soon("the no", client.room(&lobby()).peek()).await, Err(Error::Offline));
}

#[tokio::test]
async fn who_cannot_be_reached_is_named() {
    let unreachable = soon("the no", Client::connect("ws://127.0.0.1:9")).await.unwrap_err();
    let Error::Unreachable { address, .. } = unreachable else { panic!("{unreachable}") };
    assert_eq!(address, "ws://127.0.0.1:9");
    let Err(Error::Address(_)) = Client::connect("wss://localhost").await else { panic!() };
    let Err(Error::Address(_)) = Client::start("ftp://localhost") else { panic!() };
}

#[tokio::test]
async fn something_else_that_listens_is_told_from_a_server() {
    let other = Listener::of_another_program().await;
    let address = other.address.to_string();
    let connected = soon("an answer", Client::connect(&address)).await;
    let error = connected.unwrap_err().to_string();
    assert!(error.contains("it is no hullo server (404)"), "{error}");
}
