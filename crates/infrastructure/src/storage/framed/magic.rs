/// The bytes that a file in a form of its own begins with.
#[derive(Debug)]
pub(in crate::storage) struct Magic(pub(in crate::storage) [u8; Self::BYTES]);

/// What the beginning of a file has to do with a [`Magic`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::storage) enum Likeness {
    /// It is the whole of it.
    Same,
    /// It is a part of it, or nearly it: so begins a file that was damaged. A file whose content begins so is wrapped.
    Damaged,
    /// It is something else.
    None,
}

impl Magic {
    pub(in crate::storage) const BYTES: usize = 16;

    /// How much `start`, the first [`BYTES`](Self::BYTES) of a file or all that it has, is like this.
    pub(in crate::storage) fn likeness(&self, start: &[u8]) -> Likeness {
        let start = &start[..start.len().min(Self::BYTES)];
        let differing = start.iter().zip(self.0).filter(|(byte, expected)| *byte != expected).count();
        if differing == 0 && start.len() == Self::BYTES {
            Likeness::Same
        } else if !start.is_empty() && differing * 4 <= start.len() {
            Likeness::Damaged
        } else {
            Likeness::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_mark_is_told_from_another_file() {
        let magic = Magic(*b"\xadADSTEAD-TEST\r\n\x1a");
        let likeness = |start: &[u8]| magic.likeness(start);
        assert_eq!(likeness(b"\xadADSTEAD-TEST\r\n\x1a and more"), Likeness::Same);
        for damaged in
            [&b"\xadADSTEAD-TEST\r\n"[..], b"\xad", b"\x8dADSTEAD-TEST\r\n\x1a", b"\xadADxxxxD-TEST\r\n\x1a"]
        {
            assert_eq!(likeness(damaged), Likeness::Damaged, "{damaged:?}");
        }
        for other in [&b""[..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"A", b"\xadADxxxxx-TEST\r\n\x1a"] {
            assert_eq!(likeness(other), Likeness::None, "{other:?}");
        }
    }
}
