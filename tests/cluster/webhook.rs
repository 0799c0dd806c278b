//! The webhook at a real API server, with the real controllers behind it.

mod completion;
mod controllers;
mod exceptions;
mod modes;
mod outage;
mod refusals;
mod templates;
mod updates;
