//! The portal: people from outside sign in, see what is theirs, work on it, and reach nothing of the inside, whichever way
//! they try. What a portal cannot be is refused when it is defined.

use kontor_testing::{Browser, Engine, Person, Visitor, axe, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, schema};

on_both_databases!(
    customers_see_what_is_theirs_and_work_on_it,
    nothing_inside_is_reached_from_a_portal,
    what_a_portal_shows_is_said,
    a_portal_that_lets_anybody_in_is_refused,
    a_form_of_the_portal_is_the_only_way_in,
);

async fn a_form_of_the_portal_is_the_only_way_in(engine: Engine) {
    let place = Place::start(engine).await;
    let (carla, admin) = (place.carla().await, &place.world.admin);
    let form = json!({ "$schema": schema("form"), "name": "request_portal", "title": "Request", "entity": "request",
        "channel": "portal", "tabs": [{ "name": "main", "title": "You", "sections": [
            { "name": "you", "title": "Yours", "items": ["subject", { "field": "details", "readonly": true }] } ] }] });
    admin.publish("Only to read", &[("form", "request_portal", form)]).await;
    // What it shows only to read, or does not show, is not taken, in a new record as in one that is there.
    let blank = carla.visit("/w/main/portal/r/request/new").await.is(200).form_with("subject");
    for (name, value) in [("details", "Slipped in"), ("state", "done"), ("site", "Depot")] {
        let sent = carla.submit(&blank.clone().set("subject", "Mine").force(name, value)).await.is(422);
        assert_eq!(sent.form_with("subject").value("subject"), "Mine", "what was typed stays\n{sent}");
    }
    let own = format!("/w/main/portal/r/request/{}", place.requests[0]);
    let edit = carla.visit(&format!("{own}/edit")).await.is(200).form_with("subject");
    for (name, value) in [("details", "Slipped in"), ("state", "done")] {
        carla.submit(&edit.clone().force(name, value)).await.is(422);
    }
    let stored = admin.record("request", &place.requests[0]).await;
    assert_eq!((stored.word("/state"), stored.at("/details")), ("new", &Value::Null), "{stored}");
    // What it offers is.
    carla.send(&edit.set("subject", "Help me")).await.is(200);
    let made = carla.send(&blank.set("subject", "Another")).await.is(200);
    assert!(made.path.starts_with("/w/main/portal/r/request/"), "{made}");
}

fn client() -> Value {
    json!({
        "$schema": schema("entity"), "name": "client", "title": "Client", "plural": "Clients",
        "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Client name" },
            "rating": { "kind": "text", "title": "Our opinion", "classification": "internal" }
        },
        "required": ["name"], "search": ["name"]
    })
}

fn request() -> Value {
    json!({
        "$schema": schema("entity"), "name": "request", "title": "Request", "plural": "Requests",
        "type": "object", "display": "subject",
        "properties": {
            "subject": { "kind": "text", "title": "Subject", "maxLength": 80 },
            "details": { "kind": "long_text", "title": "Details" },
            "state": { "kind": "choice", "title": "State", "default": "new", "oneOf": [
                { "const": "new", "title": "New" }, { "const": "done", "title": "Done" } ] },
            "client": { "kind": "link", "to": "client", "title": "Client",
                        "back": { "name": "requests", "title": "Requests" } },
            "site": { "kind": "link", "to": "building", "title": "Building" },
            "margin": { "kind": "decimal", "title": "Our margin", "classification": "internal" },
            "paper": { "kind": "file", "title": "Paper" }
        },
        "required": ["subject"], "search": ["subject"], "features": ["comments", "files", "history", "follow"]
    })
}

fn customer() -> Value {
    let own = json!({ "where": { "field": "client", "eq": { "user": "client" } } });
    json!({
        "$schema": schema("role"), "name": "customer", "title": "Customer",
        "entities": {
            "user": { "read": { "where": { "field": "id", "eq": { "user": "id" } } } },
            "building": { "read": "all" },
            "client": { "read": { "where": { "field": "id", "eq": { "user": "client" } } } },
            "request": { "create": true, "read": own, "update": own, "delete": own, "export": true, "bulk": true,
                         "share": true, "import": true, "preset": { "client": { "user": "client" } } }
        }
    })
}

fn app() -> Value {
    json!({
        "$schema": schema("app"), "name": "service", "title": "Service", "icon": "inbox", "channel": "portal",
        "roles": ["customer"],
        "menu": [{ "name": "main", "title": "Yours", "items": [
            { "name": "requests", "entity": "request", "title": "Requests to us" }] }]
    })
}

/// The workspace with two customers of two clients, each with one request.
struct Place {
    world: World,
    people: [Person; 2],
    clients: [String; 2],
    requests: [String; 2],
}

impl Place {
    async fn start(engine: Engine) -> Self {
        let world = World::start(engine).await;
        let admin = &world.admin;
        let mut user = admin.get("definitions/entity/user").await.is(200).json;
        user["properties"]["client"] = json!({ "kind": "link", "to": "client", "title": "Client" });
        admin
            .publish(
                "Portal",
                &[
                    ("entity", "client", client()),
                    ("entity", "request", request()),
                    ("entity", "user", user),
                    ("role", "customer", customer()),
                    ("app", "service", app()),
                ],
            )
            .await;
        let (mut people, mut clients, mut requests) = (Vec::new(), Vec::new(), Vec::new());
        for (name, firm) in [("carla", "Acorn"), ("dora", "Birch")] {
            let person = world.server.installation.person(name, "customer").await;
            let client = admin.create("client", &json!({ "name": firm, "rating": "Slow payer" })).await.id();
            let id = admin.get_with("records/user", &[("email", &*person.email)]).await.is(200);
            let id = id.word("/data/0/id").to_owned();
            admin.patch(&format!("records/user/{id}"), &json!({ "client": client })).await.is(200);
            let values = json!({ "subject": format!("Help {firm}"), "client": client, "margin": "12.5" });
            requests.push(admin.create("request", &values).await.is(201).id());
            people.push(person);
            clients.push(client);
        }
        Self {
            world,
            people: people.try_into().ok().unwrap(),
            clients: clients.try_into().ok().unwrap(),
            requests: requests.try_into().ok().unwrap(),
        }
    }

    async fn carla(&self) -> Visitor {
        self.world.server.signed_in(&self.people[0]).await
    }
}

async fn customers_see_what_is_theirs_and_work_on_it(engine: Engine) {
    let place = Place::start(engine).await;
    let visitor = place.world.server.visitor();
    // Who is asked to sign in comes back to the portal, and so does whoever signs in anywhere.
    let page = visitor.visit("/w/main/portal/login").await.is(200);
    let form = page.form_with("password").set("email", &place.people[0].email);
    let page = visitor.send(&form.set("password", &place.people[0].password)).await.is(200);
    assert_eq!(page.path, "/w/main/portal/", "{page}");
    let carla = place.carla().await;
    let home = carla.visit("/w/main/").await.is(200);
    assert_eq!(home.path, "/w/main/portal/");
    for inside in ["/search", "/inbox", "/import", "/calendar", "/reports", "/admin", "/lists", "/history"] {
        let leads = home
            .all("a, form")
            .into_iter()
            .any(|one| one.attribute("href").contains(inside) || one.attribute("action").contains(inside));
        assert!(!leads, "{inside}\n{home}");
    }
    assert!(home.all("a, form").iter().all(|one| {
        let to = format!("{}{}", one.attribute("href"), one.attribute("action"));
        !to.starts_with('/') || to.starts_with("/w/main/portal")
    }));
    // The list: one's own, without what is meant for the inside.
    let list = carla.visit(&home.link("Requests")).await.is(200);
    assert_eq!(list.path, "/w/main/portal/r/request");
    // It is called as in the menu, and begun from the home.
    assert_eq!(list.first("h1").text, "Requests to us");
    assert!(home.link("New request").ends_with("/portal/r/request/new"), "{home}");
    let list = list.says("Help Acorn").never_says("Help Birch").never_says("Our margin");
    assert!(list.find_link("Export").is_none() && list.find_link("Save as a view").is_none(), "{list}");
    carla.visit("/w/main/portal/r/request?fields=subject,margin").await.never_says("12.5");
    carla.look("/w/main/portal/r/request?margin=12.5").await.is(422).never_says("Help Acorn");
    // A new one is theirs, whatever they send along.
    let form = carla.visit(&list.link("New request")).await.is(200).form_with("subject");
    assert!(!form.has("margin") && !form.has("owner"), "{}", form.outline());
    let page = carla.send(&form.set("subject", "The lift is stuck").set("details", "Since noon")).await;
    assert!(page.path.starts_with("/w/main/portal/r/request/"), "{page}");
    let page = page.says("The lift is stuck").never_says("Our margin");
    let id = page.path.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let stored = place.world.admin.record("request", &id).await;
    assert_eq!(stored.word("/client/id"), place.clients[0], "{stored}");
    // Nothing empty or wrong is taken, and what was typed stays.
    let form = carla.visit(&page.link("Edit")).await.is(200).form_with("subject");
    let wrong = carla.submit(&form.set("subject", "").set("details", "Still stuck")).await.is(422);
    let form = wrong.form_with("subject");
    assert_eq!(form.value("details").trim(), "Still stuck");
    let page = carla.send(&form.set("subject", "The lift is stuck again")).await.is(200);
    let page = page.says("The lift is stuck again").says("Still stuck");
    // A file and its way back.
    let form = carla.visit(&page.link("Edit")).await.is(200).form_with("subject");
    let page = carla.send(&form.attach("paper.upload", "lift.txt", b"stuck")).await.is(200);
    let file = page.link("lift.txt");
    assert!(file.starts_with("/w/main/portal/files/"), "{file}");
    assert_eq!(carla.look(&file).await.is(200).body, "stuck");
    let dora = place.world.server.signed_in(&place.people[1]).await;
    dora.look(&file).await.is(404);
    // Deleting asks, takes it away, and can be taken back at once.
    let ask = carla.visit(&page.link("Delete")).await.is(200);
    let gone = carla.send(&ask.form_to("/deletion")).await.is(200);
    assert!(gone.path.starts_with("/w/main/portal/r/request"), "{}", gone.path);
    // There is no page of the bin here, and none is spoken of.
    assert!(!ask.text().contains("recycle bin"), "{ask}");
    let lies = carla.look(&page.path).await.is(404).says("This record is deleted").never_says("recycle bin");
    assert!(lies.all("a").iter().all(|one| !one.attribute("href").ends_with("/bin")), "{lies}");
    let back = carla.send(&gone.form_to("/restore")).await.is(200);
    back.says("The lift is stuck again");
    // The own settings, without tokens; the language; and out.
    let page = carla.visit("/w/main/portal/profile").await.is(200);
    assert!(page.find_form_to("/profile/tokens").is_none(), "{page}");
    let page = carla.send(&page.form_to("/profile/language").press("简体中文")).await.is(200);
    assert_eq!(page.first("html").attribute("lang"), "zh-CN");
    let list = carla.visit("/w/main/portal/r/request").await.is(200);
    let out = carla.send(&list.form_to("/portal/logout")).await;
    assert!(out.path.starts_with("/w/main/login"), "{out}");
    assert!(carla.visit("/w/main/portal/r/request").await.path.starts_with("/w/main/login"));
}

async fn nothing_inside_is_reached_from_a_portal(engine: Engine) {
    let place = Place::start(engine).await;
    let carla = place.carla().await;
    let (own, other) = (&place.requests[0], &place.requests[1]);
    // Pages of the inside lead to the portal, and to the same place where it has it.
    for path in [
        "",
        "search?q=Help",
        "inbox",
        "calendar",
        "reports",
        "import",
        "lists",
        "admin/entities",
        "r/building",
        "admin/users",
        "r/request/bin",
        "r/request/export.csv",
        "reports/new",
        "apps/crm",
        "nonsense",
    ] {
        let page = carla.look(&format!("/w/main/{path}")).await;
        assert_eq!((page.status, page.header("location")), (303, "/w/main/portal/"), "{path}");
    }
    for (path, to) in [
        (format!("r/request/{own}"), format!("r/request/{own}")),
        ("r/request?state=new".to_owned(), "r/request?state=new".to_owned()),
        ("profile".to_owned(), "profile".to_owned()),
        (format!("r/request/{own}/history"), String::new()),
    ] {
        let page = carla.look(&format!("/w/main/{path}")).await;
        assert_eq!(
            (page.status, page.header("location")),
            (303, format!("/w/main/portal/{to}").as_str()),
            "{path}"
        );
    }
    // In the portal there is nothing of the inside, nor of what no menu names, nor of somebody else's.
    for path in [
        "search?q=Help",
        "inbox",
        "calendar",
        "reports",
        "import",
        "lists",
        "admin/entities",
        "admin",
        "r/building",
        "r/client",
        "r/user",
        "r/%72equest",
        "r/request/bin",
        "r/request/export.csv",
        "r/request/views",
        "r/request/views/new",
        "lookup/user",
        "lookup/role",
        "dashboards/sales",
        "r/nonsense",
        "nonsense",
        "reports/sales_overview",
        "metrics/won_amount",
        "snapshots/pipeline",
    ] {
        let page = carla.look(&format!("/w/main/portal/{path}")).await;
        assert_eq!(page.status, 404, "{path}\n{page}");
        assert!(page.all("form[role=search]").is_empty(), "{page}");
    }
    for path in [
        format!("r/request/{other}"),
        format!("r/request/{other}/edit"),
        format!("r/request/{other}/deletion"),
        format!("r/request/{own}/history"),
        format!("r/request/{own}/purge"),
        format!("r/client/{}", place.clients[0]),
    ] {
        carla.look(&format!("/w/main/portal/{path}")).await.is(404);
    }
    // Choosing is offered where a form asks for it, and gives what the role sees.
    let chosen = carla.look("/w/main/portal/lookup/client").await.is(200);
    assert!(chosen.body.contains("Acorn") && !chosen.body.contains("Birch"), "{chosen}");
    carla.look("/w/main/portal/lookup/building").await.is(200);
    let found = carla.look("/w/main/portal/lookup/request?q=Help").await.is(200);
    assert!(found.body.contains("Acorn") && !found.body.contains("Birch"), "{found}");
    // What is sent is refused in the same way, with a form of the portal and its token.
    let form =
        carla.visit(&format!("/w/main/portal/r/request/{own}/edit")).await.is(200).form_with("subject");
    let send = async |path: &str| {
        let request = carla.request(Method::POST, path).header("origin", &place.world.server.address);
        carla.send_request(request.header("sec-fetch-site", "same-origin").form(&form.pairs())).await
    };
    for path in [
        "r/request",
        "r/building",
        "r/request/bulk",
        "import",
        "reports/new",
        "profile",
        "admin/users",
        &format!("r/request/{own}"),
        &format!("r/request/{own}/shares"),
        "inbox/seen",
        "profile/tokens",
    ] {
        let page = send(&format!("/w/main/{path}")).await.is(403);
        assert!(page.text().contains("portal"), "{page}");
        assert!(page.all("a").iter().all(|one| !one.attribute("href").starts_with("/w/main/r/")), "{page}");
    }
    for path in [
        "r/building",
        "r/client",
        "r/request/bulk",
        "profile/tokens",
        "import",
        &format!("r/request/{other}"),
        &format!("r/request/{own}/shares"),
        &format!("r/request/{own}/follow"),
        &format!("r/request/{own}/activities"),
        &format!("r/request/{other}/transitions"),
        &format!("r/request/{own}/comments"),
        &format!("r/request/{other}/comments"),
    ] {
        let status = send(&format!("/w/main/portal/{path}")).await.status;
        assert!(matches!(status, 404 | 405), "{path}: {status}");
    }
    place.world.admin.record("request", other).await.is(200);
    // Programs do not act for them.
    let api = place.world.server.api_of(&place.people[0]).await;
    for path in ["me", "records/request", "definitions/entity", "openapi.json"] {
        let answer = api.get(path).await.refused(403);
        assert_eq!(answer.word("/code"), "outside", "{answer}");
    }
    // A second role, of the inside, opens the inside; without any there is neither.
    let both = place.world.server.installation.person("erik", "customer,inspector").await;
    let erik = place.world.server.signed_in(&both).await;
    let home = erik.visit("/w/main/").await.is(200);
    assert_eq!(home.path, "/w/main/");
    let portal = erik.visit(&home.link("Service (portal)")).await.is(200);
    assert_eq!(portal.path, "/w/main/portal/");
    assert_eq!(portal.link("Back to the workspace"), "/w/main/");
    let ines = place.world.server.signed_in(&place.world.inspector).await;
    ines.look("/w/main/portal/").await.is(404);
    ines.look("/w/main/portal/r/building").await.is(404);
    // Who shapes the workspace looks at it as it is there, without the tools of a designer.
    let boss = place.world.server.administrator().await;
    let page = boss.visit("/w/main/portal/r/request").await.is(200).says("Help Birch");
    assert!(page.all("a").iter().all(|link| !link.attribute("href").contains("/admin/")), "{page}");
    boss.look("/w/main/portal/r/building").await.is(404);
    // An app that goes away takes nobody inside who has no other role.
    let mut less = app();
    less["menu"] = json!([{ "name": "main", "title": "Yours", "items": [{ "entity": "client" }] }]);
    place.world.admin.publish("Less", &[("app", "service", less)]).await;
    carla.look("/w/main/portal/r/request").await.is(404);
    carla
        .visit("/w/main/portal/r/client")
        .await
        .is(200)
        .says("Acorn")
        .never_says("Birch")
        .never_says("Slow payer");
}

async fn what_a_portal_shows_is_said(engine: Engine) {
    let place = Place::start(engine).await;
    let admin = &place.world.admin;
    let carla = place.carla().await;
    let own = format!("/w/main/portal/r/request/{}", place.requests[0]);
    admin
        .post(&format!("records/request/{}/comments", place.requests[0]), &json!({ "body": "They are slow" }))
        .await
        .is(201);
    carla.visit(&own).await.is(200).never_says("They are slow");
    // Comments and files where the app says so; a form with what it names, and lists of what belongs to the record.
    let mut service = app();
    service["beside"] = json!(["comments", "files"]);
    service["home"] = json!({ "view": "open_requests" });
    service["menu"][0]["items"] = json!([{ "entity": "client" }, { "view": "open_requests" }]);
    let view = json!({ "$schema": schema("view"), "name": "open_requests", "title": "Open ones", "entity": "request", "type": "list",
        "columns": ["subject", "client", "site"], "where": { "field": "state", "eq": "new" } });
    let inside = json!({ "$schema": schema("view"), "name": "by_margin", "title": "By margin", "entity": "request", "type": "list",
        "columns": ["subject", "margin"] });
    let form = json!({ "$schema": schema("form"), "name": "client_portal", "title": "Client", "entity": "client",
        "channel": "portal", "tabs": [{ "name": "main", "title": "You", "sections": [
            { "name": "you", "title": "What we know", "items": ["name", "rating"] },
            { "name": "lists", "items": [{ "related": "requests", "columns": ["subject", "margin"] }] } ] }] });
    admin
        .publish(
            "More",
            &[
                ("view", "open_requests", view),
                ("view", "by_margin", inside),
                ("form", "client_portal", form),
                ("app", "service", service.clone()),
            ],
        )
        .await;
    let home = carla.visit("/w/main/").await.is(200);
    assert!(home.path.starts_with("/w/main/portal/r/request?view=open_requests"), "{}", home.path);
    assert!(home.find_link("By margin").is_none(), "{home}");
    carla.look("/w/main/portal/r/request?view=by_margin").await.never_says("12.5");
    // A link to what has no pages there is a text; to what has, a link of the portal.
    let building = place.world.building("Depot").await;
    admin
        .patch(&format!("records/request/{}", place.requests[0]), &json!({ "site": building }))
        .await
        .is(200);
    let page = carla.visit(&own).await.is(200).says("Depot");
    assert_eq!(page.find_link("Depot"), None);
    assert_eq!(page.link("Acorn"), format!("/w/main/portal/r/client/{}", place.clients[0]));
    let page = page.says("They are slow");
    let page = carla.send(&page.form_to("/comments").set("body", "It is *urgent*")).await.is(200);
    assert!(page.body.contains("<em>urgent</em>"), "{page}");
    let page = carla.send(&page.form_to("/files").attach("drawer.upload", "plan.txt", b"plan")).await.is(200);
    carla.look(&page.link("plan.txt")).await.is(200);
    let dora = place.world.server.signed_in(&place.people[1]).await;
    dora.look(&page.link("plan.txt")).await.is(404);
    let page = carla.visit(&format!("/w/main/portal/r/client/{}", place.clients[0])).await.is(200);
    page.says("Slow payer").says("Help Acorn").never_says("Help Birch").never_says("Our margin");
    // The same record inside keeps its own form, and says what the portal said.
    let boss = place.world.server.administrator().await;
    let page = boss.open(&format!("r/request/{}", place.requests[0])).await;
    page.says("Our margin").says("urgent");
    // A dashboard of the portal counts what its reader sees, and leads nowhere inside.
    let report = json!({ "$schema": schema("report"), "name": "requests_by_state", "title": "By state", "entity": "request",
        "type": "summary", "rows": [{ "field": "state" }], "measures": [{ "count": true, "as": "n" }] });
    let board = json!({ "$schema": schema("dashboard"), "name": "overview", "title": "Overview", "tiles": [
        { "name": "states", "report": "requests_by_state", "show": "table" },
        { "name": "open", "view": "open_requests" } ] });
    service["home"] = json!({ "dashboard": "overview" });
    admin
        .publish(
            "Overview",
            &[
                ("report", "requests_by_state", report),
                ("dashboard", "overview", board),
                ("app", "service", service.clone()),
            ],
        )
        .await;
    let home = carla.visit("/w/main/portal/").await.is(200);
    let page = home.says("Overview").says("By state").says("Help Acorn").never_says("Help Birch");
    assert!(page.all("a").iter().all(|one| !one.attribute("href").contains("/reports")), "{page}");
    carla.visit("/w/main/portal/dashboards/overview").await.is(200);
    // On a phone and in the dark, for readers of screens, too.
    if engine == Engine::Sqlite
        && let Some(browser) = Browser::open(&place.world.server.address, true).await
    {
        browser.sign_in(&place.people[0]).await;
        let mut wrong = Vec::new();
        for path in [
            "/w/main/portal/",
            &own,
            &format!("{own}/edit"),
            "/w/main/portal/r/request",
            "/w/main/portal/profile",
            "/w/main/portal/nonsense",
        ] {
            browser.visit(path).await;
            wrong.extend(axe::violations(&browser).await.into_iter().map(|one| format!("{path}: {one}")));
        }
        browser.close().await;
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

async fn a_portal_that_lets_anybody_in_is_refused(engine: Engine) {
    let place = Place::start(engine).await;
    let admin = &place.world.admin;
    let set = admin.change_set("Wrong", &[]).await;
    let put = async |change: &dyn Fn(&mut Value)| {
        let mut wrong = app();
        change(&mut wrong);
        admin.put(&format!("changes/{set}/app/service"), &wrong).await
    };
    let refused = put(&|app| drop(app.as_object_mut().unwrap().remove("roles"))).await;
    refused.problems_at(&["/roles"]);
    assert!(refused.text.contains("customer") && refused.text.contains("portal_needs_roles"), "{refused}");
    put(&|app| app["roles"] = json!([])).await.problems_at(&["/roles"]);
    let refused = put(&|app| app["roles"] = json!(["customer", "administrator"])).await;
    refused.problems_at(&["/roles/1"]);
    put(&|app| app["roles"] = json!(["nobody"])).await.problems_at(&["/roles/0"]);
    put(&|app| app["channel"] = json!("outside")).await.problems_at(&["/channel"]);
    put(&|app| app["beside"] = json!(["history"])).await.problems_at(&["/beside/0"]);
    put(&|app| app["menu"][0]["items"] = json!([{ "report": "sales_overview" }]))
        .await
        .problems_at(&["/menu/0/items/0/report"]);
    let mut inside = app();
    inside["channel"] = json!("internal");
    inside["beside"] = json!(["files"]);
    admin.put(&format!("changes/{set}/app/service"), &inside).await.problems_at(&["/beside"]);
    // A role that administers later is refused where it would open the portal's people the inside.
    let mut role = customer();
    role["admin"] = json!(["users"]);
    admin.put(&format!("changes/{set}/role/customer"), &role).await.is(200);
    let plan = admin.post(&format!("changes/{set}/publish"), &json!({})).await;
    assert!(plan.status >= 400 && plan.text.contains("portal_role_is_admin"), "{plan}");
    // The designer offers the channel, of apps and of forms.
    let boss = place.world.server.administrator().await;
    let page = boss.open("admin/edit/app/service").await;
    let form = page.form_with("/channel");
    assert_eq!(form.value("/channel"), "portal");
    assert!(form.offers("/channel").iter().any(|one| one == "internal"), "{}", form.outline());
    let form = boss.open("admin/forms/new?entity=request").await.form_with("form.channel");
    assert!(form.offers("form.channel").contains(&"portal".to_owned()), "{}", form.outline());
}
