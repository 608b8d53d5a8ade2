//! What a long log takes.

use std::net::SocketAddr;
use std::time::Duration;

use hullo_testing::guest::Guest;

use crate::process::{HULLO, mebibytes, start_server, used};
use crate::table::{row, title};
use crate::terminal::Terminal;

const MESSAGES: usize = 10_000;

/// How many are said at once, and how soon the next come: faster than anybody speaks, but so that a
/// busy machine still has time to show them.
const AT_ONCE: usize = 200;
const EVERY: Duration = Duration::from_millis(10);

pub(crate) fn measure() {
    title("memory: a log of 10,000 messages");
    let server = start_server();
    let address = server.address.to_string();
    let mut terminal = Terminal::start(HULLO, &["--server", &address, "--name", "ada"]);
    terminal.wait("the room", |screen| screen.contents().contains("you said helo"));
    terminal.listen(Duration::from_millis(500));
    row("resident at the start", &mebibytes(terminal.process().resident()), "");
    let before = used(terminal.process());
    feed(server.address);
    let last = format!("message {} ", MESSAGES - 1);
    terminal.wait("the last message", |screen| screen.contents().contains(&last));
    terminal.listen(Duration::from_millis(500));
    row("resident with the log", &mebibytes(terminal.process().resident()), "< 12 MiB");
    row(
        "  of that not the program's file",
        &mebibytes(terminal.process().memory().map(|memory| memory.anonymous)),
        "",
    );
    if let (Some(before), Some(after)) = (before, used(terminal.process())) {
        let cpu = after.cpu.saturating_sub(before.cpu) / u32::try_from(MESSAGES).unwrap();
        row("CPU for each message", &format!("{} µs", cpu.as_micros()), "");
    }
}

/// Says all of them as somebody else.
fn feed(address: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mira = Guest::at(address, "mira").await;
        let texts = (0..MESSAGES)
            .map(|n| format!("message {n} of many, as long as what people say in a room at times"))
            .collect::<Vec<_>>();
        for some in texts.chunks(AT_ONCE) {
            let said: Vec<_> = some.iter().map(|text| mira.lobby.say(text.as_str())).collect();
            for pending in said {
                pending.await.unwrap();
            }
            tokio::time::sleep(EVERY).await;
        }
        mira.client.close().await.unwrap();
    });
}
