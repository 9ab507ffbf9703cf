//! What hangs on the record of a run beside its own fields: what a hook was sent as `input`, and what people and machines
//! answered, under the names that the steps which asked them give; and the records that steps name.

use std::sync::Arc;

use kontor_model::inputs::{Hanging, INPUT, Inputs, WORKFLOW, form, is_made, made, nothing, unfit};
use kontor_model::layer::identity;
use kontor_model::{EntityModel, Json, Model, Problem, Problems};
use serde_json::{Map, json};

use crate::names::Names;
use crate::step::http::{AT, READ, STATUS, WHOLE};
use crate::step::report;

/// Stands for the record where there is none.
const NOTHING: &str = "run.nothing";
/// Names that mean something else in texts.
pub(crate) const OF_TEXTS: [&str; 4] = ["record", "old", "user", "now"];
/// Keys of a step below which steps stand that belong to the same run; the ways of `parallel` are runs of their own.
const LISTS: [&str; 4] = ["then", "else", "steps", "on_timeout"];

/// Reads what hangs on the records of a workflow, all of it before the first step is read. Problems are those of the inputs,
/// below `/on`, and of answers, where their steps stand.
pub(crate) fn read(
    workflow: &str,
    json: &Json,
    entity: Option<&EntityModel>,
    model: &Model,
    problems: &mut Problems,
) -> Option<Hanging> {
    let mut all = All::new(workflow, entity, model);
    let on = json.get("on").unwrap_or(&Json::Null);
    if on.get("event").and_then(Json::as_str) == Some("webhook") {
        all.inputs(on);
    }
    all.steps(json.get("steps"), "/steps", "steps");
    all.records(json.get("steps"));
    all.hung(problems)
}

/// The same for a way beside others: a run of its own, which knows nothing of what this one was answered.
pub(crate) fn of_way(
    names: &Names<'_>,
    steps: Option<&Json>,
    at: &str,
    problems: &mut Problems,
) -> Option<Hanging> {
    let entity = names.plain_entity().map(AsRef::as_ref);
    let made = names.way(INPUT).map(|inputs| (INPUT.to_owned(), Arc::clone(inputs)));
    let mut all = All::new(names.workflow, entity, names.plain);
    all.made.extend(made);
    all.steps(steps, at, "steps");
    all.records(steps);
    all.hung(problems)
}

/// The same for the steps of an action: what was typed for it, and the records that its steps name.
pub(crate) fn of_action(
    action: &str,
    steps: Option<&Json>,
    entity: &EntityModel,
    model: &Model,
    inputs: Option<&Inputs>,
) -> Option<Hanging> {
    let mut all = All::new(action, Some(entity), model);
    all.made.extend(inputs.map(|inputs| (INPUT.to_owned(), Arc::clone(&inputs.entity))));
    all.records(steps);
    // Who asks and is answered there is refused where the steps are read.
    all.hung(&mut Problems::new())
}

/// Says of inputs and answers that are named and not there which there are.
pub(crate) fn complete(problems: &mut Problems, hanging: Option<&Hanging>) {
    let Some(hanging) = hanging else { return };
    for problem in &mut problems.0 {
        let said = |wanted: &str| {
            let found = problem.parameters.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.clone())
        };
        if problem.code != "unknown_field" || said("options").is_some() || said("like").is_some() {
            continue;
        }
        let entity = said("entity").filter(|entity| is_made(entity));
        let Some(made) = entity.and_then(|entity| hanging.model.entity(&entity)) else { continue };
        let written = said("field").unwrap_or_default();
        let own = std::mem::replace(problem, Problem::new("", ""));
        *problem = own.among(&written, made.own_fields().map(|field| field.name.as_str()));
    }
}

/// What is found in a definition.
struct All<'m> {
    workflow: &'m str,
    entity: Option<&'m EntityModel>,
    model: &'m Model,
    made: Vec<(String, Arc<EntityModel>)>,
    /// Names of records with the names of their entities, each pair once.
    named: Vec<(String, String)>,
    problems: Problems,
}

impl<'m> All<'m> {
    fn new(workflow: &'m str, entity: Option<&'m EntityModel>, model: &'m Model) -> Self {
        let (made, named) = (Vec::new(), Vec::new());
        Self { workflow, entity, model, made, named, problems: Problems::new() }
    }

    fn hung(mut self, problems: &mut Problems) -> Option<Hanging> {
        problems.0.append(&mut self.problems.0);
        if self.made.is_empty() && self.named.is_empty() {
            return None;
        }
        match self.entity {
            Some(entity) => Hanging::of(entity, self.model, self.made, &self.named),
            None => Hanging::of(&nothing(NOTHING, self.model)?, self.model, self.made, &self.named),
        }
    }

    /// Whether what is asked for cannot be called so: it would be taken for something else.
    fn is_taken(&self, name: &str) -> bool {
        name == INPUT
            || OF_TEXTS.contains(&name)
            || self.entity.is_some_and(|entity| entity.field(name).is_some())
            || self.made.iter().any(|(known, _)| known == name)
    }

    fn entity_of(&self, list: &str) -> String {
        format!("{WORKFLOW}{}.{list}", self.workflow)
    }

    /// What a hook is sent.
    fn inputs(&mut self, on: &Json) {
        // Where an input stands in what is sent is the trigger's business.
        let mut on = on.clone();
        for input in on.get_mut("inputs").and_then(Json::as_object_mut).into_iter().flat_map(Map::values_mut)
        {
            if let Some(input) = input.as_object_mut() {
                input.shift_remove(AT);
            }
        }
        match form(&self.entity_of("on.inputs"), &on, self.model) {
            Ok(None) => {}
            Ok(Some(_)) if self.entity.is_some_and(|entity| entity.field(INPUT).is_some()) => {
                self.problems.push(Problem::new("name_taken", "/on/inputs").with("name", INPUT));
            }
            Ok(Some(made)) => self.made.push((INPUT.to_owned(), made)),
            Err(found) => self.problems.extend_under("/on", found),
        }
    }

    /// The records that a list of steps and the lists below them name. What is wrong with the steps is told where they are
    /// read.
    fn records(&mut self, steps: Option<&Json>) {
        for step in steps.and_then(Json::as_array).into_iter().flatten() {
            self.record(step);
            for key in LISTS {
                self.records(step.get(key));
            }
            for one in step.get("cases").and_then(Json::as_array).into_iter().flatten() {
                self.records(one.get("then"));
            }
        }
    }

    fn record(&mut self, step: &Json) {
        let word = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        let mut found = Vec::new();
        match word(step, "do").as_deref() {
            Some("create" | "find" | "for_each") => found.push((word(step, "as"), word(step, "entity"))),
            Some("task") => {
                let list = self.entity.and_then(EntityModel::activity_list);
                found.push((word(step, "as"), list.map(|list| list.entity.clone())));
            }
            Some("convert") => {
                let to = step.get("to").and_then(Json::as_array).into_iter().flatten();
                found.extend(to.map(|one| (word(one, "as"), word(one, "entity"))));
            }
            _ => {}
        }
        for (name, entity) in found {
            let pair = name.zip(entity.filter(|entity| self.model.entity(entity).is_some()));
            self.named.extend(pair.filter(|pair| !self.named.contains(pair)));
        }
    }

    /// The answers that a list of steps and the lists below them name; `path` is that of their texts.
    fn steps(&mut self, steps: Option<&Json>, at: &str, path: &str) {
        for (index, step) in steps.and_then(Json::as_array).into_iter().flatten().enumerate() {
            let at = format!("{at}/{index}");
            let own = identity(step).map_or_else(|| index.to_string(), str::to_owned);
            let path = format!("{path}.{own}");
            self.answer(step, &at, &path);
            for key in LISTS {
                self.steps(step.get(key), &format!("{at}/{key}"), &format!("{path}.{key}"));
            }
            let cases = step.get("cases").and_then(Json::as_array).into_iter().flatten();
            for (case, one) in cases.enumerate() {
                let path = format!("{path}.cases.{case}.then");
                self.steps(one.get("then"), &format!("{at}/cases/{case}/then"), &path);
            }
        }
    }

    fn answer(&mut self, step: &Json, at: &str, path: &str) {
        let Some(name) = step.get("as").and_then(Json::as_str) else { return };
        let word = step.get("do").and_then(Json::as_str).unwrap_or_default();
        if !matches!(word, "ask" | "http" | "report") {
            return;
        }
        if self.is_taken(name) {
            self.problems.push(Problem::new("name_taken", format!("{at}/as")).with("name", name));
            return;
        }
        let made = match word {
            "ask" => self.of_people(step, at, path),
            "report" => self.of_file(name, at, path),
            _ => self.of_machine(name, step, at, path),
        };
        self.made.extend(made.map(|made| (name.to_owned(), made)));
    }

    /// What people are asked for, as an action asks for it.
    fn of_people(&mut self, step: &Json, at: &str, path: &str) -> Option<Arc<EntityModel>> {
        if step.get("inputs").and_then(Json::as_object).is_none_or(Map::is_empty) {
            self.problems.push(Problem::new("required", format!("{at}/inputs")));
            return None;
        }
        let made = form(&self.entity_of(&format!("{path}.inputs")), step, self.model);
        made.map_err(|found| self.problems.extend_under(at, found)).ok().flatten()
    }

    /// What is known of the file that a report was made into.
    fn of_file(&mut self, name: &str, at: &str, path: &str) -> Option<Arc<EntityModel>> {
        let fields =
            report::FIELDS.map(|(field, kind)| (field.to_owned(), json!({ "kind": kind, "title": field })));
        let entity = self.entity_of(&format!("{path}.file"));
        let shape = json!({ "name": entity, "title": name, "properties": Map::from_iter(fields) });
        made(&entity, &shape, self.model).map_err(|found| self.problems.extend_under(at, found)).ok()
    }

    /// What is read of the answer of a machine.
    fn of_machine(&mut self, name: &str, step: &Json, at: &str, path: &str) -> Option<Arc<EntityModel>> {
        let written = step.get(READ).and_then(Json::as_object);
        if let Some(written) = written {
            self.problems.extend_under(&format!("{at}/{READ}"), unfit(written, ""));
        }
        let mut fields = Map::new();
        fields.insert(STATUS.into(), json!({ "kind": "integer", "title": STATUS }));
        fields.insert(WHOLE.into(), json!({ "kind": "json", "title": WHOLE }));
        for (field, written) in written.into_iter().flatten() {
            let mut own = written.as_object().cloned().unwrap_or_default();
            own.shift_remove(AT);
            own.entry("title").or_insert_with(|| field.as_str().into());
            if [STATUS, WHOLE].contains(&field.as_str()) {
                let problem = Problem::new("name_taken", format!("{at}/{READ}/{field}"));
                self.problems.push(problem.with("name", field));
            } else {
                fields.insert(field.clone(), Json::Object(own));
            }
        }
        let entity = self.entity_of(&format!("{path}.{READ}"));
        let shape = json!({ "name": entity, "title": name, "properties": fields });
        match made(&entity, &shape, self.model) {
            Ok(made) => Some(made),
            Err(found) => {
                self.problems.0.extend(found.0.into_iter().map(|problem| {
                    let path = problem.path.replacen("/properties", &format!("/{READ}"), 1);
                    Problem { path: format!("{at}{path}"), ..problem }
                }));
                None
            }
        }
    }
}
