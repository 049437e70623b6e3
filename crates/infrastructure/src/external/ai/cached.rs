use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{CopyRequest, CopyWriter, ModelCall, PortError, RewriteRequest, Usage, Written};
use adstead_domain::{AdCopy, Sha256Digest};
use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OFFLINE;
use super::provider::tell;
use crate::cache::{Cache, CacheManager, EntryOptions, Refused};

/// Answers a wish that an account had before with what it got then: the same words to the same provider, on any node.
///
/// Such an answer took no tokens, no money and no time, and says that it is [`cached`](Usage::cached). What the built-in
/// writer writes is not kept: it costs nothing, and stands in for a model that may be back by the next time.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use adstead_domain::port::CopyWriter;
/// use adstead_infrastructure::cache::{CacheConfig, CacheManager, Refused};
/// use adstead_infrastructure::external::ai::CachedCopyWriter;
///
/// fn cached(writer: Arc<dyn CopyWriter>) -> Result<CachedCopyWriter, Refused> {
///     let cache = CacheManager::new(&CacheConfig::in_memory(64 << 20));
///     CachedCopyWriter::new(writer, &cache, Duration::from_secs(3_600))
/// }
/// ```
pub struct CachedCopyWriter {
    writer: Arc<dyn CopyWriter>,
    copies: Cache<Written<Vec<AdCopy>>>,
    lines: Cache<Written<Vec<String>>>,
}

impl CachedCopyWriter {
    /// What `writer` writes, kept in the caches `copies` and `lines` of `cache` for so long, 1 ms to 366 days.
    ///
    /// # Errors
    /// A time that is out of range.
    pub fn new(
        writer: Arc<dyn CopyWriter>,
        cache: &CacheManager,
        kept_for: Duration,
    ) -> Result<Self, Refused> {
        let copies = EntryOptions::new(kept_for).weighing(|written: &Written<Vec<AdCopy>>| {
            weight(written.content.iter().flat_map(|copy| copy.headlines.iter().chain(&copy.descriptions)))
        });
        let lines = EntryOptions::new(kept_for)
            .weighing(|written: &Written<Vec<String>>| weight(written.content.iter()));
        Ok(Self { writer, copies: cache.cache("copies", copies)?, lines: cache.cache("lines", lines)? })
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl CopyWriter for CachedCopyWriter {
    async fn write(&self, request: &CopyRequest) -> Result<Written<Vec<AdCopy>>, PortError> {
        let CopyRequest { brief, headlines, descriptions, limits: _, call } = request;
        let key = key(call, &(brief, headlines, descriptions));
        if let Some(kept) = kept(&self.copies, call, &key).await {
            let lines = kept.content.iter().flat_map(|copy| copy.headlines.iter().chain(&copy.descriptions));
            retell(call, &kept.usage, lines);
            return Ok(kept);
        }
        let written = self.writer.write(request).await?;
        // Of an answer that fell short, more is asked for the next time.
        if written.content.len() == usize::from(brief.variants) {
            keep(&self.copies, &key, &written).await;
        }
        Ok(written)
    }

    async fn rewrite(&self, request: &RewriteRequest) -> Result<Written<Vec<String>>, PortError> {
        let RewriteRequest { brief, limits: _, lines, taken, call } = request;
        let key = key(call, &(brief, lines, taken));
        if let Some(kept) = kept(&self.lines, call, &key).await {
            retell(call, &kept.usage, kept.content.iter());
            return Ok(kept);
        }
        let written = self.writer.rewrite(request).await?;
        // Of lines that fail again, other ones are asked for the next time.
        if request.is_met_by(&written.content) {
            keep(&self.lines, &key, &written).await;
        }
        Ok(written)
    }
}

/// What is kept.
trait Answer: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Answer for T {}

/// A wish, by whom it was had, and whom it was for.
fn key(call: &ModelCall, wish: &impl Debug) -> String {
    let ModelCall { prompt, provider, payer, deadline: _, listener: _, fresh: _ } = call;
    let told = format!("{:?}", (prompt, provider, wish));
    format!("{}:{}", payer.account, Sha256Digest::of(told.as_bytes()))
}

/// What was answered before, where that will do.
async fn kept<T: Answer>(cache: &Cache<Written<T>>, call: &ModelCall, key: &str) -> Option<Written<T>> {
    if call.fresh {
        return None;
    }
    let Written { content, usage } = Arc::unwrap_or_clone(cache.get(key).await?);
    let usage = Usage {
        input_tokens: 0,
        output_tokens: 0,
        cost_micros: Some(0),
        latency_ms: 0,
        cached: true,
        ..usage
    };
    Some(Written { content, usage })
}

async fn keep<T: Answer>(cache: &Cache<Written<T>>, key: &str, written: &Written<T>) {
    if written.usage.provider == OFFLINE {
        return;
    }
    // An answer that cannot be kept is an answer all the same.
    if let Err(refused) = cache.set(key, Arc::new(written.clone())).await {
        tracing::warn!(error = %refused, "what a model wrote is not kept");
    }
}

fn retell<'a>(call: &ModelCall, usage: &Usage, lines: impl Iterator<Item = &'a String>) {
    if let Some(listener) = &call.listener {
        tell(listener, &usage.provider, &usage.model, lines);
    }
}

/// How many bytes an answer takes in memory, about.
fn weight<'a>(lines: impl Iterator<Item = &'a String>) -> u32 {
    const FRAME: usize = 512;
    let bytes = lines.map(|line| line.len() + size_of::<String>()).sum::<usize>() + FRAME;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
