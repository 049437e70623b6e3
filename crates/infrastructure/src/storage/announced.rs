//! Whether as much of a file arrives as was announced.

use adstead_domain::port::{ByteStream, FileRefusal, PortError, PortErrorKind};
use futures::{StreamExt, TryStreamExt, stream};

/// `content`, which ends with an error as soon as it is longer, or once it turns out to be shorter, than `announced`.
pub(super) fn as_announced(content: ByteStream, announced: Option<u64>) -> ByteStream {
    let Some(announced) = announced else { return content };
    stream::try_unfold((content, 0), move |(mut content, mut found)| async move {
        let piece = content.try_next().await?;
        found += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        if found > announced || (piece.is_none() && found < announced) {
            let refusal = FileRefusal::WrongSize { announced, found };
            return Err(PortError::new(PortErrorKind::Rejected, "files.put").with_source(refusal));
        }
        Ok(piece.map(|piece| (piece, (content, found))))
    })
    .boxed()
}
