use std::sync::atomic::{AtomicU32, Ordering};

/// Bounds the retries that a system gets, however many callers it has: while most calls fail, none is made again.
///
/// A failed call costs a token, a successful one brings a tenth of one, and retries are made while more than half of the
/// tokens are there (gRFC A6, *gRPC Retry Design*, "Throttling Retry Attempts and Hedged RPCs").
#[derive(Debug)]
pub struct RetryBudget {
    /// In tenths of a token.
    tenths: AtomicU32,
}

impl RetryBudget {
    const FULL: u32 = 100;
    const FAILURE: u32 = 10;
    const SUCCESS: u32 = 1;

    /// A budget of ten tokens, of which none was spent.
    pub fn new() -> Self {
        Self { tenths: AtomicU32::new(Self::FULL) }
    }

    /// Notes how a call ended.
    pub fn note(&self, is_success: bool) {
        // A full budget is the usual case and costs no write.
        if is_success && self.tenths.load(Ordering::Relaxed) == Self::FULL {
            return;
        }
        let changed = |tenths: u32| match is_success {
            true => (tenths + Self::SUCCESS).min(Self::FULL),
            false => tenths.saturating_sub(Self::FAILURE),
        };
        self.tenths.update(Ordering::Relaxed, Ordering::Relaxed, changed);
    }

    /// Whether a call that failed may be made again.
    pub fn allows(&self) -> bool {
        self.tenths.load(Ordering::Relaxed) > Self::FULL / 2
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sick_system_gets_no_retries_until_enough_calls_succeeded() {
        let budget = RetryBudget::new();
        let fail = || {
            budget.note(false);
            budget.allows()
        };
        assert_eq!([fail(), fail(), fail(), fail(), fail()], [true, true, true, true, false]);
        for _ in 0..20 {
            fail();
        }
        let successes = (1..).find(|_| {
            budget.note(true);
            budget.allows()
        });
        assert_eq!(successes, Some(51), "from nothing to more than half, by tenths");
    }
}
