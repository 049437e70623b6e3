//! What nodes tell each other over Redis, as text that an operator can read along with `SUBSCRIBE`:
//!
//! ```text
//! tags <node> <stripe>=<time> …        these stripes were invalidated
//! keys <node>\n<cache>:<key>\n…        these keys were written or deleted
//! sweep <node> <pattern>               keys that match were swept
//! beat <node> <number>                 a node hears itself
//! ask <node>                           all nodes are to tell their statistics
//! told <node> <asker> …                here they are, in MessagePack
//! ```
//!
//! A key holds no control character, so a line break divides them.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::cache::tags::Stripe;

/// One of them, and who sent it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cache) struct Message<'a> {
    pub(in crate::cache) node: u64,
    pub(in crate::cache) says: Says<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(in crate::cache) enum Says<'a> {
    Tags(Vec<(Stripe, u64)>),
    Keys(Vec<&'a str>),
    Sweep(&'a str),
    Beat(u64),
    Ask,
    Told { asker: u64, statistics: &'a [u8] },
}

impl Message<'_> {
    pub(in crate::cache) fn encode(&self) -> Bytes {
        let Self { node, says } = self;
        match says {
            Says::Tags(times) => {
                let mut text = tags_of(*node);
                for (stripe, time) in times {
                    write!(text, " {}={time}", stripe.number()).expect("a string takes all text");
                }
                text
            }
            Says::Keys(keys) => format!("keys {node:016x}\n{}", keys.join("\n")),
            Says::Sweep(pattern) => format!("sweep {node:016x} {pattern}"),
            Says::Beat(number) => format!("beat {node:016x} {number}"),
            Says::Ask => format!("ask {node:016x}"),
            Says::Told { asker, statistics } => {
                return [format!("told {node:016x} {asker:016x} ").as_bytes(), statistics].concat().into();
            }
        }
        .into()
    }
}

/// The beginning of a message of invalidated stripes, to which a script adds the rest.
pub(in crate::cache) fn tags_of(node: u64) -> String {
    format!("tags {node:016x}")
}

impl<'a> Message<'a> {
    /// What was sent; nothing where it was sent by somebody who speaks otherwise.
    pub(in crate::cache) fn decode(text: &'a [u8]) -> Option<Self> {
        if let Some(rest) = text.strip_prefix(b"told ") {
            let (node, rest) = number(rest)?;
            let (asker, rest) = number(rest.strip_prefix(b" ")?)?;
            return Some(Self { node, says: Says::Told { asker, statistics: rest.strip_prefix(b" ")? } });
        }
        let (kind, rest) = std::str::from_utf8(text).ok()?.split_once(' ')?;
        let (node, rest) = number(rest.as_bytes())?;
        let rest = std::str::from_utf8(rest).ok()?;
        let says = match kind {
            "tags" => Says::Tags(rest.split_whitespace().map(stripe).collect::<Option<_>>()?),
            "keys" => Says::Keys(rest.strip_prefix('\n')?.split('\n').collect()),
            "sweep" => Says::Sweep(rest.strip_prefix(' ')?),
            "beat" => Says::Beat(rest.strip_prefix(' ')?.parse().ok()?),
            "ask" => Says::Ask,
            _ => return None,
        };
        Some(Self { node, says })
    }
}

/// Sixteen hexadecimal digits, and what follows them.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (digits, rest) = text.split_at_checked(16)?;
    Some((u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?, rest))
}

fn stripe(text: &str) -> Option<(Stripe, u64)> {
    let (stripe, time) = text.split_once('=')?;
    Some((Stripe::from_number(stripe.parse().ok()?)?, time.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_understood() {
        let stripe = Stripe::of_tag("account:1");
        for says in [
            Says::Tags(vec![(stripe, 7), (Stripe::EVERYTHING, u64::MAX)]),
            Says::Keys(vec!["ads:a b", "ads:c"]),
            Says::Sweep("ads:*:x"),
            Says::Beat(3),
            Says::Ask,
            Says::Told { asker: 7, statistics: &[0xFF, b' ', b'\n', 0] },
        ] {
            let message = Message { node: 0xAB, says };
            assert_eq!(Message::decode(&message.encode()), Some(message));
        }
    }

    #[test]
    fn what_is_not_understood_is_no_message() {
        for text in
            ["", "tags", "tags 12 1=2", "tags 00000000000000ab 70000=1", "keys 00000000000000ab", "hello ab"]
        {
            assert_eq!(Message::decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Message::decode(&[0xFF, b' ']), None);
    }
}
