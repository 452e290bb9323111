//! The engine's threads: a statement takes one while it runs, and waits in a queue when all are taken.
//!
//! Threads are made on demand up to the limit and reused. Why not tokio's blocking pool: it ends at 512, is shared with
//! file work, and cannot tell how many statements wait.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::{Condvar, Mutex};

type Work = Box<dyn FnOnce() + Send>;

/// Parsers and optimizers recurse on deep expressions. Virtual: only what is used takes memory.
const STACK_BYTES: usize = 256 << 20;

pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    limit: usize,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Work>,
    threads: Vec<JoinHandle<()>>,
    running: usize,
    /// Of the running ones, those that wait for another statement and do not count against the limit.
    waiting: usize,
    closing: bool,
}

impl State {
    /// Threads that wait for work or have been promised a piece of it.
    fn free(&self) -> usize {
        self.threads.len() - self.running
    }

    fn has_place(&self, limit: usize) -> bool {
        self.running - self.waiting < limit
    }
}

impl Pool {
    pub(super) fn new(limit: usize) -> Self {
        Pool {
            shared: Arc::new(Shared {
                limit: limit.max(1),
                state: Mutex::default(),
                wake: Condvar::new(),
            }),
        }
    }

    pub(super) fn spawn(&self, work: Work) {
        let mut state = self.shared.state.lock();
        state.queue.push_back(work);
        self.grow(&mut state);
        if state.threads.is_empty() {
            // No thread could be made: nobody else would ever take it.
            let work = state.queue.pop_back();
            drop(state);
            work.into_iter().for_each(contain);
            return;
        }
        drop(state);
        self.shared.wake.notify_one();
    }

    /// A further thread, if work waits, none is free and the limit allows it.
    fn grow(&self, state: &mut State) {
        let limit = self.shared.limit + state.waiting;
        if state.queue.len() <= state.free() || state.threads.len() >= limit {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new()
            .name(format!("statement-{}", state.threads.len() + 1))
            .stack_size(STACK_BYTES)
            .spawn(move || shared.serve());
        match thread {
            Ok(thread) => state.threads.push(thread),
            Err(error) => {
                tracing::error!(%error, threads = state.threads.len(), "no further thread for statements");
            }
        }
    }

    /// Runs `wait` without counting its thread against the limit. For a statement that waits for another one: the other
    /// may be in the queue.
    pub(super) fn while_waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        {
            let mut state = self.shared.state.lock();
            state.waiting += 1;
            self.grow(&mut state);
        }
        self.shared.wake.notify_one();
        let _counted = Waiting(&self.shared);
        wait()
    }

    /// Work that runs, and work that waits.
    pub(super) fn load(&self) -> (usize, usize) {
        let state = self.shared.state.lock();
        (state.running, state.queue.len())
    }
}

/// A thread that does not count against the limit, until this is dropped.
struct Waiting<'a>(&'a Shared);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state.lock().waiting -= 1;
    }
}

impl Drop for Pool {
    /// Finishes what is queued and joins the threads.
    fn drop(&mut self) {
        let threads = {
            let mut state = self.shared.state.lock();
            state.closing = true;
            std::mem::take(&mut state.threads)
        };
        self.shared.wake.notify_all();
        for thread in threads {
            // The last owner of the engine may be a piece of work itself.
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    fn serve(&self) {
        let mut state = self.state.lock();
        loop {
            let next = if state.has_place(self.limit) {
                state.queue.pop_front()
            } else {
                None
            };
            match next {
                Some(work) => {
                    state.running += 1;
                    drop(state);
                    contain(work);
                    state = self.state.lock();
                    state.running -= 1;
                    // A thread above the limit may have passed this place by.
                    self.wake.notify_one();
                }
                None if state.closing && state.queue.is_empty() => return,
                None => self.wake.wait(&mut state),
            }
        }
    }
}

/// Runs work; a panic ends here.
fn contain(work: Work) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        let message = panic_message(&*panic);
        tracing::error!(message, "a statement panicked");
    }
}

/// What a panic said.
pub(super) fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn limits_queues_survives_panics_and_finishes_on_drop() {
        let pool = Pool::new(2);
        let (release, gate) = mpsc::channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let (done, finished) = mpsc::channel();
        pool.spawn(Box::new(|| panic!("contained")));
        for number in 0..5 {
            let (gate, done) = (Arc::clone(&gate), done.clone());
            pool.spawn(Box::new(move || {
                let _ = gate.lock().recv_timeout(Duration::from_secs(10));
                let name = thread::current().name().unwrap_or_default().to_owned();
                done.send((number, name)).unwrap();
            }));
        }
        while pool.load() != (2, 3) {
            thread::yield_now();
        }
        for _ in 0..5 {
            release.send(()).unwrap();
        }
        drop(pool);
        let mut names: Vec<_> = finished.try_iter().map(|(_, name)| name).collect();
        assert_eq!(names.len(), 5);
        names.sort();
        names.dedup();
        assert!(names.iter().all(|name| name.starts_with("statement-")));
        assert!(names.len() <= 2);
    }

    #[test]
    fn the_last_owner_may_be_work() {
        let pool = Arc::new(Pool::new(1));
        let (done, finished) = mpsc::channel();
        let inner = Arc::clone(&pool);
        pool.spawn(Box::new(move || {
            thread::sleep(Duration::from_millis(50));
            drop(inner);
            done.send(()).unwrap();
        }));
        drop(pool);
        finished.recv_timeout(Duration::from_secs(5)).unwrap();
    }
}
