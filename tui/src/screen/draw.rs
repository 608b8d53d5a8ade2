//! How the screen is drawn, at any size.

use hullo::Person;
use hullo::protocol::payload::State;
use hullo::text::clean_line;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::Screen;
use crate::text::{clip, width, wrap};

impl Screen {
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

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    #[test]
    fn no_size_panics() {
        let mut screen = Screen::new("日本 room".parse().unwrap(), "👩‍👩‍👧‍👦".repeat(8));
        for n in 0..60 {
            screen.tell(&format!("{n} 日本語 \u{1b}[2J e\u{301} {}", "x".repeat(n)));
        }
        screen.paste("a long draft 日本語 👩‍👩‍👧‍👦 that is wider than most");
        for columns in (0..=200).step_by(7).chain([1, 2, 3, 40, 80, 120]) {
            for rows in (0..=60).step_by(4).chain([1, 2, 3, 5]) {
                let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
                terminal.draw(|frame| screen.draw(frame)).unwrap();
            }
        }
    }
}
