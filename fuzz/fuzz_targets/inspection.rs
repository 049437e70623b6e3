//! Whatever a file is, it is taken or refused, and however it is cut, the verdict is the same.

#![no_main]

use adstead_domain::port::FileRules;
use adstead_domain::{ContentType, Inspected, Inspection};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    assert_eq!(inspect(file, 7), inspect(file, usize::MAX));
});

fn inspect(file: &[u8], piece: usize) -> Option<Inspected> {
    let rules = FileRules { declared: None, allowed: ContentType::ALL.to_vec(), max_bytes: 1 << 20 };
    let mut inspection = Inspection::new(rules);
    file.chunks(piece).try_for_each(|piece| inspection.look_at(piece)).ok()?;
    inspection.finish().ok()
}
