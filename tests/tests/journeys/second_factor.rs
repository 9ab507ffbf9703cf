//! A second factor that a role demands: set up before anything else, asked after the password, taken once, and taken away by
//! those who may.

use kontor_testing::{Authenticator, Engine, Page, Visitor, on_both_databases, sql};
use reqwest::Method;
use serde_json::json;

use crate::world::{World, inspector};

on_both_databases!(a_role_demands_a_second_factor, people_choose_a_second_factor);

/// Sends e-mail and password and stays at the answer's end.
async fn password(visitor: &Visitor, world: &World) -> Page {
    let person = &world.inspector;
    let page = visitor.visit("/w/main/login").await.is(200);
    let form = page.form_with("password").set("email", &person.email).set("password", &person.password);
    visitor.send(&form).await
}

async fn send(visitor: &Visitor, page: &Page, code: &str) -> Page {
    visitor.submit(&page.form_to("/login/code").set("code", code)).await
}

fn key_of(page: &Page) -> String {
    page.first("#key").text.clone()
}

async fn a_role_demands_a_second_factor(engine: Engine) {
    let world = World::start(engine).await;
    let (admin, own) = (&world.admin, &world.own);
    let before = world.server.signed_in(&world.inspector).await;
    let mut role = inspector();
    role["login"] = json!({ "second_factor": true });
    admin.publish("Demand", &[("role", "inspector", role)]).await;

    // Who is in with a password alone is out; programs go on.
    assert_eq!(before.look("/w/main/r/building").await.status, 303);
    own.get("me").await.is(200);

    // Nobody gets past setting it up: no page, no form, no API.
    let visitor = world.server.visitor();
    let asks = password(&visitor, &world).await.is(200);
    assert!(asks.path.contains("/login/code") && asks.body.contains("<svg class=\"qr\""), "{asks}");
    let key = key_of(&asks);
    assert_eq!(key.split_whitespace().collect::<String>().len(), 32, "{key}");
    for path in ["", "r/building", "profile", "profile/second-factor", "admin/users", "search?q=a"] {
        let page = visitor.look(&format!("/w/main/{path}")).await;
        assert!(page.status == 303 && page.header("location").starts_with("/w/main/login"), "{path}\n{page}");
    }
    assert_eq!(visitor.look("/w/main/api/v1/me").await.status, 401);
    let token = asks.form_to("/login/code").value("csrf");
    let forged = visitor
        .request(Method::POST, "/w/main/profile/tokens")
        .header("origin", &visitor.address)
        .form(&[("csrf", token.as_str()), ("name", "stolen"), ("days", "9")]);
    assert!([303, 403].contains(&visitor.send_request(forged).await.status));
    // What the half cookie holds is no session under another name.
    let cookies = visitor.cookies();
    let half = cookies.split("kontor_main_half=").nth(1).unwrap().split(';').next().unwrap();
    let thief = world.server.visitor();
    let request = thief.request(Method::GET, "/w/main/").header("cookie", format!("kontor_main={half}"));
    assert_eq!(thief.send_request(request).await.status, 303);

    // A wrong code sets nothing up and keeps the key; a forged form is none.
    let wrong = send(&visitor, &asks, "000000").await.is(422);
    assert_eq!(key_of(&wrong), key);
    visitor.submit(&asks.form_to("/login/code").set("code", "1").force("csrf", "forged")).await.is(403);
    let app = Authenticator::new(&key);
    let first = app.code(0);
    let codes = send(&visitor, &wrong, &first).await.is(200);
    let recovery: Vec<String> = codes.all("li code").iter().map(|code| code.text.clone()).collect();
    assert_eq!(recovery.len(), 8, "{codes}");
    visitor.open("r/building").await;

    // From now on the code is asked, each counts once, and for one browser alone.
    let visitor = world.server.visitor();
    let asks = password(&visitor, &world).await.is(200);
    assert!(asks.path.contains("/login/code") && !asks.body.contains("<svg class=\"qr\""), "{asks}");
    send(&visitor, &asks, &first).await.is(422);
    assert_eq!(visitor.look("/w/main/").await.status, 303);
    let next = app.code(1);
    send(&visitor, &asks, &next).await.is(303);
    visitor.open("r/building").await.never_says("Set up");
    let second = world.server.visitor();
    let asks = password(&second, &world).await.is(200);
    send(&second, &asks, &next).await.is(422);
    let typed = recovery[0].to_lowercase().replace('-', " ");
    send(&second, &asks, &typed).await.is(303);
    second.open("profile").await.says("7 recovery codes are left");
    let third = world.server.visitor();
    let asks = password(&third, &world).await.is(200);
    send(&third, &asks, &recovery[0]).await.is(422);

    // Neither key nor codes lie in the database, and a new password is no way around.
    let bytes = sql::bytes(&world.server.installation);
    let plain = key.split_whitespace().collect::<String>();
    for secret in [plain.as_str(), recovery[1].as_str()] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "in the clear");
    }
    let email = world.inspector.email.as_str();
    let arguments = ["user", "password", "--email", email, "--password-stdin"];
    world.server.installation.run_with(&arguments, &format!("{}\n", world.inspector.password)).await.done();
    let asks = password(&third, &world).await.is(200);
    assert!(asks.path.contains("/login/code") && !asks.body.contains("<svg class=\"qr\""), "{asks}");

    // The demand holds on the own profile, too; whoever manages people takes it away, and it is set up anew.
    let own_page = second.look("/w/main/profile").await;
    assert_eq!(own_page.status, 303, "the new password ended the sessions");
    send(&third, &asks, &recovery[1]).await.is(303);
    let profile = third.open("profile").await.says("Your role demands it");
    let end = profile.form_to("/codes").set("code", &recovery[2]);
    let sent = end.pairs();
    let request = third
        .request(Method::POST, "/w/main/profile/second-factor/end")
        .header("origin", &third.address)
        .form(&sent);
    assert_eq!(third.send_request(request).await.status, 403);
    let boss = world.server.administrator().await;
    let id = own.get("me").await.is(200).id();
    let person = boss.open(&format!("admin/users/{id}")).await;
    boss.send(&person.form_to("/second-factor")).await.is(200);
    assert_eq!(third.look("/w/main/profile").await.status, 303, "their sessions have ended");
    let asks = password(&third, &world).await.is(200);
    assert!(asks.body.contains("<svg class=\"qr\"") && key_of(&asks) != key, "{asks}");
    let app = Authenticator::new(&key_of(&asks));
    send(&third, &asks, &app.code(0)).await.is(200);
    let finished =
        world.server.installation.run(&["user", "reset-second-factor", "--email", email]).await.done();
    assert!(finished.last_line().contains("no second factor"), "{}", finished.last_line());
    let asks = password(&third, &world).await.is(200);
    assert!(asks.body.contains("<svg class=\"qr\""), "{asks}");
    own.get("me").await.is(200);

    // Guessing is slowed down.
    let mut last = 0;
    for _ in 0..8 {
        last = send(&third, &asks, "123123").await.status;
    }
    assert_eq!(last, 429);
}

async fn people_choose_a_second_factor(engine: Engine) {
    let world = World::start(engine).await;
    let visitor = world.server.signed_in(&world.inspector).await;
    let profile = visitor.open("profile").await.says("with your password alone");
    let page = visitor.visit(&profile.link("Set it up…")).await.is(200);
    let app = Authenticator::new(&key_of(&page));
    visitor.submit(&page.form_to("/second-factor").set("code", "000000")).await.is(422);
    let codes = visitor.submit(&page.form_to("/second-factor").set("code", &app.code(0))).await.is(200);
    let recovery: Vec<String> = codes.all("li code").iter().map(|code| code.text.clone()).collect();
    let profile = visitor.open("profile").await.says("8 recovery codes are left");
    visitor.submit(&profile.form_to("/codes").set("code", "1")).await.is(422);
    let renewed = visitor.submit(&profile.form_to("/codes").set("code", &recovery[0])).await.is(200);
    let fresh: Vec<String> = renewed.all("li code").iter().map(|code| code.text.clone()).collect();
    assert!(fresh.len() == 8 && fresh.iter().all(|code| !recovery.contains(code)));
    let other = world.server.visitor();
    let asks = password(&other, &world).await.is(200);
    send(&other, &asks, &recovery[1]).await.is(422);
    send(&other, &asks, &app.code(1)).await.is(303);

    // The administrator sees on the role's page that it is demanded of nobody, and demands it there.
    let boss = world.server.administrator().await;
    let page = boss.open("admin/roles/inspector").await;
    let form = page.form_with("second_factor");
    assert_eq!(form.value("second_factor"), "");
    let page = boss.send(&form.set("second_factor", "1")).await.is(200);
    assert_eq!(page.form_with("second_factor").value("second_factor"), "1");
    // Who turns it off proves themselves once more.
    let profile = other.open("profile").await;
    let end = profile.form_to("/codes").set("code", &fresh[0]).press("Sign in without it");
    other.send(&end).await.is(200).says("with your password alone");
    let again = world.server.visitor();
    let home = password(&again, &world).await.is(200);
    assert!(!home.path.contains("/login"), "{home}");
}
