//! A mail server takes mails.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use adstead_backends::{MailSecurity, MailServer, or_skipped};

#[test]
fn a_mail_server_keeps_the_mails_that_it_is_given() {
    let Some(server) = or_skipped(MailServer::start(MailSecurity::None)) else { return };
    assert_eq!(server.ca_certificate(), None);
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let (mut lines, mut stream) = (BufReader::new(stream.try_clone().unwrap()).lines(), stream);
    let mut answers = Vec::new();
    let dialog = [
        "HELO test",
        "MAIL FROM:<a@example.com>",
        "RCPT TO:<b@example.com>",
        "DATA",
        "subject: hi\r\n\r\nyou\r\n.",
    ];
    for words in dialog.into_iter().chain(["QUIT"]) {
        answers.push(lines.next().unwrap().unwrap()[..3].to_owned());
        stream.write_all(format!("{words}\r\n").as_bytes()).unwrap();
    }
    assert_eq!(answers, ["220", "250", "250", "250", "354", "250"]);
    let mails = server.wait_for(1);
    assert!(mails.len() == 1 && mails[0].to_lowercase().contains("subject: hi"), "{mails:?}");
}

#[test]
fn a_mail_server_with_tls_says_who_signed_its_certificate() {
    for security in [MailSecurity::StartTls, MailSecurity::Wrapped] {
        let Some(server) = or_skipped(MailServer::start(security)) else { return };
        assert!(server.ca_certificate().unwrap().exists(), "{security:?}");
    }
}
