//! What files may be, and what they may be called.

use adstead_domain::port::{FileRefusal, FileRules};
use adstead_domain::{AssetName, ContentType, Inspected, Inspection};
use adstead_testkit::corpus::{
    HOSTILE_NAMES, HostileFile, PLAIN_NAMES, SoundFile, hostile_files, recorded_files, sound_files,
};
use proptest::prelude::*;

fn inspect(content: &[u8], declared: Option<ContentType>, piece: usize) -> Result<Inspected, FileRefusal> {
    let rules = FileRules { declared, allowed: ContentType::ALL.to_vec(), max_bytes: 1 << 20 };
    let mut inspection = Inspection::new(rules);
    content.chunks(piece).try_for_each(|piece| inspection.look_at(piece))?;
    inspection.finish()
}

const PIECES: [usize; 4] = [1, 7, 300, 1 << 20];

#[test]
fn a_sound_file_is_taken_however_it_is_cut() {
    for SoundFile { name, content_type, content, .. } in [sound_files(), recorded_files()].concat() {
        for piece in PIECES {
            let seen =
                inspect(&content, Some(content_type), piece).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!((seen.content_type, seen.size_bytes), (content_type, content.len() as u64), "{name}");
        }
    }
}

#[test]
fn every_type_has_a_sound_file() {
    let types: Vec<_> = sound_files().iter().map(|file| file.content_type).collect();
    assert!(ContentType::ALL.iter().all(|known| types.contains(known)));
}

#[test]
fn no_part_of_a_file_is_taken_for_the_whole() {
    for SoundFile { name, content, also_whole, .. } in sound_files() {
        for length in (0..content.len()).filter(|length| !also_whole.contains(length)) {
            let refusal = inspect(&content[..length], None, 300).expect_err(name);
            let is_told = matches!(
                refusal,
                FileRefusal::Empty | FileRefusal::TypeNotAllowed { .. } | FileRefusal::CutShort { .. }
            );
            assert!(is_told, "{length} bytes of {name}: {refusal}");
        }
        for length in also_whole {
            inspect(&content[..length], None, 300).unwrap_or_else(|why| panic!("{length} of {name}: {why}"));
        }
    }
}

#[test]
fn the_last_byte_of_a_recorded_file_is_missed() {
    for SoundFile { name, content, .. } in recorded_files() {
        let refusal = inspect(&content[..content.len() - 1], None, 300).expect_err(name);
        assert!(matches!(refusal, FileRefusal::CutShort { .. }), "{name}: {refusal}");
    }
}

#[test]
fn a_hostile_file_is_refused_however_it_is_cut() {
    for HostileFile { name, declared, content, refusal: expected } in hostile_files() {
        for piece in PIECES {
            let refusal = inspect(&content, declared, piece).expect_err(&name).to_string();
            assert!(refusal.contains(expected), "{name} in pieces of {piece}: {refusal}");
        }
    }
}

#[test]
fn a_plain_name_is_taken_as_it_is() {
    for name in PLAIN_NAMES {
        assert_eq!(name.parse::<AssetName>().unwrap().as_str(), *name);
        assert_eq!(AssetName::sanitised(name).as_str(), *name);
    }
    let longest = "ü".repeat(AssetName::MAX_CHARS);
    assert!(longest.parse::<AssetName>().is_ok());
}

#[test]
fn a_hostile_name_is_refused_with_a_better_one() {
    let long = "a".repeat(1_000);
    let hostile = HOSTILE_NAMES.iter().copied().chain([(&*long, "is too long")]);
    for (name, expected) in hostile {
        let refusal = name.parse::<AssetName>().expect_err(name).message().to_owned();
        assert!(refusal.contains(expected), "{refusal}");
        assert!(!refusal.chars().any(char::is_control), "{refusal:?}");
        let better = AssetName::sanitised(name);
        assert_eq!(better.as_str().parse(), Ok(better.clone()), "{name:?}");
    }
    let refusal = "Launch 10:30.png".parse::<AssetName>().unwrap_err().message().to_owned();
    assert_eq!(
        refusal,
        "the file name \"Launch 10:30.png\" holds characters that not every system can store: use a plain name of 1 to \
         200 characters, such as \"Launch 10-30.png\""
    );
}

#[test]
fn a_sanitised_name_keeps_its_extension() {
    for (name, expected) in [
        ("../../hero.png", "hero.png"),
        ("C:\\fakepath\\hero.png", "hero.png"),
        ("C:\\fakepath\\", "fakepath"),
        ("nul.png", "_nul.png"),
        ("he\u{202e}ro.png", "hero.png"),
        ("caf\u{65}\u{301}.png", "caf\u{e9}.png"),
        (" hero.png. ", "hero.png"),
        ("\u{200b}", "file"),
    ] {
        assert_eq!(AssetName::sanitised(name).as_str(), expected);
    }
    let long = AssetName::sanitised(&format!("{}.jpeg", "ü".repeat(1_000)));
    assert!(long.as_str().ends_with("ü.jpeg") && long.as_str().chars().count() == 199, "{long}");
}

/// Bytes near those of files: one of the corpus, with some bytes changed and some of it cut off.
fn nearly_a_file() -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<_> =
        [sound_files(), recorded_files()].concat().into_iter().map(|file| file.content).collect();
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8);
    (prop::sample::select(files), edits, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(mut file, edits, end, is_cut)| {
            for (place, byte) in edits {
                let place = place.index(file.len());
                file[place] = byte;
            }
            if is_cut {
                file.truncate(end.index(file.len()));
            }
            file
        },
    )
}

proptest! {
    #[test]
    fn what_a_file_is_does_not_depend_on_how_it_is_cut(file in nearly_a_file(), piece in 1_usize..400) {
        prop_assert_eq!(inspect(&file, None, piece).ok(), inspect(&file, None, usize::MAX).ok());
    }

    #[test]
    fn whatever_comes_is_taken_or_refused(file in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = inspect(&file, None, 100);
    }

    #[test]
    fn whatever_a_file_is_called_it_can_be_stored(text in any::<String>()) {
        let name = AssetName::sanitised(&text);
        prop_assert_eq!(name.as_str().parse(), Ok(name.clone()));
        prop_assert_eq!(AssetName::sanitised(name.as_str()), name);
    }

    #[test]
    fn a_name_that_is_taken_is_kept(text in "[ -~\u{300}\u{e9}\u{200b}.]{0,210}") {
        if let Ok(name) = text.parse::<AssetName>() {
            prop_assert_eq!(name.as_str().parse(), Ok(name.clone()));
            let unwanted = ['/', '\\', ':', '\u{200b}'];
            prop_assert!(!name.as_str().contains(unwanted));
        }
    }
}
