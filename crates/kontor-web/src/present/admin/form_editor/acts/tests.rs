//! Buttons of the form editor: what each makes of a form.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use kontor_model::{Model, built_in};

use super::*;
use crate::frame::address;

fn form() -> Json {
    json!({ "name": "visit", "tabs": [
        { "name": "main", "sections": [
            { "name": "a", "items": ["x", { "field": "y" }] }, { "name": "b", "items": [] } ] },
        { "name": "more", "sections": [ { "name": "a", "items": [] } ] } ] })
}

fn entity() -> Arc<EntityModel> {
    let model = Model::compile(1, built_in::definitions());
    Arc::clone(model.entity("user").unwrap())
}

fn pressed(body: &str) -> (Json, Done) {
    let mut changed = form();
    let done = apply(
        &mut changed,
        &entity(),
        &NewWords { tab: "New tab".into() },
        0,
        &Form(address::pairs(body.as_bytes())),
    );
    (changed, done.unwrap_or_else(|| panic!("{body} is no button")))
}

fn sections(body: &str) -> Json {
    pressed(body).0.pointer("/tabs/0/sections").cloned().unwrap_or_default()
}

#[test]
fn every_button_does_what_it_says() {
    assert_eq!(sections("_down=a/x")[0]["items"], json!([{ "field": "y" }, "x"]));
    assert_eq!(sections("_up=a/x")[0]["items"], json!(["x", { "field": "y" }]));
    assert_eq!(sections("_off=a/y")[0]["items"], json!(["x"]));
    assert_eq!(sections("_place=b&pick=z")[1]["items"], json!(["z"]));
    assert_eq!(
        sections("_place=b&pick=related:visits")[1]["items"],
        json!([{ "name": "visits", "related": "visits" }])
    );
    assert_eq!(sections("_section_down=a")[0]["name"], "b");
    assert_eq!(sections("_section_drop=a").as_array().map(Vec::len), Some(1));
    assert_eq!(sections("_add=section")[2]["name"], "section");
    assert_eq!(
        sections("_save=1&section.a.title=Cost&section.a.columns=3")[0],
        json!({ "name": "a", "items": ["x", { "field": "y" }], "title": "Cost", "columns": 3 })
    );
    assert_eq!(sections("_text=b")[1]["items"], json!([{ "name": "text", "text": "…" }]));
    assert!(apply(&mut form(), &entity(), &NewWords::default(), 0, &Form::default()).is_none());
}

#[test]
fn what_goes_beyond_its_section_goes_into_the_next() {
    let moved = sections("_down=a/y");
    assert_eq!((&moved[0]["items"], &moved[1]["items"]), (&json!(["x"]), &json!([{ "field": "y" }])));
    let (moved, done) = pressed("_save=1&item=a/x&item.section=b");
    assert_eq!(moved["tabs"][0]["sections"][1]["items"], json!(["x"]));
    assert_eq!(done.item.as_deref(), Some("b/x"));
    // To another tab it goes as it is.
    let (moved, done) = pressed("_save=1&item=a/y&item.title=Why&item.section=more/a");
    assert_eq!(moved["tabs"][0]["sections"][0]["items"], json!(["x"]));
    assert_eq!(moved["tabs"][1]["sections"][0]["items"], json!([{ "field": "y", "title": "Why" }]));
    assert_eq!((done.tab.as_deref(), done.item.as_deref()), (Some("more"), Some("a/y")));
}

#[test]
fn tabs_come_and_go() {
    let (added, done) = pressed("_tab=add");
    assert_eq!((added["tabs"][2]["name"].as_str(), done.tab.as_deref()), (Some("tab"), Some("tab")));
    assert_eq!(added["tabs"][2]["title"], "New tab");
    let (moved, done) = pressed("_tab=right&tab.title=First");
    assert_eq!((moved["tabs"][1]["title"].as_str(), done.tab.as_deref()), (Some("First"), Some("main")));
    assert_eq!(pressed("_tab=drop").0["tabs"].as_array().map(Vec::len), Some(1));
    let (moved, done) = pressed("_save=1&item=a/&item.tab=more&item.folded=1");
    assert_eq!(moved["tabs"][1]["sections"][1]["name"], "a_2");
    assert_eq!(moved["tabs"][1]["sections"][1]["collapsed"], true);
    assert_eq!((done.tab.as_deref(), done.item.as_deref()), (Some("more"), Some("a_2/")));
}

#[test]
fn things_are_described_and_written_short() {
    let described = sections(
        "_save=1&item=a/x&item.title=Ex&item.wide=1&item.section=a&where.1.field=name&where.1.operator=eq&where.1.value=Z",
    );
    assert_eq!(
        described[0]["items"][0],
        json!({ "field": "x", "title": "Ex", "wide": true, "visible_when": { "field": "name", "eq": "Z" } })
    );
    assert_eq!(sections("_save=1&item=a/y&item.section=a")[0]["items"][1], json!("y"));
    let (form, _) = pressed("_save=1&form.title=Visit&form.role=manager&form.type=&form.channel=internal");
    assert_eq!((form["roles"].clone(), form.get("channel")), (json!(["manager"]), None));
}
