//! How long something takes this thread, without what the machine does beside: for tests that hold a time
//! and for the fuzzer.

use std::time::{Duration, Instant};

/// The processor time that `act` takes; by the clock where the system does not tell.
pub(crate) fn time(act: impl FnOnce()) -> Duration {
    let (started, before) = (Instant::now(), processor_time());
    act();
    match (before, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => started.elapsed(),
    }
}

/// What this thread has used so far; Linux tells.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = stat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
