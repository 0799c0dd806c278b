//! The first thing to know about a cluster: the workloads that run and would not come back.

use std::io::{self, Write};

use crate::audit::outcome::{ClusterOrigin, Subject};
use crate::message::without_controls;
use crate::policy::prose::count;

/// How many findings of a workload are shown.
const SHOWN_MAX: usize = 5;
const TITLE: &str =
    "These workloads run, and would not come back after a restart: their Pods would be refused.";

/// A section in front of everything else. What else there is to say about the workloads waits until
/// it ends.
#[derive(Debug, Default)]
pub struct Section {
    workloads: usize,
    waiting: Vec<u8>,
}

impl Section {
    /// Takes a workload that belongs here, and gives the place for what else there is to say about
    /// it; `None` for others.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    pub fn add(
        &mut self,
        origin: &ClusterOrigin,
        subject: &Subject,
        output: &mut dyn Write,
    ) -> io::Result<Option<Vec<u8>>> {
        if origin.not_restartable.is_empty() {
            return Ok(None);
        }
        if self.workloads == 0 {
            writeln!(output, "{TITLE}\n")?;
        }
        self.workloads += 1;
        writeln!(
            output,
            "{}",
            without_controls(format!("{subject}, {}", origin.name))
        )?;
        for line in origin.not_restartable.iter().take(SHOWN_MAX) {
            writeln!(output, "  {}", without_controls(line.clone()))?;
        }
        let unshown = origin.not_restartable.len().saturating_sub(SHOWN_MAX);
        if unshown > 0 {
            writeln!(output, "  and {}", count(unshown, "more finding"))?;
        }
        Ok(Some(std::mem::take(&mut self.waiting)))
    }

    /// Takes back the place.
    pub fn wait(&mut self, waiting: Vec<u8>) {
        self.waiting = waiting;
    }

    /// Ends the section, if there is one.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    pub fn end(&mut self, output: &mut dyn Write) -> io::Result<()> {
        if std::mem::take(&mut self.workloads) > 0 {
            writeln!(output)?;
            output.write_all(&std::mem::take(&mut self.waiting))?;
        }
        Ok(())
    }
}
