//! Draws the model. Only reads it; whatever the size of the terminal, it draws inside its area.

pub(crate) mod ascii;
mod canvas;
mod footer;
mod header;
mod hyperlinks;
mod log_pane;
mod people_pane;
mod people_strip;
mod picker;
mod rooms_pane;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::canvas::Canvas;
pub(crate) use self::hyperlinks::{Link, weave};
use crate::core::model::Model;
use crate::layout::{self, Areas, Target};
use crate::theme::Role;

/// What the cells of a drawn screen do not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) cursor: Option<Position>,
    pub(crate) links: Vec<Link>,
    /// What a click does in which area; later ones lie over earlier ones.
    targets: Vec<(Rect, Target)>,
}

/// Draws everything.
pub(crate) fn draw(model: &Model, screen: &mut Buffer) -> Drawn {
    let area = screen.area.intersection(Rect::from((Position::ORIGIN, model.size)));
    if area.is_empty() {
        return Drawn::default();
    }
    let mut canvas = Canvas::new(screen, model.theming.theme(), area);
    let areas = layout::areas(model);
    let over =
        model.picker.as_ref().map(|picker| (picker, picker::area(picker.kind, &areas, area)));
    let below = match over {
        Some((_, over)) if over == area => None,
        _ => draw_places(model, &areas, &mut canvas),
    };
    let cursor = match over {
        Some((picker, over)) => picker::draw(model, picker, over, &mut canvas),
        None => below,
    };
    let (links, targets) = canvas.finish();
    Drawn { cursor, links, targets }
}

/// What a click at this position does: whatever is drawn there.
pub(crate) fn target(model: &Model, at: Position) -> Option<Target> {
    let mut screen = Buffer::empty(Rect::from((Position::ORIGIN, model.size)));
    let targets = draw(model, &mut screen).targets;
    targets.into_iter().rev().find(|(area, _)| area.contains(at)).map(|(_, target)| target)
}

/// Draws the log and what stands around it; tells where the cursor stands.
fn draw_places(model: &Model, areas: &Areas, canvas: &mut Canvas<'_>) -> Option<Position> {
    log_pane::draw(model, areas.log, canvas);
    rules(areas, canvas);
    if let Some(area) = areas.header {
        header::draw(model, area, areas.rooms.is_some(), canvas);
    }
    if let Some(area) = areas.rooms {
        rooms_pane::draw(model, area, canvas);
    }
    if let Some(area) = areas.people {
        people_pane::draw(model, area, canvas);
    }
    if let Some(area) = areas.people_strip {
        people_strip::draw(model, area, canvas);
    }
    footer::draw(model, areas, canvas)
}

/// What the window is called: where we are, and how much is for us.
pub(crate) fn title(model: &Model) -> String {
    let for_us: usize = model.buffers.iter().map(|buffer| buffer.mentions).sum();
    let count = if for_us == 0 { String::new() } else { format!("({for_us}) ") };
    format!("{count}hullo · {}", model.buffer().title())
}

/// Thin rules between columns, and below the header where the screen is large.
fn rules(areas: &Areas, canvas: &mut Canvas<'_>) {
    let mut joints: Vec<u16> = areas.rooms.iter().map(|rooms| rooms.right()).collect();
    joints.extend(areas.people.filter(|_| areas.log.width > 0).map(|people| people.x - 1));
    for x in &joints {
        for y in areas.log.top()..areas.log.bottom() {
            canvas.put(*x, y, "│", Role::Dim);
        }
    }
    for (rule, joint) in [(areas.top_rule, "┬"), (areas.bottom_rule, "┴")] {
        let Some(rule) = rule else { continue };
        canvas.put(rule.x, rule.y, &"─".repeat(usize::from(rule.width)), Role::Dim);
        for x in &joints {
            canvas.put(*x, rule.y, joint, Role::Dim);
        }
    }
}
