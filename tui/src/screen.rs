//! The screen, as a pure machine: keys and notices in, wishes out; and how it is drawn.

use hullo::protocol::payload::{State, Status};
use hullo::protocol::{RoomName, SessionId};
use hullo::text::{clean_line, clean_text};
use hullo::{Notice, Person};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::composer::Composer;
use crate::text::{clip, width, wrap};

const MAX_ROWS: usize = 5_000;
const HELP: &str = "/msg NAME text · /r text · /nick NAME · /away [text] · /back · /who · \
                    /greet on|off|text … · /quit · Tab completes names · PgUp PgDn scroll";

/// What the shell must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Say(String),
    Tell(SessionId, String),
    Answer(SessionId, String),
    Rename(String),
    Join(String),
    SetStatus(Status),
    Quit,
}

/// All that is on the screen and behind it.
#[derive(Debug)]
pub(crate) struct Screen {
    room: RoomName,
    me: String,
    id: Option<SessionId>,
    online: bool,
    people: Vec<Person>,
    /// Who was here: their last words may come after them.
    gone: Vec<Person>,
    log: Vec<(Style, String)>,
    back: usize,
    answers: usize,
    /// The newcomer's template; `{name}` stands for the name. `None` while off.
    greeting: Option<String>,
    last_direct: Option<SessionId>,
    composer: Composer,
    history: Vec<String>,
    recalled: usize,
}

impl Screen {
    pub(crate) fn new(room: RoomName, me: String) -> Self {
        Self {
            room,
            me,
            id: None,
            online: false,
            people: Vec::new(),
            gone: Vec::new(),
            log: Vec::new(),
            back: 0,
            answers: 0,
            greeting: Some("hello there {name}".to_owned()),
            last_direct: None,
            composer: Composer::default(),
            history: Vec::new(),
            recalled: 0,
        }
    }

    /// Text that was pasted; it is never sent by itself.
    pub(crate) fn paste(&mut self, text: &str) {
        self.composer.insert(&clean_line(&text.replace(['\r', '\n'], " ")));
    }

    /// Something that the shell has to tell.
    pub(crate) fn tell(&mut self, text: &str) {
        self.push(Modifier::DIM, format!("· {}", clean_line(text)));
    }

    /// Takes what the network tells.
    pub(crate) fn take(&mut self, notice: Notice) -> Option<Wish> {
        match notice {
            Notice::Online => self.online = true,
            Notice::Offline { reason, .. } => {
                self.online = false;
                self.tell(&format!("✗ offline: {reason}; trying again"));
            }
            Notice::Entered { me, present, .. } => self.enter(&me, present),
            Notice::Left { departure, .. } => {
                self.id = None;
                self.tell(&format!("not in the room: {departure:?}; /nick NAME tries again"));
            }
            Notice::Arrived { id, name, answer, .. } => {
                self.push(Modifier::BOLD, format!("▸ {name} arrived and says helo"));
                let greeting = self.greeting.as_ref().filter(|_| answer)?;
                let text = greeting.replace("{name}", &name);
                self.push(Modifier::DIM, format!("  ╰ you answered (auto): {text}"));
                return Some(Wish::Answer(id, text));
            }
            Notice::Changed { change, .. } => {
                for who in change.joined {
                    self.people.retain(|known| known.id != who.id);
                    self.people.push(who);
                }
                for who in change.updated {
                    self.update(who);
                }
                for who in change.left {
                    self.people.retain(|known| known.id != who.id);
                    self.push(Modifier::DIM, format!("− {} left", who.name));
                    self.gone.insert(0, who);
                    self.gone.truncate(100);
                }
            }
            Notice::Responded { from, message, auto, .. } => {
                self.hear(from, &message.as_text(), auto);
            }
            Notice::Said { from, message, .. } => {
                let name = self.name(from);
                self.said(&name, &message.as_text());
            }
            Notice::Typing { .. } => {}
        }
        None
    }

    fn enter(&mut self, me: &Person, present: Vec<Person>) {
        let others = present.len().saturating_sub(1);
        self.me.clone_from(&me.name);
        self.id = Some(me.id);
        self.people = present;
        self.answers = 0;
        let who =
            if others == 0 { "nobody to answer yet".into() } else { format!("{others} to answer") };
        self.push(Modifier::BOLD, format!("▸ you said helo · {who}"));
    }

    fn update(&mut self, who: Person) {
        let Some(known) = self.people.iter_mut().find(|known| known.id == who.id) else { return };
        let was = std::mem::replace(known, who.clone()).name;
        if was != who.name {
            self.tell(&format!("{was} is now {}", who.name));
        }
        if Some(who.id) == self.id {
            self.me = who.name;
        }
    }

    fn hear(&mut self, from: SessionId, text: &str, auto: bool) {
        let name = self.name(from);
        if auto {
            self.answers += 1;
            let asked = self.people.len().saturating_sub(1).max(self.answers);
            self.push(
                Modifier::empty(),
                format!("  │ {name}: {} ({}/{asked})", clean_line(text), self.answers),
            );
        } else {
            self.last_direct = Some(from);
            self.said(&format!("{name} → you"), text);
        }
    }

    fn said(&mut self, name: &str, text: &str) {
        self.push(Modifier::empty(), format!("{name}: {}", clean_text(text)));
    }

    fn push(&mut self, modifier: Modifier, text: String) {
        self.log.push((Style::new().add_modifier(modifier), text));
        if self.log.len() > MAX_ROWS {
            self.log.remove(0);
        }
    }

    fn name(&self, id: SessionId) -> String {
        let mut known = self.people.iter().chain(&self.gone);
        known.find(|who| who.id == id).map_or_else(|| "somebody".to_owned(), |who| who.name.clone())
    }

    /// Takes a key.
    pub(crate) fn press(&mut self, key: KeyEvent) -> Option<Wish> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('c') if control && !self.composer.is_empty() => {
                drop(self.composer.take());
            }
            KeyCode::Char('c') if control => return Some(Wish::Quit),
            KeyCode::Char('d') if control && self.composer.is_empty() => return Some(Wish::Quit),
            KeyCode::Char(c) if control || alt => self.edit(c, control),
            KeyCode::Char(c) => self.composer.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Enter => return self.enter_line(),
            KeyCode::Backspace => self.composer.backspace(),
            KeyCode::Delete => self.composer.delete_next(),
            KeyCode::Left => self.composer.left(),
            KeyCode::Right => self.composer.right(),
            KeyCode::Home => self.composer.home(),
            KeyCode::End if self.composer.is_empty() => self.back = 0,
            KeyCode::End => self.composer.end(),
            KeyCode::Up => self.recall(self.recalled + 1),
            KeyCode::Down => self.recall(self.recalled.saturating_sub(1)),
            KeyCode::PageUp => self.back = (self.back + 10).min(self.log.len()),
            KeyCode::PageDown => self.back = self.back.saturating_sub(10),
            KeyCode::Tab => self.complete(),
            _ => {}
        }
        None
    }

    fn edit(&mut self, c: char, control: bool) {
        match (c, control) {
            ('a', true) => self.composer.home(),
            ('e', true) => self.composer.end(),
            ('b', true) => self.composer.left(),
            ('f', true) => self.composer.right(),
            ('k', true) => self.composer.kill_to_end(),
            ('u', true) => self.composer.kill_to_start(),
            ('w', true) => self.composer.kill_word_left(),
            ('y', true) => self.composer.yank(),
            ('_' | '7', true) => self.composer.undo(),
            ('b', false) => self.composer.word_left(),
            ('f', false) => self.composer.word_right(),
            ('d', false) => self.composer.kill_word_right(),
            _ => {}
        }
    }

    fn recall(&mut self, back: usize) {
        if back <= self.history.len() {
            self.recalled = back;
            let at = self.history.len() - back;
            let line = self.history.get(at).cloned().unwrap_or_default();
            self.composer.set(&line);
        }
    }

    fn complete(&mut self) {
        let head = &self.composer.text()[..self.composer.cursor()];
        let start = head.rfind(' ').map_or(0, |at| at + 1);
        let word = head[start..].to_lowercase();
        let found = self
            .people
            .iter()
            .find(|who| Some(who.id) != self.id && who.name.to_lowercase().starts_with(&word));
        if let Some(who) = found.filter(|_| !word.is_empty()) {
            let end = if start == 0 { ": " } else { " " };
            let text = format!("{}{end}", who.name);
            self.composer.replace(start..self.composer.cursor(), &text);
        }
    }

    fn enter_line(&mut self) -> Option<Wish> {
        let line = self.composer.take().trim().to_owned();
        if line.is_empty() {
            return None;
        }
        self.history.push(line.clone());
        (self.recalled, self.back) = (0, 0);
        match line.strip_prefix('/') {
            Some(command) if !command.starts_with('/') => self.command(command),
            rest => {
                let text = rest.unwrap_or(&line).to_owned();
                self.said(&self.me.clone(), &text);
                Some(Wish::Say(text))
            }
        }
    }

    fn command(&mut self, command: &str) -> Option<Wish> {
        let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
        let rest = rest.trim();
        let status =
            |state, text: &str| Wish::SetStatus(Status { state, text: Some(text.to_owned()) });
        match (word, rest) {
            ("quit", _) => return Some(Wish::Quit),
            ("help", _) => self.tell(HELP),
            ("who", _) => {
                let names: Vec<&str> = self.people.iter().map(|who| &*who.name).collect();
                self.tell(&format!("{} here: {}", names.len(), names.join(", ")));
            }
            ("nick", name) if !name.is_empty() => {
                let name = name.to_owned();
                return Some(if self.id.is_some() { Wish::Rename(name) } else { Wish::Join(name) });
            }
            ("away", text) => return Some(status(State::Away, text)),
            ("dnd", text) => return Some(status(State::Dnd, text)),
            ("back", _) => return Some(status(State::Here, "")),
            ("greet", text) if !text.is_empty() => self.set_greeting(text),
            ("msg", rest) if !rest.is_empty() => return self.direct_to(rest),
            ("r", text) if !text.is_empty() => match self.last_direct {
                Some(to) => return Some(self.direct(to, text)),
                None => self.tell("nobody has written to you yet"),
            },
            _ => self.tell(&format!("/{word} is no command, or lacks something; try /help")),
        }
        None
    }

    fn set_greeting(&mut self, text: &str) {
        self.greeting = match text {
            "off" => None,
            "on" => Some("hello there {name}".to_owned()),
            text => Some(text.strip_prefix("text ").unwrap_or(text).to_owned()),
        };
        let now = self.greeting.clone().unwrap_or_else(|| "nothing".to_owned());
        self.tell(&format!("newcomers now hear from you: {now}"));
    }

    fn direct_to(&mut self, rest: &str) -> Option<Wish> {
        let found = self.people.iter().filter_map(|who| {
            let text = rest.strip_prefix(&*who.name)?.strip_prefix(' ')?.trim();
            (!text.is_empty() && Some(who.id) != self.id)
                .then(|| (who.name.len(), who.id, text.to_owned()))
        });
        let Some((_, to, text)) = found.max_by_key(|(length, ..)| *length) else {
            self.tell("nobody of that name is here, or nothing to say; /msg NAME text");
            return None;
        };
        Some(self.direct(to, &text))
    }

    fn direct(&mut self, to: SessionId, text: &str) -> Wish {
        let name = self.name(to);
        self.last_direct = Some(to);
        self.said(&format!("{} → {name}", self.me), text);
        Wish::Tell(to, text.to_owned())
    }

    /// Paints everything.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>) {
        let [header, body, input] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)])
                .areas(frame.area());
        let people = if body.width >= 60 { 20 } else { 0 };
        let [log, people] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(people)]).areas(body);
        let link = if self.online { "● online" } else { "✗ offline" };
        let title = format!(
            "hullo ▏#{} · {} here · {} · {link}",
            clean_line(self.room.as_str()),
            self.people.len(),
            self.me
        );
        let title = clip(&title, usize::from(header.width)).into_owned();
        frame.render_widget(
            Line::styled(title, Style::new().add_modifier(Modifier::REVERSED)),
            header,
        );
        self.draw_log(frame, log);
        self.draw_people(frame, people);
        self.draw_input(frame, input);
    }

    fn draw_log(&self, frame: &mut Frame<'_>, area: Rect) {
        let room = usize::from(area.width.saturating_sub(1));
        let shown = &self.log[..self.log.len() - self.back.min(self.log.len())];
        let mut rows = Vec::new();
        for (style, text) in shown.iter().rev() {
            let wrapped = wrap(text, room, room.saturating_sub(2));
            for (at, row) in wrapped.into_iter().enumerate().rev() {
                let indent = if at == 0 { "" } else { "  " };
                rows.push(Line::styled(format!("{indent}{}", &text[row]), *style));
            }
            if rows.len() >= usize::from(area.height) {
                break;
            }
        }
        for (row, y) in rows.into_iter().zip((area.top()..area.bottom()).rev()) {
            frame.render_widget(row, Rect { y, height: 1, ..area });
        }
    }

    fn draw_people(&self, frame: &mut Frame<'_>, area: Rect) {
        let mut people: Vec<&Person> = self.people.iter().collect();
        people.sort_by_key(|who| who.name.to_lowercase());
        for (who, y) in people.into_iter().zip(area.top()..area.bottom()) {
            let glyph = match who.state {
                None | Some(State::Here) => "●",
                Some(State::Idle) => "◐",
                Some(State::Away) => "○",
                Some(State::Dnd) => "⊘",
            };
            let mine =
                if Some(who.id) == self.id { "you" } else { who.text.as_deref().unwrap_or("") };
            let text = format!("│ {glyph} {}  {mine}", who.name);
            let text = clip(&text, usize::from(area.width)).into_owned();
            frame.render_widget(Line::from(text), Rect { y, height: 1, ..area });
        }
    }

    fn draw_input(&self, frame: &mut Frame<'_>, area: Rect) {
        let prompt = format!("{} › ", clip(&self.me, 12));
        let room = usize::from(area.width).saturating_sub(width(&prompt) + 1);
        let (mut head, tail) = self.composer.text().split_at(self.composer.cursor());
        while width(head) > room {
            head = &head[head.chars().next().map_or(0, char::len_utf8)..];
        }
        let line = Line::from(vec![Span::raw(prompt.clone()), Span::raw(head), Span::raw(tail)]);
        frame.render_widget(line, area);
        let x = u16::try_from(width(&prompt) + width(head)).unwrap_or(u16::MAX);
        if area.height > 0 && x < area.width {
            frame.set_cursor_position((area.x + x, area.y));
        }
    }
}
