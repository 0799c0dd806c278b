//! Records that were lost and are not told yet.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::evidence::writer::notice::{Gap, GapCause};

/// Records that were lost and are not told yet.
#[derive(Debug, Default)]
pub struct Losses(Mutex<(BTreeMap<GapCause, Gap>, u64)>);

impl Losses {
    /// Counts losses.
    pub fn add(&self, count: u64, cause: GapCause, at: SystemTime) {
        if count == 0 {
            return;
        }
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        losses.1 += count;
        let gap = losses.0.entry(cause).or_insert(Gap {
            count: 0,
            from: at,
            to: at,
            cause,
        });
        gap.count += count;
        gap.from = gap.from.min(at);
        gap.to = gap.to.max(at);
    }

    /// Takes back losses that turned out to be none.
    pub fn forgive(&self, count: u64, cause: GapCause) {
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        losses.1 = losses.1.saturating_sub(count);
        if let Some(gap) = losses.0.get_mut(&cause) {
            gap.count = gap.count.saturating_sub(count);
        }
        losses.0.retain(|_, gap| gap.count > 0);
    }

    /// What a record would tell now.
    pub fn gaps(&self) -> Vec<Gap> {
        let losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        losses.0.values().cloned().collect()
    }

    /// Takes away what a record tells now; what was lost since stays.
    pub fn told(&self, gaps: &[Gap]) {
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for told in gaps {
            if let Some(gap) = losses.0.get_mut(&told.cause) {
                gap.count = gap.count.saturating_sub(told.count);
                gap.from = told.to;
            }
        }
        losses.0.retain(|_, gap| gap.count > 0);
    }

    /// How many were lost since the process began.
    pub fn total(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}
