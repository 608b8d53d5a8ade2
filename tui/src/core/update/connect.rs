//! Going to another server: rooms, logs and drafts stay, the people are others.

use hullo::client::Address;

use super::commands::rooms::enter;
use super::{buffers, flash, report};
use crate::chat::buffer::{Earlier, Membership, Partner, Place, Room};
use crate::core::event::Effect;
use crate::core::model::{Directory, Link, Model, Push};
use crate::core::server_restart::ServerRestart;
use crate::entry::Kind;
use crate::entry::message::Delivery;
use crate::entry::system::Severity;

/// Why a line that waited for the server that is left is not sent: the people of the next one are
/// not those it was written for.
const UNSENT: &str = "you went to another server first";

/// Goes to another server; without an address, tells which one this is.
pub(super) fn connect(model: &mut Model, wanted: Option<&str>) -> Vec<Effect> {
    let Some(wanted) = wanted else {
        let answers = if model.link == Link::Online { "" } else { ", which does not answer" };
        let text =
            format!("this is {}{answers} · /connect HOST:PORT goes to another", model.address);
        report(model, Severity::Info, text);
        return Vec::new();
    };
    match wanted.parse::<Address>().map(|address| address.to_string()) {
        Ok(address) if address == model.address => {
            flash(model, format!("you are at {address} already · /reconnect tries again"));
            Vec::new()
        }
        Ok(address) => go(model, address),
        Err(why) => {
            report(
                model,
                Severity::Warning,
                hullo::text::clean_line(&why.to_string()).into_owned(),
            );
            Vec::new()
        }
    }
}

pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    flash(model, "trying to reach the server");
    vec![Effect::Reconnect]
}

fn go(model: &mut Model, address: String) -> Vec<Effect> {
    for at in 0..model.buffers.len() {
        model.buffers[at].log.forget_rate(model.now.at);
        leave_behind(model, at, &address);
    }
    model.address.clone_from(&address);
    model.link = Link::Connecting;
    // A server that was named is never started.
    model.restart = ServerRestart::default();
    model.round_trip = None;
    model.directory = Directory::default();
    model.typing_told = None;
    // A message that is on its way may still arrive, and shows it; all else is void.
    model.pushes.retain(|_, under_way| matches!(under_way.push, Push::Line(_)));
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    let wanted: Vec<_> =
        rooms.filter(|room| !room.is_out()).map(|room| room.name.clone()).collect();
    let drafts = std::mem::take(&mut model.drafts);
    let mut effects = vec![Effect::Connect { address, drafts }];
    for room in wanted {
        effects.extend(enter(model, room));
    }
    effects
}

/// Nobody whom this buffer knows is on the next server, so what waits for them is not sent.
fn leave_behind(model: &mut Model, at: usize, address: &str) {
    let now = model.now;
    let buffer = &mut model.buffers[at];
    for (own, _) in buffers::waiting(&mut buffer.log) {
        *own = Delivery::Failed(UNSENT.to_owned());
        model.failed_lines += 1;
    }
    match &mut buffer.place {
        Place::Room(room) => {
            // Another server may take the name that this one refused.
            let out = room.membership == Membership::Out;
            // What the next server has comes below what this one had.
            let fresh = Room { earlier: Earlier::Complete, ..Room::new(room.name.clone()) };
            *room = if out { Room { membership: Membership::Out, ..fresh } } else { fresh };
        }
        Place::Direct(direct) => {
            direct.typing = None;
            if !matches!(direct.partner, Partner::Elsewhere(_)) {
                direct.partner = Partner::Elsewhere(model.address.clone());
            }
        }
        Place::Mentions | Place::Arrivals | Place::Debug => {}
    }
    buffer.log.push(now, Kind::connection(format!("from here on: {address}")));
}
