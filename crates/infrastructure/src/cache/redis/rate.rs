use std::time::Duration;

use adstead_domain::RateLimit;
use adstead_domain::port::Allowance;

use super::{RedisCacheStrategy, Reply, scripts};

impl RedisCacheStrategy {
    /// Takes one call for `key`, by the time of Redis; nothing where Redis does not know of it now.
    pub(in crate::cache) async fn take(&self, key: &str, limit: RateLimit) -> Option<Allowance> {
        if !self.link.is_up() {
            return None;
        }
        let (share, calls) = (limit.share().as_micros(), limit.calls);
        let path = format!("{}:rate:{share}:{calls}:{key}", self.namespace);
        let arguments = vec![share.to_string().into(), calls.to_string().into()];
        let Reply::Numbers(told) = self.noted(self.run(&scripts::TAKE, path, arguments).await).ok()? else {
            return None;
        };
        self.link.note_written();
        let [wait, remaining, full_in] = *told else { return None };
        let micros = |micros: i64| Duration::from_micros(micros.unsigned_abs());
        Some(Allowance {
            retry_after: (wait > 0).then(|| micros(wait)),
            remaining: u32::try_from(remaining).unwrap_or(0),
            full_in: micros(full_in),
        })
    }
}
