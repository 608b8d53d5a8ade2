//! How somebody else joins the room that we are in.

use std::net::SocketAddr;

use super::Model;

impl Model {
    /// The command with which somebody else joins the current room.
    pub(crate) fn invitation(&self) -> String {
        let room = self.current_room().map(|room| room.name.as_str()).unwrap_or_default();
        let plain = room.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let room = match (room, plain && !room.starts_with('-')) {
            ("" | "lobby", _) => String::new(),
            (room, true) => format!(" {room}"),
            (room, false) => format!(" -- '#{}'", room.replace('\'', r"'\''")),
        };
        format!("hullo --server {}{room}", self.address)
    }

    /// What to do so that somebody else comes here. Nobody elsewhere reaches a loopback address.
    pub(crate) fn sharing(&self) -> String {
        let invitation = self.invitation();
        let address = self.address.parse::<hullo::client::Address>();
        let authority = address.map(|address| address.authority().to_owned()).unwrap_or_default();
        let is_loopback = match authority.parse::<SocketAddr>() {
            Ok(address) => address.ip().is_loopback(),
            Err(_) => authority.starts_with("localhost:"),
        };
        if !is_loopback {
            return invitation;
        }
        format!(
            "{invitation} on this machine; with other machines: \
             hullo serve --listen 0.0.0.0:4857, then /connect HOST:4857"
        )
    }
}
