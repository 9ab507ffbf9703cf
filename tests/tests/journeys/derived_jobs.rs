//! Values that are worked out in the background: many followers at once, the turn of the day, jobs of the database.

use kontor_testing::{Api, Engine, eventually, on_both_databases};
use serde_json::{Value, json};

use crate::derived::{check_all, entity, make, sale, start};
use crate::world::{World, idle};

on_both_databases!(
    many_followers_are_worked_out_in_the_background,
    the_day_comes,
    jobs_in_the_database_give_what_memory_gives,
);

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
