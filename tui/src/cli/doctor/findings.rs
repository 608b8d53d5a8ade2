//! What the facts mean, and what to do about them.

use std::path::PathBuf;
use std::time::Duration;

use ratatui::layout::Size;
use serde::Serialize;

use crate::failure::Failure;
use crate::shell::port::Port;
use crate::theme::Depth;

/// A clock that differs by less is right: the date in HTTP has whole seconds, and takes its time.
const CLOCK_TOLERANCE: u64 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Good,
    /// It works, but could work better.
    Warning,
    /// It does not work.
    Bad,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    pub(super) verdict: Verdict,
    text: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

fn good(check: &'static str, text: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Good, text: text.into(), advice: None }
}

fn warning(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Warning, advice: Some(advice.into()), ..good(check, text) }
}

fn bad(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Bad, ..warning(check, text, advice) }
}

impl Finding {
    pub(super) fn line(&self, ascii: bool) -> String {
        let marks = match self.verdict {
            Verdict::Good => ["✓", "+"],
            Verdict::Warning => ["⚠", "!"],
            Verdict::Bad => ["✗", "x"],
        };
        let mark = marks[usize::from(ascii)];
        let arrow = if ascii { "->" } else { "→" };
        let advice = self.advice.as_ref().map(|advice| format!(" {arrow} {advice}"));
        format!("{mark} {:<9} {}{}", self.check, self.text, advice.unwrap_or_default())
    }
}

#[derive(Clone, Debug)]
pub(super) struct Terminal {
    /// Whether both standard input and output are one.
    pub(super) interactive: bool,
    pub(super) term: String,
    pub(super) size: Option<Size>,
    pub(super) utf8: bool,
    pub(super) colours: Depth,
    pub(super) no_color: bool,
    /// Whether it distinguishes Shift+Enter from Enter, if it was asked.
    pub(super) shift_enter: Option<bool>,
    pub(super) tmux: Option<Tmux>,
}

/// Options of tmux.
#[derive(Clone, Debug)]
pub(super) struct Tmux {
    pub(super) focus_events: String,
    pub(super) set_clipboard: String,
}

pub(super) fn terminal(facts: &Terminal) -> Vec<Finding> {
    let mut findings = vec![size(facts), locale(facts), colours(facts)];
    findings.extend(facts.shift_enter.map(keyboard));
    findings.extend(facts.tmux.as_ref().map(tmux));
    findings
}

fn size(facts: &Terminal) -> Finding {
    let term = if facts.term.is_empty() { "TERM is not set" } else { &facts.term };
    let text = match facts.size {
        Some(Size { width, height }) => format!("{term}, {width}x{height}"),
        None => format!("{term}, size unknown"),
    };
    if !facts.interactive {
        let advice = "run it in a terminal; who, send, watch and helo need none";
        warning("terminal", "not a terminal", advice)
    } else if facts.term.is_empty() || facts.term == "dumb" {
        warning("terminal", text, "set TERM to the type of your terminal")
    } else if facts.size.is_none_or(|size| size.width < 40 || size.height < 10) {
        warning("terminal", text, "hullo works best with at least 40 columns and 10 rows")
    } else {
        good("terminal", text)
    }
}

fn locale(facts: &Terminal) -> Finding {
    if facts.utf8 {
        return good("locale", "UTF-8");
    }
    warning("locale", "not UTF-8: drawn in ASCII", "set LANG to C.UTF-8, for example")
}

fn colours(facts: &Terminal) -> Finding {
    let text = match facts.colours {
        _ if facts.no_color => "none: NO_COLOR is set",
        _ if facts.term == "dumb" => "none: TERM is dumb",
        Depth::Full => "24-bit",
        Depth::TwoFiftySix => "256",
        Depth::Sixteen => "16",
    };
    good("colours", text)
}

fn keyboard(shift_enter: bool) -> Finding {
    if shift_enter {
        return good("keyboard", "distinguishes Shift+Enter from Enter");
    }
    let advice = "use Alt+Enter or Ctrl+J for a new line";
    warning("keyboard", "does not distinguish Shift+Enter from Enter", advice)
}

fn tmux(facts: &Tmux) -> Finding {
    let mut missing = Vec::new();
    if facts.focus_events != "on" {
        missing.push("set -g focus-events on");
    }
    if facts.set_clipboard == "off" {
        missing.push("set -g set-clipboard on");
    }
    if missing.is_empty() {
        return good("tmux", "passes on focus and clipboard");
    }
    let advice = format!("add to tmux.conf: {}", missing.join("; "));
    warning("tmux", "does not pass on focus or clipboard", advice)
}

/// The name of the time zone, empty if it has none; the error is a `TZ` that is not known.
pub(super) fn time_zone(zone: Result<String, String>) -> Finding {
    let advice = "set TZ to a time zone, such as Europe/Vienna";
    match zone {
        Ok(name) if name.is_empty() => good("zone", "the system's"),
        Ok(name) => good("zone", name),
        Err(tz) if tz.is_empty() => warning("zone", "unknown: times are in UTC", advice),
        Err(tz) => warning("zone", format!("TZ={tz} is unknown: times are in UTC"), advice),
    }
}

#[derive(Debug)]
pub(super) struct ConfigFile {
    pub(super) path: Option<PathBuf>,
    /// How many there are, `None` if there is no file, or why it cannot be read.
    pub(super) mistakes: Result<Option<usize>, Failure>,
}

pub(super) fn config(facts: &ConfigFile) -> Finding {
    let path = facts.path.as_ref().map_or_else(String::new, |path| path.display().to_string());
    match &facts.mistakes {
        Ok(None) => good("config", format!("no file, all settings at default ({path})")),
        Ok(Some(0)) => good("config", path),
        Ok(Some(count)) => {
            let plural = if *count == 1 { "" } else { "s" };
            let advice = "`hullo config check` lists them";
            bad("config", format!("{count} mistake{plural} in {path}"), advice)
        }
        Err(why) => {
            let advice = "`hullo config path` prints where it should be";
            bad("config", why.to_string(), advice)
        }
    }
}

/// The state folder, or why it cannot be used.
pub(super) fn state(folder: &Result<PathBuf, String>) -> Finding {
    match folder {
        Ok(folder) => good("state", folder.display().to_string()),
        Err(why) => bad(
            "state",
            format!("drafts, history and logs cannot be kept: {why}"),
            "set XDG_STATE_HOME to a folder that you can write to",
        ),
    }
}

pub(super) fn name(name: Result<String, Failure>) -> Finding {
    match name {
        Ok(name) => good("name", name),
        Err(why) => bad("name", why.to_string(), "or set it in the configuration"),
    }
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: String,
    /// What listens there, if it is the one of this machine, which `hullo` starts.
    pub(super) port: Option<Port>,
    pub(super) connection: Result<Connection, Failure>,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) took: Duration,
    /// How long listing the people in the room took, and how many there are.
    pub(super) people: Result<(Duration, usize), Failure>,
    /// How many seconds the server's clock is ahead of this one, if the server sends the time.
    pub(super) clock_ahead: Option<i64>,
}

pub(super) fn server(facts: &Server) -> Vec<Finding> {
    let address = &facts.address;
    if let Some(obstacle) = facts.port.as_ref().and_then(Port::obstacle) {
        return vec![bad("server", obstacle.text, obstacle.advice)];
    }
    let Connection { took, people, clock_ahead } = match &facts.connection {
        Ok(connection) => connection,
        Err(_) if facts.port.is_some() => {
            let text = format!("none at {address}");
            let advice = "`hullo` starts one when it opens; or run `hullo serve`";
            return vec![warning("server", text, advice)];
        }
        Err(why) => {
            let advice = "check --server, and whether the server is running";
            return vec![bad("server", why.to_string(), advice)];
        }
    };
    let text = format!("{address}, connected in {took:.0?}");
    let server = match people {
        Ok((took, count)) => {
            good("server", format!("{text}, {count} in the room, listed in {took:.0?}"))
        }
        Err(why) => warning(
            "server",
            format!("{text}, but the room cannot be listed: {why}"),
            "`hullo who` needs hullo's own server",
        ),
    };
    let warned = facts.port.as_ref().and_then(Port::warning);
    let warned = warned.map(|remark| warning("owner", remark.text, remark.advice));
    std::iter::once(server).chain(warned).chain([clock(*clock_ahead)]).collect()
}

fn clock(ahead: Option<i64>) -> Finding {
    let Some(ahead) = ahead else {
        return good("clock", "not compared: the server does not send the time");
    };
    let seconds = ahead.unsigned_abs();
    if seconds <= CLOCK_TOLERANCE {
        return good("clock", "same as the server's");
    }
    let way = if ahead > 0 { "behind" } else { "ahead of" };
    let text = format!("this machine is {seconds} s {way} the server");
    warning("clock", text, "synchronise the clocks of both machines (NTP)")
}

/// The `Date` of an HTTP answer, in Unix seconds.
pub(super) fn http_date(answer: &str) -> Option<i64> {
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
    use crate::shell::port::Listener;

    fn good() -> Terminal {
        Terminal {
            interactive: true,
            term: "xterm".to_owned(),
            size: Some(Size { width: 80, height: 24 }),
            utf8: true,
            colours: Depth::Sixteen,
            no_color: false,
            shift_enter: None,
            tmux: None,
        }
    }

    #[track_caller]
    fn check(findings: &[Finding], expected: &[&str]) {
        let lines: Vec<String> = findings.iter().map(|finding| finding.line(true)).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_terminal_is_judged() {
        check(
            &terminal(&good()),
            &["+ terminal  xterm, 80x24", "+ locale    UTF-8", "+ colours   16"],
        );
        check(
            &terminal(&Terminal {
                term: "screen-256color".into(),
                size: Some(Size { width: 30, height: 24 }),
                utf8: false,
                colours: Depth::TwoFiftySix,
                shift_enter: Some(false),
                tmux: Some(Tmux { focus_events: "off".into(), set_clipboard: "external".into() }),
                ..good()
            }),
            &[
                "! terminal  screen-256color, 30x24 -> \
                 hullo works best with at least 40 columns and 10 rows",
                "! locale    not UTF-8: drawn in ASCII -> set LANG to C.UTF-8, for example",
                "+ colours   256",
                "! keyboard  does not distinguish Shift+Enter from Enter -> \
                 use Alt+Enter or Ctrl+J for a new line",
                "! tmux      does not pass on focus or clipboard -> \
                 add to tmux.conf: set -g focus-events on",
            ],
        );
        check(
            &terminal(&Terminal { colours: Depth::Full, shift_enter: Some(true), ..good() }),
            &[
                "+ terminal  xterm, 80x24",
                "+ locale    UTF-8",
                "+ colours   24-bit",
                "+ keyboard  distinguishes Shift+Enter from Enter",
            ],
        );
        check(
            &terminal(&Terminal { interactive: false, no_color: true, ..good() }),
            &[
                "! terminal  not a terminal -> run it in a terminal; who, send, watch and helo need none",
                "+ locale    UTF-8",
                "+ colours   none: NO_COLOR is set",
            ],
        );
    }

    #[test]
    fn a_time_zone_is_judged() {
        let check = |zone, expected| check(&[time_zone(zone)], &[expected]);
        check(Ok("Asia/Tokyo".into()), "+ zone      Asia/Tokyo");
        check(Ok(String::new()), "+ zone      the system's");
        check(
            Err("Mars/Base".into()),
            "! zone      TZ=Mars/Base is unknown: times are in UTC -> \
             set TZ to a time zone, such as Europe/Vienna",
        );
        check(
            Err(String::new()),
            "! zone      unknown: times are in UTC -> set TZ to a time zone, such as Europe/Vienna",
        );
    }

    fn connected(clock_ahead: Option<i64>) -> Server {
        let people = Ok((Duration::from_millis(1), 2));
        let connection = Connection { took: Duration::from_millis(3), people, clock_ahead };
        Server { address: "ws://h:1".into(), port: None, connection: Ok(connection) }
    }

    #[test]
    fn a_server_is_judged() {
        check(
            &server(&connected(Some(-1))),
            &[
                "+ server    ws://h:1, connected in 3ms, 2 in the room, listed in 1ms",
                "+ clock     same as the server's",
            ],
        );
        check(
            &server(&connected(Some(65)))[1..],
            &["! clock     this machine is 65 s behind the server -> \
                 synchronise the clocks of both machines (NTP)"],
        );
        let port = |listener, stranger: Option<&str>| Port {
            address: "127.0.0.1:4856".parse().unwrap(),
            listener,
            stranger: stranger.map(str::to_owned),
        };
        let unreachable = |listener: Option<Listener>| {
            let connection = Err(Failure::no_server("cannot reach it"));
            let port = listener.map(|listener| port(listener, None));
            server(&Server { port, connection, ..connected(None) })
        };
        check(
            &unreachable(None),
            &["x server    cannot reach it -> check --server, and whether the server is running"],
        );
        check(
            &unreachable(Some(Listener::Nobody)),
            &[
                "! server    none at ws://h:1 -> `hullo` starts one when it opens; or run `hullo serve`",
            ],
        );
        check(
            &unreachable(Some(Listener::Silent)),
            &["x server    127.0.0.1:4856 is held by a program that does not answer -> \
                 end it, or use another port: HULLO_LISTEN=127.0.0.1:4857 hullo"],
        );
        let of_bob = Some(port(Listener::Hullo, Some("bob")));
        check(
            &server(&Server { port: of_bob, ..connected(None) })[1..2],
            &["! owner     the server at 127.0.0.1:4856 is run by bob, who can read what is said \
                 there -> for a server of your own: HULLO_LISTEN=127.0.0.1:4857 hullo"],
        );
    }

    #[test]
    fn mistakes_in_the_configuration_are_bad() {
        let config = |mistakes| vec![config(&ConfigFile { path: Some("c".into()), mistakes })];
        check(&config(Ok(None)), &["+ config    no file, all settings at default (c)"]);
        check(&config(Ok(Some(0))), &["+ config    c"]);
        let advice = "`hullo config check` lists them";
        check(&config(Ok(Some(1))), &[&format!("x config    1 mistake in c -> {advice}")]);
        check(&config(Ok(Some(6))), &[&format!("x config    6 mistakes in c -> {advice}")]);
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        let answer = "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nDate: x";
        assert_eq!(http_date(answer), Some(784_111_777));
        assert_eq!(http_date("HTTP/1.1 200 OK\r\n\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT"), None);
        assert_eq!(http_date("Date: soon\r\n\r\n"), None);
    }
}
