//! The harness itself: what it starts works, and its checks can fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use kontor_testing::{Browser, Engine, Installation, axe, sql};

#[tokio::test]
async fn a_throw_away_postgresql_answers() {
    if !Engine::Postgres.is_here() {
        return;
    }
    let installation = Installation::new(Engine::Postgres);
    let connection = sql::open(&installation).await;
    assert_eq!(sql::number(&connection, "select 41::bigint + 1").await, 42);
}

const CLEAN: &str = "data:text/html,<!doctype html><html lang=en><title>Clean</title><main><h1>Clean</h1><p id=p>before</p></main><script>p.textContent='after'</script>";
const FAULTY: &str = "data:text/html,<!doctype html><html lang=en><title>Faulty</title><main><h1>Faulty</h1><img src=x><input name=n></main>";

#[tokio::test]
async fn the_browser_runs_scripts_only_when_it_may() {
    for javascript in [true, false] {
        let Some(browser) = Browser::open("http://127.0.0.1:1", javascript).await else {
            return;
        };
        browser.client.goto(CLEAN).await.expect("a page");
        let shown = browser.text().await;
        assert_eq!(shown.contains("after"), javascript, "{shown}");
        browser.close().await;
    }
}

#[tokio::test]
async fn a_window_can_be_as_narrow_as_a_phone() {
    let Some(browser) = Browser::open("http://127.0.0.1:1", true).await else { return };
    browser.client.goto(CLEAN).await.expect("a page");
    for width in [360, 390, 1440] {
        browser.resize(width, 800).await;
        let inner = browser.run("return window.innerWidth", Vec::new()).await;
        assert_eq!(inner.to_string(), width.to_string());
    }
    browser.close().await;
}

#[tokio::test]
async fn a_failing_script_is_seen_in_the_console() {
    let Some(browser) = Browser::open("http://127.0.0.1:1", true).await else { return };
    browser.client.goto(CLEAN).await.expect("a page");
    assert!(browser.console_errors().await.is_empty());
    browser.client.goto("data:text/html,<script>missing()</script>").await.expect("a page");
    let errors = browser.console_errors().await.join("\n");
    assert!(errors.contains("missing"), "{errors}");
    browser.close().await;
}

#[tokio::test]
async fn axe_finds_what_is_wrong_and_nothing_else() {
    let Some(browser) = Browser::open("http://127.0.0.1:1", true).await else {
        return;
    };
    browser.client.goto(CLEAN).await.expect("a page");
    axe::assert_clean("a clean page", &axe::violations(&browser).await);
    browser.client.goto(FAULTY).await.expect("a page");
    let found = axe::violations(&browser).await.join("\n");
    assert!(found.contains("image-alt") && found.contains("label"), "{found}");
    assert!(found.contains("dark 390px") && found.contains("light 1440px"), "{found}");
    browser.close().await;
}
