//! Measuring CPU time: other programs on the machine disturb it far less than time on the clock.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What running something repeatedly took.
pub(crate) struct Measured {
    pub(crate) evaluations: u64,
    pub(crate) cpu_nanoseconds: u128,
    /// Heap allocations of one evaluation.
    pub(crate) allocations: u64,
}

/// Repeats something for about as long as said.
pub(crate) fn measure(duration: Duration, mut evaluate: impl FnMut()) -> Measured {
    // Once before counting, so that buffers which are reused have their size.
    evaluate();
    let allocations = allocation_counter::measure(&mut evaluate).count_total;
    let (mut evaluations, mut batch) = (0, 1);
    let start = cpu_time();
    loop {
        for _ in 0..batch {
            evaluate();
        }
        evaluations += batch;
        let spent = cpu_time().saturating_sub(start);
        if spent >= duration {
            return Measured {
                evaluations,
                cpu_nanoseconds: spent.as_nanos(),
                allocations,
            };
        }
        // Reading the clock must not count.
        if spent < duration / 16 {
            batch *= 2;
        }
    }
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanoseconds)
}
