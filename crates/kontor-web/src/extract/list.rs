//! Which records a list shows, read from its address: filters, words, order, page. The same for pages and the API.

use kontor_core::Session;
use kontor_core::records::Sort;
use kontor_model::access::FieldRight;
use kontor_model::filter::{FieldPath, Filter, address};
use kontor_model::{EntityModel, Problem, Problems};

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
    let mut problems = Problems::new();
    let own: Vec<(String, String)> = pairs.iter().filter(|(name, _)| !is_reserved(name)).cloned().collect();
    let mut filter = Filter::True;
    match address::parse(&own, entity, &session.model) {
        Ok(found) => filter = found,
        Err(wrong) => problems.0.extend(wrong),
    }
    for (_, text) in pairs.iter().filter(|(name, text)| name == "filter" && !text.is_empty()) {
        let json = super::json::parse(text.as_bytes()).map_err(|error| Failure::Unreadable(error.0))?;
        match Filter::parse(&json, entity, &session.model) {
            Ok(found) => filter = filter.and(found),
            Err(wrong) => problems.extend_under("/filter", wrong),
        }
    }
    for path in filter.paths() {
        if let Err(problem) = readable(session, entity, path) {
            problems.push(problem);
        }
    }
    Ok(problems.into_result(filter)?)
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
            Ok(path) => keys.push(Sort { path, descending }),
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
