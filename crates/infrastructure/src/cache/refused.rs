use std::time::Duration;

/// Why something cannot be cached. It says what is wrong, with what bound, and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A key, tag, name, prefix or pattern of no characters.
    #[error("the {what} is empty: give it at least one character")]
    Empty {
        /// What was refused.
        what: &'static str,
    },
    /// A key or tag that is too long.
    #[error("the {what} has {bytes} bytes, more than {max}: put a digest in the place of its long parts")]
    TooLong {
        /// What was refused.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The longest that is allowed.
        max: usize,
    },
    /// A control character, such as a line break.
    #[error("the {what} holds the control character U+{character:04X}: leave it out or encode it")]
    ControlCharacter {
        /// What was refused.
        what: &'static str,
        /// Its code point.
        character: u32,
    },
    /// The name of a cache with other characters than it may have.
    #[error("`{name}` cannot name a cache: use at most 32 of a–z, 0–9, `_` and `-`")]
    Name {
        /// The name.
        name: String,
    },
    /// A name that a cache with values of another type bears.
    #[error("the cache `{name}` holds values of another type: choose another name for these")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// More named caches than there is room for.
    #[error(
        "there are {max} named caches already: give values of one kind one cache, and tell them apart by their keys"
    )]
    TooManyCaches {
        /// The most that are allowed.
        max: usize,
    },
    /// A value larger than an entry may be.
    #[error(
        "the value takes {bytes} bytes, more than the {max} that an entry may take: cache a part of it, or raise the limit"
    )]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The largest that is allowed.
        max: u64,
    },
    /// More tags than an entry may carry.
    #[error("the entry carries {tags} tags, more than {max}: use tags that stand for more")]
    TooManyTags {
        /// How many there are.
        tags: usize,
        /// The most that are allowed.
        max: usize,
    },
    /// A time out of range.
    #[error("`{option}` is {time:?}: choose between {min:?} and {max:?}")]
    Time {
        /// The option.
        option: &'static str,
        /// What it is.
        time: Duration,
        /// The shortest that is allowed.
        min: Duration,
        /// The longest that is allowed.
        max: Duration,
    },
    /// A share out of range.
    #[error("`{option}` is {share}: choose between {min} and {max}")]
    Share {
        /// The option.
        option: &'static str,
        /// What it is.
        share: f64,
        /// The least that is allowed.
        min: f64,
        /// The most that is allowed.
        max: f64,
    },
    /// A prefix under which no entry is registered.
    #[error(
        "`{prefix}` is not the beginning of keys up to a colon, of {max} parts at most: \
         such are `ads:` and `ads:42:`; for any other pattern use a sweep"
    )]
    Prefix {
        /// The prefix.
        prefix: String,
        /// The most parts that a prefix may have.
        max: usize,
    },
    /// A pattern with a set that is not closed.
    #[error(
        "the pattern opens a set by `[` and does not close it: add `]`, or write `\\[` for the character"
    )]
    OpenSet,
    /// A value that cannot be written down.
    #[error("the value cannot be encoded: {reason}")]
    Encoding {
        /// What the encoder says.
        reason: String,
    },
}

/// Checks a text that becomes part of a key in Redis.
pub(super) fn check_text(what: &'static str, text: &str, max: usize) -> Result<(), Refused> {
    if text.is_empty() {
        return Err(Refused::Empty { what });
    }
    if text.len() > max {
        return Err(Refused::TooLong { what, bytes: text.len(), max });
    }
    match text.chars().find(|character| character.is_control()) {
        Some(character) => Err(Refused::ControlCharacter { what, character: u32::from(character) }),
        None => Ok(()),
    }
}
