//! One table of commands: whatever names, explains or completes a command takes it from there.

use super::settled;
use crate::core::update::COMMANDS;
use crate::input::alias::Aliases;
use crate::input::command::Arg::{Optional, Required};
use crate::input::command::{ArgKind, Command, Commands};
use crate::input::keymap::Keymap;
use crate::menu;
use crate::tests::play::Stage;

/// A command that stands in no table but that of this test.
const TOPIC: Command = Command {
    name: "topic",
    other_names: &["t"],
    args: &[Required(ArgKind::OneOf(&["show", "set TEXT"])), Optional(ArgKind::Text("TEXT"))],
    help: "what the room is about",
    group: "rooms",
    screen_only: true,
    runs_when_chosen: false,
};

const ONE: Commands = Commands(&[TOPIC]);

/// A stage on which there is no command but that one.
fn stage() -> Stage {
    let mut stage = Stage::among(120, 40, &["mira"]);
    stage.model.commands = ONE;
    stage
}

/// What is in the line after this is typed and completed.
fn completed(typed: &str) -> String {
    let mut stage = stage();
    stage.typed(typed);
    stage.key("Tab");
    stage.model.buffer().composer.text().to_owned()
}

#[test]
fn help_palette_and_the_list_above_the_line_show_what_is_in_the_table() {
    for opens in ["F1", "Ctrl+p", "/"] {
        let mut stage = stage();
        if opens == "/" {
            stage.typed("/");
        } else {
            stage.key(opens);
        }
        stage.typed("topic");
        stage.shows("/topic show | set TEXT [TEXT]  ");
        stage.shows("  what the room is about");
        stage.hides("/away");
    }
    let mut stage = stage();
    stage.key("F1");
    stage.typed("rooms topic");
    stage.shows("/topic");
    let help = "rooms:\n/topic show | set TEXT [TEXT]: what the room is about";
    assert!(menu::help::text(&stage.model).ends_with(help));
}

#[test]
fn what_is_chosen_is_put_into_the_line_or_run_as_the_table_says() {
    let mut stage = stage();
    stage.key("Ctrl+p");
    stage.typed("/topic");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().composer.text(), "/topic ");
    let mut stage = settled();
    for command in COMMANDS.iter().filter(|command| !command.runs_when_chosen) {
        stage.key("Ctrl+p");
        stage.typed(&format!("/{}", command.name));
        stage.key("Enter");
        let line = format!("/{} ", command.name);
        assert_eq!(stage.model.buffer().composer.text(), line, "it is found first");
        stage.key("Ctrl+u");
    }
}

#[test]
fn tab_completes_names_and_arguments_of_the_table() {
    assert_eq!(completed("/to"), "/topic ");
    assert_eq!(completed("/topic se"), "/topic set");
    assert_eq!(completed("/t sh"), "/t show");
    assert_eq!(completed("/away"), "/away");
}

#[test]
fn aliases_and_keys_are_checked_by_the_table() {
    let (mut aliases, mut keymap) = (Aliases::default(), Keymap::default());
    let none = "there is no /away · /help lists all";
    assert_eq!(aliases.set("brb", "/away", ONE), Err(none.into()));
    assert_eq!(
        aliases.set("t", "hi", ONE),
        Err("/t is a command; an alias cannot replace it".into())
    );
    assert_eq!(keymap.bind("f5", "/away", &aliases, ONE), Err(none.into()));
    let why = "/topic: \"drop\" is not one of show, set TEXT";
    assert_eq!(keymap.bind("f5", "/topic drop", &aliases, ONE), Err(why.into()));
    assert_eq!(keymap.bind("f5", "/topic", &aliases, ONE), Ok(()));
    assert_eq!(keymap.bind("f5", "/topic set now", &aliases, ONE), Ok(()));
    assert_eq!(ONE.unknown("tpoic"), "there is no /tpoic · did you mean /topic?");
}

#[test]
fn the_man_page_is_made_of_the_table() {
    let page = menu::man::sections(ONE);
    let item = "\\fB/topic show | set TEXT [TEXT]\\fR\nwhat the room is about; not in \\-\\-plain (also /t)\n";
    assert!(page.contains(item), "{page}");
}

#[test]
fn no_name_is_given_twice() {
    let names = COMMANDS
        .iter()
        .flat_map(|one| [one.name].into_iter().chain(one.other_names.iter().copied()));
    let mut names: Vec<&str> = names.collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
