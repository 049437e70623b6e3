use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{FileRefusal, PortError, PortErrorKind, Unsupported};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};

/// How much of what a server tells of an error is passed on, in characters.
const TOLD: usize = 300;

type Cause = Box<dyn Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub(super) enum CloudStorageError {
    #[error("{0}")]
    Setting(String),
    #[error("{place} does not exist: create it, or correct its name, its region or the address")]
    NoSuchBucket { place: Arc<str>, source: Box<Answer> },
    #[error("{place} is in the region {region}: set that one")]
    WrongRegion { place: Arc<str>, region: String },
    #[error(
        "{place} refuses the access key: check its id and secret, whether it has expired, and the clock of this machine"
    )]
    RefusedKey { place: Arc<str>, source: Box<Answer> },
    #[error("the access key may not {action} in {place}: give it the right to, or use another")]
    Forbidden { place: Arc<str>, action: &'static str, source: Box<Answer> },
    #[error("{place} is too busy to {action}")]
    Busy { place: Arc<str>, action: &'static str, source: Box<Answer> },
    #[error("{place} has no room to {action}")]
    Full { place: Arc<str>, action: &'static str, source: Box<Answer> },
    #[error("{place} was too slow to {action}")]
    Slow { place: Arc<str>, action: &'static str, source: Cause },
    #[error("{place} cannot be reached to {action}: check the address and the network")]
    Unreachable { place: Arc<str>, action: &'static str, source: Cause },
    #[error(
        "no credentials for {place} were found: set the id and the secret of an access key, or give the machine a role"
    )]
    NoCredentials { place: Arc<str>, source: Cause },
    #[error("{place} was not asked to {action}: the request could not be made or signed")]
    Unsent { place: Arc<str>, action: &'static str, source: Cause },
    #[error("{place} broke off its answer when it was to {action}")]
    CutShort { place: Arc<str>, action: &'static str, source: Cause },
    #[error(
        "the answer of {place}, which was to {action}, cannot be understood: it is no server of S3, or one with a fault"
    )]
    Senseless { place: Arc<str>, action: &'static str, source: Cause },
    #[error("{place} did not {action}")]
    Answered { place: Arc<str>, action: &'static str, source: Box<Answer> },
    #[error("{place} did not say {what} when it was to {action}: it is no server of S3, or one with a fault")]
    Incomplete { place: Arc<str>, action: &'static str, what: &'static str },
    #[error("{place} cannot delete {failed} of {asked} files, {first:?} among them")]
    NotDeleted { place: Arc<str>, failed: usize, asked: usize, first: String, source: Box<Answer> },
    #[error("{place} stopped sending the file at byte {position} of {end}, {attempts} times in a row")]
    BrokenOff { place: Arc<str>, position: u64, end: u64, attempts: u32, source: Cause },
    #[error("the content of the file is not what its checksum says")]
    Damaged { source: Cause },
    #[error("the key holds a file already")]
    Present,
    #[error("the file was replaced or removed since it was seen")]
    Replaced,
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    #[error("{0:?} is no cursor of a list of files: ask for the first page again")]
    Cursor(String),
    #[error("{0:?} is no time that a signed request may be good for: use 1 s to 7 days")]
    Expiry(Duration),
    #[error(
        "the file has more than {parts} parts of {part_bytes} bytes: announce its size, or use larger parts"
    )]
    TooManyParts { parts: u64, part_bytes: u64 },
    #[error(transparent)]
    Refused(#[from] FileRefusal),
    #[error("the task that began to store the file ended before it did")]
    Lost { source: Cause },
    /// What came with the file that was to be stored.
    #[error(transparent)]
    Incoming(#[from] PortError),
}

/// What a server said of a request that it did not obey: its status, its code, and the beginning of its message.
#[derive(Debug, thiserror::Error)]
#[error("the server answered {told}")]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) code: String,
    told: String,
    retry_after: Option<Duration>,
    region: Option<String>,
}

impl Answer {
    pub(super) fn new(status: u16, code: Option<&str>, message: Option<&str>) -> Self {
        let told = [
            (status > 0).then(|| status.to_string()),
            code.map(ToOwned::to_owned),
            message.map(|message| {
                format!("({})", message.chars().filter(|c| !c.is_control()).collect::<String>())
            }),
        ];
        let told = told.into_iter().flatten().collect::<Vec<_>>().join(" ").chars().take(TOLD).collect();
        let code = code.unwrap_or_default().to_owned();
        Self { status, code, told, retry_after: None, region: None }
    }

    fn of<E: ProvideErrorMetadata>(error: &E, response: &HttpResponse) -> Self {
        let header = |name| response.headers().get(name);
        let answer = Self::new(response.status().as_u16(), error.code(), error.message());
        Self {
            retry_after: header("retry-after").and_then(|it| it.parse().ok()).map(Duration::from_secs),
            region: header("x-amz-bucket-region").map(ToOwned::to_owned),
            ..answer
        }
    }

    fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    /// Whether a condition of the request did not hold, or another request that stores won.
    pub(super) fn is_condition(&self) -> bool {
        self.is(&["PreconditionFailed", "ConditionalRequestConflict"]) || self.status == 412
    }

    /// Whether there is no such file.
    pub(super) fn is_absence(&self) -> bool {
        self.status == 404 && !self.is(&["NoSuchBucket", "NoSuchUpload"])
    }

    /// Whether the file ends before the bytes that were asked for.
    pub(super) fn is_past_the_end(&self) -> bool {
        self.status == 416
    }

    pub(super) fn is_forgotten_upload(&self) -> bool {
        self.is(&["NoSuchUpload"])
    }
}

impl CloudStorageError {
    /// Why the server did not do what it was asked to.
    pub(super) fn of<E>(place: &Arc<str>, action: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let place = Arc::clone(place);
        let is_slow = match &error {
            SdkError::TimeoutError(_) => true,
            SdkError::DispatchFailure(failure) => failure.is_timeout(),
            _ => false,
        };
        // A success that cannot be read.
        let is_senseless = matches!(
            &error,
            SdkError::ServiceError(error) if error.raw().status().is_success() && error.err().code().is_none()
        );
        match error {
            SdkError::ServiceError(_) if is_senseless => {
                Self::Senseless { place, action, source: cause(error) }
            }
            SdkError::ServiceError(error) => {
                Self::answered(place, action, Answer::of(error.err(), error.raw()))
            }
            SdkError::ResponseError(_) => Self::CutShort { place, action, source: cause(error) },
            SdkError::ConstructionFailure(_) => Self::Unsent { place, action, source: cause(error) },
            SdkError::DispatchFailure(failure) if lacks_credentials(&failure) => Self::NoCredentials {
                place,
                source: cause(SdkError::<E, HttpResponse>::DispatchFailure(failure)),
            },
            _ if is_slow => Self::Slow { place, action, source: cause(error) },
            _ => Self::Unreachable { place, action, source: cause(error) },
        }
    }

    pub(super) fn answered(place: Arc<str>, action: &'static str, answer: Answer) -> Self {
        let source = Box::new(answer);
        if source.is(&["NoSuchBucket"]) {
            Self::NoSuchBucket { place, source }
        } else if source.is(REFUSED_KEY) || source.status == 401 {
            Self::RefusedKey { place, source }
        } else if source.status == 301 || source.is(&["AuthorizationHeaderMalformed", "PermanentRedirect"]) {
            match source.region {
                Some(region) => Self::WrongRegion { place, region },
                None => Self::Answered { place, action, source },
            }
        } else if source.is(&["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"])
            || source.status == 507
        {
            Self::Full { place, action, source }
        } else if source.is(BUSY) || source.status == 429 || (500..600).contains(&source.status) {
            Self::Busy { place, action, source }
        } else if source.status == 403 {
            Self::Forbidden { place, action, source }
        } else {
            Self::Answered { place, action, source }
        }
    }

    /// What the server said, where it said something.
    pub(super) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::NoSuchBucket { source, .. }
            | Self::RefusedKey { source, .. }
            | Self::Forbidden { source, .. }
            | Self::Busy { source, .. }
            | Self::Full { source, .. }
            | Self::Answered { source, .. }
            | Self::NotDeleted { source, .. } => Some(source),
            _ => None,
        }
    }

    pub(super) fn into_port(self, operation: &'static str) -> PortError {
        let kind = match &self {
            // As it came.
            Self::Incoming(_) | Self::Lost { .. } => PortErrorKind::Unexpected,
            Self::Setting(_)
            | Self::Unsupported(_)
            | Self::Cursor(_)
            | Self::Expiry(_)
            | Self::TooManyParts { .. }
            | Self::Refused(_) => PortErrorKind::Rejected,
            Self::NoSuchBucket { .. }
            | Self::WrongRegion { .. }
            | Self::RefusedKey { .. }
            | Self::NoCredentials { .. }
            | Self::Forbidden { .. }
            | Self::Busy { .. }
            | Self::Unreachable { .. }
            | Self::Unsent { .. }
            | Self::CutShort { .. } => PortErrorKind::Unavailable,
            Self::BrokenOff { source, .. } if source.is::<Stalled>() => PortErrorKind::Timeout,
            Self::BrokenOff { .. } => PortErrorKind::Unavailable,
            Self::Full { .. } => PortErrorKind::Full,
            Self::Slow { .. } => PortErrorKind::Timeout,
            Self::Senseless { .. } | Self::Incomplete { .. } | Self::Damaged { .. } => PortErrorKind::Corrupt,
            Self::Present => PortErrorKind::Conflict,
            Self::Replaced => PortErrorKind::Stale,
            Self::Answered { source, .. } if source.is(&["EntityTooLarge"]) => PortErrorKind::Rejected,
            Self::NotDeleted { source, .. } if source.is(BUSY) || source.is(&["AccessDenied"]) => {
                PortErrorKind::Unavailable
            }
            Self::Answered { .. } | Self::NotDeleted { .. } => PortErrorKind::Unexpected,
        };
        let retry_after = self.answer().and_then(|answer| answer.retry_after);
        let error = PortError { retry_after, ..PortError::new(kind, operation) };
        match self {
            Self::Incoming(incoming) => incoming,
            Self::Unsupported(unsupported) => error.with_source(unsupported),
            Self::Refused(refusal) => error.with_source(refusal),
            other => error.with_source(other),
        }
    }
}

/// No byte of a file came for so long.
#[derive(Debug, thiserror::Error)]
#[error("no byte came for {0:?}")]
pub(super) struct Stalled(pub(super) Duration);

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
const REFUSED_KEY: &[&str] = &[
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "NotSignedUp",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
];

const BUSY: &[&str] = &[
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "SlowDownRead",
    "SlowDownWrite",
];

fn lacks_credentials(failure: &DispatchFailure) -> bool {
    let cause = failure.as_connector_error().and_then(Error::source);
    cause.is_some_and(<dyn Error>::is::<CredentialsError>)
}

fn cause<E>(error: SdkError<E, HttpResponse>) -> Cause
where
    E: Error + Send + Sync + 'static,
{
    error.into_source().unwrap_or_else(|error| error.to_string().into())
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::operation::head_bucket::HeadBucketError;
    use aws_smithy_runtime_api::client::result::ConnectorError;

    use super::*;

    fn kind(status: u16, code: &str) -> (PortErrorKind, String) {
        let answer = Answer::new(status, Some(code), Some("no\r\nway"));
        let error =
            CloudStorageError::answered("the bucket \"b\" at http://s3/".into(), "store the file", answer);
        let told = error.to_string();
        (error.into_port("files.put").kind, told)
    }

    #[test]
    fn what_a_server_says_has_a_kind_and_says_what_to_do() {
        for (status, code, expected, told) in [
            (404, "NoSuchBucket", PortErrorKind::Unavailable, "does not exist: create it"),
            (
                403,
                "SignatureDoesNotMatch",
                PortErrorKind::Unavailable,
                "refuses the access key: check its id",
            ),
            (403, "AccessDenied", PortErrorKind::Unavailable, "may not store the file in"),
            (503, "SlowDown", PortErrorKind::Unavailable, "is too busy to store the file"),
            (500, "InternalError", PortErrorKind::Unavailable, "is too busy to store the file"),
            (507, "Whatever", PortErrorKind::Full, "has no room to store the file"),
            (400, "QuotaExceeded", PortErrorKind::Full, "has no room to store the file"),
            (400, "EntityTooLarge", PortErrorKind::Rejected, "did not store the file"),
            (400, "InvalidArgument", PortErrorKind::Unexpected, "did not store the file"),
        ] {
            let (kind, text) = kind(status, code);
            assert_eq!(kind, expected, "{code}");
            assert!(text.contains(told), "{text}");
        }
    }

    #[test]
    fn credentials_that_were_not_found_are_no_matter_of_the_network() {
        let cause = CredentialsError::not_loaded("no credentials found in chain");
        let failure =
            SdkError::<HeadBucketError, _>::dispatch_failure(ConnectorError::other(cause.into(), None));
        let error = CloudStorageError::of(&"the bucket \"b\" at Amazon S3".into(), "be looked at", failure);
        let told = "no credentials for the bucket \"b\" at Amazon S3 were found: set the id and the secret";
        assert!(error.to_string().starts_with(told), "{error}");
        assert_eq!(error.into_port("files.check").kind, PortErrorKind::Unavailable);
    }

    #[test]
    fn an_answer_is_one_short_line() {
        let answer = Answer::new(503, Some("SlowDown"), Some("reduce\nyour rate"));
        assert_eq!(answer.to_string(), "the server answered 503 SlowDown (reduceyour rate)");
        assert_eq!(Answer::new(404, None, None).to_string(), "the server answered 404");
        assert!(Answer::new(500, None, Some(&"x".repeat(5_000))).to_string().len() < 400);
    }
}
