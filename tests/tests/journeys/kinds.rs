//! Every kind of field that says more than a text: filled by form without JavaScript and by API, read, filtered,
//! exported and brought back the same; what does not fit is said at its field; a secret stays one.

use kontor_testing::{Api, Engine, Installation, Page, Server, Visitor, on_both_databases, sql};
use serde_json::{Value, json};

use crate::world::schema;

on_both_databases!(
    every_kind_goes_in_and_out_and_comes_back,
    what_does_not_fit_is_said_at_its_field,
    a_secret_is_never_given_back,
    each_kind_has_a_page,
    names_and_addresses_are_asked_for_as_the_reader_writes_them,
);

fn asset() -> Value {
    json!({
        "$schema": schema("entity"), "name": "machine", "title": "Machine", "plural": "Machines",
        "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "notes": { "kind": "markdown", "title": "Notes" },
            "program": { "kind": "code", "title": "Program", "language": "sql" },
            "starts": { "kind": "time", "title": "Starts" },
            "running": { "kind": "duration", "title": "Running", "maximum": "30d" },
            "labels": { "kind": "tags", "title": "Labels" },
            "stars": { "kind": "rating", "title": "Stars", "maximum": 5 },
            "paint": { "kind": "color", "title": "Paint" },
            "keeper": { "kind": "person_name", "title": "Keeper" },
            "site": { "kind": "address", "title": "Site" },
            "spot": { "kind": "geo_point", "title": "Spot" },
            "data": { "kind": "json", "title": "Data" },
            "code": { "kind": "barcode", "title": "Article code" },
            "key": { "kind": "secret", "title": "Access key" }
        },
        "required": ["name"], "search": ["name", "site"], "indexes": [["site.city"]]
    })
}

fn view() -> Value {
    json!({
        "$schema": schema("view"), "name": "machine", "entity": "machine", "type": "list", "title": "Machines",
        "columns": ["name", "notes", "program", "starts", "running", "labels", "stars", "paint", "keeper", "site",
                    "spot", "data", "code", "site.city"]
    })
}

fn first() -> Value {
    json!({
        "name": "Press", "notes": "**Loud**\n\n<script>alert(1)</script>", "program": "SELECT 1\n  FROM a",
        "starts": "08:30:00", "running": "PT1H30M", "labels": ["heavy", "hall 2"], "stars": 4, "paint": "#1b998b",
        "keeper": { "family": "van Dyk", "given": "Mara Anna", "middle": null, "prefix": null, "suffix": null },
        "site": { "street": "Uhlandstraße 4", "city": "Berlin", "postal_code": "10623", "region": null, "country": "DE" },
        "spot": { "lat": -33.9188, "lon": 18.4233 }, "data": { "b": 1.10, "a": ["x", null, true] },
        "code": "4006381333931"
    })
}

async fn start(engine: Engine) -> (Server, Api, Visitor) {
    let server = Installation::new(engine).serve().await;
    let api = server.api().await;
    api.publish("Machines", &[("entity", "machine", asset()), ("view", "machine", view())]).await;
    let visitor = server.administrator().await;
    (server, api, visitor)
}

/// What an answer says of the fields that were sent.
fn agrees(answer: &Value, sent: &Value) {
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(answer[name].to_string(), value.to_string(), "{name}");
    }
}

async fn ids(api: &Api, query: &[(&str, &str)]) -> u64 {
    api.count("machine", query).await
}

async fn every_kind_goes_in_and_out_and_comes_back(engine: Engine) {
    let (server, api, visitor) = start(engine).await;
    let made = api.create("machine", &first()).await;
    agrees(&made.json, &first());
    let id = made.id();
    agrees(&api.record("machine", &id).await.json, &first());

    // The page: Markdown drawn without its script, the address as its country writes it, bars, stars, a swatch.
    let page = visitor.open(&format!("r/machine/{id}")).await;
    let html = page.body.as_str();
    assert!(html.contains("<strong>Loud</strong>") && !html.contains("<script>alert"), "{page}");
    for words in [
        "10623 Berlin",
        "Germany",
        "Mara Anna van Dyk",
        "1 h 30 min",
        "★★★★☆",
        "heavy",
        "#1b998b",
        "-33.9188, 18.4233",
    ] {
        assert!(page.text().contains(words), "{words}\n{page}");
    }
    assert!(!page.all("svg.barcode").is_empty() && !page.all("svg.swatch").is_empty(), "{page}");

    // The form, without JavaScript: sub-inputs of what is made of parts.
    let form = visitor.open(&format!("r/machine/{id}/edit")).await.form_with("site.city");
    assert_eq!(form.value("site.city"), "Berlin");
    assert_eq!(form.value("running"), "1h 30m");
    let form = form
        .set("site.city", "Hamburg")
        .set("keeper.given", "小明")
        .set("keeper.family", "王")
        .set("spot.lat", "53.55")
        .set("running", "2d")
        .set("labels", "heavy, 新的")
        .set("starts", "14:05")
        .set("stars", "5");
    visitor.send(&form).await.is(200);
    let now = api.record("machine", &id).await.is(200);
    assert_eq!(now.word("/site/city"), "Hamburg");
    assert_eq!(now.word("/site/street"), "Uhlandstraße 4");
    assert_eq!(now.at("/spot/lat").to_string(), "53.55");
    assert_eq!(now.word("/running"), "P2D");
    assert_eq!(now.word("/starts"), "14:05:00");
    assert_eq!(now.at("/labels"), &json!(["heavy", "新的"]));
    assert_eq!(now.number("/stars"), 5.0);
    let page = visitor.open(&format!("r/machine/{id}")).await.says("王小明");
    assert!(page.text().contains("Hamburg"), "{page}");
    // A part alone, and a form that changes nothing.
    api.patch(&format!("records/machine/{id}"), &json!({ "site.city": "Bremen" })).await.is(200);
    let before = api.record("machine", &id).await.is(200);
    assert_eq!(before.word("/site/city"), "Bremen");
    let untouched = visitor.open(&format!("r/machine/{id}/edit")).await.form_with("site.city");
    visitor.send(&untouched).await.is(200);
    assert_eq!(api.record("machine", &id).await.at("/version"), before.at("/version"));
    let history = visitor.open(&format!("r/machine/{id}/history")).await.text();
    assert!(history.contains("Bremen") && !history.contains("site.city"), "{history}");

    api.create("machine", &json!({ "name": "Saw" })).await;
    api.create(
        "machine",
        &json!({ "name": "Drill", "running": "PT10M", "site": { "city": "Wien" }, "labels": ["light"],
        "stars": 2, "starts": "06:00", "paint": "#ABC" }),
    )
    .await;
    for (query, count) in [
        ([("site.city", "Bremen")], 1),
        ([("site.city[in]", "Bremen,Wien")], 2),
        ([("site.city[starts_with]", "bre")], 1),
        ([("site[contains]", "uhland")], 1),
        ([("site[empty]", "true")], 1),
        ([("keeper.family", "王")], 1),
        ([("site.country", "DE")], 1),
        ([("site.country", "Germany")], 1),
        ([("site.country[in]", "CN,德国")], 1),
        ([("spot.lat[gt]", "50")], 1),
        ([("running[gte]", "1h")], 1),
        ([("running[lt]", "PT1H")], 1),
        ([("labels[any_of]", "light,新的")], 2),
        ([("labels[all_of]", "heavy,新的")], 1),
        ([("labels[none_of]", "heavy")], 1),
        ([("stars[gte]", "3")], 1),
        ([("starts[lt]", "8:00")], 1),
        ([("paint", "#aabbcc")], 1),
        ([("data[contains]", "x")], 1),
        ([("code", "4006381333931")], 1),
        ([("key[empty]", "true")], 3),
    ] {
        assert_eq!(ids(&api, &query).await, count, "{query:?}");
    }
    let sorted = api
        .get_with("records/machine", &[("sort", "-site.city"), ("fields", "name,site.city")])
        .await
        .is(200);
    assert_eq!(sorted.word("/data/0/name"), "Drill");
    assert_eq!(sorted.word("/data/0/site.city"), "Wien");
    visitor.open("r/machine?sort=running").await.says("10 min");

    // Out as CSV, in again as other records: the same values.
    let file = visitor.look("/w/main/r/machine/export.csv?name=Press").await.is(200);
    let text = file.body.trim_start_matches('\u{feff}').replace("\nPress,", "\nPress again,");
    let (head, rest) = text.split_once("\r\n").expect("a heading");
    assert!(head.contains("Site: City"), "{head}");
    let csv = server
        .installation
        .file("machines.csv", format!("{}\r\n{rest}", head.replace("Site: City", "City of site")));
    let columns: serde_json::Map<String, Value> = [
        ("name", "Name"),
        ("notes", "Notes"),
        ("program", "Program"),
        ("starts", "Starts"),
        ("running", "Running"),
        ("labels", "Labels"),
        ("stars", "Stars"),
        ("paint", "Paint"),
        ("keeper", "Keeper"),
        ("site", "Site"),
        ("spot", "Spot"),
        ("data", "Data"),
        ("code", "Article code"),
    ]
    .into_iter()
    .map(|(field, column)| (field.to_owned(), json!({ "column": column })))
    .collect();
    let map = json!({ "entity": "machine", "columns": columns, "ignore": ["City of site"] });
    let map = server.installation.file("machines.json", map.to_string());
    server
        .installation
        .run(&["import", "machine", csv.to_str().unwrap(), "--map", map.to_str().unwrap()])
        .await
        .done();
    let twice = api.get_with("records/machine", &[("name", "Press again")]).await.is(200);
    let again = twice.at("/data/0");
    for field in asset()["properties"].as_object().unwrap().keys().filter(|name| *name != "name") {
        assert_eq!(again[field].to_string(), before.json[field].to_string(), "{field}");
    }
}

/// The names of the controls of a field's parts, in the order of the page.
fn controls<'p>(page: &'p Page, field: &str) -> Vec<&'p str> {
    let begin = format!(" name=\"{field}.");
    page.body.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

async fn names_and_addresses_are_asked_for_as_the_reader_writes_them(engine: Engine) {
    let (server, api, visitor) = start(engine).await;
    let site = json!({ "street": "文三路1号", "city": "杭州市", "postal_code": "310012", "country": "中国" });
    let id = api.create("machine", &json!({ "name": "Press", "site": site })).await.id();
    assert_eq!(api.record("machine", &id).await.word("/site/country"), "CN");

    let page = visitor.open("r/machine/new").await;
    assert_eq!(controls(&page, "site"), ["street", "city", "region", "postal_code", "country"]);
    assert_eq!(controls(&page, "keeper"), ["given", "family", "middle", "prefix", "suffix"]);
    assert!(page.text().contains("Norway") && page.text().contains("China"), "{page}");
    let profile = visitor.open("profile").await;
    visitor.send(&profile.form_with("zone").set("language", "zh-CN")).await.is(200);
    let page = visitor.open(&format!("r/machine/{id}/edit")).await;
    assert_eq!(controls(&page, "site"), ["country", "postal_code", "region", "city", "street"]);
    assert_eq!(controls(&page, "keeper"), ["family", "given", "middle", "prefix", "suffix"]);
    assert_eq!(page.form_with("site.country").value("site.country"), "CN");
    assert!(page.text().contains("挪威") && !page.text().contains("Norway"), "{page}");
    visitor.open(&format!("r/machine/{id}")).await.says("中国 310012");
    visitor.open("r/machine?site.country=CN").await.says("杭州市");
    // The way of writing can be chosen apart from the language, and names of countries come with the language.
    let profile = visitor.open("profile").await;
    visitor.send(&profile.form_with("zone").set("formats", "de").set("language", "en")).await.is(200);
    let page = visitor.open("r/machine/new").await;
    assert_eq!(controls(&page, "site"), ["street", "postal_code", "city", "region", "country"]);

    // What an earlier version took as a country stays readable; it is told, and gone when another one is chosen.
    let connection = sql::open(&server.installation).await;
    let old = r#"{"city":"Poseidonis","country":"Atlantis"}"#;
    let schema = sql::schema(&connection).await;
    let set = format!("UPDATE {schema}r_machine SET site = '{old}', site__country = 'Atlantis'");
    sql::execute(&connection, &set).await;
    sql::close(connection).await;
    visitor.open(&format!("r/machine/{id}")).await.says("Poseidonis Atlantis");
    let edit = visitor.open(&format!("r/machine/{id}/edit")).await.form_with("site.city");
    assert_eq!(edit.value("site.country"), "Atlantis");
    let asked = visitor.submit(&edit.clone().set("name", "Press 2")).await;
    assert!(asked.text().contains("“Atlantis” is not a country"), "{asked}");
    let changed =
        api.patch(&format!("records/machine/{id}"), &json!({ "site.city": "Basileia" })).await.is(200);
    assert_eq!(changed.word("/site/country"), "Atlantis");
    assert_eq!(changed.word("/_warnings/0/code"), "not_a_country");
    api.patch(&format!("records/machine/{id}"), &json!({ "site.country": "Utopia" })).await.refused(422);
    let edit = visitor.open(&format!("r/machine/{id}/edit")).await.form_with("site.city");
    visitor.send(&edit.set("site.country", "GR")).await.is(200).says("Greece");
}

async fn what_does_not_fit_is_said_at_its_field(engine: Engine) {
    let (_server, api, visitor) = start(engine).await;
    for (field, wrong, path) in [
        ("notes", json!(7), "/notes"),
        ("program", json!({}), "/program"),
        ("starts", json!("25:00"), "/starts"),
        ("running", json!("90m"), "/running"),
        ("running", json!("P31D"), "/running"),
        ("labels", json!(["a,b"]), "/labels"),
        ("stars", json!(6), "/stars"),
        ("paint", json!("red"), "/paint"),
        ("keeper", json!({ "first": "Mara" }), "/keeper/first"),
        ("site", json!({ "city": 5 }), "/site/city"),
        ("spot", json!({ "lat": 91, "lon": 1 }), "/spot/lat"),
        ("code", json!("4006381333932"), "/code"),
        ("key", json!(5), "/key"),
        ("site.city", json!(5), "/site.city"),
        ("site", json!({ "country": "Atlantis" }), "/site/country"),
        ("site.country", json!("Atlantis"), "/site/country"),
    ] {
        let answer =
            api.post("records/machine", &json!({ "name": "x", field: wrong.clone() })).await.refused(422);
        answer.problems_at(&[path]);
    }
    // Wrong JSON can only be typed: as JSON, anything is one.
    let form = visitor.open("r/machine/new").await.form_with("site.city");
    let wrong: [(&str, &str); 9] = [
        ("site.country", "Atlantis"),
        ("starts", "noon"),
        ("running", "long"),
        ("stars", "9"),
        ("paint", "red"),
        ("spot.lat", "north"),
        ("site.postal_code", "123456789012345678901"),
        ("data", "{"),
        ("code", "4006381333932"),
    ];
    let form = wrong.iter().fold(form.set("name", "x"), |form, (name, value)| form.force(name, value));
    let page: Page = visitor.submit(&form).await.is(422);
    for (name, typed) in wrong {
        assert!(page.message_at(name).is_some(), "{name} has a message\n{page}");
        if !matches!(name, "stars" | "site.country") {
            assert_eq!(page.form_with("site.city").value(name), typed, "what was typed stays");
        }
    }
    let told = page.message_at("data").unwrap_or_default();
    assert!(told.contains("ends too early") && told.contains("(line 1, column 1)"), "{told}");
    assert_eq!(ids(&api, &[]).await, 0);
}

async fn a_secret_is_never_given_back(engine: Engine) {
    const SECRET: &str = "correct horse battery";
    let (server, api, visitor) = start(engine).await;
    let made = api.create("machine", &json!({ "name": "Safe", "key": SECRET })).await;
    let id = made.id();
    assert_eq!(made.at("/key"), &json!({ "set": true }));
    let path = format!("records/machine/{id}");
    let hides =
        |what: &str, text: &str| assert!(!text.contains(SECRET), "{what} gives the secret away:\n{text}");
    for address in [
        path.clone(),
        "records/machine?fields=name,key&sort=name".to_owned(),
        format!("{path}/history"),
        "search?q=horse".to_owned(),
        "schemas/machine".to_owned(),
    ] {
        hides(&address, &api.get(&address).await.is(200).text);
    }
    // An order would tell it bit by bit.
    api.get("records/machine?sort=key").await.refused(422).problem_at("/sort");
    for address in ["", "/edit", "/history"] {
        hides(address, &visitor.look(&format!("/w/main/r/machine/{id}{address}")).await.body);
    }
    let view = json!({ "$schema": schema("view"), "name": "machine", "entity": "machine", "type": "list",
        "title": "Machines", "columns": ["name", "key"], "sort": ["name"] });
    api.publish("With keys", &[("view", "machine", view)]).await;
    for address in ["", "/export.csv"] {
        let page = visitor.look(&format!("/w/main/r/machine{address}")).await.is(200);
        hides(address, &page.body);
    }
    // Nobody finds it by comparing.
    api.get_with("records/machine", &[("key", SECRET)]).await.refused(422);
    assert_eq!(ids(&api, &[("key[empty]", "false")]).await, 1);
    // The mark and an empty box leave it; `null` and the box to tick take it away.
    api.patch(&path, &json!({ "key": { "set": true }, "name": "Vault" })).await.is(200);
    let form = visitor.open(&format!("r/machine/{id}/edit")).await.form_with("key").set("name", "Strongroom");
    visitor.send(&form).await.is(200);
    assert_eq!(api.get(&path).await.at("/key"), &json!({ "set": true }));
    assert_eq!(stored(&server, SECRET).await, 0, "it is sealed in the database, too");
    let form = visitor.open(&format!("r/machine/{id}/edit")).await.form_with("key").set("key.clear", "1");
    visitor.send(&form).await.is(200);
    assert_eq!(api.get(&path).await.at("/key"), &Value::Null);
    assert_eq!(stored(&server, SECRET).await, 0);
    // What would tell it is refused when it is defined.
    let change = api.change_set("Telling", &[]).await;
    let definition = format!("changes/{change}/entity/machine");
    for change in [json!({ "unique": true }), json!({ "default": "x" })] {
        let mut wrong = asset();
        let field = wrong["properties"]["key"].as_object_mut().unwrap();
        field.extend(change.as_object().unwrap().clone());
        api.put(&definition, &wrong).await.refused(422);
    }
    let mut wrong = asset();
    wrong["search"] = json!(["name", "key"]);
    api.put(&definition, &wrong).await.refused(422);
}

/// How many records hold it in the database, under everything.
async fn stored(server: &Server, secret: &str) -> i64 {
    let connection = sql::open(&server.installation).await;
    let schema = sql::schema(&connection).await;
    let count =
        sql::number(&connection, &format!("SELECT count(*) FROM {schema}r_machine WHERE key = '{secret}'"))
            .await;
    sql::close(connection).await;
    count
}

async fn each_kind_has_a_page(engine: Engine) {
    let server = Installation::new(engine).serve().await;
    let visitor = server.administrator().await;
    let list = visitor.open("admin/kinds").await;
    let links = list.all("main a.pickcard");
    assert!(links.len() >= 32, "{list}");
    for link in links {
        let page = visitor.visit(link.attribute("href")).await.is(200);
        assert!(!page.all("pre").is_empty() && !page.all("form.fields").is_empty(), "{page}");
    }
    // A list shows the table in which its records are edited, and its JSON.
    for (kind, words) in [("rows", "\"quantity\""), ("links", "\"role\"")] {
        let page = visitor.open(&format!("admin/kinds/{kind}")).await.says(words);
        assert_eq!(page.all("table.edit").len(), 2, "{page}");
    }
    let page = visitor.open("admin/kinds/address").await;
    for words in ["Uhlandstraße 4 | Berlin | 10623", "example.city", "\"postal_code\"", "contains"] {
        assert!(page.text().contains(words), "{words}\n{page}");
    }
    assert_eq!(visitor.look("/w/main/admin/kinds/identifier").await.status, 404);
    assert_eq!(visitor.look("/w/main/admin/kinds/nonsense").await.status, 404);
    let field = visitor.open("admin/entities/user/fields/new?kind=rating").await;
    visitor.visit(&field.link("More about this kind")).await.is(200).says("Largest value");
}
