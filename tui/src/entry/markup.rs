//! The text of a message with its links, emphasis and quotes. A link leads to the whole address,
//! wherever rows end.

use std::ops::Range;
use std::rc::Rc;

use super::message::QUOTE;
use crate::text::row::{Role, Row, Segment, segment};
use crate::text::{emphasis, links};

/// A text and its parts that are not plain.
pub(super) struct Markup<'a> {
    text: &'a str,
    parts: Vec<Part>,
    plain: Role,
}

struct Part {
    at: Range<usize>,
    role: Role,
    /// The address, if it is a link.
    address: Option<Rc<str>>,
}

impl<'a> Markup<'a> {
    pub(super) fn new(text: &'a str, plain: Role, emphasis: bool) -> Self {
        let addresses = links(text).into_iter().map(|at| {
            let address = Some(Rc::from(&text[at.clone()]));
            Part { at, role: Role::Link, address }
        });
        let mut parts: Vec<Part> = addresses.collect();
        if emphasis {
            add_emphasis(text, &mut parts);
        }
        Self { text, parts, plain }
    }

    /// The part of the text that stands in one row.
    pub(super) fn row(&self, cut: Range<usize>) -> Row {
        let begins_line = cut.start == 0 || self.text[..cut.start].ends_with('\n');
        let quoted = self.text[cut.clone()].strip_prefix(QUOTE).filter(|_| begins_line);
        if let Some(quoted) = quoted {
            return vec![segment(format!("↳ {quoted}"), Role::Dim)];
        }
        let mut row = Row::new();
        let mut from = cut.start;
        // A text may have thousands of rows and parts: each row looks only at its own.
        let first = self.parts.partition_point(|part| part.at.end <= cut.start);
        let here = self.parts[first..].iter().take_while(|part| part.at.start < cut.end);
        for Part { at, role, address } in here {
            let here = at.start.max(cut.start)..at.end.min(cut.end);
            row.push(segment(&self.text[from..here.start], self.plain));
            row.push(Segment { link: address.clone(), ..segment(&self.text[here.clone()], *role) });
            from = here.end;
        }
        row.push(segment(&self.text[from..cut.end], self.plain));
        row
    }
}

/// Marks within an address are a part of it; an address within marks stays a link of its own.
fn add_emphasis(text: &str, parts: &mut Vec<Part>) {
    let addresses = parts.len();
    for (at, role) in emphasis::parts(text) {
        let next = parts[..addresses].partition_point(|address| address.at.end <= at.start);
        if parts[..addresses].get(next).is_none_or(|address| address.at.start >= at.end) {
            parts.push(Part { at, role, address: None });
        }
    }
    parts.sort_by_key(|part| part.at.start);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let markup = Markup::new(text, Role::Text, true);
        let found: Vec<&str> =
            markup.parts.iter().filter_map(|part| part.address.as_deref()).collect();
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
        let markup = Markup::new(text, Role::Text, true);
        let rows = [markup.row(0..19), markup.row(19..26)];
        let links = rows.iter().flatten().filter_map(|segment| segment.link.as_deref());
        assert_eq!(links.collect::<Vec<_>>(), ["https://a.test/b/c"; 2]);
        let shown: String = rows.iter().flatten().map(|segment| &*segment.text).collect();
        assert_eq!(shown, text);
    }

    #[test]
    fn what_is_set_apart_is_so_in_every_row_and_an_address_is_whole() {
        let text = "*so it is* at https://a.test/_b_ `now`";
        let shown = |emphasis| {
            let markup = Markup::new(text, Role::Text, emphasis);
            let rows = [markup.row(0..5), markup.row(5..text.len())];
            let shown = rows.into_iter().flatten().filter(|segment| !segment.text.is_empty());
            shown.map(|segment| (segment.text, segment.role)).collect::<Vec<_>>()
        };
        let link = ("https://a.test/_b_".to_owned(), Role::Link);
        let expected = [
            ("*so i".to_owned(), Role::Strong),
            ("t is*".to_owned(), Role::Strong),
            (" at ".to_owned(), Role::Text),
            link.clone(),
            (" ".to_owned(), Role::Text),
            ("`now`".to_owned(), Role::Code),
        ];
        assert_eq!(shown(true), expected);
        assert_eq!(shown(false)[2..], [link, (" `now`".to_owned(), Role::Text)]);
    }

    /// Each row looks only at its own parts: otherwise these texts take seconds.
    #[test]
    fn thousands_of_parts_in_thousands_of_rows_are_found_all() {
        for (line, parts) in [("*a*\n", 1), ("http://a\n", 1), ("http://a *b*\n", 2)] {
            let text = line.repeat(4000);
            let markup = Markup::new(&text, Role::Text, true);
            let rows = (0..4000).map(|at| markup.row(at * line.len()..(at + 1) * line.len() - 1));
            let found = rows.flatten().filter(|segment| segment.role != Role::Text).count();
            assert_eq!(found, 4000 * parts, "{line:?}");
        }
    }
}
