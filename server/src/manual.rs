//! Completions for shells and pages for `man`, made from the definition of a command line.

use std::io;

use clap::{Arg, Command, ValueHint};
pub use clap_complete::Shell;
use clap_mangen::Man;

/// The day of this release in CHANGELOG.md: the same source makes the same pages on every day.
const RELEASED: &str = "2026-11-24";

/// The longest line in the source of a page.
const COLUMNS: usize = 78;

/// What a page for `man` says beside the definition of the command line. Each list has terms and
/// what they mean.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The section of the manual, as the 1 in `hullo(1)`.
    pub section: &'a str,
    /// Variables that are no twin of an option.
    pub environment: &'a [(&'a str, &'a str)],
    /// Files that are read and written.
    pub files: &'a [(&'a str, &'a str)],
    /// Other pages, as in `hullo(1)`.
    pub see_also: &'a [&'a str],
}

/// The script that completes this command in a shell. The definition has not been built.
pub fn completions(definition: &Command, shell: Shell) -> String {
    let mut script = Vec::new();
    let name = definition.get_name();
    clap_complete::generate(shell, &mut for_completion(definition), name, &mut script);
    let script = String::from_utf8_lossy(&script);
    if shell == Shell::Fish { for_fish(definition, &script) } else { script.into_owned() }
}

/// What the generator for fish leaves out.
fn for_fish(definition: &Command, script: &str) -> String {
    let name = definition.get_name();
    let function = name.replace('-', "_");
    // An option that still waits for its value is no mistake, yet fish would offer files.
    let script = script.replace(
        " -- $cmd 2>/dev/null\n",
        &format!(
            " -- $cmd 2>/dev/null\n    \
             or argparse -s (__fish_{function}_global_optspecs) -- $cmd '' 2>/dev/null\n"
        ),
    );
    let values = definition.get_subcommands().filter_map(|command| {
        let values = command.get_positionals().flat_map(Arg::get_possible_values);
        let values: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
        let under = format!("__fish_{function}_using_subcommand {}", command.get_name());
        let line = format!("complete -c {name} -n \"{under}\" -f -a \"{}\"\n", values.join(" "));
        (!values.is_empty()).then_some(line)
    });
    script + &values.collect::<String>()
}

/// The command without what completion must not offer: hidden arguments, and an argument in whose
/// place a sub-command may stand, for zsh would offer only one of them.
fn for_completion(definition: &Command) -> Command {
    let is_offered =
        |arg: &&Arg| !(arg.is_hide_set() || arg.is_positional() && definition.has_subcommands());
    let without_files = |arg: &Arg| match arg.get_value_hint() {
        ValueHint::Unknown if arg.get_action().takes_values() && !arg.is_positional() => {
            arg.clone().value_hint(ValueHint::Other)
        }
        _ => arg.clone(),
    };
    let mut command = Command::new(definition.get_name().to_owned())
        .args(definition.get_arguments().filter(is_offered).map(without_files))
        .subcommands(definition.get_subcommands().map(for_completion));
    if let Some(about) = definition.get_about() {
        command = command.about(about.clone());
    }
    if let Some(version) = definition.get_version() {
        command = command.version(version.to_owned());
    }
    command
}

/// A command's page for `man`. The command has been built.
pub fn man_page(command: &Command, page: Page<'_>) -> io::Result<String> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let man = Man::new(command.clone().subcommand_help_heading("COMMANDS"))
        .title(name.to_uppercase())
        .section(page.section)
        .date(RELEASED)
        .source(concat!("hullo ", env!("CARGO_PKG_VERSION")))
        .manual("hullo");
    let mut roff = Vec::new();
    man.render_title(&mut roff)?;
    man.render_name_section(&mut roff)?;
    man.render_synopsis_section(&mut roff)?;
    man.render_description_section(&mut roff)?;
    man.render_options_section(&mut roff)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut roff)?;
    }
    // The definition of Aq is left out, and the two breaks around an empty line mean one.
    let roff = String::from_utf8_lossy(&roff).replace("\\*(Aq", "\\(aq");
    let mut text = wrapped(&roff.replace(".br\n\n.br\n", ".sp\n"));
    let twins = command.get_arguments().filter_map(|arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        Some((arg.get_env()?.to_string_lossy().into_owned(), help))
    });
    let others = page.environment.iter().map(|(name, what)| ((*name).into(), (*what).into()));
    push_list(&mut text, "ENVIRONMENT", twins.chain(others));
    push_list(&mut text, "FILES", page.files.iter().map(|(p, what)| ((*p).into(), (*what).into())));
    if let Some(help) = command.get_after_help() {
        help.to_string().split("\n\n").for_each(|paragraph| push_section(&mut text, paragraph));
    }
    if !page.see_also.is_empty() {
        push_section(&mut text, &format!("See also:{}", page.see_also.join(", ")));
    }
    Ok(text)
}

/// A section of terms and what they mean.
fn push_list(text: &mut String, heading: &str, list: impl Iterator<Item = (String, String)>) {
    let mut list = list.peekable();
    if list.peek().is_some() {
        text.extend([".SH ", heading, "\n"]);
    }
    for (term, what) in list {
        text.extend([".TP\n\\fB", &escaped(&term), "\\fR\n", &wrapped(&escaped(&what))]);
    }
}

/// A paragraph such as `Exit status: 0 fine` as a section; lines below each other stay so.
fn push_section(text: &mut String, paragraph: &str) {
    let (heading, body) = paragraph.split_once(':').unwrap_or(("Notes", paragraph));
    text.extend([".SH ", &heading.to_uppercase(), "\n"]);
    match body.strip_prefix('\n') {
        None => *text += &wrapped(&escaped(body.trim())),
        Some(lines) => {
            *text += ".nf\n";
            for line in lines.lines() {
                text.extend([&*escaped(line.strip_prefix("  ").unwrap_or(line)), "\n"]);
            }
            *text += ".fi\n";
        }
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

/// Source without repeated preambles, and with line breaks between words where a line is long: in
/// a text that is filled they change nothing.
fn wrapped(source: &str) -> String {
    let is_preamble = |line: &str| line.starts_with(".ie \\n(.g") || line.starts_with(".el .ds");
    let lines = source.lines().filter(|line| !is_preamble(line));
    lines.fold(String::new(), |mut text, line| {
        let mut column = 0;
        for word in line.trim_end().split(' ') {
            let fits = column == 0 || column + 1 + word.len() <= COLUMNS || line.starts_with('.');
            // A line that begins with a dot would be an instruction.
            if fits || word.starts_with(['.', '\'']) {
                if column > 0 {
                    text.push(' ');
                }
                column += 1 + word.len();
            } else {
                text.push('\n');
                column = word.len();
            }
            text += word;
        }
        text.push('\n');
        text
    })
}
