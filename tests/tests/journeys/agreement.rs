//! SQLite and PostgreSQL give the same answers to the same questions over the same records, filters and orders
//! drawn from a seed.

use kontor_testing::{Api, Engine};
use serde_json::{Value, json};

use crate::world::{World, column};

/// Numbers that look random and follow from the seed (a linear congruential generator, constants of Knuth's MMIX).
struct Seed(u64);

impl Seed {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let length = u64::try_from(choices.len()).expect("a few choices");
        choices[usize::try_from(self.below(length)).expect("a small number")].clone()
    }
}

const NAMES: [&str; 10] =
    ["alpha", "Alpha 2", "ALPHABET", "beta", "Äpfel", "äpfel", "工地", "Zoë", "100 %", "under_score"];

fn record(seed: &mut Seed, number: u64) -> Value {
    let mut record = json!({ "name": format!("{} {number:02}", seed.pick(&NAMES)) });
    let mut maybe = |seed: &mut Seed, field: &str, value: Value| {
        if seed.below(4) > 0 {
            record[field] = value;
        }
    };
    let people = seed.below(6);
    maybe(seed, "people", json!(people));
    let hours = format!("{}.{}", seed.below(4), seed.below(100));
    maybe(seed, "hours", json!(hours));
    let cost = seed.below(5) * 25;
    maybe(seed, "cost", json!(cost));
    let paid = seed.below(2) == 1;
    maybe(seed, "paid", json!(paid));
    let day = format!("2026-0{}-{:02}", seed.below(3) + 1, seed.below(28) + 1);
    maybe(seed, "day", json!(day));
    let outcome = seed.pick(&["planned", "good", "bad"]);
    maybe(seed, "outcome", json!(outcome));
    let topics = seed.pick(&[json!([]), json!(["roof"]), json!(["roof", "safety"]), json!(["energy"])]);
    maybe(seed, "topics", topics);
    let summary = seed.pick(&["屋顶漏水", "Roof", "roof and wall", "50%_off", "it's \"quoted\""]);
    maybe(seed, "summary", json!(summary));
    let site = seed.pick(&["Depot", "mill", "Tower"]);
    maybe(seed, "site", json!({ "name": site }));
    record
}

fn leaf(seed: &mut Seed) -> Value {
    let comparison = seed.pick(&["eq", "ne", "lt", "lte", "gt", "gte"]);
    let people = seed.below(6);
    let cost = seed.below(5) * 25;
    let text = seed.pick(&["alpha", "ÄPFEL", "o", "工", "%", "_", "Roof", "\"", "'"]);
    let how = seed.pick(&["contains", "not_contains", "starts_with", "ends_with", "eq", "ne"]);
    let (low, high) = (seed.below(3), seed.below(4) + 2);
    let month = seed.below(3) + 1;
    match seed.below(15) {
        0 => json!({ "field": "people", comparison: people }),
        1 => json!({ "field": "cost", comparison: cost }),
        2 => json!({ "field": "hours", comparison: "1.5" }),
        3 => json!({ "field": "day", comparison: format!("2026-0{month}-15") }),
        4 => json!({ "field": seed.pick(&["name", "summary", "site.name"]), how: text }),
        5 => {
            json!({ "field": seed.pick(&["summary", "people", "site", "topics", "cost"]), "empty": seed.below(2) == 1 })
        }
        6 => json!({ "field": "outcome", seed.pick(&["in", "not_in"]): ["good", "bad"] }),
        7 => json!({ "field": "topics", seed.pick(&["any_of", "all_of", "none_of"]): ["roof", "safety"] }),
        8 => json!({ "field": "people", "between": [low, high] }),
        9 => json!({ "field": "paid", "eq": seed.below(2) == 1 }),
        12 => json!({ "field": "people", "between": [low, { "field": "hours" }] }),
        13 => {
            json!({ "field": "people", seed.pick(&["in", "not_in"]): [low, { "field": "hours" }, high] })
        }
        14 => json!({ "field": "day", "between": [format!("2026-0{month}-10"), { "now": "-30d" }] }),
        10 => json!({ "field": "site.town", seed.pick(&["eq", "ne"]): "Ulm" }),
        _ => json!({ "field": "rate", comparison: 20 }),
    }
}

fn filter(seed: &mut Seed, depth: u64) -> Value {
    if depth == 0 || seed.below(3) == 0 {
        return leaf(seed);
    }
    match seed.below(3) {
        0 => json!({ "not": filter(seed, depth - 1) }),
        1 => json!({ "all": [filter(seed, depth - 1), filter(seed, depth - 1)] }),
        _ => json!({ "any": [filter(seed, depth - 1), filter(seed, depth - 1)] }),
    }
}

async fn fill(world: &World) {
    for (name, town) in [("Depot", Some("Ulm")), ("mill", Some("Bonn")), ("Tower", None)] {
        world.admin.create("building", &json!({ "name": name, "town": town })).await;
    }
    let mut seed = Seed(2026);
    let create: Vec<Value> = (0..60).map(|number| record(&mut seed, number)).collect();
    world.admin.post("records/site_visit/bulk", &json!({ "create": create })).await.is(200);
}

async fn ask(api: &Api, filter: &str, sort: &str) -> Vec<String> {
    let query = [("filter", filter), ("sort", sort), ("limit", "100"), ("count", "exact")];
    let answer = api.get_with("records/site_visit", &query).await.is(200);
    let names = column(&answer, "name");
    assert_eq!(answer.at("/page/count").as_u64(), u64::try_from(names.len()).ok(), "{filter}\n{answer}");
    names
}

#[tokio::test]
async fn both_databases_answer_alike() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let (sqlite, postgres) = (World::start(Engine::Sqlite).await, World::start(Engine::Postgres).await);
    fill(&sqlite).await;
    fill(&postgres).await;
    // The questions of one seed are asked in every run, those of another one in this.
    let drawn = kontor_testing::seed("both databases answer alike");
    let (mut some, mut none) = (0, 0);
    let mut seed = Seed(7);
    for number in 0..200 {
        if number == 100 {
            seed = Seed(drawn);
        }
        let filter = filter(&mut seed, 3).to_string();
        let sort = seed.pick(&[
            "name",
            "-name",
            "people,name",
            "-cost,name",
            "outcome,-name",
            "summary,name",
            "site.name,name",
        ]);
        let ours = ask(&sqlite.admin, &filter, sort).await;
        assert_eq!(
            ours,
            ask(&postgres.admin, &filter, sort).await,
            "KONTOR_SEED={drawn}: {filter} sorted by {sort}"
        );
        if ours.is_empty() {
            none += 1;
        } else {
            some += 1;
        }
    }
    assert!(some > 80 && none < 100, "the filters say little: {some} find something, {none} nothing");
    for question in [
        json!({ "entity": "site_visit", "group": [{ "field": "outcome" }], "measures": [{ "count": true, "as": "n" }, { "sum": "cost", "as": "total" }, { "avg": "hours", "as": "average" }], "sort": ["outcome"] }),
        json!({ "entity": "site_visit", "group": [{ "field": "day", "by": "month" }, { "field": "site.name" }], "measures": [{ "count": true, "as": "n" }, { "min": "people", "as": "least" }, { "max": "rate", "as": "most" }], "sort": ["-n", "day", "site.name"] }),
        json!({ "entity": "site_visit", "group": [{ "field": "day", "by": "quarter" }], "measures": [{ "count": true, "as": "n", "where": { "field": "paid", "eq": true } }], "sort": ["day"] }),
    ] {
        let ours = sqlite.admin.post("query", &question).await.is(200);
        let theirs = postgres.admin.post("query", &question).await.is(200);
        assert_eq!(ours.json["data"], theirs.json["data"], "{question}");
    }
}
