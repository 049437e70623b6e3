//! The contracts of [`Clock`], [`IdGenerator`] and [`Entropy`].

use std::collections::HashSet;
use std::thread;

use adstead_domain::port::{Clock, Entropy, IdGenerator};
use uuid::{Uuid, Variant};

use super::Case;
use crate::cases;

/// What every [`Clock`] must do.
pub const CLOCK_CASES: &[Case<dyn Clock>] =
    cases![time_does_not_run_backwards, time_is_after_the_first_of_2020];

/// What every [`IdGenerator`] must do.
pub const ID_CASES: &[Case<dyn IdGenerator>] = cases![
    each_id_is_new,
    each_id_is_new_across_threads,
    ids_have_the_shape_of_uuid_v7,
    ids_sort_by_the_millisecond_in_which_they_were_made,
];

/// What every [`Entropy`] must do, as far as bytes can show it.
pub const ENTROPY_CASES: &[Case<dyn Entropy>] = cases![
    bytes_differ_each_time,
    every_byte_is_filled,
    about_half_of_the_bits_are_set,
    no_bytes_are_no_trouble
];

const MANY: usize = 10_000;

async fn time_does_not_run_backwards(clock: &dyn Clock) {
    let times: Vec<_> = (0..MANY).map(|_| clock.now()).collect();
    assert!(times.is_sorted(), "the clock went back without being set");
}

async fn time_is_after_the_first_of_2020(clock: &dyn Clock) {
    let now = clock.now();
    assert!(now.as_second() > 1_577_836_800, "a clock that shows {now} counts in other units");
}

async fn each_id_is_new(ids: &dyn IdGenerator) {
    let made: HashSet<Uuid> = (0..MANY).map(|_| ids.next()).collect();
    assert_eq!(made.len(), MANY);
}

async fn each_id_is_new_across_threads(ids: &dyn IdGenerator) {
    let made: Vec<Uuid> = thread::scope(|scope| {
        let makers = [(); 4].map(|()| scope.spawn(|| (0..MANY).map(|_| ids.next()).collect::<Vec<_>>()));
        makers.into_iter().flat_map(|maker| maker.join().expect("a thread makes ids")).collect()
    });
    assert_eq!(made.iter().collect::<HashSet<_>>().len(), 4 * MANY);
}

async fn ids_have_the_shape_of_uuid_v7(ids: &dyn IdGenerator) {
    for id in (0..MANY).map(|_| ids.next()) {
        assert_eq!((id.get_version_num(), id.get_variant()), (7, Variant::RFC4122), "{id}");
    }
}

async fn ids_sort_by_the_millisecond_in_which_they_were_made(ids: &dyn IdGenerator) {
    const BYTES_OF_THE_TIME: usize = 6;
    let times: Vec<_> = (0..MANY).map(|_| ids.next().as_bytes()[..BYTES_OF_THE_TIME].to_vec()).collect();
    assert!(times.is_sorted(), "an id begins with a time before that of an earlier one");
}

async fn bytes_differ_each_time(entropy: &dyn Entropy) {
    let keys: HashSet<[u8; 32]> = (0..MANY).map(|_| filled(entropy)).collect();
    assert_eq!(keys.len(), MANY);
}

async fn every_byte_is_filled(entropy: &dyn Entropy) {
    // A byte is zero by chance once in 256 times, and never in each of many keys.
    for length in [1, 7, 32, 33, 100] {
        let mut seen = vec![0; length];
        for _ in 0..64 {
            let mut key = vec![0; length];
            entropy.fill(&mut key);
            seen.iter_mut().zip(key).for_each(|(seen, byte)| *seen |= byte);
        }
        assert!(seen.iter().all(|byte| *byte != 0), "of {length} bytes some were never filled: {seen:?}");
    }
}

async fn about_half_of_the_bits_are_set(entropy: &dyn Entropy) {
    let keys = (0..MANY).map(|_| filled(entropy));
    let set: u32 = keys.flat_map(|key: [u8; 32]| key.map(u8::count_ones)).sum();
    let share = f64::from(set) / (MANY * 256) as f64;
    // Eight standard deviations of two and a half million tosses of a coin.
    assert!((share - 0.5).abs() < 0.0025, "{share} of the bits are set");
}

async fn no_bytes_are_no_trouble(entropy: &dyn Entropy) {
    entropy.fill(&mut []);
}

fn filled(entropy: &dyn Entropy) -> [u8; 32] {
    let mut key = [0; 32];
    entropy.fill(&mut key);
    key
}
