//! Successive entries copied together once, for the many members that are to be sent all of them.

use bytes::{Bytes, BytesMut};

use super::Room;
use super::delivery::MAX_BATCH_BYTES;
use super::log::{Audience, Dialect, Entry, Hears, Lapped};
use super::members::MemberId;
use crate::batch::Batch;

/// Successive entries as one piece, for the many members that are to be sent all of them.
#[derive(Debug)]
pub(crate) struct Merged {
    first: u64,
    /// The position behind the last of them.
    end: u64,
    count: u64,
    bytes: Bytes,
    /// Who is not sent one of them.
    except: Vec<MemberId>,
}

impl Room {
    /// The quick way for the many: successive entries that are for all who said helo are copied
    /// together once and then shared.
    pub(super) fn deliver_merged(&mut self, to: MemberId, batch: &mut Batch) -> Result<(), Lapped> {
        let committed = self.committed();
        let Some(member) = self.members.get_mut(to) else { return Ok(()) };
        if member.hears != Hears::Everything || !member.directs.is_empty() || batch.bytes() > 0 {
            return Ok(());
        }
        let dialect = member.dialect();
        let kept = &mut self.merged[dialect as usize];
        if kept.as_ref().is_none_or(|merged| merged.first != member.position) {
            let is_safe = |entry: &&Entry| entry.seq <= committed;
            if self.log.since(member.position)?.nth(1).is_none_or(|second| !is_safe(&second)) {
                return Ok(()); // there are no two to be merged
            }
            let entries = self.log.since(member.position)?.take_while(is_safe);
            let merged = merge(entries, member.position, dialect);
            if merged.is_none() {
                return Ok(());
            }
            *kept = merged;
        }
        if let Some(merged) = kept
            && !merged.except.contains(&to)
        {
            batch.framed(&merged.bytes, merged.count);
            member.position = merged.end;
        }
        Ok(())
    }
}

fn merge<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    first: u64,
    dialect: Dialect,
) -> Option<Merged> {
    let mut bytes = BytesMut::new();
    let (mut end, mut count, mut except) = (first, 0, Vec::new());
    for entry in entries {
        match &entry.audience {
            Audience::Joined => {}
            Audience::Others(but) if except.contains(but) => {}
            Audience::Others(but) if except.len() < 4 => except.push(*but),
            Audience::Others(_) | Audience::Chosen(_) | Audience::NotChosen(_) => break,
        }
        let frame = entry.frame(dialect);
        if !bytes.is_empty() && bytes.len() + frame.len() > MAX_BATCH_BYTES {
            break;
        }
        bytes.extend_from_slice(frame);
        (end, count) = (entry.seq + 1, count + 1);
    }
    (count > 1).then(|| Merged { first, end, count, bytes: bytes.freeze(), except })
}
