//! What the screen looks like: the theme that is set, and the one that is only being tried.

use crate::screen::theme::{SHIPPED, Theme};

/// The name that asks the terminal for its background, and picks `dark` or `light`.
pub(crate) const AUTO: &str = "auto";

/// Themes, as far as the model knows them.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    set: Theme,
    /// A name in the line that was not sent yet, and its theme once it is there.
    tried: Option<(String, Option<Theme>)>,
    /// A name that was tried and waved away.
    declined: Option<String>,
    /// A name that is to be set once its theme is there.
    pub(crate) asked: Option<String>,
    /// What a theme may be called: ours, and the user's own.
    pub(crate) names: Vec<String>,
}

impl Default for Look {
    fn default() -> Self {
        let names = theme_names();
        Self { set: Theme::default(), tried: None, declined: None, asked: None, names }
    }
}

/// What a theme may be called where the user has none of their own.
pub(crate) fn theme_names() -> Vec<String> {
    let shipped = SHIPPED.iter().map(|(name, _)| *name);
    std::iter::once(AUTO).chain(shipped).map(str::to_owned).collect()
}

impl Look {
    /// What to draw with.
    pub(crate) fn theme(&self) -> &Theme {
        self.tried.as_ref().and_then(|(_, theme)| theme.as_ref()).unwrap_or(&self.set)
    }

    pub(crate) fn set(&mut self, theme: Theme) {
        self.set = theme;
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The theme of this name is in the line, or none is; true if it must be fetched.
    pub(crate) fn wish(&mut self, name: Option<&str>) -> bool {
        if self.declined.as_deref() != name {
            self.declined = None;
        }
        let Some(name) = name.filter(|_| self.declined.is_none()) else {
            self.tried = None;
            return false;
        };
        if self.tried.as_ref().is_some_and(|(tried, _)| tried == name) {
            return false;
        }
        // Until it comes the one before stays: nothing flickers.
        let before = self.tried.take().and_then(|(_, theme)| theme);
        self.tried = Some((name.to_owned(), before));
        true
    }

    /// What is tried is not wanted, as long as the line holds it.
    pub(crate) fn decline(&mut self) {
        self.declined = self.tried.take().map(|(name, _)| name);
    }

    /// Shows the theme that was wished for; `None` if it cannot be had.
    pub(crate) fn show(&mut self, name: &str, theme: Option<Theme>) {
        if let Some((_, tried)) = self.tried.as_mut().filter(|(tried, _)| tried == name) {
            *tried = theme;
        }
    }
}
