//! What others have left under the names that the cache uses.

use std::time::Duration;

use adstead_backends::{Backend, Server, available};
use adstead_infrastructure::cache::{CacheConfig, RedisState};

use super::line::{command, tell};
use super::nodes::{Nodes, impatient};
use crate::cache::subject::{MINUTE, SetUp, Subject, config, get, load, minute, set, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_entry_is_a_miss_and_gives_way_to_the_next_load() {
    let Some(server) = available(Backend::Redis) else { return };
    let one = in_redis_alone(server).await;
    let numbers = one.numbers();
    let key = key(&one, "e:numbers:a");
    set(&numbers, "a", 1).await;
    let mut entry = sound_entry(server, &key).await;
    *entry.last_mut().expect("an entry is not empty") ^= 1;
    let broken: [&[u8]; 6] = [&entry, &entry[..entry.len() - 1], &entry[..12], b"somebody else's", b"?", b""];
    for (left, count) in broken.into_iter().zip(1..) {
        command(server, &[b"SET", key.as_bytes(), left]).await;
        is_replaced(&one, count).await;
    }
    for (leave, count) in ["RPUSH KEY a", "HSET KEY a 1", "SADD KEY a"].into_iter().zip(7..) {
        tell(server, &format!("DEL {key}")).await;
        tell(server, &leave.replace("KEY", &key)).await;
        is_replaced(&one, count).await;
    }
    let state = one.manager.redis_state();
    assert_eq!(state, Some(RedisState::Up), "nobody's link is to blame");
}

/// Reads what was left under `numbers:a`, which is the `count`th thing that is no entry, and loads a value.
async fn is_replaced(one: &Subject, count: u64) {
    let numbers = one.numbers();
    let unusable = || one.manager.stats().caches[0].redis.expect("a level in Redis").unusable;
    let before = unusable();
    assert_eq!(get(&numbers, "a").await, None, "the {count}th");
    assert_eq!(unusable(), before + 1, "the {count}th");
    let number = count as u32;
    assert_eq!(load(&numbers, "a", number).await, number);
    assert_eq!(get(&numbers, "a").await, Some(number), "the {count}th was replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_takes_the_place_of_whatever_stands_there() {
    let Some(server) = available(Backend::Redis) else { return };
    let one = in_redis_alone(server).await;
    let numbers = one.numbers();
    let key = key(&one, "e:numbers:a");
    tell(server, &format!("RPUSH {key} a")).await;
    set(&numbers, "a", 1).await;
    assert_eq!(get(&numbers, "a").await, Some(1));
    tell(server, &format!("DEL {key}")).await;
    tell(server, &format!("RPUSH {key} a")).await;
    numbers.delete("a").await;
    assert_eq!((get(&numbers, "a").await, load(&numbers, "a", 2).await), (None, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_table_of_invalidations_hinders_no_invalidation() {
    let Some(server) = available(Backend::Redis) else { return };
    let redis = impatient(server.url());
    let table = format!("{}:tags", redis.namespace);
    // Patient: this is no matter of time.
    let redis = adstead_infrastructure::cache::RedisConfig { timeout: Duration::from_secs(5), ..redis };
    let nodes = Nodes::over(redis, MINUTE).await;
    let stripes = (0..=65_536).map(|stripe: u32| stripe.to_string());
    let junk = [
        "-1",
        "1.5",
        "1e300",
        "nan",
        "inf",
        "18446744073709551615",
        "99999999999999999999999",
        "junk",
        "",
        "\u{1}",
    ];
    let mut fields: Vec<_> =
        stripes.zip(junk.iter().cycle()).map(|(stripe, junk)| [stripe, (*junk).to_owned()]).collect();
    fields.push(["junk".to_owned(), "5".to_owned()]);
    let fields: Vec<_> = fields.iter().flatten().map(String::as_bytes).collect();
    let hash: Vec<&[u8]> = [&[b"HSET", table.as_bytes()], &*fields].concat();
    for spoil in ["nothing", "a list", "a string", "junk"] {
        nodes.read_all().await;
        tell(server, &format!("DEL {table}")).await;
        match spoil {
            "a list" => drop(tell(server, &format!("RPUSH {table} a")).await),
            "a string" => drop(tell(server, &format!("SET {table} a")).await),
            "junk" => drop(command(server, &hash).await),
            _ => {}
        }
        // A node that comes and one that recovers read it all.
        let newcomer = nodes.new_node().await;
        until(spoil, async || newcomer.is_well()).await;
        nodes.write_all().await;
        nodes.agree().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_on_the_channel_is_not_minded() {
    let Some(server) = available(Backend::Redis) else { return };
    let set_up = config(&SetUp::Both(server.url()));
    let channel = format!("{}:events", set_up.redis.as_ref().expect("a level in Redis").namespace);
    let (one, other) = (Subject::with(set_up.clone()).await, Subject::with(set_up).await);
    let tagged = || minute().tag("account:1");
    let (ours, theirs) = (one.named(tagged()), other.named(tagged()));
    let far_times: String = (0..65_537).map(|stripe| format!(" {stripe}=18446744073709551615")).collect();
    let far_times = format!("tags 00000000000000ab{far_times}");
    let nonsense: [&[u8]; 9] = [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"keys 00000000000000ab\n\n:\nnumbers\n",
        b"tags 00000000000000ab 1=1 x",
        b"tags 00000000000000ab 70000=1",
        b"sweep 00000000000000ab [",
        b"ask 00000000000000ab ",
        far_times.as_bytes(),
    ];
    for message in nonsense {
        command(server, &[b"PUBLISH", channel.as_bytes(), message]).await;
    }
    for n in 0..3 {
        set(&ours, "a", n).await;
        until("it is heard of", async || get(&theirs, "a").await == Some(n)).await;
        one.invalidate("account:1").await;
        until("and its end as well", async || get(&theirs, "a").await.is_none()).await;
    }
    let redis = other.manager.stats().redis.expect("a level in Redis");
    assert_eq!((redis.state, redis.recoveries), (RedisState::Up, 1), "{redis:?}");
}

/// A node without a memory, so that each read shows what Redis holds.
async fn in_redis_alone(server: &Server) -> Subject {
    Subject::with(CacheConfig { max_bytes: 0, ..config(&SetUp::Redis(server.url())) }).await
}

fn key(one: &Subject, rest: &str) -> String {
    format!("{}:{rest}", one.config.redis.as_ref().expect("a level in Redis").namespace)
}

/// What stands under the key, byte for byte.
async fn sound_entry(server: &Server, key: &str) -> Vec<u8> {
    // As text, since `command` answers text: DUMP would be no easier, and a script can say it in hexadecimal digits.
    let script = "return (redis.call('GET', KEYS[1]):gsub('.', function(c) return string.format('%02x', c:byte()) end))";
    let answer = command(server, &[b"EVAL", script.as_bytes(), b"1", key.as_bytes()]).await;
    let digits = answer.lines().nth(1).expect("a bulk string");
    let bytes = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
    bytes.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal digits")).collect()
}
