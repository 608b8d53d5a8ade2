//! Standard output as data: one line at a time, harmless on a terminal, quiet when nobody reads.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

/// Whether anybody still reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    There,
    /// The pipe was closed: there is nothing more to do, and nothing wrong.
    Gone,
}

/// Prints one line of text from anywhere.
pub(crate) fn line(text: &str) -> Result<Reader, Failure> {
    write(&one_line(text))
}

/// Prints one JSON value as a line.
pub(crate) fn json(value: &impl Serialize) -> Result<Reader, Failure> {
    write(&one_value(value)?)
}

/// Prints such lines while the caller goes on with other things, or stops to wait: a reader that
/// stalls would keep it from hearing that it is to end.
pub(crate) async fn aside(lines: Vec<String>) -> Result<Reader, Failure> {
    let write = move || {
        lines.iter().try_fold(Reader::There, |reader, line| match reader {
            Reader::There => write(line),
            Reader::Gone => Ok(Reader::Gone),
        })
    };
    let written = tokio::task::spawn_blocking(write).await;
    written.map_err(|error| Failure::failed(format!("cannot write: {error}")))?
}

/// A text from anywhere as one line; line breaks in it become blanks.
pub(crate) fn one_line(text: &str) -> String {
    let one_line = text.replace(['\r', '\n'], " ");
    hullo::text::clean_line(&one_line).into_owned()
}

/// A JSON value as one line. What could drive a terminal is escaped, not removed: this is data, and
/// a reader gets back exactly what was sent.
pub(crate) fn one_value(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::failed(error.to_string()))?;
    Ok(escape(&text))
}

/// `text` is compact JSON, so a character that is not harmless stands within a string.
fn escape(text: &str) -> String {
    let mut units = [0; 2];
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        if hullo::text::clean_line(c.encode_utf8(&mut [0; 4])).is_empty() {
            for unit in c.encode_utf16(&mut units) {
                escaped.push_str(&unicode_escape(*unit));
            }
        } else {
            escaped.push(c);
        }
        escaped
    })
}

fn unicode_escape(unit: u16) -> String {
    format!("\\u{unit:04x}")
}

/// Prints a text of our own as it is. A reader that has enough is no failure.
pub(crate) fn page(text: &str) -> Result<(), Failure> {
    written(io::stdout().lock().write_all(text.as_bytes())).map(drop)
}

fn write(line: &str) -> Result<Reader, Failure> {
    let mut out = io::stdout().lock();
    written(writeln!(out, "{line}").and_then(|()| out.flush()))
}

fn written(done: io::Result<()>) -> Result<Reader, Failure> {
    match done {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure::failed(format!("cannot write: {error}"))),
    }
}

/// Tells whoever runs the command something that is no data.
#[expect(clippy::print_stderr, reason = "stderr is where talk belongs, and no screen is up here")]
pub(crate) fn talk(text: &str) {
    eprintln!("hullo: {}", hullo::text::clean_line(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_harmless_and_still_says_the_same() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{202e}b\u{fffd}🙂\n";
        let line = escape(&serde_json::to_string(hostile).unwrap());
        assert_eq!(hullo::text::clean_line(&line), line);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), hostile);
    }
}
