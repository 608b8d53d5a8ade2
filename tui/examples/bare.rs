//! The least that a program of this kind can do: one paragraph, and a key ends it. What the screen
//! takes to come up is measured beside this.

use std::io;

use ratatui::crossterm::event::{self, Event};
use ratatui::widgets::Paragraph;

fn main() -> io::Result<()> {
    ratatui::run(|terminal| {
        terminal
            .draw(|frame| frame.render_widget(Paragraph::new("bare and ready"), frame.area()))?;
        while !matches!(event::read()?, Event::Key(_)) {}
        Ok(())
    })
}
