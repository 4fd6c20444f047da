//! The emulator's time: real, and movable so that an expired token can be had without waiting.

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Real time plus an offset; or time that goes faster.
#[derive(Debug)]
pub struct Clock {
    offset_seconds: AtomicI64,
    begun: (Timestamp, Instant),
    speed: f64,
    moved: Notify,
}

impl Default for Clock {
    fn default() -> Self {
        Self::with_speed(1.0)
    }
}

impl Clock {
    /// Time that goes this many times as fast as real time. Clients are told to wait that much
    /// shorter.
    pub fn with_speed(speed: f64) -> Self {
        Self {
            offset_seconds: AtomicI64::default(),
            begun: (Timestamp::now(), Instant::now()),
            speed,
            moved: Notify::default(),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_secs(self.offset_seconds.load(Ordering::Relaxed));
        if self.is_real() {
            return Timestamp::now() + offset;
        }
        let (begun, instant) = self.begun;
        begun + SignedDuration::from_secs_f64(instant.elapsed().as_secs_f64() * self.speed) + offset
    }

    /// Lets `seconds` pass at once.
    pub fn advance(&self, seconds: i64) {
        self.offset_seconds.fetch_add(seconds, Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// Waits until it is this time, however it comes about.
    pub(crate) async fn reached(&self, at: Timestamp) {
        loop {
            let moved = self.moved.notified();
            let left = Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
            if left.is_zero() {
                return;
            }
            let left = left.div_f64(self.speed);
            tokio::select! {
                () = moved => {}
                () = tokio::time::sleep(left) => {}
            }
        }
    }

    /// Whether it goes as fast as real time.
    pub(crate) fn is_real(&self) -> bool {
        self.speed == 1.0
    }

    /// How long these seconds take in real time.
    pub(crate) fn real_seconds(&self, seconds: u64) -> f64 {
        seconds as f64 / self.speed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_begins_now_and_runs_ahead() {
        let clock = Clock::with_speed(1_000_000.0);
        let begun = clock.begun.1;
        while begun.elapsed().as_micros() < 1000 {
            std::thread::yield_now();
        }
        assert!(clock.now().duration_since(clock.begun.0).as_secs() >= 1000);
        assert_eq!(clock.real_seconds(1_000_000), 1.0);
        clock.advance(-3600);
        assert!(
            Clock::default()
                .now()
                .duration_since(Timestamp::now())
                .as_secs()
                == 0
        );
    }
}
