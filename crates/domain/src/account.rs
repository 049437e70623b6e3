//! Who owns things, who acts, and how they prove it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::shortened;
use crate::port::Entropy;
use crate::vocabulary::vocabulary;
use crate::{AccountId, ApiKeyId, Currency, Sha256Digest, Text, UserId, Violation, Zone};

/// Owns campaigns, ads, files and figures; nobody outside sees any of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What people call it, unique among accounts.
    pub name: AccountName,
    /// The zone of its days: "today's" spend and the days of reports.
    pub time_zone: Zone,
    /// The one currency of its budgets and figures; the first campaign decides where nobody chose.
    pub currency: Option<Currency>,
    /// Whether an ad must be approved by somebody who did not edit it.
    pub second_reviewer: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What people call an account.
pub type AccountName = Text<120>;

/// Somebody who acts for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// For whom they act.
    pub account_id: AccountId,
    /// Their address, unique inside the account.
    pub email: Email,
    /// When they were added.
    pub created_at: Timestamp,
}

/// An e-mail address, kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Email(String);

impl Email {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Violation;

    /// Takes what the HTML standard calls a valid e-mail address, up to the 254 bytes that SMTP can carry (RFC 5321).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let email = text.trim().to_ascii_lowercase();
        let atom = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let valid = email.split_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len()) && local.chars().all(atom) && domain.split('.').all(label)
        });
        if valid && email.len() <= 254 {
            return Ok(Self(email));
        }
        let text = shortened(text);
        Err(Violation::invalid(format!("{text:?} is not an e-mail address: write it as name@example.com")))
    }
}

impl TryFrom<String> for Email {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

vocabulary! {
    /// What the bearer of a key may do.
    Role, "a role" {
        /// Reads everything of the account.
        Viewer = "viewer",
        /// Reads, writes, sends events; does not review.
        Editor = "editor",
        /// Reads and reviews.
        Reviewer = "reviewer",
        /// Does everything, and sees the state of the system.
        Admin = "admin",
    }
}

vocabulary! {
    /// A kind of thing that a key may or may not do.
    Permission, "a permission" {
        /// See what the account holds.
        Read = "read",
        /// Make, change, start and stop things; send events.
        Write = "write",
        /// Approve and reject ads.
        Review = "review",
        /// See the state of the system.
        Administer = "administer",
    }
}

impl Role {
    /// Whether this role may do that.
    pub fn allows(self, permission: Permission) -> bool {
        match self {
            Self::Viewer => permission == Permission::Read,
            Self::Editor => matches!(permission, Permission::Read | Permission::Write),
            Self::Reviewer => matches!(permission, Permission::Read | Permission::Review),
            Self::Admin => true,
        }
    }
}

/// Who asks for something: a user of an account, with the role of the key that they showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account to which everything they see belongs.
    pub account_id: AccountId,
    /// Who they are.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
}

impl Actor {
    /// Lets the actor pass who may do that.
    ///
    /// # Errors
    /// A forbidden step, naming the roles that may take it.
    pub fn must(&self, permission: Permission) -> Result<(), Violation> {
        if self.role.allows(permission) {
            return Ok(());
        }
        let able: Vec<_> =
            Role::ALL.iter().filter(|role| role.allows(permission)).map(|role| role.as_str()).collect();
        Err(Violation::forbidden(format!(
            "a key with the role {} may not {permission}: use a key with the role {}",
            self.role,
            able.join(" or ")
        )))
    }
}

/// A key with which programs act for a user. Of its secret only the digest is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// For which account it acts.
    pub account_id: AccountId,
    /// For whom it acts.
    pub user_id: UserId,
    /// What it may do.
    pub role: Role,
    /// The SHA-256 of its secret: 256 random bits need no slow password hash.
    pub digest: Sha256Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last shown, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// From when on it is worth nothing.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// How far [`ApiKey::last_used_at`] may lag behind, so that not each request is a write.
    pub const USE_RESOLUTION: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

    /// As whom the bearer of the key acts, unless it is revoked.
    pub fn actor(&self) -> Option<Actor> {
        let Self { account_id, user_id, role, revoked_at, .. } = *self;
        revoked_at.is_none().then_some(Actor { account_id, user_id, role })
    }

    /// Whether the last use on record is too old to be left standing.
    pub fn use_is_worth_noting(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|last| now.duration_since(last) >= Self::USE_RESOLUTION)
    }
}

/// The secret part of an API key, shown once: `adstead_` and 64 hexadecimal digits, 256 random bits.
///
/// ```
/// use adstead_domain::ApiKeySecret;
///
/// let secret: ApiKeySecret = format!("adstead_{}", "0f".repeat(32)).parse().unwrap();
/// assert_eq!(format!("{secret:?}"), "ApiKeySecret(adstead_***)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret(String);

impl ApiKeySecret {
    const PREFIX: &str = "adstead_";

    /// A new secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bits = [0; 32];
        entropy.fill(&mut bits);
        Self(format!("{}{}", Self::PREFIX, Sha256Digest::new(bits)))
    }

    /// What is stored of it.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.0.as_bytes())
    }

    /// The secret itself, for the one time that it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for ApiKeySecret {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed =
            text.strip_prefix(Self::PREFIX).is_some_and(|digits| digits.parse::<Sha256Digest>().is_ok());
        if well_formed {
            return Ok(Self(text.to_owned()));
        }
        Err(Violation::invalid("this is not an API key: a key is `adstead_` and 64 hexadecimal digits"))
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeySecret({}***)", Self::PREFIX)
    }
}
