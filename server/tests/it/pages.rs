//! Which web pages may connect: what a browser says in `Origin` and `Host` decides.

use hullo_server::Config;

use crate::front::ask;
use hullo_testing::server::Server;
use hullo_testing::websocket::{SOCKET, read_head, upgrade};
use tokio::io::AsyncWriteExt;

fn handshake(host: &str, origin: &str) -> Vec<u8> {
    let request = String::from_utf8(upgrade(SOCKET)).unwrap();
    let headers = format!("Host: {host}\r\nOrigin: {origin}\r\n");
    request.replacen("Host: x\r\n", &headers, 1).into_bytes()
}

/// The first line of the answer; a page is read to its end.
async fn answer(server: &Server, host: &str, origin: &str) -> String {
    let mut stream = server.tcp().await;
    stream.write_all(&handshake(host, origin)).await.unwrap();
    let head = read_head(&mut stream).await;
    head.lines().next().unwrap().to_owned()
}

const OPEN: &str = "HTTP/1.1 101 Switching Protocols";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden";

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let server = Server::start().await;
    let own = server.address.to_string();
    assert_eq!(answer(&server, &own, &format!("http://{own}")).await, OPEN);
    for origin in ["http://evil.example", "http://localhost:4000", "null", ""] {
        assert_eq!(answer(&server, &own, origin).await, FORBIDDEN, "{origin}");
    }
    let page = ask(&server, &handshake(&own, "http://evil.example")).await;
    assert!(page.contains("--allow-origin"), "{page}");
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_is_refused() {
    let server = Server::start().await;
    let rebound = format!("evil.example:{}", server.address.port());
    assert_eq!(answer(&server, &rebound, &format!("http://{rebound}")).await, FORBIDDEN);
    let page = ask(&server, &handshake(&rebound, &format!("http://{rebound}"))).await;
    assert!(page.contains("--allow-host"), "{page}");
    // No browser sent this, so it is not asked.
    server.raw().await;
}

#[tokio::test]
async fn what_the_operator_allows_may_connect() {
    let config = Config {
        allow_origin: vec!["https://chat.example".parse().unwrap()],
        allow_host: vec!["hullo.example".parse().unwrap()],
        ..Config::default()
    };
    let server = Server::with(config).await;
    assert_eq!(answer(&server, "localhost", "https://chat.example").await, OPEN);
    assert_eq!(answer(&server, "hullo.example", "https://hullo.example").await, OPEN);
    assert_eq!(answer(&server, "hullo.example", "https://evil.example").await, FORBIDDEN);
}
