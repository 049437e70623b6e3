//! Nothing outlives the process that started it.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
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
    for node in server.nodes() {
        println!("\nserver\t{}\t{}", node.address(), node.folder().unwrap().display());
    }
    println!("\nthat is all");
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
        let lines = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
        let told: Vec<_> = lines.take_while(|line| line != "that is all").collect();
        let place = |line: &str| {
            let (address, folder) = line.strip_prefix("server\t")?.split_once('\t')?;
            Some((address.to_owned(), PathBuf::from(folder)))
        };
        let places: Vec<_> = told.iter().filter_map(|line| place(line)).collect();
        assert!(!places.is_empty(), "{told:?}");
        for (address, folder) in &places {
            assert!(TcpStream::connect(address).is_ok() && folder.exists());
        }

        owner.kill().unwrap();
        owner.wait().unwrap();
        for (address, folder) in &places {
            eventually("the server has ended", || TcpStream::connect(address).is_err());
            eventually("its folder is gone", || !folder.exists());
        }
    }
}
