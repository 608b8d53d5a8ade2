//! What is set, kept, and rung for.

use hullo::Notice;
use hullo::protocol::Message;

use super::settled;
use crate::core::event::{Effect, Event};
use crate::tests::id;
use crate::tests::play::{Stage, room};

fn kept(name: &str, value: &str) -> Effect {
    Effect::SaveSetting { name: name.into(), value: Some(value.into()) }
}

fn told(title: &str, body: &str) -> Effect {
    Effect::Notify { title: format!("hullo · {title}"), body: body.into() }
}

#[test]
fn settings_are_shown_changed_kept_and_put_back() {
    let mut stage = settled();
    stage.line("/set");
    stage.shows("backlog = 100");
    stage.line("/set idle");
    stage.shows("idle is \"10\"");
    assert_eq!(stage.deeds(), []);
    stage.line("/set idle 20");
    stage.line("/set bell perhaps");
    stage.shows("it may be true, false");
    stage.line("/set colour red");
    stage.shows("there is no setting");
    assert_eq!(stage.deeds(), [kept("idle", "20")]);
    stage.line("/unset idle");
    assert_eq!(stage.deeds(), [Effect::SaveSetting { name: "idle".into(), value: None }]);
    assert_eq!(stage.model.settings, crate::settings::Settings::default());
}

#[test]
fn keys_are_bound_anew() {
    let mut stage = settled();
    stage.line("/bind f4 bare");
    assert_eq!(stage.deeds(), [kept("keys.f4", "bare")]);
    stage.key("F4");
    assert!(stage.model.panes.bare);
    stage.line("/bind Alt-A none");
    stage.line("/bind A send");
    assert_eq!(stage.deeds(), [kept("keys.alt-a", "none"), kept("keys.A", "send")]);
    stage.line("/bind f4 fly");
    stage.shows("is not an action");
}

#[test]
fn a_key_tells_what_it_means_and_gets_its_first_meaning_back() {
    let mut stage = settled();
    stage.line("/bind alt-1");
    stage.shows("Alt+1 is buffer-1");
    stage.line("/bind alt-a mute");
    stage.shows("Alt+A is mute now");
    stage.deeds();
    stage.line("/unbind alt-a");
    stage.shows("Alt+A is next-activity now");
    assert_eq!(stage.deeds(), [Effect::SaveSetting { name: "keys.alt-a".into(), value: None }]);
    stage.line("/unbind hyper-a");
    stage.shows("is not a key");
}

#[test]
fn what_is_muted_says_so_until_it_rings_again() {
    let mut stage = Stage::among(120, 40, &["mira"]);
    stage.key("Alt+m");
    stage.shows("#lobby is muted");
    stage.shows("#lobby · 2 here · muted");
    stage.shows("#lobby  muted");
    stage.deeds();
    stage.key("Alt+m");
    stage.shows("#lobby notifies you of mentions again");
    assert_eq!(stage.deeds(), [Effect::SaveSetting { name: "notify.#lobby".into(), value: None }]);
    stage.hides("muted");
    stage.line("/set notify none");
    stage.key("Alt+m");
    stage.shows("#lobby notifies you of mentions");
}

#[test]
fn a_list_that_is_empty_now_says_so() {
    let mut stage = settled();
    stage.line("/watch zoe");
    stage.shows("zoe is watched now");
    stage.line("/watch zoe");
    stage.shows("zoe is not watched any more");
    stage.line("/bell off");
    stage.shows("bell is off");
}

#[test]
fn only_who_looks_elsewhere_is_told() {
    let mut stage = settled();
    stage.line("/set notification osc9");
    stage.effects();
    stage.said(2, "ada: hi");
    assert_eq!(stage.deeds(), []);
    stage.event(Event::Focused(false));
    stage.said(2, "ada: there?");
    assert_eq!(stage.deeds(), [Effect::Ring, told("#lobby", "mira: ada: there?")]);
    stage.said(2, "anybody?");
    assert_eq!(stage.deeds(), []);
    stage.line("/notify all");
    stage.event(Event::Focused(false));
    stage.effects();
    stage.said(2, "anybody at all?");
    assert_eq!(stage.deeds(), [Effect::Ring, told("#lobby", "mira: anybody at all?")]);
    stage.key("Alt+m");
    stage.event(Event::Focused(false));
    assert_eq!(stage.deeds(), [kept("notify.#lobby", "none")]);
    stage.said(2, "ada!");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn rooms_that_are_set_are_joined_at_the_start_behind_the_first() {
    let mut stage = Stage::new(80, 24);
    stage.line("/set rooms #ops, lobby, build");
    stage.shows("rooms is ops, lobby, build (from the next start on)");
    assert_eq!(stage.deeds(), [kept("rooms", "ops, lobby, build")]);
    stage.line("/set rooms ops, #");
    stage.shows("a room needs a name");
    let joined: Vec<Effect> = crate::core::update::start(&mut stage.model);
    let join = |name: &str| Effect::Join { room: room(name), name: "ada".into(), status: None };
    assert_eq!(joined[1..], ["lobby", "ops", "build"].map(join));
    assert_eq!(stage.model.buffer().title(), "#lobby");
    stage.tell(Notice::Online);
    stage.enter("ops", &["mira"]);
    stage.line("/join ops");
    assert_eq!(stage.deeds(), [], "it is joined already");
    assert_eq!(stage.model.buffer().title(), "#ops");
}

#[test]
fn words_of_ones_own_count_as_ones_name() {
    let mut stage = settled();
    stage.line("/set highlight deploy, Release Plan");
    assert_eq!(stage.deeds(), [kept("highlight", "deploy, Release Plan")]);
    stage.said(2, "who looks at the release plan?");
    stage.shows("▌mira");
    assert_eq!(stage.model.buffers.len(), 2, "the list of mentions is there");
    stage.line("/buffer mentions");
    stage.shows("#lobby  mira: who looks at the release plan?");
    stage.event(Event::Focused(false));
    stage.effects();
    stage.said(2, "we will DEPLOY at five");
    assert_eq!(stage.deeds(), [Effect::Ring]);
    assert_eq!(stage.model.buffers[0].mentions, 1);
    stage.said(2, "deployed, and no plan");
    assert_eq!((stage.deeds(), stage.model.buffers[0].mentions), (Vec::new(), 1));
    stage.line("/unset highlight");
    stage.event(Event::Focused(false));
    stage.effects();
    stage.said(2, "deploy");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn where_the_focus_is_unknown_a_late_key_counts_as_looking() {
    let mut stage = settled();
    stage.typed("x");
    stage.effects();
    stage.said(2, "ada: one");
    assert_eq!(stage.deeds(), []);
    stage.wait(61_000);
    stage.said(2, "ada: two");
    assert_eq!(stage.deeds(), [Effect::Ring]);
}

#[test]
fn who_is_watched_is_always_told_and_who_is_ignored_never() {
    let mut stage = settled();
    stage.line("/watch zoe");
    stage.line("/ignore tomas");
    assert_eq!(stage.deeds(), [kept("watch", "zoe"), kept("ignore", "tomas")]);
    stage.event(Event::Focused(false));
    for n in 20..24 {
        stage.arrives(n, "somebody");
    }
    stage.effects();
    stage.arrives(9, "zoe");
    stage.shows("▸ zoe arrived and says helo");
    assert!(stage.deeds().contains(&Effect::Ring));
    stage.wait(120_000);
    stage.leaves(9, "zoe");
    stage.shows("− zoe left");
    assert_eq!(stage.deeds(), [Effect::Ring]);
    stage.said(3, "ada: can you hear me?");
    let message = Message::text("psst");
    stage.tell(Notice::Responded {
        room: room("lobby"),
        from: id(3),
        message,
        auto: false,
        seq: None,
        name: None,
    });
    stage.hides("can you hear me");
    assert_eq!((stage.deeds(), stage.model.buffers.len()), (Vec::new(), 2));
    stage.line("/ignore");
    stage.shows("ignore: tomas");
}

#[test]
fn a_partner_who_leaves_is_not_folded() {
    let mut stage: Stage = settled();
    stage.responded(2, "hi", false);
    stage.leaves(2, "mira");
    stage.shows("− mira left");
    let groups = stage.model.buffers[0].log.newest_group();
    assert!(groups.is_none());
}

#[test]
fn the_last_key_that_sends_goes_on_to() {
    let mut stage = settled();
    stage.line("/bind enter /away");
    stage.shows("⚠ no other key sends");
    stage.line("still here");
    stage.shows("ada      still here");
    stage.line("/bind ctrl-x send");
    stage.line("/bind enter new-line");
    stage.shows("Enter is new-line now");
}
