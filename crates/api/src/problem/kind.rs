use axum::http::StatusCode;

/// Declares the kinds of problems: the word in `type`, the status, and the title.
macro_rules! problem_kinds {
    ($($(#[$doc:meta])* $kind:ident = $slug:literal, $status:ident, $title:literal;)+) => {
        /// A kind of problem. Its `type` never changes, so that programs can act on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum ProblemKind {
            $($(#[$doc])* $kind,)+
        }

        impl ProblemKind {
            /// All of them, by status.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The URI that names it.
            pub(crate) const fn uri(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!("urn:adstead:problem:", $slug),)+
                }
            }

            /// The status that goes with it.
            pub(crate) const fn status(self) -> StatusCode {
                match self {
                    $(Self::$kind => StatusCode::$status,)+
                }
            }

            /// What it is, the same for each occurrence.
            pub(crate) const fn title(self) -> &'static str {
                match self {
                    $(Self::$kind => $title,)+
                }
            }
        }
    };
}

problem_kinds! {
    /// The request cannot be read.
    MalformedRequest = "malformed-request", BAD_REQUEST, "The request cannot be read";
    /// Nobody knows who asks.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "A valid API key is missing";
    /// Who asks may not do that.
    Forbidden = "forbidden", FORBIDDEN, "This key may not do that";
    /// The account has no such thing.
    NotFound = "not-found", NOT_FOUND, "There is no such thing";
    /// The path takes other methods.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This path does not take that method";
    /// The present state forbids the step.
    WrongState = "wrong-state", CONFLICT, "The present state does not allow that";
    /// A name is taken.
    Taken = "taken", CONFLICT, "The name is taken";
    /// What is stored stands against it.
    Conflict = "conflict", CONFLICT, "It conflicts with what is stored";
    /// Somebody else was faster.
    Changed = "changed", CONFLICT, "It was changed in the meantime";
    /// The first call with an idempotency key has not ended yet.
    IdempotencyKeyInUse = "idempotency-key-in-use", CONFLICT, "The first call with this key is still running";
    /// The first call with an idempotency key ended in a way that nobody knows.
    OutcomeUnknown = "outcome-unknown", CONFLICT, "Nobody knows what the first call with this key did";
    /// The version named in `If-Match` is not the present one.
    Stale = "stale", PRECONDITION_FAILED, "It is not at the version that you saw";
    /// The body is too large.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is of a type that is not taken.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "Content of this type is not taken";
    /// The file has no such bytes.
    RangeNotSatisfiable = "range-not-satisfiable", RANGE_NOT_SATISFIABLE, "The file has no such range";
    /// Values of the request break rules.
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "The request breaks rules";
    /// An idempotency key came with another request before.
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "This key was used for another request";
    /// The account has made as many requests as it may for now.
    RateLimited = "rate-limited", TOO_MANY_REQUESTS, "Too many requests";
    /// Something is wrong on our side.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something failed on the server";
    /// What a provider wrote breaks the platform's limits.
    UnusableCopy = "unusable-copy", BAD_GATEWAY, "The copy that was written cannot be used";
    /// Providers refuse the work or answer nonsense.
    WriterFailed = "writer-failed", BAD_GATEWAY, "No provider wrote the copy";
    /// Providers are out of reach or have too much to do.
    WriterUnavailable = "writer-unavailable", SERVICE_UNAVAILABLE, "No provider is available at present";
    /// Providers do not answer.
    WriterTimeout = "writer-timeout", GATEWAY_TIMEOUT, "No provider answered in time";
    /// Too many requests are being served.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "The server has too much to do";
    /// A system behind the API is out of reach.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "A system behind the API is not available";
    /// A disk behind the API is full.
    Full = "full", SERVICE_UNAVAILABLE, "There is no room left";
    /// A system behind the API does not answer.
    Timeout = "timeout", GATEWAY_TIMEOUT, "No answer in time";
}

impl ProblemKind {
    /// Whether the same request may succeed a little later, having had no effect now.
    pub(crate) fn is_passing(self) -> bool {
        matches!(self.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
    }
}
