//! A throw-away PostgreSQL cluster per test process. It ends with the process, however that ends, because
//! the shell that watches over it waits for the end of a pipe which only this process holds.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::wait::until;

/// Set to the address of a running server (`postgres://user@host:port`), it is used instead of a cluster of our own.
pub const SERVER_VARIABLE: &str = "KONTOR_TEST_POSTGRES";

/// Creates, runs and removes a cluster: arguments are programs, folder, port, durable (on or off).
const WATCH: &str = r#"
set -e
programs=$1 folder=$2 port=$3 durable=$4
"$programs/initdb" -D "$folder/data" -U postgres --auth=trust --no-sync -E UTF8 --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=en-US >"$folder/initdb.log" 2>&1
"$programs/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" \
    -c unix_socket_directories="$folder" -c fsync="$durable" -c full_page_writes="$durable" \
    -c synchronous_commit="$durable" -c max_connections=300 -c shared_buffers=64MB \
    -c log_min_messages=fatal >"$folder/postgres.log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null || true
wait "$server" || true
rm -rf "$folder"
"#;

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    address: String,
    folder: PathBuf,
    /// Its standard input is the pipe whose end stops the cluster.
    watcher: Option<Child>,
}

/// The folder with `initdb` and `postgres`, the newest version first; none when they are not installed.
pub fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .collect();
    versions.sort();
    versions.pop().map(|(_, bin)| bin)
}

/// The cluster of this process, started on first use.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| match std::env::var(SERVER_VARIABLE) {
        Ok(address) => Cluster {
            programs: programs().expect("psql, to create databases"),
            address,
            folder: std::env::temp_dir(),
            watcher: None,
        },
        Err(_) => Cluster::start(false),
    })
}

impl Cluster {
    /// A cluster of one's own; `durable` when it must survive a kill of itself.
    pub fn start(durable: bool) -> Self {
        let programs = programs().expect("PostgreSQL is installed");
        let folder = tempfile::Builder::new().prefix("kontor-postgres-").tempdir().expect("a folder").keep();
        let port = free_port();
        let mut command = as_ordinary_user(&folder);
        let watcher = command
            .args(["sh", "-c", WATCH, "kontor-postgres"])
            .arg(&programs)
            .arg(&folder)
            .arg(port.to_string())
            .arg(if durable { "on" } else { "off" })
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of the way of Ctrl-C, which would end the watcher before it has tidied up.
            .process_group(0)
            .spawn()
            .expect("a shell for PostgreSQL");
        let cluster = Self {
            programs,
            address: format!("postgres://postgres@127.0.0.1:{port}"),
            folder,
            watcher: Some(watcher),
        };
        until("PostgreSQL answers", || cluster.statement("select 1").is_ok());
        cluster
    }

    /// Creates an empty database and gives its address.
    pub fn create_database(&self) -> String {
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        self.statement(&format!("create database {name}")).expect("a new database");
        format!("{}/{name}", self.address)
    }

    /// Removes a database, ending whoever uses it.
    pub fn drop_database(&self, address: &str) {
        if let Some((_, name)) = address.rsplit_once('/') {
            // A database that cannot be dropped goes with the cluster.
            self.statement(&format!("drop database if exists {name} with (force)")).ok();
        }
    }

    /// Everything that a database holds, as text.
    pub fn dump(&self, address: &str) -> Vec<u8> {
        let output = Command::new(self.programs.join("pg_dump")).arg(address).output().expect("pg_dump");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn statement(&self, sql: &str) -> Result<(), String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d"])
            .arg(format!("{}/postgres", self.address))
            .args(["-c", sql])
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let log = std::fs::read_to_string(self.folder.join("postgres.log")).unwrap_or_default();
        Err(format!("{}\n{log}", String::from_utf8_lossy(&output.stderr)))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut watcher) = self.watcher.take() {
            drop(watcher.stdin.take());
            watcher.wait().ok();
        }
    }
}

/// PostgreSQL refuses to run as root: there it runs as `postgres`, or `nobody`, who then owns the folder.
fn as_ordinary_user(folder: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().expect("id").stdout == b"0\n";
    if !root {
        return Command::new("env");
    }
    let passwords = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let (user, group) = ["postgres", "nobody"]
        .iter()
        .find_map(|name| {
            let line = passwords.lines().find(|line| line.starts_with(&format!("{name}:")))?;
            let mut parts = line.split(':').skip(2);
            Some((parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?))
        })
        .expect("a user other than root");
    std::os::unix::fs::chown(folder, Some(user), Some(group)).expect("to hand the folder over");
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups"]);
    command
}

/// A port that nobody listens on right now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}
