//! A door for the benchmark alone: models of some size, to be drawn without a terminal.

use std::time::Instant;

use hullo::protocol::{Message, RoomName, SessionId};
use hullo::{Notice, Person};
use jiff::civil::DateTime;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Rect, Size};

use crate::core::event::Event;
use crate::core::model::Model;
use crate::core::update::{COMMANDS, update};
use crate::screen;
use crate::time::Now;

const SIZE: Size = Size { width: 120, height: 40 };

/// A model and the screen that it is drawn on.
#[derive(Debug)]
pub struct Picture {
    model: Model,
    screen: Buffer,
    now: Now,
}

impl Picture {
    /// A room with so many others in it.
    pub fn of_people(now: Instant, count: u128) -> Self {
        let now = Now { at: now, wall: DateTime::constant(2026, 11, 24, 9, 40, 0, 0) };
        let room = RoomName::try_from("lobby").expect("a name");
        let model =
            Model::new(now, SIZE, "ws://lan.example:4856".into(), "ada".into(), &room, COMMANDS);
        let screen = Buffer::empty(Rect::new(0, 0, SIZE.width, SIZE.height));
        let mut picture = Self { model, screen, now };
        let present = (0..=count).map(person).collect();
        picture.take(Event::Received(Notice::Online));
        picture.take(Event::Received(Notice::Entered {
            room,
            me: person(0),
            present,
            topic: None,
        }));
        picture
    }

    /// A room in which so much was said.
    pub fn of_messages(now: Instant, count: usize) -> Self {
        let mut picture = Self::of_people(now, 20);
        for n in 0..count {
            let from = person(u128::try_from(n % 20).unwrap_or_default() + 1).id;
            let text =
                format!("message {n} of many, as long as what people say in a room at times");
            let room = RoomName::try_from("lobby").expect("a name");
            picture.take(Event::Received(Notice::Said {
                room,
                from,
                message: Message::text(&text),
                seq: None,
                name: None,
            }));
        }
        picture
    }

    /// The same, read from the beginning.
    #[must_use]
    pub fn scrolled(mut self) -> Self {
        self.take(Event::Key(KeyEvent::new(KeyCode::Home, KeyModifiers::NONE)));
        self
    }

    /// Draws it once.
    pub fn draw(&mut self) {
        self.screen.reset();
        drop(screen::draw(&self.model, &mut self.screen));
    }

    fn take(&mut self, event: Event) {
        drop(update(&mut self.model, self.now, event));
    }
}

fn person(n: u128) -> Person {
    let id = SessionId(format!("00000000-0000-4000-8000-{n:012x}").parse().expect("an id"));
    let name = if n == 0 { "ada".into() } else { format!("person{n}") };
    Person::new(id, name)
}
