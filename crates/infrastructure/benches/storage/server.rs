//! The server of S3, in a process of its own: its work and its memory are not to be counted with ours.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use adstead_testkit::s3::S3Server;
use tokio::runtime::Runtime;

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "--serve-s3";

/// The only bucket.
pub(crate) const BUCKET: &str = "creatives";

/// Where temporary files stand in memory.
const IN_MEMORY: &str = "/dev/shm";

/// Serves until nobody holds the other end of the standard input any more.
pub(crate) fn serve(runtime: &Runtime) {
    let server = runtime.block_on(S3Server::start());
    server.create_bucket(BUCKET);
    println!("{}", server.endpoint());
    std::io::stdin().read_to_end(&mut Vec::new()).expect("a pipe can be read to its end");
}

/// A server, which ends with the value.
pub(crate) struct Server {
    process: Child,
    endpoint: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        if Path::new(IN_MEMORY).is_dir() {
            command.env("TMPDIR", IN_MEMORY);
        }
        let mut process = command
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let mut endpoint = String::new();
        let told = process.stdout.take().expect("its output is a pipe");
        BufReader::new(told).read_line(&mut endpoint).expect("the server tells where it is");
        Self { process, endpoint: endpoint.trim().to_owned() }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().expect("the server ends once its input does");
    }
}
