//! What the facts mean: fine, or not, and then what to do.

use std::path::PathBuf;
use std::time::Duration;

use ratatui::layout::Size;
use serde::Serialize;

use crate::failure::Failure;
use crate::screen::theme::Depth;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Good,
    /// It works, but less well than it could.
    Warning,
    /// It does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    pub(super) verdict: Verdict,
    text: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    fn good(check: &'static str, text: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Good, text: text.into(), advice: None }
    }

    fn warning(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        let advice = Some(advice.into());
        Self { check, verdict: Verdict::Warning, text: text.into(), advice }
    }

    fn bad(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, ..Self::warning(check, text, advice) }
    }

    /// As a line for people.
    pub(super) fn line(&self, ascii: bool) -> String {
        let glyph = match (self.verdict, ascii) {
            (Verdict::Good, false) => "✓",
            (Verdict::Warning, false) => "⚠",
            (Verdict::Bad, false) => "✗",
            (Verdict::Good, true) => "+",
            (Verdict::Warning, true) => "!",
            (Verdict::Bad, true) => "x",
        };
        let arrow = if ascii { "->" } else { "→" };
        let advice = self.advice.iter().map(|advice| format!(" {arrow} {advice}"));
        format!("{glyph} {:<9} {}{}", self.check, self.text, advice.collect::<String>())
    }
}

/// What there is to know about the terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Terminal {
    /// Whether there is one, for reading and writing.
    pub(super) is_there: bool,
    pub(super) term: String,
    pub(super) size: Option<Size>,
    pub(super) utf8: bool,
    pub(super) color_term: String,
    pub(super) no_color: bool,
    /// Whether it tells Shift+Enter from Enter, if it was asked.
    pub(super) keyboard: Option<bool>,
    pub(super) tmux: Option<Tmux>,
}

/// What tmux is set to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tmux {
    pub(super) focus_events: String,
    pub(super) set_clipboard: String,
}

pub(super) fn terminal(told: &Terminal) -> Vec<Finding> {
    let mut findings = vec![place(told), locale(told), colours(told)];
    findings.extend(told.keyboard.map(keyboard));
    findings.extend(told.tmux.as_ref().map(tmux));
    findings
}

fn place(told: &Terminal) -> Finding {
    let advice = "run it in a terminal; who, send, watch and helo need none";
    let term = if told.term.is_empty() { "TERM is not set" } else { &told.term };
    match told.size {
        _ if !told.is_there => Finding::warning("terminal", "none here", advice),
        _ if told.term.is_empty() || told.term == "dumb" => {
            Finding::warning("terminal", term, "set TERM to what your terminal is")
        }
        Some(Size { width, height }) if width < 40 || height < 10 => Finding::warning(
            "terminal",
            format!("{term}, {width}x{height}"),
            "40 columns and 10 rows show more",
        ),
        Some(Size { width, height }) => {
            Finding::good("terminal", format!("{term}, {width}x{height}"))
        }
        None => Finding::warning("terminal", format!("{term}, of unknown size"), advice),
    }
}

fn locale(told: &Terminal) -> Finding {
    if told.utf8 {
        return Finding::good("locale", "UTF-8");
    }
    Finding::warning("locale", "not UTF-8: drawn in ASCII", "set LANG to one such as C.UTF-8")
}

fn colours(told: &Terminal) -> Finding {
    let text = match Depth::told(&told.color_term, &told.term) {
        _ if told.no_color => "none, as NO_COLOR wishes",
        _ if told.term == "dumb" => "none, as TERM is dumb",
        Depth::Full => "24 bit",
        Depth::TwoFiftySix => "256",
        Depth::Sixteen => "16",
    };
    Finding::good("colours", text)
}

fn keyboard(tells: bool) -> Finding {
    if tells {
        return Finding::good("keyboard", "Shift+Enter is told from Enter");
    }
    let advice = "Alt+Enter or Ctrl+J make a new line";
    Finding::warning("keyboard", "Shift+Enter is not told from Enter", advice)
}

fn tmux(told: &Tmux) -> Finding {
    let mut missing = Vec::new();
    if told.focus_events != "on" {
        missing.push("set -g focus-events on");
    }
    if told.set_clipboard == "off" {
        missing.push("set -g set-clipboard on");
    }
    if missing.is_empty() {
        return Finding::good("tmux", "hands on the focus and what is copied");
    }
    Finding::warning(
        "tmux",
        "keeps the focus or what is copied to itself",
        format!("in tmux.conf: {}", missing.join("; ")),
    )
}

/// The time zone's name, if it has one, or a TZ that names none.
pub(super) fn time_zone(told: Result<String, String>) -> Finding {
    let (text, advice) = match told {
        Ok(name) if name.is_empty() => return Finding::good("zone", "as this machine is set"),
        Ok(name) => return Finding::good("zone", name),
        Err(told) if told.is_empty() => ("not known, so times are in UTC".to_owned(), "set TZ"),
        Err(told) => (format!("TZ={told} is not known, so times are in UTC"), "set another TZ"),
    };
    Finding::warning("zone", text, format!("{advice}, such as TZ=Europe/Vienna"))
}

/// What there is to know about the configuration.
#[derive(Debug)]
pub(super) struct Configuration {
    pub(super) path: Option<PathBuf>,
    pub(super) exists: bool,
    /// How much is wrong in it, or why it cannot be read.
    pub(super) mistakes: Result<usize, Failure>,
}

pub(super) fn config(told: &Configuration) -> Finding {
    let path = told.path.as_ref().map_or_else(String::new, |path| path.display().to_string());
    match &told.mistakes {
        Err(why) => {
            Finding::bad("config", why.to_string(), "`hullo config path` tells where it is")
        }
        Ok(_) if !told.exists => {
            Finding::good("config", format!("none, so all is at its default ({path})"))
        }
        Ok(0) => Finding::good("config", path),
        Ok(count) => {
            Finding::warning("config", format!("{count} wrong in {path}"), "hullo config check")
        }
    }
}

/// The state folder, or why it cannot be used.
pub(super) fn state(told: &Result<PathBuf, String>) -> Finding {
    match told {
        Ok(folder) => Finding::good("state", folder.display().to_string()),
        Err(why) => Finding::bad(
            "state",
            format!("what you send and the log cannot be kept: {why}"),
            "set XDG_STATE_HOME to a folder you can write to",
        ),
    }
}

pub(super) fn name(told: Result<String, Failure>) -> Finding {
    match told {
        Ok(name) => Finding::good("name", name),
        Err(why) => Finding::bad("name", why.to_string(), "set name in the configuration"),
    }
}

/// What there is to know about the server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: String,
    /// Whether `hullo` would start one if there is none.
    pub(super) is_own: bool,
    /// How long it took to connect.
    pub(super) connected: Result<Duration, Failure>,
    /// How long it took to look into the room, and how many are there. `None` where it came to
    /// nothing before.
    pub(super) looked: Option<Result<(Duration, usize), Failure>>,
    /// How far its clock is ahead of ours in seconds, if it tells.
    pub(super) ahead: Option<i64>,
}

/// The date of HTTP has whole seconds, and the answer takes its time.
const CLOCK_TOLERANCE: u64 = 2;

pub(super) fn server(told: &Server) -> Vec<Finding> {
    let Server { address, is_own, connected, looked, ahead } = told;
    let connected = match connected {
        Ok(took) => took,
        Err(_) if *is_own => {
            let text = format!("none at {address}");
            let advice = "`hullo` starts one when it opens; or run `hullo serve`";
            return vec![Finding::warning("server", text, advice)];
        }
        Err(why) => {
            return vec![Finding::bad("server", why.to_string(), "is it up, and --server right?")];
        }
    };
    let server = match looked {
        Some(Ok((took, people))) => Finding::good(
            "server",
            format!("{address}, connected in {connected:.0?}, {people} seen in {took:.0?}"),
        ),
        Some(Err(why)) => Finding::warning(
            "server",
            format!("{address}, connected in {connected:.0?}, but: {why}"),
            "`hullo who` needs a server of hullo's own",
        ),
        None => Finding::good("server", format!("{address}, connected in {connected:.0?}")),
    };
    vec![server, clock(*ahead)]
}

fn clock(ahead: Option<i64>) -> Finding {
    let Some(ahead) = ahead else {
        return Finding::good("clock", "the server does not tell the time");
    };
    if ahead.unsigned_abs() <= CLOCK_TOLERANCE {
        return Finding::good("clock", "as the server's");
    }
    let way = if ahead > 0 { "behind" } else { "ahead of" };
    let apart = ahead.unsigned_abs();
    let text = format!("this machine is {apart} s {way} the server");
    Finding::warning("clock", text, "let both machines set their clocks by the network")
}

/// The time that an answer of HTTP bears, in Unix seconds.
pub(super) fn date(answer: &str) -> Option<i64> {
    let head = answer.split("\r\n\r\n").next()?;
    let date = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim())
    })?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(finding: &Finding) -> String {
        finding.line(true)
    }

    fn shell() -> Terminal {
        let size = Some(Size { width: 80, height: 24 });
        let term = "xterm".to_owned();
        Terminal { is_there: true, term, size, utf8: true, ..Terminal::default() }
    }

    #[test]
    fn a_time_zone_is_judged() {
        let is = |told, expected| assert_eq!(line(&time_zone(told)), expected);
        is(Ok("Asia/Tokyo".into()), "+ zone      Asia/Tokyo");
        is(Ok(String::new()), "+ zone      as this machine is set");
        is(
            Err("Mars/Base".into()),
            "! zone      TZ=Mars/Base is not known, so times are in UTC -> \
             set another TZ, such as TZ=Europe/Vienna",
        );
        is(
            Err(String::new()),
            "! zone      not known, so times are in UTC -> set TZ, such as TZ=Europe/Vienna",
        );
    }

    #[track_caller]
    fn terminal_is(told: &Terminal, expected: &[&str]) {
        let lines: Vec<String> = terminal(told).iter().map(line).collect();
        assert_eq!(lines, expected, "{told:?}");
    }

    #[test]
    fn a_terminal_is_judged() {
        terminal_is(&shell(), &["+ terminal  xterm, 80x24", "+ locale    UTF-8", "+ colours   16"]);
        terminal_is(
            &Terminal {
                term: "screen-256color".into(),
                size: Some(Size { width: 30, height: 24 }),
                utf8: false,
                keyboard: Some(false),
                tmux: Some(Tmux { focus_events: "off".into(), set_clipboard: "external".into() }),
                ..shell()
            },
            &[
                "! terminal  screen-256color, 30x24 -> 40 columns and 10 rows show more",
                "! locale    not UTF-8: drawn in ASCII -> set LANG to one such as C.UTF-8",
                "+ colours   256",
                "! keyboard  Shift+Enter is not told from Enter -> \
                 Alt+Enter or Ctrl+J make a new line",
                "! tmux      keeps the focus or what is copied to itself -> \
                 in tmux.conf: set -g focus-events on",
            ],
        );
        terminal_is(
            &Terminal { color_term: "truecolor".into(), keyboard: Some(true), ..shell() },
            &[
                "+ terminal  xterm, 80x24",
                "+ locale    UTF-8",
                "+ colours   24 bit",
                "+ keyboard  Shift+Enter is told from Enter",
            ],
        );
        terminal_is(
            &Terminal { utf8: true, no_color: true, ..Terminal::default() },
            &[
                "! terminal  none here -> run it in a terminal; who, send, watch and helo need none",
                "+ locale    UTF-8",
                "+ colours   none, as NO_COLOR wishes",
            ],
        );
    }

    fn reached() -> Server {
        Server {
            address: "ws://h:1".into(),
            is_own: false,
            connected: Ok(Duration::from_millis(3)),
            looked: Some(Ok((Duration::from_millis(1), 2))),
            ahead: Some(-1),
        }
    }

    #[track_caller]
    fn server_is(told: &Server, expected: &[&str]) {
        let lines: Vec<String> = server(told).iter().map(line).collect();
        assert_eq!(lines, expected, "{told:?}");
    }

    #[test]
    fn a_server_is_judged() {
        server_is(
            &reached(),
            &[
                "+ server    ws://h:1, connected in 3ms, 2 seen in 1ms",
                "+ clock     as the server's",
            ],
        );
        server_is(
            &Server { ahead: Some(65), looked: None, ..reached() },
            &[
                "+ server    ws://h:1, connected in 3ms",
                "! clock     this machine is 65 s behind the server -> \
                 let both machines set their clocks by the network",
            ],
        );
        let away = || Server { connected: Err(Failure::no_server("refused")), ..reached() };
        server_is(&away(), &["x server    refused -> is it up, and --server right?"]);
        server_is(
            &Server { is_own: true, ..away() },
            &[
                "! server    none at ws://h:1 -> `hullo` starts one when it opens; or run `hullo serve`",
            ],
        );
    }

    #[test]
    fn the_time_of_an_answer_is_read() {
        let answer = "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nDate: x";
        assert_eq!(date(answer), Some(784_111_777));
        assert_eq!(date("HTTP/1.1 200 OK\r\n\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT"), None);
        assert_eq!(date("Date: soon\r\n\r\n"), None);
    }
}
