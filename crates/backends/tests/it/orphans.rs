//! Nothing outlives the process that started it.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use adstead_backends::{Backend, started};

use crate::wire::eventually;

/// Makes this program start the named backend and tell of it, as its own child.
const OWNER: &str = "ADSTEAD_BACKENDS_TEST_OWNER";

/// The child of the test below; does nothing in a run of all tests.
#[test]
fn owner() {
    let Some(backend) = env::var_os(OWNER) else { return };
    let server = started(backend.to_str().unwrap().parse().unwrap()).unwrap();
    println!("\nserver\t{}\t{}", server.address(), server.folder().unwrap().display());
    loop {
        thread::park();
    }
}

#[test]
fn a_server_and_its_folder_go_when_their_owner_is_killed() {
    for backend in Backend::ALL {
        // Where the machine does not have it, the owner would say so and end.
        if started(backend).is_none() {
            continue;
        }
        let mut owner = Command::new(env::current_exe().unwrap())
            .args(["--exact", "orphans::owner", "--nocapture"])
            .env(OWNER, backend.key())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
        let told = lines.map_while(Result::ok).find(|line| line.starts_with("server\t")).unwrap();
        let [_, address, folder] = told.split('\t').collect::<Vec<_>>()[..] else { panic!("{told}") };
        assert!(TcpStream::connect(address).is_ok() && Path::new(folder).exists());

        owner.kill().unwrap();
        owner.wait().unwrap();
        eventually("the server has ended", || TcpStream::connect(address).is_err());
        eventually("its folder is gone", || !Path::new(folder).exists());
    }
}
