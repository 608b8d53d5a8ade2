//! The HTTP before the WebSocket.

use std::time::Duration;

use hullo_server::Config;
use hullo_testing::server::Server;
use hullo_testing::websocket::{SOCKET, read_head, read_to_end, upgrade};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

/// Sends a request and returns the whole answer.
pub(crate) async fn ask(server: &Server, request: &[u8]) -> String {
    let mut stream = server.tcp().await;
    stream.write_all(request).await.unwrap();
    String::from_utf8(read_to_end(&mut stream).await).unwrap()
}

#[tokio::test]
async fn the_server_says_that_it_is_well() {
    let server = Server::start().await;
    let answer = ask(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let (dates, rest): (Vec<&str>, Vec<&str>) =
        answer.split_inclusive("\r\n").partition(|line| line.starts_with("Date: "));
    let [date] = *dates else { panic!("{answer}") };
    assert!(date.ends_with(" GMT\r\n"), "{date}");
    assert_eq!(
        rest.concat(),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\
         Connection: close\r\n\r\nok\n"
    );
    let answer = ask(&server, b"HEAD /healthz HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn what_is_no_websocket_gets_a_page() {
    let server = Server::start().await;
    let ask = |request: Vec<u8>| {
        let server = &server;
        async move { ask(server, &request).await }
    };
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes();
    let starts = |answer: String, with: &str| assert!(answer.starts_with(with), "{answer}");
    starts(ask(get("/")).await, "HTTP/1.1 404 Not Found\r\n");
    starts(ask(get(SOCKET)).await, "HTTP/1.1 400 Bad Request\r\n");
    starts(ask(b"nonsense\r\n\r\n".to_vec()).await, "HTTP/1.1 400 Bad Request\r\n");
    starts(ask(vec![b'x'; 9000]).await, "HTTP/1.1 431 ");
    let head = ask(b"HEAD /socket/websocket HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()).await;
    assert!(head.starts_with("HTTP/1.1 405 ") && head.ends_with("\r\n\r\n"), "{head}");
    let refused = ask(upgrade("/socket/websocket?vsn=1.0.0")).await;
    assert!(refused.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{refused}");
    assert!(
        refused.contains("Content-Length: 0\r\n") && refused.ends_with("\r\n\r\n"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_could_be_read_in_two_ways_is_not_read_at_all() {
    let server = Server::start().await;
    let good = String::from_utf8(upgrade(SOCKET)).unwrap();
    for (from, to) in [
        ("Host: x\r\n", ""),
        ("Host: x\r\n", "Host: x\r\nHost: x\r\n"),
        ("Host: x\r\n", "Host: x\r\nContent-Length: 4\r\n"),
        ("Host: x\r\n", "Host: x\r\nTransfer-Encoding: chunked\r\n"),
        ("\r\n\r\n", "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
    ] {
        let answer = ask(&server, good.replacen(from, to, 1).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{to}: {answer}");
        assert!(answer.ends_with(".\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_token_in_the_subprotocol_opens_like_none() {
    let server = Server::start().await;
    let mut stream = server.tcp().await;
    let request = String::from_utf8(upgrade("/socket/websocket?vsn=2.0.0&token=x")).unwrap();
    let offer = "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.c2VjcmV0\r\n\r\n";
    let request = request.replacen("\r\n\r\n", &format!("\r\n{offer}"), 1);
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert!(head.contains("\r\nSec-WebSocket-Protocol: phoenix\r\n"), "{head}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_ended() {
    let timeout = Duration::from_millis(300);
    let config = Config { handshake_timeout: timeout, ..Config::default() };
    let server = Server::with(config).await;
    let mut canary = server.member("canary").await;
    let start = Instant::now();

    let mut silent = server.tcp().await;
    let mut half = server.tcp().await;
    half.write_all(b"GET /socket/websocket HTTP/1.1\r\nHost:").await.unwrap();
    let mut drip = server.tcp().await;
    let dripping = async {
        for byte in upgrade(SOCKET).chunks(1).cycle() {
            if drip.write_all(byte).await.is_err() {
                return; // they hung up
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ((), silent, half) =
        tokio::join!(dripping, read_to_end(&mut silent), read_to_end(&mut half));
    assert!(silent.starts_with(b"HTTP/1.1 408 "));
    assert!(half.starts_with(b"HTTP/1.1 408 "));
    assert!(start.elapsed() >= timeout);
    canary.sings().await;
}

#[tokio::test]
async fn a_handshake_may_come_byte_by_byte() {
    let server = Server::start().await;
    let mut stream = server.tcp().await;
    stream.set_nodelay(true).unwrap();
    for byte in upgrade(SOCKET).chunks(1) {
        stream.write_all(byte).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(read_head(&mut stream).await.starts_with("HTTP/1.1 101 "));
}
