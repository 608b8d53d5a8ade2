//! What holds after any script whatever.

use std::collections::{BTreeMap, BTreeSet};

use hullo::presence::Presence;
use hullo::protocol::payload::{PresenceDiff, PresenceState};
use hullo::protocol::{Event, Frame, Payload, Ref, SessionId, Topic, codec};
use proptest::prelude::*;

use super::super::{Registry, Rules};
use super::script::{Stage, rules};
use crate::config::Greeters;
use crate::delivery::{Delivery, SocketId};
use crate::rate::Pace;

const SOCKETS: usize = 4;
const ROOMS: [&str; 2] = ["room:a", "room:b"];

/// Something that happens to one socket.
#[derive(Clone, Debug)]
enum Step {
    Push { room: usize, event: Event, join_ref: Option<u64>, payload: String },
    Reconnect,
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        4 => Just(Event::Join),
        1 => Just(Event::Leave),
        6 => Just(Event::Helo),
        2 => Just(Event::Status),
        3 => Just(Event::Broadcast),
        2 => Just(Event::Typing),
        1 => Just(Event::PresenceDiff),
    ];
    let payload = prop_oneof![
        9 => Just(r#"{"name":"x","state":"away","message":MESSAGE,"typing":true}"#.to_owned()),
        1 => Just("{}".to_owned()),
    ];
    let join_ref = prop_oneof![4 => Just(None), 1 => (0..3_u64).prop_map(Some)];
    prop_oneof![
        12 => (0..ROOMS.len(), event, join_ref, payload)
            .prop_map(|(room, event, join_ref, payload)| Step::Push { room, event, join_ref, payload }),
        1 => Just(Step::Reconnect),
    ]
}

/// What one channel has been told since it was joined.
#[derive(Default)]
struct Ear {
    presence: Option<Presence>,
    /// Everything for more than one, in its order.
    heard: Vec<String>,
}

/// A registry with listeners at all its sockets.
struct World {
    stage: Stage,
    /// Sockets are named by a number that grows with each reconnect.
    socket: [SocketId; SOCKETS],
    next: u64,
    said: u64,
    ears: BTreeMap<(SocketId, Topic), Ear>,
    /// How often each session joined and left, as told by diffs.
    came: BTreeMap<SessionId, usize>,
    went: BTreeMap<SessionId, usize>,
}

impl World {
    fn new() -> Self {
        let mut stage = Stage::new(Rules { greeters: Greeters::AtMost(1), ..rules() });
        let socket = std::array::from_fn(|at| SocketId(at as u64));
        socket.iter().copied().for_each(|socket| stage.registry.connect(socket));
        Self {
            stage,
            socket,
            next: SOCKETS as u64,
            said: 0,
            ears: BTreeMap::new(),
            came: BTreeMap::new(),
            went: BTreeMap::new(),
        }
    }

    fn run(&mut self, who: usize, step: Step) {
        let socket = self.socket[who];
        match step {
            Step::Reconnect => {
                self.ears.retain(|(owner, _), _| *owner != socket);
                let deliveries = self.stage.registry.disconnect(socket);
                self.deliver(deliveries);
                self.socket[who] = SocketId(self.next);
                self.next += 1;
                self.stage.registry.connect(self.socket[who]);
            }
            Step::Push { room, event, join_ref, payload } => {
                let (join_ref, topic) = (join_ref.map(Ref::number), Topic::from(ROOMS[room]));
                self.said += 1;
                let payload = payload.replace("MESSAGE", &self.said.to_string());
                let text = format!(r#"[null,"0","t","e",{payload}]"#);
                let payload = codec::decode(&text).unwrap().payload;
                let reference = Some(Ref::number(0));
                let frame = Frame { join_ref, reference, topic, event, payload };
                let stamp = self.stage.stamp();
                let deliveries = self.stage.registry.handle(&stamp, socket, frame);
                self.deliver(deliveries);
            }
        }
    }

    fn deliver(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let Delivery::Send { to, frame, care: _ } = delivery else { panic!("{delivery:?}") };
            let mut sockets = Vec::new();
            self.stage.registry.reach(&to, |socket| sockets.push(socket));
            let mut once = sockets.clone();
            once.dedup();
            assert_eq!(once, sockets, "somebody got it twice");
            if frame.event == Event::PresenceDiff {
                self.count(&frame);
            }
            for socket in sockets {
                self.hear(socket, &frame);
            }
        }
    }

    fn count(&mut self, frame: &Frame) {
        let PresenceDiff { joins, leaves } = frame.payload.decode().unwrap();
        for id in joins.keys().filter(|id| !leaves.contains_key(id)) {
            *self.came.entry(*id).or_default() += 1;
        }
        for id in leaves.keys().filter(|id| !joins.contains_key(id)) {
            *self.went.entry(*id).or_default() += 1;
        }
    }

    /// A client's side of it, kept by what the replies and closes say.
    fn hear(&mut self, socket: SocketId, frame: &Frame) {
        let key = (socket, frame.topic.clone());
        let joined = self.stage.registry.rooms.get(&frame.topic);
        let member = joined.is_some_and(|room| room.member(socket).is_some());
        if member && !self.ears.contains_key(&key) {
            self.ears.insert(key.clone(), Ear::default());
        }
        match frame.event {
            Event::Close => {
                self.ears.remove(&key);
                if member {
                    self.ears.insert(key, Ear::default()); // a second join took its place
                }
            }
            Event::Reply => {}
            Event::PresenceState => {
                let state: PresenceState = frame.payload.decode().unwrap();
                let ear = self.ears.get_mut(&key).expect("a state goes to members");
                ear.presence.get_or_insert_with(Presence::new).sync(state);
            }
            _ => {
                let ear = self.ears.get_mut(&key).expect("the room's news go to members");
                assert!(frame.join_ref.is_none() && frame.reference.is_none());
                if frame.event != Event::Typing {
                    ear.heard.push(codec::encode(frame)); // each of them is unlike all others
                }
                if frame.event == Event::PresenceDiff {
                    let diff = frame.payload.decode().unwrap();
                    if let Some(presence) = &mut ear.presence {
                        presence.apply(diff);
                    }
                } else {
                    assert!(ear.presence.is_some(), "only who said helo gets {}", frame.event);
                }
            }
        }
    }

    /// Those who said helo, as a newcomer is told.
    fn roster(&mut self, room: &str) -> BTreeSet<SessionId> {
        let newcomer = SocketId(self.next);
        self.next += 1;
        self.stage.registry.connect(newcomer);
        let (mut state, mut own) = (PresenceState::new(), None);
        for (event, payload) in [("phx_join", "{}"), ("client_helo", r#"{"name":"x"}"#)] {
            let text = format!(r#"["1","1","{room}","{event}",{payload}]"#);
            let stamp = self.stage.stamp();
            own = Some(SessionId(stamp.id));
            let frame = codec::decode(&text).unwrap();
            for delivery in self.stage.registry.handle(&stamp, newcomer, frame) {
                match delivery {
                    Delivery::Send { frame, .. } if frame.event == Event::PresenceState => {
                        state = frame.payload.decode().unwrap();
                    }
                    Delivery::Send { .. } | Delivery::Close(..) => {}
                }
            }
        }
        self.stage.registry.disconnect(newcomer);
        state.into_keys().filter(|id| Some(*id) != own).collect()
    }
}

fn script() -> impl Strategy<Value = Vec<(usize, Step)>> {
    proptest::collection::vec((0..SOCKETS, step()), 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn presence_folded_from_state_and_diffs_is_the_roster(script in script()) {
        let mut world = World::new();
        for (who, step) in script {
            world.run(who, step);
        }
        let ears = std::mem::take(&mut world.ears);
        for ((_, topic), ear) in &ears {
            if let Some(presence) = &ear.presence {
                let seen: BTreeSet<SessionId> = presence.people().map(|who| who.id).collect();
                prop_assert_eq!(seen, world.roster(topic.as_str()));
            }
        }
    }

    #[test]
    fn each_session_comes_once_and_leaves_once(script in script()) {
        let mut world = World::new();
        // somebody who hears every leave
        let listener = SocketId(1_000_000);
        world.stage.registry.connect(listener);
        for room in ROOMS {
            let join = format!(r#"["1","1","{room}","phx_join",{{}}]"#);
            let stamp = world.stage.stamp();
            world.stage.registry.handle(&stamp, listener, codec::decode(&join).unwrap());
        }
        for (who, step) in script {
            world.run(who, step);
        }
        for who in 0..world.socket.len() {
            world.run(who, Step::Reconnect);
        }
        prop_assert!(world.came.values().all(|times| *times == 1));
        prop_assert_eq!(&world.came, &world.went);
        for room in ROOMS {
            prop_assert_eq!(world.roster(room), BTreeSet::new());
        }
    }

    #[test]
    fn any_two_members_hear_what_both_hear_in_the_same_order(script in script()) {
        let mut world = World::new();
        for (who, step) in script {
            world.run(who, step);
        }
        for ((_, topic), one) in &world.ears {
            for ((_, other_topic), other) in &world.ears {
                if topic == other_topic {
                    let by_one: Vec<_> = one.heard.iter().filter(|x| other.heard.contains(x)).collect();
                    let by_other: Vec<_> = other.heard.iter().filter(|x| one.heard.contains(x)).collect();
                    prop_assert_eq!(by_one, by_other);
                }
            }
        }
    }

    #[test]
    fn no_frame_makes_the_core_fail(
        frames in proptest::collection::vec((
            0..2_u64,
            prop_oneof![Just("room:a".to_owned()), Just("phoenix".to_owned()), ".{0,12}"],
            prop_oneof![
                Just("phx_join".to_owned()), Just("client_helo".to_owned()),
                Just("client_response".to_owned()), Just("client_typing".to_owned()), ".{0,12}"
            ],
            prop_oneof![Just(r#"{"name":"x"}"#.to_owned()), Just("[[]]".to_owned()), Just("7".to_owned())],
            proptest::option::of(".{0,3}"),
        ), 0..60)
    ) {
        let rules = Rules { pace: Pace::per_second(1), max_channels: 2, ..rules() };
        let mut stage = Stage::new(rules);
        stage.registry = Registry::new(rules, u32::MAX);
        stage.registry.connect(SocketId(0));
        for (socket, topic, event, payload, reference) in frames {
            let text = format!(r#"[null,null,"","",{payload}]"#);
            let payload: Payload = codec::decode(&text).unwrap().payload;
            let reference = reference.as_deref().map(Ref::text);
            let join_ref = reference.clone();
            let (topic, event) = (Topic::from(&*topic), Event::from(&*event));
            let frame = Frame { join_ref, reference, topic, event, payload };
            let stamp = stage.stamp();
            stage.registry.handle(&stamp, SocketId(socket), frame);
        }
        stage.registry.disconnect(SocketId(0));
        prop_assert_eq!(stage.registry.population(), 0);
        prop_assert!(stage.registry.rooms.is_empty());
    }
}
