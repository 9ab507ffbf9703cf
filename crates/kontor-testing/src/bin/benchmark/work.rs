//! The measurements, one after another on the same machine: first the bare library, then Kontor.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kontor_testing::{Engine, Installation, Person, Server, repository};
use serde_json::json;

use crate::table::{Budget, Figure, note, publish};
use crate::{bare, data, load};

/// Connections, as the budgets say.
const CONNECTIONS: usize = 8;
/// Rows in the table of the bare library: as many as the import makes.
const ROWS: usize = data::DEALS;

/// The bare server in a process of its own.
struct BareServer {
    child: Child,
    address: String,
    started: Duration,
}

impl BareServer {
    fn start(file: &str) -> Self {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["bare", file])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bare server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        Self { child, address: line.trim().trim_end_matches('/').to_owned(), started: begun.elapsed() }
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Measures everything, each load for `time`.
pub async fn run(time: Duration) {
    let scratch = tempfile::tempdir().expect("a folder");
    let file = scratch.path().join("bare.sqlite").display().to_string();
    eprintln!("Preparing …");
    bare::prepare(&file, ROWS).await;
    let figures = measure(time, &file, scratch.path()).await;
    publish(&figures);
}

async fn measure(time: Duration, file: &str, scratch: &std::path::Path) -> Vec<Figure> {
    let mut figures = Vec::new();
    let installation = Installation::new(Engine::Sqlite);
    let administrator = installation.administrator.clone();
    let server = installation.serve().await;
    figures.push(import(&server, file, scratch).await);
    let token = server.installation.token(&administrator).await;
    let cookie = server.signed_in(&administrator).await.cookies();
    let ids = deals(&server, &administrator).await;
    let bare = BareServer::start(file);

    let bearer = format!("Bearer {token}");
    figures.push(read(time, &bare, &server, &bearer, &ids).await);
    figures.push(record_page(time, &bare, &server, &cookie, &ids).await);
    figures.push(list_page(time, &bare, &server, &cookie).await);
    figures.push(create(time, &bare, &server, &bearer).await);
    drop(server);
    drop(bare);
    figures.extend(start_and_rest(file).await);
    figures
}

async fn deals(server: &Server, person: &Person) -> Arc<Vec<String>> {
    let api = server.api_of(person).await;
    let answer = api.get("records/deal?limit=500&fields=id").await.is(200);
    let ids: Vec<String> =
        answer.list("/data").iter().filter_map(|record| record["id"].as_str().map(str::to_owned)).collect();
    assert!(!ids.is_empty(), "no deals were imported");
    Arc::new(ids)
}

async fn read(
    time: Duration,
    bare: &BareServer,
    server: &Server,
    bearer: &str,
    ids: &Arc<Vec<String>>,
) -> Figure {
    eprintln!("API read …");
    let beside = load::run(&bare.address, CONNECTIONS, time, 200, |connection, number| {
        load::get(&format!("/record/{:08}", (connection * 997 + number) % ROWS), &[])
    })
    .await;
    let (bearer, ids) = (bearer.to_owned(), Arc::clone(ids));
    let ours = load::run(&server.address, CONNECTIONS, time, 200, move |connection, number| {
        let id = &ids[(connection * 97 + number) % ids.len()];
        load::get(&format!("/w/main/api/v1/records/deal/{id}"), &[("authorization", &bearer)])
    })
    .await;
    Figure {
        work: "API read of one record",
        value: ours.rate,
        unit: "/s",
        bare: beside.rate,
        beside: "axum + SELECT",
        budget: Budget::Share(0.5),
        note: note(&ours),
    }
}

async fn record_page(
    time: Duration,
    bare: &BareServer,
    server: &Server,
    cookie: &str,
    ids: &Arc<Vec<String>>,
) -> Figure {
    eprintln!("Record page …");
    let beside = load::run(&bare.address, CONNECTIONS, time, 200, |connection, number| {
        load::get(&format!("/record-page/{:08}", (connection * 997 + number) % ROWS), &[])
    })
    .await;
    let (cookie, ids) = (cookie.to_owned(), Arc::clone(ids));
    let ours = load::run(&server.address, CONNECTIONS, time, 200, move |connection, number| {
        let id = &ids[(connection * 97 + number) % ids.len()];
        load::get(&format!("/w/main/r/deal/{id}"), &[("cookie", &cookie)])
    })
    .await;
    Figure {
        work: "record page",
        value: ours.rate,
        unit: "/s",
        bare: beside.rate,
        beside: "axum + 2 SELECTs + write!",
        budget: Budget::AtLeast(2_000.0),
        note: note(&ours),
    }
}

async fn list_page(time: Duration, bare: &BareServer, server: &Server, cookie: &str) -> Figure {
    eprintln!("List page …");
    let beside = load::run(&bare.address, CONNECTIONS, time, 200, |connection, number| {
        load::get(&format!("/list-page/name%20of%20{:08}", (connection * 997 + number) % (ROWS - 25)), &[])
    })
    .await;
    let cookie = cookie.to_owned();
    let ours = load::run(&server.address, CONNECTIONS, time, 200, move |_, _| {
        load::get("/w/main/r/deal?limit=25", &[("cookie", &cookie)])
    })
    .await;
    Figure {
        work: "list page of 25 rows",
        value: ours.rate,
        unit: "/s",
        bare: beside.rate,
        beside: "axum + SELECT + write!",
        budget: Budget::AtLeast(800.0),
        note: note(&ours),
    }
}

async fn create(time: Duration, bare: &BareServer, server: &Server, bearer: &str) -> Figure {
    eprintln!("Create …");
    let body = |connection: usize, number: usize| {
        json!({ "name": format!("Deal {connection}-{number}"), "amount": number % 9_000, "stage": "propose" })
            .to_string()
    };
    let beside = load::run(&bare.address, CONNECTIONS, time, 201, move |connection, number| {
        load::post("/record", &[], &body(connection, number))
    })
    .await;
    let bearer = bearer.to_owned();
    let ours = load::run(&server.address, CONNECTIONS, time, 201, move |connection, number| {
        load::post("/w/main/api/v1/records/deal", &[("authorization", &bearer)], &body(connection, number))
    })
    .await;
    Figure {
        work: "create with script, formula, journal, event; durable, 8 writers",
        value: ours.rate,
        unit: "/s",
        bare: beside.rate,
        beside: "axum + INSERT, a commit each",
        budget: Budget::AtLeast(700.0),
        note: note(&ours),
    }
}

async fn import(server: &Server, file: &str, scratch: &std::path::Path) -> Figure {
    eprintln!("Import …");
    let folder = data::folder(scratch);
    let maps = repository::root().join("examples/maven-crm");
    let steps = [
        ("product", "products.csv", "products.json"),
        ("account", "accounts.csv", "accounts.json"),
        ("user", "sales_teams.csv", "managers.json"),
        ("user", "sales_teams.csv", "agents.json"),
        ("deal", "sales_pipeline.csv", "deals.json"),
    ];
    let mut took = Duration::ZERO;
    for (entity, csv, map) in steps {
        let (csv, map) = (folder.join(csv).display().to_string(), maps.join(map).display().to_string());
        let begun = Instant::now();
        server.installation.run(&["import", entity, &csv, "--map", &map]).await.done();
        took = begun.elapsed();
    }
    // The same rows into one table, in one transaction.
    let begun = Instant::now();
    bare::prepare(&format!("{file}.import"), data::DEALS).await;
    Figure {
        work: "import of 8,800 deals, rules on",
        value: took.as_secs_f64(),
        unit: "s",
        bare: begun.elapsed().as_secs_f64(),
        beside: "INSERTs in one commit",
        budget: Budget::AtMost(5.0),
        note: String::new(),
    }
}

/// Cold start on a filled folder, median of five, and the memory of a server that has nothing to do.
async fn start_and_rest(file: &str) -> [Figure; 2] {
    eprintln!("Start and memory …");
    let mut server = Installation::new(Engine::Sqlite).serve().await;
    let (mut ours, mut beside) = (Vec::new(), Vec::new());
    let mut memory = (0.0, 0.0);
    for _ in 0..5 {
        server.kill9();
        let begun = Instant::now();
        server.respawn_with(&[]);
        first_answer(&server.address).await;
        ours.push(begun.elapsed());
        memory.0 = resident_megabytes(server.process_id());
        let bare = BareServer::start(file);
        first_answer(&bare.address).await;
        beside.push(bare.started);
        memory.1 = resident_megabytes(bare.child.id());
    }
    ours.sort_unstable();
    beside.sort_unstable();
    [
        Figure {
            work: "cold start to first answer",
            value: ours[2].as_secs_f64() * 1000.0,
            unit: "ms",
            bare: beside[2].as_secs_f64() * 1000.0,
            beside: "axum + open database",
            budget: Budget::AtMost(500.0),
            note: "median of five".to_owned(),
        },
        Figure {
            work: "idle memory",
            value: memory.0,
            unit: "MB",
            bare: memory.1,
            beside: "axum + open database",
            budget: Budget::AtMost(80.0),
            note: "resident, after the first answer".to_owned(),
        },
    ]
}

async fn first_answer(address: &str) {
    let address = address.trim_start_matches("http://");
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        if let Ok(mut stream) = tokio::net::TcpStream::connect(address).await {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let mut answer = [0; 12];
            let asked = stream.write_all(&load::get("/readyz", &[])).await.is_ok();
            if asked && stream.read_exact(&mut answer).await.is_ok() && &answer[9..] == b"200" {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("no answer from {address}");
}

fn resident_megabytes(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the status of a process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
    let kibibytes: f64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number");
    kibibytes * 1024.0 / 1_000_000.0
}
