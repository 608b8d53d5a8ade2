//! Loads themes: built-in ones, the user's own files, and `auto`, which follows the background of the
//! terminal.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::terminal::Background;
use crate::core::model::{AUTO, theme_names};
use crate::shell::files;
use crate::theme::{Depth, Theme, parse, shipped};

/// Themes, as this terminal can show them.
#[derive(Debug)]
pub(super) struct Themes {
    /// `None` if no colours are wanted: then every theme is `mono`.
    colours: Option<Depth>,
    background: Background,
    /// The folder of the user's own themes.
    folder: Option<PathBuf>,
}

impl Themes {
    pub(super) fn new(colours: Option<Depth>, background: Background) -> Self {
        let folder = files::config_folder().map(|folder| folder.join("themes"));
        Self { colours, background, folder }
    }

    /// The theme of this name; the user's own come before built-in ones.
    pub(super) fn load(&self, name: &str) -> Result<Theme, String> {
        if name == AUTO {
            return self.load(self.for_background()).map(Theme::without_page);
        }
        let theme = match self.read(name)? {
            Some(theme) => theme,
            None => shipped(name).ok_or_else(|| self.unknown(name))?,
        };
        Ok(match self.colours {
            Some(depth) => theme.on(depth, &Theme::default()),
            None => shipped("mono").unwrap_or_default(),
        })
    }

    /// The names of all themes.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = theme_names();
        let files = self.folder.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let paths = files.flatten().map(|file| file.path());
        // Links are followed, so that every theme that is listed can be loaded.
        let files = paths.filter(|path| path.is_file());
        let own = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
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
            Background::NotAsked | Background::Unknown => "terminal",
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
            Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    fn unknown(&self, name: &str) -> String {
        format!("there is no theme {name:?}; there are {}", self.names().join(", "))
    }
}

/// Checks that a theme of this name can be loaded.
pub(crate) fn check(name: &str) -> Result<(), String> {
    Themes::new(None, Background::NotAsked).load(name).map(drop)
}

/// Whether this can be the name of a theme; such a name does not lead out of the folder.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Role;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            fs::write(folder.path().join(file), text).unwrap();
        }
        folder
    }

    fn themes(
        folder: &tempfile::TempDir,
        colours: Option<Depth>,
        background: Background,
    ) -> Themes {
        Themes { colours, background, folder: Some(folder.path().to_owned()) }
    }

    #[test]
    fn the_users_own_go_first_and_errors_name_file_and_line() {
        let files = [
            ("mine.toml", "[roles]\nbad = \"blue\""),
            ("dark.toml", "[roles]\nbad = \"cyan\""),
            ("broken.toml", "[roles]\n\nbad = \"bleu\""),
            ("notes.txt", ""),
        ];
        let folder = folder(&files);
        let themes = themes(&folder, Some(Depth::Full), Background::NotAsked);
        assert_eq!(themes.names()[7..], ["broken", "mine"]);
        let bad = |name| themes.load(name).map(|theme| theme.style(Role::Bad).fg);
        assert_eq!(bad("mine"), Ok(Some(ratatui::style::Color::Blue)));
        assert_eq!(bad("dark"), Ok(Some(ratatui::style::Color::Cyan)));
        assert!(bad("broken").unwrap_err().contains("broken.toml:3: there is no colour \"bleu\""));
        assert!(bad("../themes/mine").unwrap_err().contains("there are auto, terminal, dark"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_no_theme_and_says_so() {
        let folder = folder(&[("mine.toml", "")]);
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        };
        link("mine.toml", "linked.toml");
        link("nothing", "dark.toml");
        link("nothing", "lost.toml");
        fs::create_dir(folder.path().join("folder.toml")).unwrap();
        let themes = themes(&folder, Some(Depth::Full), Background::NotAsked);
        assert_eq!(themes.names()[7..], ["linked", "mine"]);
        for name in ["dark", "lost"] {
            let why = themes.load(name).unwrap_err();
            assert!(why.contains(&format!("{name}.toml: No such file")), "{why}");
        }
    }

    #[test]
    fn auto_follows_the_background_and_nothing_shows_colours_where_none_are_wanted() {
        let folder = folder(&[]);
        let check = |colours, background, name: &str, expected: &str| {
            let themes = themes(&folder, colours, background);
            let expected = shipped(expected).unwrap().without_page();
            assert_eq!(themes.load(name).unwrap(), expected, "{name}");
        };
        check(Some(Depth::Full), Background::Dark, "auto", "dark");
        check(Some(Depth::Full), Background::Light, "auto", "light");
        check(Some(Depth::Full), Background::Unknown, "auto", "terminal");
        check(None, Background::NotAsked, "ember", "mono");
    }
}
