//! A client that drops at any point ends with the same transcript as one that never does, and with
//! what the simplest possible log would have told it: every message that was acknowledged, once, in
//! the order in which they were said, and none that was refused. With a store, which may fail, and
//! without one.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::script::{Stage, limits, rules};
use crate::store::StoreError;

const TALKERS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// A talker pushes this event.
    Talk(usize, &'static str),
    /// A talker is gone, and comes again under another name.
    Go(usize),
    /// The shaky one loses its connection, and the last so many frames it was sent.
    Drop(usize),
    Return,
    Deliver,
    Tick,
    Wait(u64),
    Commit,
    Fail,
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        5 => Just("client_broadcast"),
        4 => Just("client_response"),
        2 => Just("client_status"),
        2 => Just("client_helo"),
    ];
    prop_oneof![
        12 => (0..TALKERS, event).prop_map(|(who, event)| Step::Talk(who, event)),
        1 => (0..TALKERS).prop_map(Step::Go),
        2 => (0..6_usize).prop_map(Step::Drop),
        2 => Just(Step::Return),
        4 => Just(Step::Deliver),
        2 => Just(Step::Tick),
        2 => (1..1000_u64).prop_map(Step::Wait),
        4 => Just(Step::Commit),
        1 => Just(Step::Fail),
    ]
}

/// One who can come back, and what it has been told.
struct Listener {
    name: String,
    id: String,
    resume: Value,
    /// Everything that has a place in the order.
    heard: Vec<Value>,
    /// How much of it the server knows that it has.
    confirmed: usize,
    is_here: bool,
}

impl Listener {
    fn seq(&self) -> u64 {
        let newest = self.heard.last().map_or(&self.resume, |frame| &frame[4]);
        newest["seq"].as_u64().unwrap()
    }

    fn hear(&mut self, frame: &Value) {
        if let Some(seq) = frame[4]["seq"].as_u64() {
            assert!(seq > self.seq(), "{frame} after {}", self.seq());
            self.heard.push(frame.clone());
        }
    }

    fn messages(&self) -> Vec<u64> {
        let said = self.heard.iter().filter_map(|frame| frame[4]["message"].as_u64());
        said.collect()
    }

    /// What it was told as one of many, without the coming of `other`.
    fn as_one_of_many(&self, from: u64, other: &str) -> Vec<String> {
        let news = self.heard.iter().filter(|frame| frame[3] != "client_response");
        let news = news.filter(|frame| frame[3] != "new_user" || frame[4]["id"] != other);
        let news = news.filter(|frame| frame[4]["seq"].as_u64() > Some(from));
        news.map(|frame| format!("{}{}", frame[3], frame[4])).collect()
    }
}

struct World {
    stage: Stage,
    has_store: bool,
    steady: Listener,
    shaky: Listener,
    /// The names change with each connection.
    talkers: [String; TALKERS],
    said: u64,
    /// The simplest possible log: what was said, in its order, and to one alone or to all.
    log: Vec<(u64, bool)>,
    acknowledged: BTreeSet<u64>,
    refused: BTreeSet<u64>,
}

impl World {
    fn new(has_store: bool) -> Self {
        let new = if has_store { Stage::with_store } else { Stage::new };
        let mut stage = new(rules(), limits());
        stage.is_plain = true;
        let [steady, shaky] = ["steady", "shaky"].map(|name| enter(&mut stage, name, has_store));
        let mut world = Self {
            stage,
            has_store,
            steady,
            shaky,
            talkers: std::array::from_fn(|at| format!("t{at}")),
            said: 0,
            log: Vec::new(),
            acknowledged: BTreeSet::new(),
            refused: BTreeSet::new(),
        };
        for who in 0..TALKERS {
            world.come(who);
        }
        world.settle();
        world
    }

    fn come(&mut self, who: usize) {
        let name = self.talkers[who].clone();
        let lines = self.stage.push(&name, r#"["1","0","room:r","phx_join",{}]"#);
        self.hear(&lines);
        self.talk(who, "client_helo");
    }

    fn talk(&mut self, who: usize, event: &str) {
        self.said += 1;
        let (said, to) = (self.said, self.shaky.id.clone());
        let payload = match event {
            "client_helo" => json!({ "name": format!("n{said}") }),
            "client_status" => json!({ "state": "away", "text": said.to_string() }),
            _ => json!({ "message": said, "recipient": to }),
        };
        if event == "client_broadcast" || event == "client_response" {
            self.log.push((said, event == "client_response"));
        }
        let name = self.talkers[who].clone();
        let push = format!(r#"["1","{said}","room:r","{event}",{payload}]"#);
        let lines = self.stage.push(&name, &push);
        self.hear(&lines);
    }

    fn run(&mut self, step: &Step) {
        let lines = match *step {
            Step::Talk(who, event) => return self.talk(who, event),
            Step::Go(who) => {
                let at = self.stage.peer(&self.talkers[who].clone());
                self.stage.lose(at);
                self.talkers[who].push('\'');
                return self.come(who);
            }
            Step::Drop(lost) if self.shaky.is_here => {
                let at = self.stage.peer(&self.shaky.name.clone());
                let lines = self.stage.deliver_to(at);
                self.hear(&lines);
                let kept = self.shaky.heard.len().saturating_sub(lost);
                self.shaky.heard.truncate(kept.max(self.shaky.confirmed));
                self.stage.lose(at);
                self.shaky.is_here = false;
                return;
            }
            Step::Return if !self.shaky.is_here => self.take_back(),
            Step::Deliver => self.stage.deliver(),
            Step::Tick => self.stage.tick(),
            Step::Wait(milliseconds) => {
                self.stage.passed += Duration::from_millis(milliseconds);
                self.stage.sweep_only();
                return;
            }
            Step::Commit if self.has_store => self.stage.answer_store(&Ok(())),
            Step::Fail if self.has_store => self.stage.answer_store(&Err(StoreError::DiskFull)),
            Step::Drop(_) | Step::Return | Step::Commit | Step::Fail => return,
        };
        self.hear(&lines);
    }

    fn take_back(&mut self) -> Vec<String> {
        self.shaky.name.push('\'');
        self.shaky.is_here = true;
        self.shaky.confirmed = self.shaky.heard.len();
        let Listener { name, resume, .. } = &self.shaky;
        let (token, epoch) = (&resume["token"], &resume["epoch"]);
        let resume = json!({ "token": token, "epoch": epoch, "seq": self.shaky.seq() });
        let payload = json!({ "resumable": true, "resume": resume });
        let lines =
            self.stage.push(&name.clone(), &format!(r#"["1","0","room:r","phx_join",{payload}]"#));
        assert!(lines[0].contains(r#""resumed":true"#), "{lines:?}");
        lines
    }

    fn hear(&mut self, lines: &[String]) {
        for line in lines {
            let (name, text) = line.split_once("< ").expect("nobody is closed here");
            let frame: Value = serde_json::from_str(text).unwrap();
            if frame[3] == "phx_reply" {
                let is_ok = frame[4]["status"] == "ok";
                let answered = if is_ok { &mut self.acknowledged } else { &mut self.refused };
                answered.extend(frame[1].as_str().unwrap().parse::<u64>());
            }
            for listener in [&mut self.steady, &mut self.shaky] {
                if listener.name == name {
                    listener.hear(&frame);
                }
            }
        }
    }

    fn settle(&mut self) {
        for _ in 0..10 {
            for step in [Step::Commit, Step::Return, Step::Wait(100), Step::Tick, Step::Deliver] {
                self.run(&step);
            }
        }
    }
}

/// Joins, says helo, and hears what follows.
fn enter(stage: &mut Stage, name: &str, has_store: bool) -> Listener {
    stage.push(name, r#"["1","0","room:r","phx_join",{"resumable":true}]"#);
    let helo = format!(r#"["1","0","room:r","client_helo",{{"name":"{name}"}}]"#);
    let mut lines = stage.push(name, &helo);
    if has_store {
        lines.extend(stage.answer_store(&Ok(())));
    }
    lines.extend(stage.deliver());
    let mut frames: Vec<Value> = Vec::new();
    for line in &lines {
        let (who, text) = line.split_once("< ").unwrap();
        if who == name {
            frames.push(serde_json::from_str(text).unwrap());
        }
    }
    let response = &frames[1][4]["response"];
    let (id, resume) = (response["id"].as_str().unwrap().to_owned(), response["resume"].clone());
    let mut listener = Listener {
        name: name.to_owned(),
        id,
        resume,
        heard: Vec::new(),
        confirmed: 1,
        is_here: true,
    };
    for frame in &frames {
        listener.hear(frame);
    }
    listener
}

fn check(steps: &[Step], has_store: bool) -> Result<(), TestCaseError> {
    let mut world = World::new(has_store);
    let from = world.shaky.seq();
    for step in steps {
        world.run(step);
    }
    world.settle();
    let World { steady, shaky, log, acknowledged, refused, .. } = world;
    for (listener, hears_directs) in [(&steady, false), (&shaky, true)] {
        let heard = listener.messages();
        let for_it = log.iter().filter(|(_, is_direct)| hears_directs || !is_direct);
        // What nobody was told of may have happened or not, as its sender was gone by then.
        let told = for_it.map(|(said, _)| *said).filter(|said| {
            !refused.contains(said) && (acknowledged.contains(said) || heard.contains(said))
        });
        prop_assert_eq!(&heard, &told.collect::<Vec<_>>());
    }
    let [one, other] = [&steady, &shaky].map(|who| who.as_one_of_many(from, &shaky.id));
    prop_assert_eq!(one, other);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn who_drops_ends_with_the_same_transcript(steps in proptest::collection::vec(step(), 0..120)) {
        check(&steps, false)?;
    }

    #[test]
    fn also_where_a_store_keeps_it_or_fails_to(steps in proptest::collection::vec(step(), 0..120)) {
        check(&steps, true)?;
    }
}
