//! A real browser: headless Chromium driven through WebDriver, with JavaScript on or off.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use crate::engine::missing;
use crate::installation::Person;
use crate::wait::{eventually, until};

/// Runs the driver and ends it, and the browsers it started, when the pipe ends.
const WATCH: &str = r#"
"$1" --port=0 >"$2/driver.log" 2>&1 &
cat >/dev/null
trap '' TERM
kill -TERM 0
wait
rm -rf "$2"
"#;

#[derive(Debug)]
struct Driver {
    address: String,
    /// Its standard input is the pipe whose end stops the driver.
    _watcher: Child,
}

/// One browser window with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    /// For what this type has no words for.
    pub client: Client,
    address: String,
    _profile: tempfile::TempDir,
}

/// Whether browser and driver are installed. When they are not, CI fails and anybody else is told.
pub fn is_here() -> bool {
    let found = program(&["chromedriver"]).is_some() && program(&["chromium", "google-chrome"]).is_some();
    found || missing("Chromium with its driver", "apt-get install chromium chromium-driver")
}

fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|candidate| candidate.is_file())
}

fn driver() -> &'static Driver {
    static DRIVER: OnceLock<Driver> = OnceLock::new();
    DRIVER.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("kontor-driver-").tempdir().expect("a folder").keep();
        let watcher = Command::new("sh")
            .args(["-c", WATCH, "kontor-driver"])
            .arg(program(&["chromedriver"]).expect("chromedriver"))
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell for the driver");
        let mut port = String::new();
        until("the browser driver answers", || {
            let log = std::fs::read_to_string(folder.join("driver.log")).unwrap_or_default();
            let said = log.split("started successfully on port ").nth(1);
            said.and_then(|rest| rest.split('.').next()).unwrap_or_default().clone_into(&mut port);
            !port.is_empty()
        });
        Driver { address: format!("http://127.0.0.1:{port}"), _watcher: watcher }
    })
}

/// Where WebDriver commands go, for those that the client has no words for.
pub(crate) fn driver_address() -> &'static str {
    &driver().address
}

impl Browser {
    /// Opens a window on a server. `None` when there is no browser here, which has been said.
    pub async fn open(address: &str, javascript: bool) -> Option<Self> {
        if !is_here() {
            return None;
        }
        let profile = tempfile::Builder::new().prefix("kontor-browser-").tempdir().expect("a folder");
        let preferences = if javascript {
            json!({})
        } else {
            json!({ "profile.managed_default_content_settings.javascript": 2 })
        };
        let capabilities = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": program(&["chromium", "google-chrome"]).expect("a browser"),
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--lang=en", "--window-size=1440,900",
                    format!("--user-data-dir={}", profile.path().display()),
                ],
                "prefs": preferences,
            }
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("written as an object above") };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver().address)
            .await
            .expect("a browser session");
        Some(Self { client, address: address.to_owned(), _profile: profile })
    }

    /// Goes to a path of the server.
    pub async fn visit(&self, path: &str) {
        self.client
            .goto(&format!("{}{path}", self.address))
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// The path that is shown now, with its query.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        }
    }

    /// Sets the size of the window.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("a window size");
    }

    /// Types into the field of this name, in place of what is there.
    pub async fn set(&self, name: &str, value: &str) {
        let css = format!("[name='{name}']");
        let field =
            self.client.find(Locator::Css(&css)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        if field.tag_name().await.expect("a tag").as_str() == "select" {
            field.select_by_value(value).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        } else {
            field.clear().await.unwrap_or_else(|error| panic!("{name}: {error}"));
            field.send_keys(value).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    /// Chooses a file of this computer in the field of this name.
    pub async fn choose(&self, name: &str, path: &std::path::Path) {
        let css = format!("[name='{name}']");
        let field =
            self.client.find(Locator::Css(&css)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let path = path.to_str().expect("a path that is text");
        field.send_keys(path).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Presses the button, or follows the link, that says this, and waits until the next page is there.
    pub async fn press(&self, words: &str) {
        let xpath = format!(
            "//button[normalize-space()={words:?} or @aria-label={words:?}] | //a[normalize-space()={words:?} or @aria-label={words:?}] | //summary[normalize-space()={words:?}]"
        );
        let element =
            self.client.find(Locator::XPath(&xpath)).await.unwrap_or_else(|error| panic!("{words}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("{words}: {error}"));
    }

    /// Waits until the page says this.
    pub async fn says(&self, words: &str) {
        eventually(&format!("the page says {words:?}"), || async {
            self.text().await.contains(words).then_some(())
        })
        .await;
    }

    /// What the page says now.
    pub async fn text(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Signs in through the form.
    pub async fn sign_in(&self, person: &Person) {
        self.visit("/w/main/login").await;
        self.set("email", &person.email).await;
        self.set("password", &person.password).await;
        self.client
            .find(Locator::Css("form button:not([type=button])"))
            .await
            .expect("the button of the first form")
            .click()
            .await
            .expect("a click");
        eventually("the page after signing in", || async {
            (!self.path().await.contains("/login")).then_some(())
        })
        .await;
    }

    /// Runs a script in the page and gives what it returns.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("a script")
    }

    /// What the console reports as errors: scripts that fail, what the content security policy refuses.
    pub async fn console_errors(&self) -> Vec<String> {
        let session = self.client.session_id().await.expect("a session").expect("a session id");
        let answer = crate::client()
            .no_proxy()
            .build()
            .expect("a client")
            .post(format!("{}/session/{session}/se/log", driver_address()))
            .json(&json!({ "type": "browser" }))
            .send()
            .await
            .expect("the driver");
        let answer: Value = answer.json().await.expect("JSON");
        answer["value"]
            .as_array()
            .unwrap_or_else(|| panic!("no log: {answer}"))
            .iter()
            .filter(|entry| entry["level"] == "SEVERE")
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Ends the session; without it the window lives until the test process ends.
    pub async fn close(self) {
        self.client.clone().close().await.ok();
    }

    /// Saves what is shown as `target/journeys/NAME.png`, to look at.
    pub async fn picture(&self, name: &str) {
        let folder = crate::repository::root().join("target/journeys");
        if let Ok(bytes) = self.client.screenshot().await
            && std::fs::create_dir_all(&folder).is_ok()
        {
            // A picture that cannot be saved must not fail a journey.
            std::fs::write(folder.join(format!("{name}.png")), bytes).ok();
        }
    }
}
