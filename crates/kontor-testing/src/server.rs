//! The program serving: started, killed, started again.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;

use crate::api::Api;
use crate::installation::{Installation, Person};
use crate::visitor::Visitor;
use crate::wait::{eventually, until};

/// A serving process. It ends with this value.
#[derive(Debug)]
pub struct Server {
    /// Its data and database.
    pub installation: Arc<Installation>,
    /// `http://127.0.0.1:PORT`, the same after a restart.
    pub address: String,
    child: Child,
    log: PathBuf,
    options: Vec<String>,
}

impl Server {
    /// Starts on a free port and waits until it is ready.
    pub async fn start(installation: Arc<Installation>, options: &[&str]) -> Self {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let (child, log) = spawn(&installation, "127.0.0.1:0", &options);
        let mut server = Self { installation, address: String::new(), child, log, options };
        server.wait_until_ready().await;
        server
    }

    /// What it has printed since it was started last, both streams in order.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The process, for tools that measure or signal it.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// A path as the process sees it, for a data folder on a disk of its own.
    pub fn inside(&self, path: &std::path::Path) -> PathBuf {
        let below = path.strip_prefix("/").expect("a path from the root");
        PathBuf::from(format!("/proc/{}/root", self.child.id())).join(below)
    }

    /// Ends it as a power cut would.
    pub fn kill9(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Asks it to end and waits until it has; gives its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        Installation::tool("kill", &["-TERM", &self.child.id().to_string()]);
        let mut code = None;
        until("the server ends after SIGTERM", || match self.child.try_wait() {
            Ok(Some(status)) => {
                code = status.code();
                true
            }
            _ => false,
        });
        code
    }

    /// Waits until the process has ended by itself, as it does at a fault.
    pub async fn dies(&mut self, at: &str) {
        eventually(&format!("the server dies at {at}"), || {
            let ended = matches!(self.child.try_wait(), Ok(Some(_)));
            async move { ended.then_some(()) }
        })
        .await;
    }

    /// Starts it again at the same address after it ended or was killed.
    pub async fn restart(&mut self) {
        self.restart_with(&[]).await;
    }

    /// The same with further variables for this one run.
    pub async fn restart_with(&mut self, environment: &[(&str, &str)]) {
        self.kill9();
        let listen = self.address.trim_start_matches("http://").to_owned();
        let (child, log) = spawn_with(&self.installation, &listen, &self.options, environment);
        self.child = child;
        self.log = log;
        self.wait_until_ready().await;
    }

    /// Starts it again, when it is expected to end by itself soon (a fault point): not waiting until it is ready.
    pub fn respawn_with(&mut self, environment: &[(&str, &str)]) {
        self.kill9();
        let listen = self.address.trim_start_matches("http://").to_owned();
        let (child, log) = spawn_with(&self.installation, &listen, &self.options, environment);
        self.child = child;
        self.log = log;
    }

    async fn wait_until_ready(&mut self) {
        let client = crate::client().no_proxy().build().expect("a client");
        let log = self.log.clone();
        let child = &mut self.child;
        let address = eventually("the server is ready", || {
            if let Ok(Some(status)) = child.try_wait() {
                let printed = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("the server ended with {status} before it was ready:\n{printed}");
            }
            let address = address_in(&std::fs::read_to_string(&log).unwrap_or_default());
            let client = client.clone();
            async move {
                let address = address?;
                let answer = client.get(format!("{address}/readyz")).send().await.ok()?;
                answer.status().is_success().then_some(address)
            }
        })
        .await;
        self.address = address;
    }

    /// Somebody with a browser without JavaScript, not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.address)
    }

    /// The same, signed in.
    pub async fn signed_in(&self, person: &Person) -> Visitor {
        let visitor = self.visitor();
        visitor.sign_in(person).await;
        visitor
    }

    /// The administrator's browser.
    pub async fn administrator(&self) -> Visitor {
        self.signed_in(&self.installation.administrator).await
    }

    /// The administrator's API client.
    pub async fn api(&self) -> Api {
        self.installation.api(self, &self.installation.administrator).await
    }

    /// An API client of somebody else.
    pub async fn api_of(&self, person: &Person) -> Api {
        self.installation.api(self, person).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            let printed = self.printed();
            let lines: Vec<&str> = printed.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(40)..).unwrap_or_default();
            eprintln!("--- the server printed\n{}", tail.join("\n"));
        }
    }
}

fn spawn(installation: &Installation, listen: &str, options: &[String]) -> (Child, PathBuf) {
    spawn_with(installation, listen, options, &[])
}

fn spawn_with(
    installation: &Installation,
    listen: &str,
    options: &[String],
    environment: &[(&str, &str)],
) -> (Child, PathBuf) {
    let log = installation.scratch().join(format!("server-{}.log", uuid::Uuid::now_v7()));
    let file = File::create(&log).expect("a log");
    let mut arguments = vec!["serve".to_owned(), "--listen".to_owned(), listen.to_owned()];
    arguments.extend_from_slice(options);
    let child = installation
        .command(&arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(file.try_clone().expect("a second handle"))
        .stderr(file)
        .spawn()
        .expect("the program");
    (child, log)
}

/// The first address that the program printed.
fn address_in(printed: &str) -> Option<String> {
    let start = printed.find("http://")?;
    let rest = printed.get(start..)?;
    let end = rest.find(|letter: char| letter.is_whitespace() || "\"')],".contains(letter))?;
    let url = reqwest::Url::parse(rest.get(..end)?).ok()?;
    Some(format!("http://{}:{}", url.host_str()?, url.port()?))
}

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn the_address_is_found_in_a_sentence() {
        assert_eq!(
            address_in("Kontor is at http://127.0.0.1:4411/w/main/.\n").as_deref(),
            Some("http://127.0.0.1:4411")
        );
        assert_eq!(address_in("starting"), None);
        assert_eq!(address_in("http://127.0.0.1:44"), None, "the line is not complete yet");
    }
}
