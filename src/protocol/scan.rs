//! Finds legal JSON in a payload that other programs fail to read.

use std::borrow::Cow;

use memchr::memchr2;

/// What a payload must not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A number beyond every float, or half of a surrogate pair. Phoenix refuses both as well.
    Unreadable(&'static str),
    /// More arrays and objects inside each other than the scan was told to accept.
    TooDeep,
}

/// Checks a payload in one pass, without recursion. The first fault is the one that is reported.
///
/// `json` must be valid JSON. `max_depth` counts the frame's own array as the first level, so the
/// payload itself has one level less.
pub(super) fn scan(json: &str, max_depth: usize) -> Result<(), Fault> {
    let bytes = json.as_bytes();
    let mut depth = 1;
    let mut at = 0;
    while at < bytes.len() {
        at += match bytes[at] {
            b'"' => {
                let (length, has_escapes) = string_length(&bytes[at..]);
                if has_escapes && has_lone_surrogate(&json[at..at + length]) {
                    return Err(Fault::Unreadable("a lone surrogate escape"));
                }
                length
            }
            b'-' | b'0'..=b'9' => {
                let length = number_length(&bytes[at..]);
                if is_beyond_floats(&json[at..at + length]) {
                    return Err(Fault::Unreadable("a number too large"));
                }
                length
            }
            b'[' | b'{' => {
                depth += 1;
                if depth > max_depth {
                    return Err(Fault::TooDeep);
                }
                1
            }
            b']' | b'}' => {
                depth -= 1;
                1
            }
            _ => 1,
        };
    }
    Ok(())
}

/// The length of the string that `bytes` begin with, quotes included, and whether it has escapes.
fn string_length(bytes: &[u8]) -> (usize, bool) {
    let mut at = 1;
    let mut has_escapes = false;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            break;
        }
        has_escapes = true;
        at += 2;
    }
    (at + 1, has_escapes)
}

fn has_lone_surrogate(quoted: &str) -> bool {
    quoted.contains("\\u") && serde_json::from_str::<Cow<'_, str>>(quoted).is_err()
}

fn number_length(bytes: &[u8]) -> usize {
    let part = |b: &u8| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
    bytes.iter().position(|b| !part(b)).unwrap_or(bytes.len())
}

/// Whole numbers of any length are fine: clients round them.
fn is_beyond_floats(number: &str) -> bool {
    number.contains(['e', 'E', '.']) && number.parse::<f64>().is_ok_and(f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, max_depth: usize, expected: Result<(), Fault>) {
        assert_eq!(scan(json, max_depth), expected, "{json}");
    }

    #[test]
    fn arrays_and_objects_are_counted_and_the_frame_is_the_first() {
        check("7", 1, Ok(()));
        check("{}", 1, Err(Fault::TooDeep));
        check("{}", 2, Ok(()));
        check(r#"{"a":[{}]}"#, 4, Ok(()));
        check(r#"{"a":[{}]}"#, 3, Err(Fault::TooDeep));
        check(r#"[[],[],{},{"a":[]}]"#, 4, Ok(())); // side by side is not deep
    }

    #[test]
    fn brackets_in_strings_are_text() {
        check(r#"["[[[[{{{{", "\"[[[[", "\\", "[["]"#, 2, Ok(()));
    }

    #[test]
    fn what_is_unreadable_is_found_wherever_it_is() {
        let surrogate = Err(Fault::Unreadable("a lone surrogate escape"));
        let number = Err(Fault::Unreadable("a number too large"));
        check(r#"["\n", "\\ud800", "\ud83d\ude42", "x\ud800"]"#, 9, surrogate);
        check(r#"{"\ud800":1}"#, 9, surrogate);
        check(r#"{"a":[1.5,-2e3,1e999]}"#, 9, number);
        check(&format!("{}.0", "9".repeat(400)), 9, number);
        check(&"9".repeat(400), 9, Ok(()));
    }
}
