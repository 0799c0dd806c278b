//! Processes that do not outlive this one.
//!
//! A process that is killed cannot clean up after itself, so each program runs
//! below a shell that holds the other end of a pipe: when this process ends, in
//! whatever way, the pipe closes and the shell kills the program.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use crate::error::{ControlPlaneError, io_error};

/// Arguments: a directory to remove at the end (or an empty string), the program,
/// its arguments. The watching subshell kills the program even if the outer shell
/// was killed first.
const SUPERVISOR: &str = r#"
scratch=$1
shift
exec 3<&0
"$@" 3<&- </dev/null &
program=$!
( read -r _ <&3; kill -KILL "$program" 2>/dev/null ) &
watcher=$!
exec 3<&-
wait "$program"
status=$?
kill "$watcher" 2>/dev/null
if [ -n "$scratch" ]; then rm -rf -- "$scratch"; fi
exit "$status"
"#;

/// How many lines of a log an error shows.
const TAIL_LINES: usize = 20;

/// What to run.
pub struct Program<'a> {
    /// Names the log.
    pub name: &'static str,
    /// The executable.
    pub path: &'a Path,
    /// What it is called with.
    pub arguments: Vec<String>,
    /// The working directory; the log `<name>.log` is written there.
    pub directory: &'a Path,
    /// Removed when the program has ended, even if nobody is left to do it.
    pub scratch: Option<&'a Path>,
}

/// A running program. Dropping it kills the program and waits for its end.
#[derive(Debug)]
pub struct Supervised {
    name: &'static str,
    supervisor: Child,
    leash: Option<ChildStdin>,
    log: PathBuf,
}

impl Program<'_> {
    /// Starts it.
    ///
    /// # Errors
    /// The log cannot be created, or there is no such program.
    pub fn start(self) -> Result<Supervised, ControlPlaneError> {
        let log = self.directory.join(format!("{}.log", self.name));
        let output = File::create(&log).map_err(io_error("create", &log))?;
        let errors = output.try_clone().map_err(io_error("open", &log))?;
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "supervisor"])
            .arg(self.scratch.map_or(OsStr::new(""), Path::as_os_str))
            .arg(self.path)
            .args(&self.arguments)
            .current_dir(self.directory)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            // Ctrl-C must end the tests first: they report with the control plane up.
            .process_group(0)
            .spawn()
            .map_err(io_error("start", self.path))?;
        let leash = supervisor.stdin.take();
        Ok(Supervised {
            name: self.name,
            supervisor,
            leash,
            log,
        })
    }
}

impl Supervised {
    /// An error if the program has ended by itself.
    ///
    /// # Errors
    /// Its status, and the end of its log.
    pub fn check_running(&mut self) -> Result<(), ControlPlaneError> {
        match self.supervisor.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.ended(status)),
            Err(source) => Err(io_error("watch", &self.log)(source)),
        }
    }

    fn ended(&self, status: ExitStatus) -> ControlPlaneError {
        ControlPlaneError::Ended {
            program: self.name,
            status: status.to_string(),
            log: self.log.clone(),
            tail: self.log_tail(),
        }
    }

    /// Where its output goes.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        let Ok(bytes) = fs::read(&self.log) else {
            return String::new();
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut lines: Vec<&str> = text.lines().rev().take(TAIL_LINES).collect();
        lines.reverse();
        lines.join("\n")
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.leash.take());
        let _ = self.supervisor.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// Set for the process that is going to be killed.
    const VICTIM_DIRECTORY: &str = "CONTROL_PLANE_TEST_VICTIM_DIRECTORY";

    /// A shell that writes its process id and then becomes `sleep`.
    fn sleeper(directory: &Path) -> Program<'_> {
        let script = "echo $$ >started; mv started process-id; exec sleep 600".to_owned();
        Program {
            name: "sleeper",
            path: Path::new("/bin/sh"),
            arguments: vec!["-c".to_owned(), script],
            directory,
            scratch: None,
        }
    }

    fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !condition() {
            assert!(Instant::now() < deadline, "{what}: not within 10 s");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn started_process_id(directory: &Path) -> String {
        let file = directory.join("process-id");
        wait_until("the sleeper starts", || file.exists());
        fs::read_to_string(file).unwrap().trim().to_owned()
    }

    fn is_running(process_id: &str) -> bool {
        let probe = Command::new("kill")
            .args(["-0", process_id])
            .stderr(Stdio::null())
            .status();
        probe.unwrap().success()
    }

    #[test]
    fn a_dropped_program_has_ended() {
        let directory = tempfile::tempdir().unwrap();
        let running = sleeper(directory.path()).start().unwrap();
        let process_id = started_process_id(directory.path());
        assert!(is_running(&process_id));
        drop(running);
        assert!(!is_running(&process_id));
    }

    #[test]
    fn a_program_ends_when_the_process_that_started_it_is_killed() {
        let directory = tempfile::tempdir().unwrap();
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::tests::victim", "--include-ignored"])
            .env(VICTIM_DIRECTORY, directory.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let process_id = started_process_id(directory.path());
        assert!(is_running(&process_id));
        victim.kill().unwrap();
        victim.wait().unwrap();
        wait_until("the sleeper ends", || !is_running(&process_id));
    }

    #[test]
    #[ignore = "started by the test above, to be killed"]
    fn victim() {
        let Some(directory) = std::env::var_os(VICTIM_DIRECTORY) else {
            return;
        };
        let _running = sleeper(Path::new(&directory)).start().unwrap();
        std::thread::sleep(Duration::from_secs(60));
    }

    #[test]
    fn the_end_of_a_program_is_reported_with_the_end_of_its_log() {
        let directory = tempfile::tempdir().unwrap();
        let scratch = directory.path().join("scratch");
        fs::create_dir(&scratch).unwrap();
        let mut running = Program {
            name: "failing",
            path: Path::new("/bin/sh"),
            arguments: vec!["-c".to_owned(), "echo no disk >&2; exit 3".to_owned()],
            directory: directory.path(),
            scratch: Some(&scratch),
        }
        .start()
        .unwrap();
        let mut message = String::new();
        wait_until("the program ends", || match running.check_running() {
            Ok(()) => false,
            Err(error) => {
                message = error.to_string();
                true
            }
        });
        assert!(message.contains("exit status: 3"), "{message}");
        assert!(message.ends_with("no disk"), "{message}");
        assert!(!scratch.exists());
    }
}
