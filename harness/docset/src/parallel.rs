//! Work on several threads whose results come in the order of the work: [`in_order`].

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError, mpsc};

/// Lets `workers` threads do `work` on each thing that `source` gives, and hands the results to
/// `sink` on this thread, in the order of the things, each as soon as it and all before it are
/// there. While `source` still looks for things the first are being worked on.
pub(crate) fn in_order<T: Send, R: Send>(
    workers: NonZeroUsize,
    source: impl FnOnce(&mut dyn FnMut(T)) + Send,
    work: impl Fn(T) -> R + Sync,
    mut sink: impl FnMut(R),
) {
    let (things, waiting) = mpsc::channel::<(usize, T)>();
    let waiting = Mutex::new(waiting);
    let (done, results) = mpsc::channel::<(usize, R)>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut number = 0;
            source(&mut |thing| {
                // Nobody takes things any more only when this thread's panic is under way.
                let _ = things.send((number, thing));
                number += 1;
            });
        });
        for _ in 0..workers.get() {
            let (waiting, work, done) = (&waiting, &work, done.clone());
            scope.spawn(move || {
                loop {
                    let next = waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .recv();
                    let Ok((number, thing)) = next else { break };
                    if done.send((number, work(thing))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, result) in results {
            early.insert(number, result);
            while let Some(result) = early.remove(&next) {
                sink(result);
                next += 1;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::in_order;
    use std::num::NonZeroUsize;

    #[test]
    fn results_come_in_the_order_of_the_things() {
        let mut results = Vec::new();
        in_order(
            NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN),
            |give| (0..200_u64).for_each(give),
            |n| {
                std::thread::sleep(std::time::Duration::from_micros(n * 37 % 400));
                n
            },
            |n| results.push(n),
        );
        assert_eq!(results, (0..200).collect::<Vec<_>>());
    }
}
