//! What the steps of a workflow ask people: each answer is like the inputs of an action, reached by the name that its step
//! gives it.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::inputs::{ASKED, Inputs};
use kontor_model::layer::identity;
use kontor_model::{EntityModel, Json, Model, Problem, Problems};

/// The answers that a run may know.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    list: Vec<Answer>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The name by which later steps reach it.
    pub name: String,
    /// What is asked for.
    pub inputs: Inputs,
}

impl PartialEq for Answers {
    fn eq(&self, other: &Self) -> bool {
        let names = |all: &Self| all.list.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        names(self) == names(other)
    }
}

/// A question as it is written.
struct Question<'j> {
    /// Its pointer.
    at: String,
    /// The path of its texts.
    path: String,
    step: &'j Json,
}

impl Answers {
    /// Reads what steps ask, all of it before the first step is read; those of ways beside each other are runs of their own.
    ///
    /// # Errors
    /// What is wrong with a question, with pointers into the definition.
    pub(crate) fn read(
        workflow: &str,
        (steps, at): (Option<&Json>, &str),
        entity: Option<&EntityModel>,
        model: &Model,
    ) -> Result<Self, Problems> {
        let mut questions = Vec::new();
        collect(steps, at, "steps", &mut questions);
        let mut all = Self::default();
        let (Some(entity), false) = (entity, questions.is_empty()) else { return Ok(all) };
        let (mut problems, mut taken) = (Problems::new(), BTreeSet::new());
        for question in questions {
            let Some(name) = question.step.get("as").and_then(Json::as_str) else { continue };
            if !taken.insert(name) {
                let at = format!("{}/as", question.at);
                problems.push(Problem::new("duplicate_value", at).with("value", name));
                continue;
            }
            let asks = question
                .step
                .get("inputs")
                .and_then(Json::as_object)
                .is_some_and(|inputs| !inputs.is_empty());
            if !asks {
                problems.push(Problem::new("required", format!("{}/inputs", question.at)));
                continue;
            }
            let made = {
                let model = all.model(model);
                let entity = model.entity(&entity.name).map_or(entity, AsRef::as_ref);
                let form = format!("{ASKED}{workflow}.{}", question.path);
                Inputs::of((&form, name), question.step, entity, model)
            };
            match made {
                Ok(Some(inputs)) => all.list.push(Answer { name: name.to_owned(), inputs }),
                Ok(None) => {}
                Err(wrong) => problems.extend_under(&question.at, wrong),
            }
        }
        problems.into_result(all)
    }

    /// The model with a way to all of them.
    pub fn model<'a>(&'a self, plain: &'a Model) -> &'a Model {
        self.list.last().map_or(plain, |last| &last.inputs.model)
    }

    /// That model, where anything is asked.
    pub fn shared_model(&self) -> Option<Arc<Model>> {
        self.list.last().map(|last| Arc::clone(&last.inputs.model))
    }

    /// What is asked for under a name.
    pub fn get(&self, name: &str) -> Option<&Inputs> {
        self.list.iter().find(|one| one.name == name).map(|one| &one.inputs)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Answer> {
        self.list.iter()
    }
}

/// The questions of a list of steps and of the lists below them.
fn collect<'j>(steps: Option<&'j Json>, at: &str, path: &str, found: &mut Vec<Question<'j>>) {
    for (index, step) in steps.and_then(Json::as_array).into_iter().flatten().enumerate() {
        let at = format!("{at}/{index}");
        let own = identity(step).map_or_else(|| index.to_string(), str::to_owned);
        let path = format!("{path}.{own}");
        if step.get("do").and_then(Json::as_str) == Some("ask") {
            found.push(Question { at: at.clone(), path: path.clone(), step });
        }
        for key in ["then", "else", "steps", "on_timeout"] {
            collect(step.get(key), &format!("{at}/{key}"), &format!("{path}.{key}"), found);
        }
        let cases = step.get("cases").and_then(Json::as_array).into_iter().flatten();
        for (case, one) in cases.enumerate() {
            let path = format!("{path}.cases.{case}.then");
            collect(one.get("then"), &format!("{at}/cases/{case}/then"), &path, found);
        }
    }
}
