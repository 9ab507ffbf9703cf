//! `wait`: for a while, until a moment, or until something happens to the record. Nothing is held meanwhile.

use chrono::{DateTime, Utc};
use kontor_model::filter::{Filter, Offset};
use kontor_model::formula::Type;
use kontor_model::{EntityModel, Model};

use super::where_::own_filter;
use super::{Step, read_list};
use crate::names::Names;
use crate::read::Reader;
use crate::value::{Scope, ValueSource};

/// Waits.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one for each waiting step of a definition")]
pub enum Wait {
    /// So long.
    For(Offset),
    /// Until a moment, or the beginning of a day.
    Until(ValueSource),
    /// Until something happens to the record, or the time for it runs out.
    Event(Expected),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The fields of which one changes; any change will do when there are none. `None` for a condition alone.
    pub changed: Option<Vec<String>>,
    /// What holds for the record by then.
    pub condition: Option<Filter>,
    /// For how long.
    pub timeout: Offset,
    /// What is done when it has come.
    pub then: Vec<Step>,
    /// What is done when it has not.
    pub otherwise: Vec<Step>,
}

impl Wait {
    pub(super) fn steps(&self, branch: &str) -> Option<&[Step]> {
        match (self, branch) {
            (Self::Event(expected), "then") => Some(&expected.then),
            (Self::Event(expected), "else") => Some(&expected.otherwise),
            _ => None,
        }
    }
}

impl Wait {
    /// When the wait that begins now ends; at once when the moment is empty or past.
    pub fn ends(&self, scope: &dyn Scope, model: &Model) -> DateTime<Utc> {
        let context = scope.context();
        match self {
            Self::Event(Expected { timeout: offset, .. }) | Self::For(offset) => {
                offset.apply(context.now, context.zone, &context.working)
            }
            Self::Until(source) => source.moment(scope, model).unwrap_or(context.now).max(context.now),
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Wait> {
    if reader.member("event").is_some() {
        return event(reader, names).map(Wait::Event);
    }
    match (reader.member("for").is_some(), reader.member("until")) {
        (true, None) => span(reader, "for").map(Wait::For),
        (false, Some(json)) => match ValueSource::read(json, None, names) {
            Ok(source) if is_time(&source, names) => Some(Wait::Until(source)),
            Ok(_) => {
                let times = names
                    .entity()
                    .into_iter()
                    .flat_map(EntityModel::own_fields)
                    .filter(|field| matches!(field.kind.formula_type(), Type::Date | Type::DateTime));
                let times: Vec<&str> = times.map(|field| field.name.as_str()).collect();
                let problem = reader.problem("not_a_moment", "until").with("options", times.join(", "));
                reader.push(problem);
                None
            }
            Err(problems) => {
                let at = format!("{}/until", reader.at);
                reader.problems.extend_under(&at, problems);
                None
            }
        },
        (both, _) => {
            let problem = reader
                .problem(if both { "only_one_of" } else { "required" }, "for")
                .with("names", "for, until");
            reader.push(problem);
            None
        }
    }
}

/// A span that is not negative.
pub(super) fn span(reader: &mut Reader<'_>, key: &str) -> Option<Offset> {
    let text = reader.required_text(key)?;
    let offset = Offset::parse(&text).filter(|offset| !offset.is_backward() && !text.starts_with('-'));
    if offset.is_none() {
        let problem = reader.problem("not_a_duration", key).with("value", &text);
        reader.push(problem);
    }
    offset
}

/// `{ "event": "updated", "fields": […], "when": {…}, "timeout": "7d", "then": […], "else": […] }`; with `holds` the
/// condition alone is waited for.
fn event(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Expected> {
    let entity = super::values::own_entity(reader, names);
    for key in ["for", "until"] {
        if reader.member(key).is_some() {
            let problem = reader.problem("only_one_of", key).with("names", "for, until, event");
            reader.push(problem);
        }
    }
    let timeout = span(reader, "timeout");
    let condition = own_filter(reader, "when", names);
    let word = reader.required_text("event");
    let fields = reader.texts("fields");
    for (index, name) in fields.iter().enumerate() {
        reader.check_field(entity, name, &format!("/fields/{index}"));
    }
    let changed = match word.as_deref() {
        Some("updated") => Some(fields),
        Some("holds") => {
            if reader.member("when").is_none() {
                reader.missing("when");
            }
            None
        }
        Some(other) => {
            let problem =
                reader.problem("not_an_option", "event").with("value", other).with("field", "event");
            reader.push(problem.with("options", "updated, holds"));
            None
        }
        None => None,
    };
    let (then_at, else_at) = (format!("{}/then", reader.at), format!("{}/else", reader.at));
    let then = read_list(reader.member("then"), &then_at, &mut names.clone(), &mut reader.problems);
    let otherwise = read_list(reader.member("else"), &else_at, &mut names.clone(), &mut reader.problems);
    Some(Expected { changed, condition, timeout: timeout?, then, otherwise })
}

/// Whether a source can give a time.
fn is_time(source: &ValueSource, names: &Names<'_>) -> bool {
    let is = |one: Type| matches!(one, Type::Date | Type::DateTime);
    match source {
        ValueSource::Field(path) | ValueSource::User(_, path) | ValueSource::NamedField(_, path) => {
            path.resolve(names.model).is_some_and(|field| is(field.kind.formula_type()))
        }
        ValueSource::Formula(formula) => is(formula.result),
        ValueSource::Now(_) => true,
        ValueSource::Literal(json) => json.as_str().is_some_and(|text| {
            DateTime::parse_from_rfc3339(text).is_ok() || text.parse::<chrono::NaiveDate>().is_ok()
        }),
        ValueSource::Record | ValueSource::Named(_) | ValueSource::Text(_) => false,
    }
}
