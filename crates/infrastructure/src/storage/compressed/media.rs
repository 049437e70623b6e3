use adstead_domain::port::MediaType;

/// Whether files of this type shrink: text in all its forms, and pictures that are stored pixel by pixel. Photographs,
/// films, fonts for the web and archives are compressed by their formats; TIFF may be or not, and is left alone.
pub(super) fn is_compressible(media_type: &MediaType) -> bool {
    let media_type = media_type.as_str();
    let is_structured_text = media_type.ends_with("+json") || media_type.ends_with("+xml");
    is_structured_text
        || media_type.starts_with("text/")
        || matches!(
            media_type,
            "application/json"
                | "application/x-ndjson"
                | "application/xml"
                | "application/javascript"
                | "application/csv"
                | "image/bmp"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compressible_and_what_is_compressed_is_not() {
        let is_compressible = |text: &str| is_compressible(&text.parse().expect("a media type"));
        for text in ["text/csv", "text/html", "image/svg+xml", "application/ld+json", "image/bmp"] {
            assert!(is_compressible(text), "{text}");
        }
        for text in ["image/png", "image/tiff", "video/mp4", "application/zip", "font/woff2"] {
            assert!(!is_compressible(text), "{text}");
        }
    }
}
