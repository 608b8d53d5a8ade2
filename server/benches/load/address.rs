//! Connections from several addresses: each has no more than some 28,000 ports, and those of
//! connections that have just ended are not free for a minute.

use std::io;
use std::net::SocketAddr;

use mio::net::TcpStream;

/// How many addresses there are.
#[cfg(target_os = "linux")]
const ADDRESSES: usize = 8;

/// Begins to connect. On Linux all of 127.0.0.0/8 is this machine.
#[cfg(target_os = "linux")]
pub(crate) fn connect(to: SocketAddr, who: usize) -> io::Result<TcpStream> {
    use rustix::io::Errno;
    use socket2::{Domain, Socket, Type};

    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    if to.is_ipv4() && to.ip().is_loopback() {
        let last = 1 + (who % ADDRESSES) as u8;
        socket.bind(&SocketAddr::from(([127, 0, 0, last], 0)).into())?;
    }
    match socket.connect(&to.into()) {
        Err(error) if error.raw_os_error() != Some(Errno::INPROGRESS.raw_os_error()) => Err(error),
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}

/// Begins to connect.
#[cfg(not(target_os = "linux"))]
pub(crate) fn connect(to: SocketAddr, _who: usize) -> io::Result<TcpStream> {
    TcpStream::connect(to)
}
