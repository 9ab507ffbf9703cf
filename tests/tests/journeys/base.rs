//! The CRM that ships, made of definitions only.

use std::sync::Arc;

use kontor_testing::{Api, Engine, Installation, Server, eventually, on_both_databases};
use serde_json::json;

on_both_databases!(
    a_deal_asks_only_for_its_name,
    a_won_deal_is_followed_up,
    a_new_lead_is_remembered,
    roles_see_what_they_should,
    the_demo_is_complete,
    the_demo_takes_the_person_who_is_there,
    a_demo_that_was_interrupted_goes_on,
);

/// A server with the base pack, the administrator and a representative.
async fn start(engine: Engine) -> (Server, Api, Api) {
    let server = Installation::new(engine).serve().await;
    let admin = server.api().await;
    let person = server.installation.person("rosa", "representative").await;
    let own = server.api_of(&person).await;
    (server, admin, own)
}

async fn a_deal_asks_only_for_its_name(engine: Engine) {
    let (server, admin, own) = start(engine).await;
    for api in [&admin, &own] {
        let deal = api.create("deal", &json!({ "name": "Small" })).await;
        assert_eq!(deal.word("/stage"), "qualify");
        assert_eq!(deal.number("/probability"), 10.0, "from the stage, by script");
        let path = format!("records/deal/{}", deal.id());
        let moved =
            api.post(&format!("{path}/transitions/propose"), &json!({ "amount": 1000 })).await.is(200);
        assert_eq!(moved.word("/stage"), "propose");
        assert_eq!(moved.number("/probability"), 50.0);
        assert_eq!(moved.number("/weighted"), 500.0, "by formula");
        let kept = api.patch(&path, &json!({ "probability": 60 })).await.is(200);
        assert_eq!(kept.number("/weighted"), 600.0);
        let acted = api.post(&format!("{path}/actions/push_close_date"), &json!({})).await.is(200);
        assert!(acted.word("/close_date") > acted.word("/created_at"), "in thirty days\n{acted}");
        let acted = api.patch(&path, &json!({ "close_date": null })).await.is(200);
        assert!(acted.at("/close_date").is_null());
        let lost = api.post(&format!("{path}/transitions/lost"), &json!({})).await.refused(422);
        lost.problem_at("/lost_reason");
        let lost = api
            .post(&format!("{path}/transitions/lost"), &json!({ "lost_reason": "Too dear" }))
            .await
            .is(200);
        assert_eq!(lost.number("/probability"), 0.0);
        assert!(!lost.at("/close_date").is_null(), "closing sets the date when it is empty\n{lost}");
        let dated = api.create("deal", &json!({ "name": "Dated", "close_date": "2020-02-02" })).await.id();
        let won = api.post(&format!("records/deal/{dated}/transitions/won"), &json!({})).await.is(200);
        assert_eq!(won.word("/close_date"), "2020-02-02", "a date that is there stays");
        let nowhere = api.post(&format!("{path}/transitions/nonsense"), &json!({})).await;
        assert!(matches!(nowhere.status, 404 | 422), "{nowhere}");
        api.post(&format!("{path}/actions/push_close_date"), &json!({}))
            .await
            .refused(422)
            .problem_at("/close_date");
    }
    drop(server);
}

async fn a_won_deal_is_followed_up(engine: Engine) {
    let (server, admin, own) = start(engine).await;
    for (index, api) in [&admin, &own].into_iter().enumerate() {
        let account = api
            .create("account", &json!({ "name": format!("Nord {index}"), "status": "prospect" }))
            .await
            .id();
        let name = format!("Machine {index}");
        let deal = api.create("deal", &json!({ "name": name, "account": account, "amount": 100 })).await.id();
        api.post(&format!("records/deal/{deal}/transitions/won"), &json!({})).await.is(200);
        eventually("the onboarding task", || async { (api.count("activity", &[]).await >= 1).then_some(()) })
            .await;
        let tasks =
            api.get_with("records/activity", &[("subject", &format!("Onboarding: {name}"))]).await.is(200);
        assert_eq!(tasks.list("/data").len(), 1, "{tasks}");
        assert_eq!(tasks.word("/data/0/regarding/id"), deal);
        assert_eq!(tasks.at("/data/0/owner/id"), api.get("me").await.is(200).at("/id"));
        assert_eq!(tasks.word("/data/0/record_type"), "task");
        eventually("the account is a customer", || async {
            (api.record("account", &account).await.word("/status") == "customer").then_some(())
        })
        .await;
    }
    drop(server);
}

async fn a_new_lead_is_remembered(engine: Engine) {
    let (mut server, admin, own) = start(engine).await;
    let forgotten = own.create("lead", &json!({ "name": "Forgotten" })).await.id();
    let taken = admin.create("lead", &json!({ "name": "Taken" })).await.id();
    admin.patch(&format!("records/lead/{taken}"), &json!({ "status": "contacted" })).await.is(200);
    crate::world::idle(&server).await;
    server.restart_with(&[("KONTOR_CLOCK_OFFSET", "172860")]).await;
    eventually("the reminder", || async { (own.count("activity", &[]).await == 1).then_some(()) }).await;
    let reminders = admin.get("records/activity").await.is(200);
    assert_eq!(reminders.list("/data").len(), 1, "only for the one nobody took up\n{reminders}");
    assert_eq!(reminders.word("/data/0/regarding/id"), forgotten);
}

async fn roles_see_what_they_should(engine: Engine) {
    let (server, admin, own) = start(engine).await;
    let reader = server.installation.person("ruth", "read_only").await;
    let reader = server.api_of(&reader).await;
    let manager = server.installation.person("max", "manager").await;
    let manager = server.api_of(&manager).await;
    let theirs = admin.create("deal", &json!({ "name": "Office" })).await.id();
    let mine = own.create("deal", &json!({ "name": "Field" })).await.id();
    let product = admin.create("product", &json!({ "name": "Pump", "cost": 7, "price": 9 })).await.id();

    assert_eq!(own.count("deal", &[]).await, 1);
    own.get(&format!("records/deal/{theirs}")).await.refused(404);
    for api in [&admin, &manager, &reader] {
        assert_eq!(api.count("deal", &[]).await, 2);
    }
    reader.patch(&format!("records/deal/{mine}"), &json!({ "name": "x" })).await.refused(403);
    reader.post("records/deal", &json!({ "name": "x" })).await.refused(403);
    reader.delete(&format!("records/deal/{mine}")).await.refused(403);
    manager.patch(&format!("records/deal/{mine}"), &json!({ "name": "Field service" })).await.is(200);
    own.patch(&format!("records/deal/{mine}"), &json!({ "name": "Field again" })).await.is(200);
    own.post("records/product", &json!({ "name": "x" })).await.refused(403);
    for api in [&own, &reader] {
        let seen = api.record("product", &product).await;
        assert!(seen.json.get("cost").is_none(), "{seen}");
        assert_eq!(seen.number("/price"), 9.0);
    }
    assert_eq!(manager.record("product", &product).await.number("/cost"), 7.0);
    for api in [&own, &reader, &manager] {
        api.post("changes", &json!({ "title": "x" })).await.refused(403);
    }
    // A record can be given to somebody else only by who may assign.
    let other = admin.get("me").await.is(200).id();
    let given = own.patch(&format!("records/deal/{mine}"), &json!({ "owner": other })).await;
    assert!(matches!(given.status, 403 | 422), "{given}");
    admin.patch(&format!("records/deal/{mine}"), &json!({ "owner": other })).await.is(200);
    own.get(&format!("records/deal/{mine}")).await.refused(404);
}

async fn the_demo_is_complete(engine: Engine) {
    // With an administrator of the operator, who is no record of somebody else's.
    let boss = kontor_testing::Person::new("Boss");
    let installation = Installation::new(engine)
        .with("KONTOR_ADMIN_EMAIL", &boss.email)
        .with("KONTOR_ADMIN_PASSWORD", &boss.password);
    let server = Server::start(Arc::new(installation), &["--demo", "base"]).await;
    server.signed_in(&boss).await;
    let printed = server.printed();
    let email = printed
        .split_whitespace()
        .map(|word| word.trim_matches(|letter: char| ",.;:()".contains(letter)))
        .find(|word| word.contains('@'))
        .unwrap_or_else(|| panic!("it does not say how to sign in:\n{printed}"))
        .to_owned();
    let person = kontor_testing::Person { email, password: "welcome-to-kontor".to_owned() };
    assert!(printed.contains(&person.password), "{printed}");
    let visitor = server.signed_in(&person).await;
    let api = server.api_of(&person).await;
    for entity in ["account", "contact", "lead", "deal", "product", "activity"] {
        assert!(api.count(entity, &[]).await >= 5, "{entity} has demo records");
        let list = visitor.open(&format!("r/{entity}")).await;
        let first = list
            .all("tbody th a")
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("no rows of {entity}\n{list}"));
        visitor.visit(first.attribute("href")).await.is(200);
        visitor.open(&format!("r/{entity}/new")).await;
    }
    let home = visitor.open("").await;
    assert!(home.all("nav a").len() >= 8, "a navigation\n{home}");
    for view in ["deal_board", "lead_board"] {
        let entity = view.trim_end_matches("_board");
        visitor.open(&format!("r/{entity}?view={view}")).await;
    }
    let reports = api.get("definitions/report").await.is(200);
    for report in reports.list("/data") {
        let name = report["name"].as_str().expect("a name");
        let page = visitor.open(&format!("reports/{name}")).await;
        assert!(!page.all("table").is_empty(), "{name} has a table\n{page}");
        api.get(&format!("reports/{name}")).await.is(200);
    }
    for dashboard in api.get("definitions/dashboard").await.is(200).list("/data") {
        let name = dashboard["name"].as_str().expect("a name");
        visitor.open(&format!("dashboards/{name}")).await;
    }
    visitor.open("search?q=a").await;
    // A second start changes nothing.
    let deals = api.count("deal", &[]).await;
    let mut server = server;
    server.restart().await;
    assert_eq!(api.count("deal", &[]).await, deals);
}

/// How many records of an entity the sample brings.
fn brought(entity: &str) -> u64 {
    let folder = kontor_testing::repository::root().join("examples/base/data");
    let files = std::fs::read_dir(folder).expect("the sample").filter_map(|file| Some(file.ok()?.path()));
    let own = files.filter(|path| path.to_string_lossy().ends_with(&format!("-{entity}.json")));
    let rows = own.map(|path| {
        let text = std::fs::read_to_string(path).expect("a file");
        serde_json::from_str::<Vec<serde_json::Value>>(&text).expect("records").len() as u64
    });
    rows.sum()
}

async fn the_demo_takes_the_person_who_is_there(engine: Engine) {
    let ada = kontor_testing::Person {
        email: "ada@kontor.example".to_owned(),
        password: "An-own-password-1".to_owned(),
    };
    let installation = Installation::new(engine).with("KONTOR_ADMIN_EMAIL", &ada.email);
    // What is refused names the variable, and a start that is put right fills the workspace.
    let serve = ["serve", "--demo", "base", "--listen", "127.0.0.1:0"];
    let mut short = installation.command(&serve);
    let refused = kontor_testing::Finished::run(short.env("KONTOR_ADMIN_PASSWORD", "x"), "").failed(1);
    assert!(refused.err.contains("KONTOR_ADMIN_PASSWORD"), "{refused}");
    let installation = installation.with("KONTOR_ADMIN_PASSWORD", &ada.password);
    let mut server = Server::start(Arc::new(installation), &["--demo", "base"]).await;
    let printed = server.printed();
    assert!(printed.contains("ada@kontor.example (administrator) with the password that"), "{printed}");
    let api = server.api_of(&ada).await;
    for entity in ["user", "account", "deal"] {
        assert_eq!(api.count(entity, &[]).await, brought(entity), "{entity}");
    }
    let found = api.get_with("records/user", &[("email", &ada.email)]).await.is(200);
    assert_eq!(found.json["data"][0]["job_title"], "Head of sales", "{found}");
    server.restart().await;
    assert!(server.printed().contains("data already"), "{}", server.printed());
    assert_eq!(api.count("deal", &[]).await, brought("deal"));
}

async fn a_demo_that_was_interrupted_goes_on(engine: Engine) {
    let installation = Installation::new(engine);
    let admin = installation.administrator.clone();
    let installation =
        installation.with("KONTOR_ADMIN_EMAIL", &admin.email).with("KONTOR_ADMIN_PASSWORD", &admin.password);
    for milliseconds in [300, 700, 1_100, 1_700] {
        let serve = ["serve", "--demo", "base", "--listen", "127.0.0.1:0"];
        let mut child = installation
            .command(&serve)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program");
        tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
        child.kill().expect("it is killed");
        child.wait().expect("it has ended");
    }
    let server = Server::start(Arc::new(installation), &["--demo", "base"]).await;
    let api = server.api().await;
    for entity in ["team", "product", "account", "contact", "lead", "deal"] {
        assert_eq!(api.count(entity, &[]).await, brought(entity), "{entity}: none missing, none twice");
    }
}
