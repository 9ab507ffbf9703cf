//! The ways by which files come to records besides their own form: rows of a document, an import, a copy, a bulk request,
//! and a settings page.

use kontor_testing::{Api, Engine, Installation, Server, Visitor, on_both_databases};
use serde_json::{Value, json};

use crate::world::schema;

on_both_databases!(rows_hold_files, imports_and_copies_name_files);

const PDF: &[u8] = b"%PDF-1.7\nAgreed.\n";

fn definitions() -> Vec<(&'static str, &'static str, Value)> {
    let bundle = json!({
        "$schema": schema("entity"), "name": "bundle", "title": "Bundle", "plural": "Bundles",
        "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "cover": { "kind": "file", "title": "Cover" },
            "pages": { "kind": "rows", "to": "sheet", "by": "bundle", "title": "Pages" }
        },
        "required": ["name"]
    });
    let sheet = json!({
        "$schema": schema("entity"), "name": "sheet", "title": "Sheet", "plural": "Sheets",
        "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name" },
            "scan": { "kind": "file", "title": "Scan" },
            "bundle": { "kind": "link", "to": "bundle", "title": "Bundle", "on_delete": "cascade" }
        },
        "required": ["name"]
    });
    // Each definition is checked as it comes: the bundle without its pages first.
    let mut plain = bundle.clone();
    if let Some(fields) = plain["properties"].as_object_mut() {
        fields.remove("pages");
    }
    vec![("entity", "bundle", plain), ("entity", "sheet", sheet), ("entity", "bundle", bundle)]
}

async fn start(engine: Engine) -> (Server, Api, Visitor) {
    let server = Installation::new(engine).serve().await;
    let api = server.api().await;
    api.publish("Bundles", &definitions()).await;
    let visitor = server.administrator().await;
    (server, api, visitor)
}

async fn sent(api: &Api, name: &str) -> String {
    api.send_file("files", name, PDF).await.is(201).word("/id").to_owned()
}

async fn rows_hold_files(engine: Engine) {
    let (_server, api, visitor) = start(engine).await;
    let form = visitor.open("r/bundle/new").await.form_with("name");
    assert!(form.multipart);
    let form = visitor.submit(&form.press("pages:add")).await.is(200).form_with("pages.0.name");
    let form = form.set("pages.0.name", "One").attach("pages.0.scan.upload", "one.pdf", PDF);
    // The bundle has no name: the form comes back, and the row still has its file.
    let back = visitor.submit(&form).await.is(422).says("one.pdf");
    let form = back.form_with("pages.0.name").set("name", "Contracts");
    let form = form.attach("cover.upload", "cover.pdf", PDF);
    let page = visitor.send(&form).await.says("one.pdf").says("cover.pdf");
    let id = page.path.rsplit('/').next().unwrap_or_default().to_owned();
    let sheet = api.get("records/sheet").await.is(200);
    assert_eq!(sheet.word("/data/0/scan/name"), "one.pdf");
    let file = sheet.word("/data/0/scan/id").to_owned();
    api.get(&format!("files/{file}")).await.is(200);

    // An untouched row stays as it is; its file is replaced and taken out inside the form of the bundle.
    let edit = format!("r/bundle/{id}/edit");
    let form = visitor.open(&edit).await.form_with("pages.0.name");
    let form = form.attach("pages.0.scan.upload", "two.pdf", b"%PDF-1.7 two");
    visitor.send(&form).await.says("two.pdf");
    let form = visitor.open(&edit).await.form_with("pages.0.name").set("pages.0.scan.remove", "true");
    visitor.send(&form).await;
    assert!(api.get("records/sheet").await.at("/data/0/scan").is_null());

    // In the API, a row names a file like any other record.
    let scan = sent(&api, "three.pdf").await;
    let rows = json!({ "name": "By API", "pages": [{ "name": "A", "scan": scan }, { "name": "B" }] });
    let made = api.create("bundle", &rows).await;
    assert_eq!(made.word("/pages/0/scan/name"), "three.pdf");
    let wrong =
        json!({ "name": "No", "pages": [{ "name": "A", "scan": "01990000-0000-7000-8000-000000000001" }] });
    api.post("records/bundle", &wrong).await.refused(422).problem_at("/pages/0/scan");
}

async fn imports_and_copies_name_files(engine: Engine) {
    let (server, api, visitor) = start(engine).await;
    let file = sent(&api, "cover.pdf").await;
    let csv = format!("name,cover\nFirst,{file}\nSecond,cover.pdf\nThird,\n");
    let path = server.installation.file("bundles.csv", csv);
    let path = path.to_str().expect("a path");
    let done = server.installation.run(&["import", "bundle", path]).await;
    assert!(format!("{}{}", done.out, done.err).contains("upload"), "{} {}", done.out, done.err);
    let first = api.get_with("records/bundle", &[("name", "First")]).await.is(200);
    assert_eq!(first.word("/data/0/cover/name"), "cover.pdf");
    assert_eq!(api.count("bundle", &[("name", "Second")]).await, 0, "a name is no file");
    assert_eq!(api.count("bundle", &[("name", "Third")]).await, 1);

    // A copy of a record has a file of its own, so that the first may go.
    let id = first.word("/data/0/id").to_owned();
    let form = visitor.open(&format!("r/bundle/new?copy={id}")).await.says("cover.pdf").form_with("name");
    visitor.send(&form.set("name", "Copy")).await.says("cover.pdf");
    let copy = api.get_with("records/bundle", &[("name", "Copy")]).await;
    let own = copy.word("/data/0/cover/id").to_owned();
    assert_ne!(own, first.word("/data/0/cover/id"));
    api.delete(&format!("records/bundle/{id}")).await.is(204);
    api.get(&format!("files/{own}")).await.is(200);

    // Many records in one request may name the same new file: each gets its own.
    let shared = sent(&api, "shared.pdf").await;
    let many: Vec<Value> = (0..3).map(|n| json!({ "name": format!("Many {n}"), "cover": shared })).collect();
    api.post("records/bundle/bulk", &json!({ "create": many })).await.is(200);
    let made = api.get_with("records/bundle", &[("name[starts_with]", "Many")]).await.is(200);
    let ids: std::collections::BTreeSet<&str> =
        made.list("/data").iter().filter_map(|record| record["cover"]["id"].as_str()).collect();
    assert_eq!(ids.len(), 3);
}
