//! What goes on behind a cache with a level in Redis: hearing other nodes, finding out that Redis is back, and telling it what
//! it missed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::chance;
use super::core::Core;
use super::redis::{Event, LinkState, RedisCacheStrategy, RedisError, Says};
use super::tags::{STRIPES_AT_ONCE, Stripe};

/// How often what waits is tried again, what was invalidated is told, and the keeper listens whether it hears itself.
const BEAT: Duration = Duration::from_secs(1);

/// Beats between two looks at the servers and at their table of invalidations.
const BEATS_PER_LOOK: u64 = 10;

/// Beats of our own that may be missing before the connection on which messages come is thought dead.
const MISSING_BEATS: u64 = 3;

/// The waits between two trials while Redis is out of reach: twice as long each time.
const TRIALS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Runs until the tasks are dropped.
pub(super) fn start(core: Arc<Core>, events: mpsc::Receiver<Event>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let (wake, woken) = mpsc::channel(1);
    tasks.spawn(hear(Arc::clone(&core), events, wake));
    tasks.spawn(keep(core, woken));
    tasks
}

async fn hear(core: Arc<Core>, mut events: mpsc::Receiver<Event>, wake: mpsc::Sender<()>) {
    let Some(redis) = &core.redis else { return };
    while let Some(event) = events.recv().await {
        match event {
            Event::Message(message) => {
                if let Some(asker) = core.hear(redis, &message) {
                    let statistics = rmp_serde::to_vec_named(&core.stats());
                    let statistics = statistics.expect("statistics are numbers and names");
                    // Who asked counts those that answer.
                    let _ = redis.tell(Says::Told { asker, statistics: &statistics }).await;
                }
            }
            // One that waits already is enough.
            Event::Resubscribed => drop(wake.try_send(())),
            Event::Unconnected(error) => {
                tracing::debug!(%error, "messages of other nodes do not come for now");
                redis.link.note_reason(&error);
            }
        }
    }
}

async fn keep(core: Arc<Core>, mut woken: mpsc::Receiver<()>) {
    let Some(redis) = &core.redis else { return };
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut beat = 0;
    loop {
        tokio::select! {
            signal = woken.recv() => {
                if signal.is_none() {
                    return;
                }
                recover_until_up(&core, redis).await;
                beat = core.heard_beat.load(Ordering::SeqCst);
            }
            () = redis.link.went_down.notified() => {
                recover_until_up(&core, redis).await;
                beat = core.heard_beat.load(Ordering::SeqCst);
            }
            _ = beats.tick() => {
                if redis.link.is_up() {
                    beat += 1;
                    on_beat(&core, redis, &mut beat).await;
                }
            }
        }
    }
}

async fn on_beat(core: &Core, redis: &RedisCacheStrategy, beat: &mut u64) {
    core.tell(redis).await;
    if !redis.replay.is_idle() || redis.link.takes_no_writes() {
        retry(core, redis).await;
    }
    if (*beat).is_multiple_of(BEATS_PER_LOOK) {
        redis.look_at_servers().await;
        // A server may have lost the table, to a restart or for want of memory.
        if let Err(error) = agree_on_tags(core, redis).await {
            tracing::debug!(%error, "the table of invalidations was not compared");
        }
    }
    let heard = core.heard_beat.load(Ordering::SeqCst);
    if *beat > heard.saturating_add(MISSING_BEATS) {
        tracing::warn!(
            "messages of other nodes come no more; the connection on which they came is made anew"
        );
        redis.renew_subscription().await;
        *beat = heard;
    }
    let _ = redis.tell(Says::Beat(*beat)).await;
}

/// Tries writes again that Redis did not take, though it answers.
async fn retry(core: &Core, redis: &RedisCacheStrategy) {
    if redis.replay().await.is_err() {
        return;
    }
    if redis.link.takes_no_writes() {
        redis.probe().await;
    }
    if !redis.link.takes_no_writes() {
        redis.replay.if_overflowed(|| core.invalidate_soon(Stripe::EVERYTHING));
        core.tell(redis).await;
    }
}

async fn recover_until_up(core: &Core, redis: &RedisCacheStrategy) {
    let (mut wait, longest) = TRIALS;
    loop {
        match recover(core, redis).await {
            Ok(()) => return,
            Err(error) => {
                redis.link.turn(LinkState::Down);
                tracing::debug!(%error, wait_ms = wait.as_millis() as u64, "Redis is still out of reach");
                // At chance, so that nodes do not come back all at once.
                sleep(wait.mul_f64(0.5 + chance::share() / 2.0)).await;
                wait = (wait * 2).min(longest);
            }
        }
    }
}

/// Learns what this process may have missed, forgets what that may have outdated, and tells Redis what it missed. Then it is
/// asked. Where it was asked all the time, since only messages were lost, it is so meanwhile.
async fn recover(core: &Core, redis: &RedisCacheStrategy) -> Result<(), RedisError> {
    agree_on_tags(core, redis).await?;
    if !redis.link.is_up() {
        redis.link.turn(LinkState::Recovering);
    }
    core.tags.flush();
    if let Some(memory) = &core.memory {
        memory.clear();
    }
    redis.counts.recoveries.fetch_add(1, Ordering::Relaxed);
    redis.replay.if_overflowed(|| core.invalidate_soon(Stripe::EVERYTHING));
    match redis.replay().await {
        Err(error) if error.kind.concerns_the_link() => return Err(error),
        // It answers. What it does not take now, and what came to wait in the meantime, is tried again with each beat.
        Err(_) | Ok(()) => redis.link.turn(LinkState::Up),
    }
    core.tell(redis).await;
    redis.look_at_servers().await;
    tracing::info!("Redis is asked again; what it missed was told");
    Ok(())
}

/// Sees to it that this node and Redis know of the same invalidations.
async fn agree_on_tags(core: &Core, redis: &RedisCacheStrategy) -> Result<(), RedisError> {
    let theirs = redis.times().await?;
    core.learn(&theirs);
    let theirs: std::collections::HashMap<_, _> = theirs.into_iter().collect();
    let is_news = |(stripe, time): &(Stripe, u64)| theirs.get(stripe).is_none_or(|known| known < time);
    let ours: Vec<_> = core.tags.known().filter(is_news).collect();
    for ours in ours.chunks(STRIPES_AT_ONCE) {
        match redis.spread(ours, false).await {
            Err(error) if error.kind.concerns_the_link() => return Err(error),
            // It takes no writes for now; the next look tries again.
            Err(_) => return Ok(()),
            Ok(times) => core.learn(&times),
        }
    }
    Ok(())
}

/// Waits for the first connection, though not for long: without it the cache works as well.
pub(super) async fn until_up(redis: &RedisCacheStrategy, patience: Duration) -> bool {
    let up = async {
        loop {
            let came_up = redis.link.came_up.notified();
            if redis.link.is_up() {
                return;
            }
            came_up.await;
        }
    };
    timeout(patience, up).await.is_ok()
}
