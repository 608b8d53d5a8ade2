//! No terminal is too small, none too large, and no name or message breaks the screen.

use hullo::Notice;
use hullo::presence::Change;
use hullo::protocol::Message;
use hullo::protocol::payload::State;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

use super::id;
use super::play::{Stage, person, room};
use crate::chat::log::Scroll;
use crate::core::update::deadline;
use crate::screen;
use crate::time::Hours;

const NAMES: [&str; 8] = [
    "日本語日本語日本語",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}",
    "שלום עולם",
    "ｶﾞｷﾞｸﾞ",
    "a name with rather many words",
    "\u{301}",
    "~2",
];

/// Everything that can be on screen, in its least pleasant form.
fn hostile() -> Stage {
    let names: Vec<String> = (0..500).map(|n| format!("{}{}", NAMES[n % 8], n / 16)).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let mut stage = Stage::among(80, 24, &names);
    for n in 2..60 {
        stage.responded(n, "hello\n日本語 there 👩‍👩‍👧‍👦", n % 3 != 0);
    }
    stage.wait(10_000);
    for n in 0..2_000_u128 {
        let text = match n % 6 {
            0 => "日本語 ".repeat(usize::try_from(n % 40).unwrap()),
            1 => "x".repeat(300),
            2 => format!("ada: see https://wiki.example/{} ok", "y".repeat(120)),
            3 => "\u{301}\u{200d}👩‍👩‍👧‍👦\n\n\nend".into(),
            4 => String::new(),
            _ => "/me does ｶﾞｷﾞ".into(),
        };
        stage.said(2 + n % 500, &text);
    }
    let idle = (2..200).map(|n| person(n, NAMES[7], State::Away, Some("日本語日本語日本語日本語")));
    stage.changes(Change { updated: idle.collect(), ..Change::default() });
    for n in 600..640 {
        stage.arrives(n, NAMES[usize::try_from(n % 8).unwrap()]);
        stage.leaves(n - 595, "x");
    }
    stage.responded(300, "psst", false);
    stage.line("日本語 ".repeat(30).trim());
    for name in ["日本語日本語日本語日本語", "b"] {
        stage.model.open_room(&room(name));
        stage.enter(name, &["x"]);
        let message = Message::text("ada!");
        stage.tell(Notice::Said { room: room(name), from: id(2), message, seq: None, name: None });
    }
    stage.typed(
        "a draft\nof 日本語 👩‍👩‍👧‍👦 and more than fits into a line of any sensible terminal at all",
    );
    stage
}

fn draw(stage: &mut Stage, width: u16, height: u16) {
    stage.model.size = Size { width, height };
    let mut screen = Buffer::empty(Rect::new(0, 0, width, height));
    let screen::Drawn { cursor, links, .. } = screen::draw(&stage.model, &mut screen);
    crate::text::emoji::shape(stage.model.settings.emoji, &mut screen);
    screen::weave(&links, &mut screen);
    assert!(cursor.is_none_or(|at| screen.area.contains(at)), "{width}x{height}: {cursor:?}");
    if height.is_multiple_of(5) {
        // A resize may be known to the screen before it is known to the model, or the other way.
        let mut other = Buffer::empty(Rect::from((Position::ORIGIN, Size::new(31, 9))));
        screen::draw(&stage.model, &mut other);
    }
}

#[test]
fn every_size_is_drawn() {
    let mut scenes: Vec<Stage> = Vec::new();
    scenes.push(hostile());
    let mut scene = hostile();
    scene.model.settings.time = Hours::Twelve;
    scene.key("PgUp");
    scene.goes_offline();
    scenes.push(scene);
    let mut scene = hostile();
    scene.key("Ctrl+c");
    scene.key("F1");
    scenes.push(scene);
    let mut scene = Stage::among(80, 24, &[NAMES[0], NAMES[1]]);
    scene.typed("/");
    scene.key("F4");
    scenes.push(scene);
    let mut scene = Stage::new(80, 24);
    scene.goes_offline();
    scenes.push(scene);
    let widths = (0..20).chain([29, 30, 49, 50, 71, 72, 99, 100, 101, 120, 200]);
    for width in widths {
        for height in (0..9).chain([12, 15, 16, 29, 30, 60]) {
            for scene in &mut scenes {
                draw(scene, width, height);
            }
        }
    }
}

#[test]
fn every_size_is_scrolled_and_typed_in() {
    let mut stage = hostile();
    stage.key("Alt+1");
    for (width, height) in [(0, 0), (1, 1), (2, 3), (19, 4), (40, 12), (72, 8), (120, 40)] {
        stage.event(crate::core::event::Event::Resized(Size { width, height }));
        for key in
            ["PgUp", "PgUp", "Alt+u", "PgDn", "Home", "PgDn", "End", "?", "PgDn", "Esc", "F4"]
        {
            stage.key(key);
            draw(&mut stage, width, height);
        }
        assert_eq!(stage.model.buffer().log.scroll, Scroll::Newest, "{width}x{height}");
        assert!(deadline(&stage.model).is_none_or(|at| at > stage.model.now.at));
    }
}
