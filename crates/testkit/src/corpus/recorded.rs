//! Files as FFmpeg 5.1 writes them: `ffmpeg -f lavfi -i testsrc=d=0.4:s=16x16:r=5 -fflags +bitexact …`.

use adstead_domain::ContentType;

use super::SoundFile;

/// Films and animations that must be taken.
pub fn recorded_files() -> Vec<SoundFile> {
    const FILES: &[(&str, ContentType, &[u8])] = &[
        ("a recorded GIF", ContentType::Gif, include_bytes!("files/animation.gif")),
        ("a recorded PNG of several pictures", ContentType::Png, include_bytes!("files/animation.png")),
        ("a recorded WebP", ContentType::Webp, include_bytes!("files/animation.webp")),
        ("a recorded MP4", ContentType::Mp4, include_bytes!("files/film.mp4")),
        ("a recorded MP4 in fragments", ContentType::Mp4, include_bytes!("files/fragments.mp4")),
        ("a recorded QuickTime film", ContentType::Quicktime, include_bytes!("files/film.mov")),
        ("a recorded WebM", ContentType::Webm, include_bytes!("files/film.webm")),
        ("a WebM recorded into a pipe", ContentType::Webm, include_bytes!("files/live.webm")),
    ];
    let file = |&(name, content_type, content): &(&'static str, ContentType, &[u8])| SoundFile {
        name,
        content_type,
        content: content.to_vec(),
        also_whole: Vec::new(),
    };
    FILES.iter().map(file).collect()
}
