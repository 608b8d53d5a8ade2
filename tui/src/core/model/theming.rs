//! The theme that is set, and the one that is being previewed.

use crate::theme::{SHIPPED, Theme};

/// The theme name that chooses `dark` or `light` by the terminal's background.
pub(crate) const AUTO: &str = "auto";

/// The themes, as far as the model knows them.
#[derive(Clone, Debug)]
pub(crate) struct Theming {
    set: Theme,
    /// The theme named in the draft, which is previewed once it is loaded.
    tried: Option<(String, Option<Theme>)>,
    /// A preview that the user rejected with Esc.
    rejected: Option<String>,
    /// The theme that is to be set once it is loaded.
    pub(crate) asked: Option<String>,
    /// The names of all themes, the user's own included.
    pub(crate) names: Vec<String>,
}

impl Default for Theming {
    fn default() -> Self {
        let names = theme_names();
        Self { set: Theme::default(), tried: None, rejected: None, asked: None, names }
    }
}

/// The names of the themes that come with the program.
pub(crate) fn theme_names() -> Vec<String> {
    let shipped = SHIPPED.iter().map(|(name, _)| *name);
    std::iter::once(AUTO).chain(shipped).map(str::to_owned).collect()
}

impl Theming {
    /// The theme to draw with.
    pub(crate) fn theme(&self) -> &Theme {
        self.tried.as_ref().and_then(|(_, theme)| theme.as_ref()).unwrap_or(&self.set)
    }

    pub(crate) fn set(&mut self, theme: Theme) {
        self.set = theme;
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Previews the theme named in the draft, if there is one; `true` if it must be loaded.
    pub(crate) fn wish(&mut self, name: Option<&str>) -> bool {
        if self.rejected.as_deref() != name {
            self.rejected = None;
        }
        let Some(name) = name.filter(|_| self.rejected.is_none()) else {
            self.tried = None;
            return false;
        };
        if self.tried.as_ref().is_some_and(|(tried, _)| tried == name) {
            return false;
        }
        // The theme before is shown until this one is loaded, so that nothing flickers.
        let before = self.tried.take().and_then(|(_, theme)| theme);
        self.tried = Some((name.to_owned(), before));
        true
    }

    /// Rejects the preview as long as the draft names it.
    pub(crate) fn reject_preview(&mut self) {
        self.rejected = self.tried.take().map(|(name, _)| name);
    }

    /// Shows the previewed theme; `None` if it could not be loaded.
    pub(crate) fn show(&mut self, name: &str, theme: Option<Theme>) {
        if let Some((_, tried)) = self.tried.as_mut().filter(|(tried, _)| tried == name) {
            *tried = theme;
        }
    }
}
