//! Names that could be taken for somebody else's.

use super::super::play::Stage;

#[test]
fn a_name_that_may_deceive_is_marked_wherever_people_are_listed() {
    let others = ["mira", "m\u{456}ra", "ada        you"];
    let stage = Stage::among(80, 24, &others);
    let text = stage.text();
    let pane = text.lines().filter_map(|row| row.split_once("│ ")).map(|(_, pane)| pane);
    let expected = ["HERE 4", "● ada       you", "● ada you", "● mira", "● ⚠ m\u{456}ra"];
    assert_eq!(pane.take(5).collect::<Vec<_>>(), expected);

    let mut stage = Stage::among(60, 20, &others);
    stage.shows("● ada you ● mira ● ⚠ m\u{456}ra");
    stage.line("/whois m\u{456}ra");
    stage.shows("⚠ the name looks like that of mira");
}
