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
