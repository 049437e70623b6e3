use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

use super::ranges::special_purpose;

/// Keeps requests to addresses that users gave from machines that these have no business with: those of private networks, this
/// one, and where clouds keep the secrets of their machines ("server-side request forgery").
///
/// It is asked twice: when an address is given, and each time a connection is made, about the addresses that the name leads to
/// at that moment; so it does not help to let a name lead elsewhere later.
///
/// ```
/// use adstead_infrastructure::external::AddressGuard;
///
/// let guard = AddressGuard::new(Vec::new());
/// assert!(guard.check(&"https://hooks.example.com/ads".parse().unwrap()).is_ok());
/// let refusal = guard.check(&"http://169.254.169.254/latest/meta-data".parse().unwrap()).unwrap_err();
/// assert!(refusal.to_string().starts_with("169.254.169.254 is not an address of the internet"));
///
/// let guard = AddressGuard::new(vec!["10.0.0.0/8".parse().unwrap()]);
/// assert!(guard.check(&"http://10.1.2.3:8080/".parse().unwrap()).is_ok());
/// ```
#[derive(Clone)]
pub struct AddressGuard {
    allowed: Arc<[IpNet]>,
    names: Arc<dyn Resolve>,
}

/// Why no request goes to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    /// It is of another scheme.
    #[error("{0:?} is not spoken here: an address begins with https:// or http://")]
    Scheme(String),
    /// It holds a name or password, which logs and errors would show.
    #[error("the address holds a name or password: send a secret in the path, or leave it out")]
    Credentials,
    /// It leads nowhere.
    #[error("the address names no host")]
    NoHost,
    /// Its name leads where nobody outside has any business; where that is, is nobody's business either.
    #[error(
        "{0} does not lead to addresses of the internet alone: choose another one, or have the operator allow its network in \
         external.allowed_networks"
    )]
    LeadsInside(String),
    /// It leads where nobody outside has any business.
    #[error(
        "{address} is not an address of the internet ({purpose}): choose a public one, or have the operator allow its \
         network in external.allowed_networks"
    )]
    NotPublic {
        /// Where it leads.
        address: IpAddr,
        /// What that is for.
        purpose: &'static str,
    },
}

impl AddressGuard {
    /// Lets requests through to addresses of the internet, and to those of these networks.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self::with_names(allowed, Arc::new(SystemNames))
    }

    /// The same, by somebody else's word for where names lead.
    pub fn with_names(allowed: Vec<IpNet>, names: Arc<dyn Resolve>) -> Self {
        Self { allowed: allowed.into(), names }
    }

    /// Whether requests may go to `url`, as far as can be seen without asking where its name leads.
    ///
    /// # Errors
    /// What stands against it.
    pub fn check(&self, url: &Url) -> Result<(), AddressRefusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressRefusal::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressRefusal::Credentials);
        }
        match url.host() {
            None => Err(AddressRefusal::NoHost),
            Some(Host::Ipv4(address)) => self.permits(address.into()),
            Some(Host::Ipv6(address)) => self.permits(address.into()),
            Some(Host::Domain(_)) => Ok(()),
        }
    }

    /// Whether requests may go to `url`, and to all that its name leads to at this moment. A name that leads nowhere now may be
    /// good later.
    ///
    /// # Errors
    /// What stands against it.
    pub async fn check_with_names(&self, url: &Url) -> Result<(), AddressRefusal> {
        self.check(url)?;
        let Some(Host::Domain(host)) = url.host() else { return Ok(()) };
        let Ok(name) = host.parse::<Name>() else { return Err(AddressRefusal::NoHost) };
        let Ok(mut addresses) = self.names.resolve(name).await else { return Ok(()) };
        addresses.try_for_each(|address| self.permits(address.ip())).map_err(|refusal| {
            tracing::warn!(host, %refusal, "an address that somebody gave leads inside");
            AddressRefusal::LeadsInside(host.to_owned())
        })
    }

    fn permits(&self, address: IpAddr) -> Result<(), AddressRefusal> {
        match special_purpose(address) {
            Some(purpose)
                if !self.allowed.iter().any(|network| network.contains(&address.to_canonical())) =>
            {
                Err(AddressRefusal::NotPublic { address, purpose })
            }
            _ => Ok(()),
        }
    }
}

/// Where names lead, without what is refused: who connects sees nothing else.
impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let (mut permitted, mut refusal) = (Vec::new(), None);
            for address in guard.names.resolve(name).await? {
                match guard.permits(address.ip()) {
                    Ok(()) => permitted.push(address),
                    Err(refused) => refusal = Some(refused),
                }
            }
            match refusal {
                Some(refusal) if permitted.is_empty() => Err(refusal.into()),
                _ => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        })
    }
}

impl fmt::Debug for AddressGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressGuard").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// Names as the system knows them.
struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is put in by who connects.
            let addresses: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
