//! Load over keep-alive connections with as little work in the client as possible: it shares the machine with
//! what it measures.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a run of many requests showed.
#[derive(Debug, Clone)]
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    /// Half of the answers came within this.
    pub median: Duration,
    /// 99 of 100 answers came within this.
    pub p99: Duration,
    /// Bytes of the last body.
    pub bytes: usize,
}

/// Sends what `request` gives for (connection, number) over `connections` connections for `time`, and holds every
/// answer to `status`.
pub async fn run<F>(address: &str, connections: usize, time: Duration, status: u16, request: F) -> Load
where
    F: Fn(usize, usize) -> Vec<u8> + Clone + Send + 'static,
{
    let begun = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|connection| {
            let address = address.trim_start_matches("http://").to_owned();
            let request = request.clone();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(&address).await.expect("a connection");
                stream.set_nodelay(true).expect("no delay");
                let mut buffer = Vec::with_capacity(256 * 1024);
                let mut took = Vec::new();
                let mut bytes = 0;
                while begun.elapsed() < time {
                    let sent = Instant::now();
                    stream.write_all(&request(connection, took.len())).await.expect("a request");
                    let answer = read(&mut stream, &mut buffer).await;
                    assert_eq!(answer.0, status, "{}", String::from_utf8_lossy(&buffer));
                    bytes = answer.1;
                    took.push(sent.elapsed());
                }
                (took, bytes)
            })
        })
        .collect();
    let mut took = Vec::new();
    let mut bytes = 0;
    for task in tasks {
        let (times, size) = task.await.expect("a finished connection");
        took.extend(times);
        bytes = size;
    }
    let elapsed = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
    let rate = took.len() as f64 / elapsed;
    Load { rate, median: took[took.len() / 2], p99: took[(took.len() * 99 / 100).min(took.len() - 1)], bytes }
}

/// Reads one answer into the buffer: its status and the size of its body.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> (u16, usize) {
    buffer.clear();
    let head = loop {
        assert!(stream.read_buf(buffer).await.expect("an answer") > 0, "the server closed the connection");
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let status = text.get(9..12).and_then(|digits| digits.parse().ok()).expect("a status");
    let length = text
        .split("content-length:")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next())
        .map(|length| length.trim().parse::<usize>().expect("a length"));
    match length {
        Some(length) => {
            while buffer.len() < head + length {
                assert!(
                    stream.read_buf(buffer).await.expect("a body") > 0,
                    "the server closed the connection"
                );
            }
            (status, length)
        }
        None if text.contains("transfer-encoding: chunked") => {
            while !buffer.ends_with(b"\r\n0\r\n\r\n") && &buffer[head..] != b"0\r\n\r\n" {
                assert!(
                    stream.read_buf(buffer).await.expect("a body") > 0,
                    "the server closed the connection"
                );
            }
            (status, buffer.len() - head)
        }
        None => (status, 0),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// A GET request with further header lines.
pub fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{}\r\n", lines(headers)).into_bytes()
}

/// A POST request with a JSON body.
pub fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let (lines, length) = (lines(headers), body.len());
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{lines}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn lines(headers: &[(&str, &str)]) -> String {
    headers.iter().fold(String::new(), |lines, (name, value)| lines + name + ": " + value + "\r\n")
}
