//! Signing in, staying signed in, and what nobody gets around.

use kontor_testing::{Engine, Installation, Page, Person, Server, on_both_databases, sql};
use std::sync::Arc;

use crate::world::World;

on_both_databases!(
    the_first_start_leads_through_set_up,
    a_person_signs_in_and_out,
    wrong_words_do_not_open,
    only_paths_of_this_site_are_followed,
    a_form_without_its_token_is_refused,
    guessing_is_slowed_down,
    every_answer_is_guarded,
    no_secret_lies_in_the_database,
);

async fn the_first_start_leads_through_set_up(engine: Engine) {
    let server = Server::start(Arc::new(Installation::new(engine)), &[]).await;
    let visitor = server.visitor();
    // The printed one-time address; without it nobody becomes administrator.
    let printed = server.printed();
    let address = printed
        .split_whitespace()
        .find(|word| word.starts_with("http://") && (word.contains("set-up") || word.contains("setup")))
        .unwrap_or_else(|| panic!("no set-up address printed:\n{printed}"))
        .trim_end_matches(['.', ',', ')'])
        .to_owned();
    let page = visitor.visit("/").await;
    assert!(
        page.find_form_to("set-up").is_none_or(|form| !form.has("password")),
        "not without the address\n{page}"
    );
    let page = visitor.visit(&address).await.is(200);
    let form = page.form_with("password");
    let person = Person::new("founder");
    let wrong = visitor.submit(&form.clone().set("email", "nonsense").set("password", "short")).await.is(422);
    assert!(wrong.text().len() > 40, "the page says what is wrong\n{wrong}");
    let page = visitor.visit(&address).await.is(200);
    let form = page.form_with("password").set("email", &person.email).set("password", &person.password);
    let form = form.set("workspace", "Founders").set("name", "Founder");
    let home = visitor.send(&form).await;
    let home = if home.path.contains("/login") { visitor.sign_in(&person).await } else { home };
    assert!(home.path.starts_with("/w/main/"), "{home}");
    // The address works once.
    let again = server.visitor().visit(&address).await;
    assert!(again.status >= 400 || again.path.contains("login"), "{again}");
    server.signed_in(&person).await.open("admin/entities").await;
}

async fn a_person_signs_in_and_out(engine: Engine) {
    let world = World::start(engine).await;
    for person in [&world.server.installation.administrator, &world.inspector] {
        let visitor = world.server.visitor();
        let page = visitor.look("/w/main/r/site_visit?outcome=good").await;
        assert_eq!(page.status, 303, "{page}");
        assert!(page.header("location").starts_with("/w/main/login"), "{}", page.header("location"));
        let login = visitor.follow(page).await.is(200);
        let first = login.forms().into_iter().next().expect("a form");
        for field in ["email", "password", "csrf", "next"] {
            assert!(first.has(field), "the sign-in form is the first form of the page: {}", first.outline());
        }
        let before = visitor.cookies();
        let form = first.set("email", &person.email).set("password", &person.password);
        let list = visitor.send(&form).await.is(200);
        assert_eq!(list.path, "/w/main/r/site_visit?outcome=good", "on to where they wanted to go");
        assert_ne!(visitor.cookies(), before, "the session is a new one");
        assert_eq!(visitor.visit("/").await.is(200).path.split('?').next(), Some("/w/main/"));

        let home = visitor.open("").await;
        let out = home
            .find_form_to("/logout")
            .or_else(|| home.find_form_to("/sign-out"))
            .unwrap_or_else(|| panic!("no way to sign out\n{home}"));
        let cookies = visitor.cookies();
        visitor.send(&out).await;
        assert_eq!(visitor.look("/w/main/").await.status, 303, "signed out");
        let thief = world.server.visitor();
        let request = thief.request(reqwest::Method::GET, "/w/main/").header("cookie", cookies);
        assert_eq!(thief.send_request(request).await.status, 303, "the old cookie opens nothing");
    }
}

async fn wrong_words_do_not_open(engine: Engine) {
    let world = World::start(engine).await;
    let known = &world.inspector.email;
    let mut said = Vec::new();
    for (email, password) in
        [(known.as_str(), "wrong-password"), ("nobody@example.test", "wrong-password"), (known.as_str(), "")]
    {
        let visitor = world.server.visitor();
        let form =
            visitor.open("login").await.form_with("password").set("email", email).set("password", password);
        let page = visitor.submit(&form).await.is(422);
        assert_eq!(page.form_with("password").value("email"), email, "what was typed comes back");
        assert_eq!(page.form_with("password").value("password"), "", "but never the password");
        assert_eq!(visitor.look("/w/main/").await.status, 303);
        said.push(page.text().replace(email, ""));
    }
    assert_eq!(said[0], said[1], "it does not tell whether the address is known");
    world.server.signed_in(&world.inspector).await.open("").await;
}

async fn only_paths_of_this_site_are_followed(engine: Engine) {
    let world = World::start(engine).await;
    for next in [
        "https://example.test/",
        "//example.test/",
        "/\\example.test",
        "javascript:alert(1)",
        "http:example.test",
    ] {
        let visitor = world.server.visitor();
        let form = visitor
            .open("login")
            .await
            .form_with("password")
            .set("email", &world.inspector.email)
            .set("password", &world.inspector.password)
            .force("next", next);
        let page = visitor.submit(&form).await.is(303);
        assert!(page.header("location").starts_with("/w/main/"), "{next} led to {}", page.header("location"));
    }
    let visitor = world.server.visitor();
    let page = visitor.visit("/w/main/login?next=/w/main/r/building").await;
    let form = page
        .form_with("password")
        .set("email", &world.inspector.email)
        .set("password", &world.inspector.password);
    assert_eq!(
        visitor.submit(&form).await.is(303).header("location"),
        "/w/main/r/building",
        "a path of this site is"
    );
}

async fn a_form_without_its_token_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    for (person, api) in
        [(&world.server.installation.administrator, &world.admin), (&world.inspector, &world.own)]
    {
        let visitor = world.server.signed_in(person).await;
        let form = visitor.open("r/site_visit/new").await.form_with("name").set("name", "By form");
        for hostile in [
            form.clone().without("csrf"),
            form.clone().force("csrf", ""),
            form.clone().force("csrf", "guessed"),
        ] {
            assert_eq!(visitor.submit(&hostile).await.status, 403, "{}", hostile.outline());
        }
        // The right token from another site is refused too.
        for (header, value) in
            [("origin", "https://example.test"), ("sec-fetch-site", "cross-site"), ("origin", "null")]
        {
            let request = visitor
                .request(reqwest::Method::POST, form.target())
                .header(header, value)
                .form(&form.pairs());
            assert_eq!(visitor.send_request(request).await.status, 403, "{header}: {value}");
        }
        // Somebody else's token does not fit my session.
        let other = world.server.signed_in(person).await;
        let theirs = other.open("r/site_visit/new").await.form_with("name").value("csrf");
        assert_eq!(visitor.submit(&form.clone().force("csrf", &theirs)).await.status, 403);
        assert_eq!(api.count("site_visit", &[("name", "By form")]).await, 0);
        // The positive control: the form as the page gave it is taken.
        visitor.send(&form).await.is(200);
        assert_eq!(api.count("site_visit", &[("name", "By form"), ("owner[is]", "me")]).await, 1);
    }
}

async fn guessing_is_slowed_down(engine: Engine) {
    let mut world = World::start(engine).await;
    let visitor = world.server.visitor();
    let page = visitor.open("login").await;
    let mut throttled = None;
    for attempt in 0..40 {
        let form =
            page.form_with("password").set("email", &world.inspector.email).set("password", "wrong-password");
        let answer = visitor.submit(&form).await;
        if answer.status == 429 {
            assert!(!answer.header("retry-after").is_empty(), "{answer}");
            throttled = Some(attempt);
            break;
        }
        assert_eq!(answer.status, 422, "{answer}");
    }
    let attempt = throttled.expect("guessing is slowed down within 40 attempts");
    assert!(attempt >= 3, "a person may mistype a few times, but was stopped after {attempt}");
    // Neither a restart nor another process forgets it; an hour later it is forgotten, and nobody reads who it was.
    let connection = sql::open(&world.server.installation).await;
    let schema = sql::schema(&connection).await;
    sql::execute(&connection, &format!("update {schema}s_attempt set failures = 12")).await;
    let named =
        format!("select count(*) from {schema}s_attempt where key like '%@%' or key like '%127.0.0.1%'");
    assert_eq!(sql::number(&connection, &named).await, 0);
    world.server.restart_with(&[]).await;
    let right = |page: &Page| {
        page.form_with("password")
            .set("email", &world.inspector.email)
            .set("password", &world.inspector.password)
    };
    let visitor = world.server.visitor();
    let page = visitor.open("login").await;
    visitor.submit(&right(&page)).await.is(429);
    world.server.restart_with(&[("KONTOR_CLOCK_OFFSET", "3700")]).await;
    let visitor = world.server.visitor();
    let page = visitor.open("login").await;
    visitor.submit(&right(&page)).await.is(303);
    let left = format!("select count(*) from {schema}s_attempt");
    assert!(sql::number(&connection, &left).await <= 1, "the account's own are gone with its success");
    sql::close(connection).await;
}

async fn every_answer_is_guarded(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.administrator().await;
    for path in
        ["/w/main/", "/w/main/r/site_visit", "/w/main/admin/entities", "/w/main/nonsense", "/w/main/login"]
    {
        let page = visitor.look(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!page.header("referrer-policy").is_empty(), "{path}");
        let inline = page.all("[style], style");
        assert!(inline.is_empty(), "{path} has inline style {inline:?}");
        for script in page.all("script") {
            assert!(!script.attribute("src").is_empty(), "{path} has an inline script");
        }
    }
    let fresh = world.server.visitor();
    let form = fresh.open("login").await.form_with("password");
    let administrator = &world.server.installation.administrator;
    let page = fresh
        .submit(&form.set("email", &administrator.email).set("password", &administrator.password))
        .await
        .is(303);
    let cookies: Vec<String> = page
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|cookie| cookie.to_str().ok())
        .map(str::to_ascii_lowercase)
        .collect();
    assert!(!cookies.is_empty());
    for cookie in &cookies {
        assert!(cookie.contains("httponly") && cookie.contains("samesite=lax"), "{cookie}");
    }
    // What is stored is shown as text, never as markup.
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>";
    let id = world
        .admin
        .create("site_visit", &serde_json::json!({ "name": hostile, "summary": hostile }))
        .await
        .id();
    for path in [
        "r/site_visit".to_owned(),
        format!("r/site_visit/{id}"),
        format!("r/site_visit/{id}/edit"),
        "search?q=script".to_owned(),
    ] {
        let page = visitor.open(&path).await;
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{path}");
    }
    visitor.open("r/site_visit").await.says("<script>alert(1)</script>");
}

async fn no_secret_lies_in_the_database(engine: Engine) {
    let mut world = World::start(engine).await;
    let installation = Arc::clone(&world.server.installation);
    world.visits(&world.own, &["Findable-in-the-database"]).await;
    let token = installation.token(&world.inspector).await;
    let cookies = world.server.signed_in(&world.inspector).await.cookies();
    world.server.stop();
    let bytes = sql::bytes(&installation);
    let holds = |words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    // The positive control: what may be there is found by the same search.
    assert!(holds("Findable-in-the-database"));
    assert!(holds("$argon2id$"), "passwords are kept as argon2id");
    assert!(!holds(&world.inspector.password), "a password lies in the database");
    assert!(!holds(&token), "a token lies in the database");
    for part in cookies.split(['=', ';', ' ', '.']).filter(|part| part.len() >= 20) {
        assert!(!holds(part), "a session lies in the database");
    }
}
