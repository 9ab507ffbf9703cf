//! A workflow, read and checked against the model.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_model::filter::Filter;
use kontor_model::inputs::{Hanging, INPUT, Inputs};
use kontor_model::{Json, Model, Problem, Problems};

use crate::hanging;
use crate::names::Names;
use crate::read::Reader;
use crate::step::{self, Step};
use crate::trigger::{self, Pressed, Trigger};
use crate::window::{self, SendWindow};

/// What happens by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Workflow {
    /// The name.
    pub name: String,
    /// The label.
    pub title: String,
    /// The entity whose records start it; none for a schedule.
    pub entity: Option<String>,
    /// What starts it.
    pub trigger: Trigger,
    /// Only when this holds for the record; it may ask what the save changed.
    pub when: Filter,
    /// With whose rights it acts.
    pub run_as: RunAs,
    /// Whether it starts at all.
    pub active: bool,
    /// Whether it starts again for the same record.
    pub again: Again,
    /// Looked at before every step: ends the run when it holds.
    pub exit_when: Option<Filter>,
    /// What it is for: looked at in the same way, ends the run as done when it holds.
    pub goal: Option<Filter>,
    /// When steps that reach people are taken; always when nothing is said.
    pub send_window: Option<SendWindow>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What hangs on the record beside its fields: the inputs of a hook, what people and machines answered, the records that
    /// steps name.
    pub hanging: Option<Hanging>,
}

/// With whose rights a workflow acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunAs {
    /// The person who caused it.
    #[default]
    Caller,
    /// The workspace itself.
    Workspace,
}

/// Whether a workflow starts again for the same record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Again {
    /// Every time.
    #[default]
    Always,
    /// Once in the record's life.
    Never,
    /// Not while an earlier run goes on.
    AfterEnd,
    /// In place of the earlier run, which ends.
    Restart,
}

/// Deepest nesting of steps, and most steps in all.
const MAX_DEPTH: usize = 16;
const MAX_STEPS: usize = 500;

impl Workflow {
    /// Reads a definition and checks everything that it names against the model.
    ///
    /// # Errors
    /// All problems, with pointers into the definition.
    pub fn parse(name: &str, json: &Json, model: &Model) -> Result<Self, Problems> {
        let mut reader = Reader::new(json, "");
        check_size(json.get("steps"), &mut reader.problems);
        if reader.problems.has_errors() {
            return Err(reader.problems);
        }
        let on = reader.member("on").unwrap_or(&Json::Null);
        let mut trigger_problems = Problems::new();
        let entity = trigger::entity(on, model, &mut trigger_problems);
        let hanging = hanging::read(name, json, entity, model, &mut reader.problems);
        // What looks at inputs and answers that are wrong would all be wrong, too.
        if reader.problems.has_errors() {
            reader.problems.extend_under("/on", trigger_problems);
            return Err(reader.problems);
        }
        let hanging_on = hanging.as_ref();
        let inputs = hanging_on.and_then(|hanging| hanging.way(INPUT)).map(|way| way.entity.as_ref());
        let trigger = trigger::read(on, (name, entity, inputs), model)
            .map_err(|problems| trigger_problems.0.extend(problems))
            .ok();
        reader.problems.extend_under("/on", trigger_problems);
        // What a hook was sent may be asked for before it begins; answers come later.
        let asked = match (entity, hanging_on) {
            (_, Some(hanging)) if inputs.is_some() => Some((hanging.entity.as_ref(), hanging.model.as_ref())),
            (entity, _) => entity.map(|entity| (entity, model)),
        };
        let when = reader.member("when").map_or(Ok(Filter::True), |filter| match asked {
            // Whoever presses a button has saved nothing.
            Some((entity, model)) if matches!(trigger, Some(Trigger::Button(_))) => {
                Filter::parse(filter, entity, model)
            }
            Some((entity, model)) => Filter::parse_trigger(filter, entity, model),
            None => Err(Problem::new("no_record", "").into()),
        });
        let of_record = |key: &str| {
            let filter = reader.member(key)?;
            Some(match entity {
                Some(entity) => Filter::parse(filter, entity, model),
                None => Err(Problem::new("no_record", "").into()),
            })
        };
        let (exit_when, goal) = (of_record("exit_when"), of_record("goal"));
        let when = keep(when, "/when", &mut reader.problems);
        let exit_when = exit_when.and_then(|filter| keep(filter, "/exit_when", &mut reader.problems));
        let goal = goal.and_then(|filter| keep(filter, "/goal", &mut reader.problems));
        let run_as =
            option(&mut reader, "run_as", &[("caller", RunAs::Caller), ("workspace", RunAs::Workspace)]);
        let again = option(
            &mut reader,
            "again",
            &[
                ("always", Again::Always),
                ("never", Again::Never),
                ("after_end", Again::AfterEnd),
                ("restart", Again::Restart),
            ],
        );
        let send_window = window::read(&mut reader);
        let in_bin = matches!(trigger, Some(Trigger::Deleted));
        let mut names = Names {
            workflow: name,
            plain: model,
            model: hanging_on.map_or(model, |hanging| &hanging.model),
            entity: match hanging_on {
                Some(hanging) => Some(Arc::clone(&hanging.entity)),
                None => entity.and_then(|entity| model.entity(&entity.name)).cloned(),
            },
            on_record: hanging_on,
            known: BTreeMap::new(),
            in_bin,
            hanging: inputs.map(|_| INPUT.to_owned()).into_iter().collect(),
            without_record: entity.is_none(),
        };
        let steps = step::read_list(reader.member("steps"), "/steps", &mut names, &mut reader.problems);
        if steps.is_empty() && reader.problems.is_empty() {
            reader.missing("steps");
        }
        hanging::complete(&mut reader.problems, hanging_on);
        let title = reader.text("title").unwrap_or_else(|| name.to_owned());
        let active = reader.member("active").and_then(Json::as_bool).unwrap_or(true);
        let (Some(trigger), Some(when)) = (trigger, when) else { return Err(reader.problems) };
        let workflow = Self {
            name: name.to_owned(),
            title,
            entity: entity.map(|entity| entity.name.clone()),
            trigger,
            when,
            run_as,
            active,
            again,
            exit_when,
            goal,
            send_window,
            steps,
            hanging,
        };
        reader.problems.into_result(workflow)
    }

    /// Steps that are carried out at once for a record, under the name of what has them.
    pub(crate) fn at_once(
        name: &str,
        title: &str,
        entity: &str,
        steps: Vec<Step>,
        hanging: Option<Hanging>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            entity: Some(entity.to_owned()),
            trigger: Trigger::Called,
            when: Filter::True,
            run_as: RunAs::Caller,
            active: true,
            again: Again::Always,
            exit_when: None,
            goal: None,
            send_window: None,
            steps,
            hanging,
        }
    }

    /// What a hook is sent.
    pub fn inputs(&self) -> Option<Inputs> {
        self.hanging.as_ref().and_then(|hanging| hanging.inputs(INPUT))
    }

    /// The button that starts it; none for workflows that something else starts, or that do not start at all.
    pub fn button(&self) -> Option<&Pressed> {
        match &self.trigger {
            Trigger::Button(pressed) if self.active => Some(pressed),
            _ => None,
        }
    }

    /// Whether an event starts it, its condition aside: that needs the record and is looked at by the job runner.
    pub fn listens_to(&self, event: &crate::Event) -> bool {
        self.active && self.entity.as_deref() == Some(event.entity.as_str()) && self.trigger.matches(event)
    }
}

fn keep<T>(result: Result<T, Problems>, at: &str, problems: &mut Problems) -> Option<T> {
    result.map_err(|wrong| problems.extend_under(at, wrong)).ok()
}

fn option<T: Copy + Default>(reader: &mut Reader<'_>, key: &str, options: &[(&str, T)]) -> T {
    let Some(word) = reader.text(key) else { return T::default() };
    if let Some((_, value)) = options.iter().find(|(option, _)| *option == word) {
        return *value;
    }
    let problem = reader.problem("not_an_option", key).with("value", &word).with("field", key);
    let words: Vec<&str> = options.iter().map(|(word, _)| *word).collect();
    let problem = problem.with("options", words.join(", "));
    reader.push(problem);
    T::default()
}

/// Refuses what is nested too deep before anything walks it.
pub(crate) fn check_size(steps: Option<&Json>, problems: &mut Problems) {
    fn count(json: &Json, depth: usize, deepest: &mut usize) -> usize {
        *deepest = (*deepest).max(depth);
        if depth > MAX_DEPTH * 4 {
            return 0;
        }
        match json {
            Json::Array(list) => list.iter().map(|item| count(item, depth + 1, deepest)).sum(),
            Json::Object(object) => {
                let own = usize::from(object.contains_key("do"));
                own + object.values().map(|value| count(value, depth + 1, deepest)).sum::<usize>()
            }
            _ => 0,
        }
    }
    let mut deepest = 0;
    let total = steps.map_or(0, |steps| count(steps, 0, &mut deepest));
    if deepest > MAX_DEPTH * 4 {
        problems.push(Problem::new("nested_too_deep", "/steps").with("limit", MAX_DEPTH));
    }
    if total > MAX_STEPS {
        problems.push(Problem::new("too_many_steps", "/steps").with("limit", MAX_STEPS));
    }
}
