//! The hullo terminal client.
//!
//! A pure core and a thin shell: [`app`] reads keys and notices, `update` decides what becomes of
//! the model and what is to be done, `view` draws the model. Only [`app`] does anything.

pub mod app;
mod command;
mod complete;
mod composer;
mod event;
mod layout;
mod model;
mod people;
mod rows;
mod terminal;
mod text;
mod theme;
mod transcript;
mod update;
mod view;

#[cfg(test)]
mod tests;
