//! Ctrl-C, and being asked to end: the program ends at once and leaves nothing half done behind.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// What shells add to a signal's number for the exit code.
const EXIT_SIGNAL: i32 = 128;
/// Empties the line of a terminal that the cursor is on.
const EMPTY_LINE: &str = "\r\u{1b}[2K";

/// What is to be removed when the program is interrupted.
#[derive(Clone, Debug, Default)]
pub struct Interruption {
    partial: Arc<Mutex<Vec<PathBuf>>>,
}

impl Interruption {
    /// Listens from now on: to Ctrl-C, and to what a Pod is stopped with, which the first process of
    /// a container would not notice otherwise. It has a thread of its own, since the others may be
    /// waiting for a disk, a cluster, or whoever reads the output.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn watch() -> io::Result<Self> {
        let interruption = Self::default();
        let partial = Arc::clone(&interruption.partial);
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let received = |kind| {
            let _inside = runtime.enter();
            signal(kind)
        };
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        let (mut interrupted, mut terminated) = (received(interrupt)?, received(terminate)?);
        std::thread::Builder::new().spawn(move || {
            let kind = runtime.block_on(async {
                tokio::select! {
                    _ = interrupted.recv() => interrupt,
                    _ = terminated.recv() => terminate,
                }
            });
            for file in partial
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
            {
                // Nobody is left to be told.
                let _ = std::fs::remove_file(file);
            }
            if io::stderr().is_terminal() {
                eprint!("{EMPTY_LINE}");
            }
            std::process::exit(EXIT_SIGNAL + kind.as_raw_value())
        })?;
        Ok(interruption)
    }

    /// Adds a file that is not whole yet.
    pub fn removes(&self, file: PathBuf) {
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        partial.push(file);
    }
}
