//! Handshakes and frames as bytes.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::wait::soon;

/// The path at which a server opens a WebSocket.
pub const SOCKET: &str = "/socket/websocket?vsn=2.0.0";

/// The first byte of a whole text.
pub const TEXT: u8 = 0x81;
/// The first byte of a close.
pub const CLOSE: u8 = 0x88;
/// The first byte of a ping.
pub const PING: u8 = 0x89;

/// A connection for which the kernel takes as little as possible.
pub async fn connect_narrow(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(2048).expect("a small buffer");
    socket.connect(address).await.expect("a connection")
}

/// Makes a connection a WebSocket.
pub async fn open(stream: &mut TcpStream) {
    stream.write_all(&upgrade(SOCKET)).await.expect("a request");
    let head = read_head(stream).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
}

/// The request that opens a WebSocket.
pub fn upgrade(target: &str) -> Vec<u8> {
    format!(
        "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

/// The head of an HTTP answer.
pub async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = soon("an answer", stream.read_u8()).await.expect("a whole answer");
        head.push(byte);
    }
    String::from_utf8(head).expect("an answer in UTF-8")
}

/// All that comes until the end of the stream. A reset is no end: it may take with it what came
/// before.
pub async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = soon("the end of the stream", stream.read_to_end(&mut bytes)).await;
    read.expect("an end in good order");
    bytes
}

/// One masked frame, with a mask of zeros, which changes nothing.
pub fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first_byte];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..126), _) => bytes.push(0x80 | length),
        (_, Ok(length)) => {
            bytes.push(0xfe);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// Where the header of the first frame ends, its mask aside, and how long its payload is; once the
/// whole header is there.
#[inline]
pub fn read_header(bytes: &[u8]) -> Option<(usize, usize)> {
    Some(match *bytes.get(1)? & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => {
            let length = u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?);
            (10, usize::try_from(length).expect("it fits into memory"))
        }
        short => (2, usize::from(short)),
    })
}

/// The close code at the end of what a raw peer got.
pub fn close_code(bytes: &[u8]) -> Option<u16> {
    let at = bytes.iter().rposition(|byte| *byte == CLOSE)?;
    Some(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]))
}
