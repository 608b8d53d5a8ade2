//! Lines from stdin, one at a time and never more than is taken.

use std::io::{self, BufRead, Read, stdin};

use tokio::sync::mpsc;

/// The longest line in bytes: no longer than a draft on the screen may be.
pub(super) const MAX_BYTES: usize = crate::composer::MAX_DRAFT_BYTES;

/// A line that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Line(String),
    TooLong,
}

/// Starts reading. The channel closes at the end of the input. The thread has no other owner than
/// the process: no read of a terminal or a pipe can be called off.
pub(super) fn listen() -> mpsc::Receiver<Typed> {
    let (told, typed) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = stdin().lock();
        // What cannot be read is as good as at its end.
        while let Ok(Some(line)) = next(&mut input) {
            if told.blocking_send(line).is_err() {
                return;
            }
        }
    });
    typed
}

/// The next line, without its end; `None` at the end of the input.
fn next(input: &mut impl BufRead) -> io::Result<Option<Typed>> {
    let mut line = Vec::new();
    if chunk(input, &mut line)? == 0 {
        return Ok(None);
    }
    let is_whole = |line: &[u8]| line.ends_with(b"\n");
    if is_whole(&line) || line.len() <= MAX_BYTES {
        let text = String::from_utf8_lossy(&line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        return Ok(Some(Typed::Line(text.to_owned())));
    }
    while !is_whole(&line) {
        line.clear();
        if chunk(input, &mut line)? == 0 {
            break;
        }
    }
    Ok(Some(Typed::TooLong))
}

/// Reads to the end of the line, but not more than a line may have.
fn chunk(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let most = u64::try_from(MAX_BYTES + 2).unwrap_or(u64::MAX);
    input.take(most).read_until(b'\n', line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_whatever_they_end_with() {
        let long = "x".repeat(MAX_BYTES);
        let text = format!("one\r\n\ntwo\n{long}\n{long}xxx\n{long}{long}{long}\nlast");
        let mut input = text.as_bytes();
        let mut lines = Vec::new();
        while let Some(line) = next(&mut input).unwrap() {
            lines.push(line);
        }
        let line = |text: &str| Typed::Line(text.to_owned());
        let expected = [
            line("one"),
            line(""),
            line("two"),
            line(&long),
            Typed::TooLong,
            Typed::TooLong,
            line("last"),
        ];
        assert_eq!(lines, expected);
    }
}
