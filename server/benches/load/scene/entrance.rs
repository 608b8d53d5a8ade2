//! Everybody connects, joins and says helo, before anything is measured.

use std::time::Instant;

use crate::crowd::{Crowd, Outbound, SOME, Scene};
use crate::wire::{self, Incoming, Outcome};

/// How far everybody is.
#[derive(Default)]
struct Entrance {
    open: usize,
    joined: usize,
    ids: Vec<Option<[u8; 36]>>,
    greeted: usize,
}

impl Scene for Entrance {
    fn hear(&mut self, _: &mut Outbound, who: usize, what: Incoming<'_>, _: Instant) -> Outcome {
        match what {
            Incoming::Open => self.open += 1,
            Incoming::Reply(1, _) => self.joined += 1,
            Incoming::Reply(2, response) => {
                self.ids[who] = Some(wire::id(response, b"\"id\":\"")?);
                self.greeted += 1;
            }
            Incoming::NewUser(_) | Incoming::Diff(_) | Incoming::State(_) => {}
            other => return Err(format!("not expected while joining: {other:?}")),
        }
        Ok(())
    }
}

impl Entrance {
    fn progress(&self) -> String {
        format!("{} connected, {} joined, {} were greeted", self.open, self.joined, self.greeted)
    }
}

/// Everybody connects and joins.
pub(super) fn join(crowd: &mut Crowd, topics: &[String]) -> Outcome {
    let (mut entrance, resumable) = (Entrance::default(), crowd.is_resumable());
    crowd.invite(topics.iter().cloned(), SOME);
    crowd.until(&mut entrance, |now| now.open == topics.len(), Entrance::progress)?;
    for (who, topic) in topics.iter().enumerate() {
        crowd.out().push(who, &wire::join(topic, resumable));
    }
    crowd.until(&mut entrance, |now| now.joined == topics.len(), Entrance::progress)
}

/// Everybody connects, joins and says helo; returns their ids once all are calm.
pub(super) fn enter(crowd: &mut Crowd, topics: &[String]) -> Outcome<Vec<[u8; 36]>> {
    join(crowd, topics)?;
    let mut entrance = Entrance { ids: vec![None; topics.len()], ..Entrance::default() };
    let everybody: Vec<usize> = (0..topics.len()).collect();
    for some in everybody.chunks(SOME) {
        for &who in some {
            crowd.out().push(who, &wire::helo(&topics[who], who));
        }
        let enough = entrance.greeted + some.len();
        crowd.until(&mut entrance, |now| now.greeted == enough, Entrance::progress)?;
    }
    crowd.settle(&mut entrance)?;
    entrance.ids.into_iter().collect::<Option<_>>().ok_or("an id is missing".to_owned())
}
