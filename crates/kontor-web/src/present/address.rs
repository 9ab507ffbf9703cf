//! The address of a list as its page sees it: conditions one by one, each with the same list without it.

use kontor_model::filter::address as in_address;
use kontor_model::{EntityModel, Filter, Json, Model};

use crate::extract::list::RESERVED;
use crate::extract::query::Query;
use crate::frame::address;

/// Inputs of the bar of filters.
pub const FIELD: &str = "filter.field";
/// How it is compared.
pub const OPERATOR: &str = "filter.operator";
/// With what.
pub const VALUE: &str = "filter.value";
/// Cursors of the pages before, the oldest first.
pub const TRAIL: &str = "_trail";
/// The number of the first row.
pub const FROM: &str = "_from";

/// One condition of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The path.
    pub field: String,
    /// The operator; `eq` when the address names none.
    pub operator: String,
    /// The value as written.
    pub value: String,
    /// The name of the pair.
    pub pair: String,
}

/// The conditions of an address, without `?filter=`.
pub fn conditions(query: &Query) -> Vec<Condition> {
    query
        .0
        .iter()
        .filter(|(name, _)| {
            !RESERVED.contains(&name.as_str()) && !name.starts_with('_') && !name.starts_with("filter.")
        })
        .map(|(name, value)| {
            let (field, operator) = match name.split_once('[') {
                Some((field, rest)) => (field, rest.trim_end_matches(']')),
                None => (name.as_str(), "eq"),
            };
            Condition {
                field: field.to_owned(),
                operator: operator.to_owned(),
                value: value.clone(),
                pair: name.clone(),
            }
        })
        .collect()
}

/// What an address says of `?filter=`: the conditions that all have to hold, one by one. What cannot be read is one of
/// them.
pub fn written(text: &str) -> Vec<Json> {
    fn flat(json: Json, found: &mut Vec<Json>) {
        match json {
            Json::Object(mut object) if object.len() == 1 && object.contains_key("all") => {
                match object.shift_remove("all") {
                    Some(Json::Array(list)) => list.into_iter().for_each(|one| flat(one, found)),
                    other => found.extend(other),
                }
            }
            Json::Object(object) if object.is_empty() => {}
            Json::Null => {}
            other => found.push(other),
        }
    }
    let mut found = Vec::new();
    flat(serde_json::from_str(text).unwrap_or_else(|_| text.into()), &mut found);
    found
}

/// Conditions that all have to hold, as `?filter=` writes them; empty for none.
pub fn written_again(mut conditions: Vec<Json>) -> String {
    match conditions.len() {
        0 => String::new(),
        1 => conditions.swap_remove(0).to_string(),
        _ => serde_json::json!({ "all": conditions }).to_string(),
    }
}

/// A filter as pairs of an address: each plain condition by itself, so that it can be read and taken away, and the rest as
/// `?filter=`.
pub fn pairs_of(model: &Model, entity: &EntityModel, filter: &Json) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut rest = Vec::new();
    for condition in written(&filter.to_string()) {
        match plain(model, entity, &condition) {
            Some(found) => pairs.extend(found),
            None => rest.push(condition),
        }
    }
    pairs.dedup();
    let rest = written_again(rest);
    if !rest.is_empty() {
        pairs.push(("filter".to_owned(), rest));
    }
    pairs
}

/// The pairs that say the very same as one condition.
fn plain(model: &Model, entity: &EntityModel, condition: &Json) -> Option<Vec<(String, String)>> {
    let filter = Filter::parse(condition, entity, model).ok()?;
    let pairs = in_address::write(&filter, model)?;
    let again = in_address::parse(&pairs, entity, model).ok()?;
    (again == filter).then_some(pairs)
}

/// Everything but the place inside the list: what a sort link or the filter form keeps.
pub fn kept(query: &Query) -> Vec<(String, String)> {
    query.without(&["after", TRAIL, FROM, FIELD, OPERATOR, VALUE, "count"])
}

/// The list without one pair.
pub fn without(path: &str, query: &Query, pair: (&str, &str)) -> String {
    let mut gone = false;
    let rest: Vec<(String, String)> = kept(query)
        .into_iter()
        .filter(|(name, value)| {
            let is_it = !gone && name == pair.0 && value == pair.1;
            gone |= is_it;
            !is_it
        })
        .collect();
    address::with_query(path, rest)
}

/// The list with one pair set.
pub fn with(path: &str, query: &Query, name: &str, value: &str) -> String {
    let mut pairs: Vec<(String, String)> =
        kept(query).into_iter().filter(|(other, _)| other != name).collect();
    pairs.push((name.to_owned(), value.to_owned()));
    address::with_query(path, pairs)
}

/// The list with the columns that were ticked one by one as one pair.
pub fn with_columns(path: &str, query: &Query) -> String {
    let names: Vec<&str> = query.all("fields").filter(|name| !name.is_empty()).collect();
    with(path, query, "fields", &names.join(","))
}

/// The next and the previous page; empty where there is none.
pub fn pages(path: &str, query: &Query, next: Option<&str>, rows: usize) -> (String, String) {
    const LONGEST_TRAIL: usize = 12;
    let here = query.text("after");
    let from = first_row(query);
    let trail: Vec<&str> = query.text(TRAIL).split('~').filter(|cursor| !cursor.is_empty()).collect();
    let page = |after: &str, trail: &[&str], from: usize| {
        let mut pairs = kept(query);
        pairs.push(("after".to_owned(), after.to_owned()));
        pairs.push((TRAIL.to_owned(), trail.join("~")));
        if from > 1 {
            pairs.push((FROM.to_owned(), from.to_string()));
        }
        address::with_query(path, pairs)
    };
    let forward = next.map_or_else(String::new, |next| {
        let mut trail = trail.clone();
        if !here.is_empty() {
            trail.push(here);
        }
        let shortened = trail.len().saturating_sub(LONGEST_TRAIL);
        page(next, trail.get(shortened..).unwrap_or_default(), from + rows)
    });
    let back = match (here.is_empty(), trail.split_last()) {
        (true, _) => String::new(),
        (false, Some((last, before))) => page(last, before, from.saturating_sub(rows_of(query, rows)).max(1)),
        (false, None) => address::with_query(path, kept(query)),
    };
    (forward, back)
}

/// The number of the first row of this page, from 1.
pub fn first_row(query: &Query) -> usize {
    if query.text("after").is_empty() { 1 } else { query.text(FROM).parse().unwrap_or(1).max(1) }
}

/// How many rows a full page has: the last page may be shorter than those before it.
fn rows_of(query: &Query, rows: usize) -> usize {
    let from = first_row(query);
    let pages = query.text(TRAIL).split('~').filter(|cursor| !cursor.is_empty()).count() + 1;
    if from > 1 && (from - 1).is_multiple_of(pages) { (from - 1) / pages } else { rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query(address::pairs(text.as_bytes()))
    }

    #[test]
    fn conditions_are_read_one_by_one() {
        let query =
            query("stage=won&amount%5Bgte%5D=1000&sort=-amount&view=all&filter.field=x&_from=3&owner.team=x");
        let found: Vec<(String, String, String)> =
            conditions(&query).into_iter().map(|one| (one.field, one.operator, one.value)).collect();
        assert_eq!(
            found,
            [("stage", "eq", "won"), ("amount", "gte", "1000"), ("owner.team", "eq", "x")]
                .map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        );
        assert_eq!(
            without("/r", &query, ("stage", "won")),
            "/r?amount%5Bgte%5D=1000&sort=-amount&view=all&owner.team=x"
        );
        assert_eq!(with("/r", &self::query("sort=a&after=z"), "sort", "-a"), "/r?sort=-a");
    }

    #[test]
    fn conditions_of_a_filter_are_told_one_by_one() {
        let text = r#"{"all":[{"all":[{"field":"a","eq":1},{}]},{"any":[]}]}"#;
        let found = written(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(written_again(found), r#"{"all":[{"field":"a","eq":1},{"any":[]}]}"#);
        assert_eq!(written_again(written("{}")), "");
        assert_eq!(written("nonsense"), [Json::from("nonsense")]);
    }

    #[test]
    fn pages_lead_on_and_back() {
        let (next, back) = pages("/r", &query("sort=a"), Some("c1"), 25);
        assert_eq!((next.as_str(), back.as_str()), ("/r?sort=a&after=c1&_from=26", ""));
        let (next, back) = pages("/r", &query("sort=a&after=c1&_from=26"), Some("c2"), 25);
        assert_eq!((next.as_str(), back.as_str()), ("/r?sort=a&after=c2&_trail=c1&_from=51", "/r?sort=a"));
        let (next, back) = pages("/r", &query("after=c2&_trail=c1&_from=51"), None, 7);
        assert_eq!((next.as_str(), back.as_str()), ("", "/r?after=c1&_from=26"));
    }
}
