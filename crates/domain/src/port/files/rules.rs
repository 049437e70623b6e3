use crate::ContentType;

/// What a file must be like to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRules {
    /// The type that its sender says it has; nothing where the sender does not say.
    pub declared: Option<ContentType>,
    /// The types that are welcome.
    pub allowed: Vec<ContentType>,
    /// The largest size in bytes.
    pub max_bytes: u64,
}

/// Why a file was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// It is longer than the limit.
    #[error("the file is larger than {max_bytes} bytes: send a smaller one")]
    TooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// It is longer or shorter than announced.
    #[error(
        "the file was announced with {announced} bytes, but {found} arrived: send it again, under its true size"
    )]
    WrongSize {
        /// What was announced.
        announced: u64,
        /// What arrived; where it was longer, that up to where it was noticed.
        found: u64,
    },
    /// It holds nothing.
    #[error("the file is empty: send its content as the body")]
    Empty,
    /// Its content is of no type that is welcome.
    #[error("the file's content is {found}, which is not allowed here: send one of {allowed}")]
    TypeNotAllowed {
        /// What the content looks like.
        found: String,
        /// The types that are welcome, listed.
        allowed: String,
    },
    /// Its content is not what its sender says.
    #[error("the file is declared as {declared}, but its content is {found}: send it under its true type")]
    Mislabelled {
        /// What its sender says.
        declared: ContentType,
        /// What the content looks like.
        found: String,
    },
    /// It is an image of more pixels than anybody shows: a decompression bomb, or a mistake.
    #[error(
        "the image is {width} × {height} pixels: send one of at most {max_side} pixels a side and {max_megapixels} \
         megapixels in all"
    )]
    TooManyPixels {
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
        /// The most pixels of either side.
        max_side: u32,
        /// The most pixels in all, in millions.
        max_megapixels: u64,
    },
    /// It is an animation of more pictures than anybody shows.
    #[error("the animation has more than {max_frames} pictures: send one of fewer, or a video")]
    TooManyFrames {
        /// The most pictures.
        max_frames: u32,
    },
    /// It begins as a file of its type, and does not go on as one.
    #[error(
        "the file looks like {content_type}, but cannot be read as such: it is damaged, so export it again"
    )]
    Damaged {
        /// What it looks like.
        content_type: ContentType,
    },
    /// It ends too early.
    #[error(
        "the file looks like {content_type}, but is cut short: it has {size_bytes} bytes and should go on, so send it again"
    )]
    CutShort {
        /// What it looks like.
        content_type: ContentType,
        /// What there is of it, in bytes.
        size_bytes: u64,
    },
    /// It goes on where a file of its type ends: something else may hide there.
    #[error(
        "the file is {content_type} up to byte {end}, and something else after it: export it again, so that it holds nothing \
         but itself"
    )]
    Trailing {
        /// What it is at first.
        content_type: ContentType,
        /// The size in bytes of what it is at first.
        end: u64,
    },
}

/// A store was asked for what it cannot do; its [`FileCapabilities`](super::FileCapabilities) say so beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// [`Precondition::Absent`](super::Precondition::Absent).
    #[error("this storage cannot make sure that nothing is replaced")]
    CreateOnly,
    /// [`Precondition::Matches`](super::Precondition::Matches).
    #[error("this storage cannot make sure what is replaced")]
    IfMatch,
    /// Presigned requests.
    #[error("this storage cannot sign requests")]
    Presigned,
}
