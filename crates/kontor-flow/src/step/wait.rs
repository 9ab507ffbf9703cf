//! `wait`: for a while, or until a moment. Nothing is held meanwhile.

use chrono::{DateTime, Utc};
use kontor_model::filter::Offset;
use kontor_model::formula::Type;
use kontor_model::{EntityModel, Model};

use crate::read::Reader;
use crate::value::{Names, Scope, ValueSource};

/// Waits.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// So long.
    For(Offset),
    /// Until a moment, or the beginning of a day.
    Until(ValueSource),
}

impl Wait {
    /// When the wait that begins now ends; at once when the moment is empty or past.
    pub fn ends(&self, scope: &dyn Scope, model: &Model) -> DateTime<Utc> {
        let context = scope.context();
        match self {
            Self::For(offset) => offset.apply(context.now, context.zone, &context.working),
            Self::Until(source) => source.moment(scope, model).unwrap_or(context.now).max(context.now),
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Wait> {
    if reader.member("event").is_some() {
        let problem = reader.problem("not_available_yet", "event").with("name", "wait for an event");
        reader.push(problem);
        return None;
    }
    match (reader.member("for").is_some(), reader.member("until")) {
        (true, None) => {
            let text = reader.text("for")?;
            let offset =
                Offset::parse(&text).filter(|offset| !offset.is_backward() && !text.starts_with('-'));
            if offset.is_none() {
                let problem = reader.problem("not_a_duration", "for").with("value", &text);
                reader.push(problem);
            }
            offset.map(Wait::For)
        }
        (false, Some(json)) => match ValueSource::read(json, None, names) {
            Ok(source) if is_time(&source, names) => Some(Wait::Until(source)),
            Ok(_) => {
                let times = names
                    .entity
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

/// Whether a source can give a time.
fn is_time(source: &ValueSource, names: &Names<'_>) -> bool {
    let is = |one: Type| matches!(one, Type::Date | Type::DateTime);
    match source {
        ValueSource::Field(path) | ValueSource::User(_, path) => {
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
