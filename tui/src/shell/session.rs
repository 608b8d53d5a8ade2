//! The screen: what happens goes into the model, and the model onto the terminal.

use std::io;
use std::time::Instant;

use hullo::client::{Client, Notice};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event as Input;
use ratatui::layout::{Position, Rect, Size};

#[cfg(debug_assertions)]
use super::breakdown::Order;
use super::hands::{Hands, Show, clock, note};
use super::late::Late;
use super::log;
use super::terminal::{Background, Hold, Screen};
use super::themes::Themes;
use super::{Borrower, Draw, Ended, Next, Options};
use crate::core::event::{Effect, Event};
use crate::core::model::Model;
use crate::core::update::{self, update};
use crate::screen;
use crate::screen::ascii::to_ascii;
use crate::text::emoji;

/// The model, and everything it reaches the world with.
pub(super) struct Shell {
    model: Model,
    screen: Screen,
    hands: Hands,
    themes: Themes,
    late: Late,
    ascii: bool,
    links: bool,
    drawn: Instant,
    #[cfg(debug_assertions)]
    order: Option<Order>,
}

impl Shell {
    pub(super) fn new(screen: Screen, client: Client, options: Options) -> io::Result<Self> {
        let (now, size) = (clock(), screen.size()?);
        let mut model =
            Model::new(now, size, options.address, options.name, &options.room, update::COMMANDS);
        let (left, complaints) = options.keeper.left();
        let known =
            [Event::Configured(Box::new(options.configured)), Event::Restored(Box::new(left))];
        for event in known.into_iter().chain(complaints.into_iter().map(Event::Warned)) {
            // It only takes in what it is told: there is nothing to do yet.
            drop(update(&mut model, now, event));
        }
        options.keeper.note(&model);
        let (background, mut late) = (screen.background(), Late::default());
        if background == Background::Untold {
            late.expect(now.at);
        }
        Ok(Self {
            model,
            screen,
            hands: Hands::new(client, options.own_server, options.keeper, options.tap),
            themes: Themes::new(options.colours, background),
            late,
            ascii: options.ascii,
            links: options.links,
            drawn: now.at,
            #[cfg(debug_assertions)]
            order: Order::of_environment(),
        })
    }

    /// Does what is to be done first; tells when to draw.
    pub(super) fn begin(&mut self) -> Instant {
        for effect in update::start(&mut self.model) {
            self.push(effect);
        }
        self.drawn
    }

    /// What hands the terminal back.
    pub(super) fn hold(&self) -> Hold {
        self.screen.hold()
    }

    /// When the latest frame was drawn.
    pub(super) fn drawn(&self) -> Instant {
        self.drawn
    }

    /// When something on screen changes by itself.
    pub(super) fn deadline(&self) -> Option<Instant> {
        update::deadline(&self.model)
    }

    /// Takes in what the terminal tells.
    pub(super) fn press(&mut self, input: Input) -> Next {
        let event = match input {
            Input::Key(key) if self.late.takes(clock().at, key) => return Next::Draw(Draw::Soon),
            Input::Key(key) => Event::Key(key),
            Input::Paste(text) => Event::Pasted(text),
            Input::Resize(width, height) => {
                // Whatever sizes it had in between, nobody knows what is left on it.
                note(self.screen.repaint());
                Event::Resized(Size { width, height })
            }
            Input::FocusGained => Event::Focused(true),
            Input::FocusLost => Event::Focused(false),
            Input::Mouse(mouse) => Event::Moused(mouse),
        };
        let next = self.take(event, Draw::Now);
        self.hands.keeper().note(&self.model);
        #[cfg(debug_assertions)]
        if let Some(order) = &self.order {
            order.obey(self.model.buffer().composer.text(), self.hands.tasks());
        }
        next
    }

    /// Keeps what was being written for the next time; the error is for the user.
    pub(super) fn keep_drafts(&self) -> Result<(), String> {
        self.hands.keeper().note(&self.model);
        self.hands.keeper().keep_drafts().map(drop)
    }

    /// Takes in what the network tells.
    pub(super) fn listen(&mut self, notices: &mut Vec<Notice>) -> Next {
        let now = clock();
        let mut draw = Draw::Soon;
        for notice in notices.drain(..) {
            // Whoever starts hullo waits for this, and it does not come in floods.
            if let Notice::Entered { .. } = notice {
                draw = Draw::Now;
            }
            log::heard(&notice);
            self.hands.keep_server(&notice);
            for effect in update(&mut self.model, now, Event::Received(notice)) {
                self.push(effect);
            }
            // Not once for all: a log forgets what is oldest, and a few hundred may be too many.
            self.keep_chats();
        }
        Next::Draw(draw)
    }

    fn keep_chats(&mut self) {
        if let Some(Show::Event(event)) = self.hands.keep_chats(&self.model) {
            self.happen(*event);
        }
    }

    /// Takes in one event and does what follows from it.
    pub(super) fn take(&mut self, event: Event, draw: Draw) -> Next {
        let signalled = matches!(event, Event::Terminated);
        let mut next = Next::Draw(draw);
        for effect in update(&mut self.model, clock(), event) {
            match effect {
                Effect::Quit if signalled => next = Next::End(Ended::Terminated),
                Effect::Quit => next = Next::End(Ended::Quit),
                Effect::Suspend => next = Next::Lend(Borrower::Caller),
                Effect::Edit(draft) => next = Next::Lend(Borrower::Editor(draft)),
                other => self.push(other),
            }
        }
        self.keep_chats();
        next
    }

    /// Waits for what the hands have to tell; for ever if that is nothing.
    pub(super) async fn told(&mut self) -> Event {
        self.hands.told().await
    }

    /// What holds the line, which may be another now.
    pub(super) fn hands(&mut self) -> &mut Hands {
        &mut self.hands
    }

    /// The terminal is ours again.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        self.screen.retake()?;
        self.model.size = self.screen.size()?;
        self.draw()
    }

    /// Shows the model.
    pub(super) fn draw(&mut self) -> io::Result<()> {
        self.screen.listen_to_mouse(self.model.settings.mouse)?;
        let mut screen = Buffer::empty(Rect::from((Position::ORIGIN, self.model.size)));
        let drawn = screen::draw(&self.model, &mut screen);
        if self.ascii {
            to_ascii(&mut screen);
        }
        emoji::shape(self.model.settings.emoji, &mut screen);
        if self.links {
            screen::weave(&drawn.links, &mut screen);
        }
        if self.model.settings.title {
            self.screen.name(screen::title(&self.model))?;
        }
        self.screen.show(screen, drawn.cursor)?;
        self.drawn = clock().at;
        Ok(())
    }

    fn push(&mut self, effect: Effect) {
        match self.hands.act(effect, &self.model.settings) {
            Some(Show::Ring) => note(Screen::ring()),
            Some(Show::Copy(text)) => note(Screen::copy(&text)),
            Some(Show::Repaint) => note(self.screen.repaint()),
            Some(Show::Theme(name)) => {
                let (theme, names) = (self.themes.load(&name), self.themes.names());
                self.happen(Event::Themed { name, theme, names });
            }
            Some(Show::Moved(losses)) => {
                let (left, complaints) = self.hands.keeper().left_here();
                self.happen(Event::Restored(Box::new(left)));
                for complaint in losses.into_iter().chain(complaints) {
                    self.happen(Event::Warned(complaint));
                }
            }
            Some(Show::Event(event)) => self.happen(*event),
            None => {}
        }
    }

    /// Takes in what the shell itself has to tell.
    pub(super) fn happen(&mut self, event: Event) {
        for effect in update(&mut self.model, clock(), event) {
            self.push(effect);
        }
    }
}
