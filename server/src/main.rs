//! The hullo daemon.
fn main() {}
