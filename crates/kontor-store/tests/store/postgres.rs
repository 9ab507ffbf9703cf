//! A throw-away PostgreSQL for this test process. It ends with the process, however that ends, because the
//! shell that watches over it waits for the end of a pipe which only this process holds.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

const WATCH: &str = r#"
set -e
programs=$1 folder=$2 port=$3
"$programs/initdb" -D "$folder/data" -U postgres --auth=trust --no-sync -E UTF8 --locale=C >"$folder/log" 2>&1
"$programs/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" \
    -c unix_socket_directories="$folder" -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
    -c max_connections=300 -c shared_buffers=64MB >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null || true
wait "$server" || true
rm -rf "$folder"
"#;

/// The address of the server: that of `KONTOR_TEST_POSTGRES`, or of one of our own.
pub fn address() -> &'static str {
    static SERVER: OnceLock<(String, Option<Mutex<Child>>)> = OnceLock::new();
    let (address, _) = SERVER.get_or_init(|| {
        if let Ok(address) = std::env::var("KONTOR_TEST_POSTGRES") {
            return (format!("{address}/postgres"), None);
        }
        let (address, child) = start();
        (address, Some(Mutex::new(child)))
    });
    address
}

fn programs() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| {
            entries
                .flatten()
                .filter_map(|entry| {
                    Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
                })
                .collect()
        })
        .unwrap_or_default();
    found.sort();
    found
        .pop()
        .expect("PostgreSQL is installed (apt-get install postgresql), or KONTOR_TEST_POSTGRES is set")
        .1
}

fn start() -> (String, Child) {
    let folder = tempfile::Builder::new().prefix("kontor-store-").tempdir().unwrap().keep();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // PostgreSQL refuses to run as root.
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = if root {
        Command::new("chown").arg("postgres").arg(&folder).status().unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let child = command
        .args(["-c", WATCH, "kontor-store"])
        .arg(programs())
        .arg(&folder)
        .arg(port.to_string())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let ready = programs().join("pg_isready");
    while !Command::new(&ready)
        .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
        .status()
        .unwrap()
        .success()
    {
        assert!(started.elapsed() < Duration::from_mins(1), "PostgreSQL does not start");
        std::thread::yield_now();
    }
    (format!("postgres://postgres@127.0.0.1:{port}/postgres"), child)
}
