//! Every way in which the API says no, each beside a call that it allows.

use kontor_testing::{Api, Engine, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(
    who_you_are_comes_first,
    what_is_not_there_is_404,
    what_cannot_be_read_is_400,
    what_is_too_much_is_413,
    words_come_in_the_callers_language,
    health_is_told_without_a_token,
    the_description_matches_the_model,
);

async fn who_you_are_comes_first(engine: Engine) {
    let world = World::start(engine).await;
    let nobody = Api::new(&world.server.address, None);
    let forged = Api::new(&world.server.address, Some("kontor_not_a_token"));
    for api in [&nobody, &forged] {
        for path in
            ["me", "records/site_visit", "records/nonsense", "definitions/entity", "openapi.json", "nonsense"]
        {
            let answer = api.get(path).await.refused(401);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer}");
        }
        api.post("records/site_visit", &json!({ "name": "x" })).await.refused(401);
        api.post("query", &json!({})).await.refused(401);
    }
    let me = world.own.get("me").await.is(200);
    assert_eq!(me.word("/email"), world.inspector.email);
    assert_eq!(me.at("/roles"), &json!(["inspector"]));
    assert_eq!(me.word("/name"), "ines");

    // The verb is not granted: 403, for a person who can do other things.
    world.own.post("changes", &json!({ "title": "Mine" })).await.refused(403);
    world.own.get("definitions/role/inspector").await.refused(403);
    world.own.post("versions/1/restore", &json!({})).await.refused(403);
    world.admin.get("definitions/role/inspector").await.is(200);
    // An entity that no role of mine names.
    let unnamed = world.own.get("records/team").await;
    assert!(matches!(unnamed.status, 403 | 404), "{unnamed}");
}

async fn what_is_not_there_is_404(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        for path in [
            "records/nonsense",
            "records/nonsense/01890000-0000-7000-8000-000000000000",
            "records/site_visit/01890000-0000-7000-8000-000000000000",
            "records/site_visit/not-an-id",
            "reports/nonsense",
            "schemas/nonsense",
            "nonsense",
        ] {
            let answer = api.get(path).await.refused(404);
            assert!(
                !answer.text.contains("select ") && !answer.text.contains("r_"),
                "no inside shows\n{answer}"
            );
        }
        api.post("records/nonsense", &json!({ "name": "x" })).await.refused(404);
        api.post("records/site_visit/bulk/nonsense", &json!({})).await.refused(404);
    }
    world.admin.get("definitions/entity/nonsense").await.refused(404);
    let kinds = world.admin.get("definitions/nonsense").await.refused(404);
    assert!(kinds.text.contains("workflow"), "the kinds are named\n{kinds}");
    let layers = world.admin.get_with("definitions/entity", &[("layer", "nonsense")]).await.refused(422);
    assert!(layers.text.contains("workspace") && layers.problem_at("/layer").is_object(), "{layers}");
    world.admin.get("changes/01890000-0000-7000-8000-000000000000/plan").await.refused(404);
    world.admin.post("versions/999/restore", &json!({})).await.refused(404);
    let other = world.admin.clone();
    let answer = other
        .send(
            kontor_testing::client()
                .no_proxy()
                .build()
                .unwrap()
                .get(format!("{}/w/elsewhere/api/v1/me", other.address)),
        )
        .await;
    assert!(matches!(answer.status, 401 | 404), "another workspace\n{answer}");
}

async fn what_cannot_be_read_is_400(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        for body in ["", "{", "{ \"name\": \"x\" ", "name=x", "\u{0}", "{\"name\":\"a\" \"people\":1}"] {
            api.post_raw("records/site_visit", "application/json", body.to_owned()).await.refused(400);
        }
        for body in ["[]", "7", "\"name\"", "null"] {
            let answer = api.post_raw("records/site_visit", "application/json", body).await;
            assert!(matches!(answer.status, 400 | 422), "{body}\n{answer}");
        }
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let answer = api.post_raw("records/site_visit", "application/json", deep).await;
        assert!(matches!(answer.status, 400 | 422), "{answer}");
        let media = api.post_raw("records/site_visit", "text/plain", "{\"name\":\"x\"}").await;
        assert!(matches!(media.status, 400 | 415), "{media}");
        assert_eq!(api.count("site_visit", &[]).await, 0);
    }
}

async fn what_is_too_much_is_413(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        let summary = "x".repeat(2 * 1024 * 1024);
        let body = json!({ "name": "Long", "summary": summary }).to_string();
        let refused = api.post_raw("records/site_visit", "application/json", body).await.refused(413);
        assert!(
            refused.text.contains("1 MiB") || refused.text.contains('1'),
            "the limit is named\n{refused}"
        );
        let fits = json!({ "name": "Long", "summary": "x".repeat(100_000) });
        api.create("site_visit", &fits).await;
    }
}

async fn words_come_in_the_callers_language(engine: Engine) {
    let world = World::start(engine).await;
    for (_, api) in world.everybody() {
        let ask = |language: &'static str| {
            let request = api
                .request(reqwest::Method::POST, "records/site_visit")
                .header("accept-language", language)
                .json(&json!({ "people": 501 }));
            api.send(request)
        };
        let english = ask("en").await.refused(422);
        let chinese = ask("zh-CN,zh;q=0.9").await.refused(422);
        assert_eq!(english.problems(), chinese.problems(), "codes and paths do not change");
        let message = chinese.problem_at("/name")["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{chinese}");
        assert!(english.problem_at("/name")["message"].as_str().unwrap_or_default().is_ascii(), "{english}");
    }
}

async fn health_is_told_without_a_token(engine: Engine) {
    let world = World::start(engine).await;
    let client = kontor_testing::client().no_proxy().build().unwrap();
    for path in ["healthz", "readyz", "metrics"] {
        let answer = client.get(format!("{}/{path}", world.server.address)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("site_visit") || path == "metrics", "{text}");
    }
}

async fn the_description_matches_the_model(engine: Engine) {
    let world = World::start(engine).await;
    let description = world.admin.get("openapi.json").await.is(200);
    assert!(description.word("/openapi").starts_with("3.1"), "{}", description.status);
    assert!(description.text.contains("site_visit"), "an object made a minute ago is described");
    for part in ["/records/", "/query", "/changes", "/versions", "/search", "/me"] {
        assert!(description.text.contains(part), "{part} is not described");
    }
    for purpose in ["input", "output"] {
        let schema = world.admin.get(&format!("schemas/site_visit?for={purpose}")).await.is(200);
        assert_eq!(schema.word("/type"), "object");
        assert_eq!(schema.at("/additionalProperties"), &json!(false));
        assert!(schema.at("/properties").get("name").is_some(), "{schema}");
    }
    let input = world.admin.get("schemas/site_visit?for=input").await.is(200);
    assert_eq!(input.at("/required"), &json!(["name"]), "{input}");
}
