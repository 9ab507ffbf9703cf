//! One filter, three evaluations: in memory, in SQLite and in PostgreSQL, over random records and random filters.

use std::collections::HashMap;

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Has, Subject, matches};
use kontor_model::kind::ParseContext;
use kontor_model::locale::Catalogue;
use kontor_model::value::AnyLink;
use kontor_model::{Filter, Json, Record, Value};
use kontor_store::{CommitUnit, JournalChange, JournalRow, PageQuery, Write};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::workspace::{Workspace, context, date, decimal, list, moment, on_postgres, on_sqlite, text};

/// All records of the test, by entity and id: memory's side of the comparison.
struct Memory<'a> {
    workspace: &'a Workspace,
    records: &'a HashMap<(String, Uuid), Record>,
    journal: &'a [JournalRow],
}

struct InMemory<'a> {
    memory: &'a Memory<'a>,
    entity: String,
    record: &'a Record,
}

impl Subject for InMemory<'_> {
    fn value(&self, path: &FieldPath) -> Value {
        let mut record = self.record;
        for hop in &path.hops {
            let Some(id) = record.at(hop.field).as_id() else { return Value::Empty };
            let Some(next) = self.memory.records.get(&(hop.to.clone(), id)) else { return Value::Empty };
            if !next.at(system::DELETED_AT).is_empty() {
                return Value::Empty;
            }
            record = next;
        }
        record.at(path.field).clone()
    }

    fn past(&self, path: &FieldPath) -> Vec<Value> {
        let at_end = FieldPath { field: system::ID, ..path.clone() };
        let Some(id) = self.value(&at_end).as_id() else { return Vec::new() };
        let field = &self.memory.workspace.entity(&path.entity).fields[path.field];
        let catalogue = Catalogue::default();
        let context = ParseContext::neutral(&catalogue);
        let rows = self.memory.journal.iter().filter(|row| row.entity == path.entity && row.record == id);
        let changes = rows.flat_map(|row| &row.changes).filter(|change| change.field == field.name);
        let told = changes.flat_map(|change| [&change.old, &change.new]);
        told.filter_map(|json| field.kind.parse_json(field, json, &context).ok()).collect()
    }

    fn count(&self, has: &Has) -> u64 {
        let points_here = |value: &Value| match value {
            Value::Id(id) => *id == self.record.id(),
            Value::AnyLink(link) => link.id == self.record.id() && link.entity == self.entity,
            _ => false,
        };
        let related = self.memory.records.iter().filter(|((entity, _), record)| {
            *entity == has.entity
                && points_here(record.at(has.field))
                && record.at(system::DELETED_AT).is_empty()
                && self.memory.holds(&has.entity, record, &has.filter)
        });
        related.count() as u64
    }
}

impl Memory<'_> {
    fn holds(&self, entity: &str, record: &Record, filter: &Filter) -> bool {
        let subject = InMemory { memory: self, entity: entity.to_owned(), record };
        let mut context = context();
        context.user = Some(user(1));
        matches(filter, &subject, &context)
    }

    fn matching(&self, entity: &str, filter: &Filter) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self
            .records
            .iter()
            .filter(|((name, _), record)| {
                name == entity
                    && record.at(system::DELETED_AT).is_empty()
                    && self.holds(entity, record, filter)
            })
            .map(|((_, id), _)| *id)
            .collect();
        ids.sort_unstable();
        ids
    }

    fn title(&self, id: Uuid) -> String {
        let record = &self.records[&("order".to_owned(), id)];
        let entity = self.workspace.entity("order");
        let values: Vec<String> = entity
            .own_fields()
            .filter(|field| !record.at(field.index).is_empty())
            .map(|field| format!("{}={:?}", field.name, record.at(field.index)))
            .collect();
        values.join(" ")
    }
}

fn user(number: u128) -> Uuid {
    Uuid::from_u128(0xa000 + number)
}

fn company(number: u128) -> Uuid {
    Uuid::from_u128(0xc000 + number)
}

const TEXTS: [&str; 9] = ["", "a", "A", "Ab", "äb", "ÄB", "x%_", "上海", "z\u{10ffff}"];
const NUMBERS: [&str; 8] = ["", "0", "-1", "0.01", "0.009", "1.5", "92233720368547758.07", "-3.141"];
const DATES: [&str; 6] = ["", "2026-03-17", "2026-03-18", "2026-03-31", "2025-12-31", "2024-02-29"];
const MOMENTS: [&str; 6] = [
    "",
    "2026-03-18T09:30:00Z",
    "2026-03-17T23:00:00Z",
    "2026-03-17T22:59:59.999Z",
    "1969-12-31T23:59:59.5Z",
    "2026-03-29T01:00:00Z",
];
const OPTIONS: [&str; 4] = ["", "open", "won", "lost"];
const TAGS: [&[&str]; 5] = [&[], &["red"], &["green"], &["red", "green"], &["red", "green", "blue"]];

/// Family and given name.
const NAMES: [(&str, &str); 6] =
    [("Lee", "Ann"), ("van Lee", "Änne"), ("王", "小明"), ("", "Ann"), ("Lee", ""), ("Annlee", "Bo")];
const TELEPHONES: [&str; 5] = ["+49 (89) 123-45", "089/12345", "555.1234 x12", "", "１２３４５"];
const SPOTS: [&str; 3] = ["52.52", "-0.5", "52.520001"];

fn name_of((family, given): (&str, &str)) -> Json {
    let parts = [("family", family), ("given", given)].into_iter().filter(|(_, text)| !text.is_empty());
    Json::Object(parts.map(|(part, text)| (part.to_owned(), text.into())).collect())
}

fn spot_of(degrees: &str) -> Json {
    let number: Json = serde_json::from_str(degrees).unwrap();
    json!({ "lat": number, "lon": number })
}

/// The records: every field runs through its values at its own pace, so that most pairs occur.
fn records(workspace: &Workspace) -> HashMap<(String, Uuid), Record> {
    let mut records = HashMap::new();
    for number in 0..8_u128 {
        let at = |step: u128, count: usize| (number * step) as usize % count;
        let mut values = vec![("name", text(&format!("{}{number}", TEXTS[at(3, 9)])))];
        values.push(("city", text(TEXTS[at(5, 9)])));
        if number % 3 > 0 {
            values.push(("parent", Value::Id(company(number / 2))));
        }
        let mut record = workspace.record("company", &values);
        record.set(system::ID, Value::Id(company(number)));
        if number == 6 {
            record.set(system::DELETED_AT, moment("2026-01-01T00:00:00Z"));
        }
        records.insert(("company".to_owned(), company(number)), record);
    }
    for number in 0..72_u128 {
        let at = |step: u128, count: usize| ((number * step + number / 7) as usize) % count;
        let id = Uuid::from_u128(0xf000 + number);
        let whole = |text: &str| text.parse().map_or(Value::Empty, Value::Integer);
        let scaled = |words: &str| match words {
            "" => Value::Empty,
            words => match decimal(words) {
                Value::Decimal(decimal) => Value::Decimal(decimal.rescale(2).unwrap()),
                other => other,
            },
        };
        let mut values = vec![
            ("title", text(TEXTS[at(1, 9)])),
            ("number", text(&format!("N{number}"))),
            ("amount", scaled(NUMBERS[at(1, 8)])),
            ("price", scaled(NUMBERS[at(3, 8)].trim_start_matches("92233720368547758.07"))),
            ("price_currency", text(["EUR", "USD", "EUR", ""][at(1, 4)])),
            ("price.converted", scaled(["1.5", "0.01", "", "7", "1.5"][at(1, 5)])),
            ("fee", scaled(["1.5", "-1", "0.01", "", "1.5"][at(1, 5)])),
            ("fee_currency", text(["EUR", "USD", "USD"][at(1, 3)])),
            ("fee.converted", scaled(["1.5", "-1", "7", "1.4"][at(1, 4)])),
            ("pieces", whole(NUMBERS[at(5, 8)])),
            ("due", DATES[at(1, 6)].parse().map_or(Value::Empty, Value::Date)),
            ("shipped", MOMENTS[at(5, 6)].parse().map_or(Value::Empty, Value::DateTime)),
            ("stage", text(OPTIONS[at(1, 4)])),
            ("tags", if TAGS[at(2, 5)].is_empty() { Value::Empty } else { list(TAGS[at(2, 5)]) }),
        ];
        if number % 4 > 0 {
            values.push(("contact", Value::Json(name_of(NAMES[at(1, 6)]))));
            values.push(("tel", text(TELEPHONES[at(1, 5)])));
            values.push(("spot", Value::Json(spot_of(SPOTS[at(1, 3)]))));
        }
        if number % 5 > 0 {
            values.push(("company", Value::Id(company(number % 9))));
        }
        if number % 3 > 0 {
            values.push(("paid", Value::Boolean(number % 3 == 1)));
        }
        match number % 4 {
            0 => {}
            1 => values.push((
                "about",
                Value::AnyLink(AnyLink { entity: "order".into(), id: Uuid::from_u128(0xf000 + number / 2) }),
            )),
            _ => values.push((
                "about",
                Value::AnyLink(AnyLink { entity: "company".into(), id: company(number % 8) }),
            )),
        }
        if number % 2 > 0 {
            values.push(("owner", Value::Id(user(number % 3))));
        }
        let mut record = workspace.record("order", &values);
        record.set(system::ID, Value::Id(id));
        if number % 17 == 5 {
            record.set(system::DELETED_AT, moment("2026-01-01T00:00:00Z"));
        }
        records.insert(("order".to_owned(), id), record);
    }
    records
}

/// What the records were before: each takes over what others are.
fn journal(workspace: &Workspace, records: &HashMap<(String, Uuid), Record>) -> Vec<JournalRow> {
    let mut rows = Vec::new();
    let fields = ["title", "stage", "amount", "pieces", "due", "shipped", "paid", "company", "owner"];
    let told = |entity: &str, id: Uuid, like: Uuid, name: &str| {
        let field = workspace.entity(entity).field(name).unwrap();
        let value = records[&(entity.to_owned(), like)].at(field.index).clone();
        let json = if value.is_empty() { Json::Null } else { field.kind.to_json(field, &value) };
        let change = JournalChange { field: name.to_owned(), old: Json::Null, new: json.clone() };
        let turned = JournalChange { old: json, new: Json::Null, ..change.clone() };
        JournalRow {
            id: Uuid::now_v7(),
            at: super::workspace::now(),
            entity: entity.to_owned(),
            record: id,
            version: 1,
            action: "update".into(),
            actor: None,
            on_behalf: None,
            cause: None,
            run: None,
            changes: vec![if like.as_u128().is_multiple_of(2) { change } else { turned }],
        }
    };
    for number in 0..72_u128 {
        let order = |number: u128| Uuid::from_u128(0xf000 + number % 72);
        for (step, name) in (1..).zip(fields).filter(|(step, _)| (number + step) % 3 > 0) {
            rows.push(told("order", order(number), order(number + step), name));
        }
    }
    for number in 0..8 {
        rows.push(told("company", company(number), company((number + 1) % 8), "city"));
    }
    rows
}

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(values.iter().copied().filter(|value| !value.is_empty()).collect::<Vec<_>>())
}

/// Numbers that a condition may name: in the scale of both fields.
fn number() -> impl Strategy<Value = Json> {
    one_of(&["0", "-1", "0.01", "1.5", "-3.14", "900000000000.07"])
        .prop_map(|text| serde_json::from_str(text).unwrap())
}

/// A condition on a field of a path with every operator that fits.
#[expect(clippy::too_many_lines, reason = "one list of all kinds of condition")]
fn leaf() -> impl Strategy<Value = Json> {
    let words = ["title", "company.name", "company.city", "company.parent.name"];
    let text_leaf = (
        proptest::sample::select(words.to_vec()),
        one_of(&[
            "eq",
            "ne",
            "lt",
            "lte",
            "gt",
            "gte",
            "contains",
            "not_contains",
            "starts_with",
            "ends_with",
        ]),
        one_of(&TEXTS),
    )
        .prop_map(|(field, operator, value)| json!({ "field": field, operator: value }));
    let text_list = (
        proptest::sample::select(words.to_vec()),
        one_of(&["in", "not_in"]),
        proptest::collection::vec(one_of(&TEXTS), 1..3),
    )
        .prop_map(|(field, operator, values)| json!({ "field": field, operator: values }));
    let order = || one_of(&["eq", "ne", "lt", "lte", "gt", "gte"]);
    let numbers = (one_of(&["amount", "price"]), order(), number())
        .prop_map(|(field, operator, value)| json!({ "field": field, operator: value }));
    let pieces =
        (order(), -2_i64..3).prop_map(|(operator, value)| json!({ "field": "pieces", operator: value }));
    let between =
        (one_of(&["amount", "price"]), number(), number(), 0..4).prop_map(|(field, from, to, known)| {
            match known {
                0 => json!({ "field": field, "between": [from, { "field": "fee" }] }),
                1 => json!({ "field": field, "in": [from, { "field": "price" }, to] }),
                2 => json!({ "field": field, "not_in": [{ "field": "pieces" }, to] }),
                _ => json!({ "field": field, "between": [from, to] }),
            }
        });
    let dates =
        (order(), one_of(&DATES)).prop_map(|(operator, value)| json!({ "field": "due", operator: value }));
    let moments = (order(), one_of(&MOMENTS))
        .prop_map(|(operator, value)| json!({ "field": "shipped", operator: value }));
    let periods = [
        "today",
        "yesterday",
        "tomorrow",
        "past",
        "future",
        "this_week",
        "last_month",
        "this_quarter",
        "last_year",
        "last_n_days:10",
        "next_n_days:20",
        "older_than_1y",
        "month_to_date",
        "year_to_date",
    ];
    let within = (one_of(&["due", "shipped"]), proptest::sample::select(periods.to_vec()))
        .prop_map(|(field, period)| json!({ "field": field, "within": period }));
    let relative = (
        one_of(&["due", "shipped"]),
        one_of(&["lt", "gte"]),
        one_of(&["+0d", "-1mo", "+13d", "-15m", "-2wd", "+5wh"]),
    )
        .prop_map(|(field, operator, offset)| json!({ "field": field, operator: { "now": offset } }));
    let stages = (one_of(&["in", "not_in"]), proptest::collection::vec(one_of(&OPTIONS), 1..3))
        .prop_map(|(operator, values)| json!({ "field": "stage", operator: values }));
    let stage = (one_of(&["eq", "ne"]), one_of(&OPTIONS))
        .prop_map(|(operator, value)| json!({ "field": "stage", operator: value }));
    let tags = (
        one_of(&["any_of", "all_of", "none_of"]),
        proptest::collection::vec(one_of(&["red", "green", "blue"]), 1..3),
    )
        .prop_map(|(operator, values)| json!({ "field": "tags", operator: values }));
    let paid = (one_of(&["eq", "ne"]), any::<bool>())
        .prop_map(|(operator, value)| json!({ "field": "paid", operator: value }));
    let links = (one_of(&["company", "company.parent"]), one_of(&["eq", "ne"]), 0_u128..9).prop_map(
        |(field, operator, number)| json!({ "field": field, operator: company(number).to_string() }),
    );
    let about = (one_of(&["eq", "ne"]), any::<bool>(), 0_u128..9).prop_map(|(operator, order, number)| {
        let (entity, id) =
            if order { ("order", Uuid::from_u128(0xf000 + number)) } else { ("company", company(number)) };
        json!({ "field": "about", operator: { "entity": entity, "id": id.to_string() } })
    });
    let name = || proptest::sample::select(NAMES.to_vec()).prop_map(name_of);
    let parts = prop_oneof![
        (one_of(&["eq", "ne"]), name())
            .prop_map(|(operator, value)| json!({ "field": "contact", operator: value })),
        (one_of(&["in", "not_in"]), proptest::collection::vec(name(), 1..3))
            .prop_map(|(operator, values)| json!({ "field": "contact", operator: values })),
        (
            one_of(&["contains", "not_contains"]),
            one_of(&["Ann Lee", "lee ann", "Lee, Ann", "王小明", "明", "an le", "Ann Bo", ","]),
        )
            .prop_map(|(operator, value)| json!({ "field": "contact", operator: value })),
        (
            one_of(&["contains", "not_contains", "starts_with", "ends_with"]),
            one_of(&["8912345", "(89) 12", "+49", "x12", "-", "１２", "0 8 9"]),
        )
            .prop_map(|(operator, value)| json!({ "field": "tel", operator: value })),
        (one_of(&["eq", "ne"]), one_of(&SPOTS))
            .prop_map(|(operator, value)| json!({ "field": "spot", operator: spot_of(value) })),
    ];
    let ever = prop_oneof![
        (one_of(&["title", "company.city"]), one_of(&TEXTS))
            .prop_map(|(field, value)| json!({ "field": field, "ever_was": value })),
        number().prop_map(|value| json!({ "field": "amount", "ever_was": value })),
        (-2_i64..3).prop_map(|value| json!({ "field": "pieces", "ever_was": value })),
        one_of(&OPTIONS).prop_map(|value| json!({ "field": "stage", "ever_was": value })),
        one_of(&DATES).prop_map(|value| json!({ "field": "due", "ever_was": value })),
        one_of(&MOMENTS).prop_map(|value| json!({ "field": "shipped", "ever_was": value })),
        any::<bool>().prop_map(|value| json!({ "field": "paid", "ever_was": value })),
        (0_u128..9).prop_map(|number| json!({ "field": "company", "ever_was": company(number).to_string() })),
        Just(json!({ "field": "owner", "ever_was": { "user": "id" } })),
    ];
    let mine = Just(json!({ "field": "owner", "is": "me" }));
    let fields = [
        "title",
        "number",
        "amount",
        "price",
        "pieces",
        "paid",
        "due",
        "shipped",
        "stage",
        "tags",
        "about",
        "owner",
        "company",
        "company.name",
        "company.parent",
        "company.parent.city",
    ];
    let empty = (proptest::sample::select(fields.to_vec()), any::<bool>())
        .prop_map(|(field, empty)| json!({ "field": field, "empty": empty }));
    let two = (
        proptest::sample::select(vec![
            ("amount", "price"),
            ("price", "pieces"),
            ("price", "fee"),
            ("title", "company.name"),
        ]),
        order(),
    )
        .prop_map(|((one, other), operator)| json!({ "field": one, operator: { "field": other } }));
    prop_oneof![
        text_leaf, text_list, numbers, pieces, between, dates, moments, within, relative, stages, stage,
        tags, paid, links, about, mine, empty, two, ever, parts
    ]
}

fn has() -> impl Strategy<Value = Json> {
    let inner = prop_oneof![
        Just(json!({ "field": "paid", "eq": true })),
        Just(json!({ "field": "company.name", "empty": false })),
        Just(json!({ "not": { "field": "amount", "gt": 0 } })),
    ];
    (one_of(&["has", "has_no"]), inner, 0_u64..4).prop_map(|(word, inner, count)| {
        if word == "has" {
            json!({ "has": "orders", "where": inner, "count": { "gte": count } })
        } else {
            json!({ "has_no": "orders", "where": inner })
        }
    })
}

fn combined(leaf: impl Strategy<Value = Json> + 'static) -> impl Strategy<Value = Json> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|parts| json!({ "all": parts })),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|parts| json!({ "any": parts })),
            inner.prop_map(|part| json!({ "not": part })),
        ]
    })
}

async fn in_database(workspace: &Workspace, entity: &str, filter: &Filter) -> Vec<Uuid> {
    let query = PageQuery {
        entity: entity.into(),
        select: workspace.paths(entity, &["id"]),
        filter: filter.clone(),
        sort: workspace.sort(entity, &["id"]),
        limit: 1_000,
        ..PageQuery::default()
    };
    let mut context = context();
    context.user = Some(user(1));
    let page = workspace.store.page(&workspace.model, &workspace.access, &query, &context).await;
    page.unwrap_or_else(|error| panic!("{error}: {filter:?}"))
        .rows
        .iter()
        .map(|row| row[0].as_id().unwrap())
        .collect()
}

fn compare(entity: &'static str, filters: impl Strategy<Value = Json>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let [sqlite, postgres] = runtime.block_on(async {
        let both = [on_sqlite().await, on_postgres().await];
        let records = records(&both[0]);
        for workspace in &both {
            for name in ["company", "order"] {
                let of_entity = records.iter().filter(|((entity, _), _)| entity == name);
                workspace.insert(name, of_entity.map(|(_, record)| record.clone()).collect()).await;
            }
            let rows = journal(workspace, &records).into_iter().map(Write::Journal).collect();
            let unit = CommitUnit { writes: rows, ..CommitUnit::default() };
            workspace.store.commit(&workspace.model, unit).await.unwrap();
        }
        both
    });
    let records = records(&sqlite);
    let journal = journal(&sqlite, &records);
    let memory = Memory { workspace: &sqlite, records: &records, journal: &journal };
    let seed = kontor_testing::seed("filters in memory and databases");
    let result = kontor_testing::runner(1_500, seed).run(&filters, |json| {
        let filter = sqlite.filter(entity, &json);
        let expected = memory.matching(entity, &filter);
        for (name, workspace) in [("SQLite", &sqlite), ("PostgreSQL", &postgres)] {
            let found = runtime.block_on(in_database(workspace, entity, &filter));
            let too_few: Vec<&Uuid> = expected.iter().filter(|id| !found.contains(id)).collect();
            let too_many: Vec<&Uuid> = found.iter().filter(|id| !expected.contains(id)).collect();
            let example = too_few.first().or(too_many.first()).map(|id| match entity {
                "order" => memory.title(**id),
                _ => id.to_string(),
            });
            prop_assert!(
                example.is_none(),
                "{name} and {json}: missing {too_few:?}, too many {too_many:?}; {example:?}"
            );
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn memory_and_both_databases_agree_on_leaves() {
    compare("order", leaf());
}

#[test]
fn memory_and_both_databases_agree_on_combinations() {
    compare("order", combined(leaf()));
}

#[test]
fn memory_and_both_databases_agree_on_related_records() {
    let about = prop_oneof![has(), Just(json!({ "field": "parent.name", "empty": false }))];
    compare("company", combined(about));
}

/// What a rule says through a link, with the value it has in memory.
#[tokio::test]
async fn a_deleted_record_is_nothing_behind_a_link() {
    let workspace = on_sqlite().await;
    let gone = workspace.add("company", &[("name", text("Gone"))]).await;
    workspace
        .add("order", &[("title", text("Order")), ("company", Value::Id(gone)), ("due", date("2026-01-01"))])
        .await;
    workspace.delete("company", gone).await;
    let order = |filter: Json| super::workspace::query(&workspace, "order", &filter);
    let named = order(json!({ "field": "company.name", "empty": true }));
    assert_eq!(workspace.titles(&workspace.access, named).await, "Order");
}
