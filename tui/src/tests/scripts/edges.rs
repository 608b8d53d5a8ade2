//! What only long scripts come across.

use super::super::play::Stage;

#[test]
fn nobody_is_undisturbed_for_longer_than_clocks_go() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    stage.line("/dnd 400000000000y");
    stage.shows("/dnd needs");
    assert_eq!(stage.model.dnd_until, None);
}
