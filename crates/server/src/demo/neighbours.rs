//! Those whom the demo's server has to do with: a provider that is out of order, a program with a webhook, a mailbox.

use std::sync::Arc;

use adstead_config::{ProviderSettings, Settings, SmtpTls};
use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, post};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The provider that does not answer.
pub(super) const OUT_OF_ORDER: &str = "out_of_order";

/// Servers of this process, which end with this value.
pub(super) struct Neighbours {
    /// Where messages to the program go.
    pub(super) webhook: String,
    /// What it got.
    pub(super) messages: watch::Receiver<Vec<Message>>,
    /// The mails that came in.
    pub(super) mails: watch::Receiver<Vec<String>>,
    provider: String,
    mail_port: u16,
    _servers: JoinSet<()>,
}

/// A message to the program.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Neighbours {
    /// Starts them on free ports of this machine.
    pub(super) async fn start() -> Result<Self> {
        let (got, messages) = watch::channel(Vec::new());
        let (taken, mails) = watch::channel(Vec::new());
        let (http, smtp) = (listen().await?, listen().await?);
        let (address, mail_port) = (http.local_addr()?, smtp.local_addr()?.port());
        let router = Router::new()
            .route("/hook", post(receive))
            .route("/v1/{*path}", any(async || StatusCode::SERVICE_UNAVAILABLE))
            .with_state(Arc::new(got));
        let mut servers = JoinSet::new();
        servers.spawn(async move {
            // It serves until the demo is over.
            let _ = axum::serve(http, router).await;
        });
        servers.spawn(take_mails(smtp, Arc::new(taken)));
        let (webhook, provider) = (format!("http://{address}/hook"), format!("http://{address}/v1"));
        Ok(Self { webhook, messages, mails, provider, mail_port, _servers: servers })
    }

    /// Has the settings name them: the provider before all others, the mailbox's server, and this machine as one that may be told.
    pub(super) fn introduce(&self, settings: &mut Settings) -> Result<()> {
        let provider = ProviderSettings {
            base_url: self.provider.parse()?,
            model: "any".to_owned(),
            api_key: None,
            timeout: std::time::Duration::from_secs(5),
            retries: 0,
            weight: 1,
            concurrency: 16,
            requests_per_minute: 0,
            input_price_micros_per_million: None,
            output_price_micros_per_million: None,
            max_output_tokens: 2_048,
            json_schema: true,
        };
        settings.ai.providers.insert(OUT_OF_ORDER.to_owned(), provider);
        settings.ai.order.insert(0, OUT_OF_ORDER.to_owned());
        settings.external.allowed_networks.push("127.0.0.0/8".to_owned());
        let notifications = &mut settings.notifications;
        notifications.from = Some("Adstead <adstead@cafe-alba.example>".to_owned());
        "127.0.0.1".clone_into(&mut notifications.smtp.host);
        notifications.smtp.port = self.mail_port.into();
        notifications.smtp.tls = SmtpTls::None;
        (notifications.smtp.username, notifications.smtp.password) = (None, None);
        Ok(())
    }
}

async fn listen() -> Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await.context("the system gives no port to listen on")
}

async fn receive(
    State(got): State<Arc<watch::Sender<Vec<Message>>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    got.send_modify(|messages| messages.push(Message { headers, body }));
    StatusCode::NO_CONTENT
}

async fn take_mails(listener: TcpListener, taken: Arc<watch::Sender<Vec<String>>>) {
    let mut clients = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let taken = Arc::clone(&taken);
        clients.spawn(async move {
            // A client that goes away in the middle of a mail has given none.
            let _ = take_mail(client, &taken).await;
        });
    }
}

/// Just enough SMTP (RFC 5321) to be given mails.
async fn take_mail(client: TcpStream, taken: &watch::Sender<Vec<String>>) -> std::io::Result<()> {
    let (from, mut to) = client.into_split();
    let mut lines = BufReader::new(from).lines();
    to.write_all(b"220 the demo's mailbox\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "DATA" => {
                to.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail += &line;
                    mail.push('\n');
                }
                taken.send_modify(|mails| mails.push(mail));
                "250 taken"
            }
            "QUIT" => "221 bye",
            "HELO" | "EHLO" | "MAIL" | "RCPT" | "RSET" | "NOOP" => "250 ok",
            _ => "502 not here",
        };
        to.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
