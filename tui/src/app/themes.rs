//! Where themes come from: those that were shipped, the user's own files, and the terminal's
//! background for the one that is called `auto`.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use etcetera::BaseStrategy;

use super::terminal::Background;
use crate::model::{AUTO, Look};
use crate::theme::{Depth, Theme, parse, shipped};

/// Themes, as this terminal can show them.
#[derive(Debug)]
pub(super) struct Themes {
    /// Without any, every theme is `mono`.
    colours: Option<Depth>,
    /// What `auto` depends on.
    background: Background,
    /// Where the user's own are.
    folder: Option<PathBuf>,
}

impl Themes {
    pub(super) fn new(colours: Option<Depth>, background: Background) -> Self {
        let strategy = etcetera::choose_base_strategy().ok();
        let folder = strategy.map(|strategy| strategy.config_dir().join("hullo/themes"));
        Self { colours, background, folder }
    }

    /// The theme of this name: the user's own goes before one of ours.
    pub(super) fn load(&self, name: &str) -> Result<Theme, String> {
        let name = if name == AUTO { self.for_background() } else { name };
        let theme = match self.read(name)? {
            Some(theme) => theme,
            None => shipped(name).ok_or_else(|| self.unknown(name))?,
        };
        Ok(match self.colours {
            Some(depth) => theme.on(depth, &Theme::default()),
            None => shipped("mono").unwrap_or_default(),
        })
    }

    /// What a theme may be called now.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Look::default().names;
        let files = self.folder.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let paths = files.flatten().map(|file| file.path());
        let own = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
        let mut own: Vec<String> =
            own.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        own.retain(|name| is_name(name) && !names.contains(name));
        own.sort_unstable();
        names.append(&mut own);
        names
    }

    fn for_background(&self) -> &'static str {
        match self.background {
            Background::Dark => "dark",
            Background::Light => "light",
            Background::Unasked | Background::Untold => "terminal",
        }
    }

    /// The user's own theme of this name, if there is one.
    fn read(&self, name: &str) -> Result<Option<Theme>, String> {
        let Some(folder) = self.folder.as_ref().filter(|_| is_name(name)) else { return Ok(None) };
        let path = folder.join(format!("{name}.toml"));
        match fs::read_to_string(&path) {
            Ok(text) => parse(&text, &Theme::default())
                .map(Some)
                .map_err(|error| format!("{}:{error}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    fn unknown(&self, name: &str) -> String {
        format!("there is no theme {name:?}; there are {}", self.names().join(", "))
    }
}

/// Whether this can name a theme, and leads nowhere out of the folder.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}
