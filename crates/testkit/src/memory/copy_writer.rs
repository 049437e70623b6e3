use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use adstead_domain::AdCopy;
use adstead_domain::port::{
    CopyRequest, CopyWriter, Listener, PortError, PortErrorKind, Progress, RewriteRequest, UnknownProvider,
    Usage, Written,
};
use async_trait::async_trait;

/// A copy writer that answers what a test told it to, in that order, and remembers what it was asked.
///
/// Once its script is at an end, it writes plain lines that fit every platform, none of them twice.
#[derive(Debug, Default)]
pub struct ScriptedCopyWriter {
    script: Mutex<Script>,
    lines_written: AtomicU64,
}

#[derive(Debug, Default)]
struct Script {
    copies: VecDeque<Result<Vec<AdCopy>, PortErrorKind>>,
    lines: VecDeque<Result<Vec<String>, PortErrorKind>>,
    asked_to_write: Vec<CopyRequest>,
    asked_to_rewrite: Vec<RewriteRequest>,
}

impl ScriptedCopyWriter {
    /// The one provider that it knows.
    pub const PROVIDER: &str = "scripted";
    const MODEL: &str = "script-1";

    /// Answers the next call of `write` with these copies.
    #[must_use]
    pub fn writes(self, copies: impl Into<Vec<AdCopy>>) -> Self {
        self.script().copies.push_back(Ok(copies.into()));
        self
    }

    /// Answers the next call of `rewrite` with these lines.
    #[must_use]
    pub fn rewrites(self, lines: impl Into<Vec<String>>) -> Self {
        self.script().lines.push_back(Ok(lines.into()));
        self
    }

    /// Fails the next call of `write`.
    #[must_use]
    pub fn fails_to_write(self, kind: PortErrorKind) -> Self {
        self.script().copies.push_back(Err(kind));
        self
    }

    /// Fails the next call of `rewrite`.
    #[must_use]
    pub fn fails_to_rewrite(self, kind: PortErrorKind) -> Self {
        self.script().lines.push_back(Err(kind));
        self
    }

    /// What `write` was called with so far.
    pub fn asked_to_write(&self) -> Vec<CopyRequest> {
        self.script().asked_to_write.clone()
    }

    /// What `rewrite` was called with so far.
    pub fn asked_to_rewrite(&self) -> Vec<RewriteRequest> {
        self.script().asked_to_rewrite.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self) -> String {
        let count = self.lines_written.fetch_add(1, Ordering::SeqCst) + 1;
        format!("Plain line {count}")
    }

    fn lines(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.line()).collect()
    }
}

#[async_trait]
impl CopyWriter for ScriptedCopyWriter {
    async fn write(&self, request: &CopyRequest) -> Result<Written<Vec<AdCopy>>, PortError> {
        const OPERATION: &str = "copy_writer.write";
        refuse_strangers(request.call.provider.as_deref(), OPERATION)?;
        let mut script = self.script();
        script.asked_to_write.push(request.clone());
        let reply = script.copies.pop_front().unwrap_or_else(|| {
            let copy = || AdCopy {
                headlines: self.lines(request.headlines.max(1)),
                descriptions: self.lines(request.descriptions.max(1)),
                call_to_action: request.brief.call_to_action.clone(),
            };
            Ok((0..request.brief.variants).map(|_| copy()).collect())
        });
        if let (Some(listener), Ok(copies)) = (&request.call.listener, &reply) {
            let lines = copies.iter().flat_map(|copy| copy.headlines.iter().chain(&copy.descriptions));
            tell(listener, lines);
        }
        written(reply, OPERATION)
    }

    async fn rewrite(&self, request: &RewriteRequest) -> Result<Written<Vec<String>>, PortError> {
        const OPERATION: &str = "copy_writer.rewrite";
        refuse_strangers(request.call.provider.as_deref(), OPERATION)?;
        let mut script = self.script();
        script.asked_to_rewrite.push(request.clone());
        let reply = script.lines.pop_front().unwrap_or_else(|| Ok(self.lines(request.lines.len())));
        if let (Some(listener), Ok(lines)) = (&request.call.listener, &reply) {
            tell(listener, lines.iter());
        }
        written(reply, OPERATION)
    }
}

fn refuse_strangers(provider: Option<&str>, operation: &'static str) -> Result<(), PortError> {
    match provider {
        None | Some(ScriptedCopyWriter::PROVIDER) => Ok(()),
        Some(name) => Err(stranger(name, ScriptedCopyWriter::PROVIDER, operation)),
    }
}

/// What a stranger is refused with, by who knows one provider.
pub(super) fn stranger(name: &str, known: &str, operation: &'static str) -> PortError {
    let unknown = UnknownProvider { name: name.to_owned(), known: vec![known.to_owned()] };
    PortError::new(PortErrorKind::Rejected, operation).with_source(unknown)
}

/// Tells the answer line by line.
fn tell<'a>(listener: &Listener, lines: impl Iterator<Item = &'a String>) {
    let (provider, model) = (ScriptedCopyWriter::PROVIDER, ScriptedCopyWriter::MODEL);
    listener.tell(Progress::Began { provider, model });
    lines.for_each(|line| listener.tell(Progress::Wrote(&format!("{line}\n"))));
}

/// The scripted answer. Each call takes the same, so that a test can tell how many there were.
fn written<T>(reply: Result<T, PortErrorKind>, operation: &'static str) -> Result<Written<T>, PortError> {
    let content = reply.map_err(|kind| PortError::new(kind, operation))?;
    let usage = Usage {
        provider: ScriptedCopyWriter::PROVIDER.to_owned(),
        model: ScriptedCopyWriter::MODEL.to_owned(),
        input_tokens: 100,
        output_tokens: 50,
        cost_micros: Some(10),
        latency_ms: 1,
        cached: false,
    };
    Ok(Written { content, usage })
}
