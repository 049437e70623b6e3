//! A small picture, drawn in code: a sun over hills, 1200 by 628 pixels as feeds like them.

use anyhow::Result;

pub(super) const WIDTH: u32 = 1200;
pub(super) const HEIGHT: u32 = 628;

/// When the picture is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Light {
    Morning,
    Evening,
}

/// The picture as a PNG file.
pub(super) fn png(light: Light) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    let pixels: Vec<u8> =
        (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| colour(light, x, y))).collect();
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

fn colour(light: Light, x: u32, y: u32) -> [u8; 3] {
    let (across, down) = (f64::from(x) / f64::from(WIDTH), f64::from(y) / f64::from(HEIGHT));
    let hill = |height: f64, waves: f64| down > height + 0.06 * (across * waves).sin();
    let to_sun = f64::hypot(across - 0.72, (down - 0.36) * f64::from(HEIGHT) / f64::from(WIDTH));
    match () {
        () if hill(0.82, 7.0) => [62, 39, 35],
        () if hill(0.68, 5.0) => [121, 85, 72],
        () if to_sun < 0.07 => [255, 213, 79],
        () => {
            let fade = (down * 70.0) as u8;
            match light {
                Light::Morning => [255, 204 - fade, 128 - fade],
                Light::Evening => [90 + fade, 60 + fade, 140 - fade],
            }
        }
    }
}
