//! Documents in lists and in scripts: rows and links of a whole page, and scripts that read and change rows.

use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::market::Market;
use crate::world::schema;

on_both_databases!(
    lists_answer_with_what_records_hold,
    who_may_not_see_the_link_sees_no_list,
    scripts_read_and_change_rows,
    scripts_change_links,
    wrong_scripts_say_where,
    links_come_from_a_file,
);

fn column(list: &Value, name: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|row| row[name].clone()).collect()
}

async fn lists_answer_with_what_records_hold(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    let lines = json!([{ "name": "Tent", "quantity": 2, "price": 100 }, { "name": "Lamp", "price": 50.5 }]);
    let one = admin.create("quote", &json!({ "name": "Q1", "lines": lines })).await;
    let two =
        selling.create("quote", &json!({ "name": "Q2", "lines": [{ "name": "Rope", "price": 7 }] })).await;
    admin.create("quote", &json!({ "name": "Q3" })).await;

    // Every record of a list is what the record alone says, and what the derived schema says of it.
    let plain = admin.get_with("records/quote", &[("sort", "name")]).await.is(200);
    assert_eq!(plain.json["data"][0], admin.record("quote", &one.id()).await.json, "{plain}");
    let shape = admin.get_with("schemas/quote", &[("for", "output")]).await.is(200).json;
    let wrong: Vec<String> = jsonschema::validator_for(&shape)
        .unwrap()
        .iter_errors(&plain.json["data"][0])
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let shape = admin.get_with("schemas/stall", &[("for", "input")]).await.is(200).json;
    let stalls = jsonschema::validator_for(&shape).unwrap();
    for (fairs, fits) in [
        (json!([{ "id": one.id(), "place": "Corner" }]), true),
        (json!([one.id()]), true),
        (json!([{ "id": one.id(), "place": 3 }]), false),
        (json!([{ "id": one.id(), "nonsense": 3 }]), false),
    ] {
        assert_eq!(stalls.is_valid(&json!({ "name": "S", "fairs": fairs })), fits, "{fairs}");
    }
    let whole =
        admin.get_with("records/quote", &[("sort", "name"), ("fields", "name,lines,total")]).await.is(200);
    let data = whole.list("/data");
    assert_eq!(data[0]["lines"], one.json["lines"], "{whole}");
    assert_eq!(data[1]["lines"], admin.record("quote", &two.id()).await.json["lines"], "{whole}");
    assert_eq!(data[2]["lines"], json!([]), "{whole}");
    let names: Vec<&String> = data[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "name", "lines", "total"]);
    // Only some fields of each row.
    let narrow = admin
        .get_with("records/quote", &[("sort", "name"), ("fields", "lines.name,lines.amount")])
        .await
        .is(200);
    let row = &narrow.json["data"][0]["lines"][0];
    assert_eq!(row["amount"].to_string(), "200");
    assert_eq!(row.as_object().unwrap().len(), 3, "id, name, amount\n{narrow}");

    // Links, from both ends of them.
    let spring = selling.create("fair", &json!({ "name": "Spring", "town": "Ulm" })).await.id();
    let autumn = admin.create("fair", &json!({ "name": "Autumn" })).await.id();
    for name in ["Kebab", "Lemonade"] {
        let fairs = json!([{ "id": spring, "place": name }, autumn]);
        let stall = json!({ "name": name, "fairs": fairs });
        selling.post("records/stall", &stall).await.refused(422);
        let stall = admin.create("stall", &stall).await.id();
        let me = selling.get("me").await.is(200);
        admin.patch(&format!("records/stall/{stall}"), &json!({ "owner": me.id() })).await.is(200);
    }
    let fields = [("sort", "name"), ("fields", "name,fairs,parent.name")];
    let stalls = admin.get_with("records/stall", &fields).await.is(200);
    assert_eq!(column(&stalls.json["data"][0]["fairs"], "title"), [json!("Spring"), json!("Autumn")]);
    assert_eq!(stalls.json["data"][1]["fairs"][0]["place"], "Lemonade", "{stalls}");
    let own = admin.get_with("records/stall", &[("fields", "fairs.title"), ("name", "Kebab")]).await.is(200);
    assert_eq!(own.json["data"][0]["fairs"][0], json!({ "id": spring, "title": "Spring" }));

    // Each reader sees their own rows and columns.
    let seen = selling.get_with("records/quote", &[("sort", "name"), ("fields", "lines")]).await.is(200);
    assert_eq!(seen.json["data"][0]["lines"], json!([]), "somebody else's rows\n{seen}");
    assert_eq!(column(&seen.json["data"][1]["lines"], "name"), [json!("Rope")]);
    assert!(!seen.text.contains("purchase"), "{seen}");
    let seen = selling.get_with("records/stall", &fields).await.is(200);
    assert_eq!(column(&seen.json["data"][0]["fairs"], "title"), [json!("Spring")], "{seen}");
    assert!(!seen.text.contains("Autumn") && !seen.text.contains(&autumn), "{seen}");
    for fields in ["lines.purchase", "lines.nonsense", "fairs.town", "stall.fairs"] {
        let refused = selling.get_with("records/quote", &[("fields", fields)]).await.refused(422);
        assert_eq!(refused.word("/problems/0/path"), "/fields", "{refused}");
    }
    let stranger = market.server.installation.person("stan", "stranger").await;
    let strange = market.server.api_of(&stranger).await;
    strange.get_with("records/quote", &[("fields", "lines")]).await.refused(422);
    // A copy takes its rows and links along, as new ones.
    let visitor = market.server.administrator().await;
    let page = visitor.open(&format!("r/quote/new?copy={}", one.id())).await;
    let form = page.form_with("lines.1.name");
    assert_eq!((form.value("lines.0.name"), form.value("lines.1.name")), ("Tent".into(), "Lamp".into()));
    visitor.send(&form.set("name", "Q1 again").set("lines.1.name", "Torch")).await.is(200);
    let copy = admin.get_with("records/quote", &[("name", "Q1 again")]).await.is(200);
    assert_eq!(column(copy.at("/data/0/lines"), "name"), [json!("Tent"), json!("Torch")], "{copy}");
    let source = admin.record("quote", &one.id()).await;
    assert_eq!(
        column(source.at("/lines"), "name"),
        [json!("Tent"), json!("Lamp")],
        "the source keeps its own"
    );
    admin.delete(&format!("records/quote/{}", copy.word("/data/0/id"))).await.is(204);
    // A page that would hold too much says so, and how to go on.
    let rows: Vec<Value> = (0..500).map(|index| json!({ "name": format!("Row {index}") })).collect();
    let quotes: Vec<Value> =
        (0..21).map(|index| json!({ "name": format!("Long {index}"), "lines": rows })).collect();
    for part in quotes.chunks(7) {
        admin.post("records/quote/bulk", &json!({ "create": part })).await.is(200);
    }
    let refused =
        admin.get_with("records/quote", &[("fields", "lines.name"), ("limit", "100")]).await.refused(422);
    assert_eq!(refused.word("/problems/0/path"), "/limit", "{refused}");
    // Unasked, the page is shorter, and goes on.
    let (mut pages, mut found, mut after) = (0, 0, String::new());
    while pages == 0 || !after.is_empty() {
        let page = admin.get_with("records/quote", &[("limit", "100"), ("after", &after)]).await.is(200);
        (pages, found) = (pages + 1, found + page.list("/data").len());
        page.at("/page/next").as_str().unwrap_or_default().clone_into(&mut after);
    }
    assert!(pages > 1 && found == 24, "{pages} pages, {found} records");
    let fewer = admin
        .get_with("records/quote", &[("fields", "lines.name"), ("limit", "10"), ("sort", "-created_at")])
        .await
        .is(200);
    assert_eq!(fewer.json["data"][9]["lines"].as_array().map(Vec::len), Some(500));
}

async fn who_may_not_see_the_link_sees_no_list(engine: Engine) {
    let market = Market::open(engine).await;
    let blind = json!({
        "$schema": schema("role"), "name": "blind", "title": "Blind",
        "entities": { "user": { "read": "all" }, "quote": { "read": "all" },
            "quote_line": { "read": "all", "fields": { "quote": "none" } } }
    });
    market.admin.publish("Blind", &[("role", "blind", blind)]).await;
    let quote = market.admin.create("quote", &json!({ "name": "Q", "lines": [{ "name": "a" }] })).await;
    let person = market.server.installation.person("bert", "blind").await;
    let api = market.server.api_of(&person).await;
    let seen = api.record("quote", &quote.id()).await;
    assert!(seen.json.get("lines").is_none(), "{seen}");
    api.get_with("records/quote", &[("fields", "lines")]).await.refused(422);
    api.get_with("records/quote_line", &[("fields", "quote")]).await.refused(422);
}

const LINES: &str = r#"
fn before_save(record, old, ctx) {
    if record.name == "gift" {
        record.lines.push(#{ name: "Present", price: 0, optional: false });
    }
    if record.name == "cheap" {
        for line in record.lines {
            if line.price > 10 { line.price = line.price / 2; }
        }
    }
    if record.name == "firm" {
        record.lines = record.lines.filter(|line| !line.optional);
    }
    if record.name == "reverse" {
        let lines = record.lines;
        lines.reverse();
        record.lines = lines;
    }
    if record.name == "told" {
        let before = old.lines.len();
        record.name = `told ${before} ${record.lines.len()} ${record.changed("lines")} ${record.lines[0].is_new()}`;
    }
    if record.name == "followed" {
        let stalls = db::find("stall", #{ name: "Kebab" });
        record.name = "followed " + stalls[0].fairs.len();
    }
}

fn validate(record, old, ctx) {
    for line in record.lines {
        if line.amount > 1000 {
            line.fail("price", "Too dear a line");
        }
    }
    if record.lines.len() > 3 {
        fail("lines", "At most three lines");
    }
}

fn action_clear(record, ctx) {
    record.lines = [];
}

fn action_strip(record, ctx) {
    record.lines.retain(|line| line.name != "Tent");
}
"#;

async fn scripts_read_and_change_rows(engine: Engine) {
    let market = Market::open(engine).await;
    let (admin, selling) = (&market.admin, &market.selling);
    admin.publish("Lines", &[("script", "entities/quote", json!({ "source": LINES }))]).await;
    let mut runs = crate::market::definitions().into_iter().find(|one| one.1 == "seller").unwrap().2;
    runs["entities"]["quote"]["run"] = json!(true);
    admin.publish("May run", &[("role", "seller", runs)]).await;

    // Added before it is computed: defaults, roll-ups and formulas know the row.
    let lines = json!([{ "name": "Tent", "quantity": 2, "price": 100 }]);
    let gift = admin.create("quote", &json!({ "name": "gift", "lines": lines })).await;
    assert_eq!(column(&gift.json["lines"], "name"), [json!("Tent"), json!("Present")]);
    assert_eq!(gift.json["lines"][1]["quantity"].to_string(), "1.00", "the default of a row\n{gift}");
    assert_eq!(gift.json["number_of_lines"], json!(2));
    assert_eq!(gift.json["pieces"].to_string(), "3.00", "{gift}");
    // Without any line in what was sent.
    let bare = admin.create("quote", &json!({ "name": "gift" })).await;
    assert_eq!(column(&bare.json["lines"], "name"), [json!("Present")]);
    // The same in a preview, and nothing is kept of it.
    let tried = admin
        .post("records/quote/preview", &json!({ "name": "gift", "lines": [{ "name": "Lamp", "price": 5 }] }))
        .await
        .is(200);
    assert_eq!(column(&tried.json["lines"], "name"), [json!("Lamp"), json!("Present")]);
    assert_eq!(tried.json["number_of_lines"], json!(2), "{tried}");
    assert_eq!(admin.count("quote_line", &[]).await, 3);

    // Changed, those too that were not sent.
    let path = format!("records/quote/{}", gift.id());
    let cheap = admin.patch(&path, &json!({ "name": "cheap" })).await.is(200);
    assert_eq!(cheap.json["lines"][0]["price"].to_string(), "50", "{cheap}");
    assert_eq!(cheap.json["total"].to_string(), "100", "{cheap}");
    assert_eq!(cheap.json["lines"][0]["version"], json!(2));
    assert_eq!(cheap.json["lines"][1]["version"], json!(1), "what was not changed is not written");
    assert_eq!(admin.record("quote", &gift.id()).await.json, cheap.json);
    let turned = admin
        .patch(&path, &json!({ "name": "reverse", "lines": [ { "id": cheap.json["lines"][0]["id"] }, { "id": cheap.json["lines"][1]["id"] } ] }))
        .await
        .is(200);
    assert_eq!(column(&turned.json["lines"], "name").len(), 2);
    let told = admin
        .patch(&path, &json!({ "name": "told", "lines": [{ "name": "New", "price": 1 }] }))
        .await
        .is(200);
    assert_eq!(told.word("/name"), "told 2 1 true true", "{told}");
    let same = admin.patch(&path, &json!({ "name": "told" })).await.is(200);
    assert_eq!(same.word("/name"), "told 1 1 false false", "{same}");

    // Taken out.
    let lines = json!([{ "name": "a", "price": 1 }, { "name": "b", "price": 2, "optional": true }]);
    let firm = admin.create("quote", &json!({ "name": "firm", "lines": lines })).await;
    assert_eq!(column(&firm.json["lines"], "name"), [json!("a")]);
    assert_eq!(firm.json["number_of_lines"], json!(1));
    let firm_path = format!("records/quote/{}", firm.id());
    let cleared = admin.post(&format!("{firm_path}/actions/clear"), &json!({})).await.is(200);
    assert_eq!(cleared.json["lines"], json!([]));
    assert_eq!(cleared.json["number_of_lines"], json!(0));
    let history = admin.get(&format!("{firm_path}/history")).await.is(200);
    let changes = history.json["data"][0]["changes"].as_array().unwrap();
    assert!(
        changes.iter().any(|one| one["field"] == "lines" && one["new"]["removed"][0].is_string()),
        "{history}"
    );

    // What is said of a row stands at the row; what is wrong with a row that a script made, too.
    let dear = json!({ "name": "Q", "lines": [{ "name": "a", "price": 1 }, { "name": "b", "price": 2000 }] });
    let refused = admin.post("records/quote", &dear).await.refused(422);
    assert_eq!(refused.problem_at("/lines/1/price")["message"], "Too dear a line");
    let many: Vec<Value> = ["a", "b", "c", "d"].iter().map(|name| json!({ "name": name })).collect();
    admin
        .post("records/quote", &json!({ "name": "Q", "lines": many }))
        .await
        .refused(422)
        .problems_at(&["/lines"]);

    // A script speaks for the whole document, whoever saves it; who saves sees their own rows of it all the same.
    let lines = json!([{ "name": "Tent", "price": 40 }, { "name": "Lamp", "price": 60 }]);
    let shared = admin.create("quote", &json!({ "name": "S", "lines": lines })).await;
    let shared_path = format!("records/quote/{}", shared.id());
    let body = json!({ "id": shared.id(), "name": "cheap" });
    let tried = selling.post("records/quote/preview", &body).await.is(200);
    assert_eq!(tried.json["lines"], json!([]), "{tried}");
    assert!(!tried.text.contains("Lamp"), "{tried}");
    let half = selling.patch(&shared_path, &json!({ "name": "cheap" })).await.is(200);
    assert_eq!(half.json["lines"], json!([]), "{half}");
    assert_eq!(half.json["total"].to_string(), "50", "{half}");
    selling.post(&format!("{shared_path}/actions/strip"), &json!({})).await.is(200);
    assert_eq!(column(&admin.record("quote", &shared.id()).await.json["lines"], "name"), [json!("Lamp")]);

    // Lists of other records hold what the caller may see.
    let fair = admin.create("fair", &json!({ "name": "Spring" })).await.id();
    let stall = admin.create("stall", &json!({ "name": "Kebab", "fairs": [fair] })).await.id();
    let me = selling.get("me").await.is(200).id();
    admin.patch(&format!("records/stall/{stall}"), &json!({ "owner": me })).await.is(200);
    let by_admin = admin.create("quote", &json!({ "name": "followed" })).await;
    assert_eq!(by_admin.word("/name"), "followed 1");
    let by_seller = selling.create("quote", &json!({ "name": "followed" })).await;
    assert_eq!(by_seller.word("/name"), "followed 0");
}

const FAIRS: &str = r#"
fn before_save(record, old, ctx) {
    if record.name == "everywhere" {
        for fair in db::find("fair", #{}) {
            record.fairs.push(fair);
        }
        for fair in record.fairs {
            if fair.town == "Ulm" { fair.place = "U" + fair.title(); }
        }
    }
    if record.name == "named" {
        record.fairs.push(#{ id: db::first("fair", #{ name: "Autumn" }), place: "A1", fee: 3 });
    }
    if record.name == "nowhere" {
        record.fairs = ();
    }
}
"#;

async fn scripts_change_links(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    admin.publish("Fairs", &[("script", "entities/stall", json!({ "source": FAIRS }))]).await;
    let spring = admin.create("fair", &json!({ "name": "Spring", "town": "Ulm" })).await.id();
    admin.create("fair", &json!({ "name": "Autumn", "town": "Bonn" })).await;
    let stall =
        admin.create("stall", &json!({ "name": "everywhere", "fairs": [{ "id": spring, "fee": 5 }] })).await;
    assert_eq!(column(&stall.json["fairs"], "title"), [json!("Spring"), json!("Autumn")]);
    assert_eq!(stall.json["fairs"][0]["place"], "USpring", "{stall}");
    assert_eq!(stall.json["fairs"][0]["fee"].to_string(), "5", "what was linked stays as it is\n{stall}");
    let path = format!("records/stall/{}", stall.id());
    let named = admin.patch(&path, &json!({ "name": "named", "fairs": [] })).await.is(200);
    assert_eq!(column(&named.json["fairs"], "place"), [json!("A1")]);
    let nowhere = admin.patch(&path, &json!({ "name": "nowhere" })).await.is(200);
    assert_eq!(nowhere.json["fairs"], json!([]));
    assert_eq!(admin.count("stall_fairs", &[]).await, 0);
}

async fn wrong_scripts_say_where(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    // What is known beforehand is refused beforehand.
    let change = admin.post("changes", &json!({ "title": "Typing" })).await.is(201).id();
    let source = "fn before_save(record, old, ctx) {\n    for line in record.lines {\n        line.pirce = 1;\n    }\n}\n";
    let path = format!("changes/{change}/script/entities/quote");
    let refused = admin.put(&path, &json!({ "source": source })).await.refused(422);
    assert_eq!(refused.json["problems"][0]["line"], json!(3), "{refused}");
    assert!(refused.text.contains("pirce"), "{refused}");
    // A field of a row is a use of that field.
    for (body, words) in [
        ("record.lines[0].nonsense = 1;", "nonsense"),
        ("record.lines[0].amount = 1;", "amount"),
        ("record.lines.push(5);", "lines"),
        ("record.lines.push(#{ price: 1, quote: \"x\" });", "quote"),
        ("old.lines[0].price = 1;", "quote_line"),
        ("record.lines[0].quantity = \"many\";", "quantity"),
        ("let many = []; for index in 0..501 { many.push(#{ name: \"x\" }); } record.lines = many;", "500"),
        ("old.lines.push(#{ name: \"x\" });", "old"),
    ] {
        let source = format!(
            "fn before_save(record, old, ctx) {{\n    if record.name != \"go\" {{ return; }}\n    {body}\n}}\n"
        );
        admin.publish("Wrong", &[("script", "entities/quote", json!({ "source": source }))]).await;
        let lines = json!([{ "name": "a", "price": 1 }]);
        let quote = admin.create("quote", &json!({ "name": "Q", "lines": lines })).await.id();
        let refused =
            admin.patch(&format!("records/quote/{quote}"), &json!({ "name": "go" })).await.refused(422);
        assert!(refused.text.contains(words), "{body}\n{refused}");
        assert_eq!(refused.json["problems"][0]["line"], json!(3), "{body}\n{refused}");
        assert!(refused.text.contains("entities/quote"), "{body}\n{refused}");
        assert_eq!(admin.record("quote", &quote).await.word("/name"), "Q");
    }
    // Where a record is only looked at, its rows are, too.
    let source = "fn validate(record, old, ctx) {\n    record.lines[0].price = 2;\n}\n";
    admin.publish("Looking", &[("script", "entities/quote", json!({ "source": source }))]).await;
    let body = json!({ "name": "Q", "lines": [{ "name": "a", "price": 1 }] });
    let refused = admin.post("records/quote", &body).await.refused(422);
    assert!(refused.text.contains("before_save"), "{refused}");
}

async fn links_come_from_a_file(engine: Engine) {
    let market = Market::open(engine).await;
    let admin = &market.admin;
    for name in ["Spring", "Autumn"] {
        admin.create("fair", &json!({ "name": name })).await;
    }
    // By title, several beside each other; none; one that there is not, which is told and brings nothing in.
    let file = "name,fairs\nKebab,Spring; Autumn\nLemonade,\nToys,Autumn\nBooks,Spring; Nowhere\n";
    let installation = &market.server.installation;
    let file = installation.file("stalls.csv", file);
    let columns = json!({ "entity": "stall", "columns": { "name": { "column": "name" }, "fairs": { "column": "fairs" } } });
    let map = installation.file("stalls.json", columns.to_string());
    let arguments = ["import", "stall", file.to_str().unwrap(), "--map", map.to_str().unwrap()];
    let finished = installation.run(&arguments).await;
    let fields = [("sort", "name"), ("fields", "name,fairs.title")];
    let stalls = admin.get_with("records/stall", &fields).await.is(200);
    assert_eq!(
        column(&stalls.json["data"], "name"),
        [json!("Kebab"), json!("Lemonade"), json!("Toys")],
        "{finished:?}"
    );
    assert_eq!(
        column(&stalls.json["data"][0]["fairs"], "title"),
        [json!("Spring"), json!("Autumn")],
        "{stalls}"
    );
    assert_eq!(stalls.json["data"][1]["fairs"], json!([]));
    assert_eq!(column(&stalls.json["data"][2]["fairs"], "title"), [json!("Autumn")]);
}
