//! Files: sent, kept by a record, fetched by who may read it, and nobody else; what they claim to be and what they are;
//! forms that lose nothing when they come back.

use kontor_testing::{
    Answer, Api, Browser, Engine, Installation, Page, Server, Visitor, eventually, on_both_databases, sql,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::schema;

on_both_databases!(
    a_file_is_sent_kept_and_fetched,
    who_may_not_read_the_record_has_no_file,
    a_file_is_what_its_bytes_say,
    a_form_loses_no_file,
    pictures_signatures_and_several_files,
    files_outlive_the_bin_and_the_field,
    a_record_has_files_of_its_own,
);

fn definitions() -> Vec<(&'static str, &'static str, Value)> {
    let entity = json!({
        "$schema": schema("entity"), "name": "paper", "title": "Paper", "plural": "Papers",
        "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name", "maxLength": 20 },
            "contract": { "kind": "file", "title": "Contract", "maxSize": "1 MB" },
            "secret": { "kind": "file", "title": "Secret" },
            "drawings": { "kind": "files", "title": "Drawings", "accept": "image/*, .pdf", "maxItems": 3 },
            "photo": { "kind": "image", "title": "Photo" },
            "signed": { "kind": "signature", "title": "Signature" },
            "twin": { "kind": "link", "to": "paper", "title": "Twin" }
        },
        "required": ["name"], "search": ["name", "contract"], "features": ["files", "history"]
    });
    let role = json!({
        "$schema": schema("role"), "name": "clerk", "title": "Clerk",
        "entities": { "paper": { "create": true, "read": "own", "update": "own", "delete": "own",
                                 "fields": { "secret": "none" } } }
    });
    let view = json!({
        "$schema": schema("view"), "name": "papers", "entity": "paper", "type": "list", "title": "Papers",
        "columns": ["name", "contract", "drawings", "photo", "signed"]
    });
    vec![("entity", "paper", entity), ("role", "clerk", role), ("view", "papers", view)]
}

struct Desk {
    server: Server,
    admin: Api,
    clerk: Api,
    visitor: Visitor,
}

async fn start(engine: Engine) -> Desk {
    let server = Installation::new(engine).serve().await;
    let admin = server.api().await;
    admin.publish("Papers", &definitions()).await;
    let person = server.installation.person("cleo", "clerk").await;
    let clerk = server.api_of(&person).await;
    let visitor = server.administrator().await;
    Desk { server, admin, clerk, visitor }
}

/// The beginning of a picture of that size, which is all that anybody looks at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

const PDF: &[u8] = b"%PDF-1.7\nAgreed.\n";

async fn sent(api: &Api, name: &str, bytes: &[u8]) -> String {
    api.send_file("files", name, bytes).await.is(201).word("/id").to_owned()
}

async fn fetch(api: &Api, id: &str) -> Answer {
    api.send(api.request(Method::GET, &format!("files/{id}"))).await
}

async fn a_file_is_sent_kept_and_fetched(engine: Engine) {
    let desk = start(engine).await;
    // Longer than several parts, so that it goes in and comes out in pieces.
    let mut long = PDF.to_vec();
    long.extend((0..900_000_u32).map(|n| u8::try_from(n % 251).unwrap_or(0)));
    let answer = desk.admin.send_file("files", "Offer 图纸.pdf", &long).await.is(201);
    assert_eq!(answer.word("/name"), "Offer 图纸.pdf");
    assert_eq!(answer.word("/type"), "application/pdf");
    assert_eq!(answer.number("/size"), f64::from(u32::try_from(long.len()).unwrap()));
    let id = answer.word("/id").to_owned();
    assert!(answer.header("location").ends_with(&format!("/api/v1/files/{id}")), "{answer}");

    // Before a record holds it, it is the sender's alone.
    fetch(&desk.admin, &id).await.is(200);
    fetch(&desk.clerk, &id).await.is(404);
    desk.clerk
        .post("records/paper", &json!({ "name": "Thief", "contract": id }))
        .await
        .refused(422)
        .problem_at("/contract");

    let made = desk.admin.create("paper", &json!({ "name": "Lease", "contract": { "id": id } })).await;
    let paper = made.id();
    assert_eq!(made.word("/contract/name"), "Offer 图纸.pdf");
    assert_eq!(made.at("/contract").as_object().map(serde_json::Map::len), Some(4), "{made}");
    let record = desk.admin.record("paper", &paper).await;
    assert_eq!(record.at("/contract"), made.at("/contract"));

    let whole = desk.admin.request(Method::GET, &format!("files/{id}")).send().await.expect("an answer");
    let header = |name: &str| {
        whole.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(
        header("content-disposition")
            .starts_with("attachment; filename=\"Offer __.pdf\"; filename*=UTF-8''Offer%20")
    );
    let tag = header("etag");
    assert_eq!(whole.bytes().await.expect("a body").as_ref(), long.as_slice());
    let again = desk.admin.request(Method::GET, &format!("files/{id}")).header("if-none-match", &tag);
    assert_eq!(again.send().await.expect("an answer").status().as_u16(), 304);

    // Found by its name, in lists, in the search, in an export.
    for (query, expected) in [
        (json!({ "field": "contract", "contains": "offer" }), 1),
        (json!({ "field": "contract", "contains": "application" }), 0),
        (json!({ "field": "contract", "not_contains": "图纸" }), 0),
        (json!({ "field": "contract", "empty": false }), 1),
        (json!({ "field": "contract", "empty": true }), 0),
    ] {
        let found = desk.admin.count("paper", &[("filter", &query.to_string())]).await;
        assert_eq!(found, expected, "{query}");
    }
    desk.visitor.open("search?q=图纸").await.says("Lease");
    desk.visitor.open("r/paper?view=papers").await.says("Offer 图纸.pdf");
    let csv = desk.visitor.open("r/paper/export.csv?view=papers").await;
    assert!(csv.body.contains("Offer 图纸.pdf") && !csv.body.contains(&id), "{csv}");

    // The same content is kept once; a copy in another record has rights of its own.
    let other = sent(&desk.admin, "copy.pdf", &long).await;
    let copied =
        desk.admin.create("paper", &json!({ "name": "Copy", "contract": other, "secret": id })).await;
    assert_ne!(copied.word("/secret/id"), id);
    let connection = sql::open(&desk.server.installation).await;
    let place = sql::schema(&connection).await;
    assert_eq!(sql::number(&connection, &format!("select count(*) from {place}s_content")).await, 1);
    assert_eq!(sql::number(&connection, &format!("select count(*) from {place}s_file")).await, 3);
    sql::close(connection).await;

    // A repeated key is not done twice.
    let form = || {
        let part = reqwest::multipart::Part::bytes(PDF.to_vec()).file_name("once.pdf");
        let bytes = reqwest::multipart::Form::new().part("file", part);
        desk.admin.request(Method::POST, "files").header("idempotency-key", "k1").multipart(bytes)
    };
    // Two bodies differ by their boundary: a program that tries again sends the same bytes.
    desk.admin.send(form()).await.is(201);
    desk.admin.send(form()).await.is(409);
}

async fn who_may_not_read_the_record_has_no_file(engine: Engine) {
    let desk = start(engine).await;
    let own = sent(&desk.clerk, "mine.pdf", PDF).await;
    let theirs = sent(&desk.admin, "theirs.pdf", PDF).await;
    let hidden = sent(&desk.admin, "hidden.pdf", PDF).await;
    let mine = desk.clerk.create("paper", &json!({ "name": "Mine", "contract": own })).await.id();
    let foreign = desk.admin.create("paper", &json!({ "name": "Theirs", "contract": theirs })).await.id();
    desk.admin.patch(&format!("records/paper/{mine}"), &json!({ "secret": hidden })).await.is(200);

    fetch(&desk.clerk, &own).await.is(200);
    fetch(&desk.admin, &own).await.is(200);
    let secret = desk.admin.record("paper", &mine).await.word("/secret/id").to_owned();
    fetch(&desk.admin, &secret).await.is(200);
    for (id, why) in [
        (theirs.as_str(), "another's record"),
        (secret.as_str(), "a field without right"),
        ("01990000-0000-7000-8000-000000000001", "no such file"),
        ("..%2f..%2fetc%2fpasswd", "no id"),
    ] {
        let answer = fetch(&desk.clerk, id).await;
        assert_eq!(answer.status, 404, "{why}: {answer}");
        // No way to take it over either.
        let taken = desk.clerk.patch(&format!("records/paper/{mine}"), &json!({ "contract": id })).await;
        taken.refused(422).problem_at("/contract");
    }
    Api::new(&desk.server.address, None).get(&format!("files/{own}")).await.is(401);
    let stranger = Visitor::new(&desk.server.address);
    let page = stranger.look(&format!("/w/main/files/{own}")).await;
    assert_eq!(page.status, 303, "{page}");

    // Given away, the record takes its file with it; in the bin nobody has it.
    let admin = desk.admin.get("me").await.word("/id").to_owned();
    desk.admin.patch(&format!("records/paper/{mine}"), &json!({ "owner": admin })).await.is(200);
    fetch(&desk.clerk, &own).await.is(404);
    desk.admin.delete(&format!("records/paper/{foreign}")).await.is(204);
    fetch(&desk.admin, &theirs).await.is(404);
    desk.admin.post(&format!("records/paper/{foreign}/restore"), &json!({})).await;
    fetch(&desk.admin, &theirs).await.is(200);
}

async fn a_file_is_what_its_bytes_say(engine: Engine) {
    let desk = start(engine).await;
    let html = b"<!doctype html><script>alert(1)</script>";
    let id = sent(&desk.admin, "page.html", html).await;
    let paper = desk.admin.create("paper", &json!({ "name": "Page", "contract": id })).await.id();
    let page = desk.visitor.look(&format!("/w/main/files/{id}")).await.is(200);
    assert!(
        page.header("content-disposition").starts_with("attachment"),
        "{}",
        page.header("content-disposition")
    );
    assert_eq!(page.header("content-security-policy"), "default-src 'none'; sandbox");
    let drawing =
        sent(&desk.admin, "logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").await;
    desk.admin.patch(&format!("records/paper/{paper}"), &json!({ "secret": drawing })).await.is(200);
    let page = desk.visitor.look(&format!("/w/main/files/{drawing}")).await.is(200);
    assert!(page.header("content-disposition").starts_with("attachment"));

    // What claims to be something else is not taken at all.
    for (name, bytes) in [("photo.png", html.as_slice()), ("offer.pdf", b"MZ\0\x01"), ("a.jpg", &png(1, 1))] {
        desk.admin.send_file("files", name, bytes).await.refused(422).problem_at("/file");
    }
    // What only begins like a picture is none.
    let torn = sent(&desk.admin, "torn", b"\x89PNG\r\n\x1a\n").await;
    for (field, name, bytes) in [
        ("photo", "notes.txt", b"no picture".as_slice()),
        ("photo", "vast.png", &png(60_000, 60_000)),
        ("drawings", "notes.txt", b"no drawing"),
        ("signed", "a.pdf", PDF),
    ] {
        let id = sent(&desk.admin, name, bytes).await;
        let refused = desk.admin.patch(&format!("records/paper/{paper}"), &json!({ field: id })).await;
        refused.refused(422).problem_at(&format!("/{field}"));
    }
    desk.admin.patch(&format!("records/paper/{paper}"), &json!({ "photo": torn })).await.refused(422);

    // Names lead nowhere.
    for (name, kept) in
        [("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("a\u{202e}fdp.exe", "afdp.exe")]
    {
        assert_eq!(desk.admin.send_file("files", name, b"x").await.is(201).word("/name"), kept);
    }
    // Too large for the field, and too large for the workspace.
    let large = sent(&desk.admin, "large.pdf", &[PDF, &vec![b' '; 1_000_000]].concat()).await;
    let refused =
        desk.admin.patch(&format!("records/paper/{paper}"), &json!({ "contract": large })).await.refused(422);
    assert!(refused.problem_at("/contract").to_string().contains("1 MB"), "{refused}");
    let vast = desk.admin.send_file("files", "vast.bin", &vec![0; 25_000_001]).await.refused(413);
    assert!(vast.word("/detail").contains("25 MB"), "{vast}");
    let connection = sql::open(&desk.server.installation).await;
    let place = sql::schema(&connection).await;
    let torn = format!("select count(*) from {place}s_content where hash is null");
    assert_eq!(sql::number(&connection, &torn).await, 0, "nothing is left of what was too large");
    sql::close(connection).await;
    desk.admin.post("files", &json!({})).await.refused(400);

    // The limit is a setting; and nobody fills the database with files that no record holds.
    let form = desk.visitor.open("admin/settings").await.form_with("workspace.file_limit");
    assert_eq!(form.value("workspace.file_limit"), "25 MB");
    desk.visitor.submit(&form.clone().set("workspace.file_limit", "much")).await.is(422);
    desk.visitor.send(&form.set("workspace.file_limit", "2 kB")).await;
    desk.clerk.send_file("files", "b", &[b'x'; 2_001]).await.refused(413);
    for _ in 0..41 {
        sent(&desk.clerk, "b", &[b'x'; 2_000]).await;
    }
    desk.clerk.send_file("files", "b", b"x").await.refused(422).problem_at("/file");
    let other = desk.server.installation.person("max", "clerk").await;
    sent(&desk.server.api_of(&other).await, "others may", b"x").await;
}

fn upload_in(page: &Page, label: &str) -> kontor_testing::Form {
    let form = page.form_with("name");
    assert!(form.multipart, "{label}: the form has parts");
    form
}

async fn a_form_loses_no_file(engine: Engine) {
    let desk = start(engine).await;
    let page = desk.visitor.open("r/paper/new").await;
    let form = upload_in(&page, "new")
        .set("name", &"x".repeat(40))
        .attach("contract.upload", "lease.pdf", PDF)
        .attach("drawings.upload", "plan.txt", b"no drawing");
    let back = desk.visitor.submit(&form).await.is(422).says("lease.pdf").says("plan.txt");
    assert!(back.message_at("drawings").is_some() && back.message_at("name").is_some(), "{back}");
    assert!(back.message_at("contract").is_none(), "{back}");

    // The file is there already: nothing has to be chosen again.
    let form = upload_in(&back, "came back").set("name", "Lease");
    let form = form.set("drawings.remove", "true");
    let page = desk.visitor.send(&form).await.says("lease.pdf");
    let id = page.path.rsplit('/').next().unwrap_or_default().to_owned();
    let first = desk.admin.record("paper", &id).await.word("/contract/id").to_owned();
    fetch(&desk.admin, &first).await.is(200);

    // The same form sent twice makes one record.
    let twice = desk.visitor.open("r/paper/new").await.form_with("name").set("name", "Twice");
    let twice = twice.attach("contract.upload", "twice.pdf", PDF);
    desk.visitor.send(&twice).await;
    desk.visitor.send(&twice).await;
    assert_eq!(desk.admin.count("paper", &[("name", "Twice")]).await, 1);

    // An untouched form changes nothing; one that was replaced is in the history; one that was removed is gone.
    let address = format!("r/paper/{id}/edit");
    let edit = || desk.visitor.open(&address);
    let before = desk.admin.record("paper", &id).await.number("/version");
    desk.visitor.send(&edit().await.form_with("name")).await;
    assert_eq!(desk.admin.record("paper", &id).await.number("/version"), before);
    let form = edit().await.form_with("name").attach("contract.upload", "new.pdf", b"%PDF-1.7 new");
    desk.visitor.send(&form).await.says("new.pdf");
    let history = desk.visitor.open(&format!("r/paper/{id}/history")).await;
    history.says("lease.pdf").says("new.pdf");
    // An entity whose features leave the history out shows none.
    let (_, _, mut plain) = definitions().swap_remove(0);
    plain["features"] = json!(["files"]);
    desk.admin.publish("Without a history", &[("entity", "paper", plain)]).await;
    desk.admin.get(&format!("records/paper/{id}/history")).await.refused(404);
    assert_eq!(desk.visitor.visit(&format!("/w/main/r/paper/{id}/history")).await.status, 404);
    let page = desk.visitor.open(&format!("r/paper/{id}")).await;
    assert!(page.status == 200 && !page.body.contains("/history"), "{page}");
    // An earlier value may come back.
    desk.admin.patch(&format!("records/paper/{id}"), &json!({ "contract": first })).await.is(200);
    let form = edit().await.form_with("name").set("contract.remove", "true");
    desk.visitor.send(&form).await;
    assert!(desk.admin.record("paper", &id).await.at("/contract").is_null());

    // Without the token nothing is stored; too large is said at its field.
    let form = edit().await.form_with("name").attach("contract.upload", "forged.pdf", PDF).force("csrf", "x");
    desk.visitor.submit(&form).await.is(403);
    let form = edit().await.form_with("name").attach("contract.upload", "vast.bin", &vec![0; 25_000_001]);
    let back = desk.visitor.submit(&form.set("name", "Kept")).await.is(422).says("25 MB");
    assert_eq!(back.form_with("name").value("name"), "Kept");
    let form = edit().await.form_with("name").attach("contract.upload", "fake.png", b"<html>");
    assert!(desk.visitor.submit(&form).await.is(422).message_at("contract").is_some());
}

async fn pictures_signatures_and_several_files(engine: Engine) {
    let desk = start(engine).await;
    let photo = sent(&desk.admin, "press.png", &png(640, 480)).await;
    let mut drawings: Vec<String> = Vec::new();
    for name in ["one.pdf", "two.pdf", "three.pdf"] {
        drawings.push(sent(&desk.admin, name, PDF).await);
    }
    // One file in two fields of a record becomes two of the same content.
    let values = json!({ "name": "Press", "photo": photo, "drawings": drawings, "contract": drawings[0] });
    let made = desk.admin.create("paper", &values).await;
    let twins = (made.word("/contract/id"), made.word("/drawings/0/id"));
    assert_ne!(twins.0, twins.1);
    fetch(&desk.admin, twins.0).await.is(200);
    let drawings: Vec<String> = made
        .list("/drawings")
        .iter()
        .map(|file| file["id"].as_str().unwrap_or_default().to_owned())
        .collect();
    let id = made.id();
    assert_eq!(made.at("/photo/width"), &json!(640));
    let names = |answer: &Answer| -> Vec<String> {
        answer
            .list("/drawings")
            .iter()
            .map(|file| file["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names(&made), ["one.pdf", "two.pdf", "three.pdf"]);
    let page = desk.visitor.open(&format!("r/paper/{id}")).await;
    let image = page.first("img.picture");
    assert_eq!((image.attribute("alt"), image.attribute("width")), ("press.png", "640"));
    let picture = desk.visitor.look(image.attribute("src")).await.is(200);
    assert_eq!(picture.header("content-type"), "image/png");
    assert!(picture.header("content-disposition").starts_with("inline"));
    assert!(!desk.visitor.open("r/paper?view=papers").await.all("img.thumb").is_empty());

    // Several files: taken out, put in order, and never too many.
    let form = desk.visitor.open(&format!("r/paper/{id}/edit")).await.form_with("name");
    let form = form
        .set("drawings.remove", &drawings[0])
        .set(&format!("drawings.place.{}", drawings[2]), "0")
        .attach("drawings.upload", "four.pdf", b"%PDF-4");
    desk.visitor.send(&form).await;
    assert_eq!(names(&desk.admin.record("paper", &id).await), ["three.pdf", "two.pdf", "four.pdf"]);
    let more = sent(&desk.admin, "five.pdf", PDF).await;
    let kept: Vec<Value> = desk.admin.record("paper", &id).await.list("/drawings").clone();
    let all: Vec<Value> = kept.iter().cloned().chain([json!(more)]).collect();
    let refused = desk.admin.patch(&format!("records/paper/{id}"), &json!({ "drawings": all })).await;
    refused.refused(422).problem_at("/drawings");

    // A signature: typed without JavaScript, kept with who and when, and not written over.
    let form = desk.visitor.open(&format!("r/paper/{id}/edit")).await.form_with("name");
    desk.visitor
        .send(&form.set("signed.typed", "Mara Lindqvist"))
        .await
        .says("Mara Lindqvist")
        .says("Signed by");
    let record = desk.admin.record("paper", &id).await;
    assert_eq!(record.word("/signed/name"), "Mara Lindqvist");
    assert!(
        !record.word("/signed/signed_at").is_empty() && !record.word("/signed/signed_by/name").is_empty()
    );
    let file = record.word("/signed/id").to_owned();
    assert_eq!(fetch(&desk.admin, &file).await.is(200).header("content-type"), "text/plain; charset=utf-8");
    let other = json!({ "signed": { "typed": "Somebody else" } });
    desk.admin.patch(&format!("records/paper/{id}"), &other).await.refused(422).problem_at("/signed");
    let edit = desk.visitor.open(&format!("r/paper/{id}/edit")).await;
    assert!(!edit.form_with("name").has("signed.typed"), "{edit}");
    desk.visitor.send(&edit.form_with("name").set("signed.remove", "true")).await;
    let drawn = sent(&desk.admin, "signature.png", &png(800, 240)).await;
    let signed = desk.admin.patch(&format!("records/paper/{id}"), &json!({ "signed": drawn })).await.is(200);
    assert_eq!(signed.word("/signed/type"), "image/png");

    // Scripts see what a file is.
    let script =
        "fn before_save(record, old, ctx) { if record.photo != () { record.name = record.photo.name; } }";
    desk.admin.publish("Script", &[("script", "entities/paper", json!({ "source": script }))]).await;
    let second = sent(&desk.admin, "second.png", &png(2, 2)).await;
    let saved = desk.admin.patch(&format!("records/paper/{id}"), &json!({ "photo": second })).await.is(200);
    assert_eq!(saved.word("/name"), "second.png");

    // A list that was exported comes in again: it names files, and those are the ones that the record holds.
    let columns = "name,photo,drawings,contract,signed";
    let text = desk.visitor.look(&format!("/w/main/r/paper/export.csv?fields={columns}")).await.is(200).body;
    assert!(text.contains("three.pdf, two.pdf, four.pdf"), "{text}");
    let bring = async |text: &str| {
        let file = desk.server.installation.file("papers.csv", text);
        let arguments = ["import", "paper", file.to_str().unwrap(), "--match", "name"];
        desk.server.installation.run(&arguments).await
    };
    let again = bring(&text).await.done();
    assert!(again.out.contains("0 updated, 1 unchanged"), "{text}\n{}", again.out);
    let other = bring(&text.replace("two.pdf", "other.pdf")).await;
    assert!(other.out.contains("1 refused"), "{}{}", other.out, other.err);
    assert!(
        format!("{}{}", other.out, other.err).contains("A table brings no files"),
        "{}{}",
        other.out,
        other.err
    );

    // The derived schema knows the kinds.
    let schema = desk.admin.get("schemas/paper").await.is(200);
    assert_eq!(schema.at("/properties/drawings/items/required"), &json!(["id", "name", "size", "type"]));
    for kind in ["file", "files", "image", "signature"] {
        desk.visitor.open(&format!("admin/kinds/{kind}")).await.never_says("facet_about");
    }
}

async fn files_outlive_the_bin_and_the_field(engine: Engine) {
    let desk = start(engine).await;
    let id = sent(&desk.admin, "kept.pdf", PDF).await;
    let paper = desk.admin.create("paper", &json!({ "name": "Kept", "contract": id })).await.id();
    // The field goes: so does the way to the file. Going back brings both.
    let version = desk.admin.get("versions").await.at("/data/0/n").to_string();
    let (_, _, mut entity) = definitions().remove(0);
    if let Some(fields) = entity["properties"].as_object_mut() {
        fields.remove("contract");
    }
    entity["search"] = json!(["name"]);
    let change = desk.admin.change_set("Without contracts", &[("entity", "paper", entity)]).await;
    let view = json!({ "$schema": schema("view"), "name": "papers", "entity": "paper", "type": "list",
                       "title": "Papers", "columns": ["name"] });
    desk.admin.put(&format!("changes/{change}/view/papers"), &view).await;
    desk.admin.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    fetch(&desk.admin, &id).await.is(404);
    desk.admin.post(&format!("versions/{version}/restore"), &json!({})).await.is(200);
    fetch(&desk.admin, &id).await.is(200);
    assert_eq!(desk.admin.record("paper", &paper).await.word("/contract/name"), "kept.pdf");
}

async fn a_record_has_files_of_its_own(engine: Engine) {
    let desk = start(engine).await;
    let mine = desk.clerk.create("paper", &json!({ "name": "Mine" })).await.id();
    let theirs = desk.admin.create("paper", &json!({ "name": "Theirs" })).await.id();
    let drawer = |id: &str| format!("records/paper/{id}/files");
    let one = desk.clerk.send_file(&drawer(&mine), "one.pdf", PDF).await.is(201).word("/id").to_owned();
    let loose = sent(&desk.clerk, "two.txt", b"two").await;
    desk.clerk.post(&drawer(&mine), &json!({ "id": loose })).await.is(201);
    let names: Vec<String> = desk
        .clerk
        .get(&drawer(&mine))
        .await
        .list("/data")
        .iter()
        .map(|file| file["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names, ["two.txt", "one.pdf"]);
    fetch(&desk.clerk, &one).await.is(200);

    // Another's record has no drawer for who may not see it, and nothing is stored for it.
    desk.clerk.get(&drawer(&theirs)).await.is(404);
    desk.clerk.send_file(&drawer(&theirs), "no.pdf", PDF).await.is(404);
    let secret = desk
        .admin
        .send_file(&drawer(&theirs), "theirs.pdf", b"%PDF theirs")
        .await
        .is(201)
        .word("/id")
        .to_owned();
    fetch(&desk.clerk, &secret).await.is(404);
    desk.clerk.post(&drawer(&mine), &json!({ "id": secret })).await.refused(422);
    desk.clerk.delete(&format!("{}/{secret}", drawer(&mine))).await.is(404);
    desk.admin.get("records/user/01990000-0000-7000-8000-000000000001/files").await.is(404);

    // The same on the page, without JavaScript.
    let page = desk.visitor.open(&format!("r/paper/{mine}")).await.says("one.pdf");
    let form = page.form_with("drawer.upload").attach("drawer.upload", "three.html", b"<html>3</html>");
    desk.visitor.send(&form).await.says("three.html").says("Added");
    let form = page.form_with("drawer.upload").attach("drawer.upload", "bad.png", b"<html>");
    desk.visitor.submit(&form).await.is(422).says("bad.png");
    let page = desk.visitor.open(&format!("r/paper/{mine}")).await;
    let form = page.form_to(&format!("{one}/deletion"));
    desk.visitor.submit(&form.clone().force("csrf", "x")).await.is(403);
    desk.visitor.send(&form).await.says("Removed one.pdf");
    fetch(&desk.clerk, &one).await.is(404);

    // Who may read and not change sees the files and no buttons.
    let reader = json!({ "$schema": schema("role"), "name": "reader", "title": "Reader",
                         "entities": { "paper": { "read": "all" } } });
    desk.admin.publish("Readers", &[("role", "reader", reader)]).await;
    let person = desk.server.installation.person("rea", "reader").await;
    let visitor = Visitor::new(&desk.server.address);
    visitor.sign_in(&person).await;
    let page = visitor.open(&format!("r/paper/{mine}")).await.says("three.html");
    assert!(page.find_form_to("/files").is_none() && page.find_form_to("/deletion").is_none(), "{page}");
    let api = desk.server.api_of(&person).await;
    api.send_file(&drawer(&mine), "no.pdf", PDF).await.is(403);
}

/// Sends a file in a browser window and signs: by typing without JavaScript, by drawing with it.
async fn sign_in_a_browser(desk: &Desk, javascript: bool) {
    let Some(browser) = Browser::open(&desk.server.address, javascript).await else { return };
    browser.sign_in(&desk.server.installation.administrator).await;
    browser.visit("/w/main/r/paper/new").await;
    let path = desk.server.installation.file("lease.pdf", PDF);
    browser.choose("contract.upload", &path).await;
    browser.press("Create paper").await;
    browser.says("lease.pdf").await;
    // The name is missing; the file is not lost, and nothing has to be chosen again.
    let name = format!("Lease {javascript}");
    browser.set("name", &name).await;
    if javascript {
        let draw = "const pad = document.querySelector('canvas.pad'), box = pad.getBoundingClientRect(); \
            for (const [kind, x] of [['down', 10], ['move', 60], ['move', 120], ['up', 120]]) \
              pad.dispatchEvent(new PointerEvent('pointer' + kind, { pointerId: 1, clientX: box.left + x, clientY: box.top + x / 3, bubbles: true, cancelable: true }));";
        // A pen that does not exist cannot be captured.
        browser
            .run(&format!("HTMLCanvasElement.prototype.setPointerCapture = () => {{}}; {draw}"), Vec::new())
            .await;
        eventually("the picture of the signature is chosen", || async {
            let count = "return document.querySelector(\"[name='signed.upload']\").files.length";
            (browser.run(count, Vec::new()).await == json!(1)).then_some(())
        })
        .await;
    } else {
        browser.set("signed.typed", "Mara Lindqvist").await;
    }
    browser.press("Create paper").await;
    browser.says("Signed by").await;
    browser.picture(&format!("files-{javascript}")).await;
    let made = desk.admin.get_with("records/paper", &[("name", &name)]).await.is(200);
    assert_eq!(made.word("/data/0/contract/name"), "lease.pdf");
    let expected = if javascript { "image/png" } else { "text/plain" };
    assert_eq!(made.word("/data/0/signed/type"), expected);
    let refused = browser.console_errors().await;
    let refused: Vec<_> = refused.iter().filter(|line| !line.contains("422")).collect();
    assert!(refused.is_empty(), "{refused:?}");
    browser.close().await;
}

#[tokio::test]
async fn a_browser_sends_files_with_and_without_javascript() {
    let desk = start(Engine::Sqlite).await;
    for javascript in [false, true] {
        sign_in_a_browser(&desk, javascript).await;
    }
}
