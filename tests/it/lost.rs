//! The server ends, and comes back.

use futures_util::future::join_all;
use hullo::client::{Error, Notice, Pending};
use hullo_server::Config;
use hullo_testing::guest::{Guest, Heard};
use hullo_testing::server::Server;
use hullo_testing::wait::soon;
use tokio::runtime::{Builder, Runtime};

async fn entered_again(guest: &mut Guest) {
    guest.until("the loss", |notice| matches!(notice, Notice::Offline { .. })).await;
    guest.until("the connection", |notice| *notice == Notice::Online).await;
    guest.until("the gap", |notice| matches!(notice, Notice::Gap { .. })).await;
    guest.until("the room", |notice| matches!(notice, Notice::Entered { .. })).await;
}

#[tokio::test]
async fn after_a_restart_everybody_is_back_under_new_ids() {
    let server = Server::start().await;
    let address = server.address;
    let mut ada = server.guest("ada").await;
    let mut bo = server.guest("bo").await;
    soon("the reply", bo.lobby.rename("bob")).await.unwrap();
    let before = [ada.id(), bo.id()];
    server.stop().await;
    let server = Server::on(address, Config::default()).await;
    for guest in [&mut ada, &mut bo] {
        entered_again(guest).await;
    }
    for guest in [&mut ada, &mut bo] {
        guest.sees_names(&["ada", "bob"]).await;
        assert!(!before.contains(&guest.id()));
    }
    soon("the reply", ada.lobby.respond(bo.id(), "still you?")).await.unwrap();
    assert_eq!(bo.hears().await, Heard::Direct(ada.id(), "still you?".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn who_is_told_of_the_loss_is_told_why() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    server.stop().await;
    let lost = ada.until("the loss", |notice| matches!(notice, Notice::Offline { .. })).await;
    let Notice::Offline { reason, .. } = lost else { panic!("{lost:?}") };
    assert_eq!(reason, "the server is restarting (1012)");
    let answer = ada.lobby.auto_respond(ada.id(), "hello");
    assert_eq!(soon("the no", answer).await, Err(Error::Offline));
}

#[tokio::test]
async fn a_reconnect_that_is_asked_for_resumes_the_session() {
    let server = Server::start().await;
    let mut ada = server.guest("ada").await;
    let before = ada.id();
    ada.client.reconnect();
    ada.until("the session", |notice| matches!(notice, Notice::Resumed { .. })).await;
    assert_eq!(ada.id(), before);
    ada.sees_names(&["ada"]).await;
}

/// Ada has a runtime of her own, so that she rests while Bo finds back: nobody hears what is said
/// before they are there.
#[test]
fn what_was_said_meanwhile_is_delivered_in_order() {
    let adas = Builder::new_current_thread().enable_all().build().unwrap();
    let world = Runtime::new().unwrap();
    let server = world.block_on(Server::start());
    let address = server.address;
    let mut bo = world.block_on(server.guest("bo"));
    let mut ada = adas.block_on(server.guest("ada"));
    world.block_on(server.stop());
    let offline = |notice: &Notice| matches!(notice, Notice::Offline { .. });
    adas.block_on(ada.until("the loss", offline));
    let pushes: Vec<Pending<()>> =
        (0..100).map(|number| ada.lobby.say(number.to_string())).collect();

    let _server = world.block_on(Server::on(address, Config::default()));
    world.block_on(entered_again(&mut bo));
    let replies = adas.block_on(soon("the replies", join_all(pushes)));
    assert_eq!(replies, vec![Ok(()); 100]);
    let entered = |notice: &Notice| matches!(notice, Notice::Entered { .. });
    adas.block_on(ada.until("the room", entered));
    for number in 0..100 {
        let heard = world.block_on(bo.hears());
        assert_eq!(heard, Heard::Room(ada.id(), number.to_string()));
    }
}

#[tokio::test]
async fn after_a_restart_on_its_store_sessions_go_on_and_nothing_is_missing() {
    let data = tempfile::tempdir().unwrap();
    let config = Config { data: Some(data.path().to_owned()), ..Config::default() };
    let server = Server::with(config.clone()).await;
    let address = server.address;
    let (mut ada, mut bo) = (server.guest("ada").await, server.guest("bo").await);
    ada.sees_names(&["ada", "bo"]).await;
    soon("the reply", ada.lobby.say("before")).await.unwrap();
    let ids = [ada.id(), bo.id()];
    server.stop().await;
    ada.until("the loss", |notice| matches!(notice, Notice::Offline { .. })).await;
    let meanwhile = ada.lobby.say("meanwhile");
    let _server = Server::on(address, config).await;
    soon("the reply", meanwhile).await.unwrap();
    assert_eq!(bo.hears().await, Heard::Room(ids[0], "before".to_owned()));
    assert_eq!(bo.hears().await, Heard::Room(ids[0], "meanwhile".to_owned()));
    ada.until("the session", |notice| matches!(notice, Notice::Resumed { .. })).await;
    assert_eq!([ada.id(), bo.id()], ids);
}
