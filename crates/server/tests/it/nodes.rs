//! Two servers over one database.

use std::thread;

use serde_json::{Value, json};

use crate::http::{ask_once, succeed};
use crate::server::Server;

fn new_campaign(name: &str) -> Value {
    let budget = json!({"currency": "EUR", "amount_micros": 1_000_000_000});
    json!({"name": name, "objective": "sales", "platform": "google", "budget": budget})
}

#[test]
fn a_call_is_carried_out_once_whichever_nodes_it_is_sent_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Server::start(folder.path());
    let key = first.first_key();
    let mut second = Server::start(folder.path());
    let create = |address| {
        let answer =
            ask_once(address, "POST /v1/campaigns", &key, "spring", &new_campaign("Spring")).unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    };
    let answers: Vec<Value> = thread::scope(|scope| {
        let senders = [first.address, second.address].repeat(6);
        let create = &create;
        let senders: Vec<_> =
            senders.into_iter().map(|address| scope.spawn(move || create(address))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let campaigns = succeed(first.address, "GET /v1/campaigns", &key, None);
    assert_eq!(campaigns["items"], json!([answers[0]]));

    first.kill();
    second.kill();
    let third = Server::start(folder.path());
    assert_eq!(create(third.address), answers[0]);
}

#[test]
fn a_cursor_of_one_node_opens_the_list_on_another_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Server::start(folder.path());
    let key = first.first_key();
    for name in ["Spring", "Summer"] {
        succeed(first.address, "POST /v1/campaigns", &key, Some(&new_campaign(name)));
    }
    let page = succeed(first.address, "GET /v1/campaigns?limit=1", &key, None);
    let next = format!("GET /v1/campaigns?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let second = Server::start(folder.path());
    assert_eq!(succeed(second.address, &next, &key, None)["items"][0]["name"], "Spring");
    first.kill();
    let third = Server::start(folder.path());
    assert_eq!(succeed(third.address, &next, &key, None)["items"][0]["name"], "Spring");
}
