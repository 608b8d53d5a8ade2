//! `hullo doctor`: what works here, what does not, and what to do about it.

mod facts;
mod findings;

use std::path::Path;

use hullo::protocol::RoomName;

use self::findings::Verdict;
use super::args::ConnectArgs;
use super::connect::Target;
use super::environment::is_utf8;
use super::output::{json, line, print};
use crate::failure::Failure;

/// Prints every finding; fails if anything does not work.
pub(super) fn doctor(
    connect: ConnectArgs,
    room: Option<RoomName>,
    config_path: Option<&Path>,
    as_json: bool,
) -> Result<(), Failure> {
    let (config, defaults) = facts::config(config_path);
    let target = Target::new(connect, room, defaults);
    let mut findings = findings::terminal(&facts::terminal());
    findings.push(findings::time_zone(facts::time_zone()));
    findings.push(findings::config(&config));
    findings.push(findings::state(&facts::state()));
    findings.push(findings::name(target.name()));
    findings.extend(findings::server(&facts::server(&target)?));
    let lines: String = if as_json {
        json(&findings)?
    } else {
        let ascii = !is_utf8();
        findings.iter().map(|finding| line(&finding.line(ascii))).collect()
    };
    print(&lines)?;
    if findings.iter().any(|finding| finding.verdict == Verdict::Bad) {
        return Err(Failure::failed("not everything works").silent());
    }
    Ok(())
}
