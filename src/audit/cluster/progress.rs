//! What a person at a terminal sees meanwhile.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often the line moves.
const TICK_MILLISECONDS: u64 = 120;

/// A line on standard error that says how far it is; nothing where nobody watches.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Nothing done yet.
    pub fn start() -> Self {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::new_spinner(),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} objects read, {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(TICK_MILLISECONDS));
        Self { bar }
    }

    /// Another kind is read now.
    pub fn kind(&self, name: &str) {
        self.bar.set_message(format!("now {name}"));
    }

    /// So many objects more.
    pub fn read(&self, objects: usize) {
        self.bar.inc(objects as u64);
    }

    /// Lets something be printed in between.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
