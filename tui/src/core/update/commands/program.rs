//! The program itself: its server, its own log, help, and the end.

use super::{Entry, ON_OR_OFF, entry};
use crate::core::event::Effect;
use crate::core::model::{Model, Picker, PickerKind};
use crate::core::update::{connect, debug, quit as ending, say};
use crate::input::command::Arg::Optional;
use crate::input::command::ArgKind::{OneOf, RoomText, Text};
use crate::input::command::Args;

pub(super) const COMMANDS: &[Entry] = &[
    entry(
        "connect",
        &[Optional(Text("URL"))],
        "go to another server; without one: show the current one",
        |model, args| connect::connect(model, args.given()),
    ),
    entry("reconnect", &[], "try to reach the server now", |model, _| connect::again(model)),
    entry(
        "debug",
        &[Optional(OneOf(ON_OR_OFF))],
        "the program's own log, as it happens",
        |model, args| if args.text == "off" { debug::hide(model) } else { debug::show(model) },
    )
    .runs_when_chosen(),
    entry("help", &[Optional(Text("TEXT"))], "keys and commands", |model, args| {
        model.picker = Some(Picker::filtered(PickerKind::Help, args.text));
        Vec::new()
    })
    .also(&["keys"]),
    entry("quit", &[Optional(RoomText)], "end hullo; say this to every room first", quit)
        .also(&["exit", "q"])
        .runs_when_chosen(),
];

/// Ends, with a last word to every room that hears it. There is nothing else to wait for: the
/// connection is closed when all is sent.
fn quit(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let hears = |model: &Model, at: usize| {
        // Where lost people are waited for, it would only wait, too.
        let room = model.buffers[at].room();
        room.is_some_and(|room| model.is_live(&room.name) && room.missing.is_none())
    };
    if ending::asks_first(model) {
        return Vec::new();
    }
    let mut effects = Vec::new();
    for at in 0..model.buffers.len() {
        if let Some(text) = args.given().filter(|_| hears(model, at)) {
            effects.extend(say::say_in(model, at, text));
        }
    }
    effects.push(Effect::Quit);
    effects
}
