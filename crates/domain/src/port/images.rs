//! Images made of images.

use async_trait::async_trait;
use bytes::Bytes;

use super::PortError;
use crate::Rendition;

/// Makes renditions.
///
/// # Contract
/// - The answer MUST be an image of the rendition's type and dimensions, which shows the middle of the image as a viewer
///   shows it: turned as its EXIF orientation says.
/// - The answer MUST carry no metadata of the image: no EXIF, no place, no comment, no preview.
/// - What is transparent MUST stay so where the type can be transparent, and MUST become white otherwise.
/// - It MUST fail with `Rejected` and a [`FileRefusal`](super::FileRefusal) as its source where the image cannot be read,
///   whatever it holds, and MUST NOT take more memory for it than its pixels need: at most 100 megapixels.
#[async_trait]
pub trait ImageRenderer: Send + Sync {
    /// The rendition of the image whose file this is.
    async fn render(&self, image: Bytes, rendition: Rendition) -> Result<Bytes, PortError>;
}
