//! One record through the API: created, read, changed, deleted, restored, previewed; by the administrator and by
//! somebody with scope own.

use kontor_testing::answer::number;
use kontor_testing::{Engine, on_both_databases};
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(
    a_record_that_comes_back_is_linked_again,
    given_numbers_are_not_drawn_again,
    a_record_lives_its_life,
    every_kind_keeps_its_value,
    all_problems_come_at_once,
    a_preview_saves_nothing,
    what_is_not_mine_does_not_exist,
    field_rights_hold,
    uniqueness_and_restriction_hold,
    the_same_key_creates_once,
);

async fn a_record_lives_its_life(engine: Engine) {
    let world = World::start(engine).await;
    for (who, api) in world.everybody() {
        let created =
            api.create("site_visit", &json!({ "name": format!("First of {who}"), "people": 3 })).await;
        let id = created.id();
        assert!(created.header("location").ends_with(&format!("/records/site_visit/{id}")), "{created}");
        assert_eq!(created.number("/version"), 1.0, "{created}");
        assert_eq!(created.word("/outcome"), "planned", "the default is taken\n{created}");
        assert_eq!(created.at("/summary"), &Value::Null, "an empty field is null\n{created}");

        let path = format!("records/site_visit/{id}");
        let read = api.get(&path).await.is(200);
        assert_eq!(read.header("etag"), "\"1\"", "{read}");
        assert_eq!(read.json, created.json, "what was answered is what is there");
        assert_eq!(
            read.at("/owner/id"),
            api.get("me").await.is(200).at("/id"),
            "the creator owns it\n{read}"
        );

        let changed = api.patch(&path, &json!({ "people": 4, "summary": "Went well" })).await.is(200);
        assert_eq!(changed.number("/version"), 2.0);
        assert_eq!(changed.number("/people"), 4.0);
        assert_eq!(changed.word("/name"), format!("First of {who}"), "what is not named stays");

        api.patch_if(&path, "\"1\"", &json!({ "people": 9 })).await.refused(412);
        assert_eq!(api.record("site_visit", &id).await.number("/people"), 4.0, "nothing was changed");
        api.patch_if(&path, "\"2\"", &json!({ "people": 5 })).await.is(200);

        let emptied = api.patch(&path, &json!({ "summary": null })).await.is(200);
        assert_eq!(emptied.at("/summary"), &Value::Null);

        let history = api.get(&format!("{path}/history")).await.is(200);
        assert!(history.list("/data").len() >= 4, "each change is a revision\n{history}");
        assert!(history.text.contains("Went well"), "the old value is kept\n{history}");

        let before = api.count("site_visit", &[]).await;
        api.delete(&path).await.is(204);
        api.get(&path).await.refused(404);
        api.patch(&path, &json!({ "people": 1 })).await.refused(404);
        api.delete(&path).await.refused(404);
        assert_eq!(api.count("site_visit", &[]).await, before - 1, "the bin is in no total");
        api.post(&format!("{path}/restore"), &json!({})).await.is(200);
        assert_eq!(api.record("site_visit", &id).await.number("/people"), 5.0);
        assert_eq!(api.count("site_visit", &[]).await, before);
    }
}

async fn every_kind_keeps_its_value(engine: Engine) {
    let world = World::start(engine).await;
    let site = world.building("Depot").await;
    for (who, api) in world.everybody() {
        let me = api.get("me").await.is(200).id();
        let values = json!({
            "name": "Émile's 工地", "summary": "one\ntwo", "people": 12, "hours": 2.25, "cost": 1200.50,
            "cost_currency": "EUR", "finished": 12.5, "paid": true, "day": "2026-03-27",
            "arrived": "2026-03-27T10:15:00+02:00", "outcome": "good", "topics": ["energy", "safety"],
            "mailbox": "site@example.test", "hotline": "+49 30 123456", "map": "https://example.test/map?x=1",
            "site": { "name": "Depot" }, "regarding": { "id": site, "entity": "building" }, "guide": me
        });
        let id = api.create("site_visit", &values).await.id();
        let record = api.record("site_visit", &id).await;
        for field in
            ["name", "summary", "paid", "day", "outcome", "mailbox", "hotline", "map", "cost_currency"]
        {
            assert_eq!(record.at(&format!("/{field}")), &values[field], "{field} for {who}\n{record}");
        }
        for field in ["people", "hours", "cost", "finished"] {
            assert_eq!(number(record.at(&format!("/{field}"))), number(&values[field]), "{field}\n{record}");
        }
        assert!(record.text.contains("1200.5"), "digits are exact\n{record}");
        let arrived = record.word("/arrived");
        assert!(arrived.starts_with("2026-03-27T08:15:00") && arrived.ends_with('Z'), "UTC\n{record}");
        let mut topics: Vec<&str> = record.list("/topics").iter().filter_map(Value::as_str).collect();
        topics.sort_unstable();
        assert_eq!(topics, ["energy", "safety"]);
        assert_eq!(record.word("/site/id"), site, "looked up by its unique name");
        assert_eq!(record.word("/site/title"), "Depot");
        assert_eq!(record.word("/regarding/id"), site);
        assert_eq!(record.word("/guide/id"), me);
        assert!(record.word("/number").starts_with("V-0"), "{record}");
        assert!(
            (record.number("/rate") - 533.5556).abs() < 0.0001,
            "1200.50 / 2.25 with four digits\n{record}"
        );

        let again = api.create("site_visit", &json!({ "name": "Next", "cost": "7.25", "hours": 2 })).await;
        assert_eq!(again.number("/cost"), 7.25, "text is accepted for a number");
        assert!((again.number("/rate") - 3.625).abs() < 1e-9);
        assert_ne!(again.at("/number"), record.at("/number"), "numbers do not repeat");
        let empty = api.create("site_visit", &json!({ "name": "Bare", "summary": "" })).await;
        assert_eq!(empty.at("/summary"), &Value::Null, "an empty text is no value");
        assert_eq!(empty.at("/rate"), &Value::Null, "a formula over nothing is nothing");
    }
}

async fn all_problems_come_at_once(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        let before = api.count("site_visit", &[]).await;
        let wrong = json!({
            "people": 501, "hours": "many", "cost": -1, "day": "2026-02-30", "arrived": "noon", "outcome": "maybe",
            "topics": ["roof", "cellar"], "mailbox": "nobody", "map": "not a link",
            "site": { "name": "Nowhere" }, "number": "V-9", "rate": 3, "nonsense": 1
        });
        let answer = api.post("records/site_visit", &wrong).await.refused(422);
        for path in [
            "/name",
            "/people",
            "/hours",
            "/cost",
            "/day",
            "/arrived",
            "/outcome",
            "/mailbox",
            "/map",
            "/site",
            "/rate",
            "/number",
            "/nonsense",
        ] {
            answer.problem_at(path);
        }
        let at = |path: &str| answer.problem_at(path)["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!(at("/name"), "required");
        assert!(
            answer.problems().iter().any(|(path, _)| path.starts_with("/topics")),
            "a wrong option among right ones\n{answer}"
        );
        assert_eq!(api.count("site_visit", &[]).await, before, "nothing was saved");

        let long = "x".repeat(81);
        api.post("records/site_visit", &json!({ "name": long })).await.refused(422).problems_at(&["/name"]);
        let fits = "界".repeat(80);
        api.create("site_visit", &json!({ "name": fits })).await;
    }
}

async fn a_preview_saves_nothing(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        let before = api.count("site_visit", &[]).await;
        let shown = api
            .post("records/site_visit/preview", &json!({ "name": "Maybe", "cost": 100, "hours": 8 }))
            .await
            .is(200);
        let text = &shown.text;
        assert!(text.contains("12.5"), "the formula is worked out\n{shown}");
        assert!(text.contains("planned"), "the default is taken\n{shown}");
        let wrong = api.post("records/site_visit/preview", &json!({ "people": 501 })).await;
        assert!(wrong.text.contains("/name") && wrong.text.contains("/people"), "both problems\n{wrong}");
        assert_eq!(api.count("site_visit", &[]).await, before);
    }
}

async fn what_is_not_mine_does_not_exist(engine: Engine) {
    let world = World::start(engine).await;
    let theirs = world.visits(&world.admin, &["Secret inspection"]).await.remove(0);
    let mine = world.visits(&world.own, &["My inspection"]).await.remove(0);
    let own = &world.own;

    let absent = own.get("records/site_visit/01890000-0000-7000-8000-000000000000").await.refused(404);
    let hidden = own.get(&format!("records/site_visit/{theirs}")).await.refused(404);
    assert_eq!(
        absent.text.replace("01890000-0000-7000-8000-000000000000", &theirs),
        hidden.text,
        "the same answer as for a record that is not there"
    );
    own.patch(&format!("records/site_visit/{theirs}"), &json!({ "people": 1 })).await.refused(404);
    own.delete(&format!("records/site_visit/{theirs}")).await.refused(404);
    own.get(&format!("records/site_visit/{theirs}/history")).await.refused(404);
    let list = own.get("records/site_visit").await.is(200);
    assert_eq!(list.list("/data").len(), 1, "{list}");
    assert_eq!(list.word("/data/0/id"), mine);
    assert_eq!(own.count("site_visit", &[]).await, 1);
    let found = own.get_with("search", &[("q", "inspection")]).await.is(200);
    assert!(found.text.contains("My inspection") && !found.text.contains("Secret"), "{found}");
    let counted = own
        .post("query", &json!({ "entity": "site_visit", "measures": [{ "count": true, "as": "n" }] }))
        .await
        .is(200);
    assert_eq!(counted.number("/data/0/n"), 1.0, "{counted}");
    // A link to what may not be seen cannot be made, and says no more than for what is not there.
    own.post(
        "records/site_visit",
        &json!({ "name": "Link", "regarding": { "id": theirs, "entity": "site_visit" } }),
    )
    .await
    .refused(422)
    .problem_at("/regarding");

    // The administrator sees both: the positive control.
    assert_eq!(world.admin.count("site_visit", &[]).await, 2);
    world.admin.record("site_visit", &mine).await;
}

async fn field_rights_hold(engine: Engine) {
    let world = World::start(engine).await;
    let building = json!({ "name": "Bank", "secret": "lock-4711", "budget": 5000 });
    let id = world.admin.create("building", &building).await.id();
    let path = format!("records/building/{id}");
    let own = &world.own;

    let seen = own.get(&path).await.is(200);
    assert!(seen.json.get("secret").is_none() && !seen.text.contains("lock-4711"), "{seen}");
    assert_eq!(seen.number("/budget"), 5000.0, "what may be read is there");
    own.patch(&path, &json!({ "town": "Ulm" })).await.is(200);
    let refused = own.patch(&path, &json!({ "budget": 1, "secret": "0", "floors": 2 })).await.refused(422);
    refused.problem_at("/budget");
    let unknown = own.patch(&path, &json!({ "never_heard_of": 1 })).await.refused(422);
    assert_eq!(
        refused.problem_at("/secret")["code"],
        unknown.problem_at("/never_heard_of")["code"],
        "what one may not see is an unknown field\n{refused}"
    );
    for address in [
        "records/building?secret=lock-4711",
        "records/building?sort=secret",
        "records/building?fields=name,secret",
        "records/site_visit?site.secret=lock-4711",
    ] {
        let answer = own.get(address).await.refused(422);
        assert!(!answer.text.contains("lock-4711") || address.contains("lock-4711"), "{answer}");
        world.admin.get(address).await.is(200);
    }
    own.post("query", &json!({ "entity": "building", "group": [{ "field": "secret" }], "measures": [{ "count": true, "as": "n" }] }))
        .await
        .refused(422);
    let history = own.get(&format!("{path}/history")).await.is(200);
    assert!(!history.text.contains("lock-4711"), "{history}");
    let schema = own.get("schemas/building").await.is(200);
    assert!(!schema.text.contains("Alarm code"), "{schema}");
    assert_eq!(world.admin.record("building", &id).await.word("/secret"), "lock-4711", "untouched");
    own.delete(&path).await.refused(403);
    world.admin.delete(&path).await.is(204);
}

async fn uniqueness_and_restriction_hold(engine: Engine) {
    let world = World::start(engine).await;
    let id = world.building("Tower").await;
    for (_, api) in world.everybody() {
        let twice = api.post("records/building", &json!({ "name": "Tower" })).await;
        assert!(twice.status == 409 || twice.status == 422, "{twice}");
        twice.problem_at("/name");
    }
    world.admin.create("site_visit", &json!({ "name": "In the tower", "site": id })).await;
    let held = world.admin.delete(&format!("records/building/{id}")).await;
    assert!(held.status == 409 || held.status == 422, "restricted by the visit\n{held}");
    world.admin.record("building", &id).await;

    let free = world.building("Shed").await;
    world.admin.delete(&format!("records/building/{free}")).await.is(204);
    world.building("Shed").await;
    let taken = world.admin.post(&format!("records/building/{free}/restore"), &json!({})).await;
    assert!(taken.status == 409 || taken.status == 422, "its name is taken by now\n{taken}");
}

async fn the_same_key_creates_once(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        let request = || {
            api.request(reqwest::Method::POST, "records/site_visit")
                .header("idempotency-key", "once-and-only-once")
                .json(&json!({ "name": "Once" }))
        };
        let first = api.send(request()).await.is(201);
        let second = api.send(request()).await.is(201);
        assert_eq!(first.id(), second.id(), "the first answer again");
        assert_eq!(api.count("site_visit", &[("name", "Once"), ("owner[is]", "me")]).await, 1);
    }
}

/// Shelves, the books on them, and a log of each shelf that is only ever added to.
async fn shelves(engine: Engine) -> World {
    let world = World::start(engine).await;
    let entity = |name: &str, more: Value| {
        let mut json = json!({ "$schema": schema("entity"), "name": name, "title": name, "plural": name, "type": "object",
            "display": "name", "properties": { "name": { "kind": "text", "title": "Name" } } });
        let object = json.as_object_mut().unwrap();
        for (key, value) in more.as_object().unwrap() {
            match key.as_str() {
                "properties" => {
                    let fields = object["properties"].as_object_mut().unwrap();
                    fields.extend(value.as_object().unwrap().clone());
                }
                _ => {
                    object.insert(key.clone(), value.clone());
                }
            }
        }
        json
    };
    let number = json!({ "kind": "autonumber", "title": "Number", "pattern": "B-{number:3}" });
    let shelf = |rule: &str| json!({ "kind": "link", "to": "shelf", "title": "Shelf", "on_delete": rule });
    let definitions = [
        ("entity", "shelf", entity("shelf", json!({}))),
        (
            "entity",
            "book",
            entity("book", json!({ "properties": { "number": number, "shelf": shelf("empty") } })),
        ),
        (
            "entity",
            "entry",
            entity("entry", json!({ "append_only": true, "properties": { "shelf": shelf("cascade") } })),
        ),
    ];
    world.admin.publish("Shelves", &definitions).await;
    world
}

async fn a_record_that_comes_back_is_linked_again(engine: Engine) {
    let world = shelves(engine).await;
    let api = &world.admin;
    let [one, two] = [
        api.create("shelf", &json!({ "name": "One" })).await.id(),
        api.create("shelf", &json!({ "name": "Two" })).await.id(),
    ];
    let mut books = Vec::new();
    for name in ["Left", "Moved", "Gone"] {
        books.push(api.create("book", &json!({ "name": name, "shelf": one })).await.id());
    }
    api.delete(&format!("records/shelf/{one}")).await.is(204);
    assert!(api.record("book", &books[0]).await.at("/shelf").is_null());
    // What was put elsewhere since stays there, and what is in the bin itself stays in it.
    api.patch(&format!("records/book/{}", books[1]), &json!({ "shelf": two })).await.is(200);
    api.delete(&format!("records/book/{}", books[2])).await.is(204);
    api.post(&format!("records/shelf/{one}/restore"), &json!({})).await.is(200);
    assert_eq!(api.record("book", &books[0]).await.word("/shelf/id"), one);
    assert_eq!(api.record("book", &books[1]).await.word("/shelf/id"), two);

    // A log does not go with what it is about.
    api.create("entry", &json!({ "name": "Dusted", "shelf": two })).await;
    let refused = api.delete(&format!("records/shelf/{two}")).await.refused(422);
    assert!(refused.text.contains("entry"), "{refused}");
    assert_eq!(api.count("entry", &[]).await, 1);
}

async fn given_numbers_are_not_drawn_again(engine: Engine) {
    let world = shelves(engine).await;
    let api = &world.admin;
    let installation = &world.server.installation;
    let number =
        async |name: &str| api.create("book", &json!({ "name": name })).await.word("/number").to_owned();
    assert_eq!(number("a").await, "B-001");
    // Nobody writes a number, before and after the record is there alike, and the schema of what is sent says so.
    let refused = api.post("records/book", &json!({ "name": "b", "number": "B-007" })).await.refused(422);
    assert_eq!(refused.problem_at("/number")["code"], "read_only", "{refused}");
    assert_eq!(api.get("schemas/book").await.is(200).at("/properties/number/readOnly"), &json!(true));

    let script =
        "fn before_save(record, old, ctx) { if record.name == \"t\" { record.number = \"B-900\"; } }";
    api.publish("Script", &[("script", "entities/book", json!({ "source": script }))]).await;
    api.post("records/book", &json!({ "name": "t" })).await.refused(422);
    assert_eq!(api.count("book", &[("name", "t")]).await, 0);

    // A file brings numbers of another system with it, each of them once: in the file, beside it, and when it is tried.
    let bring = async |text: &str, more: &[&str]| {
        let file = installation.file("books.csv", text);
        let mut arguments = vec!["import", "book", file.to_str().unwrap()];
        arguments.extend(more);
        installation.run(&arguments).await
    };
    let done = bring("Name,Number\nb,B-007\nc,old 12\ne,B-003\n", &[]).await.done();
    assert!(done.out.contains("3 created"), "{}", done.out);
    assert_eq!((number("d").await, number("f").await), ("B-008".to_owned(), "B-009".to_owned()));
    for more in [&["--dry-run"][..], &[]] {
        let done = bring("Name,Number\nx,B-020\ny,b-007\nz,B-020\n", more).await;
        assert!(done.out.contains("1 created") && done.out.contains("2 refused"), "{}{}", done.out, done.err);
    }
    // What came under another pattern is left out when the pattern becomes that one.
    bring("Name,Number\np,C-022\n", &[]).await.done();
    assert_eq!(number("q").await, "B-021");
    let other = json!({ "$schema": schema("entity"), "name": "book", "title": "book", "plural": "book", "type": "object",
        "display": "name", "properties": { "name": { "kind": "text", "title": "Name" },
            "number": { "kind": "autonumber", "title": "Number", "pattern": "C-{number:3}" },
            "shelf": { "kind": "link", "to": "shelf", "title": "Shelf", "on_delete": "empty" } } });
    api.publish("Another pattern", &[("entity", "book", other)]).await;
    assert_eq!(number("r").await, "C-023");
    // The number of a record in the bin is free; once another record has it, it does not come back.
    let gone = api.get_with("records/book", &[("name", "b")]).await.is(200).word("/data/0/id").to_owned();
    api.delete(&format!("records/book/{gone}")).await.is(204);
    bring("Name,Number\ns,B-007\n", &[]).await.done();
    let refused = api.post(&format!("records/book/{gone}/restore"), &json!({})).await.refused(422);
    assert!(refused.text.contains("not_unique"), "{refused}");
}
