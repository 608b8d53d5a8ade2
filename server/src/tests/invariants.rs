//! What holds after any script whatever, and whenever each member takes what is for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hullo::presence::Presence;
use hullo::protocol::payload::{PresenceDiff, PresenceState};
use hullo::protocol::{Event, Frame, SessionId, Topic, codec};
use proptest::prelude::*;

use super::script::{Stage, limits, rules};
use crate::config::Greeters;
use crate::connection::meter::Limits;
use crate::rate::Rate;
use crate::room::Rules;

const PEERS: usize = 4;
const ROOMS: [&str; 2] = ["room:a", "room:b"];

/// Something that happens to one connection, or to time.
#[derive(Clone, Debug)]
enum Step {
    Push { room: usize, event: &'static str, join_ref: &'static str, payload: &'static str },
    Reconnect,
    Deliver,
    Tick,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        4 => Just("phx_join"),
        1 => Just("phx_leave"),
        6 => Just("client_helo"),
        2 => Just("client_status"),
        6 => Just("client_broadcast"),
        2 => Just("client_typing"),
        2 => Just("client_topic"),
        1 => Just("presence_diff"),
    ];
    let payload = prop_oneof![
        9 => Just(r#"{"name":"x","state":"away","message":MESSAGE,"typing":true,"topic":"MESSAGE"}"#),
        2 => Just(r#"{"name":"x","mode":"observer"}"#),
        2 => Just(r#"{"name":"x","mode":"quiet"}"#),
        1 => Just("{}"),
    ];
    let join_ref = prop_oneof![6 => Just("null"), 1 => Just(r#""1""#), 1 => Just(r#""2""#)];
    prop_oneof![
        16 => (0..ROOMS.len(), event, join_ref, payload)
            .prop_map(|(room, event, join_ref, payload)| Step::Push { room, event, join_ref, payload }),
        1 => Just(Step::Reconnect),
        4 => Just(Step::Deliver),
        2 => Just(Step::Tick),
        2 => (1..200_u64).prop_map(Step::Wait),
    ]
}

fn script() -> impl Strategy<Value = Vec<(usize, Step)>> {
    proptest::collection::vec((0..PEERS, step()), 0..160)
}

/// What one channel has been sent since it was joined.
#[derive(Default)]
struct Heard {
    presence: Option<Presence>,
    /// Everything for more than one but typing, in its order.
    all: Vec<String>,
    broadcasts: Vec<u64>,
}

/// Rooms with somebody who listens on all connections.
struct World {
    stage: Stage,
    /// The name of each connection changes with each reconnect.
    names: [String; PEERS],
    said: u64,
    heard: BTreeMap<(String, Topic), Heard>,
    /// Whether everybody takes everything at once.
    is_eager: bool,
}

impl World {
    fn new(is_eager: bool) -> Self {
        let mut stage = Stage::new(Rules { greeters: Greeters::AtMost(1), ..rules() }, limits());
        stage.is_plain = true;
        let names = std::array::from_fn(|at| format!("p{at}"));
        for name in &names {
            stage.peer(name);
        }
        Self { stage, names, said: 0, heard: BTreeMap::new(), is_eager }
    }

    fn run(&mut self, who: usize, step: &Step) {
        let name = self.names[who].clone();
        let lines = match *step {
            Step::Reconnect => {
                self.heard.retain(|(owner, _), _| *owner != name);
                let at = self.stage.peer(&name);
                self.stage.lose(at);
                self.names[who] = format!("{name}'");
                self.stage.peer(&self.names[who]);
                Vec::new()
            }
            Step::Push { room, event, join_ref, payload } => {
                self.said += 1;
                let payload = payload.replace("MESSAGE", &self.said.to_string());
                let topic = ROOMS[room];
                let text = format!(r#"[{join_ref},"1","{topic}","{event}",{payload}]"#);
                self.stage.push(&name, &text)
            }
            Step::Deliver => {
                let at = self.stage.peer(&name);
                self.stage.deliver_to(at)
            }
            Step::Tick => {
                self.stage.tick_only();
                Vec::new()
            }
            Step::Wait(milliseconds) => {
                self.stage.passed += Duration::from_millis(milliseconds);
                Vec::new()
            }
        };
        self.hear(lines);
        if self.is_eager {
            self.settle(1);
        }
    }

    /// Everybody takes everything, and what was merged or gathered comes, too.
    fn settle(&mut self, ticks: u64) {
        for _ in 0..ticks {
            let lines = self.stage.deliver();
            self.hear(lines);
            if ticks > 1 {
                self.stage.passed += Duration::from_millis(60);
                let lines = self.stage.tick();
                self.hear(lines);
            }
        }
    }

    /// A client's side of it, kept by what replies and closes say.
    fn hear(&mut self, lines: Vec<String>) {
        for line in lines {
            let (name, text) = line.split_once("< ").expect("nobody is closed here");
            let frame: Frame = codec::decode(text).unwrap();
            let key = (name.to_owned(), frame.topic.clone());
            match frame.event {
                Event::Reply => {
                    let ok = text.ends_with(r#"{"status":"ok","response":{}}]"#);
                    // Only joins have no channel whose ref they carry.
                    if ok && frame.join_ref.is_none() && !self.heard.contains_key(&key) {
                        self.heard.insert(key, Heard::default());
                    }
                }
                Event::Close => {
                    self.heard.remove(&key);
                }
                Event::PresenceState => {
                    let state: PresenceState = frame.payload.decode().unwrap();
                    let heard = self.heard.entry(key).or_default();
                    heard.presence.get_or_insert_with(Presence::new).sync(state);
                }
                _ => self.heard.entry(key).or_default().take(&frame, text),
            }
        }
    }
}

impl Heard {
    fn take(&mut self, frame: &Frame, text: &str) {
        assert!(frame.join_ref.is_none() && frame.reference.is_none());
        if frame.event != Event::Typing {
            self.all.push(text.to_owned()); // each of them is unlike all others
        }
        if frame.event == Event::PresenceDiff {
            let diff = frame.payload.decode().unwrap();
            if let Some(presence) = &mut self.presence {
                presence.apply(diff).expect("the state came first");
            }
            return;
        }
        assert!(self.presence.is_some(), "only who said helo is sent {}", frame.event);
        if frame.event == Event::Broadcast {
            let value: serde_json::Value = serde_json::from_str(frame.payload.as_json()).unwrap();
            self.broadcasts.push(value["message"].as_u64().unwrap());
        }
    }
}

/// Those who said helo, as somebody who only looks is told.
fn present(stage: &mut Stage, room: &str) -> BTreeSet<SessionId> {
    let join = format!(r#"["9","9","{room}","phx_join",{{"presence":true}}]"#);
    let lines = stage.push("visitor", &join);
    let shown = lines.iter().find(|line| line.contains("presence_state")).unwrap();
    let frame = codec::decode(shown.strip_prefix("visitor< ").unwrap()).unwrap();
    let everybody: PresenceState = frame.payload.decode().unwrap();
    stage.push("visitor", &format!(r#"["9","10","{room}","phx_leave",{{}}]"#));
    everybody.into_keys().collect()
}

fn run(script: Vec<(usize, Step)>, is_eager: bool) -> World {
    let mut world = World::new(is_eager);
    for (who, step) in script {
        world.run(who, &step);
    }
    world.settle(10);
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn presence_folded_from_state_and_diffs_is_who_is_there(script in script()) {
        let mut world = run(script, false);
        for ((_, topic), heard) in std::mem::take(&mut world.heard) {
            if let Some(presence) = &heard.presence {
                let seen: BTreeSet<SessionId> = presence.people().map(|who| who.id).collect();
                prop_assert_eq!(seen, present(&mut world.stage, topic.as_str()));
            }
        }
    }

    #[test]
    fn each_session_comes_once_and_leaves_once(script in script()) {
        let mut world = World::new(false);
        for room in ROOMS {
            let join = format!(r#"[null,"1","{room}","phx_join",{{}}]"#);
            let lines = world.stage.push("listener", &join);
            world.hear(lines);
        }
        for (who, step) in script {
            world.run(who, &step);
        }
        for who in 0..PEERS {
            world.run(who, &Step::Reconnect);
        }
        world.settle(10);
        for room in ROOMS {
            let heard = &world.heard[&("listener".to_owned(), Topic::from(room))];
            let (mut here, mut gone) = (BTreeSet::new(), BTreeSet::new());
            for text in &heard.all {
                let diff: PresenceDiff = codec::decode(text).unwrap().payload.decode().unwrap();
                for id in diff.joins.keys() {
                    prop_assert!(!gone.contains(id), "somebody came back");
                    here.insert(*id);
                }
                for id in diff.leaves.keys().filter(|id| !diff.joins.contains_key(id)) {
                    here.remove(id);
                    prop_assert!(gone.insert(*id), "somebody left twice");
                }
            }
            prop_assert!(here.is_empty());
            prop_assert_eq!(present(&mut world.stage, room), BTreeSet::new());
        }
    }

    #[test]
    fn any_two_members_hear_what_both_hear_in_the_same_order(script in script()) {
        let world = run(script, false);
        for ((_, topic), one) in &world.heard {
            for ((_, other_topic), other) in &world.heard {
                if topic == other_topic {
                    let by_one: Vec<_> = one.all.iter().filter(|x| other.all.contains(x)).collect();
                    let by_other: Vec<_> = other.all.iter().filter(|x| one.all.contains(x)).collect();
                    prop_assert_eq!(by_one, by_other);
                }
            }
        }
    }

    #[test]
    fn whoever_takes_late_hears_the_same(script in script()) {
        let (late, eager) = (run(script.clone(), false), run(script, true));
        prop_assert_eq!(late.heard.len(), eager.heard.len());
        for (key, heard) in &late.heard {
            prop_assert_eq!(&heard.broadcasts, &eager.heard[key].broadcasts);
        }
    }

    #[test]
    fn no_frame_makes_the_core_fail(
        frames in proptest::collection::vec((
            0..2_usize,
            prop_oneof![Just("room:a".to_owned()), Just("phoenix".to_owned()), "[a-z:]{0,12}"],
            prop_oneof![
                Just("phx_join".to_owned()), Just("client_helo".to_owned()),
                Just("client_response".to_owned()), Just("client_typing".to_owned()), "[a-z_]{0,12}"
            ],
            prop_oneof![Just(r#"{"name":"x"}"#.to_owned()), Just("[[]]".to_owned()), Just("7".to_owned())],
            prop_oneof![Just("null".to_owned()), "[1-9]{1,3}", "\"[a-z]{0,3}\""],
        ), 0..60)
    ) {
        let limits = Limits { session_pushes: Rate::per_second(1), max_channels: 2, ..limits() };
        let mut stage = Stage::new(rules(), limits);
        for (who, topic, event, payload, reference) in frames {
            let text = format!(r#"[{reference},{reference},"{topic}","{event}",{payload}]"#);
            stage.say(["ada", "bob"][who], &text);
        }
        stage.gone("ada");
        stage.gone("bob");
        prop_assert_eq!(stage.rooms.census().rooms, 0);
    }
}
