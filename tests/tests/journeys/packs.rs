//! Packs: installing, upgrading with a three-way merge, undoing, removing and bringing back, at a terminal and in the
//! browser, beside a running server.

use kontor_testing::{Engine, Installation, Server, on_both_databases};
use serde_json::{Value, json};

use crate::world::schema;

on_both_databases!(
    a_pack_is_installed_and_its_data_survives_removal,
    an_upgrade_takes_keeps_and_tells_conflicts,
    a_pack_is_upgraded_in_the_browser,
    a_wrong_pack_is_refused,
    every_value_tells_where_it_comes_from,
    a_renamed_field_is_the_same_field,
    a_newer_program_offers_its_base_pack,
);

fn text(title: &str) -> Value {
    json!({ "kind": "text", "title": title })
}

fn asset(version: &str) -> Value {
    let mut fields = json!({
        "name": text("Asset"),
        "serial": text("Serial number"),
        "state": { "kind": "choice", "title": "State", "oneOf": [
            { "const": "new", "title": "New" }, { "const": "used", "title": "Used" } ] },
    });
    if version != "1.0.0" {
        let fields = fields.as_object_mut().unwrap();
        fields.shift_remove("serial");
        fields.shift_insert(1, "maker".into(), text("Maker"));
        fields["state"] = json!({ "kind": "choice", "title": "Condition", "oneOf": [
            { "const": "new", "title": "Brand new" }, { "const": "broken", "title": "Broken" }, { "const": "used", "title": "Used" } ] });
    }
    json!({
        "$schema": schema("entity"), "name": "asset", "plural": "Assets", "type": "object", "display": "name",
        "title": if version == "1.0.0" { "Asset" } else { "Thing" },
        "properties": fields, "required": ["name"], "search": ["name"]
    })
}

/// Writes version 1.0.0 or 2.0.0 of a pack and gives its folder.
fn pack(installation: &Installation, version: &str) -> String {
    let folder = format!("assets-{version}");
    let manifest = json!({ "$schema": schema("pack"), "name": "assets", "title": "Assets", "version": version,
        "description": "Things that stand somewhere.", "packs": [{ "name": "base", "version": "0.1.0" }], "kontor": ">=0.1.0" });
    installation.file(&format!("{folder}/pack.json"), manifest.to_string());
    let file = |path: &str, body: Value| installation.file(&format!("{folder}/{path}"), body.to_string());
    file("schemas/entities/asset.json", asset(version));
    file(
        "schemas/entities/account.json",
        json!({ "$schema": schema("entity"), "extends": "account", "name": "account",
            "properties": { "asset_note": { "kind": "text", "title": "Note on assets", "after": "name" } } }),
    );
    file(
        "schemas/views/assets.json",
        json!({ "$schema": schema("view"), "name": "assets", "title": "All assets", "entity": "asset", "type": "list",
            "columns": ["name", "state"], "sort": ["name"] }),
    );
    file(
        "locale/zh-CN.json",
        json!({ "definitions": { "entity": { "asset": { "title": "资产", "plural": "资产" } } } }),
    );
    installation.scratch().join(folder).display().to_string()
}

async fn start(engine: Engine) -> (Server, kontor_testing::Api) {
    let server = Installation::new(engine).serve().await;
    let api = server.api().await;
    (server, api)
}

fn fields_of(answer: &kontor_testing::Answer) -> Vec<String> {
    answer.at("/properties").as_object().expect("fields").keys().cloned().collect()
}

async fn a_pack_is_installed_and_its_data_survives_removal(engine: Engine) {
    let (server, api) = start(engine).await;
    let installation = &server.installation;
    let folder = pack(installation, "1.0.0");
    installation.run(&["check", &folder]).await.done();
    let dry = installation.run(&["pack", "install", &folder, "--dry-run"]).await.done();
    assert!(dry.out.contains("asset") && dry.out.contains("CREATE TABLE"), "{dry}");
    api.get("records/asset").await.refused(404);
    installation.run(&["pack", "upgrade", &folder]).await.failed(1);
    installation.run(&["pack", "install", &folder]).await.done();
    let again = installation.run(&["pack", "install", &folder]).await.failed(1);
    assert!(again.err.contains("upgrade"), "{again}");
    let listed = installation.run(&["pack", "list"]).await.done();
    assert!(listed.out.contains("assets\t1.0.0\tAssets"), "{listed}");

    // The pack's field stands where the pack says, and the workspace adds and changes things of its own.
    let account = api.get("definitions/entity/account").await.is(200);
    assert_eq!(fields_of(&account)[..2], ["name", "asset_note"]);
    let mut own = api.get("definitions/entity/asset").await.is(200).json;
    own["title"] = json!("Machine");
    own["properties"]["place"] = text("Place");
    let view = json!({ "$schema": schema("view"), "name": "our_assets", "title": "Ours", "entity": "asset", "type": "list", "columns": ["name", "place"] });
    let mut deal = api.get("definitions/entity/deal").await.is(200).json;
    deal["properties"]["machine"] =
        json!({ "kind": "link", "to": "asset", "title": "Machine", "on_delete": "restrict" });
    api.publish("Ours", &[("entity", "asset", own), ("view", "our_assets", view), ("entity", "deal", deal)])
        .await;
    let id = api
        .create("asset", &json!({ "name": "Press", "serial": "P-1", "state": "used", "place": "Hall 2" }))
        .await
        .id();
    let deal = api.create("deal", &json!({ "name": "Spare parts", "machine": { "id": id } })).await.id();

    // What needs the pack is named, and nothing has changed.
    let refused = installation.run(&["pack", "remove", "assets", "--accept-loss"]).await.failed(1);
    for word in ["/properties/machine", "our_assets", "--prune"] {
        assert!(refused.err.contains(word), "{word}\n{refused}");
    }
    // A rehearsal of what is refused is no success either.
    installation.run(&["pack", "remove", "assets", "--dry-run"]).await.failed(1);
    api.record("asset", &id).await;
    installation.run(&["pack", "remove", "assets", "--prune"]).await.failed(1);
    let plan = installation.run(&["pack", "remove", "assets", "--prune", "--dry-run"]).await.done();
    assert!(
        plan.out.contains("goes aside: view our_assets") && plan.out.contains("goes aside: entity deal"),
        "{plan}"
    );
    installation.run(&["pack", "remove", "assets", "--prune", "--accept-loss"]).await.done();
    api.get("records/asset").await.refused(404);
    api.get("definitions/view/our_assets").await.refused(404);
    assert!(api.record("deal", &deal).await.json.get("machine").is_none());
    assert!(!fields_of(&api.get("definitions/entity/account").await).contains(&"asset_note".to_owned()));
    installation.run(&["pack", "remove", "assets"]).await.failed(1).one_line();
    installation.run(&["pack", "remove", "base", "--accept-loss"]).await.failed(1);

    // Back comes the pack, its data, and what the workspace made of it.
    let plan = installation.run(&["pack", "install", &folder, "--dry-run"]).await.done();
    assert!(plan.out.contains("comes back: view our_assets"), "{plan}");
    installation.run(&["pack", "install", &folder]).await.done();
    let back = api.record("asset", &id).await;
    assert_eq!((back.word("/serial"), back.word("/place"), back.word("/state")), ("P-1", "Hall 2", "used"));
    assert_eq!(api.get("definitions/entity/asset").await.word("/title"), "Machine");
    api.get("definitions/view/our_assets").await.is(200);
    assert_eq!(api.record("deal", &deal).await.word("/machine/id"), id);
}

async fn versions(api: &kontor_testing::Api) -> u64 {
    let versions = api.get("versions").await.is(200);
    versions.list("/data").iter().filter_map(|version| version["n"].as_u64()).max().expect("a version")
}

/// Installs version 1.0.0, changes it in the workspace, and puts a record in.
async fn changed(server: &Server, api: &kontor_testing::Api) -> String {
    let installation = &server.installation;
    installation.run(&["pack", "install", &pack(installation, "1.0.0")]).await.done();
    let mut own = api.get("definitions/entity/asset").await.is(200).json;
    own["plural"] = json!("Machines");
    own["properties"]["serial"]["title"] = json!("Number plate");
    own["properties"]["state"]["title"] = json!("Shape");
    own["properties"]["place"] = text("Place");
    api.publish("Ours", &[("entity", "asset", own)]).await;
    api.create("asset", &json!({ "name": "Press", "serial": "P-1", "state": "used", "place": "Hall 2" }))
        .await
        .id()
}

async fn an_upgrade_takes_keeps_and_tells_conflicts(engine: Engine) {
    let (server, api) = start(engine).await;
    let installation = &server.installation;
    let id = changed(&server, &api).await;
    let before = versions(&api).await;
    let original = api.get("definitions/entity/asset").await.is(200).json;
    let folder = pack(installation, "2.0.0");
    let dry = installation.run(&["pack", "upgrade", &folder, "--dry-run", "--json"]).await.done();
    let plan: Value = serde_json::from_str(&dry.out).unwrap_or_else(|error| panic!("{error}\n{dry}"));
    let of = |place: &str| {
        let all = plan["merge"].as_array().unwrap();
        all.iter()
            .find(|value| value["name"] == "asset" && value["place"] == place)
            .unwrap_or_else(|| panic!("{place}\n{plan:#}"))
            .clone()
    };
    assert_eq!(of("/title")["state"], "taken");
    assert_eq!(of("/plural")["state"], "kept");
    assert_eq!(of("/properties/place")["state"], "kept");
    assert_eq!(of("/properties/maker")["state"], "taken");
    assert_eq!(of("/properties/state/title")["state"], "conflict");
    let serial = of("/properties/serial");
    assert_eq!((&serial["state"], &serial["vanished"]), (&json!("conflict"), &json!(true)));
    assert_eq!(of("/properties/state/oneOf/broken")["state"], "taken");

    installation
        .run(&["pack", "upgrade", &folder, "--theirs", "entity/asset/nowhere"])
        .await
        .failed(2)
        .one_line();
    installation
        .run(&["pack", "upgrade", &folder, "--theirs", "entity/asset/properties/state/title"])
        .await
        .done();
    let now = api.get("definitions/entity/asset").await.is(200);
    assert_eq!((now.word("/title"), now.word("/plural")), ("Thing", "Machines"));
    assert_eq!(now.word("/properties/state/title"), "Condition", "chosen");
    assert_eq!(
        now.word("/properties/serial/title"),
        "Number plate",
        "what vanished below stays the workspace's own"
    );
    assert_eq!(now.list("/properties/state/oneOf").len(), 3);
    let record = api.record("asset", &id).await;
    assert_eq!((record.word("/serial"), record.word("/place")), ("P-1", "Hall 2"));
    api.patch(&format!("records/asset/{id}"), &json!({ "maker": "Hafenwerk" })).await.is(200);
    let own = api.get_with("definitions/entity/asset", &[("layer", "workspace")]).await.is(200);
    assert!(own.json.get("title").is_none(), "only the difference is stored\n{own}");

    installation.run(&["pack", "upgrade", &folder]).await.done();
    let old = pack(installation, "1.0.0");
    let refused = installation.run(&["pack", "upgrade", &old]).await.failed(1);
    assert!(refused.err.contains("--downgrade"), "{refused}");

    // Undo brings the pack's version back, and undoing that brings the new one, with its data.
    let upgraded = versions(&api).await;
    api.post(&format!("versions/{before}/restore"), &json!({})).await.is(200);
    assert_eq!(api.get("definitions/entity/asset").await.is(200).json, original);
    let listed = installation.run(&["pack", "list"]).await.done();
    assert!(listed.out.contains("assets\t1.0.0"), "{listed}");
    api.post(&format!("versions/{upgraded}/restore"), &json!({})).await.is(200);
    assert_eq!(api.get("definitions/entity/asset").await.is(200).json, now.json);
    assert_eq!(api.record("asset", &id).await.word("/maker"), "Hafenwerk");
}

async fn a_pack_is_upgraded_in_the_browser(engine: Engine) {
    let (server, api) = start(engine).await;
    let installation = &server.installation;
    let visitor = server.administrator().await;
    changed(&server, &api).await;
    let before = versions(&api).await;
    installation.run(&["pack", "upgrade", &pack(installation, "2.0.0"), "--offer"]).await.done();
    assert_eq!(versions(&api).await, before, "nothing was published");
    let page = visitor.open("admin/packs").await.is(200).says("Assets").says("1.0.0");
    let page = visitor.visit(&page.link("Upgrade to 2.0.0")).await.is(200);
    let page = page.says("2 conflicts").says("The pack no longer has this");
    // The page speaks of what people know, not of places in JSON.
    let text = page.text();
    assert!(text.contains(" › Title") && !text.contains("properties/state"), "{page}");
    let form = page.form_to("packs/assets/change");
    assert_eq!(
        form.value("use:entity/asset/properties/state/title"),
        "ours",
        "the workspace's own is the usual choice"
    );
    let form = form
        .set("use:entity/asset/properties/state/title", "theirs")
        .set("use:entity/asset/plural", "theirs");
    let page = visitor.submit(&form.clone().press("Look again with these choices")).await.is(200);
    let again = page.form_to("packs/assets/change");
    assert_eq!(again.value("use:entity/asset/plural"), "theirs", "choices are remembered");
    assert_eq!(versions(&api).await, before);
    visitor.send(&again.press("Upgrade")).await.is(200);
    let now = api.get("definitions/entity/asset").await.is(200);
    assert_eq!((now.word("/plural"), now.word("/properties/state/title")), ("Assets", "Condition"));
    assert_eq!(now.word("/properties/serial/title"), "Number plate");
    visitor.open("admin/packs").await.is(200).says("2.0.0").never_says("Upgrade to 2.0.0");

    // Removing asks first, and says that data leaves sight.
    let page = visitor.open("admin/packs/assets/removal").await.is(200);
    let form = page.form_to("packs/assets/removal");
    let refused = visitor.submit(&form.clone().press("Remove")).await;
    assert_eq!(refused.status, 422, "{refused}");
    visitor.send(&form.set("accept_loss", "1").press("Remove")).await.is(200);
    api.get("records/asset").await.refused(404);

    // Who may not design sees nothing of it.
    let person = installation.person("rita", "representative").await;
    let other = server.signed_in(&person).await;
    for path in ["admin/packs", "admin/packs/assets/change", "admin/origin/entity/deal"] {
        let page = other.look(&format!("/w/main/{path}")).await;
        assert!(page.status == 403 || page.status == 404, "{path} {page}");
    }
    let own = server.api_of(&person).await;
    own.get("packs").await.refused(403);
    own.post("packs/site_visits", &json!({})).await.refused(403);
    own.get_with("definitions/entity/deal", &[("origin", "")]).await.refused(403);
}

/// What is changed in a manifest, and the words of the refusal.
type Case<'c> = (&'c dyn Fn(&mut Value), &'c [&'c str]);

async fn a_wrong_pack_is_refused(engine: Engine) {
    let (server, api) = start(engine).await;
    let installation = &server.installation;
    let before = versions(&api).await;
    let folder = installation.scratch().join("wrong").display().to_string();
    let manifest = |change: &dyn Fn(&mut Value)| {
        let mut json = json!({ "name": "wrong", "title": "Wrong", "version": "1.0.0", "packs": [{ "name": "base", "version": "0.1.0" }] });
        change(&mut json);
        installation.file("wrong/pack.json", json.to_string());
    };
    let cases: [Case<'_>; 5] = [
        (&|json| json["packs"][0]["version"] = json!(">=7"), &["pack.json", "/packs/0/version", "0.1.0"]),
        (&|json| json["packs"][0]["name"] = json!("cellar"), &["pack.json", "/packs/0", "cellar"]),
        (&|json| json["kontor"] = json!(">=99"), &["pack.json", "/kontor", ">=99"]),
        (&|json| json["version"] = json!("one"), &["pack.json", "/version"]),
        (&|json| json["name"] = json!("workspace"), &["pack.json", "/name"]),
    ];
    for (change, words) in cases {
        manifest(change);
        let refused = installation.run(&["pack", "install", &folder]).await.failed(1);
        for word in words {
            assert!(refused.err.contains(word), "{word}\n{refused}");
        }
    }
    // Everything that is wrong is told at once: files by themselves, references, scripts, a name that is taken.
    manifest(&|_| {});
    let file = |path: &str, body: Value| installation.file(&format!("wrong/{path}"), body.to_string());
    file(
        "schemas/entities/crate.json",
        json!({ "$schema": schema("entity"), "name": "crate", "title": "Crate", "type": "object", "display": "name",
        "properties": { "name": text("Name"), "size": { "kind": "txet", "title": "Size" } } }),
    );
    file(
        "schemas/entities/lorry.json",
        json!({ "$schema": schema("entity"), "name": "lorry", "title": "Lorry", "type": "object", "display": "name",
        "properties": { "name": text("Name"), "depot": { "kind": "link", "to": "depot", "title": "Depot" } } }),
    );
    installation.file(
        "wrong/scripts/entities/account.rhai",
        "fn validate(record, old, ctx) {\n    record.nonsense = 1;\n}\n",
    );
    installation.file("wrong/schemas/views/broken.json", "{ \"name\": ");
    file("locale/zh-CN.json", json!({ "entity": { "crate": { "title": "箱" } } }));
    let checked = installation.run(&["check", &folder]).await.failed(1);
    for word in [
        "locale/zh-CN.json /entity: “entity” stands one level too high",
        "“text”",
        "schemas/entities/crate.json /properties/size/kind",
        "txet",
        "schemas/entities/lorry.json /properties/depot",
        "schemas/views/broken.json",
        "scripts/entities/account.rhai",
        "line 2",
    ] {
        assert!(checked.err.contains(word), "{word}\n{checked}");
    }
    std::fs::remove_file(format!("{folder}/schemas/views/broken.json")).unwrap();
    std::fs::remove_file(format!("{folder}/locale/zh-CN.json")).unwrap();
    std::fs::remove_file(format!("{folder}/schemas/entities/crate.json")).unwrap();
    std::fs::remove_file(format!("{folder}/schemas/entities/lorry.json")).unwrap();
    file(
        "schemas/entities/deal.json",
        json!({ "$schema": schema("entity"), "name": "deal", "title": "Deal", "type": "object", "properties": { "name": text("Name") }, "display": "name" }),
    );
    let refused = installation.run(&["pack", "install", &folder]).await.failed(1);
    assert!(refused.err.contains("schemas/entities/deal.json /name"), "{refused}");
    installation.run(&["pack", "install", "nowhere"]).await.failed(1).one_line();
    installation.run(&["pack", "install"]).await.failed(2);
    assert_eq!(versions(&api).await, before, "nothing has changed");
}

async fn every_value_tells_where_it_comes_from(engine: Engine) {
    let (server, api) = start(engine).await;
    let visitor = server.administrator().await;
    changed(&server, &api).await;
    let answer = api.get_with("definitions/entity/asset", &[("origin", "")]).await.is(200);
    let of = |place: &str| {
        let found = answer.list("/data").iter().find(|value| value["place"] == place);
        found.unwrap_or_else(|| panic!("{place}\n{answer}")).clone()
    };
    let title = of("/title");
    assert_eq!(
        (&title["layer"], &title["pack_version"], &title["value"]),
        (&json!("assets"), &json!("1.0.0"), &json!("Asset"))
    );
    assert!(title["since"]["title"].as_str().unwrap().contains("Assets 1.0.0"), "{title}");
    let plural = of("/plural");
    assert_eq!((&plural["layer"], &plural["value"]), (&json!("workspace"), &json!("Machines")));
    assert_eq!(plural["below"], json!({ "layer": "assets", "value": "Assets" }));
    assert_eq!(plural["since"]["title"], "Ours");
    assert!(plural["since"]["by"]["id"].is_string(), "{plural}");
    assert_eq!(of("/properties/state/oneOf/used/title")["layer"], "assets");

    let page = visitor.open("admin/origin/entity/asset").await.is(200).says("/properties/serial/title");
    let back = |form: &kontor_testing::Form| form.target().ends_with("origin/entity/asset") && !form.has("q");
    let form = page.forms().into_iter().find(back).expect("the form of all values");
    let sent = form.force("place", "/plural");
    visitor.send(&sent).await.is(200);
    assert_eq!(
        api.get("definitions/entity/asset").await.word("/plural"),
        "Machines",
        "into the change set only"
    );
    let review = visitor.open("admin/changes").await;
    visitor.send(&review.form_with("title").set("title", "Back")).await.is(200);
    assert_eq!(api.get("definitions/entity/asset").await.word("/plural"), "Assets");
    assert_eq!(api.get("definitions/entity/asset").await.word("/properties/serial/title"), "Number plate");
    visitor.look("/w/main/admin/origin/entity/nonsense").await.is(404);
}

async fn a_renamed_field_is_the_same_field(engine: Engine) {
    let (server, api) = start(engine).await;
    let installation = &server.installation;
    let id = changed(&server, &api).await;
    // A newer version calls the serial number otherwise; its key says that it is the same field.
    let folder = pack(installation, "1.1.0");
    let mut entity = asset("1.0.0");
    let fields = entity["properties"].as_object_mut().unwrap();
    fields.shift_remove("serial");
    fields.shift_insert(
        1,
        "plate".into(),
        json!({ "kind": "text", "title": "Serial number", "key": "serial", "help": "On the back" }),
    );
    installation.file("assets-1.1.0/schemas/entities/asset.json", entity.to_string());
    installation.run(&["pack", "upgrade", &folder]).await.done();
    let now = api.get("definitions/entity/asset").await.is(200);
    assert!(now.at("/properties").get("serial").is_none(), "{now}");
    assert_eq!(now.word("/properties/plate/title"), "Number plate", "what the workspace said of it goes on");
    assert_eq!(now.word("/properties/plate/help"), "On the back");
    assert_eq!(api.record("asset", &id).await.word("/plate"), "P-1");

    // A new field of the pack never takes over values that are somebody else's.
    let mut own = now.json.clone();
    own["properties"]["weight"] = text("Weight");
    api.publish("Weight", &[("entity", "asset", own)]).await;
    api.patch(&format!("records/asset/{id}"), &json!({ "weight": "ours" })).await.is(200);
    let change = api.change_set("No weight", &[("entity", "asset", now.json)]).await;
    api.post(&format!("changes/{change}/publish"), &json!({ "accept_loss": true })).await.is(200);
    let folder = pack(installation, "1.2.0");
    entity["properties"]["weight"] = text("Weight in kg");
    installation.file("assets-1.2.0/schemas/entities/asset.json", entity.to_string());
    installation.run(&["pack", "upgrade", &folder]).await.done();
    assert!(api.record("asset", &id).await.at("/weight").is_null());
}

/// Copies the files of a folder, those of some folders below it aside.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if !path.is_dir() {
            std::fs::copy(&path, &target).expect("a file");
        } else if entry.file_name() != "meta" && entry.file_name() != "host_api" {
            copy(&path, &target);
        }
    }
}

async fn a_newer_program_offers_its_base_pack(engine: Engine) {
    let (server, api) = start(engine).await;
    let installation = &server.installation;
    let listed = installation.run(&["pack", "list"]).await.done();
    assert!(!listed.out.contains("to upgrade"), "a fresh workspace has the program's own\n{listed}");
    // As an older program would have left it: one view less, and a title that was another.
    let folder = installation.scratch().join("older");
    let repository = kontor_testing::repository::root();
    copy(&repository.join("schemas"), &folder.join("schemas"));
    copy(&repository.join("scripts"), &folder.join("scripts"));
    let read = |path: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(repository.join(path)).unwrap()).unwrap()
    };
    let mut manifest = read("pack.json");
    let newest = manifest["version"].as_str().unwrap().to_owned();
    manifest["version"] = json!("0.0.9");
    installation.file("older/pack.json", manifest.to_string());
    let mut lead = read("schemas/entities/lead.json");
    let title = lead["title"].clone();
    lead["title"] = json!("Enquiry");
    installation.file("older/schemas/entities/lead.json", lead.to_string());
    std::fs::remove_file(folder.join("schemas/views/teams.json")).unwrap();
    installation.run(&["pack", "upgrade", &folder.display().to_string(), "--downgrade"]).await.done();
    assert_eq!(api.get("definitions/entity/lead").await.word("/title"), "Enquiry");
    api.get("definitions/view/teams").await.refused(404);
    let mut own = api.get("definitions/entity/lead").await.json;
    own["plural"] = json!("Prospects");
    api.publish("Ours", &[("entity", "lead", own)]).await;

    let listed = installation.run(&["pack", "list"]).await.done();
    assert!(listed.out.contains(&format!("to upgrade: base\t0.0.9 -> {newest}")), "{listed}");
    let offered = api.get("packs").await.is(200);
    assert_eq!(
        (offered.word("/data/0/version"), offered.word("/data/0/upgrade")),
        ("0.0.9", newest.as_str())
    );
    let plan = api.get("packs/base/plan").await.is(200);
    assert!(
        plan.list("/merge").iter().any(|value| value["place"] == "/title" && value["state"] == "taken"),
        "{plan}"
    );
    api.post("packs/base", &json!({})).await.is(200);
    let now = api.get("definitions/entity/lead").await;
    assert_eq!((now.at("/title"), now.word("/plural")), (&title, "Prospects"));
    api.get("definitions/view/teams").await.is(200);
    installation.run(&["pack", "upgrade", "base"]).await.done();
}
