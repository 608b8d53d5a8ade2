//! What counts as seen where the focus is not reported; how many conversations there may be.

use super::settled;
use crate::chat::buffer::Buffer;
use crate::core::event::Event;

#[test]
fn what_comes_long_after_the_last_key_is_counted_until_a_key() {
    let mut stage = settled();
    stage.typed("x");
    stage.key("Backspace");
    stage.wait(59_000);
    stage.said(2, "ada: seen");
    assert_eq!((stage.model.buffers[0].unread, stage.model.buffers[0].mentions), (0, 0));
    stage.wait(1000);
    stage.said(2, "ada: anybody there?");
    stage.said(2, "hm");
    assert_eq!((stage.model.buffers[0].unread, stage.model.buffers[0].mentions), (2, 1));
    assert_eq!(crate::screen::title(&stage.model), "(1) hullo · #lobby");
    stage.shows("── 2 new ──");
    stage.typed("y");
    assert_eq!((stage.model.buffers[0].unread, stage.model.buffers[0].mentions), (0, 0));
}

#[test]
fn what_comes_while_the_terminal_has_the_focus_is_seen() {
    let mut stage = settled();
    stage.event(Event::Focused(true));
    stage.wait(600_000);
    stage.said(2, "ada: anybody there?");
    assert_eq!(stage.model.buffers[0].unread, 0);
}

#[test]
fn new_sessions_cannot_open_conversations_without_end() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.line("/buffer 1");
    let conversations = |stage: &super::Stage| {
        stage.model.buffers.iter().filter(|buffer| buffer.direct().is_some()).count()
    };
    for n in 100..300 {
        stage.arrives(n, &format!("p{n}"));
        stage.responded(n, "psst", false);
        if n != 120 {
            stage.leaves(n, &format!("p{n}"));
        }
    }
    assert_eq!(conversations(&stage), 100);
    let titles: Vec<String> = stage.model.buffers.iter().map(Buffer::title).collect();
    for kept in ["mira", "p120", "p299 (left)", "p202 (left)"] {
        assert!(titles.iter().any(|title| title == kept), "{kept}: {titles:?}");
    }
}
