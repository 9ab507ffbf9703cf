//! By which date a period that a dashboard asks for narrows a tile, where the filter itself names no field.

use crate::Json;
use crate::definition::DefinitionKind;
use crate::entity::{EntityModel, FieldModel, system};
use crate::filter::FieldPath;
use crate::formula::Type;
use crate::model::Model;

/// The path to the date of what a tile shows: the one over which a report groups, that of a metric's period, where the
/// entries of a calendar begin; else the only date of its records; else when they were created.
pub fn of_shown(
    model: &Model,
    entity: &EntityModel,
    kind: DefinitionKind,
    definition: &Json,
) -> Option<String> {
    let text = |pointer: &str| definition.pointer(pointer).and_then(Json::as_str);
    let said = match kind {
        DefinitionKind::Report => ["rows", "columns"]
            .into_iter()
            .filter_map(|part| definition.get(part)?.as_array())
            .flatten()
            .find(|dimension| dimension.get("by").is_some())
            .and_then(|dimension| dimension.get("field")?.as_str()),
        DefinitionKind::Metric => text("/period/field"),
        DefinitionKind::View => text("/start"),
        _ => None,
    };
    let said = said.filter(|path| is_date(model, entity, path));
    said.map(str::to_owned).or_else(|| usual(entity))
}

/// The same for a block of a report: what stands there for the date over which the report groups.
pub fn of_block(model: &Model, entity: &EntityModel, report: &Json, fields: &[String]) -> Option<String> {
    let mut rows = report.get("rows").and_then(Json::as_array).into_iter().flatten();
    let said = rows.position(|row| row.get("by").is_some()).and_then(|index| fields.get(index));
    said.filter(|path| is_date(model, entity, path)).cloned().or_else(|| usual(entity))
}

/// Whether a path ends at a date or a moment.
pub fn is_date(model: &Model, entity: &EntityModel, path: &str) -> bool {
    let path = FieldPath::parse(path, entity, model).ok();
    path.as_ref().and_then(|path| path.resolve(model)).is_some_and(is_time)
}

fn is_time(field: &FieldModel) -> bool {
    matches!(field.kind.formula_type(), Type::Date | Type::DateTime)
}

/// The only date of an entity, or when its records were created.
fn usual(entity: &EntityModel) -> Option<String> {
    let is_own = |field: &&FieldModel| {
        is_time(field) && field.companion_of.is_none() && field.part.is_none() && !field.is_sealed()
    };
    let mut dates = entity.own_fields().filter(is_own);
    let only = dates.next().filter(|_| dates.next().is_none());
    let created = || entity.fields.get(system::CREATED_AT).filter(|field| is_time(field));
    only.or_else(created).map(|field| field.name.clone())
}
