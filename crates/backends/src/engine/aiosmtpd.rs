//! A mail server that puts each mail into a folder: aiosmtpd.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Engine, arguments, certificate};
use crate::folder::Folder;
use crate::mail::MailSecurity;
use crate::{Backend, StartError, program};

pub(crate) struct Aiosmtpd {
    program: PathBuf,
    security: MailSecurity,
}

impl Aiosmtpd {
    pub(crate) fn find(security: MailSecurity) -> Result<Self, StartError> {
        Ok(Self { program: program::find(Backend::Smtp, "aiosmtpd")?, security })
    }
}

/// Where mails are, in the folder of its data; a Maildir.
pub(crate) const MAILS: &str = "mails";

impl Engine for Aiosmtpd {
    fn program(&self) -> &Path {
        &self.program
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        if self.security != MailSecurity::None {
            certificate::make(folder)?;
        }
        folder.run(Path::new("mkdir"), [folder.data()], None)
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString> {
        // It keeps its user, and says when it listens.
        let mut words = arguments(["-n", "-d", "-l", &format!("127.0.0.1:{port}")]);
        let flags = match self.security {
            MailSecurity::None => None,
            MailSecurity::StartTls => Some(["--tlscert", "--tlskey"]),
            MailSecurity::Wrapped => Some(["--smtpscert", "--smtpskey"]),
        };
        for (flag, file) in flags.into_iter().flatten().zip([certificate::CERTIFICATE, certificate::KEY]) {
            words.extend([flag.into(), folder.join(file).into()]);
        }
        words.extend(arguments(["-c", "aiosmtpd.handlers.Mailbox"]));
        words.push(folder.join("data").join(MAILS).into());
        words
    }

    fn ready_line(&self) -> &'static str {
        "Server is listening on 127.0.0.1:"
    }

    fn url(&self, port: u16) -> String {
        format!("smtp://127.0.0.1:{port}")
    }

    fn ca_certificate(&self, folder: &Path) -> Option<PathBuf> {
        (self.security != MailSecurity::None).then(|| folder.join(certificate::CA))
    }
}
