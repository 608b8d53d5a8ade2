//! Connections break, and nothing is lost and nothing doubled.

use std::time::Duration;

use futures_util::future::join_all;
use hullo::client::{JoinOptions, Notice, Pending};
use hullo_server::Config;
use hullo_testing::guest::{Guest, Heard, lobby};
use hullo_testing::proxy::Proxy;
use hullo_testing::server::Server;
use hullo_testing::wait::soon;

/// What a guest is told up to the next thing that somebody says, but for how fast the server is.
async fn told(guest: &mut Guest) -> Vec<Notice> {
    let mut told = Vec::new();
    loop {
        match guest.next().await {
            Notice::RoundTrip(_) | Notice::Online | Notice::Offline { .. } => {}
            notice => {
                let is_said = matches!(notice, Notice::Said { .. });
                told.push(notice);
                if is_said {
                    return told;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_session_outlives_its_connection_and_nobody_notices() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let proxy = Proxy::to(server.address).await;
    let mut ada = Guest::at(proxy.address, "ada").await;
    ada.sees_names(&["ada", "bo"]).await;
    bo.sees_names(&["ada", "bo"]).await;
    let id = ada.id();
    proxy.close();
    ada.until("the loss", |notice| matches!(notice, Notice::Offline { .. })).await;
    soon("the reply", bo.lobby.say("into the dark")).await.unwrap();
    soon("the reply", bo.lobby.respond(id, "to you alone")).await.unwrap();
    proxy.cut();
    ada.until("the session", |notice| matches!(notice, Notice::Resumed { .. })).await;
    assert_eq!(ada.id(), id);
    assert_eq!(ada.hears().await, Heard::Room(bo.id(), "into the dark".to_owned()));
    assert_eq!(ada.hears().await, Heard::Direct(bo.id(), "to you alone".to_owned()));
    soon("the reply", ada.lobby.say("back")).await.unwrap();
    let told = told(&mut bo).await;
    assert!(matches!(&*told, [Notice::Said { from, .. }] if *from == id), "{told:?}");
}

#[tokio::test]
async fn a_push_whose_reply_was_lost_takes_effect_once() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let proxy = Proxy::to(server.address).await;
    let ada = Guest::at(proxy.address, "ada").await;
    proxy.swallow_replies();
    let pushes: Vec<Pending<()>> =
        (0..50).map(|number| ada.lobby.say(number.to_string())).collect();
    for number in 0..50 {
        assert_eq!(bo.hears().await, Heard::Room(ada.id(), number.to_string()));
    }
    proxy.cut();
    let replies = soon("the replies", join_all(pushes)).await;
    assert_eq!(replies, vec![Ok(()); 50]);
    soon("the reply", ada.lobby.say("the end")).await.unwrap();
    assert_eq!(bo.hears().await, Heard::Room(ada.id(), "the end".to_owned()));
}

#[tokio::test]
async fn cuts_at_any_time_lose_nothing_double_nothing_and_keep_the_order() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let proxy = Proxy::to(server.address).await;
    let mut ada = Guest::at(proxy.address, "ada").await;
    let (adas, bos) = (ada.lobby.clone(), bo.lobby.clone());
    let talking = async {
        for number in 0..100 {
            if number % 10 == 9 {
                proxy.cut();
                // Not when the backoff says so: the test is to be quick.
                tokio::time::sleep(Duration::from_millis(20)).await;
                ada.client.reconnect();
            }
            drop(bos.say(number.to_string()));
            drop(adas.say(number.to_string()));
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    };
    talking.await;
    let (ada_id, bo_id) = (ada.id(), bo.id());
    for number in 0..100 {
        assert_eq!(bo.hears().await, Heard::Room(ada_id, number.to_string()));
    }
    for number in 0..100 {
        assert_eq!(ada.hears().await, Heard::Room(bo_id, number.to_string()));
    }
    ada.sees_names(&["ada", "bo"]).await;
}

#[tokio::test]
async fn who_comes_back_too_late_is_told_of_the_gap_and_gets_the_history() {
    let config = Config { resume_window: Duration::from_millis(100), ..Config::default() };
    let server = Server::with(config).await;
    let mut bo = server.guest("bo").await;
    soon("the reply", bo.lobby.say("long ago")).await.unwrap();
    let proxy = Proxy::to(server.address).await;
    let mut ada = Guest::at(proxy.address, JoinOptions::new("ada").history(10)).await;
    let before = ada.id();
    let texts = |notice: Notice| {
        let Notice::History { messages, .. } = notice else { panic!("{notice:?}") };
        messages.iter().map(|past| past.message.as_text().into_owned()).collect::<Vec<_>>()
    };
    let history = |notice: &Notice| matches!(notice, Notice::History { .. });
    assert_eq!(texts(ada.until("the history", history).await), ["long ago"]);
    soon("the reply", bo.lobby.say("heard")).await.unwrap();
    ada.hears().await;
    bo.sees_names(&["ada", "bo"]).await;
    proxy.close();
    bo.sees_names(&["bo"]).await;
    soon("the reply", bo.lobby.say("missed")).await.unwrap();
    proxy.cut();
    let gap = Notice::Gap { room: lobby(), is_filled: true };
    ada.until("the gap", |notice| *notice == gap).await;
    assert_eq!(texts(ada.until("the history", history).await), ["missed"]);
    assert_ne!(ada.id(), before);
}

#[tokio::test]
async fn a_gap_in_which_nothing_was_said_is_filled_also_where_nothing_was_ever_said() {
    let config = Config { resume_window: Duration::from_millis(100), ..Config::default() };
    let server = Server::with(config).await;
    let proxy = Proxy::to(server.address).await;
    let mut ada = Guest::at(proxy.address, JoinOptions::new("ada").history(10)).await;
    let filled = Notice::Gap { room: lobby(), is_filled: true };
    let gap = |notice: &Notice| matches!(notice, Notice::Gap { .. });
    for first_words in [None, Some("the first words"), None] {
        if let Some(words) = first_words {
            ada.says(words).await;
        }
        // Nobody else is here, so the room is empty for a while.
        proxy.close();
        ada.until("the loss", |notice| matches!(notice, Notice::Offline { .. })).await;
        drop(ada.lobby.say("what waits was not said yet"));
        tokio::time::sleep(Duration::from_secs(1)).await;
        proxy.cut();
        assert_eq!(ada.until("a gap", gap).await, filled);
    }
}

#[tokio::test]
async fn history_is_read_back_page_by_page() {
    let server = Server::start().await;
    let bo = server.guest("bo").await;
    for number in 0..5 {
        soon("the reply", bo.lobby.say(number.to_string())).await.unwrap();
    }
    let ada = server.guest("ada").await;
    let newest = soon("a page", ada.lobby.history(3, None)).await.unwrap();
    let older = soon("a page", ada.lobby.history(3, Some(newest[0].seq))).await.unwrap();
    let oldest = soon("a page", ada.lobby.history(3, Some(older[0].seq))).await.unwrap();
    let texts: Vec<_> =
        older.iter().chain(&newest).map(|past| past.message.as_text().into_owned()).collect();
    assert_eq!(texts, ["0", "1", "2", "3", "4"]);
    assert_eq!(oldest, []);
    assert_eq!((newest[0].from, &*newest[0].name), (bo.id(), "bo"));
}

#[tokio::test]
async fn whatever_waited_for_the_connection_is_sent_at_the_pace_of_the_server() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let proxy = Proxy::to(server.address).await;
    let mut ada = Guest::at(proxy.address, "ada").await;
    proxy.close();
    ada.until("the loss", |notice| matches!(notice, Notice::Offline { .. })).await;
    let mut pushes: Vec<Pending<()>> = Vec::new();
    for number in 0..256 {
        pushes.push(ada.lobby.say(number.to_string()));
        tokio::task::yield_now().await;
    }
    proxy.cut();
    assert_eq!(soon("the replies", join_all(pushes)).await, vec![Ok(()); 256]);
    for number in 0..256 {
        assert_eq!(bo.hears().await, Heard::Room(ada.id(), number.to_string()));
    }
}

#[tokio::test]
async fn a_user_who_reads_too_slowly_misses_nothing() {
    let server = Server::start().await;
    let bo = server.guest("bo").await;
    let builder = hullo::Client::builder(&server.address.to_string()).unread_notices(8);
    let (client, mut notices) = soon("a connection", builder.connect()).await.unwrap();
    soon("the room", client.room(&lobby()).join("ada")).await.unwrap();
    for number in 0..40 {
        soon("the reply", bo.lobby.say(number.to_string())).await.unwrap();
    }
    let mut resumed = 0;
    for number in 0..40 {
        let said = loop {
            match soon("a notice", notices.recv()).await.unwrap() {
                Notice::Said { message, .. } => break message,
                Notice::Gap { .. } => panic!("something was missed"),
                Notice::Resumed { .. } => resumed += 1,
                _ => {}
            }
        };
        assert_eq!(said.as_text(), number.to_string());
    }
    assert!(resumed > 0, "the user was never too slow");
}
