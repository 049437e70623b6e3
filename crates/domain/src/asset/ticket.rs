use super::{AssetName, ContentType};
use crate::{AccountId, SigningKey, UploadId};

/// What was agreed on of an upload that goes past us. It is sealed and given to the uploader: nothing has to be stored, nor
/// tidied up, of uploads that never happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTicket {
    /// Whose asset it will be.
    pub account: AccountId,
    /// Which upload it is.
    pub upload: UploadId,
    /// What people call it.
    pub name: AssetName,
    /// Its type.
    pub content_type: ContentType,
    /// Its size in bytes.
    pub size_bytes: u64,
}

impl UploadTicket {
    /// It as one word that is good for a URL.
    pub fn seal(&self, key: &SigningKey) -> String {
        let Self { account, upload, name, content_type, size_bytes } = self;
        key.seal(&format!("{account}\n{upload}\n{content_type}\n{size_bytes}\n{name}"))
    }

    /// The ticket that was sealed; nothing where it was not, with `key`.
    pub fn open(sealed: &str, key: &SigningKey) -> Option<Self> {
        let payload = key.open(sealed)?;
        let mut fields = payload.splitn(5, '\n');
        Some(Self {
            account: fields.next()?.parse().ok()?,
            upload: fields.next()?.parse().ok()?,
            content_type: fields.next()?.parse().ok()?,
            size_bytes: fields.next()?.parse().ok()?,
            name: fields.next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_ticket_comes_back_as_it_was_sealed() {
        let ticket = UploadTicket {
            account: AccountId::new(Uuid::from_u128(1)),
            upload: UploadId::new(Uuid::from_u128(2)),
            name: "Größe 'L' 🙂.png".parse().expect("a name"),
            content_type: ContentType::Png,
            size_bytes: u64::MAX,
        };
        let key = SigningKey::new([7; 32]);
        let sealed = ticket.seal(&key);
        assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{sealed}");
        assert_eq!(UploadTicket::open(&sealed, &key), Some(ticket));
        assert_eq!(UploadTicket::open(&sealed, &SigningKey::new([8; 32])), None);
        assert_eq!(UploadTicket::open("", &key), None);
    }
}
