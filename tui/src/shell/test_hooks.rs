//! A panic to order, so that a test can see what becomes of the terminal: when this text is typed,
//! in the loop or in a task beside it. `HULLO_PANIC_ON=loop:TEXT`, or `task:TEXT`.

use tokio::task::JoinSet;

use crate::core::model::Model;

pub(super) fn panic_if_ordered(model: &Model, tasks: &mut JoinSet<()>) {
    let Ok(order) = std::env::var("HULLO_PANIC_ON") else { return };
    let Some((place, text)) = order.split_once(':') else { return };
    // In line mode a line is sent as soon as it is there.
    let is_sent = model.history.newest().next().is_some_and(|sent| sent == text);
    if model.buffer().composer.text() == text || model.line_mode.is_some() && is_sent {
        assert!(place == "task", "as HULLO_PANIC_ON ordered");
        tasks.spawn(async { panic!("as HULLO_PANIC_ON ordered") });
    }
}
