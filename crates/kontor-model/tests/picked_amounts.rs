//! Formulas that pick one of several amounts of money: which they pick, and in which currency it is.
#![allow(clippy::unwrap_used, reason = "tests")]

use chrono::Utc;
use chrono_tz::Tz;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::filter::{FilterContext, OwnFields};
use kontor_model::formula::{Currency, Formula};
use kontor_model::{Decimal, Model, Record, Value, built_in};
use serde_json::json;

/// What is picked stays as it is; what is added up is converted; what has no rate is there all the same.
/// The name of a field with its amount, its currency, and what it is worth.
type Paid<'a> = (&'a str, (i64, &'a str, Option<i64>));

#[test]
fn amounts_that_are_picked_keep_their_currency() {
    let amount = |title: &str| json!({ "kind": "money", "title": title });
    let mut set: DefinitionSet = built_in::definitions();
    let offer = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "offer", "title": "Offer",
        "type": "object", "properties": { "x": amount("X"), "y": amount("Y"), "z": amount("Z"),
            "paid": { "kind": "boolean", "title": "Paid" } } });
    set.insert((DefinitionKind::Entity, "offer".into()), offer);
    let model = Model::compile(1, set);
    let offer = model.entity("offer").unwrap();
    let context = FilterContext::at(Utc::now(), Tz::UTC);
    // Amount, currency, worth in the workspace's (EUR); nobody knows what a pound is worth.
    let (pounds, dollars, euros) = ((10, "GBP", None), (10, "USD", Some(8)), (9, "EUR", Some(9)));
    let of = |given: &[Paid], source: &str| {
        let mut record = Record::empty(offer);
        record.set(offer.field_index("paid").unwrap(), Value::Boolean(true));
        for (name, (number, currency, worth)) in given {
            let index = offer.field_index(name).unwrap();
            record.set(index, Value::Decimal(Decimal::from(*number)));
            record.set(offer.currency_of(index).unwrap().index, Value::text(*currency));
            let worth = worth.map_or(Value::Empty, |worth| Value::Decimal(Decimal::from(worth)));
            record.set(offer.converted_of(index).unwrap().index, worth);
        }
        let formula = Formula::parse(source, offer, &model).unwrap();
        let worked = formula.work_out(&OwnFields { record: &record, old: None }, &context);
        let counted = match worked.counted {
            Currency::One(code) => code,
            counted => format!("{counted:?}"),
        };
        (
            worked.value.as_decimal().map_or_else(String::new, |number| number.normalized().to_string()),
            counted,
        )
    };
    for (given, source, value, currency) in [
        (vec![("x", pounds), ("y", euros)], "coalesce(x, y)", "10", "GBP"),
        (vec![("x", dollars), ("y", euros)], "coalesce(x, y)", "10", "USD"),
        (vec![("y", euros), ("z", pounds)], "coalesce(x, y, z)", "9", "EUR"),
        (vec![("x", pounds), ("y", euros)], "coalesce(z, x, y)", "10", "GBP"),
        (vec![("x", dollars), ("y", euros)], "if paid { x } else { y }", "10", "USD"),
        (vec![("x", dollars), ("y", euros)], "if x > y { x } else { y }", "9", "EUR"),
        (vec![("x", dollars), ("y", euros)], "x + y", "17", "Several"),
        (vec![("x", dollars), ("y", euros), ("z", dollars)], "coalesce(x + z, y)", "20", "USD"),
        (vec![("x", dollars), ("y", euros)], "coalesce(x, y) * 2", "16", "Several"),
        // What a pound is worth is not known, and nine euros are not what it is worth.
        (vec![("x", pounds), ("y", euros)], "coalesce(x, y) + y", "", "Several"),
        (vec![("x", pounds), ("y", euros)], "coalesce(x + y, y)", "", "Several"),
        (vec![("x", pounds), ("y", euros)], "if is_empty(x) { y } else { x }", "10", "GBP"),
        (vec![("y", euros), ("z", dollars)], "coalesce(x, y) + z", "17", "Several"),
    ] {
        assert_eq!(of(&given, source), (value.to_owned(), currency.to_owned()), "{source} of {given:?}");
    }
}
