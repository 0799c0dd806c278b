//! Waiting, with an end.

use std::time::{Duration, Instant};

use crate::error::ControlPlaneError;
use crate::process::Supervised;

/// Generous, for machines that compile at the same time; 3 s are usual.
const READY_WITHIN: Duration = Duration::from_secs(120);
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// Probes until it succeeds, the responsible program ends, or time is up.
pub(crate) fn wait_for(
    awaited: &str,
    responsible: &mut Supervised,
    mut probe: impl FnMut() -> Result<(), String>,
) -> Result<(), ControlPlaneError> {
    let started = Instant::now();
    loop {
        let Err(last) = probe() else { return Ok(()) };
        responsible.check_running()?;
        if started.elapsed() > READY_WITHIN {
            return Err(ControlPlaneError::NotReady {
                awaited: awaited.to_owned(),
                seconds: READY_WITHIN.as_secs(),
                last,
                log: responsible.log_path().to_path_buf(),
                tail: responsible.log_tail(),
            });
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}
