//! A mail server, and the mails that it was given.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::{Aiosmtpd, MAILS};
use crate::{Backend, Durability, Server, StartError};

/// How the connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// Not at all.
    None,
    /// By STARTTLS, without which it takes no mail.
    StartTls,
    /// From the first byte on.
    Wrapped,
}

/// A mail server that takes every mail and gives none away: aiosmtpd. It is nobody else's, so that all mails are its owner's.
#[derive(Debug)]
pub struct MailServer {
    server: Server,
}

impl MailServer {
    /// Starts one.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start(security: MailSecurity) -> Result<Self, StartError> {
        let engine = Box::new(Aiosmtpd::find(security)?);
        Ok(Self { server: Server::run(Backend::Smtp, Durability::Crash, engine)? })
    }

    /// The server, to be harmed.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Its port on 127.0.0.1.
    ///
    /// # Panics
    /// Never: the address of a server that we run ends with its port.
    pub fn port(&self) -> u16 {
        let address = self.server.address();
        address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("an address ends with a port")
    }

    /// The certificate, in PEM, of who signed its own; none without TLS.
    pub fn ca_certificate(&self) -> Option<PathBuf> {
        self.server.ca_certificate()
    }

    /// The mails that it was given, as they came in, in no order.
    pub fn mails(&self) -> Vec<String> {
        let folder = self.server.folder().map(|folder| folder.join("data").join(MAILS).join("new"));
        let files = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
    }

    /// The mails, once there are so many, or after a minute.
    pub fn wait_for(&self, mails: usize) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let there = self.mails();
            if there.len() >= mails || Instant::now() > until {
                return there;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}
