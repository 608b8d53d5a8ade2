//! A stage for tests: a model, a clock that one moves by hand, keys as they are written in help.

use hullo::Notice;
use hullo::Person;
use hullo::presence::Change;
use hullo::protocol::payload::State;
use hullo::protocol::{Message, RoomName};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::{Position, Size};

use super::{at, id, named};
use crate::core::event::{Effect, Event};
use crate::core::model::Model;
use crate::core::update::{COMMANDS, update};

/// Our own session in every test.
pub(crate) const ME: u128 = 1;

pub(crate) struct Stage {
    pub(crate) model: Model,
    pub(crate) millis: u64,
    /// All that was to be done so far and was not looked at yet.
    pub(crate) effects: Vec<Effect>,
}

pub(crate) fn room(name: &str) -> RoomName {
    name.try_into().unwrap()
}

pub(crate) fn person(n: u128, name: &str, state: State, text: Option<&str>) -> Person {
    let mut person = named(n, name);
    (person.state, person.text) = (Some(state), text.map(str::to_owned));
    person
}

impl Stage {
    /// Nobody has answered the door yet.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let size = Size { width, height };
        let address = "ws://lan.example:4856".to_owned();
        let model = Model::new(at(0), size, address, "ada".into(), &room("lobby"), COMMANDS);
        Self { model, millis: 0, effects: Vec::new() }
    }

    /// In #lobby with these people, everything said that there is to say about it.
    pub(crate) fn among(width: u16, height: u16, others: &[&str]) -> Self {
        let mut stage = Self::new(width, height);
        stage.tell(Notice::Online);
        stage.enter("lobby", others);
        stage
    }

    pub(crate) fn enter(&mut self, name: &str, others: &[&str]) {
        let mut present = vec![named(ME, "ada")];
        present.extend((2..).zip(others).map(|(n, name)| named(n, name)));
        self.tell(Notice::Entered { room: room(name), me: named(ME, "ada"), present, topic: None });
    }

    pub(crate) fn event(&mut self, event: Event) {
        let effects = update(&mut self.model, at(self.millis), event);
        self.effects.extend(effects);
    }

    pub(crate) fn tell(&mut self, notice: Notice) {
        self.event(Event::Received(notice));
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.millis += millis;
        self.event(Event::Ticked);
    }

    pub(crate) fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
    }

    /// Types a line and sends it.
    pub(crate) fn line(&mut self, text: &str) {
        self.typed(text);
        self.key("Enter");
    }

    pub(crate) fn key(&mut self, name: &str) {
        let (mut modifiers, mut name) = (KeyModifiers::NONE, name);
        for (prefix, modifier) in [
            ("Ctrl+", KeyModifiers::CONTROL),
            ("Alt+", KeyModifiers::ALT),
            ("Shift+", KeyModifiers::SHIFT),
        ] {
            if let Some(rest) = name.strip_prefix(prefix) {
                (modifiers, name) = (modifiers | modifier, rest);
            }
        }
        let code = match name {
            "Enter" => KeyCode::Enter,
            "Tab" => KeyCode::Tab,
            "Esc" => KeyCode::Esc,
            "Up" => KeyCode::Up,
            "Down" => KeyCode::Down,
            "PgUp" => KeyCode::PageUp,
            "PgDn" => KeyCode::PageDown,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            "Backspace" => KeyCode::Backspace,
            "F1" => KeyCode::F(1),
            "F2" => KeyCode::F(2),
            "F3" => KeyCode::F(3),
            "F4" => KeyCode::F(4),
            one => KeyCode::Char(one.chars().next().unwrap()),
        };
        self.event(Event::Key(KeyEvent::new(code, modifiers)));
    }

    /// Where the first letter of this text is on screen.
    #[track_caller]
    pub(crate) fn find(&self, text: &str) -> Position {
        let screen = self.screen();
        let buffer = screen.buffer();
        let mut positions = buffer.area.positions();
        let found = positions.find(|at| {
            let row = (at.x..buffer.area.width).map(|x| buffer[(x, at.y)].symbol());
            row.collect::<String>().starts_with(text)
        });
        found.unwrap_or_else(|| panic!("{text:?} is not on screen:\n{}", self.text()))
    }

    pub(crate) fn mouse(&mut self, kind: MouseEventKind, at: Position) {
        let modifiers = KeyModifiers::NONE;
        self.event(Event::Mouse(MouseEvent { kind, column: at.x, row: at.y, modifiers }));
    }

    /// Clicks on the first letter of this text.
    #[track_caller]
    pub(crate) fn click(&mut self, text: &str) {
        self.mouse(MouseEventKind::Down(MouseButton::Left), self.find(text));
    }

    pub(crate) fn said(&mut self, from: u128, text: &str) {
        self.tell(Notice::Said {
            room: room("lobby"),
            from: id(from),
            message: Message::text(text),
            seq: None,
            name: None,
        });
    }

    pub(crate) fn responded(&mut self, from: u128, text: &str, auto: bool) {
        let message = Message::text(text);
        self.tell(Notice::Responded {
            room: room("lobby"),
            from: id(from),
            message,
            auto,
            seq: None,
            name: None,
        });
    }

    pub(crate) fn arrives(&mut self, n: u128, name: &str) {
        self.tell(Notice::Arrived {
            room: room("lobby"),
            id: id(n),
            name: name.into(),
            answer: true,
        });
        self.changes(Change { joined: vec![named(n, name)], ..Change::default() });
    }

    pub(crate) fn leaves(&mut self, n: u128, name: &str) {
        self.changes(Change { left: vec![named(n, name)], ..Change::default() });
    }

    pub(crate) fn changes(&mut self, change: Change) {
        self.tell(Notice::Changed { room: room("lobby"), change });
    }

    pub(crate) fn goes_offline(&mut self) {
        let retry_at = at(self.millis + 3000).at;
        self.tell(Notice::Offline { reason: "connection refused".into(), retry_at });
    }

    /// What is to be done since the last look.
    pub(crate) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// What is to be done since the last look, but for telling that we write, keeping what was sent,
    /// and asking for rooms that the palette offers.
    pub(crate) fn deeds(&mut self) -> Vec<Effect> {
        let is_minor = |effect: &Effect| {
            matches!(
                effect,
                Effect::Typing { .. }
                    | Effect::AppendHistory(_)
                    | Effect::ListRooms { ticket: None, .. }
            )
        };
        self.effects().into_iter().filter(|effect| !is_minor(effect)).collect()
    }

    /// The screen as a terminal would hold it.
    pub(crate) fn screen(&self) -> TestBackend {
        let Size { width, height } = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| {
                crate::screen::draw(&self.model, frame.buffer_mut());
            })
            .unwrap();
        terminal.backend().clone()
    }

    /// The screen as text, without the spaces at the ends of rows.
    pub(crate) fn text(&self) -> String {
        let screen = self.screen();
        let buffer = screen.buffer();
        let width = usize::from(buffer.area.width);
        if width == 0 {
            return String::new();
        }
        let rows = buffer.content.chunks(width).map(|row| {
            let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            row.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.text().contains(text), "{text:?} is not on screen:\n{}", self.text());
    }

    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.text().contains(text), "{text:?} is on screen:\n{}", self.text());
    }
}
