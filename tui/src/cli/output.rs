//! Standard output for data and standard error for remarks. What is printed cannot drive a terminal.

use std::io::{self, Write};

use hullo::text::{clean_line, clean_text};
use serde::Serialize;

use crate::failure::Failure;

/// Prints a text with the line break that it ends in.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::output_closed()),
        Err(error) => Err(Failure::failed(format!("cannot write: {error}"))),
    }
}

/// Prints a text on another thread: a reader that stalls blocks nothing else.
pub(super) async fn print_async(text: String) -> Result<(), Failure> {
    let printed = tokio::task::spawn_blocking(move || print(&text)).await;
    printed.map_err(|error| Failure::failed(format!("cannot write: {error}")))?
}

/// A text from anywhere as one line.
pub(super) fn line(text: &str) -> String {
    clean_line(&text.replace(['\r', '\n'], " ")).into_owned() + "\n"
}

/// A text from anywhere, all lines but the first indented: none can pass for another message.
pub(super) fn paragraph(text: &str) -> String {
    clean_text(text.trim_end()).replace('\n', "\n  ") + "\n"
}

/// A JSON value as one line. What could drive a terminal is escaped and not removed: a program that
/// reads it gets exactly what was sent.
pub(super) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::failed(error.to_string()))?;
    Ok(escape(&text) + "\n")
}

/// In compact JSON, a character that is not harmless is within a string.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if clean_line(c.encode_utf8(&mut [0; 4])).is_empty() {
            escaped.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Prints a remark on standard error.
#[expect(clippy::print_stderr, reason = "stdout is for data, and no screen is up")]
pub(super) fn say(text: &str) {
    eprintln!("hullo: {}", clean_line(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_harmless_and_still_means_the_same() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{202e}b\u{fffd}🙂\n";
        let line = escape(&serde_json::to_string(hostile).unwrap());
        assert_eq!(clean_line(&line), line);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), hostile);
    }

    #[test]
    fn every_further_line_is_indented() {
        assert_eq!(paragraph("a\r\nb\u{2028}\u{1b}[2Jc\n\n"), "a\n  b\n  [2Jc\n");
    }
}
