//! `hullo doctor`: what works here, what does not, and what to do about it.
//!
//! `ask` finds out, `judge` says what it means.

mod ask;
mod judge;

use std::path::Path;

use self::judge::{Finding, Verdict};
use crate::cli::args::DoctorArgs;
use crate::cli::headless;
use crate::failure::Failure;
use crate::settings::config::Config;

/// Looks at everything and prints it; fails if anything does not work.
pub(crate) fn doctor(
    args: &DoctorArgs,
    given: Option<&Path>,
    config: Result<Config, Failure>,
) -> Result<(), Failure> {
    let mut findings = judge::terminal(&ask::terminal());
    findings.push(judge::time_zone(ask::time_zone()));
    findings.push(judge::config(&ask::config(given, config)));
    findings.push(judge::state(&ask::state()));
    findings.push(judge::name(headless::name(&args.place.place)));
    findings.extend(judge::server(&ask::server(&args.place)?));
    print(&findings, args.json)?;
    if findings.iter().any(|finding| finding.verdict == Verdict::Bad) {
        return Err(Failure::failed("not everything works").told());
    }
    Ok(())
}

fn print(findings: &[Finding], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return headless::json(&findings).map(drop);
    }
    let ascii = !crate::speaks_utf8();
    for finding in findings {
        if headless::line(&finding.line(ascii))? == headless::Reader::Gone {
            break;
        }
    }
    Ok(())
}
