//! What the server counts, and who may read it.

use hullo_server::{Config, MetricsAccess};
use hullo_testing::server::Server;
use hullo_testing::websocket::{frame, read_to_end};
use tokio::io::AsyncWriteExt;

use crate::front::ask;

pub(crate) const GET: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn the_page_tells_who_is_here_and_what_went_wrong() {
    let server = Server::start().await;
    let _ada = server.member("ada").await;
    let mut stream = server.raw().await;
    stream.write_all(&frame(0x81, b"nonsense")).await.unwrap();
    read_to_end(&mut stream).await;
    ask(&server, b"GET /socket/websocket HTTP/1.1\r\nHost: x\r\n\r\n").await;
    // The server counts a close when the connection is over, and the client may know first.
    let closed = "hullo_closes_total{code=\"1011\",reason=\"undecodable frame\"} 1";
    let mut page = ask(&server, GET).await;
    while !page.contains(closed) || !page.contains("hullo_connections 1\n") {
        tokio::task::yield_now().await;
        page = ask(&server, GET).await;
    }
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("Content-Type: application/openmetrics-text; version=1.0.0"), "{page}");
    for line in [
        "hullo_members 1",
        "hullo_rooms 1",
        "hullo_backlog_bytes 0",
        "hullo_handshakes_refused_total{reason=\"no_upgrade\"} 1",
        "hullo_log_lines_lost_total 0",
        "hullo_frames_received_total 3",
        "hullo_frames_sent_total 5",
        "# EOF",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} is missing in\n{page}");
    }
    assert!(page.contains("\nhullo_build_info{version=\""), "{page}");
    assert!(!page.contains("hullo_dispatch_seconds_count 0\n"), "{page}");
}

#[tokio::test]
async fn only_those_read_it_who_may() {
    let server = Server::start().await;
    let head = ask(&server, b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    let foreign = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nOrigin: http://x\r\n\r\n";
    assert!(ask(&server, foreign).await.starts_with("HTTP/1.1 403 "));
    let post = b"POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert!(ask(&server, post).await.starts_with("HTTP/1.1 405 "));
    let off = Config { metrics: MetricsAccess::Off, ..Config::default() };
    assert!(ask(&Server::with(off).await, GET).await.starts_with("HTTP/1.1 404 "));
}
