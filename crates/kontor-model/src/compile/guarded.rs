//! Fields whose change needs an approval before it takes effect.

use crate::definition::entity::FieldDefinition;
use crate::entity::{EntityModel, Guarded};
use crate::filter::Filter;
use crate::model::Model;
use crate::problem::{Problem, Problems};

pub(super) fn resolve(entity: &EntityModel, model: &Model, problems: &mut Problems) -> Vec<Guarded> {
    let mut found: Vec<Guarded> = Vec::new();
    for (index, written) in entity.definition.guarded.iter().enumerate() {
        let at = format!("/guarded/{index}");
        if found.iter().any(|other| other.name == written.name) {
            problems.push(Problem::new("duplicate_value", format!("{at}/name")).with("value", &written.name));
        }
        let mut fields = Vec::new();
        for (part, name) in written.fields.iter().enumerate() {
            let here = format!("{at}/fields/{part}");
            let Some(field) = entity.field(name) else {
                let problem = Problem::new("unknown_field", here).with("field", name);
                problems.push(problem.with("entity", &entity.name));
                continue;
            };
            if !field.can_wait()
                || entity.definition.properties.get(name).is_some_and(is_worked_out)
                || field.companion_of.is_some()
            {
                problems.push(Problem::new("not_to_guard", here).with("field", &field.title));
            }
            if found.iter().any(|other| other.fields.contains(&field.index)) {
                problems
                    .push(Problem::new("duplicate_value", format!("{at}/fields/{part}")).with("value", name));
            }
            fields.push(field.index);
        }
        let when = written.when.as_ref().map_or(Ok(Filter::True), |when| Filter::parse(when, entity, model));
        match when {
            Ok(when) => found.push(Guarded {
                name: written.name.clone(),
                fields,
                when,
                approval: written.approval.clone(),
            }),
            Err(wrong) => problems.extend_under(&format!("{at}/when"), wrong),
        }
    }
    found
}

/// Whether the definition says that the engine works the value out.
fn is_worked_out(field: &FieldDefinition) -> bool {
    field.formula.is_some() || field.rollup.is_some() || field.copy.is_some()
}
