//! Decision tables, held to their rows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use chrono::NaiveDate;
use serde_json::json;

use super::Table;
use crate::Json;
use crate::kind::ParseContext;
use crate::locale::Catalogue;

fn discounts() -> Json {
    json!({
        "name": "discounts", "title": "Discounts",
        "inputs": [ { "name": "tier", "kind": "text" }, { "name": "amount", "kind": "money", "match": "at_least" } ],
        "outputs": [ { "name": "rate", "kind": "percent" }, { "name": "note", "kind": "text" } ],
        "rows": [
            { "cells": { "tier": "gold", "amount": 1000, "rate": 15 } },
            { "cells": { "tier": "gold", "rate": 10, "note": "small" } },
            { "cells": { "rate": 0 } }
        ],
        "versions": [ { "name": "v2", "valid_from": "2027-01-01", "rows": [ { "cells": { "rate": 5 } } ] } ]
    })
}

fn ask(table: &Table, inputs: &Json, day: &str) -> Json {
    let catalogue = Catalogue::default();
    table.ask(inputs, day.parse::<NaiveDate>().unwrap(), &ParseContext::neutral(&catalogue)).unwrap()
}

#[test]
fn the_first_row_that_fits_answers() {
    let table = Table::compile("discounts", &discounts()).unwrap();
    let rate = |inputs: Json, day: &str| ask(&table, &inputs, day)["rate"].to_string();
    assert_eq!(rate(json!({ "tier": "gold", "amount": 1000 }), "2026-05-01"), "15");
    assert_eq!(rate(json!({ "tier": "gold", "amount": "999.99" }), "2026-05-01"), "10");
    assert_eq!(rate(json!({ "tier": "gold" }), "2026-05-01"), "10", "an empty input fits what asks nothing");
    assert_eq!(rate(json!({ "tier": "tin" }), "2026-05-01"), "0");
    assert_eq!(rate(json!({ "tier": "gold", "amount": 1000 }), "2027-01-01"), "5", "from that day on");
    let catalogue = Catalogue::default();
    let wrong = table.ask(&json!({ "colour": "red" }), NaiveDate::MIN, &ParseContext::neutral(&catalogue));
    assert_eq!(wrong.unwrap_err().0.first().unwrap().code, "unknown_key");
    assert!(table.warnings.is_empty());
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let mut wrong = discounts();
    wrong["inputs"][0]["match"] = json!("at_least");
    wrong["rows"][1]["cells"]["rate"] = json!("much");
    wrong["rows"][2]["cells"]["colour"] = json!("red");
    wrong["versions"][0]["valid_from"] = json!("soon");
    let found = Table::compile("discounts", &wrong).unwrap_err();
    let places: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        places,
        ["/inputs/0/match", "/rows/1/cells/rate", "/rows/2/cells/colour", "/versions/0/valid_from"]
    );
}

#[test]
fn a_row_that_is_never_reached_is_warned_of() {
    let mut odd = discounts();
    odd["rows"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "cells": { "tier": "gold", "amount": 5000, "rate": 20 } }));
    let table = Table::compile("discounts", &odd).unwrap();
    let warning = table.warnings.iter().next().unwrap();
    assert_eq!((warning.path.as_str(), warning.warning), ("/rows/3", true));
}
