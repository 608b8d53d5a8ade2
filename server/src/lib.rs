//! The hullo registry.
