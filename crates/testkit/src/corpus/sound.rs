//! Files that are what they say.

use adstead_domain::ContentType;

use crate::pictures::{as_gif, as_png, as_webp, half_and_half, jpeg, noted_jpeg};

/// A file that must be taken.
#[derive(Debug, Clone)]
pub struct SoundFile {
    /// What it is.
    pub name: &'static str,
    /// Its type.
    pub content_type: ContentType,
    /// Its content.
    pub content: Vec<u8>,
    /// How many of its first bytes are a whole file as well, and so cannot be told from one.
    pub also_whole: Vec<usize>,
}

/// At least one of every type, pictures by encoders that others wrote.
pub fn sound_files() -> Vec<SoundFile> {
    let picture = half_and_half(24, 16, [255, 0, 0], [0, 0, 255]);
    let photograph = jpeg(&picture).to_vec();
    let with_samsung =
        [&photograph[..], b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000SEFHk\0\0\0SEFT"].concat();
    let sound = |name, content_type, content: Vec<u8>| SoundFile {
        name,
        content_type,
        content,
        also_whole: Vec::new(),
    };
    vec![
        sound("a PNG", ContentType::Png, as_png(&picture).to_vec()),
        sound("a JPEG", ContentType::Jpeg, photograph.clone()),
        sound(
            "a JPEG with metadata",
            ContentType::Jpeg,
            noted_jpeg(&picture, 6, b"a \xff\xd9 comment").to_vec(),
        ),
        SoundFile {
            also_whole: vec![photograph.len()],
            ..sound("a JPEG of two images", ContentType::Jpeg, [&photograph[..], &photograph].concat())
        },
        SoundFile {
            also_whole: vec![photograph.len()],
            ..sound("a photograph of Samsung's", ContentType::Jpeg, with_samsung)
        },
        sound("a GIF", ContentType::Gif, as_gif(&picture).to_vec()),
        sound("a WebP", ContentType::Webp, as_webp(&picture).to_vec()),
        sound("an MP4", ContentType::Mp4, [&boxed(b"ftyp", b"isom\0\0\0\0isommp42")[..], &movie()].concat()),
        sound(
            "a QuickTime film",
            ContentType::Quicktime,
            [&boxed(b"ftyp", b"qt  \0\0\0\0qt  ")[..], &long_movie()].concat(),
        ),
        sound("a WebM", ContentType::Webm, webm(true)),
        SoundFile {
            also_whole: live_boundaries(),
            ..sound("a WebM made live", ContentType::Webm, webm(false))
        },
    ]
}

/// A box of ISO base media.
pub(super) fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + content.len()).expect("a short box");
    [&length.to_be_bytes()[..], name, content].concat()
}

fn movie() -> Vec<u8> {
    [boxed(b"free", b""), boxed(b"mdat", &[7; 300]), boxed(b"moov", &boxed(b"mvhd", &[0; 100]))].concat()
}

/// A film whose data has a length of eight bytes.
fn long_movie() -> Vec<u8> {
    let data = [&1_u32.to_be_bytes()[..], b"mdat", &(16_u64 + 300).to_be_bytes(), &[7; 300]].concat();
    [data, boxed(b"moov", &boxed(b"mvhd", &[0; 100]))].concat()
}

/// An element of EBML whose length takes two bytes.
pub(super) fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("a short element") | 0x4000;
    [id, &length.to_be_bytes(), content].concat()
}

const SEGMENT: &[u8] = b"\x18\x53\x80\x67";
const TRACKS: &[u8] = b"\x16\x54\xae\x6b";
const CLUSTER: &[u8] = b"\x1f\x43\xb6\x75";
const UNKNOWN_LENGTH: &[u8] = b"\x01\xff\xff\xff\xff\xff\xff\xff";

fn head() -> Vec<u8> {
    element(b"\x1a\x45\xdf\xa3", b"\x42\x86\x81\x01\x42\x82\x84webm")
}

fn tracks() -> Vec<u8> {
    element(TRACKS, &element(b"\xae", b"\xd7\x81\x01"))
}

fn blocks() -> Vec<Vec<u8>> {
    vec![element(b"\xe7", b"\0"), element(b"\xa3", &[7; 200]), element(b"\xa3", &[8; 100])]
}

fn webm(knows_lengths: bool) -> Vec<u8> {
    if knows_lengths {
        let cluster = element(CLUSTER, &blocks().concat());
        [head(), element(SEGMENT, &[tracks(), cluster].concat())].concat()
    } else {
        let begun = [SEGMENT, UNKNOWN_LENGTH, &tracks(), CLUSTER, UNKNOWN_LENGTH].concat();
        [head(), begun, blocks().concat()].concat()
    }
}

/// Where a WebM may end whose length nobody knew: after its tracks, and after each block.
fn live_boundaries() -> Vec<usize> {
    let after_tracks = head().len() + SEGMENT.len() + UNKNOWN_LENGTH.len() + tracks().len();
    let mut boundaries = vec![after_tracks, after_tracks + CLUSTER.len() + UNKNOWN_LENGTH.len()];
    for block in blocks() {
        boundaries.push(boundaries[boundaries.len() - 1] + block.len());
    }
    boundaries
}
