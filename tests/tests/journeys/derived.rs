//! Values that follow other values: formulas through links, roll-ups, roll-ups of formulas and formulas of roll-ups,
//! over three objects; in the same save, in the background when many follow, and when the day comes.

use std::collections::HashMap;

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, idle, schema};

on_both_databases!(
    a_change_is_followed_through_three_objects,
    random_changes_leave_no_stale_value,
    many_followers_are_worked_out_in_the_background,
    the_day_comes,
    circles_are_refused_with_their_path,
    amounts_in_several_currencies_are_not_added_up,
    jobs_in_the_database_give_what_memory_gives,
);

pub(crate) fn entity(name: &str, properties: Value) -> Value {
    json!({ "$schema": schema("entity"), "name": name, "title": name, "plural": format!("{name}s"), "type": "object",
            "display": "name", "properties": properties, "required": ["name"], "search": ["name"] })
}

fn region() -> Value {
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

fn branch() -> Value {
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

fn sale() -> Value {
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

async fn start(engine: Engine) -> World {
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
fn plain(mut entity: Value) -> Value {
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
async fn check_all(api: &Api) {
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

async fn many_followers_are_worked_out_in_the_background(engine: Engine) {
    let mut world = start(engine).await;
    let api = world.admin.clone();
    let north = make(&api, "region", &json!({ "name": "North", "factor": 2 })).await;
    let kiel = make(&api, "branch", &json!({ "name": "Kiel", "region": north })).await;
    let create: Vec<Value> = (0..450)
        .map(|number| json!({ "name": format!("S{number}"), "branch": kiel, "hours": 1, "done": true }))
        .collect();
    api.post("records/sale/bulk", &json!({ "create": create })).await.is(200);
    assert_eq!(api.record("region", &north).await.at("/total").to_string(), "900.00");

    // The process dies as soon as the job is taken up: the change is there, the job is not lost.
    world.server.restart_with(&[("KONTOR_FAULT", "timer_leased")]).await;
    // The answer may be lost with the process; the change is not, because the job is written with it.
    let path = format!("records/region/{north}");
    world.admin.request(reqwest::Method::PATCH, &path).json(&json!({ "factor": 3 })).send().await.ok();
    world.server.dies("timer_leased").await;
    // A lease of the dead process runs out in half a minute.
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "60")]).await;
    let api = world.admin.clone();
    eventually("all 450 sales and both totals follow", || async {
        let done = api.count("sale", &[("worth", "3")]).await == 450;
        let total = api.record("region", &north).await.at("/total").to_string();
        (done && total == "1350.00").then_some(())
    })
    .await;
    idle(&world.server).await;

    // It dies between two chunks: what was done is kept, the rest is done once, and all of it is right.
    world.server.restart_with(&[("KONTOR_FAULT", "recomputed_a_while:2"), ("KONTOR_FAULT_SLICE", "0")]).await;
    world.admin.request(reqwest::Method::PATCH, &path).json(&json!({ "factor": 4 })).send().await.ok();
    world.server.dies("recomputed_a_while").await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "120")]).await;
    let api = world.admin.clone();
    eventually("all 450 sales follow once more", || async {
        let done = api.count("sale", &[("worth", "4")]).await == 450;
        let total = api.record("region", &north).await.at("/total").to_string();
        (done && total == "1800.00").then_some(())
    })
    .await;
    idle(&world.server).await;
    check_all(&api).await;

    // The same for values that a new definition brings, with a page that says so.
    let mut changed = sale();
    changed["properties"]["double"] =
        json!({ "kind": "decimal", "title": "Double", "scale": 2, "formula": "worth * 2" });
    api.publish("Double", &[("entity", "sale", changed)]).await;
    assert_eq!(api.count("sale", &[("double", "8")]).await, 450, "few records have it at once");
    one_of_many_is_in_the_way(&world, &api, &north).await;
}

/// Of many followers whose new values must be unique, only those stay behind that are in somebody's way.
async fn one_of_many_is_in_the_way(world: &World, api: &Api, north: &str) {
    let mut tagged = sale();
    tagged["properties"]["tag"] = json!({ "kind": "text", "title": "Tag", "unique": true, "formula": "branch.region.name + \"-\" + name" });
    api.publish("Tag", &[("entity", "sale", tagged)]).await;
    let middle = make(api, "region", &json!({ "name": "Middle" })).await;
    let celle = make(api, "branch", &json!({ "name": "Celle", "region": middle })).await;
    let first = make(api, "sale", &json!({ "name": "S7", "branch": celle })).await;
    api.patch(&format!("records/region/{north}"), &json!({ "name": "Middle" })).await.is(200);
    let begin = |text: &str| json!({ "field": "tag", "starts_with": text }).to_string();
    let count = async |text: &str| api.count("sale", &[("filter", &begin(text))]).await;
    eventually("all but one follow", || async {
        (count("Middle-").await == 450 && count("North-").await == 1).then_some(())
    })
    .await;
    assert_eq!(api.count("sale", &[("tag", "North-S7")]).await, 1, "only who is in the way stays");
    let visitor = world.server.administrator().await;
    let page = visitor.open("admin/problems").await.says("1 record keeps its old value");
    let link = page.all("main a").into_iter().find(|link| link.attribute("href").contains("r/sale?"));
    visitor.visit(link.expect("a link to the records").attribute("href")).await.is(200).says("S7");
    let page = visitor.open("admin/jobs?tab=calculations").await.says("1 record keeps its old value");
    api.patch(&format!("records/sale/{first}"), &json!({ "name": "Other" })).await.is(200);
    // It may have been tried again by itself already.
    let again = visitor.submit(&page.form_to("/retry")).await.status;
    assert!(matches!(again, 303 | 404), "{again}");
    eventually("the last one follows", || async { (count("North-").await == 0).then_some(()) }).await;
    idle(&world.server).await;
    visitor.open("admin/problems").await.never_says("keeps its old value");
}

async fn the_day_comes(engine: Engine) {
    let mut world = start(engine).await;
    let api = world.admin.clone();
    let today = api.create("sale", &json!({ "name": "probe" })).await.word("/created_at")[..10].to_owned();
    let sold = make(&api, "sale", &json!({ "name": "A", "day": today })).await;
    let empty = make(&api, "sale", &json!({ "name": "B" })).await;
    assert_eq!(api.record("sale", &sold).await.number("/age"), 0.0);
    idle(&world.server).await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "86400")]).await;
    let api = world.admin.clone();
    eventually("a day later it is a day old", || async {
        (api.record("sale", &sold).await.at("/age") == &json!(1)).then_some(())
    })
    .await;
    idle(&world.server).await;
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "3456000")]).await;
    let api = world.admin.clone();
    eventually("forty days later it is old, too", || async {
        let record = api.record("sale", &sold).await;
        (record.at("/age") == &json!(40) && record.at("/old") == &json!(true)).then_some(())
    })
    .await;
    let rows =
        async |id: &str| api.get(&format!("records/sale/{id}/history")).await.is(200).list("/data").len();
    assert_eq!(rows(&sold).await, 3, "created, a day later, forty days later");
    assert_eq!(rows(&empty).await, 1, "what did not change is not in the journal");
    assert_eq!(api.record("sale", &sold).await.number("/version"), 1.0);
    let now = api.create("sale", &json!({ "name": "probe" })).await.word("/created_at").to_owned();
    let is_late = &now[11..13] >= "11";
    let (zone, age) = if is_late { ("Pacific/Kiritimati", 41) } else { ("Pacific/Pago_Pago", 39) };
    let visitor = world.server.administrator().await;
    let form = visitor.open("admin/settings").await.form_with("workspace.zone").set("workspace.zone", zone);
    visitor.send(&form).await.is(200);
    eventually("the day of the new zone counts", || async {
        (api.record("sale", &sold).await.at("/age") == &json!(age)).then_some(())
    })
    .await;
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

async fn jobs_in_the_database_give_what_memory_gives(engine: Engine) {
    let world = World::start(engine).await;
    let api = &world.admin;
    let number = json!({ "kind": "decimal", "title": "Number", "scale": 4 });
    let plain = json!({
        "name": { "kind": "text", "title": "Name" }, "remark": { "kind": "text", "title": "Remark" },
        "a": number, "b": number, "day": { "kind": "date", "title": "Day" }
    });
    api.publish("Readings", &[("entity", "reading", entity("reading", plain.clone()))]).await;
    let rows = |from: usize, large: bool| -> Vec<Value> {
        let number = |n: i64| format!("{}.{:04}", n / 10_000, (n % 10_000).abs());
        (from..from + 40)
            .map(|n| {
                let step = i64::try_from(n).unwrap() * 7_919_313 - 150_000_000;
                let a = if large { "900000000000000.5".to_owned() } else { number(step) };
                let b = if n % 9 == 0 { Value::Null } else { json!(if n % 7 == 0 { "0".into() } else { number(step % 3_333_331) }) };
                let name = if large { format!("Größe {n}") } else { format!("Size {n}") };
                json!({ "name": name, "a": a, "b": b, "day": format!("2026-{:02}-{:02}", n % 12 + 1, n % 28 + 1) })
            })
            .collect()
    };
    for (from, large) in [(0, false), (40, true)] {
        api.post("records/reading/bulk", &json!({ "create": rows(from, large) })).await.is(200);
    }
    let mut derived = plain;
    for (name, kind, formula) in [
        ("product", "decimal", "a * b"),
        ("quotient", "decimal", "round(a / b, 3) - a"),
        ("many", "decimal", "a * 1000 * 1000 * b"),
        ("later", "date", "add_days(day, 40)"),
        ("above", "boolean", "a > b && day > date(2026, 3, 1)"),
        ("letters", "integer", "length(upper(name))"),
        ("chosen", "decimal", "if above { product } else { coalesce(quotient, a) }"),
    ] {
        derived[name] = json!({ "kind": kind, "title": name, "formula": formula });
    }
    let names: Vec<String> = derived.as_object().unwrap().keys().cloned().collect();
    api.publish("Formulas", &[("entity", "reading", entity("reading", derived))]).await;
    idle(&world.server).await;
    let read = async || api.get_with("records/reading", &[("limit", "100"), ("sort", "name")]).await.is(200);
    let of_database = read().await;
    assert_eq!(of_database.list("/data").len(), 80);
    for record in of_database.list("/data") {
        let id = record["id"].as_str().unwrap();
        api.patch(&format!("records/reading/{id}"), &json!({ "remark": "seen" })).await.is(200);
    }
    let of_memory = read().await;
    let mut filled = 0;
    for (before, after) in of_database.list("/data").iter().zip(of_memory.list("/data")) {
        for name in names.iter().filter(|name| *name != "remark") {
            assert_eq!(before[name], after[name], "{name} of {after}");
            filled += usize::from(!before[name].is_null());
        }
    }
    assert!(filled > 500, "{filled} values");
}
