//! Files that would harm somebody.

use adstead_domain::ContentType;

use super::sound::{boxed, sound_files};
use crate::contract::files::png;
use crate::pictures::{as_gif, as_png, half_and_half, jpeg};

/// A file that must be refused.
#[derive(Debug, Clone)]
pub struct HostileFile {
    /// What it is.
    pub name: String,
    /// What its sender says that it is.
    pub declared: Option<ContentType>,
    /// Its content.
    pub content: Vec<u8>,
    /// What has to be said of it.
    pub refusal: &'static str,
}

impl HostileFile {
    fn new(name: impl Into<String>, content: impl Into<Vec<u8>>, refusal: &'static str) -> Self {
        Self { name: name.into(), declared: None, content: content.into(), refusal }
    }

    fn declared(self, content_type: ContentType) -> Self {
        Self { declared: Some(content_type), ..self }
    }
}

/// All of them.
pub fn hostile_files() -> Vec<HostileFile> {
    [mislabelled_files(), truncated_files(), damaged_files(), polyglots(), bombs()].concat()
}

const NOT_ALLOWED: &str = "which is not allowed here";
const MISLABELLED: &str = "send it under its true type";

/// Files that are no creative files, or other ones than their sender says.
pub fn mislabelled_files() -> Vec<HostileFile> {
    const STRANGERS: &[(&str, &[u8])] = &[
        ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("SVG with a prologue", b"\xef\xbb\xbf<?xml version=\"1.0\"?><!DOCTYPE svg><svg/>"),
        ("HTML", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a shell script", b"#!/bin/sh\nrm -rf /\n"),
        ("PHP", b"<?php system($_GET['c']); ?>"),
        ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
        ("an archive", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("a Linux program", b"\x7fELF\x02\x01\x01\0\0\0\0\0"),
        ("a Windows program", b"MZ\x90\0\x03\0\0\0"),
        ("a sound", b"RIFF\x24\0\0\0WAVEfmt "),
        ("a HEIC picture", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("a Matroska film", b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska"),
        ("a bitmap", b"BM\x46\0\0\0\0\0\0\0"),
        ("the half of a signature", b"\x89PNG"),
        ("a signature after a line", b"\n\x89PNG\r\n\x1a\n"),
        ("zeros", &[0; 4096]),
    ];
    let strangers = STRANGERS.iter().flat_map(|(name, content)| {
        let plain = HostileFile::new(*name, *content, NOT_ALLOWED);
        let declared = HostileFile { refusal: MISLABELLED, ..plain.clone() }.declared(ContentType::Png);
        [plain, declared]
    });
    let sound = sound_files().into_iter().map(|file| {
        let another =
            if file.content_type == ContentType::Png { ContentType::Jpeg } else { ContentType::Png };
        HostileFile::new(format!("{} under another type", file.name), file.content, MISLABELLED)
            .declared(another)
    });
    strangers.chain(sound).collect()
}

/// The halves, and all but the last byte, of sound files.
fn truncated_files() -> Vec<HostileFile> {
    let truncated = sound_files().into_iter().flat_map(|file| {
        let whole = file.content.len();
        let lengths = [whole / 2, whole - 1].into_iter().filter(|length| !file.also_whole.contains(length));
        let cut = |length| {
            HostileFile::new(
                format!("{length} of {whole} bytes of {}", file.name),
                &file.content[..length],
                "is cut short",
            )
        };
        lengths.map(cut).collect::<Vec<_>>()
    });
    truncated.collect()
}

fn damaged_files() -> Vec<HostileFile> {
    const DAMAGED: &str = "cannot be read as such";
    let picture = half_and_half(24, 16, [255, 0, 0], [0, 0, 255]);
    let (png, jpeg, gif) = (as_png(&picture).to_vec(), jpeg(&picture).to_vec(), as_gif(&picture).to_vec());
    let header = 33;
    let without_pixels = [&png[..header], b"\0\0\0\0IEND\xae\x42\x60\x82"].concat();
    let huge_chunk = [&png[..header], b"\xff\xff\xff\xffIDAT"].concat();
    let late_header = [&png[..8], &png[header..]].concat();
    let no_scan = b"\xff\xd8\xff\xe0\0\x04ab\xff\xd9".to_vec();
    let short_segment = b"\xff\xd8\xff\xe0\0\x01".to_vec();
    let mut other_block = gif.clone();
    *other_block.last_mut().expect("a GIF has bytes") = b'<';
    let tiny_box = [boxed(b"ftyp", b"isom\0\0\0\0"), b"\0\0\0\x07moov".to_vec()].concat();
    let strange_box =
        [boxed(b"ftyp", b"isom\0\0\0\0"), boxed(b"moov", b""), boxed(b"<?ph", b"p ?>")].concat();
    [
        ("a PNG without pixels", without_pixels),
        ("a PNG with a chunk of four gigabytes", huge_chunk),
        ("a PNG without its header", late_header),
        ("a JPEG without a scan", no_scan),
        ("a JPEG whose segment is shorter than its length", short_segment),
        ("a JPEG within a JPEG's head", [&jpeg[..2], &jpeg].concat()),
        ("a GIF with a block of no kind", other_block),
        ("a GIF without a picture", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        ("a WebP shorter than its head", b"RIFF\x04\0\0\0WEBP".to_vec()),
        ("an MP4 whose box is shorter than its head", tiny_box),
        ("an MP4 with PHP in it", strange_box),
        ("a WebM without a segment", b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\xec\x80".to_vec()),
    ]
    .map(|(name, content)| HostileFile::new(name, content, DAMAGED))
    .into()
}

/// Files that are something else as well.
pub fn polyglots() -> Vec<HostileFile> {
    const TAILS: &[(&str, &[u8])] = &[
        ("an archive", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ("HTML", b"<script>alert(1)</script>"),
        ("PHP", b"<?php system($_GET['c']); ?>"),
        ("a line's end", b"\n"),
    ];
    let pictures = sound_files()
        .into_iter()
        .filter(|file| file.content_type.is_image() && file.name != "a photograph of Samsung's");
    let polyglots = pictures.flat_map(|file| {
        TAILS.iter().map(move |(tail, content)| {
            let name = format!("{} and {tail}", file.name);
            HostileFile::new(name, [&file.content[..], content].concat(), "something else after it")
        })
    });
    let films = sound_files().into_iter().filter(|file| !file.content_type.is_image());
    let films = films.flat_map(|film| {
        TAILS.iter().map(move |(tail, content)| {
            HostileFile::new(
                format!("{} and {tail}", film.name),
                [&film.content[..], content].concat(),
                "the file",
            )
        })
    });
    let photograph = jpeg(&half_and_half(24, 16, [255, 0, 0], [0, 0, 255]));
    let like_samsung = [&photograph[..], b"\0\0\x01\x0aPK\x03\x04"].concat();
    let like_samsung = HostileFile::new(
        "a photograph with an archive where Samsung's have more",
        like_samsung,
        "is cut short",
    );
    polyglots.chain(films).chain([like_samsung]).collect()
}

/// Small files that claim to be large.
pub fn bombs() -> Vec<HostileFile> {
    const PIXELS: &str = "100 megapixels in all";
    const FRAMES: &str = "more than 1000 pictures";
    let picture = half_and_half(2, 2, [255, 0, 0], [0, 0, 255]);
    let gif = as_gif(&picture);
    // The picture's own blocks stand between the screen with its colours, and the last byte.
    let start = gif.iter().position(|byte| [0x21, 0x2c].contains(byte)).expect("a GIF has a block");
    let (head, frame) = (&gif[..start], &gif[start..gif.len() - 1]);
    let animation = [head, &frame.repeat(1_001), b";"].concat();
    let png_animation = {
        let still = png(2, 2, 57);
        let (head, rest) = still.split_at(33);
        let control = [b"\0\0\0\x1afcTL", &[0; 30][..]].concat();
        [head, &control.repeat(1_001), rest].concat()
    };
    let wide_gif = [b"GIF89a\xff\xff\xff\xff", &gif[10..]].concat();
    vec![
        HostileFile::new("a PNG of 3.6 gigapixels", png(60_000, 60_000, 500), PIXELS),
        HostileFile::new("a PNG of one long line", png(2_000_000_000, 1, 500), PIXELS),
        HostileFile::new("a GIF of 4.3 gigapixels", wide_gif, PIXELS),
        HostileFile::new("a GIF of 1,001 pictures", animation, FRAMES),
        HostileFile::new("a PNG of 1,001 pictures", png_animation, FRAMES),
    ]
}
