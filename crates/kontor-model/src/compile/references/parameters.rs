//! What a report asks before it runs, and the conditions in which the answers stand.

use super::Checker;
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::definition::report::{Parameter, ReportDefinition};
use crate::entity::{EntityModel, FieldModel};
use crate::filter::{FieldPath, escape};
use crate::kind::{self, ParseContext};
use crate::locale::Catalogue;
use crate::problem::Problem;

/// The parameters themselves.
pub(super) fn check(report: &ReportDefinition, checker: &mut Checker<'_>) {
    checker.distinct(report.parameters.iter().map(|one| one.name.as_str()), &|index| {
        format!("/parameters/{index}/name")
    });
    for (index, parameter) in report.parameters.iter().enumerate() {
        let at = format!("/parameters/{index}");
        let Some(kind) = kind::find(&parameter.kind) else {
            checker.add(Problem::new("unknown_kind", format!("{at}/kind")).with("value", &parameter.kind));
            continue;
        };
        match &parameter.to {
            Some(target) => drop(checker.entity(target, &format!("{at}/to"))),
            None if kind.name() == "link" => {
                checker.add(Problem::new("required", format!("{at}/to")).with("key", "to"));
            }
            None => {}
        }
        let Some((field, default)) = alone(parameter).zip(parameter.default.as_ref()) else { continue };
        let catalogue = Catalogue::default();
        if let Err(problem) = field.kind.parse_json(&field, default, &ParseContext::neutral(&catalogue)) {
            checker.add(Problem { path: format!("{at}/default"), ..problem });
        }
    }
}

/// A parameter as a field of its kind, where nothing else has to be known for that.
fn alone(parameter: &Parameter) -> Option<FieldModel> {
    let definition = FieldDefinition { kind: parameter.kind.clone(), ..FieldDefinition::default() };
    let field = crate::compile::field_alone(&parameter.name, definition)?;
    (!field.kind.is_choice() && !field.kind.is_link()).then_some(field)
}

/// The conditions with the answers out of the way: whether each is one that the report asks for, and of a kind that
/// can be compared there, is told here; whether its field can be asked for, by whoever reads the conditions.
pub(super) fn without(
    report: &ReportDefinition,
    entity: &EntityModel,
    filter: &Json,
    at: &str,
    checker: &mut Checker<'_>,
) -> Json {
    match filter {
        Json::Object(object) => {
            let path = object.get("field").and_then(Json::as_str);
            let asked = object.iter().find_map(|(key, value)| Some((key, asked(value)?)));
            if let (Some(path), Some((operator, name))) = (path, asked) {
                let here = format!("{at}/{}/parameter", escape(operator));
                let field = FieldPath::parse(path, entity, checker.model).ok();
                answer(report, name, field.and_then(|path| path.resolve(checker.model)), &here, checker);
                return serde_json::json!({ "field": path, "empty": false });
            }
            // What `has` asks of is another entity's.
            let inside =
                object.get("has").or_else(|| object.get("has_no")).and_then(Json::as_str).and_then(|list| {
                    let link = entity.back_links.iter().find(|link| link.name == list)?;
                    checker.model.entity(&link.entity).map(AsRef::as_ref)
                });
            let members = object.iter().map(|(key, value)| {
                let entity = inside.filter(|_| key == "where").unwrap_or(entity);
                (key.clone(), without(report, entity, value, &format!("{at}/{}", escape(key)), checker))
            });
            Json::Object(members.collect())
        }
        Json::Array(list) => {
            let items = list
                .iter()
                .enumerate()
                .map(|(index, one)| without(report, entity, one, &format!("{at}/{index}"), checker));
            Json::Array(items.collect())
        }
        other => other.clone(),
    }
}

/// The parameter whose answer stands here, or among what stands here.
fn asked(value: &Json) -> Option<&str> {
    match value {
        Json::Object(object) if object.len() == 1 => object.get("parameter")?.as_str(),
        Json::Array(list) => list.iter().find_map(asked),
        _ => None,
    }
}

fn answer(
    report: &ReportDefinition,
    name: &str,
    field: Option<&FieldModel>,
    at: &str,
    checker: &mut Checker<'_>,
) {
    let Some(parameter) = report.parameters.iter().find(|one| one.name == name) else {
        let known: Vec<&str> = report.parameters.iter().map(|one| one.name.as_str()).collect();
        checker
            .add(Problem::new("unknown_parameter", at).with("name", name).with("options", known.join(", ")));
        return;
    };
    let (Some(kind), Some(field)) = (kind::find(&parameter.kind), field) else { return };
    if kind.formula_type() != field.kind.formula_type() && !(kind.is_choice() && field.kind.is_choice()) {
        let problem = Problem::new("kinds_differ", at).with("field", name).with("kind", kind.name());
        checker.add(problem.with("expected", field.kind.name()));
    }
}
