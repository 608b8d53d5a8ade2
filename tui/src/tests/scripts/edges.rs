//! What only long scripts come across.

use super::super::play::Stage;

#[test]
fn nobody_is_undisturbed_for_longer_than_clocks_go() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    stage.line("/dnd 400000000000y");
    stage.shows("/dnd needs");
    assert_eq!(stage.model.dnd_until, None);
}

#[test]
fn people_are_listed_on_a_screen_of_one_column() {
    let mut stage = Stage::among(1, 5, &["mira"]);
    stage.key("F4");
    assert_eq!(stage.screen().buffer().area.width, 1);
}
