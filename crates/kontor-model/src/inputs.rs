//! What an action asks for before it runs, what a hook is sent, what an answer said: fields like those of an entity, though
//! nothing is stored in them. They hang on the record under a name: conditions, formulas and texts reach them as
//! `input.reason`.

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
pub const ACTION: &str = "action.";
/// Before the name of an entity that stands for what a hook is sent or for an answer: behind it stand the workflow and the
/// path of the texts of its fields, `workflow.survey.on.inputs`, `workflow.survey.steps.mood.inputs`.
pub const WORKFLOW: &str = "workflow.";
/// The name by which paths reach the inputs of an action or a hook.
pub const INPUT: &str = "input";

/// Whether an entity stands for values without records.
pub fn is_made(entity: &str) -> bool {
    entity.contains('.')
}

/// Where the texts of the fields of an entity without records stand: the kind and the name of a definition, and the path of
/// the list in it. `None` for entities that somebody defines.
pub fn place_of_texts(entity: &str) -> Option<(&'static str, &str, &str)> {
    if let Some(action) = entity.strip_prefix(ACTION) {
        return Some(("action", action, "inputs"));
    }
    let (workflow, list) = entity.strip_prefix(WORKFLOW)?.split_once('.')?;
    Some(("workflow", workflow, list))
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

/// A small form: what an action, a hook or a question asks for.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The inputs as fields of an entity that has no records.
    pub entity: Arc<EntityModel>,
    /// The model with that entity: the form is drawn and read with it.
    pub form: Arc<Model>,
    /// The model in which the records have a way to the inputs: steps are read with it, and no query ever is.
    pub model: Arc<Model>,
    /// The place of that way among the fields.
    pub link: usize,
}

impl PartialEq for Inputs {
    fn eq(&self, other: &Self) -> bool {
        self.entity.name == other.entity.name && self.link == other.link
    }
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
        let mut problems = Problems::new();
        if asks(definition).is_some() && entity.field(INPUT).is_some() {
            problems.push(Problem::new("name_taken", "/inputs").with("name", INPUT));
        }
        let made = form(&format!("{ACTION}{action}"), definition, model);
        let made = made.map_err(|found| problems.0.extend(found.0)).ok().flatten();
        if problems.has_errors() {
            return Err(problems);
        }
        let hanging = made.and_then(|made| Hanging::of(entity, model, vec![(INPUT.to_owned(), made)], &[]));
        Ok(hanging.and_then(|hanging| hanging.inputs(INPUT)))
    }
}

fn asks(definition: &Json) -> Option<&serde_json::Map<String, Json>> {
    definition.get("inputs").and_then(Json::as_object).filter(|inputs| !inputs.is_empty())
}

/// Makes an entity of `inputs` and `required`; `None` when nothing is asked for.
///
/// # Errors
/// What is wrong with them, with pointers below what has `inputs` and `required`.
pub fn form(name: &str, definition: &Json, model: &Model) -> Result<Option<Arc<EntityModel>>, Problems> {
    let required = definition.get("required").cloned().unwrap_or_else(|| json!([]));
    let Some(written) = asks(definition) else {
        let mut problems = Problems::new();
        for (index, name) in required.as_array().into_iter().flatten().enumerate() {
            let name = name.as_str().unwrap_or_default();
            problems.push(Problem::new("unknown_input", format!("/required/{index}")).with("name", name));
        }
        return problems.into_result(None);
    };
    let mut problems = unfit(written, "/inputs");
    let title = definition.get("title").cloned().unwrap_or_else(|| name.into());
    let shape = json!({ "name": name, "title": title, "properties": written, "required": required });
    let made = made(name, &shape, model).map_err(|found| {
        problems.0.extend(found.0.into_iter().map(placed));
        problems.clone()
    })?;
    problems.into_result(Some(made))
}

/// What hangs on the records of an entity beside their own fields.
#[derive(Clone, Debug)]
pub struct Hanging {
    /// The entity with the ways.
    pub entity: Arc<EntityModel>,
    /// The model in which its records have them: steps are read with it, and no query ever is.
    pub model: Arc<Model>,
    /// The model with what the ways lead to, and no ways: forms are drawn and read with it.
    pub form: Arc<Model>,
    /// The ways.
    pub ways: Vec<Way>,
    /// Ways to records that steps name. No path begins with one before [`Hanging::knowing`] says that it is known.
    pub records: Vec<RecordWay>,
}

/// A way from a record to another that a step names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordWay {
    /// The name by which paths reach it.
    pub name: String,
    /// The name of its entity: steps that do not know of each other may call records of different ones the same.
    pub entity: String,
    /// The place of the way among the fields of the record.
    pub link: usize,
}

/// A way from a record to values without one.
#[derive(Clone, Debug)]
pub struct Way {
    /// The name by which paths reach them.
    pub name: String,
    /// Their fields.
    pub entity: Arc<EntityModel>,
    /// The place of the way among the fields of the record.
    pub link: usize,
}

impl PartialEq for Hanging {
    fn eq(&self, other: &Self) -> bool {
        let names = |one: &Self| -> Vec<String> { one.ways.iter().map(|way| way.name.clone()).collect() };
        self.entity.name == other.entity.name && names(self) == names(other) && self.records == other.records
    }
}

impl Hanging {
    /// Hangs made entities on an entity, each under a name, and ways to records that steps name. `None` when there is nothing
    /// that a way is made of.
    pub fn of(
        entity: &EntityModel,
        model: &Model,
        made: Vec<(String, Arc<EntityModel>)>,
        named: &[(String, String)],
    ) -> Option<Self> {
        let mut entities = model.entities.clone();
        let mut own = entity.clone();
        let mut ways = Vec::with_capacity(made.len());
        for (name, made) in made {
            let link = hang(&mut own, &name, &made.name)?;
            own.by_name.insert(name.clone(), link);
            entities.insert(made.name.clone(), Arc::clone(&made));
            ways.push(Way { name, entity: made, link });
        }
        let mut records = Vec::with_capacity(named.len());
        for (name, entity) in named {
            let link = hang(&mut own, name, entity)?;
            records.push(RecordWay { name: name.clone(), entity: entity.clone(), link });
        }
        let form = Arc::new(with(model, entities.clone()));
        let own = Arc::new(own);
        entities.insert(own.name.clone(), Arc::clone(&own));
        Some(Self { entity: own, model: Arc::new(with(model, entities)), form, ways, records })
    }

    /// The entity as `known` is, with a record of an entity known under a name, too. `None` when no way leads there.
    pub fn knowing(&self, known: &EntityModel, name: &str, entity: &str) -> Option<Arc<EntityModel>> {
        let way = self.records.iter().find(|way| way.name == name && way.entity == entity)?;
        let mut own = known.clone();
        own.by_name.insert(name.to_owned(), way.link);
        Some(Arc::new(own))
    }

    /// The way of a name.
    pub fn way(&self, name: &str) -> Option<&Way> {
        self.ways.iter().find(|way| way.name == name)
    }

    /// The same as a form that somebody fills in.
    pub fn inputs(&self, name: &str) -> Option<Inputs> {
        let way = self.way(name)?;
        Some(Inputs {
            entity: Arc::clone(&way.entity),
            form: Arc::clone(&self.form),
            model: Arc::clone(&self.model),
            link: way.link,
        })
    }
}

/// Adds a way to an entity, and says its place among the fields; paths do not begin with it yet.
fn hang(own: &mut EntityModel, name: &str, to: &str) -> Option<usize> {
    let link = own.fields.len();
    let to = Some(to.to_owned().into());
    let definition = FieldDefinition { kind: "link".into(), to, ..FieldDefinition::default() };
    let mut field = field_alone(name, definition)?;
    field.entity.clone_from(&own.name);
    field.index = link;
    // No step writes it.
    field.source = Source::Kept;
    own.fields.push(field);
    Some(link)
}

/// Stands for a record where there is none: it has no field, and ways hang on it.
pub fn nothing(name: &str, model: &Model) -> Option<EntityModel> {
    let shape = json!({ "name": name, "title": name, "properties": {} });
    let mut nothing = beside(name, &shape, model).ok()?;
    nothing.by_name.clear();
    Some(nothing)
}

/// An entity that stands for values without records; `shape` is what a definition of it would say.
///
/// # Errors
/// What is wrong with its fields, with pointers into the shape.
pub fn made(name: &str, shape: &Json, model: &Model) -> Result<Arc<EntityModel>, Problems> {
    beside(name, shape, model).map(Arc::new)
}

/// What belongs to values that are kept, and kinds of which a form that keeps nothing can make no use.
pub fn unfit(written: &serde_json::Map<String, Json>, list: &str) -> Problems {
    let mut problems = Problems::new();
    for (name, field) in written {
        let at = format!("{list}/{}", escape(name));
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
