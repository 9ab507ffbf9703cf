//! What an action asks for before it runs: a small form whose fields are like those of an entity, though nothing is stored
//! in it. Conditions, formulas and texts of the action reach them as `input.reason`.

use std::sync::Arc;

use serde_json::json;

use crate::Json;
use crate::compile::{beside, field_alone};
use crate::definition::entity::FieldDefinition;
use crate::entity::{EntityModel, Source};
use crate::filter::escape;
use crate::model::Model;
use crate::problem::{Problem, Problems};

/// Before the name of the entity that stands for the inputs of an action; no entity that somebody defines has a dot in its
/// name.
pub const PREFIX: &str = "action.";
/// The name by which paths reach the inputs.
pub const INPUT: &str = "input";
/// Before the name of the entity that stands for the answer to a question of a workflow: behind it stand the workflow and the
/// path of the step's texts, `ask.handover.steps.condition`.
pub const ASKED: &str = "ask.";

/// Whether an entity has no records: it stands for what somebody types into a small form.
pub fn is_form(entity: &str) -> bool {
    entity.starts_with(PREFIX) || entity.starts_with(ASKED)
}

/// Keys of a field that say something of stored values.
const OF_STORED: [&str; 13] = [
    "key",
    "formula",
    "rollup",
    "copy",
    "unique",
    "set_once",
    "write",
    "encrypted",
    "classification",
    "on_delete",
    "back",
    "tree",
    "ignore_case",
];

/// The inputs of one action.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The inputs as fields of an entity that has no records.
    pub entity: Arc<EntityModel>,
    /// The model with that entity: the form is drawn and read with it.
    pub form: Arc<Model>,
    /// The model in which the records of the action have a way to the inputs: its steps are read with it, and no query ever
    /// is.
    pub model: Arc<Model>,
    /// The place of that way among the fields.
    pub link: usize,
}

impl Inputs {
    /// Reads `inputs` and `required` of an action; `None` when it asks for nothing.
    ///
    /// # Errors
    /// What is wrong with them, with pointers into the definition.
    pub fn read(
        action: &str,
        definition: &Json,
        entity: &EntityModel,
        model: &Model,
    ) -> Result<Option<Self>, Problems> {
        Self::of((&format!("{PREFIX}{action}"), INPUT), definition, entity, model)
    }

    /// The same for any small form: `name` is that of the entity that stands for it, and paths reach it by `way`.
    ///
    /// # Errors
    /// What is wrong with it, with pointers below what has `inputs` and `required`.
    pub fn of(
        (name, way): (&str, &str),
        definition: &Json,
        entity: &EntityModel,
        model: &Model,
    ) -> Result<Option<Self>, Problems> {
        let required = definition.get("required").cloned().unwrap_or_else(|| json!([]));
        let written = definition.get("inputs").and_then(Json::as_object).filter(|inputs| !inputs.is_empty());
        let Some(written) = written else {
            let mut problems = Problems::new();
            for (index, name) in required.as_array().into_iter().flatten().enumerate() {
                let name = name.as_str().unwrap_or_default();
                problems.push(Problem::new("unknown_input", format!("/required/{index}")).with("name", name));
            }
            return problems.into_result(None);
        };
        let mut problems = unfit(written);
        if entity.field(way).is_some() {
            let at = if way == INPUT { "/inputs" } else { "/as" };
            problems.push(Problem::new("name_taken", at).with("name", way));
        }
        let name = name.to_owned();
        let title = definition.get("title").cloned().unwrap_or_default();
        let shape = json!({ "name": name, "title": title, "properties": written, "required": required });
        let made = beside(&name, &shape, model).map_err(|found| {
            problems.0.extend(found.0.into_iter().map(placed));
            problems.clone()
        })?;
        if problems.has_errors() {
            return Err(problems);
        }
        let made = Arc::new(made);
        let mut entities = model.entities.clone();
        entities.insert(name.clone(), Arc::clone(&made));
        let form = Arc::new(with(model, entities.clone()));
        let mut own = entity.clone();
        let link = own.fields.len();
        let definition =
            FieldDefinition { kind: "link".into(), to: Some(name.into()), ..FieldDefinition::default() };
        let Some(mut field) = field_alone(way, definition) else { return Err(problems) };
        field.entity.clone_from(&own.name);
        field.index = link;
        // No step writes it.
        field.source = Source::Kept;
        own.fields.push(field);
        own.by_name.insert(way.to_owned(), link);
        entities.insert(own.name.clone(), Arc::new(own));
        Ok(Some(Self { entity: made, form, model: Arc::new(with(model, entities)), link }))
    }
}

/// What belongs to values that are kept, and kinds of which a form that keeps nothing can make no use.
fn unfit(written: &serde_json::Map<String, Json>) -> Problems {
    let mut problems = Problems::new();
    for (name, field) in written {
        let at = format!("/inputs/{}", escape(name));
        for key in OF_STORED.into_iter().filter(|key| field.get(key).is_some_and(|value| !value.is_null())) {
            problems.push(Problem::new("not_for_inputs", format!("{at}/{key}")).with("key", key));
        }
        let kind = field.get("kind").and_then(Json::as_str).unwrap_or_default();
        let is_kept = crate::kind::find(kind).is_some_and(|kind| {
            kind.is_list() || kind.is_drawn() || kind.is_write_only() || kind.holds_files()
        });
        if is_kept {
            problems.push(Problem::new("not_for_inputs", format!("{at}/kind")).with("key", kind));
        }
    }
    problems
}

/// A problem of the entity that the inputs make, at the place of the action where it was written.
fn placed(problem: Problem) -> Problem {
    match problem.path.strip_prefix("/properties") {
        Some(rest) => Problem { path: format!("/inputs{rest}"), ..problem },
        None => problem,
    }
}

fn with(model: &Model, entities: indexmap::IndexMap<String, Arc<EntityModel>>) -> Model {
    Model {
        version: model.version,
        entities,
        definitions: Arc::clone(&model.definitions),
        catalogues: model.catalogues.clone(),
        tables: model.tables.clone(),
        settings: model.settings.clone(),
        ..Model::default()
    }
}
