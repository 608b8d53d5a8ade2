//! Choosing a theme: a list, a name that is kept, and a preview while Tab steps through them.

use super::{flash, report};
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::system::Severity;
use crate::theme::Theme;

/// Lists the themes, or sets one.
pub(super) fn choose(model: &mut Model, name: &str) -> Vec<Effect> {
    if !name.is_empty() {
        return ask_for(model, name);
    }
    let current = &model.settings.theme;
    let mark = |name: &String| if name == current { format!("▸ {name}") } else { name.clone() };
    let all = model.theming.names.iter().map(mark).collect::<Vec<_>>().join(" · ");
    report(
        model,
        Severity::Info,
        format!("{all}\n/theme NAME sets one; Tab previews one after the other"),
    );
    Vec::new()
}

/// Sets a theme once it is loaded, since its file may be wrong.
pub(super) fn ask_for(model: &mut Model, name: &str) -> Vec<Effect> {
    model.theming.asked = Some(name.to_owned());
    vec![Effect::LoadTheme(name.to_owned())]
}

/// Takes in a theme, or why there is none; for a mere preview the status line says so.
pub(super) fn loaded(model: &mut Model, name: &str, theme: Result<Theme, String>) -> Vec<Effect> {
    let asked = model.theming.asked.take_if(|asked| asked == name).is_some();
    let wanted = asked || model.settings.theme == name;
    model.theming.show(name, theme.as_ref().ok().cloned());
    match theme {
        Ok(theme) if wanted => model.theming.set(theme),
        Ok(_) => return Vec::new(),
        Err(why) => {
            if wanted {
                report(model, Severity::Warning, why);
            } else {
                flash(model, why);
            }
            return Vec::new();
        }
    }
    if !asked {
        return Vec::new();
    }
    name.clone_into(&mut model.settings.theme);
    flash(model, format!("theme is {name}"));
    vec![Effect::SaveSetting { name: "theme".into(), value: Some(name.to_owned()) }]
}

/// Shows the theme whose name stands in the line, in a command that was not sent yet.
pub(super) fn preview(model: &mut Model) -> Vec<Effect> {
    let line = model.buffer().composer.text();
    let wished = line.strip_prefix("/theme ").map(str::trim);
    let wished = wished.filter(|name| model.theming.knows(name)).map(str::to_owned);
    if model.theming.wish(wished.as_deref()) {
        return wished.map(Effect::LoadTheme).into_iter().collect();
    }
    Vec::new()
}
