//! Themes: listed, tried, set; and what emoji and times look like.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::settled;
use crate::core::event::{Effect, Event};
use crate::tests::play::Stage;
use crate::theme::{Role, Theme, shipped};

fn load(name: &str) -> Effect {
    Effect::LoadTheme(name.into())
}

/// What the shell does with what was asked for.
fn fetch(stage: &mut Stage) {
    for effect in stage.effects() {
        let Effect::LoadTheme(name) = effect else { continue };
        let mut names = stage.model.theming.names.clone();
        names.push("mine".into());
        let theme = shipped(&name).ok_or_else(|| format!("there is no theme {name:?}"));
        stage.event(Event::Themed { name, theme, names });
    }
}

#[track_caller]
fn is_shown(stage: &Stage, name: &str) {
    assert_eq!(*stage.model.theming.theme(), shipped(name).unwrap(), "not {name}");
}

#[test]
fn a_theme_is_set_and_kept() {
    let mut stage = settled();
    is_shown(&stage, "terminal");
    stage.line("/theme");
    stage.shows("auto · ▸ terminal · dark");
    stage.line("/theme dark");
    fetch(&mut stage);
    is_shown(&stage, "dark");
    let keep = Effect::SaveSetting { name: "theme".into(), value: Some("dark".into()) };
    assert_eq!(stage.deeds(), [keep]);
    stage.line("/unset theme");
    fetch(&mut stage);
    is_shown(&stage, "terminal");
    stage.line("/set theme light");
    fetch(&mut stage);
    is_shown(&stage, "light");
    stage.line("/theme drak");
    fetch(&mut stage);
    stage.shows("there is no theme \"drak\"");
    is_shown(&stage, "light");
}

#[test]
fn a_theme_is_shown_while_its_name_stands_in_the_line() {
    let mut stage = settled();
    stage.typed("/theme d");
    fetch(&mut stage);
    is_shown(&stage, "terminal");
    stage.key("Tab");
    stage.shows("/theme dark");
    assert_eq!(stage.deeds(), [load("dark")]);
    stage.event(Event::Themed {
        name: "dark".into(),
        theme: Ok(shipped("dark").unwrap()),
        names: stage.model.theming.names.clone(),
    });
    is_shown(&stage, "dark");
    stage.key("Esc");
    is_shown(&stage, "terminal");
    stage.key("Backspace");
    stage.typed("k");
    fetch(&mut stage);
    is_shown(&stage, "dark");
    stage.key("Ctrl+c");
    is_shown(&stage, "terminal");
    assert_eq!(stage.model.settings.theme, "terminal");
}

#[test]
fn tab_steps_through_all_themes_and_enter_takes_the_one_that_is_shown() {
    let mut stage = settled();
    stage.typed("/theme ");
    for name in ["auto", "terminal", "dark", "light"] {
        stage.key("Tab");
        fetch(&mut stage);
        if name != "auto" {
            is_shown(&stage, name);
        }
    }
    stage.key("Enter");
    fetch(&mut stage);
    is_shown(&stage, "light");
    assert_eq!(stage.model.settings.theme, "light");
}

#[test]
fn a_broken_theme_changes_nothing_and_says_where() {
    let mut stage = settled();
    let theme = Err("themes/mine.toml:3: there is no colour \"rde\"".to_owned());
    let names = vec!["terminal".into(), "mine".into()];
    stage.event(Event::Themed { name: "terminal".into(), theme, names });
    stage.shows("⚠ themes/mine.toml:3: there is no colour");
    is_shown(&stage, "terminal");
    stage.line("/theme mine");
    fetch(&mut stage);
    stage.shows("⚠ there is no theme \"mine\"");
    assert_eq!(stage.model.settings.theme, "terminal");
}

#[test]
fn what_is_behind_a_theme_is_painted_everywhere() {
    let mut stage = settled();
    stage.typed("/theme ember");
    fetch(&mut stage);
    let screen = stage.screen();
    let page = shipped("ember").unwrap().page();
    assert!(page.bg.is_some());
    assert!(screen.buffer().content.iter().all(|cell| Some(cell.bg) == page.bg));
    assert_ne!(Theme::default().style(Role::Text), shipped("ember").unwrap().style(Role::Text));
}

/// The links on screen, as the text in each place and where it leads.
fn links(stage: &Stage) -> Vec<(String, String)> {
    let mut screen = Buffer::empty(Rect::from((Position::ORIGIN, stage.model.size)));
    let links = crate::screen::draw(&stage.model, &mut screen).links;
    let text = |link: &crate::screen::Link| {
        link.area.positions().map(|at| screen[at].symbol()).collect::<String>()
    };
    links.iter().map(|link| (text(link), link.address.to_string())).collect()
}

#[test]
fn an_address_is_a_link_to_the_whole_of_it_in_every_row() {
    let mut stage = Stage::among(40, 12, &["mira"]);
    stage.wait(10_000);
    let address = "https://wiki.example/notes/on/half-open/sockets?page=2";
    stage.said(2, &format!("ada: ({address})"));
    let leading = |text: &str| (text.to_owned(), address.to_owned());
    assert_eq!(
        links(&stage),
        [leading("https://wiki.example/notes/on/"), leading("half-open/sockets?page=2")]
    );
    stage.typed("/");
    assert_eq!(links(&stage), []);
    stage.key("Backspace");
    stage.key("F1");
    assert_eq!(links(&stage), []);
}

#[test]
fn times_of_twelve_hours_keep_the_columns() {
    let mut stage = settled();
    stage.line("/set time 12h");
    stage.shows("  9:40 am ▸ you said helo");
    stage.said(2, "good morning, everybody");
    stage.shows("          mira     good morning, everybody");
    stage.wait(60_000 * 60);
    stage.said(3, "still nobody?");
    stage.shows(" 10:40 am tomas    still nobody?");
    stage.line("/set time 24h");
    stage.shows(" 10:40 tomas    still nobody?");
}

#[test]
fn emoji_are_shown_as_they_are_set() {
    let mut stage = settled();
    stage.line("/emoji text");
    let keep = Effect::SaveSetting { name: "emoji".into(), value: Some("text".into()) };
    assert_eq!(stage.deeds(), [keep]);
    stage.line("/emoji none");
    stage.shows("it may be graphic, text");
}
