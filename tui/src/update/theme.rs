//! Choosing a theme: a list, a name that is kept, and a look at each while Tab steps through them.

use super::{set, tell};
use crate::event::Effect;
use crate::model::Model;
use crate::theme::Theme;
use crate::transcript::Tone;

/// `/theme`, `/theme NAME`.
pub(super) fn choose(model: &mut Model, name: &str) -> Vec<Effect> {
    if !name.is_empty() {
        return set::put(model, "theme", name);
    }
    let current = &model.settings.theme;
    let mark = |name: &String| if name == current { format!("▸ {name}") } else { name.clone() };
    let all = model.look.names.iter().map(mark).collect::<Vec<_>>().join(" · ");
    tell(model, Tone::Plain, format!("{all}\n/theme NAME sets one; Tab shows one after the other"));
    Vec::new()
}

/// What there is instead of a theme that is none.
pub(super) fn unknown(model: &Model, name: &str) -> String {
    format!("there is no theme {name:?}; there are {}", model.look.names.join(", "))
}

/// Takes in a theme that was asked for, and what themes there are now.
pub(super) fn arrived(
    model: &mut Model,
    name: &str,
    theme: Result<Theme, String>,
    names: Vec<String>,
) {
    model.look.names = names;
    match theme {
        Ok(theme) => {
            model.look.show(name, Some(theme.clone()));
            if model.settings.theme == name {
                model.look.set(theme);
            }
        }
        Err(why) => {
            model.look.show(name, None);
            tell(model, Tone::Warning, why);
        }
    }
}

/// Shows the theme whose name stands in the line as a command that was not sent yet.
pub(super) fn preview(model: &mut Model) -> Vec<Effect> {
    let line = model.buffer().composer.text();
    let wished = line.strip_prefix("/theme ").map(str::trim);
    let wished = wished.filter(|name| model.look.knows(name)).map(str::to_owned);
    if model.look.wish(wished.as_deref()) {
        return wished.map(Effect::LoadTheme).into_iter().collect();
    }
    Vec::new()
}
