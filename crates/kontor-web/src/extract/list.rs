//! Which records a list shows, read from its address: filters, words, order, page. The same for pages and the API.

use kontor_core::Session;
use kontor_core::records::Sort;
use kontor_core::reports::list::sortable;
use kontor_model::access::FieldRight;
use kontor_model::filter::{FieldPath, Filter, address};
use kontor_model::{EntityModel, Json, Problem, Problems, json_fault};

use crate::error::Failure;

/// Names of an address that are no fields.
pub const RESERVED: [&str; 11] =
    ["sort", "fields", "limit", "after", "count", "q", "as_of", "filter", "view", "new", "bulk"];

/// The filter of an address: `?stage=won&amount[gte]=1000`, or `?filter=` with JSON; both hold when both are given.
///
/// # Errors
/// Everything that is wrong with it; 400 when the JSON cannot be read.
pub fn filter(
    session: &Session,
    entity: &EntityModel,
    pairs: &[(String, String)],
) -> Result<Filter, Failure> {
    for (_, text) in pairs.iter().filter(|(name, text)| name == "filter" && !text.is_empty()) {
        super::json::parse(text.as_bytes()).map_err(|error| Failure::Unreadable(error.0))?;
    }
    let (filter, problems) = filter_as_far(session, entity, pairs);
    Ok(problems.into_result(filter)?)
}

/// The same as far as it can be understood, and everything that is wrong with it.
pub fn filter_as_far(
    session: &Session,
    entity: &EntityModel,
    pairs: &[(String, String)],
) -> (Filter, Problems) {
    let mut problems = Problems::new();
    let mut own: Vec<(String, String)> =
        pairs.iter().filter(|(name, text)| !is_reserved(name) && !text.trim().is_empty()).cloned().collect();
    // What may not be seen is unknown, however it is asked for.
    own.retain(|(name, _)| {
        let field = name.split('[').next().unwrap_or_default();
        let known = path(session, entity, field);
        let at = format!("/{}", escape(name));
        known.map_err(|problem| problems.push(moved(address::bracketed(problem, field), &at))).is_ok()
    });
    let mut filter = Filter::True;
    match address::parse(&own, entity, &session.model) {
        Ok(found) => filter = found,
        Err(wrong) => problems.0.extend(wrong),
    }
    for (_, text) in pairs.iter().filter(|(name, text)| name == "filter" && !text.is_empty()) {
        let json = match super::json::parse(text.as_bytes()) {
            Ok(json) => json,
            Err(error) => {
                problems.push(json_fault::told(&error.0, "/filter".to_owned()));
                continue;
            }
        };
        match filter_json(session, entity, &json) {
            Ok(found) => filter = filter.and(found),
            Err(wrong) => problems.extend_under("/filter", wrong),
        }
    }
    (filter, problems)
}

/// A filter in JSON over what the reader may see.
///
/// # Errors
/// Everything that is wrong with it.
pub fn filter_json(session: &Session, entity: &EntityModel, json: &Json) -> Result<Filter, Problems> {
    let mut problems = Problems::new();
    unseen(session, entity, json, "", &mut problems);
    problems.into_result(())?;
    let filter = Filter::parse(json, entity, &session.model)?;
    let mut problems = Problems::new();
    for path in filter.paths() {
        if let Err(problem) = readable(session, entity, path) {
            problems.push(problem);
        }
    }
    problems.into_result(filter)
}

/// The fields that a filter asks for and that the reader may not see, at their places. What related records are asked is
/// looked at once it is read.
fn unseen(session: &Session, entity: &EntityModel, json: &Json, at: &str, problems: &mut Problems) {
    match json {
        Json::Array(list) => {
            for (index, one) in list.iter().enumerate() {
                unseen(session, entity, one, &format!("{at}/{index}"), problems);
            }
        }
        Json::Object(object) => {
            if let Some(Err(problem)) =
                object.get("field").and_then(Json::as_str).map(|name| path(session, entity, name))
            {
                problems.push(moved(problem, &format!("{at}/field")));
            }
            for key in ["all", "any", "not"] {
                if let Some(inner) = object.get(key) {
                    unseen(session, entity, inner, &format!("{at}/{key}"), problems);
                }
            }
        }
        _ => {}
    }
}

/// A key inside a JSON pointer (RFC 6901).
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn is_reserved(name: &str) -> bool {
    // Inputs with a dot before a name of their own (`filter.field`) belong to the bar of filters, not to a field.
    RESERVED.contains(&name) || name.starts_with("filter.") || name.starts_with('_')
}

/// Reads `-amount,name`.
///
/// # Errors
/// Fields that there are not, or not for the reader.
pub fn sort(session: &Session, entity: &EntityModel, text: &str) -> Result<Vec<Sort>, Problems> {
    let mut problems = Problems::new();
    let mut keys = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (descending, name) = part.strip_prefix('-').map_or((false, part), |rest| (true, rest));
        match path(session, entity, name) {
            Ok(path) => match path.resolve(&session.model).filter(|field| field.is_sealed()) {
                Some(field) => {
                    problems.push(Problem::new("encrypted_uses", "/sort").with("field", &field.title));
                }
                None => match path.resolve(&session.model).filter(|field| !field.has_order()) {
                    Some(field) => {
                        let problem = Problem::new("not_sortable", "/sort").with("field", &field.title);
                        let options = sortable(session, entity).join(", ");
                        problems.push(problem.with("kind", field.kind.name()).with("options", options));
                    }
                    None => keys.push(Sort { path, descending }),
                },
            },
            Err(problem) => problems.push(moved(problem, "/sort")),
        }
    }
    problems.into_result(keys)
}

/// One path that the reader may read.
///
/// # Errors
/// `unknown_field`.
pub fn path(session: &Session, entity: &EntityModel, name: &str) -> Result<FieldPath, Problem> {
    let path = FieldPath::parse(name, entity, &session.model)?;
    readable(session, entity, &path)?;
    Ok(path)
}

/// Whether every step of a path may be read; what may not is unknown.
fn readable(session: &Session, entity: &EntityModel, path: &FieldPath) -> Result<(), Problem> {
    let hops = path.hops.iter().map(|hop| (hop.entity.as_str(), hop.field));
    let steps = hops.chain(std::iter::once((path.entity.as_str(), path.field)));
    for (name, index) in steps {
        let holder =
            if name == entity.name { Some(entity) } else { session.model.entity(name).map(AsRef::as_ref) };
        let Some(field) = holder.and_then(|holder| holder.fields.get(index)) else {
            return Err(Problem::new("unknown_field", ""));
        };
        let access = session.actor.access.entity(name);
        let right = holder
            .map_or(FieldRight::None, |holder| kontor_core::permissions::field_right(access, holder, field));
        if right == FieldRight::None {
            return Err(Problem::new("unknown_field", "").with("field", path.name(&session.model)));
        }
    }
    Ok(())
}

fn moved(mut problem: Problem, place: &str) -> Problem {
    place.clone_into(&mut problem.path);
    problem
}

/// Reads a number of rows.
///
/// # Errors
/// `out_of_range` at `/limit`.
pub fn limit(text: Option<&str>, usual: u32, most: u32) -> Result<u32, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(usual) };
    match text.parse::<u32>() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(Problem::new("out_of_range", "/limit")
            .with("value", text)
            .with("minimum", 1)
            .with("maximum", most)),
    }
}
