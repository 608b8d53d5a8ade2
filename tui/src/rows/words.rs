//! What was said, with the addresses in it: each a link to the whole of it, wherever rows end.

use std::ops::Range;
use std::rc::Rc;

use super::{Piece, Row, piece};
use crate::text::links;
use crate::theme::Role;
use crate::transcript::QUOTE;

/// A text and the addresses in it.
pub(super) struct Words<'a> {
    text: &'a str,
    addresses: Vec<(Range<usize>, Rc<str>)>,
    plain: Role,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, plain: Role) -> Self {
        let addresses = links(text).into_iter().map(|at| (at.clone(), Rc::from(&text[at])));
        Self { text, addresses: addresses.collect(), plain }
    }

    /// The part of the text that stands in one row.
    pub(super) fn row(&self, cut: Range<usize>) -> Row {
        let begins_line = cut.start == 0 || self.text[..cut.start].ends_with('\n');
        let quoted = self.text[cut.clone()].strip_prefix(QUOTE).filter(|_| begins_line);
        if let Some(quoted) = quoted {
            return vec![piece(format!("↳ {quoted}"), Role::Dim)];
        }
        let mut row = Row::new();
        let mut from = cut.start;
        for (at, address) in &self.addresses {
            let here = at.start.max(cut.start)..at.end.min(cut.end);
            if here.is_empty() {
                continue;
            }
            row.push(piece(&self.text[from..here.start], self.plain));
            let link = Some(Rc::clone(address));
            row.push(Piece { link, ..piece(&self.text[here.clone()], Role::Link) });
            from = here.end;
        }
        row.push(piece(&self.text[from..cut.end], self.plain));
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let words = Words::new(text, Role::Text);
        let found: Vec<&str> = words.addresses.iter().map(|(_, address)| &**address).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn an_address_ends_where_the_sentence_goes_on() {
        check("see https://a.test/b?c=1&d#e.", &["https://a.test/b?c=1&d#e"]);
        check("(https://a.test/b_(c)), ok", &["https://a.test/b_(c)"]);
        check("<http://a.test>!", &["http://a.test"]);
        check("HTTPS://A.test, http://b.test;", &["HTTPS://A.test", "http://b.test"]);
        check("https://bücher.test/ä", &["https://bücher.test/ä"]);
        check("javascript://x.test ftp://a.test ws://b.test https:// a@b.test a.test", &[]);
    }

    #[test]
    fn every_row_leads_to_the_whole() {
        let text = "see https://a.test/b/c now";
        let words = Words::new(text, Role::Text);
        let rows = [words.row(0..19), words.row(19..26)];
        let links = rows.iter().flatten().filter_map(|piece| piece.link.as_deref());
        assert_eq!(links.collect::<Vec<_>>(), ["https://a.test/b/c"; 2]);
        let shown: String = rows.iter().flatten().map(|piece| &*piece.text).collect();
        assert_eq!(shown, text);
    }
}
