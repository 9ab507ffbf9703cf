//! Filters in addresses: `?stage=won&amount[gte]=1000&account.industry=retail`.
//!
//! A value is read as a person types it. Several values of `in`, `any_of` and the like, and the two of `between`, are
//! separated by commas or by `|`; a comma inside a value needs the JSON form, `?filter=…`.

use super::lists;
use super::operand::{self, OperandReader};
use super::{FieldPath, Filter, Leaf, MAX_LEAVES, Operand, Operator};
use crate::Json;
use crate::entity::{EntityModel, FieldModel};
use crate::formula::Type;
use crate::json_fault;
use crate::kind::ParseContext;
use crate::locale::Catalogue;
use crate::model::Model;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// Names in an address that are no fields; no field may be called so.
pub const RESERVED: [&str; 10] =
    ["sort", "fields", "limit", "after", "count", "q", "as_of", "filter", "view", "new"];

/// Reads the filter of an address; pairs with [`RESERVED`] names other than `filter` are left alone, and so is a pair
/// whose value is empty: a form posts those of its empty controls.
///
/// # Errors
/// All problems; their paths are `/<name of the pair>`.
pub fn parse(pairs: &[(String, String)], entity: &EntityModel, model: &Model) -> Result<Filter, Problems> {
    parse_in(pairs, entity, model, &ParseContext::neutral(&Catalogue::default()))
}

/// Reads the filter of an address whose days are those of a reader's zone.
///
/// # Errors
/// All problems; their paths are `/<name of the pair>`.
pub fn parse_in(
    pairs: &[(String, String)],
    entity: &EntityModel,
    model: &Model,
    context: &ParseContext<'_>,
) -> Result<Filter, Problems> {
    let mut filter = Filter::True;
    let mut problems = Problems::new();
    let mut leaves = 0;
    for (name, text) in pairs.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let read = match name.as_str() {
            "filter" => whole(text, entity, model, context),
            name if RESERVED.contains(&name) || name == "bulk" => continue,
            name => {
                leaves += 1;
                pair(name, text.trim(), entity, model, context)
            }
        };
        match read {
            Ok(part) => filter = filter.and(part),
            Err(found) => problems.extend_under(&format!("/{}", super::parse::escape(name)), found),
        }
    }
    if leaves > MAX_LEAVES {
        problems.push(Problem::new("too_many_conditions", "").with("limit", MAX_LEAVES));
    }
    if problems.is_empty() { Ok(filter) } else { Err(problems) }
}

/// The pairs of an address that say the same as a filter made of plain conditions; `None` when it needs `?filter=`.
pub fn write(filter: &Filter, model: &Model) -> Option<Vec<(String, String)>> {
    match filter {
        Filter::True => Some(Vec::new()),
        Filter::All(list) => {
            let parts: Option<Vec<_>> = list.iter().map(|part| write(part, model)).collect();
            Some(parts?.into_iter().flatten().collect())
        }
        Filter::Leaf(leaf) => Some(vec![write_leaf(leaf, model)?]),
        Filter::Any(_) | Filter::Not(_) | Filter::Has(_) | Filter::Shared(_) | Filter::Linked(_) => None,
    }
}

fn write_leaf(leaf: &Leaf, model: &Model) -> Option<(String, String)> {
    let field = leaf.path.resolve(model)?;
    let one = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        value => field.kind.to_text(field, value, chrono_tz::Tz::UTC),
    };
    let joined = |values: &mut dyn Iterator<Item = &Value>| {
        let texts: Vec<String> = values.map(one).collect();
        texts.iter().all(|text| !text.contains([',', '|'])).then(|| texts.join(","))
    };
    let text = match &leaf.operand {
        Operand::One(value) => one(value),
        Operand::Many(values) => joined(&mut values.iter())?,
        Operand::Range(from, to) => joined(&mut [from, to].into_iter())?,
        Operand::Text(text) | Operand::Dialled(text) => text.clone(),
        Operand::Flag(flag) => flag.to_string(),
        Operand::Period(period) => period.word(),
        Operand::Me => "me".into(),
        Operand::MyTeam
        | Operand::MyTeams
        | Operand::MyTerritories
        | Operand::Field(_)
        | Operand::Now(_)
        | Operand::User(_)
        | Operand::Setting(_) => return None,
    };
    let path = leaf.path.name(model);
    let name =
        if leaf.operator == Operator::Eq { path } else { format!("{path}[{}]", leaf.operator.as_str()) };
    Some((name, text))
}

fn whole(
    text: &str,
    entity: &EntityModel,
    model: &Model,
    context: &ParseContext<'_>,
) -> Result<Filter, Problems> {
    match serde_json::from_str::<Json>(text) {
        Ok(json) => Filter::parse_in(&json, entity, model, context),
        Err(error) => Err(Problems(vec![json_fault::told(&error.to_string(), String::new())])),
    }
}

fn pair(
    name: &str,
    text: &str,
    entity: &EntityModel,
    model: &Model,
    context: &ParseContext<'_>,
) -> Result<Filter, Problems> {
    let (path, key) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((path, key)) => (path, Some(key)),
        None => (name, None),
    };
    let only = |problem: Problem| Problems(vec![problem]);
    let path = FieldPath::parse(path, entity, model).map_err(|problem| only(bracketed(problem, path)))?;
    let Some(field) = path.resolve(model) else { return Ok(Filter::True) };
    let fitting = operand::fitting(field, model, false);
    // A plain pair asks for equality; a list for one of its options.
    let first = [Operator::Eq, Operator::AnyOf].into_iter().find(|operator| fitting.contains(operator));
    let operator = key.map_or(first, Operator::parse).filter(|operator| fitting.contains(operator));
    let Some(operator) = operator else {
        let options: Vec<&str> = fitting.iter().map(|operator| operator.as_str()).collect();
        let code = if field.is_sealed() { "encrypted_operator" } else { "operator_does_not_fit" };
        let problem = Problem::new(code, "").with("operator", key.unwrap_or("eq"));
        return Err(only(
            problem
                .with("field", &field.name)
                .with("kind", field.kind.name())
                .with("options", options.join(", ")),
        ));
    };
    let reader = OperandReader { entity, field, model, context };
    let operand = match operator {
        Operator::Eq | Operator::Ne if text == "me" && field.targets == ["user"] => {
            let leaf = Filter::Leaf(Leaf { path, operator: Operator::Is, operand: Operand::Me });
            return Ok(if operator == Operator::Eq { leaf } else { Filter::Not(Box::new(leaf)) });
        }
        Operator::Eq | Operator::Ne | Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte => {
            typed(&reader, field, text, context).map(Operand::One).map_err(only)?
        }
        Operator::EverWas => {
            if text == "me" && field.targets == ["user"] {
                Operand::User("id".into())
            } else {
                typed(&reader, field, text, context).map(Operand::One).map_err(only)?
            }
        }
        Operator::In | Operator::NotIn | Operator::AnyOf | Operator::AllOf | Operator::NoneOf => {
            Operand::Many(typed_list(&reader, field, text, context)?)
        }
        Operator::Between => match typed_list(&reader, field, text, context)?.as_slice() {
            [from, to] => Operand::Range(from.clone(), to.clone()),
            _ => return Err(only(Problem::new("two_values", ""))),
        },
        Operator::Empty => reader.read(operator, &Json::Bool(matches!(text, "true" | "1" | "yes")))?,
        _ => reader.read(operator, &Json::String(text.to_owned()))?,
    };
    lists::as_filter(Leaf { path, operator, operand }, model).map_err(only)
}

/// Who writes `amount.gte` means `amount[gte]`: what is wrong with such a path is the operator.
#[must_use]
pub fn bracketed(problem: Problem, path: &str) -> Problem {
    match path.rsplit_once('.') {
        Some((before, operator)) if Operator::parse(operator).is_some() => {
            Problem::new("operator_in_brackets", "").with("example", format!("{before}[{operator}]"))
        }
        _ => problem,
    }
}

fn typed(
    reader: &OperandReader<'_>,
    field: &FieldModel,
    text: &str,
    context: &ParseContext<'_>,
) -> Result<Value, Problem> {
    let value = field.kind.parse_text(field, text, context);
    let value = value.map_err(|problem| Problem { path: String::new(), ..problem })?;
    reader.at_scale(reader.as_stored(value))
}

fn typed_list(
    reader: &OperandReader<'_>,
    field: &FieldModel,
    text: &str,
    context: &ParseContext<'_>,
) -> Result<Vec<Value>, Problems> {
    let (mut values, mut problems) = (Vec::new(), Problems::new());
    for part in text.split([',', '|']).map(str::trim).filter(|part| !part.is_empty()) {
        match typed(reader, field, part, context) {
            Ok(Value::List(list)) if field.kind.formula_type() == Type::List => {
                values.extend(list.into_iter().map(Value::Text));
            }
            Ok(value) => values.push(value),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}
