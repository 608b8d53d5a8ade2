//! Hostile and broken clients, each beside a canary that must not notice.

use std::time::Duration;

use futures_util::SinkExt;
use hullo_server::Config;
use hullo_testing::peer::Peer;
use hullo_testing::server::Server;
use hullo_testing::wait::soon;
use hullo_testing::websocket::{close_code, frame, read_to_end};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

const LOBBY: &str = "room:lobby";
const BEAT: &[u8] = br#"[null,"1","phoenix","heartbeat",{}]"#;

/// Sends bytes on a fresh WebSocket and expects it to be closed with this code.
#[track_caller]
fn ends_with(code: u16, bytes: Vec<u8>) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let server = Server::start().await;
        let mut canary = server.member("canary").await;
        let mut stream = server.raw().await;
        stream.write_all(&bytes).await.unwrap();
        let got = read_to_end(&mut stream).await;
        assert_eq!(close_code(&got), Some(code), "{caller}: {:?}", String::from_utf8_lossy(&got));
        canary.sings().await;
    }
}

#[tokio::test]
async fn undecodable_frames_end_with_1011() {
    ends_with(1011, frame(0x81, b"nonsense")).await;
    ends_with(1011, frame(0x81, b"")).await;
    ends_with(1011, frame(0x81, br#"["1","1","room:lobby","phx_join"]"#)).await;
    ends_with(1011, frame(0x81, br#"["1","1","room:lobby","phx_join",{"x":"\ud800"}]"#)).await;
    ends_with(1011, frame(0x82, BEAT)).await; // binary
}

#[tokio::test]
async fn text_that_is_not_utf8_ends_with_1007() {
    ends_with(1007, frame(0x81, b"\xff\xfe")).await;
    let in_two = [frame(0x01, b"[\xc3"), frame(0x80, b"x]")].concat();
    ends_with(1007, in_two).await;
}

#[tokio::test]
async fn breaking_the_protocol_ends_with_1002() {
    let mut unmasked = vec![0x81, 2];
    unmasked.extend(b"[]");
    ends_with(1002, unmasked).await;
    ends_with(1002, frame(0x91, BEAT)).await; // a reserved bit
    ends_with(1002, frame(0x83, b"x")).await; // a reserved opcode
    ends_with(1002, frame(0x80, b"x")).await; // a continuation of nothing
    ends_with(1002, frame(0x09, b"x")).await; // a fragmented ping
    ends_with(1002, frame(0x89, &[b'x'; 126])).await; // a ping too large
    ends_with(1002, [frame(0x01, b"["), frame(0x81, b"]")].concat()).await; // a text in a text
}

#[tokio::test]
async fn a_message_too_big_ends_with_1009_before_it_has_come() {
    let mut header = vec![0x81, 0x80 | 127];
    header.extend(u64::MAX.to_be_bytes());
    header.extend([0; 4]);
    ends_with(1009, header).await;
    let half = vec![b'x'; 40_000];
    ends_with(1009, [frame(0x01, &half), frame(0x80, &half)].concat()).await;
}

#[tokio::test]
async fn a_close_behind_a_flood_still_arrives() {
    // Far more than the server will read: what it leaves unread must not reset its last words.
    let mut flood = frame(0x81, b"nonsense");
    for _ in 0..2000 {
        flood.extend(frame(0x81, BEAT));
    }
    ends_with(1011, flood).await;
}

/// Sends `bytes` again and again until the server hangs up; the close code.
async fn flood(mut stream: TcpStream, bytes: &[u8]) -> Option<u16> {
    let (mut reading, mut writing) = stream.split();
    let writer = async {
        while writing.write_all(bytes).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let mut got = Vec::new();
    let reader = reading.read_to_end(&mut got);
    // That the connection is reset at last is no wonder: the flood went on after the close.
    let ((), _) = soon("the end of the flood", async { tokio::join!(writer, reader) }).await;
    close_code(&got)
}

/// Floods a server and expects 1008, while the canary sings.
async fn check_flood(start: &[u8], bytes: &[u8]) {
    let server = Server::start().await;
    let mut canary = server.member("canary").await;
    let mut stream = server.raw().await;
    stream.write_all(start).await.unwrap();
    let singer = async {
        for _ in 0..5 {
            canary.sings().await;
        }
    };
    let (code, ()) = tokio::join!(flood(stream, bytes), singer);
    assert_eq!(code, Some(1008));
    canary.sings().await;
}

#[tokio::test]
async fn a_flood_of_pushes_ends_with_1008_and_nobody_starves() {
    check_flood(b"", &frame(0x81, BEAT).repeat(20)).await;
}

#[tokio::test]
async fn a_flood_of_pings_ends_with_1008_and_nobody_starves() {
    check_flood(b"", &frame(0x89, b"?").repeat(50)).await;
}

#[tokio::test]
async fn a_message_of_endless_empty_fragments_ends_with_1008() {
    check_flood(&frame(0x01, b"["), &frame(0x00, b"").repeat(500)).await;
}

#[tokio::test]
async fn a_member_over_its_rate_is_refused_then_closed() {
    let server = Server::start().await;
    let mut bob = server.member("bob").await;
    for _ in 0..420 {
        bob.push(LOBBY, "client_broadcast", r#"{"message":"x"}"#).await;
    }
    let refused = bob.until("rate_limited").await;
    assert!(refused.contains(r#""retry_after_ms":"#), "{refused}");
    assert_eq!(bob.closed().await, (1008, "rate limited".to_owned()));
}

/// Broadcasts until `slow` is gone, and returns how many broadcasts that took.
async fn talk_until_gone(talker: &mut Peer, slow: &str) -> usize {
    let message = format!(r#"{{"message":"{}"}}"#, "x".repeat(16 * 1024));
    for count in 1..5000 {
        talker.push(LOBBY, "client_broadcast", &message).await;
        let answer = tokio::time::timeout(Duration::from_secs(1), talker.json()).await;
        let answer = answer.expect("whoever talks is not kept waiting by whoever does not read");
        if answer[3] == "presence_diff" {
            assert!(answer[4]["leaves"][slow].is_object(), "{answer}");
            return count;
        }
    }
    panic!("{slow} may be as slow as it likes");
}

fn unlimited() -> Config {
    Config { max_pushes_per_second: 0, ..Config::default() }
}

#[tokio::test]
async fn who_does_not_read_is_too_slow_and_keeps_nobody_waiting() {
    let server = Server::with(unlimited()).await;
    let mut slow = server.narrow_peer().await;
    slow.enter(LOBBY, "slow").await;
    let mut talker = server.member("talker").await;
    let count = talk_until_gone(&mut talker, &slow.id).await;
    assert!(count > 64, "only {count} messages of 16 KiB were let wait");
    // It hears why, if it reads at last.
    assert_eq!(slow.closed().await, (1013, "too slow".to_owned()));
}

#[tokio::test]
async fn a_member_lapped_by_the_log_of_its_room_is_too_slow() {
    let config = Config { max_room_backlog_bytes: 256 * 1024, ..unlimited() };
    let server = Server::with(config).await;
    let mut slow = server.narrow_peer().await;
    slow.enter(LOBBY, "slow").await;
    let mut talker = server.member("talker").await;
    talk_until_gone(&mut talker, &slow.id).await;
    assert_eq!(slow.closed().await.0, 1013);
}

#[tokio::test]
async fn who_takes_nothing_for_long_is_too_slow() {
    let stall = Duration::from_millis(500);
    let config = Config { max_stall: stall, ..unlimited() };
    let server = Server::with(config).await;
    let mut slow = server.narrow_peer().await;
    slow.enter(LOBBY, "slow").await;
    let mut talker = server.member("talker").await;
    let start = Instant::now();
    for _ in 0..40 {
        let message = format!(r#"{{"message":"{}"}}"#, "x".repeat(16 * 1024));
        talker.push_ok(LOBBY, "client_broadcast", &message).await;
    }
    talker.hears_leave(&slow.id).await;
    assert!(start.elapsed() >= stall);
    assert_eq!(slow.closed().await.0, 1013);
}

#[tokio::test]
async fn who_reads_slowly_but_reads_is_not_too_slow() {
    let config = Config { max_stall: Duration::from_millis(500), ..unlimited() };
    let server = Server::with(config).await;
    let mut slow = server.narrow_peer().await;
    slow.enter(LOBBY, "slow").await;
    let mut talker = server.member("talker").await;
    for _ in 0..30 {
        let message = format!(r#"{{"message":"{}"}}"#, "x".repeat(16 * 1024));
        talker.push_ok(LOBBY, "client_broadcast", &message).await;
    }
    let mut heard = 0;
    while heard < 30 {
        tokio::time::sleep(Duration::from_millis(50)).await; // 1.5 s in all, three stalls
        slow.until("client_broadcast").await;
        heard += 1;
    }
    talker.sings().await;
}

#[tokio::test]
async fn who_says_nothing_is_idle() {
    let config = Config { idle_timeout: Duration::from_millis(300), ..Config::default() };
    let server = Server::with(config).await;
    let mut bob = server.member("bob").await;
    let start = Instant::now();
    assert_eq!(bob.closed().await, (1002, "idle".to_owned()));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn whoever_pings_is_not_idle_and_gets_pongs() {
    let config = Config { idle_timeout: Duration::from_millis(300), ..Config::default() };
    let server = Server::with(config).await;
    let mut bob = server.member("bob").await;
    for _ in 0..8 {
        bob.ws.send(Message::Ping("?".into())).await.unwrap();
        let pong = soon("a pong", futures_util::StreamExt::next(&mut bob.ws)).await;
        assert!(matches!(pong, Some(Ok(Message::Pong(_)))), "{pong:?}");
        tokio::time::sleep(Duration::from_millis(75)).await; // 0.6 s in all, two timeouts
    }
}

#[tokio::test]
async fn a_message_that_trickles_in_for_ever_is_no_message() {
    let config = Config { idle_timeout: Duration::from_millis(300), ..Config::default() };
    let server = Server::with(config).await;
    let mut stream = server.raw().await;
    stream.write_all(&frame(0x01, b"[")).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let writer = async {
        while writing.write_all(&frame(0x00, b" ")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut got = Vec::new();
    let reader = soon("the close", reading.read_to_end(&mut got));
    let ((), _) = tokio::join!(writer, reader);
    assert_eq!(close_code(&got), Some(1002));
}
