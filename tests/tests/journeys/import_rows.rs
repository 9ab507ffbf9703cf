//! Records with rows out of files: repeated lines of one file, a file of rows beside that of the records, what is wrong
//! line by line, again, and back; and what a file's columns are guessed to be.

use kontor_testing::{Api, Engine, Page, on_both_databases};
use serde_json::{Value, json};

use crate::market::{Market, entity};
use crate::world::World;

on_both_databases!(
    rows_come_from_files,
    columns_are_told_by_name_and_value,
    links_come_from_files_and_go_into_them,
    a_trial_sees_what_must_be_unique,
    a_plain_round_trip_keeps_rows,
);

async fn lines(api: &Api, quote: &str) -> Vec<(String, f64)> {
    let found = api.get_with("records/quote", &[("name", quote)]).await.is(200);
    let id = found.word("/data/0/id").to_owned();
    let quote = api.get(&format!("records/quote/{id}")).await.is(200);
    let line = |(index, line): (usize, &Value)| {
        (line["name"].as_str().unwrap().to_owned(), quote.number(&format!("/lines/{index}/quantity")))
    };
    quote.list("/lines").iter().enumerate().map(line).collect()
}

fn told(rows: &[(&str, f64)]) -> Vec<(String, f64)> {
    rows.iter().map(|(name, quantity)| ((*name).to_owned(), *quantity)).collect()
}

async fn rows_come_from_files(engine: Engine) {
    let market = Market::open(engine).await;
    let installation = &market.server.installation;
    let file = |name: &str, text: &str| installation.file(name, text).to_str().unwrap().to_owned();
    let api = &market.admin;
    // One file: a record's lines need not stand together, and one without its own cells belongs to the record above.
    let one = file(
        "quotes.csv",
        "Quote,Discount,Lines: Article,Line quantity,lines.price,Lines / Optional\n\
         North,5,Nail,10,1.50,no\nSouth,,Saw,1,20,no\nNorth,5,Hammer,2,12,no\n,,Belt,1,8,no\n",
    );
    let tried = installation.run(&["import", "quote", &one, "--dry-run"]).await.done();
    assert!(tried.out.contains("4 rows of 2 records: 2 created"), "{}", tried.out);
    assert_eq!(api.count("quote", &[]).await, 0);
    let done = installation.run(&["import", "quote", &one]).await.done();
    assert!(done.out.contains("4 rows of 2 records: 2 created"), "{}", done.out);
    assert_eq!(lines(api, "North").await, told(&[("Nail", 10.0), ("Hammer", 2.0), ("Belt", 1.0)]));
    let north = api.get_with("records/quote", &[("name", "North")]).await;
    assert_eq!(north.number("/data/0/total"), 47.0);
    // The same file again changes nothing; another one changes what it says, and goes back.
    let again = installation.run(&["import", "quote", &one, "--match", "name"]).await.done();
    assert!(again.out.contains("0 created, 0 updated, 2 unchanged"), "{}", again.out);
    let other = file(
        "more.csv",
        "Quote,Lines: Article,Lines: Quantity,Lines: Optional\nNorth,Nail,25,no\nNorth,Rope,3,no\n",
    );
    let changed = installation.run(&["import", "quote", &other, "--match", "name"]).await.done();
    assert_eq!(lines(api, "North").await, told(&[("Nail", 25.0), ("Rope", 3.0)]));
    let id = changed.out.lines().last().unwrap().to_owned();
    installation.run(&["import", "undo", &id]).await.done();
    let mut back = lines(api, "North").await;
    back.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        back,
        told(&[("Belt", 1.0), ("Hammer", 2.0), ("Nail", 10.0)]),
        "what was there is there again"
    );
    // Added to, where the mapping says so.
    let map = json!({ "match": "name", "rows": { "lines": { "match": "name", "keep": true } }, "columns": {
        "name": { "column": "Quote" }, "lines.name": { "column": "Lines: Article" },
        "lines.quantity": { "column": "Lines: Quantity" }, "lines.optional": { "column": "Lines: Optional" } } });
    let map = file("map.json", &map.to_string());
    installation.run(&["import", "quote", &other, "--map", &map]).await.done();
    let north = lines(api, "North").await;
    assert!(north.len() == 4 && north.contains(&("Nail".to_owned(), 25.0)), "{north:?}");

    // What is wrong is told at its line, and takes its record along and no other.
    let bad = file(
        "bad.csv",
        "Quote,Discount,Lines: Article,Lines: Quantity,Lines: Optional\nEast,5,Nail,-1,no\nEast,6,Saw,2,no\nWest,,Screw,5,no\n",
    );
    let refused = installation.run(&["import", "quote", &bad, "--match", "name"]).await;
    assert!(refused.err.contains("1 of 2 records were refused"), "{}{}", refused.out, refused.err);
    assert!(
        refused.out.contains("lines.quantity") && refused.out.contains("“6” here, “5” in line 2"),
        "{}",
        refused.out
    );
    assert_eq!(
        (api.count("quote", &[("name", "East")]).await, api.count("quote", &[("name", "West")]).await),
        (0, 1)
    );

    // A file of rows beside the file of records.
    let quotes = file("q.csv", "Quote,Discount\nFirst,3\nSecond,\n");
    let rows = file(
        "rows.csv",
        "Of quote,Article,Quantity,Optional\nFirst,Nail,3,no\nSecond,Saw,1,no\nNobody,Belt,1,no\nFirst,Rope,2,no\n",
    );
    let both = installation.run(&["import", "quote", &quotes, "--rows", &rows]).await;
    assert!(both.out.contains("6 rows of 3 records: 2 created"), "{}{}", both.out, both.err);
    assert!(both.out.contains("neither in the first file nor here"), "{}", both.out);
    assert_eq!(lines(api, "First").await, told(&[("Nail", 3.0), ("Rope", 2.0)]));
    let nothing = file("nothing.csv", "Article,Quantity\nNail,3\n");
    let refused = installation.run(&["import", "quote", &quotes, "--rows", &nothing]).await;
    assert!(refused.err.contains("cannot be joined"), "{}", refused.err);

    // The same by the page, with the columns that agree already chosen.
    let visitor = market.server.administrator().await;
    let form = visitor.open("import").await.form_with("file").set("entity", "quote");
    let form = form.attach("file", "q.csv", b"Quote,Discount\nThird,3\n");
    let page = visitor
        .send(&form.attach(
            "rows",
            "r.csv",
            b"Quote,Article,Quantity,Optional\nThird,Nail,9,no\nThird,Saw,many,no\n",
        ))
        .await;
    let form = page.form_with("match");
    assert_eq!(
        (form.value("rows.lines.key"), form.value("rows.lines.column")),
        ("Quote".into(), "Quote".into())
    );
    let tried = visitor.send(&form.press("Try without saving")).await.is(200).says("2/3");
    assert!(tried.text().contains("many") && tried.text().contains("Lines: Quantity"), "{tried}");
    let map = visitor.visit(&tried.link("Change the matching")).await;
    let values = map.form_with("match").name_of("Field for column lines.Quantity") + ".values";
    let tried = visitor
        .send(&map.form_with("match").set(&values, "many = 40").press("Try without saving"))
        .await
        .is(200);
    let done = visitor.send(&tried.form_to("/run")).await.is(200);
    assert_eq!(lines(api, "Third").await, told(&[("Nail", 9.0), ("Saw", 40.0)]), "{done}");
    visitor.send(&done.form_to("/undo")).await.is(200);
    assert_eq!(api.count("quote", &[("name", "Third")]).await, 0);
    // A file without rows for a kind of record that has none is refused with its reason.
    let form = visitor.open("import").await.form_with("file").set("entity", "fair");
    let form = form.attach("file", "f.csv", b"Fair\nOne\n").attach("rows", "r.csv", b"Fair\nOne\n");
    visitor.submit(&form).await.says("have no rows");
}

/// What the line of a column says: the field it goes to, what it looks like, and the check.
fn line_of(page: &Page, column: &str) -> (String, String) {
    let form = page.form_with("match");
    let rows = page.table("Column in the file");
    let cells = rows.into_iter().find(|cells| cells.first().is_some_and(|cell| cell == column)).unwrap();
    (form.value(&form.name_of(&format!("Field for column {column}"))), cells.join(" | "))
}

async fn columns_are_told_by_name_and_value(engine: Engine) {
    let market = Market::open(engine).await;
    let api = &market.admin;
    api.post("records/stall", &json!({ "name": "Corner" })).await.is(201);
    api.post("records/stall", &json!({ "name": "Gate" })).await.is(201);
    let visitor = market.server.administrator().await;
    let text = "Quote name,Rebate,Where,Sales rep,Remarks,Line price,Empty\n\
        A,5,Corner,Nobody,x,3,\nB,many,Gate,Nobody,y,4,\nC,7,Corner,Nobody,z,1,\nD,7,Roof,Nobody,x,1.5,\n";
    let form = visitor.open("import").await.form_with("file").set("entity", "quote");
    let page = visitor.send(&form.attach("file", "quotes.csv", text.as_bytes())).await.is(200);
    for (column, field, said) in [
        ("Quote name", "name", "All 4 values fit"),
        ("Rebate", "discount", "1 value does not fit: many"),
        ("Where", "stall", "1 not found: Roof"),
        ("Sales rep", "owner", "4 not found: Nobody (4)"),
        ("Remarks", "-", "Left out"),
        ("Line price", "lines.price", "All 4 values fit"),
        ("Empty", "-", "Empty"),
    ] {
        let (goes_to, line) = line_of(&page, column);
        assert_eq!(goes_to, field, "{line}");
        assert!(line.contains(said), "{column}: {line}");
    }
    assert!(line_of(&page, "Line price").1.contains("Decimal"), "{}", line_of(&page, "Line price").1);
    // A matching is kept under its name, once, and used again.
    for _ in 0..2 {
        let form = page.form_with("match").set("mapping_name", "From the fair");
        visitor.send(&form.press("Save matching")).await.is(200);
    }
    let upload = visitor.open("import").await.form_with("file");
    let offered: Vec<String> = upload.offers("mapping").into_iter().filter(|one| !one.is_empty()).collect();
    assert_eq!(offered.len(), 1, "{offered:?}");
    let form = upload.set("entity", "quote").set("mapping", &offered[0]);
    let page = visitor.send(&form.attach("file", "quotes.csv", text.as_bytes())).await.is(200);
    assert_eq!(page.form_with("match").value("mapping_name"), "From the fair");
    // A command says what is wrong in plain words.
    let file = market.server.installation.file("x.csv", "Quote,Junk\nA,1\n");
    let refused = market.server.installation.run(&["import", "quote", file.to_str().unwrap()]).await;
    assert!(refused.err.contains("“Junk”") && !refused.err.contains("/columns"), "{}", refused.err);
}

/// The fairs of a stall, with what each link says.
async fn fairs(api: &Api, stall: &str) -> Vec<(String, String, String)> {
    let found = api.get_with("records/stall", &[("name", stall), ("fields", "name,fairs")]).await.is(200);
    let links = found.list("/data/0/fairs").iter().map(|link| {
        let text = |key: &str| link[key].as_str().map_or_else(|| link[key].to_string(), str::to_owned);
        (text("title"), text("place"), text("fee"))
    });
    links.collect()
}

/// A file whose lines are links, each with what the link itself says; and what is written into files comes back out of them.
async fn links_come_from_files_and_go_into_them(engine: Engine) {
    let market = Market::open(engine).await;
    let (installation, api) = (&market.server.installation, &market.admin);
    let file = |name: &str, text: &str| installation.file(name, text).to_str().unwrap().to_owned();
    for fair in ["Spring", "Autumn", "Winter"] {
        api.create("fair", &json!({ "name": fair })).await.is(201);
    }
    for stall in ["Cheese", "Bread"] {
        api.create("stall", &json!({ "name": stall })).await.is(201);
    }
    let links = |lines: &[(&str, &str, &str)]| -> Vec<(String, String, String)> {
        lines.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
    };
    let one = file(
        "links.csv",
        "Stall,Fair,Place,Fee\nCheese,Spring,A1,12.50\nBread,Spring,A2,\nCheese,Autumn,,7\nCheese,Nowhere,B,1\n",
    );
    let done = installation.run(&["import", "stall_fairs", &one]).await;
    assert!(done.out.contains("3 created") && done.out.contains("Nowhere"), "{}{}", done.out, done.err);
    let cheese = links(&[("Spring", "A1", "12.50"), ("Autumn", "null", "7")]);
    assert_eq!(fairs(api, "Cheese").await, cheese, "in the order of the file");
    // Two records are linked once: the same again changes nothing, another line changes the link, and that can be undone.
    let same = file("same.csv", "Stall,Fair,Place,Fee\nCheese,Spring,A1,12.50\nBread,Spring,A2,\n");
    let again = installation.run(&["import", "stall_fairs", &same]).await.done();
    assert!(again.out.contains("0 created, 0 updated, 2 unchanged"), "{}", again.out);
    let other = file("other.csv", "Fair,Stall,Place\nSpring,Cheese,C9\nWinter,Bread,D\n");
    let changed = installation.run(&["import", "stall_fairs", &other]).await.done();
    assert!(changed.out.contains("1 created, 1 updated"), "{}", changed.out);
    let now = links(&[("Spring", "C9", "12.50"), ("Autumn", "null", "7")]);
    assert_eq!(fairs(api, "Cheese").await, now);
    assert_eq!(fairs(api, "Bread").await, links(&[("Spring", "A2", "null"), ("Winter", "D", "null")]));
    installation.run(&["import", "undo", changed.out.lines().last().unwrap()]).await.done();
    assert_eq!(fairs(api, "Cheese").await, cheese);
    assert_eq!(fairs(api, "Bread").await, links(&[("Spring", "A2", "null")]));

    // On the page, where links say whose they are.
    let visitor = market.server.administrator().await;
    let upload = visitor.open("import").await.says("Stall › Fairs");
    let form = upload.form_with("file").set("entity", "stall_fairs");
    let page =
        visitor.send(&form.attach("file", "l.csv", b"Stall,Fair,Place\nBread,Spring,Z\n")).await.is(200);
    let page = page.says("linked already change that link");
    let form = page.form_with("match").press("Try without saving");
    let tried = visitor.send(&form).await.is(200);
    visitor.send(&tried.form_to("/run")).await.is(200);
    assert_eq!(fairs(api, "Bread").await, links(&[("Spring", "Z", "null")]));
    // Links come in for whoever may bring in the records that have them.
    let seller = market.server.signed_in(&market.seller).await;
    seller.look("/w/main/import").await.is(403);

    // Out and in again: what calculates itself is in the file, too, and goes nowhere.
    let before = (fairs(api, "Cheese").await, fairs(api, "Bread").await);
    let exported = visitor.look("/w/main/r/stall_fairs/export.csv?sort=position").await.is(200).body;
    for name in ["Cheese", "Bread"] {
        let id = api.get_with("records/stall", &[("name", name)]).await.word("/data/0/id").to_owned();
        api.patch(&format!("records/stall/{id}"), &json!({ "fairs": [] })).await.is(200);
    }
    assert_eq!(api.count("stall_fairs", &[]).await, 0);
    installation.run(&["import", "stall_fairs", &file("out.csv", &exported)]).await.done();
    assert_eq!((fairs(api, "Cheese").await, fairs(api, "Bread").await), before, "{exported}");

    // A list of stalls with the fairs in a column, and without: neither takes a fair away, nor what its link says.
    for (name, columns) in [("with.csv", "name,fairs"), ("without.csv", "name,parent")] {
        let list = visitor.look(&format!("/w/main/r/stall/export.csv?fields={columns}")).await.is(200).body;
        assert_eq!(list.contains("Spring | Autumn"), name == "with.csv", "{list}");
        let emptied = list.replace("Spring | Autumn", "");
        for text in [list, emptied] {
            let again =
                installation.run(&["import", "stall", &file(name, &text), "--match", "name"]).await.done();
            // Links that came in by lines get their places in the list now.
            assert!(
                again.out.contains("0 created") && again.out.contains("0 refused"),
                "{text}\n{}",
                again.out
            );
        }
    }
    assert_eq!((fairs(api, "Cheese").await, fairs(api, "Bread").await), before);

    // Every kind that a page shows in another way than it is typed; and names that look alike.
    let gauge = json!({ "name": "gauge", "title": "Gauge", "type": "object", "display": "name", "properties": {
        "name": { "kind": "text", "title": "Name" }, "seen": { "kind": "datetime", "title": "Seen" },
        "number": { "kind": "autonumber", "title": "Number", "pattern": "G-{number:4}" },
        "rings": { "kind": "multi_choice", "title": "Rings", "oneOf": [
            { "const": "a", "title": "Upper, left" }, { "const": "b", "title": "Lower" }, { "const": "c", "title": "Base" } ] },
        "currency": { "kind": "currency", "title": "Currency" }, "money": { "kind": "money", "title": "Money" },
        "built": { "kind": "country", "title": "Built in" }, "state": { "kind": "choice", "title": "State", "oneOf": [
            { "const": "ok", "title": "In order" } ] },
        "twice": { "kind": "money", "title": "Twice", "formula": "money * 2" } } });
    api.publish("Gauges", &[("entity", "gauge", gauge)]).await;
    let values = json!({ "name": "One", "seen": "2026-03-27T09:00:30Z", "rings": ["a", "c"], "currency": "CHF",
        "money": 12.5, "money_currency": "USD", "built": "NO", "state": "ok" });
    let id = api.create("gauge", &values).await.is(201).id();
    let then = api.record("gauge", &id).await;
    let columns = "name,seen,number,rings,currency,money,built,state,twice,created_at";
    let text = visitor.look(&format!("/w/main/r/gauge/export.csv?fields={columns}")).await.is(200).body;
    let again = installation.run(&["import", "gauge", &file("g.csv", &text), "--match", "name"]).await.done();
    assert!(again.out.contains("0 created, 0 updated, 1 unchanged"), "{text}\n{}", again.out);
    // A number belongs to one record.
    let other = text.replace("One,", "Two,").replace("G-0001", "G-0777");
    let lines: Vec<&str> = other.lines().collect();
    installation.run(&["import", "gauge", &file("h.csv", &lines.join("\n"))]).await.done();
    let two = api.get_with("records/gauge", &[("name", "Two")]).await.is(200);
    for field in ["seen", "rings", "currency", "money", "money_currency", "built", "state", "twice"] {
        assert_eq!(two.json["data"][0][field], then.json[field], "{field}\n{text}");
    }
}

/// What a file that is only tried would take of values that must be unique stands in the way of its later rows, as it does
/// when the file comes in.
async fn a_trial_sees_what_must_be_unique(engine: Engine) {
    let world = World::start(engine).await;
    world.building("Mill").await;
    let installation = &world.server.installation;
    let file = installation.file("buildings.csv", "Building name\nMill\nBarn\nShed\nBarn\n");
    let file = file.to_str().unwrap();
    for (arguments, left) in
        [(vec!["import", "building", file, "--dry-run"], 1), (vec!["import", "building", file], 3)]
    {
        let done = installation.run(&arguments).await;
        assert!(done.out.contains("2 created") && done.out.contains("2 refused"), "{}{}", done.out, done.err);
        assert!(done.err.contains("2 of 4 rows were refused"), "{}", done.err);
        assert_eq!(world.admin.count("building", &[]).await, left);
    }
}

/// A column that is called as what is calculated goes nowhere, whatever a field of the rows is called; rows that go are told
/// before and after; and an undo says what it left.
async fn a_plain_round_trip_keeps_rows(engine: Engine) {
    let market = Market::open(engine).await;
    let (installation, api) = (&market.server.installation, &market.admin);
    let name = json!({ "kind": "text", "title": "Loan" });
    let damage = json!({ "name": { "kind": "text", "title": "What" }, "cost": { "kind": "money", "title": "Cost" },
        "loan": { "kind": "link", "to": "loan", "title": "Loan" } });
    let loan = json!({ "name": name.clone(), "note": { "kind": "text", "title": "Note" },
        "damages": { "kind": "rows", "to": "damage", "by": "loan", "title": "Damages" },
        "damage_cost": { "kind": "money", "title": "Damage cost", "rollup": { "of": "damage.loan", "sum": "cost" } } });
    let parts = [
        ("entity", "loan", entity("loan", "Loan", json!({ "name": name }))),
        ("entity", "damage", entity("damage", "Damage", damage)),
    ];
    api.publish("Loans", &parts).await;
    api.publish("Rows", &[("entity", "loan", entity("loan", "Loan", loan))]).await;
    let damages = json!([{ "name": "Handle", "cost": 15 }, { "name": "Cord", "cost": 7.5 }]);
    let one = api.create("loan", &json!({ "name": "L-1", "damages": damages })).await.id();
    api.create("loan", &json!({ "name": "L-2" })).await;
    let rows = async || api.record("loan", &one).await.list("/damages").len();
    let text = "Loan,Damage cost,Damage cost: Currency,Note\nL-1,22.50,EUR,Changed\n";
    let file = installation.file("loans.csv", text);
    let done = installation.run(&["import", "loan", file.to_str().unwrap(), "--match", "name"]).await.done();
    assert!(done.out.contains("0 created, 1 updated"), "{}", done.out);
    assert_eq!(rows().await, 2, "{}", done.out);
    assert_eq!(api.record("loan", &one).await.word("/note"), "Changed");

    // Where the file does speak of rows, the trial tells which go.
    let visitor = market.server.administrator().await;
    let form = visitor.open("import").await.form_with("file").set("entity", "loan");
    let text = b"Loan,Note,Damages: What\nL-1,Again,Scratch\n";
    let page = visitor.send(&form.attach("file", "rows.csv", text)).await.is(200);
    let form = page.form_with("match").set("match", "name").press("Try without saving");
    let tried = visitor.send(&form).await.is(200).says("Rows that go").says("−2 +1");
    assert_eq!(rows().await, 2);
    let done = visitor.send(&tried.form_to("/run")).await.is(200).says("−2 +1");
    assert_eq!(rows().await, 1);
    visitor.visit(&done.link("Show the records")).await.is(200).says("L-1").never_says("L-2");
    // Somebody changes it before it is taken back.
    api.patch(&format!("records/loan/{one}"), &json!({ "note": "By hand" })).await.is(200);
    let undone = visitor.send(&done.form_to("/undo")).await.is(200);
    undone.says("Stayed as it was").says("It was changed after the import").says("L-1");
    visitor.open("import").await.says("1 record stayed as it was");
    assert_eq!(rows().await, 1);
}
