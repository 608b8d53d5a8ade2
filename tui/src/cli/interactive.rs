//! `hullo` without a command: the screen, or line mode.

use std::io::{IsTerminal, stdin, stdout};
use std::path::Path;
use std::sync::Arc;

use hullo::client::Address;
use tracing_subscriber::filter::Targets;

use super::args::{ColorWhen, ScreenArgs};
use super::connect::{Target, local_address};
use super::environment::{colour_depth, is_utf8, variable};
use super::output::say;
use crate::config::Config;
use crate::failure::Failure;
use crate::shell::runtime::on_one_thread;
use crate::shell::state::State;
use crate::shell::{self, files, local_server};
use crate::theme::Depth;

/// Runs the screen or line mode until the user ends it. A local server is started if none runs.
/// Whoever names a room gets that room, instead of what was on screen the last time.
pub(super) fn run(
    args: &ScreenArgs,
    names_room: bool,
    target: &Target,
    config: Config,
    config_path: Option<&Path>,
) -> Result<(), Failure> {
    let term = variable("TERM");
    let has_terminal = stdin().is_terminal() && stdout().is_terminal();
    let plain = args.plain || term == "dumb" || !has_terminal;
    if plain && !args.plain {
        let why = if term == "dumb" { "TERM is dumb" } else { "this is not a terminal" };
        say(&format!("using line mode (--plain): {why}"));
    }
    let name = target.name()?;
    let starts_server = target.is_local() && !args.no_start;
    let started = starts_server.then(local_address).transpose()?;
    let warning = started.map_or(Ok(None), local_server::ensure)?;
    let address = target.address()?.parse::<Address>()?.to_string();
    let (mut store, tap) = store(&name, &address, &args.log_level, config_path);
    store.keeps_screen = !plain && !names_room;
    let mut configured = shell::configured(config);
    configured.complaints.extend(warning);
    let options = shell::Options {
        address,
        local_server: started,
        room: target.room.clone(),
        name,
        colours: colours(args.color),
        ascii: args.ascii || !is_utf8(),
        links: !matches!(&*term, "" | "dumb" | "linux"),
        configured,
        store,
        tap,
    };
    on_one_thread(async {
        if plain { shell::run_lines(options).await } else { shell::run_screen(options).await }
    })
}

fn colours(when: ColorWhen) -> Option<Depth> {
    let is_wanted = match when {
        ColorWhen::Auto => variable("NO_COLOR").is_empty() && variable("TERM") != "dumb",
        ColorWhen::Always => true,
        ColorWhen::Never => false,
    };
    is_wanted.then(colour_depth)
}

/// Where things are kept between runs, and the log, which is started here.
fn store(
    name: &str,
    server: &str,
    log_level: &Targets,
    config_path: Option<&Path>,
) -> (shell::Store, Option<shell::Tap>) {
    let state = State::open().ok();
    let config = files::config_path(config_path);
    let has_run = state.as_ref().is_none_or(|state| state.folder().join("hullo.log").exists());
    let is_configured = config.as_ref().is_some_and(|path| path.exists());
    let log = state.as_ref().and_then(|state| state.open_log("hullo.log").ok());
    let (file, log_path) = log.unzip();
    let tap = shell::start_log(file, log_level.clone());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "hullo starts");
    let store = shell::Store {
        config,
        is_first: !has_run && !is_configured,
        state,
        name: name.to_owned(),
        server: server.to_owned(),
        log_path,
        noted: Arc::default(),
        keeps_screen: false,
        hold: Arc::default(),
    };
    (store, tap)
}
