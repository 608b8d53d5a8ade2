//! The scroll position of a log. It is anchored to an entry and a row of it, not to a distance from
//! the end, so that new entries do not move what is on screen.

use super::Log;
use crate::ids::EntryId;

/// The row at the bottom of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scroll {
    /// The newest one; new entries are followed.
    #[default]
    Newest,
    /// Row `row` of this entry.
    At { entry: EntryId, row: usize },
}

impl Log {
    /// The entry and row at the bottom of the screen. `rows` gives the height of an entry.
    pub(crate) fn bottom(&self, rows: impl Fn(EntryId) -> usize) -> Option<(EntryId, usize)> {
        let last = self.last_id()?;
        let (entry, row) = match self.scroll {
            Scroll::Newest => (last, usize::MAX),
            Scroll::At { entry, .. } if entry < self.first_id() => (self.first_id(), 0),
            Scroll::At { entry, row } => (entry.min(last), row),
        };
        Some((entry, row.min(rows(entry).saturating_sub(1))))
    }

    /// The position `by` rows further up on a screen of `height` rows, at most until the first row is
    /// at the top.
    pub(crate) fn scrolled_up(
        &self,
        by: usize,
        height: usize,
        rows: impl Fn(EntryId) -> usize,
    ) -> Scroll {
        let Some((mut entry, mut row)) = self.bottom(&rows) else { return Scroll::Newest };
        let mut left = by;
        while left > row && entry > self.first_id() {
            left -= row + 1;
            entry -= 1;
            row = rows(entry).saturating_sub(1);
        }
        let place = (entry, row.saturating_sub(left));
        let Some(top) = self.top_page(height, &rows) else { return Scroll::Newest };
        self.at(place.max(top), rows)
    }

    /// The position `by` rows further down.
    pub(crate) fn scrolled_down(&self, by: usize, rows: impl Fn(EntryId) -> usize) -> Scroll {
        let (Some((mut entry, row)), Some(last)) = (self.bottom(&rows), self.last_id()) else {
            return Scroll::Newest;
        };
        let mut row = row + by;
        while row >= rows(entry) && entry < last {
            row -= rows(entry);
            entry += 1;
        }
        self.at((entry, row), rows)
    }

    /// The position with the first row at the top of the screen.
    pub(crate) fn scrolled_to_top(&self, height: usize, rows: impl Fn(EntryId) -> usize) -> Scroll {
        self.top_page(height, &rows)
            .map_or(Scroll::Newest, |(entry, row)| Scroll::At { entry, row })
    }

    /// The position with this entry at the top of the screen, if enough rows follow it.
    pub(crate) fn scrolled_to(
        &self,
        entry: EntryId,
        height: usize,
        rows: impl Fn(EntryId) -> usize,
    ) -> Scroll {
        let Some(last) = self.last_id() else { return Scroll::Newest };
        let (mut at, mut row) = (entry.clamp(self.first_id(), last), height.saturating_sub(1));
        while row >= rows(at) && at < last {
            row -= rows(at);
            at += 1;
        }
        self.at((at, row), rows)
    }

    /// The position with this entry at the bottom of the screen.
    pub(crate) fn scrolled_to_bottom(
        &self,
        entry: EntryId,
        rows: impl Fn(EntryId) -> usize,
    ) -> Scroll {
        self.at((entry, rows(entry).saturating_sub(1)), rows)
    }

    fn at(&self, (entry, row): (EntryId, usize), rows: impl Fn(EntryId) -> usize) -> Scroll {
        let at_end = self.last_id() == Some(entry) && row + 1 >= rows(entry);
        if at_end { Scroll::Newest } else { Scroll::At { entry, row } }
    }

    /// The bottom of the first screenful; `None` if everything fits on it.
    fn top_page(
        &self,
        height: usize,
        rows: &impl Fn(EntryId) -> usize,
    ) -> Option<(EntryId, usize)> {
        let last = self.last_id()?;
        let mut left = height.max(1);
        for entry in self.first_id()..=last {
            let tall = rows(entry);
            if left <= tall && !(entry == last && left == tall) {
                return Some((entry, left - 1));
            }
            left = left.saturating_sub(tall);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entry::Kind;
    use crate::tests::at;

    fn log(entries: usize) -> Log {
        let mut log = Log::default();
        for _ in 0..entries {
            log.push(at(0), Kind::info(""));
        }
        log
    }

    fn rows(id: EntryId) -> usize {
        usize::try_from(id % 3).unwrap() + 1
    }

    /// Every row as `(entry, row)`, in order.
    fn all(log: &Log) -> Vec<(EntryId, usize)> {
        let ids = log.first_id()..=log.last_id().unwrap();
        ids.flat_map(|id| (0..rows(id)).map(move |row| (id, row))).collect()
    }

    #[test]
    fn a_page_up_and_down_comes_back_to_the_end() {
        let mut log = log(30);
        log.scroll = log.scrolled_up(9, 10, rows);
        let place = log.bottom(rows).unwrap();
        assert_eq!(all(&log).len() - 1 - 9, all(&log).iter().position(|at| *at == place).unwrap());
        log.scroll = log.scrolled_down(9, rows);
        assert_eq!(log.scroll, Scroll::Newest);
    }

    #[test]
    fn a_log_that_fits_does_not_scroll() {
        let log = log(3);
        assert_eq!(log.scrolled_up(5, 6, rows), Scroll::Newest);
        assert_eq!(log.scrolled_to_top(6, rows), Scroll::Newest);
        assert_eq!(log.scrolled_to_top(5, rows), Scroll::At { entry: 2, row: 1 });
    }

    proptest! {
        #[test]
        fn the_place_moves_by_rows_and_new_entries_do_not_move_it(
            entries in 1..40_usize, moves in proptest::collection::vec(-15..15_i64, 0..12), height in 1..20_usize,
        ) {
            let mut log = log(entries);
            let all_rows = all(&log);
            let end = all_rows.len() - 1;
            let top = (height - 1).min(end);
            let mut expected = end;
            for by in moves {
                let step = usize::try_from(by.unsigned_abs()).unwrap();
                if by < 0 {
                    log.scroll = log.scrolled_up(step, height, rows);
                    expected = expected.saturating_sub(step).max(top);
                } else {
                    log.scroll = log.scrolled_down(step, rows);
                    expected = (expected + step).min(end);
                }
                prop_assert_eq!(log.bottom(rows).unwrap(), all_rows[expected]);
            }
            let follows = log.scroll == Scroll::Newest;
            prop_assert_eq!(follows, expected == end);
            log.push(at(1), Kind::info(""));
            if !follows {
                prop_assert_eq!(log.bottom(rows).unwrap(), all_rows[expected]);
            }
        }
    }
}
