//! Simplified Chinese: chosen by the browser before signing in, by the user afterwards; never half of it.

use kontor_testing::{Engine, Page, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(a_person_reads_chinese,);

fn is_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// Words of the interface that stand in no language but English.
fn english_left(page: &Page) -> Vec<String> {
    let known = [
        "Sign in", "Save", "Cancel", "Edit", "Delete", "Search", "Next", "Previous", "New ", "Filter",
        "Export",
    ];
    page.all("button, nav a, .actions a, label, th")
        .into_iter()
        .map(|element| element.text)
        .filter(|text| known.iter().any(|word| text.contains(word)))
        .collect()
}

async fn a_person_reads_chinese(engine: Engine) {
    let world = World::start(engine).await;
    world.visits(&world.own, &["屋顶检查"]).await;
    world.visits(&world.admin, &["屋顶检查"]).await;
    for person in [&world.server.installation.administrator, &world.inspector] {
        let mut visitor = world.server.visitor();
        "zh-CN,zh;q=0.9,en;q=0.1".clone_into(&mut visitor.language);
        let login = visitor.open("login").await;
        assert!(login.body.contains("lang=\"zh"), "the browser's language before signing in");
        assert!(is_chinese(&login.first("h1").text) && english_left(&login).is_empty(), "{login}");
        let wrong = visitor
            .submit(&login.form_with("password").set("email", &person.email).set("password", "wrong"))
            .await;
        assert!(is_chinese(&wrong.is(422).first("[role=alert]").text));

        // A user chooses in the profile, whatever the browser says.
        let visitor = world.server.signed_in(person).await;
        let home = visitor.open("").await;
        let form = home.forms().into_iter().find(|form| form.action.ends_with("/profile/language"));
        let form = form.unwrap_or_else(|| panic!("no choice of language\n{home}"));
        let form = if form.has("language") { form.set("language", "zh-CN") } else { form.press("zh-CN") };
        visitor.send(&form).await.is(200);
        let mut paths =
            vec!["", "r/site_visit", "r/site_visit/new", "search?q=屋顶", "inbox", "reports", "profile"];
        if person.email.starts_with("admin") {
            paths.extend([
                "r/deal",
                "r/deal/new",
                "reports/won_by_month",
                "dashboards/sales",
                "admin/entities",
            ]);
        }
        if person.email.starts_with("admin") {
            let page = visitor.open("admin/entities/deal/fields/amount").await;
            let crumbs = page.first(".crumbs, nav[aria-label] ol").text;
            assert!(is_chinese(&page.first("h1").text) && is_chinese(&crumbs), "{page}");
            assert!(is_chinese(&page.first("title").text), "{page}");
        }
        for path in paths {
            let page = visitor.open(path).await;
            assert!(page.body.contains("lang=\"zh"), "{path}");
            assert!(is_chinese(&page.text()), "{path}\n{page}");
            assert!(english_left(&page).is_empty(), "{path} still says {:?}", english_left(&page));
        }
        if person.email.starts_with("admin") {
            visitor.open("r/deal").await.says("商机");
        }
        let form = visitor.open("r/site_visit/new").await.form_with("name").set("people", "501");
        let page = visitor.submit(&form).await.is(422);
        assert!(is_chinese(&page.message_at("people").expect("a message")), "{page}");
        let missing = visitor.look("/w/main/nonsense").await.is(404);
        assert!(is_chinese(&missing.first("h1").text), "{missing}");
        // And back, for the next session too.
        let again = world.server.signed_in(person).await;
        assert!(again.open("").await.body.contains("lang=\"zh"), "it is the user's, not the session's");
    }
    // A Chinese label gives a name in Latin letters.
    let admin = world.server.api().await;
    let entity = json!({
        "$schema": crate::world::schema("entity"), "name": "xiang_mu", "title": "项目", "plural": "项目", "type": "object",
        "display": "name", "properties": { "name": { "kind": "text", "title": "名称" } }, "required": ["name"]
    });
    admin.publish("项目", &[("entity", "xiang_mu", entity)]).await;
    admin.create("xiang_mu", &json!({ "name": "灯塔" })).await;
    assert_eq!(
        admin.get_with("records/xiang_mu", &[("name[contains]", "灯")]).await.is(200).list("/data").len(),
        1
    );
}
