//! What somebody writes by hand with the SDK, set up as ours is.

use adstead_testkit::s3::S3Server;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_smithy_http_client::tls;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};

use crate::ours::{CONCURRENCY, PART_BYTES, REGION};
use crate::server::BUCKET;
use crate::source::file;

pub(crate) fn connect(endpoint: &str) -> Client {
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let credentials =
        Credentials::new(S3Server::ACCESS_KEY_ID, S3Server::SECRET_ACCESS_KEY, None, None, "bench");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(credentials)
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .http_client(http_client)
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    Client::from_conf(config.build())
}

/// The file in parts, none of which is in memory before it is wanted.
fn parts(bytes: u64) -> impl futures::Stream<Item = Bytes> {
    stream::unfold(file(bytes), |mut file| async move {
        let mut part = BytesMut::with_capacity(PART_BYTES as usize);
        while (part.len() as u64) < PART_BYTES
            && let Some(piece) = file.next().await
        {
            part.extend_from_slice(&piece.expect("a file that arrives"));
        }
        (!part.is_empty()).then(|| (part.freeze(), file))
    })
}

pub(crate) async fn put(client: &Client, key: &str, bytes: u64) {
    let begun = client.create_multipart_upload().bucket(BUCKET).key(key).send().await.expect("an upload");
    let upload_id = begun.upload_id.expect("its id");
    let sent = parts(bytes).zip(stream::iter(1..)).map(|(part, number)| {
        // Its digest is not signed, as ours is not.
        let request = client.upload_part().bucket(BUCKET).key(key).upload_id(&upload_id).part_number(number);
        let sent = request.body(part.into()).customize().disable_payload_signing().send();
        async move {
            let tag = sent.await.map_err(Box::new)?.e_tag;
            Ok::<_, Box<aws_sdk_s3::error::SdkError<_>>>(
                CompletedPart::builder().part_number(number).set_e_tag(tag).build(),
            )
        }
    });
    let mut sent: Vec<_> =
        sent.buffer_unordered(CONCURRENCY).try_collect().await.expect("parts that are sent");
    sent.sort_by_key(CompletedPart::part_number);
    let parts = CompletedMultipartUpload::builder().set_parts(Some(sent)).build();
    let request = client.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(upload_id);
    request.multipart_upload(parts).send().await.expect("a whole file");
}

pub(crate) async fn get(client: &Client, key: &str) -> u64 {
    let mut found = client.get_object().bucket(BUCKET).key(key).send().await.expect("a file that is there");
    let mut bytes = 0;
    while let Some(piece) = found.body.next().await {
        bytes += piece.expect("a file that can be read to its end").len() as u64;
    }
    bytes
}
