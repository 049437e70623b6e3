/// Cuts `rows` into chunks of few different lengths, so that their statements are prepared once and used again.
///
/// The greatest has 11 columns × 512 rows, well inside SQLite's 32,766 variables and MariaDB's 65,535.
pub(super) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    const LENGTHS: [usize; 4] = [512, 64, 8, 1];
    std::iter::from_fn(move || {
        let length = LENGTHS.into_iter().find(|&length| length <= rows.len())?;
        let (chunk, rest) = rows.split_at(length);
        rows = rest;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_different_lengths() {
        let rows: Vec<_> = (0..5000).collect();
        let lengths: Vec<_> = chunks(&rows).map(<[_]>::len).collect();
        assert_eq!(lengths, [[512; 9].as_slice(), &[64; 6], &[8; 1]].concat());
        assert_eq!(chunks(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(chunks::<u8>(&[]).count(), 0);
    }
}
