//! What the server asks of the machine it runs on.

/// The name of this machine, if it has one.
#[cfg(unix)]
pub(crate) fn name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

/// The name of this machine, if it has one.
#[cfg(not(unix))]
pub(crate) fn name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// Allows this process as many open files as the machine lets it have, for each connection is one:
/// many systems give a program 1024 unless it asks. Returns how many these are, if there is a limit.
#[cfg(unix)]
pub(crate) fn raise_file_limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    if setrlimit(Resource::Nofile, limit).is_ok() { limit.maximum } else { before }
}

/// As many open files as the machine lets this process have: here there is no limit to be raised.
#[cfg(not(unix))]
pub(crate) fn raise_file_limit() -> Option<u64> {
    None
}
