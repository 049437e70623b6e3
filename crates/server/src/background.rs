//! Work that no request asks for: jobs that each node runs again and again.
//!
//! Every node runs every job. What must be done by one node only is claimed through the database, by the job itself.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use adstead_domain::port::Chain;
use anyhow::Result;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long a job waits after it was woken, so that what comes together is done together.
const GATHERING: Duration = Duration::from_millis(20);

/// The longest that a job rests which fails again and again.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Whether a job is done for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There may be more to do at once.
    More,
    /// There is nothing to do before the job's time comes again, or it is woken.
    Done,
    /// Nothing can be done before the job's time comes again, whoever wakes it.
    Stuck,
}

type Run = Pin<Box<dyn Future<Output = Result<Progress>> + Send>>;

/// Work that is done again and again, on each node.
pub struct Job {
    name: String,
    every: Duration,
    longest: Option<Duration>,
    wakes: Option<watch::Receiver<()>>,
    run: Box<dyn Fn() -> Run + Send + Sync>,
}

impl Job {
    /// Runs `run` at once, and again `every` time after it was done.
    pub fn new<F>(
        name: impl Into<String>,
        every: Duration,
        run: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Progress>> + Send + 'static,
    {
        Self { name: name.into(), every, longest: None, wakes: None, run: Box::new(move || Box::pin(run())) }
    }

    /// Runs also when `wakes` changes.
    #[must_use]
    pub fn woken_by(self, wakes: watch::Receiver<()>) -> Self {
        Self { wakes: Some(wakes), ..self }
    }

    /// Gives up a run that takes longer than that: it then counts as failed.
    #[must_use]
    pub fn no_longer_than(self, longest: Duration) -> Self {
        Self { longest: Some(longest), ..self }
    }

    /// Runs until it is told to stop; a run under way goes on to its end.
    async fn work(mut self, mut stopping: watch::Receiver<bool>) {
        let mut failures = 0;
        loop {
            let progress = self.run_once().await;
            let rest = match &progress {
                Ok(Progress::More) => Duration::ZERO,
                Ok(Progress::Done | Progress::Stuck) => self.every,
                Err(_) => self.every.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_REST),
            };
            failures = if progress.is_ok() { 0 } else { failures.saturating_add(1) };
            let rest_or_wake = async {
                if matches!(progress, Ok(Progress::Stuck) | Err(_)) {
                    return sleep(rest).await;
                }
                tokio::select! {
                    () = sleep(rest) => {}
                    () = woken(&mut self.wakes) => sleep(GATHERING).await,
                }
            };
            tokio::select! {
                biased;
                // Where nobody is left to say so, it is time to stop as well.
                _ = stopping.wait_for(|is_stopping| *is_stopping) => return,
                () = rest_or_wake => {}
            }
        }
    }

    /// Runs once. A panic is a failure like any other: the job goes on.
    async fn run_once(&self) -> Result<Progress> {
        let mut run = JoinSet::new();
        run.spawn((self.run)());
        let ended = match self.longest {
            Some(longest) => timeout(longest, run.join_next()).await,
            None => Ok(run.join_next().await),
        };
        let outcome = match ended {
            Ok(Some(Ok(outcome))) => outcome,
            Ok(Some(Err(broken))) => Err(anyhow::Error::new(broken)),
            Ok(None) => Ok(Progress::Done),
            Err(elapsed) => Err(anyhow::Error::new(elapsed).context("it took too long")),
        };
        outcome.inspect_err(|error| {
            tracing::error!(job = self.name, error = %Chain(error.as_ref()), "a background job failed and is tried again");
        })
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("name", &self.name).field("every", &self.every).finish_non_exhaustive()
    }
}

/// Ends when the job is woken; never, where nobody wakes it.
async fn woken(wakes: &mut Option<watch::Receiver<()>>) {
    let is_woken = match wakes {
        Some(wakes) => wakes.changed().await.is_ok(),
        None => false,
    };
    if !is_woken {
        std::future::pending::<()>().await;
    }
}

/// Jobs at work. Dropped, it cuts them off.
#[derive(Debug)]
pub struct Background {
    jobs: JoinSet<()>,
}

impl Background {
    /// Sets the jobs to work until `stopping` says so.
    pub fn start(jobs: Vec<Job>, stopping: &watch::Receiver<bool>) -> Self {
        let mut at_work = JoinSet::new();
        for job in jobs {
            at_work.spawn(job.work(stopping.clone()));
        }
        Self { jobs: at_work }
    }

    /// Waits for the runs under way once the jobs were told to stop, `grace` at most; whether all came to their end.
    pub async fn finished(self, grace: Duration) -> bool {
        timeout(grace, self.jobs.join_all()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use anyhow::bail;
    use tokio::time::Instant;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A job that notes when it ran.
    struct Watched {
        runs: watch::Receiver<Vec<Duration>>,
        _at_work: (Background, watch::Sender<bool>),
    }

    impl Watched {
        fn new(
            wakes: Option<watch::Receiver<()>>,
            run: impl Fn(usize) -> Result<Progress> + Send + Sync + 'static,
        ) -> Self {
            let (noted, runs) = watch::channel(Vec::new());
            let (begun, number, run) = (Instant::now(), AtomicUsize::new(0), Arc::new(run));
            let noted = Arc::new(noted);
            let job = Job::new("test", MINUTE, move || {
                let (number, run) = (number.fetch_add(1, Ordering::Relaxed), Arc::clone(&run));
                let noted = Arc::clone(&noted);
                async move {
                    noted.send_modify(|runs| runs.push(begun.elapsed()));
                    run(number)
                }
            });
            let (stop, stopping) = watch::channel(false);
            let job = Job { wakes, ..job };
            Self { runs, _at_work: (Background::start(vec![job], &stopping), stop) }
        }

        /// When the first so many runs were made, in seconds, rounded.
        async fn runs(&mut self, number: usize) -> Vec<u64> {
            let runs = self.runs.wait_for(|runs| runs.len() >= number).await.unwrap();
            runs[..number].iter().map(|at| at.as_secs_f64().round() as u64).collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_runs_at_once_and_then_at_its_times() {
        let mut watched = Watched::new(None, |_| Ok(Progress::Done));
        assert_eq!(watched.runs(3).await, [0, 60, 120]);
    }

    #[tokio::test(start_paused = true)]
    async fn where_there_is_more_to_do_a_job_goes_on() {
        let mut watched = Watched::new(None, |run| Ok(if run < 3 { Progress::More } else { Progress::Done }));
        assert_eq!(watched.runs(5).await, [0, 0, 0, 0, 60]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_fails_or_panics_goes_on_ever_more_rarely_until_it_succeeds() {
        let mut watched = Watched::new(None, |run| match run {
            0 => bail!("no route to host"),
            1 => panic!("out of range"),
            _ => Ok(Progress::Done),
        });
        assert_eq!(watched.runs(4).await, [0, 60, 120, 180], "a minute is the longest rest");
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_is_woken() {
        let (wake, wakes) = watch::channel(());
        let mut watched = Watched::new(Some(wakes), |_| Ok(Progress::Done));
        assert_eq!(watched.runs(1).await, [0]);
        sleep(MINUTE / 2).await;
        wake.send_replace(());
        wake.send_replace(());
        assert_eq!(watched.runs(3).await, [0, 30, 90], "twice together is once");
        drop(wake);
        assert_eq!(watched.runs(4).await, [0, 30, 90, 150]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_stuck_is_not_woken() {
        let (wake, wakes) = watch::channel(());
        let mut watched = Watched::new(Some(wakes), |_| Ok(Progress::Stuck));
        assert_eq!(watched.runs(1).await, [0]);
        wake.send_replace(());
        assert_eq!(watched.runs(2).await, [0, 60]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_takes_too_long_is_given_up_and_the_job_goes_on() {
        let (noted, mut begun) = watch::channel(0);
        let noted = Arc::new(noted);
        let job = Job::new("endless", MINUTE, move || {
            noted.send_modify(|begun| *begun += 1);
            std::future::pending()
        });
        let (_stop, stopping) = watch::channel(false);
        let _background = Background::start(vec![job.no_longer_than(MINUTE / 2)], &stopping);
        begun.wait_for(|begun| *begun == 3).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_under_way_comes_to_its_end_before_a_job_stops() {
        let (noted, mut ended) = watch::channel(0);
        let noted = Arc::new(noted);
        let job = Job::new("slow", MINUTE, move || {
            let noted = Arc::clone(&noted);
            async move {
                sleep(MINUTE / 2).await;
                noted.send_modify(|ended| *ended += 1);
                Ok(Progress::More)
            }
        });
        let (stop, stopping) = watch::channel(false);
        let background = Background::start(vec![job], &stopping);
        ended.wait_for(|ended| *ended == 1).await.unwrap();
        sleep(MINUTE / 4).await;
        stop.send_replace(true);
        assert!(background.finished(MINUTE).await);
        assert_eq!(*ended.borrow(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_outlasts_the_grace_is_cut_off() {
        let job = Job::new("endless", MINUTE, || async {
            sleep(100 * MINUTE).await;
            Ok(Progress::Done)
        });
        let (stop, stopping) = watch::channel(false);
        let background = Background::start(vec![job], &stopping);
        sleep(Duration::from_secs(1)).await;
        stop.send_replace(true);
        assert!(!background.finished(MINUTE).await);
    }
}
