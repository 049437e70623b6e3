//! As much of Redis's protocol, RESP, as it takes to ask a server of ours what it knows.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take. Whoever is paused gives none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The answer to one command; a list is a line for each entry.
///
/// # Errors
/// Nobody answers, or the answer is an error.
pub(crate) fn ask(address: &str, command: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    read(&mut BufReader::new(stream))
}

/// Whether the answer to `command` holds all of `words`.
pub(crate) fn says(address: &str, command: &str, words: &[&str]) -> bool {
    ask(address, command).is_ok_and(|answer| words.iter().all(|word| answer.contains(word)))
}

/// Reads one value, <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
fn read(server: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    server.read_line(&mut line)?;
    let (kind, rest) = line.trim_end().split_at_checked(1).unwrap_or_default();
    let length = || rest.parse::<usize>().map_err(io::Error::other);
    match kind {
        "+" | ":" => Ok(rest.to_owned()),
        "$" => {
            let length = length()?;
            let mut text = vec![0; length + "\r\n".len()];
            server.read_exact(&mut text)?;
            Ok(String::from_utf8_lossy(&text[..length]).into_owned())
        }
        "*" => Ok((0..length()?).map(|_| read(server)).collect::<io::Result<Vec<_>>>()?.join("\n")),
        _ => Err(io::Error::other(if rest.is_empty() { "no answer" } else { rest }.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_all_kinds_are_read() {
        for (answer, told) in [
            ("+OK\r\n", "OK"),
            (":7\r\n", "7"),
            ("$6\r\na\r\nb\r\n\r\n", "a\r\nb\r\n"),
            ("*2\r\n$1\r\na\r\n*1\r\n:7\r\n", "a\n7"),
        ] {
            assert_eq!(read(&mut answer.as_bytes()).unwrap(), told);
        }
        for (answer, told) in [("-ERR no\r\n", "ERR no"), ("", "no answer")] {
            assert_eq!(read(&mut answer.as_bytes()).unwrap_err().to_string(), told);
        }
    }
}
