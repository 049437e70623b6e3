//! News over real SMTP and HTTP.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use adstead_backends::{MailSecurity, MailServer, or_skipped};
use adstead_domain::port::{Clock, News, Notifier, PortErrorKind, Reception};
use adstead_domain::{
    AdChange, Destination, DomainEvent, SubscriptionId, WebhookSecret, WebhookSecrets, Zone,
};
use adstead_infrastructure::external::notification::{
    MailConfig, MailTls, NotificationConfig, NotificationConfigError, NotificationService,
};
use adstead_infrastructure::external::{AddressGuard, ExternalServiceManager, IpNet, ServicePolicy};
use adstead_infrastructure::system::SystemClock;
use adstead_testkit::contract::notifier::{self, Bringing};
use adstead_testkit::contract::run_all;
use adstead_testkit::receiver::{Receiver, Reply};
use adstead_testkit::{CountingEntropy, build};

use super::{install_tls, told};

/// Tests listen on this machine, which is otherwise out of bounds.
fn open_guard() -> AddressGuard {
    AddressGuard::new(vec!["127.0.0.0/8".parse::<IpNet>().unwrap()])
}

pub(super) fn config(mail: Option<MailConfig>) -> NotificationConfig {
    NotificationConfig {
        mail,
        templates: None,
        guard: open_guard(),
        policy: ServicePolicy::default().once_within(Duration::from_secs(5)),
    }
}

fn mail_config(server: &MailServer, tls: MailTls) -> MailConfig {
    MailConfig {
        from: "Adstead <ads@example.com>".to_owned(),
        host: "localhost".to_owned(),
        port: server.port(),
        tls,
        ca_certificates: server.ca_certificate(),
        login: None,
        policy: ServicePolicy::default().once_within(Duration::from_secs(8)),
    }
}

fn open(config: &NotificationConfig) -> Result<NotificationService, NotificationConfigError> {
    install_tls();
    NotificationService::new(config, &Arc::new(ExternalServiceManager::new()), &(Arc::new(SystemClock) as _))
}

fn service(config: &NotificationConfig) -> NotificationService {
    open(config).expect("settings that can be used")
}

pub(super) fn mailbox() -> Destination {
    Destination::Email { address: "ada@example.com".parse().unwrap() }
}

fn slack(url: &str) -> Destination {
    Destination::Slack { url: url.parse().unwrap() }
}

fn secret() -> WebhookSecret {
    WebhookSecret::generate(&CountingEntropy::default())
}

fn webhook(url: &str) -> Destination {
    Destination::Webhook { url: url.parse().unwrap(), secrets: WebhookSecrets::new(secret()) }
}

pub(super) async fn bring(
    service: &NotificationService,
    destination: &Destination,
    events: &[&DomainEvent],
) -> Result<Reception, adstead_domain::port::PortError> {
    let zone: Zone = "Europe/Berlin".parse().unwrap();
    let subscription = SubscriptionId::new(build::id());
    service.notify(&News { subscription, destination, events, time_zone: &zone }).await
}

#[tokio::test]
async fn the_service_keeps_the_contract() {
    let Some(server) = or_skipped(MailServer::start(MailSecurity::None)) else { return };
    let receiver = Receiver::start([]).await;
    let shut = {
        let gone = Receiver::start([]).await;
        format!("{}/secret-path", gone.url())
    };
    let hanging = Receiver::start([Reply::Hang]).await;
    let make = async || {
        let config = NotificationConfig {
            policy: ServicePolicy::default().once_within(Duration::from_secs(1)),
            ..config(Some(mail_config(&server, MailTls::None)))
        };
        Arc::new(Bringing {
            notifier: Arc::new(service(&config)),
            open: vec![mailbox(), slack(receiver.url()), webhook(receiver.url())],
            forbidden: vec![
                slack("http://169.254.169.254/latest/meta-data"),
                webhook("http://10.0.0.1/"),
                webhook("http://[fd00::1]/"),
            ],
            shut: vec![slack(&shut), webhook(&shut), webhook(&format!("{}/secret-path", hanging.url()))],
        })
    };
    run_all("NotificationService", "Notifier", notifier::CASES, make).await;
}

#[tokio::test]
async fn a_mail_says_what_happened_in_text_and_html() {
    let Some(server) = or_skipped(MailServer::start(MailSecurity::None)) else { return };
    let service = service(&config(Some(mail_config(&server, MailTls::None))));
    let event = build::happened(AdChange::Rejected);
    assert_eq!(bring(&service, &mailbox(), &[&event]).await.unwrap(), Reception::Taken);
    let mails = server.wait_for(1);
    let mail = &mails[0];
    for line in [
        "From: Adstead <ads@example.com>",
        "To: ada@example.com",
        "Subject: Ad rejected: ",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(mail.contains(line), "{line}: {mail}");
    }
    assert!(mail.contains("text/plain") && mail.contains("text/html"), "{mail}");
    assert!(mail.contains("Europe/Berlin") && mail.contains("ad.rejected"), "{mail}");
    // The same news have the same id, other news another.
    let id = |mail: &String| mail.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned();
    let subscription = SubscriptionId::new(build::id());
    let (zone, other) = (Zone::utc(), build::happened(AdChange::Approved));
    for event in [&event, &event, &other] {
        let news = News { subscription, destination: &mailbox(), events: &[event], time_zone: &zone };
        service.notify(&news).await.unwrap();
    }
    let ids: std::collections::BTreeSet<_> = server.wait_for(4).iter().map(id).collect();
    assert_eq!(ids.len(), 3, "of two subscriptions");
}

#[tokio::test]
async fn several_news_come_in_one_mail() {
    let Some(server) = or_skipped(MailServer::start(MailSecurity::None)) else { return };
    let service = service(&config(Some(mail_config(&server, MailTls::None))));
    let events = [build::happened(AdChange::Rejected), build::happened(AdChange::Approved)];
    bring(&service, &mailbox(), &[&events[0], &events[1]]).await.unwrap();
    let mails = server.wait_for(1);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("Subject: 2 things happened in Adstead"), "{}", mails[0]);
    assert!(mails[0].contains("ad.rejected") && mails[0].contains("ad.approved"), "{}", mails[0]);
}

#[tokio::test]
async fn mail_goes_over_tls_that_is_trusted_and_otherwise_not_at_all() {
    let ways = [(MailSecurity::StartTls, MailTls::StartTls), (MailSecurity::Wrapped, MailTls::Wrapped)];
    for (security, tls) in ways {
        let Some(server) = or_skipped(MailServer::start(security)) else { return };
        let event = build::happened(AdChange::Approved);
        let trusting = service(&config(Some(mail_config(&server, tls))));
        bring(&trusting, &mailbox(), &[&event])
            .await
            .unwrap_or_else(|error| panic!("{tls:?}: {}", told(&error)));
        let distrustful = MailConfig { ca_certificates: None, ..mail_config(&server, tls) };
        bring(&service(&config(Some(distrustful))), &mailbox(), &[&event]).await.unwrap_err();
        let in_the_clear = MailConfig { tls: MailTls::None, ..mail_config(&server, tls) };
        bring(&service(&config(Some(in_the_clear))), &mailbox(), &[&event]).await.unwrap_err();
        assert_eq!(server.wait_for(1).len(), 1, "{tls:?}");
    }
    let Some(server) = or_skipped(MailServer::start(MailSecurity::None)) else { return };
    let demanding = service(&config(Some(mail_config(&server, MailTls::StartTls))));
    bring(&demanding, &mailbox(), &[&build::happened(AdChange::Approved)]).await.unwrap_err();
    assert_eq!(server.mails(), Vec::<String>::new(), "no mail where STARTTLS is not to be had");
}

#[tokio::test]
async fn a_mail_server_that_is_down_is_out_of_reach() {
    let Some(server) = or_skipped(MailServer::start(MailSecurity::None)) else { return };
    let service = service(&config(Some(mail_config(&server, MailTls::None))));
    server.server().kill().unwrap();
    let event = build::happened(AdChange::Approved);
    let error = bring(&service, &mailbox(), &[&event]).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Unavailable, "{}", told(&error));
    server.server().restart().unwrap();
    bring(&service, &mailbox(), &[&event]).await.unwrap();
}

#[tokio::test]
async fn a_message_to_a_chat_cannot_be_made_to_ring() {
    let receiver = Receiver::start([]).await;
    let mut event = build::happened(AdChange::Approved);
    if let adstead_domain::Occurrence::Ad { name, .. } = &mut event.occurrence {
        *name = "<!channel> & <https://evil.example|win>".parse().unwrap();
    }
    bring(&service(&config(None)), &slack(&format!("{}/services/T0", receiver.url())), &[&event])
        .await
        .unwrap();
    let [request] = &receiver.received()[..] else { panic!("one request") };
    assert_eq!(request.target, "/services/T0");
    let text = request.json()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("&lt;!channel&gt; &amp; &lt;https://evil.example|win&gt;"), "{text}");
}

#[tokio::test]
async fn what_is_too_much_for_a_chat_comes_in_parts_and_cut() {
    let receiver = Receiver::start([Reply::Status(400)]).await;
    let mut event = build::happened(AdChange::Rejected);
    if let adstead_domain::Occurrence::Ad { name, notes, .. } = &mut event.occurrence {
        *name = "@everyone".parse().unwrap();
        *notes = Some("€".repeat(2_000).parse().unwrap());
    }
    let chat = slack(receiver.url());
    let error = bring(&service(&config(None)), &chat, &[&event, &event]).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Rejected, "whoever delivers then tells them one by one");
    receiver.reply([Reply::Status(200)]);
    bring(&service(&config(None)), &chat, &[&event]).await.unwrap();
    let text = receiver.received()[1].json()["text"].as_str().unwrap().to_owned();
    assert!(text.chars().count() < 2_000 && text.contains("€…"), "{text}");
    assert!(!text.contains("@everyone"), "{text}");
}

#[tokio::test]
async fn a_server_that_hangs_is_sent_a_few_messages_at_once_while_others_are_told() {
    let (slow, quick) = (Receiver::start([Reply::Hang]).await, Receiver::start([]).await);
    let service = Arc::new(service(&config(None)));
    let event = build::happened(AdChange::Approved);
    let (to_slow, events) = (webhook(slow.url()), [&event]);
    let many = (0..40).map(|_| bring(&service, &to_slow, &events));
    let others = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        // By another name, since hosts are told apart by it.
        let url = quick.url().replace("127.0.0.1", "localhost");
        bring(&service, &webhook(&url), &[&event]).await.unwrap();
        assert_eq!(slow.received().len(), 4);
    };
    tokio::select! {
        () = others => {}
        _ = futures::future::join_all(many) => panic!("it hangs for longer"),
    }
}

#[tokio::test]
async fn a_webhook_is_signed_by_both_secrets_while_one_takes_the_others_place() {
    let receiver = Receiver::start([]).await;
    let entropy = CountingEntropy::default();
    let (old, new) = (WebhookSecret::generate(&entropy), WebhookSecret::generate(&entropy));
    let now = SystemClock.now();
    let secrets = WebhookSecrets::new(old.clone()).rotated(new.clone(), now);
    let destination = Destination::Webhook { url: receiver.url().parse().unwrap(), secrets };
    let event = build::happened(AdChange::Approved);
    bring(&service(&config(None)), &destination, &[&event]).await.unwrap();
    let [request] = &receiver.received()[..] else { panic!("one request") };
    for secret in [old, new] {
        let verifier = standardwebhooks::Webhook::new(&secret.reveal()).unwrap();
        verifier.verify(&request.body, &request.headers).expect("the signature is good");
    }
    let stranger = WebhookSecret::generate(&entropy).reveal();
    let verifier = standardwebhooks::Webhook::new(&stranger).unwrap();
    assert!(verifier.verify(&request.body, &request.headers).is_err());
    let body = request.json();
    assert_eq!((&body["type"], &body["data"]["platform"]), (&"ad.approved".into(), &"google".into()));
    assert_eq!(request.header("webhook-id"), event.id.to_string());
}

#[tokio::test]
async fn an_answer_of_a_webhook_decides() {
    let event = build::happened(AdChange::Approved);
    let bring_to = async |reply| {
        let receiver = Receiver::start([reply]).await;
        let outcome = bring(&service(&config(None)), &webhook(receiver.url()), &[&event]).await;
        assert_eq!(receiver.received().len(), 1, "{reply:?}");
        outcome
    };
    assert_eq!(bring_to(Reply::Status(204)).await.unwrap(), Reception::Taken);
    assert_eq!(bring_to(Reply::Status(410)).await.unwrap(), Reception::Gone);
    assert_eq!(bring_to(Reply::Endless(410)).await.unwrap(), Reception::Gone);
    for (reply, kind) in [
        (Reply::Status(400), PortErrorKind::Unexpected),
        (Reply::Status(401), PortErrorKind::Denied),
        (Reply::Status(409), PortErrorKind::Unavailable),
        (Reply::Status(500), PortErrorKind::Unavailable),
        (Reply::Throttle(3), PortErrorKind::RateLimited),
        (Reply::Redirect, PortErrorKind::Denied),
    ] {
        assert_eq!(bring_to(reply).await.unwrap_err().kind, kind, "{reply:?}");
    }
}

/// Names that lead where a test says.
struct Names(std::net::IpAddr);

impl reqwest::dns::Resolve for Names {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let address = std::net::SocketAddr::new(self.0, 0);
        Box::pin(async move { Ok(Box::new([address].into_iter()) as reqwest::dns::Addrs) })
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_given_and_when_it_is_called() {
    let receiver = Receiver::start([]).await;
    let port = receiver.url().rsplit(':').next().unwrap();
    let inside = webhook(&format!("http://hooks.example.com:{port}/"));
    let guarded = |address: &str, allowed: Vec<IpNet>| {
        let guard = AddressGuard::with_names(allowed, Arc::new(Names(address.parse().unwrap())));
        service(&NotificationConfig { guard, ..config(None) })
    };
    let event = build::happened(AdChange::Approved);
    for address in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"] {
        let service = guarded(address, Vec::new());
        let words = told(&service.check(&inside).await.unwrap_err());
        assert!(
            words.contains("hooks.example.com does not lead to addresses of the internet alone"),
            "{words}"
        );
        assert!(!words.contains(address), "where it leads inside is for insiders: {words}");
        let error = bring(&service, &inside, &[&event]).await.unwrap_err();
        assert_eq!(error.kind, PortErrorKind::Rejected, "{address}: {}", told(&error));
        assert!(told(&error).contains("is not an address of the internet"), "{}", told(&error));
    }
    assert!(receiver.received().is_empty());
    let allowed = guarded("127.0.0.1", vec!["127.0.0.0/8".parse().unwrap()]);
    bring(&allowed, &inside, &[&event]).await.unwrap();
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_refused_with_their_fault() {
    let refused = |config: NotificationConfig| told_of(&open(&config).unwrap_err());
    let mail = MailConfig {
        from: "nobody at all".to_owned(),
        host: "localhost".to_owned(),
        port: 25,
        tls: MailTls::StartTls,
        ca_certificates: Some(PathBuf::from("/nowhere/ca.pem")),
        login: None,
        policy: ServicePolicy::default().once_within(Duration::from_secs(1)),
    };
    assert!(refused(config(Some(mail.clone()))).contains("nobody at all"));
    let mail = MailConfig { from: "ads@example.com".to_owned(), ..mail };
    assert!(refused(config(Some(mail))).contains("/nowhere/ca.pem"));
    let error = service(&config(None)).check(&mailbox()).await.unwrap_err();
    assert!(told(&error).contains("notifications.from"), "{}", told(&error));
}

fn told_of(error: &(dyn std::error::Error + 'static)) -> String {
    adstead_domain::port::Chain(error).to_string()
}
