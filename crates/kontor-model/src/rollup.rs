//! A value gathered from the records that point here: what is counted, picked or joined, and how a joined list is
//! written. The store and the document that is being saved gather alike.

use std::cmp::Ordering;
use std::collections::HashSet;

use chrono_tz::Tz;

use crate::entity::{EntityModel, FieldModel, system};
use crate::filter::Filter;
use crate::formula::Type;
use crate::problem::{NUMBER_TOO_LARGE, Problem};
use crate::value::Value;

/// What a roll-up can do, by the key of its definition.
pub const FUNCTIONS: [&str; 9] =
    ["count", "count_distinct", "sum", "avg", "min", "max", "first", "last", "list"];
/// So many values are joined unless the definition says otherwise.
pub const LISTED: usize = 20;
/// What stands between joined texts.
const BETWEEN: &str = ", ";
/// What stands for those that are left out.
const MORE: &str = "…";

/// A value computed over other records.
#[derive(Clone, Debug)]
pub struct Rollup {
    /// The entity whose records are counted.
    pub entity: String,
    /// Its link (or `any_link`) that points here.
    pub field: String,
    /// One of [`FUNCTIONS`].
    pub function: String,
    /// What is summed, picked or joined; empty for a count.
    pub of: Option<String>,
    /// Of the first and the last: the field that says which is which.
    pub by: Option<String>,
    /// The most values that are joined.
    pub limit: usize,
    /// Which records count.
    pub filter: Filter,
}

impl Rollup {
    /// Whether it is a number even when there is nothing to count.
    pub fn counts(&self) -> bool {
        matches!(self.function.as_str(), "count" | "count_distinct")
    }

    /// A gathered value in the form in which its field keeps it, and what is wrong with it: a number beyond what numbers can
    /// be, which is not kept, or beyond the limits of the field. Another value that the field cannot hold is none.
    pub fn fit(field: &FieldModel, value: Value) -> (Value, Option<Problem>) {
        let (value, problems) = crate::kind::weighed(field, value);
        let is_told = |problem: &Problem| !value.is_empty() || problem.code == NUMBER_TOO_LARGE;
        let told = problems.into_iter().find(is_told);
        (value, told)
    }

    /// What is wrong with a total that no number can hold.
    pub fn too_large(field: &FieldModel) -> Problem {
        crate::kind::too_large(field)
    }

    /// Whether it takes the value of one record: `Some(true)` of the last.
    pub fn picks(&self) -> Option<bool> {
        match self.function.as_str() {
            "first" => Some(false),
            "last" => Some(true),
            _ => None,
        }
    }

    /// Whether it joins values.
    pub fn lists(&self) -> bool {
        self.function == "list"
    }

    /// The field that says which record is the first; when it was created, unless something else is said.
    pub fn by<'e>(&self, children: &'e EntityModel) -> Option<&'e FieldModel> {
        match &self.by {
            Some(name) => children.field(name),
            None => children.fields.get(system::CREATED_AT),
        }
    }

    /// Whether what is gathered are amounts that are told apart by their currencies, too.
    pub fn tells_currencies_apart(&self) -> bool {
        matches!(self.function.as_str(), "count_distinct" | "list")
    }

    /// The distinct values of a field, joined for the field that keeps them: in their order, as texts between commas or as
    /// tags; moments in a zone, amounts with their currencies. What goes beyond the limit, or beyond what a text may hold,
    /// is left out and said so.
    pub fn join(&self, field: &FieldModel, of: &FieldModel, values: Vec<(Value, String)>, zone: Tz) -> Value {
        let mut values: Vec<(Value, String)> = values
            .into_iter()
            .filter(|(value, _)| !value.is_empty())
            .map(|(value, currency)| {
                let text = said(of, &value, zone);
                let text = if currency.is_empty() { text } else { format!("{text} {currency}") };
                (value, text)
            })
            .collect();
        values.sort_by(|(left, left_text), (right, right_text)| {
            let order = of.kind.compare(of, left, right).unwrap_or(Ordering::Equal);
            order.then_with(|| left_text.cmp(right_text))
        });
        let mut texts: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        for (_, text) in values {
            // Options may be called the same.
            if known.insert(text.clone()) {
                texts.push(text);
            }
        }
        if texts.is_empty() {
            return Value::Empty;
        }
        let mut left_out = texts.len() > self.limit;
        texts.truncate(self.limit);
        if field.kind.formula_type() == Type::List {
            let tag = |text: String| {
                text.replace(APART, " ").chars().take(TAG).collect::<String>().trim().to_owned()
            };
            let mut tags: Vec<String> = Vec::new();
            for tag in texts.into_iter().map(tag).filter(|tag| !tag.is_empty()) {
                // Signs between tags were taken out, so that two may be the same now.
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
            // The mark takes a place, too.
            let most = field.definition.max_items.unwrap_or(self.limit.saturating_add(1)).max(1);
            if tags.len() + usize::from(left_out) > most {
                left_out = true;
                tags.truncate(most - 1);
            }
            if left_out {
                tags.push(MORE.to_owned());
            }
            return Value::List(tags);
        }
        let longest = field.definition.max_length.unwrap_or(LONGEST);
        loop {
            let mut text = texts.join(BETWEEN);
            if left_out {
                text.push_str(if texts.is_empty() { "" } else { BETWEEN });
                text.push_str(MORE);
            }
            if text.chars().count() <= longest || texts.is_empty() {
                return Value::text(text);
            }
            texts.pop();
            left_out = true;
        }
    }
}

/// A joined text is no longer than a line of text may be, unless the field says otherwise.
const LONGEST: usize = 500;
/// So long a tag may be, and what stands between tags.
const TAG: usize = 60;
const APART: [char; 7] = [',', '，', '、', '|', '｜', ';', '\n'];

/// A value as it stands in a joined list: of a choice its label in the pack's own language.
fn said(of: &FieldModel, value: &Value, zone: Tz) -> String {
    let text = of.kind.to_text(of, value, zone);
    match of.definition.one_of.iter().find(|option| option.value == text) {
        Some(option) => option.title.clone(),
        None => text.replace(['\n', '\r'], " "),
    }
}
