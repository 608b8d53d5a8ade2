//! What clients can make the server keep: the memory of the daemon's process, as Linux tells it.

use std::net::SocketAddr;
use std::time::Duration;

use hullo_testing::bare::{Bare, at_once, meanwhile, ping, push};
use hullo_testing::program::Running;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::daemon;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

struct Daemon {
    program: Running,
    address: SocketAddr,
}

impl Daemon {
    async fn start(arguments: &[&str]) -> Self {
        let (program, address) = daemon::start(arguments).await;
        Self { program, address }
    }

    /// How many bytes of memory its process has.
    fn memory(&self) -> usize {
        usize::try_from(self.program.process().resident().unwrap()).unwrap() * KIB
    }

    /// The same, once it is less than this, or will not be.
    async fn memory_below(&self, bytes: usize) -> usize {
        for _ in 0..30 {
            if self.memory() < bytes {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        self.memory()
    }
}

#[track_caller]
fn check(what: &str, bytes: usize, most: usize) {
    assert!(bytes < most, "{what}: {} KiB, and not less than {}", bytes / KIB, most / KIB);
}

/// Peers whose sockets are full send so many pings again and again, and read nothing before it is
/// too late. They were blocked for a second by then, and their last words are still on their way.
async fn check_pings(rate: &str, pings: usize) {
    let daemon = Daemon::start(&["--max-stall", "1s", "--max-pushes-per-second", rate]).await;
    let address = daemon.address;
    let peers =
        at_once(
            0..20,
            move |at| async move { Bare::clogged(address, &format!("room:r{at}"), 4).await },
        )
        .await;
    sleep(Duration::from_millis(200)).await;
    let before = daemon.memory();
    let peers = meanwhile(at_once(peers, move |mut peer| async move {
        let bytes = ping().repeat(pings);
        let endless = async {
            while peer.writing.write_all(&bytes).await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        };
        let _it_is_blocked_or_goes_on = timeout(Duration::from_millis(1600), endless).await;
        peer.closed().await
    }));
    let mut most = before;
    while !peers.is_finished() {
        most = most.max(daemon.memory());
        sleep(Duration::from_millis(20)).await;
    }
    let codes = peers.await.unwrap();
    assert!(codes.iter().all(|code| *code == Some(1013)), "{codes:?}");
    check("pings of twenty who read no pong", most - before, MIB);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_pings_and_does_not_read_takes_no_memory_and_is_closed() {
    check_pings("50", 5).await; // 50 a second
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_pings_and_does_not_read_is_closed_without_a_limit_too() {
    check_pings("0", 5000).await;
}

/// The longest helo there may be.
fn longest_helo(at: usize) -> String {
    let name = format!("{at:032}"); // 32 graphemes
    let name: String = name.chars().flat_map(|digit| [digit, '\u{301}']).collect();
    let text = "é̂".repeat(140);
    let user = format!("{at:0128}");
    format!(r#"{{"name":"{name}","user":"{user}","status":{{"state":"away","text":"{text}"}}}}"#)
}

/// A room of 200, and 300 who join it and read nothing of the two states that each is sent. Returns
/// how much more memory the latter took, and leaves nobody there.
async fn join_without_reading(daemon: &Daemon) -> usize {
    let address = daemon.address;
    let members = at_once(0..200, move |at| async move {
        let mut member = Bare::open(address).await;
        member.enter("room:lobby", &longest_helo(at)).await;
        member
    })
    .await;
    let members = meanwhile(at_once(members, |member| async move { member.closed().await }));
    sleep(Duration::from_millis(200)).await;
    let before = daemon.memory();
    let joiners = at_once(0..300, move |at| async move {
        let mut joiner = Bare::open_narrow(address).await;
        let join = push("1", "room:lobby", "phx_join", r#"{"presence":true}"#);
        let helo = push("2", "room:lobby", "client_helo", &longest_helo(1000 + at));
        joiner.send(&[join, helo].concat()).await;
        joiner
    })
    .await;
    let mut most = before;
    for _ in 0..10 {
        sleep(Duration::from_millis(50)).await;
        most = most.max(daemon.memory());
    }
    at_once(joiners, |joiner| async move { joiner.reset() }).await;
    members.abort();
    most - before
}

/// Each state takes 182 KiB, all 600 of them 107 MiB. What the process got, its allocator keeps: so
/// whether it is free is seen by who comes next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_that_nobody_reads_are_shared_and_given_back() {
    let daemon = Daemon::start(&[]).await;
    let first = join_without_reading(&daemon).await;
    check("states that nobody reads", first, 16 * MIB);
    sleep(Duration::from_millis(300)).await;
    let between = daemon.memory();
    join_without_reading(&daemon).await;
    check("after as many again", daemon.memory().saturating_sub(between), 3 * MIB);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_once_sent_and_got_much_keeps_nothing_of_it() {
    const CROWD: usize = 500;
    let daemon = Daemon::start(&[]).await;
    let address = daemon.address;
    let members = at_once(0..CROWD, move |at| async move {
        let room = format!("room:r{}", at / 10);
        (Bare::member(address, &room, &format!("m{at}")).await, room)
    })
    .await;
    let before = daemon.memory();
    let members = at_once(members, |(mut member, room)| async move {
        let bytes = member.message_to_itself(&room);
        let (write, reply) =
            tokio::join!(member.writing.write_all(&bytes), member.reading.until(r#"["1","3","#));
        write.unwrap();
        assert_eq!(reply[4]["status"], "ok");
        member
    })
    .await;
    let each = daemon.memory_below(before + 2 * CROWD * KIB).await.saturating_sub(before) / CROWD;
    assert!(each < 2 * KIB, "{each} bytes are kept for each");
    drop(members);
}
