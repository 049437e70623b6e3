//! What a mail server says of a mail, and what becomes of it: by one that answers as it is told to, which no real one does.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use std::sync::Arc;
use std::time::Duration;

use adstead_domain::AdChange;
use adstead_domain::port::{PortErrorKind, Reception, ServiceHealth};
use adstead_infrastructure::external::notification::{MailConfig, MailTls, NotificationService};
use adstead_infrastructure::external::{ExternalServiceManager, ServicePolicy};
use adstead_infrastructure::system::SystemClock;
use adstead_testkit::build;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::notification::{bring, config, mailbox};
use super::{install_tls, statistics, told};

/// How a server answers.
#[derive(Debug, Clone, Copy)]
struct Answers {
    /// To `RCPT`.
    recipient: &'static str,
    /// To the end of the mail.
    mail: &'static str,
    /// How long it thinks about the mail.
    after: Duration,
}

const WELL: Answers = Answers { recipient: "250 2.1.5 Ok", mail: "250 2.0.0 Ok", after: Duration::ZERO };

/// A mail server on a free port, each of whose connections answers in the next way, all further ones in the last.
async fn server(answers: Vec<Answers>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut answers = answers.into_iter().peekable();
        let mut last = WELL;
        while let Ok((connection, _)) = listener.accept().await {
            last = answers.next().unwrap_or(last);
            tokio::spawn(serve(connection, last));
        }
    });
    port
}

async fn serve(connection: TcpStream, Answers { recipient, mail, after }: Answers) -> Option<()> {
    let (reading, mut writing) = connection.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut say = async |text: &str| writing.write_all(format!("{text}\r\n").as_bytes()).await.ok();
    say("220 test ESMTP").await?;
    while let Some(line) = lines.next_line().await.ok()? {
        match line.get(..4).unwrap_or(&line) {
            "RCPT" => say(recipient).await?,
            "DATA" => {
                say("354 Go on").await?;
                while lines.next_line().await.ok()?? != "." {}
                sleep(after).await;
                say(mail).await?;
            }
            "EHLO" => say("250-test\r\n250 AUTH PLAIN").await?,
            "AUTH" => say("535 5.7.8 Authentication credentials invalid").await?,
            "QUIT" => return say("221 Bye").await,
            _ => say("250 Ok").await?,
        }
    }
    Some(())
}

fn service(port: u16, timeout: Duration) -> (NotificationService, Arc<ExternalServiceManager>) {
    service_of(MailConfig {
        from: "Adstead <ads@example.com>".to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
        tls: MailTls::None,
        ca_certificates: None,
        login: None,
        policy: ServicePolicy::default().once_within(timeout),
    })
}

fn service_of(mail: MailConfig) -> (NotificationService, Arc<ExternalServiceManager>) {
    install_tls();
    let services = Arc::new(ExternalServiceManager::new());
    let clock = Arc::new(SystemClock) as _;
    (NotificationService::new(&config(Some(mail)), &services, &clock).unwrap(), services)
}

#[tokio::test]
async fn what_is_said_of_one_mailbox_decides_about_that_mail_and_about_no_other() {
    use PortErrorKind::{Rejected, Unavailable, Unexpected};
    let of_recipient = |recipient| Answers { recipient, ..WELL };
    let of_mail = |mail| Answers { mail, ..WELL };
    let cases = [
        (of_recipient("450 4.2.1 Come back later"), Err(Unavailable)),
        (of_mail("452 4.2.2 The mailbox is full"), Err(Unavailable)),
        (of_recipient("550 5.1.1 No such user"), Ok(Reception::Gone)),
        (of_recipient("553 The name is not allowed"), Ok(Reception::Gone)),
        (of_recipient("550 5.7.1 Relaying denied"), Err(Unexpected)),
        (of_recipient("550 Not here"), Err(Unexpected)),
        (of_recipient("501 5.1.3 Bad address syntax"), Err(Unexpected)),
        (of_mail("552 5.3.4 Too large"), Err(Rejected)),
        (of_mail("554 5.6.0 Its words are not liked"), Err(Rejected)),
    ];
    for (answers, expected) in cases {
        let (service, services) = service(server(vec![answers; 20]).await, Duration::from_secs(5));
        let event = build::happened(AdChange::Approved);
        for _ in 0..12 {
            let outcome = bring(&service, &mailbox(), &[&event]).await;
            assert_eq!(
                outcome.as_ref().map_err(|error| error.kind),
                expected.as_ref().map_err(|it| *it),
                "{answers:?}"
            );
        }
        assert_eq!(statistics(&services, "smtp").health, ServiceHealth::Active, "{answers:?}");
    }
}

#[tokio::test]
async fn a_mail_that_took_too_long_says_nothing_of_the_next() {
    let slow = Answers { after: Duration::from_millis(600), ..WELL };
    let refusing = Answers { mail: "554 5.6.0 Its words are not liked", ..WELL };
    let (service, _) = service(server(vec![slow, refusing]).await, Duration::from_millis(300));
    let event = build::happened(AdChange::Approved);
    let error = bring(&service, &mailbox(), &[&event]).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Timeout, "{}", told(&error));
    sleep(Duration::from_millis(400)).await;
    let error = bring(&service, &mailbox(), &[&event]).await.unwrap_err();
    assert!(told(&error).contains("Its words are not liked"), "{}", told(&error));
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_and_the_server_is_not_taken_for_sick() {
    let (service, services) = service_of(MailConfig {
        from: "Adstead <ads@example.com>".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: server(vec![WELL]).await,
        tls: MailTls::None,
        ca_certificates: None,
        login: Some(("ada".to_owned(), "secret".into())),
        policy: ServicePolicy::default().once_within(Duration::from_secs(5)),
    });
    let event = build::happened(AdChange::Approved);
    for _ in 0..12 {
        let error = bring(&service, &mailbox(), &[&event]).await.unwrap_err();
        assert_eq!(error.kind, PortErrorKind::Denied, "{}", told(&error));
        assert!(told(&error).contains("Authentication credentials invalid"), "{}", told(&error));
    }
    let seen = statistics(&services, "smtp");
    assert_eq!((seen.health, seen.openings), (ServiceHealth::Degraded, 0));
}
