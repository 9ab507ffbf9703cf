//! What is wrong with guards: whether their approvals are there, and fit the records that they are to decide about.

use kontor_flow::functions_of;
use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::definition::process::ProcessDefinition;
use kontor_model::definition::{self, DefinitionId, DefinitionKind};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::model::Broken;
use kontor_model::{EntityModel, Json, Model, Problem, Problems};

use super::definition_of;

/// The problems of the guards of a model, at the entities and processes that have them.
pub fn of_guards(model: &Model) -> Vec<Broken> {
    let mut broken = Vec::new();
    for entity in model.entities.values() {
        let guards = entity.guarded.iter().enumerate();
        let named =
            guards.map(|(index, guard)| (format!("/guarded/{index}/approval"), guard.approval.as_str()));
        add(&mut broken, model, entity, (DefinitionKind::Entity, entity.name.clone()), named);
        let mut problems = unfillable(entity);
        if problems.has_errors() {
            let id = (DefinitionKind::Entity, entity.name.clone());
            kontor_model::check::complete(&id, &mut problems, model, &model.definitions);
            broken.push(Broken { id, problems });
        }
    }
    for (name, json) in model.definitions_of(DefinitionKind::Approval) {
        let Ok(approval) = definition::read::<ApprovalDefinition>(json) else { continue };
        let entity = approval.entity.as_deref().and_then(|name| model.entity(name));
        let Some(entity) = entity else { continue };
        let mut problems = Problems::new();
        for (index, level) in approval.levels.iter().enumerate() {
            let function = level.by.script.as_deref();
            if let Some(function) =
                function.filter(|one| !functions_of(entity, model).iter().any(|known| known == one))
            {
                let problem = Problem::new("unknown_function", format!("/levels/{index}/by/script"));
                problems.push(problem.with("value", function).with("entity", &entity.name));
            }
        }
        if problems.has_errors() {
            let id = (DefinitionKind::Approval, name.to_owned());
            kontor_model::check::complete(&id, &mut problems, model, &model.definitions);
            broken.push(Broken { id, problems });
        }
    }
    for (name, json) in model.definitions_of(DefinitionKind::Workflow) {
        let entity = json.pointer("/on/entity").and_then(Json::as_str);
        let Some(entity) = entity.and_then(|name| model.entity(name)) else { continue };
        let steps = of_steps(json, "");
        let known = |name: &str| definition_of(model, name).is_some();
        // Whether it is there at all, the step itself asks.
        let named = steps.iter().filter(|(_, name)| known(name));
        let named = named.map(|(at, name)| (at.clone(), name.as_str()));
        add(&mut broken, model, entity, (DefinitionKind::Workflow, name.to_owned()), named);
    }
    for (name, json) in model.definitions_of(DefinitionKind::Process) {
        let Ok(process) = definition::read::<ProcessDefinition>(json) else { continue };
        let Some(entity) = model.entity(&process.entity) else { continue };
        let steps = of_steps(json, "");
        let moves = process.transitions.iter().enumerate();
        let named = moves.filter_map(|(index, step)| {
            Some((format!("/transitions/{index}/approval"), step.approval.as_deref()?))
        });
        let asked = steps.iter().filter(|(_, name)| definition_of(model, name).is_some());
        let named = named.chain(asked.map(|(at, name)| (at.clone(), name.as_str())));
        add(&mut broken, model, entity, (DefinitionKind::Process, name.to_owned()), named);
    }
    broken
}

/// The approvals that steps ask for, wherever they stand in a definition, with their pointers.
pub(super) fn of_steps(json: &Json, at: &str) -> Vec<(String, String)> {
    match json {
        Json::Object(object) => {
            let asks = object.get("do").and_then(Json::as_str) == Some("approve");
            let own = object.get("approval").and_then(Json::as_str).filter(|_| asks);
            let own = own.map(|name| (format!("{at}/approval"), name.to_owned()));
            let below = object.iter().flat_map(|(key, value)| of_steps(value, &format!("{at}/{key}")));
            own.into_iter().chain(below).collect()
        }
        Json::Array(list) => {
            let items = list.iter().enumerate();
            items.flat_map(|(index, item)| of_steps(item, &format!("{at}/{index}"))).collect()
        }
        _ => Vec::new(),
    }
}

fn add<'n>(
    broken: &mut Vec<Broken>,
    model: &Model,
    entity: &EntityModel,
    id: DefinitionId,
    named: impl Iterator<Item = (String, &'n str)>,
) {
    let mut problems = Problems::new();
    for (at, name) in named {
        problems.0.extend(of_one(model, entity, &at, name));
    }
    if problems.has_errors() {
        kontor_model::check::complete(&id, &mut problems, model, &model.definitions);
        broken.push(Broken { id, problems });
    }
}

/// Guarded fields that new records have to hold and nothing fills: while their value waited there could be no record.
fn unfillable(entity: &EntityModel) -> Problems {
    let mut problems = Problems::new();
    for (index, guard) in entity.definition.guarded.iter().enumerate() {
        for (part, name) in guard.fields.iter().enumerate() {
            let Some(field) = entity.field(name) else { continue };
            let is_filled = field.definition.default.is_some() || !field.kind.when_absent().is_empty();
            if field.required && !is_filled && !field.system {
                let at = format!("/guarded/{index}/fields/{part}");
                problems.push(Problem::new("guarded_required", at).with("field", &field.title));
            }
        }
    }
    problems
}

/// Whether an approval is there and can decide about records of the entity.
fn of_one(model: &Model, entity: &EntityModel, at: &str, name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Some(approval) = definition_of(model, name) else {
        let problem = Problem::new("unknown_definition", at).with("kind", DefinitionKind::Approval);
        return vec![problem.with("name", name)];
    };
    if let Some(other) = approval.entity.as_deref().filter(|other| *other != entity.name) {
        let problem = Problem::new("decides_about_another", at).with("name", name);
        return vec![problem.with("entity", other)];
    }
    for level in &approval.levels {
        if let Some(when) = &level.when
            && let Err(found) = Filter::parse(when, entity, model)
        {
            problems.extend(found.0.into_iter().map(|one| Problem { path: at.to_owned(), ..one }));
        }
        if let Some(function) = &level.by.script
            && !functions_of(entity, model).contains(function)
        {
            let problem = Problem::new("unknown_function", at).with("value", function);
            problems.push(problem.with("entity", &entity.name));
        }
        let Some(path) = &level.by.field else { continue };
        let found = FieldPath::parse(path, entity, model);
        match found.as_ref().map(|path| path.resolve(model)) {
            Ok(Some(field)) if field.targets.iter().any(|target| target == "user") => {}
            Ok(_) => problems.push(Problem::new("not_a_person", at).with("field", path)),
            Err(problem) => problems.push(Problem { path: at.to_owned(), ..problem.clone() }),
        }
    }
    problems
}
