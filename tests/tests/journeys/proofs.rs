//! A process is killed while it publishes: everything is as it was before, or all of it is new. The proofs that are
//! long trials print their seed; `KONTOR_PROOF=<n>` makes them n times as long, `KONTOR_SEED=<seed>` repeats one.

#![allow(clippy::cast_possible_truncation, reason = "small numbers of a trial")]

use std::time::Duration;

use kontor_testing::{Api, Dice, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, building};

on_both_databases!(a_kill_leaves_the_old_or_the_new_version);

/// How many times longer than usual.
fn times() -> usize {
    std::env::var("KONTOR_PROOF").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

async fn newest(admin: &Api) -> u64 {
    let versions = admin.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

/// Everything at once: columns that convert, a new one, an index that becomes unique.
fn rebuilt(round: usize) -> Value {
    let mut changed = building();
    changed["search"] = json!(["name"]);
    changed["properties"]["town"] = json!({ "kind": "integer", "title": "Town" });
    changed["properties"]["floors"] = json!({ "kind": "text", "title": "Floors" });
    changed["properties"][format!("extra{round}")] = json!({ "kind": "text", "title": "Extra" });
    changed["properties"]["secret"]["unique"] = json!(true);
    changed
}

/// All of it or nothing of it, in every row: definition, columns, values. Says which.
async fn is_new(admin: &Api, round: usize, at: &str) -> bool {
    let entity = admin.get("definitions/entity/building").await.is(200);
    let is_new = entity.word("/properties/town/kind") == "integer";
    let floors = if is_new { "text" } else { "integer" };
    assert_eq!(entity.word("/properties/floors/kind"), floors, "{at}");
    assert_eq!(entity.json["properties"].get(format!("extra{round}")).is_some(), is_new, "{at}");
    let page = admin.get("records/building?limit=500&sort=name").await.is(200);
    assert_eq!(page.list("/data").len(), ROWS, "{at}");
    for one in page.list("/data") {
        let number = one["name"].as_str().unwrap().trim_start_matches('B').to_owned();
        let (town, floors) = (one["town"].clone(), one["floors"].clone());
        let whole = json!(number.parse::<u64>().unwrap());
        let expected = if is_new { (whole, json!(number)) } else { (json!(number), whole) };
        assert_eq!((town, floors), expected, "{at}");
    }
    is_new
}

/// Where the process is ended, and whether the new version is there afterwards.
const KILLS: [(&str, bool); 4] = [
    ("publish_tables", false),
    ("publish_filled", false),
    ("publish_written", false),
    // Committed, and nobody was told.
    ("publish_committed", true),
];

const ROWS: usize = 400;
/// A round that there is not.
const NEVER: usize = 999;
/// Rounds at random moments beyond the usual ones, while none has met a publish.
const MORE: usize = 8;
/// Milliseconds after which a publish that was asked for has begun.
const BEGUN: usize = 10;

async fn a_kill_leaves_the_old_or_the_new_version(engine: Engine) {
    let seed = kontor_testing::seed(&format!("kill -9 while publishing on {engine:?}"));
    let mut dice = Dice::new(seed, 2);
    let mut world = World::start(engine).await;
    let rows: Vec<Value> =
        (0..ROWS).map(|n| json!({ "name": format!("B{n}"), "town": n.to_string(), "floors": n })).collect();
    world.admin.post("records/building/bulk", &json!({ "create": rows })).await.is(200);
    let base = newest(&world.admin).await;
    // How long a publish takes here, to choose a moment inside of one.
    let set = world.admin.change_set("Undisturbed", &[("entity", "building", rebuilt(NEVER - 1))]).await;
    let begun = std::time::Instant::now();
    world.admin.post(&format!("changes/{set}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let mut latest = begun.elapsed().as_millis() as usize;
    world.admin.post(&format!("versions/{base}/restore"), &json!({})).await.is(200);
    let (mut met, mut round) = (0, 0);
    let enough = KILLS.len() + 2 * times();
    // At each place inside a publish, and then at any moment; until one of those met a publish that was running.
    while round < enough || (met == 0 && round < enough + MORE) {
        let mut moment = 0;
        let kill = KILLS.get(round);
        let at = format!("KONTOR_SEED={seed}, kill {round} {kill:?}");
        if let Some((point, _)) = kill {
            world.server.restart_with(&[("KONTOR_FAULT", point)]).await;
        }
        let set =
            world.admin.change_set("Everything at once", &[("entity", "building", rebuilt(round))]).await;
        let request = world
            .admin
            .request(reqwest::Method::POST, &format!("changes/{set}/publish"))
            .json(&json!({ "accept_loss": true }));
        let sent = tokio::spawn(request.send());
        if let Some((point, _)) = kill {
            // It ends by itself, so a publish was running.
            world.server.dies(point).await;
        } else {
            // The moment of the kill is what is random here.
            moment = BEGUN + dice.below(latest.saturating_sub(BEGUN).max(1));
            tokio::time::sleep(Duration::from_millis(moment as u64)).await;
            world.server.kill9();
        }
        let acknowledged = sent.await.expect("a task").is_ok_and(|answer| answer.status() == 200);
        match (kill, acknowledged) {
            (Some(_), _) => assert!(!acknowledged, "{at}: it was answered before it ended"),
            (None, true) => latest = moment,
            (None, false) => met += 1,
        }
        world.server.restart().await;
        let admin = &world.admin;
        let is_new = is_new(admin, round, &at).await;
        assert!(is_new || !acknowledged, "{at}: an acknowledged publish is gone");
        if let Some((_, expected)) = kill {
            assert_eq!(is_new, *expected, "{at}");
        }
        if is_new {
            admin.post(&format!("versions/{base}/restore"), &json!({})).await.is(200);
        } else {
            admin.delete(&format!("changes/{set}")).await;
        }
        assert!(!self::is_new(admin, NEVER, &at).await, "{at}: the way back");
        round += 1;
    }
    assert!(met > 0, "KONTOR_SEED={seed}: every kill at a random moment came after the answer");
}
