use std::fs;

use super::*;
use crate::core::event::Effect;
use crate::entry::Kind;
use crate::entry::system::Severity;
use crate::tests::play::Stage;

fn store(folder: Option<&Path>) -> Store {
    Store {
        config: None,
        state: folder.map(|folder| State::within(folder.to_owned())),
        name: "ada".into(),
        server: "ws://lan.example:4856".into(),
        log_path: None,
        is_first: false,
        noted: Arc::default(),
        keeps_screen: true,
        hold: Arc::default(),
    }
}

/// Writes what is to be written; tells what the user is warned of meanwhile.
fn written(store: &Store, stage: &mut Stage) -> Vec<String> {
    let before = warnings(stage).len();
    for effect in stage.effects() {
        let event = match effect {
            Effect::OpenChatLog { server } => store.open_chat_log(&server),
            Effect::AppendChatLog { server, addition } => {
                Some(store.append_chat_log(server, addition))
            }
            _ => None,
        };
        if let Some(event) = event {
            stage.event(event);
        }
    }
    warnings(stage).split_off(before)
}

fn warnings(stage: &Stage) -> Vec<String> {
    let mut entries: Vec<_> =
        stage.model.buffers.iter().flat_map(|buffer| buffer.log.newest()).collect();
    entries.sort_by_key(|(id, _)| *id);
    let warned = entries.into_iter().filter_map(|(_, entry)| match &entry.kind {
        Kind::System(line) if line.severity == Severity::Warning => Some(line.text.clone()),
        _ => None,
    });
    warned.collect()
}

const NONE: [String; 0] = [];

#[test]
fn drafts_that_cannot_be_kept_when_a_server_is_left_are_told() {
    let store = Store { server: "ws://two.example".into(), ..store(None) };
    let mut events = store.change_server("ada at ws://one.example", &Drafts::new(), true);
    assert!(matches!(&*events, [Event::Restored(_)]));
    let drafts = Drafts::from([("#ops".to_owned(), "half a thought".to_owned())]);
    events = store.change_server("ada at ws://one.example", &drafts, true);
    let [Event::Restored(_), Event::Warned(why)] = &*events else { panic!("{events:?}") };
    assert!(why.starts_with("your draft is not kept: no folder"), "{why}");
    assert!(why.ends_with("\n#ops: half a thought"), "{why}");
}

#[test]
fn a_chat_log_that_cannot_be_written_costs_itself_alone_and_is_tried_again() {
    let kept_in = tempfile::tempdir().unwrap();
    let store = store(Some(kept_in.path()));
    let folder = chat_path(kept_in.path(), &store.server);
    let long = "é".repeat(32) + &"🙂".repeat(32);
    let mut stage = Stage::among(80, 24, &["mira", &long]);
    stage.wait(10_000);
    stage.line("/set log on");
    assert_eq!(written(&store, &mut stage), NONE);
    let blocked = folder.join("mira.log");
    fs::create_dir_all(&blocked).unwrap();
    stage.responded(2, "one", false);
    let told = written(&store, &mut stage);
    assert!(told.len() == 1 && told[0].starts_with("mira.log is not written: "), "{told:?}");
    stage.responded(3, "two", false);
    stage.said(2, "three");
    assert_eq!(written(&store, &mut stage), NONE);
    assert_eq!(written(&store, &mut stage), NONE);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("#lobby.log").ends_with("mira: three\n"));
    let file = crate::chat::log_files::file_name(&long) + ".log";
    assert!(read(&file).ends_with(": two\n"));
    stage.wait(29_000);
    stage.responded(2, "four", false);
    assert_eq!(written(&store, &mut stage), NONE);
    stage.wait(2_000);
    assert_eq!(written(&store, &mut stage), NONE, "told once");
    fs::remove_dir(&blocked).unwrap();
    stage.wait(31_000);
    assert_eq!(written(&store, &mut stage), NONE);
    let kept = read("mira.log");
    let said: Vec<&str> = kept.lines().map(|line| &line[21..]).collect();
    assert_eq!(said, ["mira: one", "mira: four"]);
}

#[test]
fn what_is_late_when_a_server_is_left_does_not_come_into_the_folder_of_the_next() {
    for is_mended in [true, false] {
        let kept_in = tempfile::tempdir().unwrap();
        let store = store(Some(kept_in.path()));
        let mut stage = Stage::among(80, 24, &["mira"]);
        let old = chat_path(kept_in.path(), &stage.model.address);
        stage.line("/set log on");
        assert_eq!(written(&store, &mut stage), NONE);
        let blocked = old.join("#lobby.log");
        fs::create_dir_all(&blocked).unwrap();
        stage.said(2, "one");
        assert_eq!(written(&store, &mut stage).len(), 1);
        if is_mended {
            fs::remove_dir(&blocked).unwrap();
        }
        stage.line("/connect other.example");
        let told = written(&store, &mut stage).pop().unwrap_or_default();
        assert_eq!(told.starts_with("the end of #lobby.log is lost: "), !is_mended, "{told}");
        stage.tell(hullo::Notice::Online);
        stage.enter("lobby", &["mira"]);
        stage.said(2, "two");
        assert_eq!(written(&store, &mut stage), NONE);
        let new = chat_path(kept_in.path(), &stage.model.address).join("#lobby.log");
        let new = fs::read_to_string(new).unwrap();
        assert!(new.ends_with("mira: two\n") && !new.contains("mira: one"), "{new}");
        if is_mended {
            assert!(fs::read_to_string(&blocked).unwrap().contains("mira: one"));
        }
    }
}

#[test]
fn what_is_said_while_a_file_is_written_comes_behind_it_and_at_the_end_at_once() {
    let kept_in = tempfile::tempdir().unwrap();
    let store = store(Some(kept_in.path()));
    let mut stage = Stage::among(80, 24, &["mira"]);
    stage.line("/set log on");
    written(&store, &mut stage);
    let appended = |stage: &mut Stage| {
        let effects = stage.effects();
        effects.iter().filter(|effect| matches!(effect, Effect::AppendChatLog { .. })).count()
    };
    stage.said(2, "one");
    assert_eq!(appended(&mut stage), 1);
    stage.said(2, "two");
    assert_eq!(appended(&mut stage), 0, "the first one may fail");
    stage.line("/quit");
    assert_eq!(appended(&mut stage), 1);
}

#[test]
fn who_asks_for_a_log_is_told_at_once_where_nothing_can_be_kept() {
    let store = store(None);
    let mut stage = Stage::among(80, 24, &["mira"]);
    assert_eq!(written(&store, &mut stage), NONE);
    for _ in 0..2 {
        stage.line("/log on");
        let told = written(&store, &mut stage);
        let why = "what is said is not kept: no folder";
        assert!(told.len() == 1 && told[0].starts_with(why), "{told:?}");
        stage.said(2, "one");
        assert_eq!(written(&store, &mut stage), NONE, "told once");
        stage.line("/log off");
        assert_eq!(written(&store, &mut stage), NONE);
    }
}
