//! What can happen in a script.

use proptest::prelude::*;
use proptest::sample::select;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};

/// The rooms of a script.
pub(super) const ROOMS: [&str; 2] = ["lobby", "build"];

/// One thing that happens. Who is meant by a number is one of those who are there.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Key(KeyEvent),
    /// The wheel up, the wheel down, a click.
    Mouse(MouseEventKind, u16, u16),
    /// A line is typed, and sent.
    Line(String),
    Paste(String),
    /// Somebody comes, and this is told in one order or another.
    Arrive {
        room: usize,
        name: &'static str,
        order: Order,
    },
    /// Somebody comes who only watches, and is not announced.
    Watch {
        room: usize,
    },
    Leave {
        room: usize,
        who: usize,
    },
    Rename {
        room: usize,
        who: usize,
        name: &'static str,
    },
    Say {
        room: usize,
        who: usize,
        text: String,
    },
    Tell {
        room: usize,
        who: usize,
        text: String,
        auto: bool,
    },
    /// Somebody says what the room is about.
    Topic {
        room: usize,
        who: usize,
        text: String,
    },
    Type {
        room: usize,
        who: usize,
        direct: bool,
        typing: bool,
    },
    /// So many come at once.
    Flood {
        room: usize,
        count: u8,
        millis: u64,
    },
    Offline,
    /// The line is back. In each room some are gone, and some have come.
    Online {
        gone: u8,
        came: u8,
    },
    /// The line is back, and every session goes on.
    Resumed,
    /// The server puts us out of a room, or does not let us in.
    PutOut {
        room: usize,
        refused: bool,
    },
    /// What is on its way arrives, or comes to nothing.
    Settle(bool),
    Wait(u64),
    Resize(u16, u16),
    Focus(bool),
}

/// How an arrival is told: by helo and by presence, in either order, or by presence alone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    HeloFirst,
    PresenceFirst,
    /// Somebody speaks before the helo comes.
    HeloLate,
    NoHelo,
}

const NAMES: [&str; 11] = [
    "bo",
    "bo",
    "mira",
    "ada",
    "",
    "日本語日本語日本語",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
    "\u{301}",
    "שלום עולם",
    "bo~2",
    "a name with rather many words",
];

const TEXTS: [&str; 14] = [
    "hi",
    "ada: are you there?",
    "",
    "   ",
    "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m",
    "\u{202e}evil\u{2066} ada \u{200b}\u{ad}\u{feff}",
    "one\r\ntwo\n\n\nthree\r",
    "日本語 👩‍👩‍👧‍👦 e\u{301} ｶﾞ \u{200d}\u{301}",
    "see https://wiki.example/a?b=c. http://[::1]/ok",
    "/me waves",
    "> bo: hi\nyes",
    "\ttab\u{b}\u{c}\u{85}\u{2028}",
    "✈️ ❤️ 🇩🇪🇩 👍🏽",
    "a-very-long-word-that-does-not-fit-into-any-line-of-a-narrow-terminal-and-goes-on-and-on",
];

const LINES: [&str; 92] = [
    "hello everybody",
    "/msg bo hi",
    "/msg mira",
    "/msg nobody hi",
    "/r sure",
    "/all to all",
    "/me waves",
    "//slash",
    "/join build",
    "/join lobby",
    "/join \u{202e}日本",
    "/leave",
    "/topic",
    "/topic tea \u{202e}at \u{1b}four",
    "/topic -delete",
    "/list",
    "/list bu",
    "/clear",
    "/dnd for 1h",
    "/dnd 400000000000y",
    "/back",
    "/away lunch \u{202e}",
    "/status busy",
    "/status",
    "/nick zed",
    "/nick \u{1b}\u{202e}",
    "/helo",
    "/helo here I am",
    "/quit see you",
    "/watch bo",
    "/ignore mira",
    "/set",
    "/set greeting \u{202e}hi {name}",
    "/set idle 1",
    "/set watch 日本語日本語日本語",
    "/set notify all",
    "/set highlight hi, 日本語, \u{301}",
    "/set notification osc9",
    "/set greet",
    "/set emoji text",
    "/set time 12h",
    "/theme light",
    "/theme \u{202e}none",
    "/buffer 2",
    "/unset idle",
    "/notify all",
    "/mute",
    "/mute for 1m",
    "/mute bo for 10s",
    "/mute arrivals",
    "/bell off",
    "/greet text hi {name}",
    "/bind f5 send",
    "/bind ctrl-c none",
    "/unbind f5",
    "/alias a /away a {}",
    "/alias b /a b",
    "/alias b /all {} {}",
    "/alias a /b",
    "/a x",
    "/b y",
    "/unalias a",
    "/alias",
    "/bind alt-w /msg bo ",
    "/bind alt-u /all hi",
    "/bind alt-u /leave",
    "/leave mira",
    "/help join",
    "/who",
    "/whois bo",
    "/rooms",
    "/lag",
    "/version",
    "/search i",
    "/copy 2",
    "/copy 99999999999",
    "/open",
    "/export log.txt",
    "/edit",
    "/wave",
    "/wave bo hi you",
    "/invite bo",
    "/reconnect",
    "/debug",
    "/debug off",
    "/connect",
    "/connect other.example:1",
    "/connect third.example",
    "/help",
    "/nope",
    "/msg",
    "",
];

const LETTERS: [char; 20] = [
    'a', 'b', ' ', 'r', 'y', 'o', 'e', 'p', '?', '/', '\u{1b}', '\u{7}', '\u{202e}', '\u{200b}',
    '\u{301}', '\u{200d}', '👩', '日', 'ﾞ', '\u{9b}',
];

const SIZES: [u16; 16] = [0, 1, 2, 3, 5, 8, 12, 19, 24, 40, 50, 72, 80, 100, 120, 200];

pub(super) fn step() -> impl Strategy<Value = Step> {
    let (room, who) = (|| 0..ROOMS.len(), || 0..8_usize);
    prop_oneof![
        30 => key().prop_map(Step::Key),
        3 => (mouse(), 0..200_u16, 0..60_u16)
            .prop_map(|(kind, column, row)| Step::Mouse(kind, column, row)),
        8 => select(&LINES[..]).prop_map(|line| Step::Line(line.into())),
        3 => text().prop_map(Step::Paste),
        6 => (room(), select(&NAMES[..]), order())
            .prop_map(|(room, name, order)| Step::Arrive { room, name, order }),
        1 => room().prop_map(|room| Step::Watch { room }),
        2 => (room(), who(), text()).prop_map(|(room, who, text)| Step::Topic { room, who, text }),
        4 => (room(), who()).prop_map(|(room, who)| Step::Leave { room, who }),
        2 => (room(), who(), select(&NAMES[..]))
            .prop_map(|(room, who, name)| Step::Rename { room, who, name }),
        8 => (room(), who(), text()).prop_map(|(room, who, text)| Step::Say { room, who, text }),
        6 => (room(), who(), text(), any::<bool>())
            .prop_map(|(room, who, text, auto)| Step::Tell { room, who, text, auto }),
        3 => (room(), who(), any::<bool>(), any::<bool>())
            .prop_map(|(room, who, direct, typing)| Step::Type { room, who, direct, typing }),
        1 => (room(), 1..60_u8, 1..200_u64)
            .prop_map(|(room, count, millis)| Step::Flood { room, count, millis }),
        2 => Just(Step::Offline),
        3 => (0..4_u8, 0..4_u8).prop_map(|(gone, came)| Step::Online { gone, came }),
        2 => Just(Step::Resumed),
        1 => (room(), any::<bool>()).prop_map(|(room, refused)| Step::PutOut { room, refused }),
        4 => any::<bool>().prop_map(Step::Settle),
        8 => wait().prop_map(Step::Wait),
        4 => (select(&SIZES[..]), select(&SIZES[..])).prop_map(|(w, h)| Step::Resize(w, h.min(60))),
        2 => any::<bool>().prop_map(Step::Focus),
    ]
}

fn key() -> impl Strategy<Value = KeyEvent> {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    prop_oneof![
        6 => select(crate::input::keymap::bound()),
        3 => select(&LETTERS[..]).prop_map(move |letter| plain(KeyCode::Char(letter))),
        1 => any::<char>().prop_map(move |letter| plain(KeyCode::Char(letter))),
        1 => Just(plain(KeyCode::Esc)),
        2 => Just(plain(KeyCode::Enter)),
    ]
}

fn mouse() -> impl Strategy<Value = MouseEventKind> {
    let click = MouseEventKind::Down(MouseButton::Left);
    select(vec![MouseEventKind::ScrollUp, MouseEventKind::ScrollDown, click])
}

fn order() -> impl Strategy<Value = Order> {
    select(&[Order::HeloFirst, Order::PresenceFirst, Order::HeloLate, Order::NoHelo][..])
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(&TEXTS[..]).prop_map(str::to_owned),
        1 => ".{0,80}",
        1 => "[ a-c\n日👩\u{301}\u{200d}]{0,200}",
    ]
}

/// From a moment to days.
fn wait() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..300_u64,
        4 => 300..7_000_u64,
        2 => 7_000..100_000_u64,
        1 => 100_000..4_000_000_u64,
        1 => 4_000_000..100_000_000_u64,
    ]
}
