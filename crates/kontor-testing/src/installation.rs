//! A place where Kontor lives during a test: a data folder, a database, an administrator. The program is
//! run on it as an operator would, by commands and environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use crate::api::Api;
use crate::engine::Engine;
use crate::program::Finished;
use crate::server::Server;
use crate::{postgres, repository};

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Person {
    /// What they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
}

impl Person {
    /// A person with a password that no other test shares.
    pub fn new(name: &str) -> Self {
        Self {
            email: format!("{name}@example.test"),
            password: format!("Sesame-{}", uuid::Uuid::new_v4().simple()),
        }
    }
}

/// A data folder and a database of their own.
#[derive(Debug)]
pub struct Installation {
    /// Which database it uses.
    pub engine: Engine,
    /// Named in the environment of the first start, which creates them.
    pub administrator: Person,
    /// The data folder lies in here; logs and files of the test too.
    folder: TempDir,
    database: Option<String>,
    environment: Vec<(String, String)>,
    /// Size in MiB of a disk of its own, which only one command sees.
    disk: Option<u32>,
}

impl Installation {
    /// An empty one.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            administrator: Person::new("admin"),
            folder: tempfile::Builder::new().prefix("kontor-test-").tempdir().expect("a folder"),
            database: (engine == Engine::Postgres).then(|| postgres::shared().create_database()),
            environment: Vec::new(),
            disk: None,
        }
    }

    /// An empty one on a database that already exists (another cluster, an address that leads nowhere).
    pub fn on(address: &str) -> Self {
        let mut installation = Self::new(Engine::Sqlite);
        installation.engine = Engine::Postgres;
        installation.database = Some(address.to_owned());
        installation
    }

    /// Adds a variable to the environment of every command.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts the data folder of the next command on a disk of its own that holds so many MiB. It goes with that
    /// command; meanwhile it is seen through [`Server::inside`].
    #[must_use]
    pub fn on_small_disk(mut self, mebibytes: u32) -> Self {
        self.disk = Some(mebibytes);
        self
    }

    /// The data folder; it exists after the first command.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for what the test itself writes.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file beside the data folder and gives its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("a folder");
        }
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// The address of the PostgreSQL database, when it is on one.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The program with these arguments, this data folder and this database.
    pub fn command<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = match self.disk {
            None => Command::new(repository::program()),
            Some(mebibytes) => {
                std::fs::create_dir_all(self.data()).expect("a folder");
                let mut command = Command::new("unshare");
                let mount = format!("mount -t tmpfs -o size={mebibytes}m tmpfs \"$0\" && exec \"$@\"");
                command
                    .args(["-U", "-r", "-m", "sh", "-c", &mount])
                    .arg(self.data())
                    .arg(repository::program());
                command
            }
        };
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("RUST_BACKTRACE", "0")
            .args(arguments.iter().map(AsRef::as_ref))
            .arg("--data")
            .arg(self.data());
        if let Some(address) = &self.database {
            command.args(["--database", address]);
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    /// Runs a command to its end, off the threads that serve other parts of the test.
    pub async fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Finished {
        self.run_with(arguments, "").await
    }

    /// The same with something on standard input.
    pub async fn run_with<S: AsRef<str>>(&self, arguments: &[S], input: &str) -> Finished {
        let mut command = self.command(arguments);
        let input = input.to_owned();
        tokio::task::spawn_blocking(move || Finished::run(&mut command, &input)).await.expect("a command")
    }

    /// Starts the server; the first start creates workspace and administrator.
    pub async fn serve(self) -> Server {
        let person = self.administrator.clone();
        let installation =
            self.with("KONTOR_ADMIN_EMAIL", &person.email).with("KONTOR_ADMIN_PASSWORD", &person.password);
        Server::start(Arc::new(installation), &[]).await
    }

    /// Creates a user with a role, as an operator does at a terminal.
    pub async fn person(&self, name: &str, role: &str) -> Person {
        let person = Person::new(name);
        let mut arguments =
            vec!["user", "create", "--email", &person.email, "--name", name, "--password-stdin"];
        for one in role.split(',') {
            arguments.extend(["--role", one]);
        }
        self.run_with(&arguments, &format!("{}\n", person.password)).await.done();
        person
    }

    /// A fresh API token of a person.
    pub async fn token(&self, person: &Person) -> String {
        let finished = self.run(&["token", "create", "--email", &person.email]).await.done();
        finished.last_line().to_owned()
    }

    /// An API client for a person on a server of this installation.
    pub async fn api(&self, server: &Server, person: &Person) -> Api {
        Api::new(&server.address, Some(&self.token(person).await))
    }

    /// Runs a program that is not Kontor, for tests that need a tool.
    pub fn tool(program: &str, arguments: &[&str]) -> Output {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"))
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Some(address) = &self.database
            && self.engine == Engine::Postgres
            && address.contains("/t_")
        {
            postgres::shared().drop_database(address);
        }
    }
}
