//! Nodes at work: readers and writers that never pause, each answer of which is checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::nodes::{By, Nodes, ROWS};
use crate::cache::subject::until;

const READERS: usize = 4;
const WRITERS: usize = 2;

/// How often each of them does something: more would only make the machine's other tests wait.
const PACE: Duration = Duration::from_millis(1);

/// What goes on until it is ended.
pub(super) struct Load {
    tasks: JoinSet<()>,
    signs: Arc<Signs>,
}

#[derive(Default)]
struct Signs {
    is_over: AtomicBool,
    answers: AtomicU64,
    writes: AtomicU64,
}

impl Load {
    /// Reads and writes on all nodes. Each row has one writer, which goes from node to node.
    pub(super) fn on(nodes: &Nodes) -> Self {
        let (mut tasks, signs) = (JoinSet::new(), Arc::<Signs>::default());
        for reader in 0..READERS {
            let (nodes, signs) = (nodes.all.clone(), Arc::clone(&signs));
            tasks.spawn(async move {
                let mut choices = Choices(reader as u64);
                let mut pace = pace();
                while !signs.is_over.load(Ordering::SeqCst) {
                    pace.tick().await;
                    let (node, row) = (&nodes[choices.below(nodes.len())], choices.below(ROWS));
                    match choices.below(16) {
                        0 => node.look_at_all().await,
                        1..4 => drop(node.look(row).await),
                        _ => drop(node.read(row).await),
                    }
                    signs.answers.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for writer in 0..WRITERS {
            let (nodes, signs) = (nodes.all.clone(), Arc::clone(&signs));
            tasks.spawn(async move {
                let mut choices = Choices(!(writer as u64));
                let mut pace = pace();
                while !signs.is_over.load(Ordering::SeqCst) {
                    pace.tick().await;
                    let row = choices.below(ROWS / WRITERS) * WRITERS + writer;
                    let by = By::ALL[choices.below(By::ALL.len())];
                    nodes[choices.below(nodes.len())].write(row, by).await;
                    signs.writes.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Self { tasks, signs }
    }

    /// Waits until it has gone on for a while: some hundred answers and writes.
    pub(super) async fn goes_on(&mut self) {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        let (answers, writes) = (read(&self.signs.answers) + 400, read(&self.signs.writes) + 100);
        until("answers come and writes are made", async || {
            self.rethrow();
            read(&self.signs.answers) >= answers && read(&self.signs.writes) >= writes
        })
        .await;
    }

    /// Lets everything come to its end.
    pub(super) async fn end(mut self) {
        self.signs.is_over.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        }
    }

    /// Panics where one of them has.
    fn rethrow(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        }
    }
}

fn pace() -> tokio::time::Interval {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

/// Choices that look like chance and are the same each time: SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
