//! Values that follow other values: formulas through links, roll-ups, roll-ups of formulas and formulas of roll-ups,
//! over three objects; in the same save, in the background when many follow, and when the day comes.

use std::collections::HashMap;

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(
    a_change_is_followed_through_three_objects,
    random_changes_leave_no_stale_value,
    circles_are_refused_with_their_path,
    amounts_in_several_currencies_are_not_added_up,
);

pub(crate) fn entity(name: &str, properties: Value) -> Value {
    json!({ "$schema": schema("entity"), "name": name, "title": name, "plural": format!("{name}s"), "type": "object",
            "display": "name", "properties": properties, "required": ["name"], "search": ["name"] })
}

pub fn region() -> Value {
    entity(
        "region",
        json!({
            "name": { "kind": "text", "title": "Name" },
            "factor": { "kind": "decimal", "title": "Factor", "scale": 2 },
            "total": { "kind": "decimal", "title": "Total", "scale": 2, "rollup": { "of": "branch.region", "sum": "total" } },
            "best": { "kind": "decimal", "title": "Best", "scale": 2, "rollup": { "of": "branch.region", "max": "total" } },
            "branches": { "kind": "integer", "title": "Branches", "rollup": { "of": "branch.region", "count": true } },
            "mean": { "kind": "decimal", "title": "Mean", "scale": 2, "formula": "total / branches" }
        }),
    )
}

pub fn branch() -> Value {
    entity(
        "branch",
        json!({
            "name": { "kind": "text", "title": "Name" },
            "region": { "kind": "link", "to": "region", "title": "Region", "on_delete": "empty" },
            "label": { "kind": "text", "title": "Label", "formula": "region.name + \" / \" + name" },
            "total": { "kind": "decimal", "title": "Total", "scale": 2,
                       "rollup": { "of": "sale.branch", "sum": "worth", "where": { "field": "done", "eq": true } } },
            "open": { "kind": "integer", "title": "Open",
                      "rollup": { "of": "sale.branch", "count": true, "where": { "field": "done", "eq": false } } },
            "first": { "kind": "date", "title": "First", "rollup": { "of": "sale.branch", "min": "day" } },
            "hours": { "kind": "decimal", "title": "Hours", "scale": 2, "rollup": { "of": "sale.branch", "avg": "hours" } },
            "latest": { "kind": "text", "title": "Latest", "rollup": { "of": "sale.branch", "last": "name", "by": "day" } },
            "begun": { "kind": "decimal", "title": "Begun", "scale": 2,
                       "rollup": { "of": "sale.branch", "first": "worth", "by": "day", "where": { "field": "done", "eq": true } } },
            "days": { "kind": "long_text", "title": "Days", "rollup": { "of": "sale.branch", "list": "day", "limit": 3 } },
            "names": { "kind": "tags", "title": "Names", "rollup": { "of": "sale.branch", "list": "name" } },
            "kinds": { "kind": "integer", "title": "Days", "rollup": { "of": "sale.branch", "count_distinct": "day" } }
        }),
    )
}

pub fn sale() -> Value {
    entity(
        "sale",
        json!({
            "name": { "kind": "text", "title": "Name" },
            "branch": { "kind": "link", "to": "branch", "title": "Branch", "on_delete": "cascade" },
            "hours": { "kind": "decimal", "title": "Hours", "scale": 2 },
            "done": { "kind": "boolean", "title": "Done" },
            "day": { "kind": "date", "title": "Day" },
            "worth": { "kind": "decimal", "title": "Worth", "scale": 2, "formula": "hours * branch.region.factor" },
            "where": { "kind": "text", "title": "Where", "formula": "branch.label" },
            "age": { "kind": "integer", "title": "Age", "formula": "days_between(day, today())" },
            "old": { "kind": "boolean", "title": "Old", "formula": "age > 30" }
        }),
    )
}

pub async fn start(engine: Engine) -> World {
    let world = World::start(engine).await;
    // Each definition is checked as it arrives, so what points at nothing yet comes second.
    let definitions = [
        ("entity", "region", plain(region())),
        ("entity", "branch", plain(branch())),
        ("entity", "sale", sale()),
        ("entity", "branch", branch()),
        ("entity", "region", region()),
    ];
    world.admin.publish("Sales", &definitions).await;
    world
}

/// Without roll-ups and what is made of them.
pub fn plain(mut entity: Value) -> Value {
    let fields = entity["properties"].as_object_mut().unwrap();
    fields.retain(|name, field| field.get("rollup").is_none() && name != "mean");
    if fields.contains_key("region") {
        fields.insert("total".into(), json!({ "kind": "decimal", "title": "Total", "scale": 2 }));
    }
    entity
}

pub(crate) async fn make(api: &Api, entity: &str, values: &Value) -> String {
    api.create(entity, values).await.id()
}

async fn a_change_is_followed_through_three_objects(engine: Engine) {
    let world = start(engine).await;
    let api = &world.admin;
    let north = make(api, "region", &json!({ "name": "North", "factor": 2 })).await;
    let south = make(api, "region", &json!({ "name": "South", "factor": 10 })).await;
    let kiel = make(api, "branch", &json!({ "name": "Kiel", "region": north })).await;
    let bonn = make(api, "branch", &json!({ "name": "Bonn", "region": north })).await;
    let sold = make(
        api,
        "sale",
        &json!({ "name": "A", "branch": kiel, "hours": "1.5", "done": true, "day": "2026-01-02" }),
    )
    .await;
    make(api, "sale", &json!({ "name": "B", "branch": bonn, "hours": 4, "done": true })).await;
    let at = async |entity: &str, id: &str, field: &str| {
        api.record(entity, id).await.at(&format!("/{field}")).clone()
    };
    assert_eq!(at("sale", &sold, "worth").await.to_string(), "3.00");
    assert_eq!(at("region", &north, "total").await.to_string(), "11.00");
    assert_eq!(at("region", &north, "best").await.to_string(), "8.00");
    assert_eq!(at("region", &north, "mean").await.to_string(), "5.50");
    assert_eq!(at("region", &south, "total").await, Value::Null, "a sum of nothing is empty");
    assert_eq!(at("region", &south, "branches").await, json!(0), "a count of nothing is none");
    assert_eq!(at("branch", &kiel, "first").await, json!("2026-01-02"));

    // From the top down and back up, in one answer: the factor makes the worth, the worth the totals.
    let version = at("sale", &sold, "version").await;
    api.patch(&format!("records/region/{north}"), &json!({ "factor": 3, "name": "Nord" })).await.is(200);
    assert_eq!(at("sale", &sold, "worth").await.to_string(), "4.50");
    assert_eq!(at("sale", &sold, "where").await, json!("Nord / Kiel"));
    assert_eq!(at("region", &north, "total").await.to_string(), "16.50");
    assert_eq!(at("sale", &sold, "version").await, version, "what follows raises no version");
    let history = api.get(&format!("records/sale/{sold}/history")).await.is(200);
    assert!(
        history.text.contains("4.5") && history.text.contains("worth"),
        "it is in the history\n{history}"
    );

    // Somebody else's house: both regions follow.
    api.patch(&format!("records/branch/{kiel}"), &json!({ "region": south })).await.is(200);
    assert_eq!(at("region", &north, "total").await.to_string(), "12.00");
    assert_eq!(at("region", &south, "total").await.to_string(), "15.00");
    assert_eq!(at("sale", &sold, "worth").await.to_string(), "15.00");

    // Into the bin and back.
    api.delete(&format!("records/sale/{sold}")).await.is(204);
    assert_eq!(at("region", &south, "total").await, Value::Null);
    api.post(&format!("records/sale/{sold}/restore"), &json!({})).await;
    assert_eq!(at("region", &south, "total").await.to_string(), "15.00");
    api.delete(&format!("records/region/{south}")).await.is(204);
    assert_eq!(at("sale", &sold, "worth").await, Value::Null, "what is in the bin is as good as not there");
    assert_eq!(at("branch", &kiel, "total").await, Value::Null);

    // Nobody writes what is worked out.
    api.patch(&format!("records/sale/{sold}"), &json!({ "worth": 1 })).await.refused(422);
}

/// Numbers that look random and follow from the seed (constants of Knuth's MMIX).
struct Seed(u64);

impl Seed {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick(&mut self, ids: &[String]) -> Value {
        match self.below(ids.len() + 1) {
            0 => Value::Null,
            index => json!(ids[index - 1]),
        }
    }
}

fn sale_values(seed: &mut Seed, branches: &[String]) -> Value {
    let hours = format!("{}.{:02}", seed.below(30), seed.below(100));
    let hours = if seed.below(6) == 0 { Value::Null } else { json!(hours) };
    json!({ "branch": seed.pick(branches), "hours": hours, "done": seed.below(3) > 0,
            "day": format!("2026-0{}-1{}", seed.below(9) + 1, seed.below(9)) })
}

async fn random_changes_leave_no_stale_value(engine: Engine) {
    let seeded = kontor_testing::seed(&format!("derived values after random changes on {engine:?}"));
    let mut seed = Seed(seeded);
    let world = start(engine).await;
    let api = &world.admin;
    let (mut regions, mut branches, mut sales, mut bin) = (vec![], vec![], vec![], vec![]);
    for number in 0..3 {
        let values = json!({ "name": format!("R{number}"), "factor": format!("{}.5", seed.below(9)) });
        regions.push(make(api, "region", &values).await);
    }
    for number in 0..5 {
        let values = json!({ "name": format!("B{number}"), "region": seed.pick(&regions) });
        branches.push(make(api, "branch", &values).await);
    }
    for step in 0..90 {
        match seed.below(9) {
            0 | 1 => {
                let mut values = sale_values(&mut seed, &branches);
                values["name"] = json!(format!("S{step}"));
                sales.push(make(api, "sale", &values).await);
            }
            2 => {
                let create: Vec<Value> = (0..3)
                    .map(|part| {
                        let mut values = sale_values(&mut seed, &branches);
                        values["name"] = json!(format!("S{step}.{part}"));
                        values
                    })
                    .collect();
                let update: Vec<Value> = sales
                    .iter()
                    .take(2)
                    .map(|id: &String| {
                        let mut values = sale_values(&mut seed, &branches);
                        values["id"] = json!(id);
                        values
                    })
                    .collect();
                let body = json!({ "create": create, "update": update });
                let done = api.post("records/sale/bulk", &body).await.is(200);
                let made = done.list("/results").iter().take(3).filter_map(|one| one["id"].as_str());
                sales.extend(made.map(str::to_owned));
            }
            3 | 4 if !sales.is_empty() => {
                let id = &sales[seed.below(sales.len())];
                let values = sale_values(&mut seed, &branches);
                api.patch(&format!("records/sale/{id}"), &values).await.is(200);
            }
            5 if !sales.is_empty() => {
                let id = sales.swap_remove(seed.below(sales.len()));
                api.delete(&format!("records/sale/{id}")).await.is(204);
                bin.push(id);
            }
            6 if !bin.is_empty() => {
                let id = bin.swap_remove(seed.below(bin.len()));
                let back = api.post(&format!("records/sale/{id}/restore"), &json!({})).await;
                assert!(back.status < 300, "{back}");
                sales.push(id);
            }
            7 => {
                let id = &branches[seed.below(branches.len())];
                let values = json!({ "region": seed.pick(&regions), "name": format!("B at {step}") });
                api.patch(&format!("records/branch/{id}"), &values).await.is(200);
            }
            _ => {
                let id = &regions[seed.below(regions.len())];
                let values =
                    json!({ "factor": format!("{}.25", seed.below(9)), "name": format!("R at {step}") });
                api.patch(&format!("records/region/{id}"), &values).await.is(200);
            }
        }
    }
    check_all(api).await;
}

/// Everything as a reader would work it out by hand, in cents.
pub async fn check_all(api: &Api) {
    let all = async |entity: &str| -> HashMap<String, Value> {
        let answer = api.get_with(&format!("records/{entity}"), &[("limit", "500")]).await.is(200);
        answer.list("/data").iter().map(|one| (one["id"].as_str().unwrap().to_owned(), one.clone())).collect()
    };
    let (regions, branches, sales) = (all("region").await, all("branch").await, all("sale").await);
    let cents = |value: &Value| -> Option<i64> {
        let text = value.to_string();
        let (whole, part) = text.split_once('.').unwrap_or((&text, "00"));
        format!("{whole}{part:0<2}").parse().ok()
    };
    let link = |record: &Value, field: &str| record[field]["id"].as_str().map(str::to_owned);
    let mut totals: HashMap<String, Option<i64>> = HashMap::new();
    for (id, sale) in &sales {
        let branch = link(sale, "branch").and_then(|branch| branches.get(&branch));
        let region = branch.and_then(|branch| link(branch, "region")).and_then(|region| regions.get(&region));
        let worth = region.and_then(|region| {
            let product = cents(&sale["hours"])? * cents(&region["factor"])?;
            Some((product + 50) / 100)
        });
        assert_eq!(cents(&sale["worth"]), worth, "sale {id}: {sale}");
        let label = region.zip(branch).map(|(region, branch)| {
            format!("{} / {}", region["name"].as_str().unwrap(), branch["name"].as_str().unwrap())
        });
        assert_eq!(sale["where"].as_str().map(str::to_owned), label, "sale {id}: {sale}");
    }
    for (id, branch) in &branches {
        let own: Vec<&Value> =
            sales.values().filter(|sale| link(sale, "branch").as_ref() == Some(id)).collect();
        let done = own.iter().filter(|sale| sale["done"] == true).filter_map(|sale| cents(&sale["worth"]));
        let total = done.reduce(|left, right| left + right);
        assert_eq!(cents(&branch["total"]), total, "branch {id}: {branch}");
        let open = own.iter().filter(|sale| sale["done"] == false).count();
        assert_eq!(branch["open"], json!(open), "branch {id}: {branch}");
        let first = own.iter().filter_map(|sale| sale["day"].as_str()).min();
        assert_eq!(branch["first"].as_str(), first, "branch {id}: {branch}");
        totals.insert(id.clone(), total);
        check_gathered(id, branch, &own, cents);
    }
    for (id, region) in &regions {
        let own: Vec<&String> = branches
            .iter()
            .filter(|(_, branch)| link(branch, "region").as_ref() == Some(id))
            .map(|(id, _)| id)
            .collect();
        let parts: Vec<i64> = own.iter().filter_map(|id| totals[*id]).collect();
        let total = (!parts.is_empty()).then(|| parts.iter().sum::<i64>());
        assert_eq!(cents(&region["total"]), total, "region {id}: {region}");
        assert_eq!(cents(&region["best"]), parts.iter().max().copied(), "region {id}: {region}");
        assert_eq!(region["branches"], json!(own.len()), "region {id}: {region}");
        let mean = total.filter(|_| !own.is_empty()).map(|total| {
            let count = i64::try_from(own.len()).unwrap();
            (2 * total + count) / (2 * count)
        });
        assert_eq!(cents(&region["mean"]), mean, "region {id}: {region}");
    }
}

async fn circles_are_refused_with_their_path(engine: Engine) {
    let world = start(engine).await;
    let api = &world.admin;
    let change = api.post("changes", &json!({ "title": "Circle" })).await.is(201).id();
    let mut circular = region();
    circular["properties"]["factor"]["formula"] = json!("total / 100");
    let put = api.put(&format!("changes/{change}/entity/region"), &circular).await;
    let refused = if put.status == 422 {
        put
    } else {
        api.post(&format!("changes/{change}/publish"), &json!({})).await
    };
    assert_eq!(refused.status, 422, "{refused}");
    assert!(refused.text.contains("formula_cycle"), "{refused}");
    for part in ["region.factor", "sale.worth", "branch.total", "region.total"] {
        assert!(refused.text.contains(part), "{part}\n{refused}");
    }
    // A formula says where it is wrong and what was expected there.
    let mut wrong = region();
    wrong["properties"]["mean"]["formula"] = json!("total /\n name");
    let refused = api.put(&format!("changes/{change}/entity/region"), &wrong).await.refused(422);
    assert!(refused.text.contains("formula_types") && refused.text.contains("/properties/mean/formula"));
}

async fn amounts_in_several_currencies_are_not_added_up(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let mut building = crate::world::building();
    building["properties"]["spent"] =
        json!({ "kind": "money", "title": "Spent", "rollup": { "of": "site_visit.site", "sum": "cost" } });
    let view = json!({ "$schema": schema("view"), "name": "costs", "title": "Costs", "entity": "site_visit", "type": "list",
                       "columns": ["name", "cost"], "totals": { "cost": "sum" } });
    api.publish("Spent", &[("entity", "building", building), ("view", "costs", view)]).await;
    let depot = world.building("Depot").await;
    let visit = async |name: &str, cost: u32, currency: &str| {
        let values = json!({ "name": name, "site": depot, "cost": cost, "cost_currency": currency });
        make(api, "site_visit", &values).await
    };
    let total = async || {
        let question = json!({ "entity": "site_visit", "measures": [{ "sum": "cost", "as": "total" }] });
        api.post("query", &question).await.is(200)
    };
    let visitor = world.server.administrator().await;
    visit("A", 100, "USD").await;
    let second = visit("B", 50, "USD").await;
    let one = api.record("building", &depot).await;
    assert_eq!((one.number("/spent"), one.word("/spent_currency")), (150.0, "USD"), "{one}");
    assert_eq!(total().await.number("/data/0/total"), 150.0);
    visitor.open("r/site_visit?view=costs").await.says("$150").never_says("≈");

    api.patch(&format!("records/site_visit/{second}"), &json!({ "cost_currency": "JPY" })).await.is(200);
    let several = api.record("building", &depot).await;
    assert_eq!(
        (several.at("/spent"), several.at("/spent_currency")),
        (&Value::Null, &Value::Null),
        "{several}"
    );
    let answer = total().await;
    assert_eq!(answer.at("/data/0/total"), &Value::Null, "{answer}");
    assert_eq!(answer.at("/mixed_currencies"), &json!(true), "{answer}");
    visitor.open("r/site_visit?view=costs").await.says("2 amounts have no exchange rate");

    api.delete(&format!("records/site_visit/{second}")).await.is(204);
    let again = api.record("building", &depot).await;
    assert_eq!((again.number("/spent"), again.word("/spent_currency")), (100.0, "USD"), "{again}");
    // The page of jobs has a place for what is being calculated.
    visitor.open("admin/jobs?tab=calculations").await.says("Calculations");

    // A total that no number holds is told, and takes neither the page nor the other numbers with it.
    let heap = json!({ "name": "heap", "title": "Heap", "type": "object", "display": "name", "properties": {
        "name": { "kind": "text", "title": "Name" },
        "weight": { "kind": "decimal", "title": "Weight", "scale": 4 } } });
    let view = json!({ "$schema": schema("view"), "name": "heaps", "title": "Heaps", "entity": "heap", "type": "list",
                       "columns": ["name", "weight"], "totals": { "weight": "sum" } });
    api.publish("Heaps", &[("entity", "heap", heap), ("view", "heaps", view)]).await;
    for name in ["A", "B"] {
        api.create("heap", &json!({ "name": name, "weight": 600_000_000_000_000_i64 })).await.is(201);
    }
    visitor.open("r/heap?view=heaps").await.says("too large to be told");
    let question = json!({ "entity": "heap", "measures": [{ "sum": "weight", "as": "w" }, { "count": true, "as": "n" }] });
    let answer = api.post("query", &question).await.is(200);
    assert_eq!((answer.at("/data/0/w"), answer.at("/data/0/n")), (&Value::Null, &json!(2)), "{answer}");
    assert_eq!(answer.at("/too_large"), &json!(true), "{answer}");
}

/// Values that a new formula gives to records that exist are computed by the database; saving a record computes them in
/// memory. Some of these the database refuses to compute, so that the whole chunk is worked out in memory.
/// The first, the last, the different ones.
fn check_gathered(id: &str, branch: &Value, own: &[&Value], cents: impl Fn(&Value) -> Option<i64>) {
    let place = |sale: &&&Value| (sale["day"].to_string(), sale["id"].to_string());
    let dated = || own.iter().filter(|sale| !sale["day"].is_null());
    let latest = dated().max_by_key(place).map_or(Value::Null, |sale| sale["name"].clone());
    assert_eq!(branch["latest"], latest, "branch {id}: {branch}");
    let begun = dated().filter(|sale| sale["done"] == true).min_by_key(place);
    assert_eq!(
        cents(&branch["begun"]),
        begun.and_then(|sale| cents(&sale["worth"])),
        "branch {id}: {branch}"
    );
    let texts = |field: &str| {
        let mut texts: Vec<&str> = own.iter().filter_map(|sale| sale[field].as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    let days = texts("day");
    let told =
        days.iter().take(3).copied().chain((days.len() > 3).then_some("…")).collect::<Vec<_>>().join(", ");
    assert_eq!(branch["days"].as_str().unwrap_or_default(), told, "branch {id}: {branch}");
    assert_eq!(branch["kinds"], json!(days.len()), "branch {id}: {branch}");
    let names = texts("name");
    let kept: Vec<&str> =
        branch["names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let more = (names.len() > 20).then_some("…");
    assert_eq!(kept, names.into_iter().take(20).chain(more).collect::<Vec<_>>(), "branch {id}: {branch}");
}
