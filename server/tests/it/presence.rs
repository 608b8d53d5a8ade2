//! Presence in a crowd: many come at once, many are gone at once, and all agree on who is there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hullo_testing::bare::{Bare, at_once, members, push};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::daemon::start;

const LOBBY: &str = "room:lobby";

/// Who is here, as Phoenix's client finds it out.
#[derive(Default)]
struct Here {
    /// The metas by their `phx_ref`, of each session; `None` before the state has come.
    sessions: Option<BTreeMap<String, BTreeMap<String, Value>>>,
    /// Diffs that came before.
    waiting: Vec<Value>,
    diffs: usize,
}

impl Here {
    fn take(&mut self, frame: &Value) {
        match frame[3].as_str() {
            Some("presence_state") => {
                let sessions = frame[4].as_object().unwrap().iter();
                self.sessions = Some(sessions.map(|(id, it)| (id.clone(), metas(it))).collect());
                for diff in std::mem::take(&mut self.waiting) {
                    self.take_diff(&diff);
                }
            }
            Some("presence_diff") => {
                self.diffs += 1;
                self.take_diff(&frame[4]);
            }
            _ => {}
        }
    }

    fn take_diff(&mut self, diff: &Value) {
        let Some(sessions) = &mut self.sessions else { return self.waiting.push(diff.clone()) };
        for (id, joins) in diff["joins"].as_object().unwrap() {
            sessions.entry(id.clone()).or_default().extend(metas(joins));
        }
        for (id, leaves) in diff["leaves"].as_object().unwrap() {
            let Some(session) = sessions.get_mut(id) else { continue };
            let gone = metas(leaves);
            session.retain(|phx_ref, _| !gone.contains_key(phx_ref));
            if session.is_empty() {
                sessions.remove(id);
            }
        }
    }

    fn count(&self) -> usize {
        self.sessions.as_ref().map_or(0, BTreeMap::len)
    }
}

fn metas(presence: &Value) -> BTreeMap<String, Value> {
    let metas = presence["metas"].as_array().unwrap().iter();
    metas.map(|meta| (meta["phx_ref"].as_str().unwrap().to_owned(), meta.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_hundred_who_come_at_once_all_agree_in_few_diffs() {
    const CROWD: usize = 300;
    let (_daemon, address) = start(&[]).await;
    let crowd = at_once(0..CROWD, move |_| async move {
        let mut bare = Bare::open(address).await;
        bare.send(&push("1", LOBBY, "phx_join", "{}")).await;
        bare.reading.until(r#"["1","1","#).await;
        bare
    })
    .await;
    let crowd = at_once(crowd.into_iter().enumerate(), |(at, mut bare)| async move {
        bare.send(&push("2", LOBBY, "client_helo", &format!(r#"{{"name":"m{at}"}}"#))).await;
        let mut here = Here::default();
        while here.count() < CROWD {
            here.take(&serde_json::from_str(&bare.reading.text().await).unwrap());
        }
        // Whatever is still on its way changes nothing.
        sleep(Duration::from_millis(300)).await;
        bare.send(&push("3", LOBBY, "nonsense", "{}")).await;
        loop {
            let frame: Value = serde_json::from_str(&bare.reading.text().await).unwrap();
            here.take(&frame);
            if frame[1] == "3" {
                return (here, bare);
            }
        }
    })
    .await;
    let first = &crowd[0].0;
    assert_eq!(first.count(), CROWD);
    for (here, _) in &crowd {
        assert!(here.sessions == first.sessions, "they do not agree");
        assert!(here.diffs < 40, "{} diffs", here.diffs);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_are_killed_at_once_leave_once_each_and_no_ghost() {
    let (_daemon, address) = start(&[]).await;
    let mut survivor = Bare::member(address, LOBBY, "survivor").await;
    let crowd = members(address, 100).await;
    survivor.is_well().await; // and has read of all who came
    let ids: BTreeSet<String> = crowd.iter().map(|member| member.id.clone()).collect();
    let start = Instant::now();
    crowd.into_iter().for_each(Bare::reset);
    let mut gone = BTreeSet::new();
    while gone.len() < ids.len() {
        let frame: Value = serde_json::from_str(&survivor.reading.text().await).unwrap();
        assert!(start.elapsed() < Duration::from_secs(2), "{} are left", ids.len() - gone.len());
        let Some(leaves) = frame[4]["leaves"].as_object() else { continue };
        for id in leaves.keys() {
            assert!(gone.insert(id.clone()), "{id} left twice");
        }
    }
    assert_eq!(gone, ids);
    let mut newcomer = Bare::open(address).await;
    let join = push("1", LOBBY, "phx_join", "{}");
    newcomer.send(&[join, push("2", LOBBY, "client_helo", r#"{"name":"new"}"#)].concat()).await;
    let state = newcomer.reading.until(r#"["1",null,"room:lobby","presence_state","#).await;
    let there: Vec<&Value> =
        state[4].as_object().unwrap().values().map(|it| &it["metas"][0]["name"]).collect();
    assert!(there.len() == 2 && there.contains(&&Value::from("survivor")), "{there:?}");
    loop {
        let frame: Value = serde_json::from_str(&survivor.reading.text().await).unwrap();
        assert!(frame[4]["leaves"].as_object().is_none_or(serde_json::Map::is_empty), "{frame}");
        if frame[4]["joins"].as_object().is_some_and(|joins| !joins.is_empty()) {
            return;
        }
    }
}

/// Together the states are more than may wait for a connection, and each is more than its socket
/// takes. It reads, though not at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_states_of_two_thousand_at_once_close_nobody() {
    const CROWD: usize = 2000;
    let (_daemon, address) = start(&["--max-per-ip", "0", "--greeters", "0"]).await;
    let mut crowd = JoinSet::new();
    for at in 0..CROWD / 100 {
        let enter = move |_| async move {
            let name = format!("member {at:02} {}", "x".repeat(20));
            Bare::member(address, LOBBY, &name).await
        };
        for member in at_once(0..100, enter).await {
            crowd.spawn(member.closed());
        }
    }
    let join = |payload| push("1", LOBBY, "phx_join", payload);
    let helo = |reference| push(reference, LOBBY, "client_helo", r#"{"name":"new"}"#);
    let join_and_helo = [join(r#"{"presence":true}"#), helo("3")].concat();
    let two_helos = [join("{}"), helo("2"), helo("3")].concat();
    let newcomers = [join_and_helo, two_helos].into_iter().cycle().take(20);
    at_once(newcomers, move |bytes| async move {
        let mut newcomer = Bare::open_narrow(address).await;
        newcomer.send(&bytes).await;
        sleep(Duration::from_millis(300)).await;
        for _ in 0..2 {
            let state = newcomer.reading.until(r#"["1",null,"room:lobby","presence_state","#).await;
            assert!((CROWD..=CROWD + 20).contains(&state[4].as_object().unwrap().len()));
        }
        newcomer.reading.until(r#"["1","3","#).await;
        newcomer.is_well().await;
    })
    .await;
    assert!(crowd.try_join_next().is_none(), "somebody was closed");
}
