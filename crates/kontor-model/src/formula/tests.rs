//! Formulas: reading, typing and values.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use chrono::{NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::filter::OwnFields;
use crate::{Decimal, Record, built_in};

fn model() -> Model {
    let mut set: DefinitionSet = built_in::definitions();
    let trip = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "trip", "title": "Trip", "plural": "Trips",
        "type": "object", "display": "name", "properties": {
            "name": { "kind": "text", "title": "Name" }, "nights": { "kind": "integer", "title": "Nights" },
            "cost": { "kind": "money", "title": "Cost" }, "rate": { "kind": "percent", "title": "Rate" },
            "paid": { "kind": "boolean", "title": "Paid" }, "day": { "kind": "date", "title": "Day" },
            "state": { "kind": "choice", "title": "State", "oneOf": [ { "const": "on", "title": "On" } ] },
            "missing": { "kind": "decimal", "title": "Missing" } } });
    set.insert((DefinitionKind::Entity, "trip".into()), trip);
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    model
}

fn value(source: &str) -> Value {
    let model = model();
    let trip = model.entity("trip").unwrap();
    let mut record = Record::empty(trip);
    let mut set = |name: &str, value: Value| record.set(trip.field_index(name).unwrap(), value);
    set("name", Value::text("Über 山"));
    set("nights", Value::Integer(7));
    set("cost", Value::Decimal(Decimal::new(12_345_600, 4)));
    set("rate", Value::Decimal(Decimal::new(125_000, 4)));
    set("paid", Value::Boolean(true));
    set("day", Value::Date(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()));
    let formula =
        Formula::parse(source, trip, &model).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    let context = FilterContext::at(Utc.with_ymd_and_hms(2026, 3, 27, 12, 0, 0).unwrap(), Tz::UTC);
    formula.evaluate(&OwnFields { record: &record, old: None }, &context)
}

fn shown(source: &str) -> String {
    match value(source) {
        Value::Empty => "()".into(),
        Value::Boolean(flag) => flag.to_string(),
        value => function::shown(&value),
    }
}

#[test]
fn expressions_are_computed() {
    for (source, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-2 * -3", "6"),
        ("7 / 2", "3.5"),
        // Outside of the calendar is nothing, and never the day itself.
        ("day + 3000000", "()"),
        ("add_days(day, -2000000000)", "()"),
        ("add_months(day, 120000)", "()"),
        ("1 / 3", "0.33333333"),
        ("2 / 3", "0.66666667"),
        ("-7 % 3", "-1"),
        ("7.5 % 2", "1.5"),
        ("0.1 + 0.2 == 0.3", "true"),
        ("cost * rate / 100", "154.32"),
        ("cost - 0.56", "1234"),
        ("1 < 2 && !(2 < 1)", "true"),
        ("1 > 2 || paid", "true"),
        ("if nights > 5 { \"long\" } else if nights > 2 { \"short\" } else { \"day\" }", "long"),
        ("if(nights > 9, 1, 2)", "2"),
        ("if (nights > 9) && paid { 1 } else { 2 }", "2"),
        ("if nights > 9 { 1 }", "()"),
        ("name + \" (\" + nights + \")\"", "Über 山 (7)"),
        ("upper(name)", "ÜBER 山"),
        ("length(name)", "6"),
        ("left(name, 2) + right(name, 1)", "Üb山"),
        ("replace(name, \"Über \", '')", "山"),
        ("contains(name, \"BER\")", "true"),
        ("trim(\"  a \")", "a"),
        ("concat(name, 1.50, day)", "Über 山1.52026-01-31"),
        ("round(2.345, 2)", "2.35"),
        ("round(-2.5)", "-3"),
        ("floor(-2.5)", "-3"),
        ("ceil(2.1)", "3"),
        ("abs(-2.5)", "2.5"),
        ("min(3, nights, 5)", "3"),
        ("max(day, date(2027, 1, 1))", "2027-01-01"),
        ("today()", "2026-03-27"),
        ("days_between(day, today())", "55"),
        ("day + 1", "2026-02-01"),
        ("add_months(day, 1)", "2026-02-28"),
        ("year(day) * 100 + month(day)", "202601"),
        ("missing + 1", "()"),
        ("missing > 1", "()"),
        ("if missing > 1 { 1 } else { 2 }", "()"),
        ("coalesce(missing, 5) + 1", "6"),
        ("is_empty(missing)", "true"),
        ("missing == ()", "true"),
        ("nights != ()", "true"),
        ("1 / 0", "()"),
        ("date(2026, 2, 30)", "()"),
        // A Friday, and the Tuesday after it.
        ("working_days(date(2026, 3, 20), date(2026, 3, 24))", "2"),
        ("add_working_days(date(2026, 3, 20), 1)", "2026-03-23"),
        ("is_working_day(date(2026, 3, 22))", "false"),
        ("1_000.50 // a comment\n + 1", "1001.5"),
        ("9223372036854775807 * 9223372036854775807", "()"),
    ] {
        assert_eq!(shown(source), expected, "{source}");
    }
}

#[test]
fn mistakes_have_a_place() {
    let model = model();
    let trip = model.entity("trip").unwrap();
    for (source, code, line, column) in [
        ("", "formula_end", 1, 1),
        ("1 +", "formula_end", 1, 3),
        ("1 + \n nope", "unknown_field", 2, 2),
        ("name * 2", "formula_types", 1, 6),
        ("upper(nights)", "formula_type", 1, 7),
        ("shout(name)", "formula_unknown_function", 1, 1),
        ("round()", "formula_arguments", 1, 1),
        ("if nights { 1 }", "formula_type", 1, 4),
        ("if paid { 1 } else { \"a\" }", "formula_type", 1, 22),
        ("1 2", "formula_unexpected", 1, 3),
        ("(1", "formula_missing", 1, 2),
        ("\"open", "formula_open_text", 1, 1),
        ("1 + `a ${nights}`", "formula_interpolation", 1, 5),
        ("1 # 2", "formula_character", 1, 3),
        ("name.x", "not_a_link", 1, 1),
        ("paid < day", "formula_types", 1, 6),
    ] {
        let problem = Formula::parse(source, trip, &model).unwrap_err().0.remove(0);
        assert_eq!(
            (problem.code.as_ref(), problem.line, problem.column),
            (code, Some(line), Some(column)),
            "{source}"
        );
    }
    for (source, code) in [
        ("(".repeat(100), "too_deep"),
        ("-".repeat(200) + "1", "too_deep"),
        ("if paid {1} else ".repeat(100) + "{1}", "too_deep"),
        ("1+".repeat(1_500) + "1", "too_deep"),
        ("1+".repeat(3_000) + "1", "too_long"),
    ] {
        assert_eq!(Formula::parse(&source, trip, &model).unwrap_err().0[0].code, code);
    }
}

#[test]
fn results_fit_their_field() {
    let model = model();
    let trip = model.entity("trip").unwrap();
    let context = FilterContext::at(Utc::now(), Tz::UTC);
    let record = Record::empty(trip);
    let subject = OwnFields { record: &record, old: None };
    let result = |field: &str, source: &str| {
        Formula::parse(source, trip, &model).unwrap().evaluate_for(
            trip.field(field).unwrap(),
            &subject,
            &context,
        )
    };
    assert_eq!(result("nights", "5 / 2"), Value::Integer(3));
    let Value::Decimal(cost) = result("cost", "2 / 3") else { panic!("no amount") };
    assert_eq!(cost.to_string(), "0.6667");
    assert_eq!(result("state", "\"on\""), Value::text("on"));
    assert_eq!(result("state", "\"off\""), Value::Empty);
    let formula = Formula::parse("owner.team.name + name", trip, &model).unwrap();
    let reads: Vec<String> = formula.reads.iter().map(|path| path.name(&model)).collect();
    assert_eq!(reads, ["owner.team.name", "name"]);
    assert!(
        !formula.depends_on_today && Formula::parse("year(today())", trip, &model).unwrap().depends_on_today
    );
}

#[test]
fn measures_are_worked_out_over_measures() {
    let formula = MeasureFormula::parse("won * 100 / (won + lost)", &["won", "lost", "n"]).unwrap();
    assert_eq!(formula.names, ["won", "lost"]);
    let number = |won: i64, lost: i64| {
        formula.evaluate(&|name| Some(Decimal::from(if name == "won" { won } else { lost })))
    };
    assert_eq!(number(3, 1), Some("75".parse().unwrap()));
    assert_eq!(number(0, 0), None);
    assert_eq!(formula.evaluate(&|_| None), None);
    let problem = MeasureFormula::parse("won / all", &["won"]).unwrap_err().0.remove(0);
    assert_eq!((problem.code.as_ref(), problem.column), ("formula_unknown_name", Some(7)));
    assert_eq!(MeasureFormula::parse("\"a\"", &[]).unwrap_err().0[0].code, "formula_type");
}
