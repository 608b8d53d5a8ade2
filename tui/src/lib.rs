//! The hullo terminal client.
