//! Nobody puts others offline, whether they keep to the rate or not: whoever reads as fast as it
//! can gets everything and stays.

use std::collections::BTreeMap;

use hullo_testing::bare::{Bare, Received, at_once, meanwhile, members, push};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::daemon::start;

const LOBBY: &str = "room:lobby";

/// As many messages of this size are a burst that the rate of bytes allows.
const BURST: usize = 16;
const MESSAGE_BYTES: usize = 65_000;

/// Who has had answers to all of its messages says so with this one.
const DONE: usize = 99;

const SENDERS: usize = 24;
const READERS: usize = 6;

/// A message with its number, which is also its ref; the frame takes `MESSAGE_BYTES`.
fn message(number: usize, event: &str, more: &str) -> Vec<u8> {
    let frame = |text: &str| {
        let payload = format!(r#"{{"message":"{number} {text}"{more}}}"#);
        push(&number.to_string(), LOBBY, event, &payload)
    };
    let missing = if number == DONE { 0 } else { MESSAGE_BYTES - frame("").len() };
    frame(&"x".repeat(missing))
}

fn messages(count: usize, event: &str, more: &str) -> Vec<u8> {
    (0..count).flat_map(|number| message(number, event, more)).collect()
}

/// Who said which message.
type Heard = (String, usize);

/// A message as it was heard; `None` is anything else.
fn heard(frame: &Value) -> Option<Heard> {
    let number = frame[4]["message"].as_str()?.split(' ').next()?;
    Some((frame[4]["client_session_id"].as_str()?.to_owned(), number.parse().ok()?))
}

/// The number of a push that was answered, and whether it was taken.
fn answered(frame: &Value) -> Option<(usize, bool)> {
    let number = frame[1].as_str()?.parse().ok()?;
    let is_ok = frame[4]["status"] == "ok";
    assert!(is_ok || frame[4]["response"]["reason"] == "rate_limited", "{frame}");
    Some((number, is_ok))
}

/// What one member sent and heard.
struct Story {
    id: String,
    accepted: Vec<usize>,
    heard: Vec<Heard>,
}

/// Sends all at once and reads all the while, until so many others are done. A close is a failure.
async fn take_part(member: Bare, bytes: &'static [u8], others: usize) -> Story {
    let Bare { mut reading, mut writing, id } = member;
    let (say_done, mut to_say) = mpsc::unbounded_channel();
    let writer = meanwhile(async move {
        writing.write_all(bytes).await.unwrap();
        while to_say.recv().await.is_some() {
            writing.write_all(&message(DONE, "client_broadcast", "")).await.unwrap();
        }
        writing
    });
    let mut story = Story { id: id.clone(), accepted: Vec::new(), heard: Vec::new() };
    let (mut is_done, mut done) = (bytes.is_empty(), 0);
    while done < others || !is_done {
        let frame: Value = serde_json::from_str(&reading.text().await).unwrap();
        match (heard(&frame), answered(&frame)) {
            (Some((_, DONE)), _) => done += 1,
            (Some(message), _) => story.heard.push(message),
            (None, Some((DONE, is_ok))) => is_done = is_ok,
            (None, Some((number, is_ok))) => story.accepted.extend(is_ok.then_some(number)),
            (None, None) => continue,
        }
        let is_last = |number| number == DONE || number == BURST - 1;
        if answered(&frame).is_some_and(|(number, _)| is_last(number)) && !is_done {
            say_done.send(()).unwrap();
        }
    }
    drop(say_done);
    let mut member = Bare { reading, writing: writer.await.unwrap(), id };
    member.is_well().await;
    story
}

/// What each was heard to say.
fn by_sender(heard: &[Heard]) -> BTreeMap<&str, Vec<usize>> {
    let mut all = BTreeMap::<&str, Vec<usize>>::new();
    for (from, number) in heard {
        all.entry(from).or_default().push(*number);
    }
    all
}

/// What was accepted of all who sent something, but one.
fn accepted<'a>(stories: &'a [Story], but: &str) -> BTreeMap<&'a str, Vec<usize>> {
    let others = stories.iter().filter(|story| story.id != but && !story.accepted.is_empty());
    others.map(|story| (story.id.as_str(), story.accepted.clone())).collect()
}

/// Everybody bursts at once; returns how many messages were accepted in all. Whatever was accepted,
/// everybody else has heard, in one order.
async fn burst(arguments: &[&str]) -> usize {
    let (_daemon, address) = start(arguments).await;
    let bytes: &'static [u8] = messages(BURST, "client_broadcast", "").leak();
    let crowd = members(address, SENDERS + READERS).await.into_iter().enumerate();
    let stories = at_once(crowd, |(at, member)| {
        let is_sender = at < SENDERS;
        let bytes = if is_sender { bytes } else { &[] };
        take_part(member, bytes, SENDERS - usize::from(is_sender))
    })
    .await;
    for story in &stories {
        assert_eq!(by_sender(&story.heard), accepted(&stories, &story.id));
    }
    let [first, rest @ ..] = &stories[SENDERS..] else { panic!("nobody only reads") };
    assert!(rest.iter().all(|other| other.heard == first.heard), "two orders");
    first.heard.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bursts_larger_than_the_log_lap_nobody_who_reads() {
    assert_eq!(burst(&[]).await, SENDERS * BURST);
}

/// That is more than may wait for one member: some are refused, if it reads no faster than this.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bursts_of_many_at_once_to_one_member_do_not_close_it() {
    const FEW: usize = 8;
    let (_daemon, address) = start(&[]).await;
    let mut target = Bare::member(address, LOBBY, "target").await;
    let senders = members(address, FEW).await;
    let to = format!(r#","recipient":"{}""#, target.id);
    let bytes: &'static [u8] = messages(BURST, "client_response", &to).leak();
    let target = meanwhile(async move {
        let (mut all, mut done) = (Vec::new(), 0);
        while done < FEW {
            let frame = serde_json::from_str(&target.reading.text().await).unwrap();
            match heard(&frame) {
                Some((_, DONE)) => done += 1,
                other => all.extend(other),
            }
        }
        target.is_well().await;
        all
    });
    let stories = at_once(senders, |sender| take_part(sender, bytes, FEW - 1)).await;
    assert!(stories.iter().all(|story| story.accepted.len() > 2));
    assert_eq!(by_sender(&target.await.unwrap()), accepted(&stories, ""));
}

/// What became of its pushes, in their order, and the code of the close.
async fn fate(mut sender: Bare, bytes: &[u8]) -> (Vec<(usize, bool)>, u16) {
    let mut answers = Vec::new();
    let Bare { reading, writing, .. } = &mut sender;
    let read = async {
        loop {
            match reading.next().await {
                Received::Text(text) => {
                    answers.extend(answered(&serde_json::from_str(&text).unwrap()));
                }
                Received::Close(code) => return code,
                Received::Pong => {}
                Received::End => panic!("no word of why"),
            }
        }
    };
    let (_closed_before_all_was_written, code) = tokio::join!(writing.write_all(bytes), read);
    (answers, code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_write_of_forty_large_messages_harms_only_its_sender() {
    let (_daemon, address) = start(&[]).await;
    let readers = members(address, 20).await;
    let sender = Bare::member(address, LOBBY, "sender").await;
    let sender_id = sender.id.clone();
    let sender =
        meanwhile(async move { fate(sender, &messages(40, "client_broadcast", "")).await });
    let readers = at_once(readers, move |mut reader| {
        let sender_id = sender_id.clone();
        async move {
            let mut all = Vec::new();
            loop {
                let frame: Value = serde_json::from_str(&reader.reading.text().await).unwrap();
                all.extend(heard(&frame).map(|(_, number)| number));
                if frame[4]["leaves"][&sender_id].is_object() {
                    reader.is_well().await;
                    return all;
                }
            }
        }
    })
    .await;
    let (answers, code) = sender.await.unwrap();
    assert_eq!(code, 1008);
    let accepted = answers.iter().filter(|(_, is_ok)| *is_ok).map(|(number, _)| *number);
    let accepted: Vec<usize> = accepted.collect();
    assert!((BURST..24).contains(&accepted.len()) && answers.len() > accepted.len(), "{answers:?}");
    assert!(readers.iter().all(|all| *all == accepted), "{readers:?}\n{accepted:?}");
}
