//! Finding inputs that take too long.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long one input may take unless [`PATIENCE_VARIABLE`] says otherwise. Everything here answers
/// within milliseconds; the rest is for machines that are busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

/// The environment variable with how many milliseconds one input may take.
const PATIENCE_VARIABLE: &str = "CATTLEGRID_FUZZ_PATIENCE_MILLISECONDS";

/// How often the watchdog looks at most.
const INTERVAL_MAX: Duration = Duration::from_millis(500);

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
        let patience = patience();
        thread::spawn(move || watch(&target, &watched, &file, patience));
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

fn patience() -> Duration {
    let milliseconds = std::env::var(PATIENCE_VARIABLE)
        .ok()
        .and_then(|text| text.parse().ok());
    milliseconds.map_or(PATIENCE, Duration::from_millis)
}

fn watch(target: &str, watched: &Weak<Mutex<Option<Running>>>, file: &Path, patience: Duration) {
    while let Some(running) = watched.upgrade() {
        let hanging = running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take_if(|running| running.since.elapsed() > patience);
        drop(running);
        if let Some(Running { input, .. }) = hanging {
            let written = std::fs::write(file, format!("{input}\n"));
            eprintln!(
                "{target}: an input takes longer than {patience:?}; {}",
                match written {
                    Ok(()) => format!("it is in `{}`", file.display()),
                    Err(error) => format!("`{}`: {error}:\n{input}", file.display()),
                }
            );
            std::process::exit(1);
        }
        thread::sleep(patience.min(INTERVAL_MAX));
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Set in the process that the test below starts.
    const FILE_VARIABLE: &str = "CATTLEGRID_FUZZ_WATCHDOG_TEST";

    #[test]
    #[ignore = "never ends; another test runs it in a process of its own"]
    fn hang() {
        let Some(file) = std::env::var_os(FILE_VARIABLE) else {
            return;
        };
        let watchdog = Watchdog::start("example", PathBuf::from(file));
        watchdog.during("harmless".to_owned(), || {});
        watchdog.during("guilty".to_owned(), || {
            loop {
                thread::park();
            }
        });
    }

    #[test]
    fn an_input_that_hangs_is_saved_and_ends_the_process() {
        let file = std::env::temp_dir().join(format!("watchdog-{}.hang", std::process::id()));
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "watchdog::tests::hang",
                "--ignored",
                "--nocapture",
            ])
            .env(FILE_VARIABLE, &file)
            .env(PATIENCE_VARIABLE, "20")
            .output()
            .unwrap();
        let saved = std::fs::read_to_string(&file);
        let _ = std::fs::remove_file(&file);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let errors = String::from_utf8_lossy(&output.stderr);
        let told = format!(
            "example: an input takes longer than 20ms; it is in `{}`",
            file.display()
        );
        assert!(errors.contains(&told), "{errors}");
        assert_eq!(saved.unwrap(), "guilty\n");
    }
}
