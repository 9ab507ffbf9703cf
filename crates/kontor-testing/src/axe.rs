//! Accessibility of a page by axe-core, in both themes and on a desk and a phone.

use serde_json::Value;

use crate::browser::Browser;

/// The sizes that a page is checked in: a desk and a phone.
const SIZES: [(u32, u32); 2] = [(1440, 900), (390, 844)];
const THEMES: [&str; 2] = ["light", "dark"];
/// By how much a page is wider than the screen.
const WIDER: &str = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

/// axe-core as its makers publish it (MPL-2.0, see the licence beside it).
fn source() -> String {
    let path = crate::repository::root().join("tests/assets/axe.min.js");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All violations of the page that is open, in both themes and sizes, one line each; empty when it is clean. A page that
/// scrolls sideways is one, too.
pub async fn violations(browser: &Browser) -> Vec<String> {
    let source = source();
    let mut found = Vec::new();
    for theme in THEMES {
        emulate(browser, theme).await;
        for (width, height) in SIZES {
            browser.resize(width, height).await;
            let wide = browser.run(WIDER, Vec::new()).await;
            if wide.as_i64() != Some(0) {
                found.push(format!("{theme} {width}px: scrolls sideways by {wide}"));
            }
            browser.run(&source, Vec::new()).await;
            let result = browser
                .client
                .execute_async(
                    "const done = arguments[arguments.length - 1];
                     axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
                        .then(r => done(r.violations.map(v => [v.id, v.help, v.nodes.map(n => n.target.join(' ') + ' ' + n.html.slice(0, 120) + ' ' + (n.any[0] ? n.any[0].message : '')).slice(0, 5)])))
                        .catch(e => done([['axe', String(e), []]]));",
                    Vec::new(),
                )
                .await
                .expect("axe");
            for violation in result.as_array().expect("a list") {
                found.push(format!("{theme} {width}px: {}", line(violation)));
            }
        }
    }
    found
}

fn line(violation: &Value) -> String {
    let text = |index: usize| violation.get(index).and_then(Value::as_str).unwrap_or_default();
    let places: Vec<&str> =
        violation.get(2).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    format!("{} ({}) at {}", text(0), text(1), places.join(" | "))
}

/// Makes the system prefer a theme, as the settings of a computer do.
async fn emulate(browser: &Browser, theme: &str) {
    let session = browser.client.session_id().await.expect("a session").expect("a session id");
    let answer = crate::client()
        .no_proxy()
        .build()
        .expect("a client")
        .post(format!("{}/session/{session}/goog/cdp/execute", crate::browser::driver_address()))
        .json(&serde_json::json!({
            "cmd": "Emulation.setEmulatedMedia",
            "params": { "features": [{ "name": "prefers-color-scheme", "value": theme }] }
        }))
        .send()
        .await
        .expect("the driver");
    assert!(answer.status().is_success(), "the theme could not be set");
}

/// The page that is open has no violation.
#[track_caller]
pub fn assert_clean(page: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{page} has {} violations\n{}", violations.len(), violations.join("\n"));
}
