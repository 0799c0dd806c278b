//! Finding inputs that take too long.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long one input may take. Everything here answers within milliseconds; the rest is for
/// machines that are busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the watchdog looks.
const INTERVAL: Duration = Duration::from_millis(500);

/// Ends the process when an input takes too long, as it cannot be interrupted otherwise.
pub(crate) struct Watchdog {
    running: Arc<Mutex<Option<Running>>>,
}

/// The input that is being tried.
struct Running {
    since: Instant,
    input: String,
}

impl Watchdog {
    /// Watches until it is dropped. `file` is where the input of a hang is written.
    pub(crate) fn start(target: &str, file: PathBuf) -> Self {
        let running = Arc::new(Mutex::new(None));
        let watched = Arc::downgrade(&running);
        let target = target.to_owned();
        thread::spawn(move || watch(&target, &watched, &file));
        Self { running }
    }

    /// Runs `check`, which is about `input`.
    pub(crate) fn during<T>(&self, input: String, check: impl FnOnce() -> T) -> T {
        self.set(Some(Running {
            since: Instant::now(),
            input,
        }));
        let result = check();
        self.set(None);
        result
    }

    fn set(&self, running: Option<Running>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

fn watch(target: &str, watched: &Weak<Mutex<Option<Running>>>, file: &Path) {
    while let Some(running) = watched.upgrade() {
        let hanging = running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take_if(|running| running.since.elapsed() > PATIENCE);
        drop(running);
        if let Some(Running { input, .. }) = hanging {
            let written = std::fs::write(file, format!("{input}\n"));
            eprintln!(
                "{target}: an input takes longer than {} s; {}",
                PATIENCE.as_secs(),
                match written {
                    Ok(()) => format!("it is in `{}`", file.display()),
                    Err(error) => format!("`{}`: {error}:\n{input}", file.display()),
                }
            );
            std::process::exit(1);
        }
        thread::sleep(INTERVAL);
    }
}
