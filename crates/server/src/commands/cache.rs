use std::time::Duration;

use adstead_config::{CacheSettings, Settings};
use adstead_domain::port::{CacheStatistics, LevelStatistics, RedisState};
use anyhow::{Result, bail, ensure};
use serde::Serialize;

use super::{advise, is_agreed_at_terminal, print, print_json};
use crate::cli::{CacheChoice, JsonArgs};
use crate::wire::{self, SharedCache};

/// What is known of the cache of each node.
#[derive(Serialize)]
struct Told {
    nodes: Vec<Node>,
}

#[derive(Serialize)]
struct Node {
    node: String,
    cache: CacheStatistics,
}

pub(super) async fn stats(settings: &Settings, wait: Duration, output: JsonArgs) -> Result<()> {
    let nodes = with_cache(settings, async |cache| {
        let Some(nodes) = cache.other_nodes(wait).await else {
            bail!("{}", out_of_reach(&settings.cache));
        };
        Ok(nodes)
    })
    .await?;
    let nodes: Vec<_> = nodes.into_iter().map(|told| Node { node: told.node, cache: told.cache }).collect();
    if let JsonArgs { json: true } = output {
        return print_json(&Told { nodes });
    }
    if nodes.is_empty() {
        advise(&format!(
            "No server answered within {} ms: none runs with this Redis and cache.redis.namespace, \
             or it is busy; wait longer by --wait-ms",
            wait.as_millis()
        ));
        return Ok(());
    }
    print(&nodes.iter().map(table).collect::<Vec<_>>().join("\n"))?;
    Ok(())
}

pub(super) async fn invalidate(settings: &Settings, choice: CacheChoice) -> Result<()> {
    let told = with_cache(settings, async |cache| {
        let CacheChoice { tag, prefix, glob } = choice;
        if let Some(tag) = tag {
            cache.invalidate_tag(&tag).await?;
            return Ok("what carries the tag is outdated on all nodes\n".to_owned());
        }
        if let Some(prefix) = prefix {
            cache.invalidate_prefix(&prefix).await?;
            return Ok("what has a key that begins so is outdated on all nodes\n".to_owned());
        }
        let glob = glob.unwrap_or_default();
        let mut pages = 0;
        let swept = cache.sweep(&glob, |swept| {
            if swept.pages >= pages + 1_000 {
                pages = swept.pages;
                advise(&format!(
                    "{} keys are gone, {} pages of keys were looked at",
                    swept.in_redis, swept.pages
                ));
            }
        });
        Ok(format!(
            "{} keys are gone from Redis, and those like them from all nodes\n",
            swept.await?.in_redis
        ))
    });
    Ok(print(&told.await?)?)
}

pub(super) async fn clear(settings: &Settings, is_agreed: bool) -> Result<()> {
    if !is_agreed {
        advise("All nodes will read everything from the database again, at the same time.");
        if !is_agreed_at_terminal()? {
            bail!("nothing was cleared, as nobody agreed: answer `yes`, or give --yes");
        }
    }
    with_cache(settings, async |cache| {
        cache.clear().await;
        Ok(())
    })
    .await?;
    Ok(print("everything that was cached is outdated on all nodes\n")?)
}

/// Does something with the cache that nodes share, and sees to it that they were told.
async fn with_cache<T>(settings: &Settings, work: impl AsyncFnOnce(&SharedCache) -> Result<T>) -> Result<T> {
    let settings = &settings.cache;
    ensure!(
        settings.enabled && settings.redis.url.is_some(),
        "there is no cache that servers share: each keeps its own, which no other process reaches. \
         `GET /v1/system/status` of a server tells how its cache does, and a restart empties it; \
         to share one, set cache.enabled and cache.redis.url"
    );
    let cache = wire::shared_cache(settings).await?;
    let done = if cache.redis_state() == Some(RedisState::Up) {
        let done = work(&cache).await;
        match (done, cache.has_untold()) {
            (Ok(_), true) => Err(anyhow::anyhow!("{}", out_of_reach(settings))),
            (done, _) => done,
        }
    } else {
        Err(anyhow::anyhow!("{}", out_of_reach(settings)))
    };
    cache.close().await;
    done
}

fn out_of_reach(settings: &CacheSettings) -> String {
    let url = settings.redis.url.as_ref().map(ToString::to_string).unwrap_or_default();
    format!(
        "the Redis {url} of cache.redis.url is out of reach or takes no writes, so the servers were not told: \
         see whether it runs, and whether address and password are right"
    )
}

fn table(node: &Node) -> String {
    let Node { node, cache } = node;
    let CacheStatistics { caches, invalidations, refusals, redis } = cache;
    let mut text = format!(
        "node {node}: {invalidations} invalidations, {refusals} refusals\n  {:<12} {:>10} {:>10} {:>8} {:>9} {:>10} {:>10} {:>10} {:>8} {:>8} {:>9}\n",
        "CACHE",
        "HITS",
        "MISSES",
        "STALE",
        "ENTRIES",
        "BYTES",
        "R-HITS",
        "R-MISSES",
        "LOADS",
        "FAILED",
        "MEAN MS"
    );
    for named in caches {
        let (memory, shared) = (named.memory.unwrap_or_default(), named.redis.unwrap_or_default());
        let LevelStatistics { hits, misses, stale, entries, bytes, .. } = memory;
        text += &format!(
            "  {:<12} {hits:>10} {misses:>10} {stale:>8} {entries:>9} {bytes:>10} {:>10} {:>10} {:>8} {:>8} {:>9.1}\n",
            named.name,
            shared.hits,
            shared.misses,
            named.loads,
            named.load_failures + named.load_timeouts,
            named.load_time.mean().as_secs_f64() * 1e3,
        );
    }
    if let Some(redis) = redis {
        text += &format!(
            "  redis is {} for {} s: {} outages, {} recoveries, {} time-outs, {} errors, {} writes wait, {} were dropped\n",
            redis.state.as_str(),
            redis.since.as_secs(),
            redis.outages,
            redis.recoveries,
            redis.timeouts,
            redis.errors,
            redis.replay.waiting,
            redis.replay.dropped,
        );
        if let Some(server) = redis.server {
            text += &format!(
                "  its servers hold {} keys in {} bytes of {}, and evicted {}\n",
                server.keys,
                server.used_bytes,
                if server.max_bytes == 0 { "no bound".to_owned() } else { server.max_bytes.to_string() },
                server.evictions,
            );
        }
    }
    text
}
