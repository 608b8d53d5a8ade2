//! Long random scripts of all that can happen, in any order: keys, pastes, people who come and go,
//! lines that break, hours that pass, terminals of any size. After every step the screen is drawn,
//! and what must always hold is looked at.

mod check;
mod step;
mod world;

use proptest::prelude::*;

use self::step::{Step, step};
use self::world::World;

fn script() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..200)
}

proptest! {
    #![proptest_config(super::few())]

    #[test]
    fn whatever_happens_what_must_hold_holds(script in script()) {
        let mut world = World::new();
        for step in script {
            world.take(step);
        }
    }
}
