//! The directory of one run: certificates, etcd's data, logs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use crate::error::{ControlPlaneError, io_error};
use crate::workspace::output_directory;

/// How many ended runs stay for reading their logs.
const ENDED_RUNS_KEPT: usize = 5;

const LOCK_NAME: &str = "in-use.lock";

static NEXT_NUMBER: AtomicU32 = AtomicU32::new(0);

/// Removed when it is dropped, except in a panic or after [`RunDirectory::keep`].
/// What a killed process left is removed by later runs.
#[derive(Debug)]
pub(crate) struct RunDirectory {
    path: PathBuf,
    kept: bool,
    // Held as long as the run lasts: tells other processes not to remove it.
    _lock: File,
}

impl RunDirectory {
    pub(crate) fn create() -> Result<Self, ControlPlaneError> {
        let runs = output_directory().join("runs");
        fs::create_dir_all(&runs).map_err(io_error("create", &runs))?;
        // The logs are for people: no `..` in their paths.
        let runs = runs.canonicalize().map_err(io_error("resolve", &runs))?;
        remove_ended_runs(&runs);
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = runs.join(format!("{}-{number}", std::process::id()));
        // A process that had this id before may have left it behind.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).map_err(io_error("create", &path))?;
        let lock_path = path.join(LOCK_NAME);
        let lock = File::create(&lock_path).map_err(io_error("create", &lock_path))?;
        lock.lock().map_err(io_error("lock", &lock_path))?;
        Ok(Self {
            path,
            kept: false,
            _lock: lock,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the directory for somebody to read.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if std::thread::panicking() {
            eprintln!("the control plane's logs are in {}", self.path.display());
            return;
        }
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Failing to clean up is no reason to fail a test.
fn remove_ended_runs(runs: &Path) {
    let Ok(entries) = fs::read_dir(runs) else {
        return;
    };
    let mut found: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort();
    found.reverse();
    for (_, path) in found.into_iter().skip(ENDED_RUNS_KEPT) {
        let in_use = File::open(path.join(LOCK_NAME)).is_ok_and(|lock| lock.try_lock().is_err());
        if !in_use {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Writes a file that only its owner can read: most of them are secrets.
pub(crate) fn write_file(
    directory: &Path,
    name: &str,
    content: &str,
) -> Result<PathBuf, ControlPlaneError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let path = directory.join(name);
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .map_err(io_error("write", &path))?;
    Ok(path)
}
