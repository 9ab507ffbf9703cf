//! The state of a run: what is stored between two steps.

use indexmap::IndexMap;
use kontor_model::inputs::INPUT;
use kontor_model::{Json, Problem};
use serde_json::json;
use uuid::Uuid;

use crate::cause::{Cause, LoopCut, may_start};
use crate::step::Action;
use crate::step::ask::LATE;
use crate::step::attempt::TRIED;
use crate::{Event, Position, Workflow};

/// A record that a step named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The entity's name.
    pub entity: String,
    /// The record.
    pub id: Uuid,
}

/// The rounds of a `for_each`.
#[derive(Clone, Debug, PartialEq)]
struct Rounds {
    /// The position of the step.
    at: String,
    /// The records, found when the step was reached.
    records: Vec<Uuid>,
}

/// Where a run stands and what it knows.
#[derive(Clone, Debug, PartialEq)]
pub struct RunState {
    /// The workflow's name.
    pub workflow: String,
    /// The model version in which the run began.
    pub version: i64,
    /// The entity of the record that started it; empty where its workflow is about none.
    pub entity: String,
    /// That record; nil where there is none.
    pub record: Uuid,
    /// What led to the run, the first cause first.
    pub chain: Vec<Cause>,
    /// The old values of the fields that the save changed, in JSON form.
    pub old: Json,
    /// Whether the record went to the bin as the run was caused: its steps look at it there.
    pub of_deleted: bool,
    /// The records that steps named; `None` for one that was looked for and not found.
    pub names: IndexMap<String, Option<Named>>,
    /// What hangs on the record, what a hook was sent and what was answered: an object of values by the name under which
    /// steps know it.
    pub values: IndexMap<String, Json>,
    position: Option<Position>,
    rounds: Vec<Rounds>,
}

impl RunState {
    /// The state at the beginning of a run.
    ///
    /// # Errors
    /// The loop that this run would close.
    pub fn begin(workflow: &Workflow, version: i64, event: &Event) -> Result<Self, LoopCut> {
        may_start(&workflow.name, event.record, &event.chain)?;
        Ok(Self {
            workflow: workflow.name.clone(),
            version,
            entity: event.entity.clone(),
            record: event.record,
            chain: event.chain.clone(),
            old: event.old.clone(),
            of_deleted: event.kind == crate::EventKind::Deleted,
            names: IndexMap::new(),
            values: IndexMap::new(),
            position: if workflow.steps.is_empty() { None } else { Some(Position::start()) },
            rounds: Vec::new(),
        })
    }

    /// The state at the beginning of a run that a step of this run calls, on the same record.
    ///
    /// # Errors
    /// The loop that it would close.
    pub fn call(&self, workflow: &Workflow) -> Result<Self, LoopCut> {
        let chain = self.causes();
        may_start(&workflow.name, self.record, &chain)?;
        Ok(Self {
            workflow: workflow.name.clone(),
            chain,
            names: IndexMap::new(),
            values: IndexMap::new(),
            position: if workflow.steps.is_empty() { None } else { Some(Position::start()) },
            rounds: Vec::new(),
            ..self.clone()
        })
    }

    /// The chain that everything this run writes is caused by: what led to it, and it itself.
    pub fn causes(&self) -> Vec<Cause> {
        let mut chain = self.chain.clone();
        chain.push(Cause { workflow: self.workflow.clone(), record: self.record });
        chain
    }

    /// Where the run stands; `None` at its end.
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// Moves on after an effect or a wait. `result` is the record that the step created or found.
    pub fn finish(&mut self, workflow: &Workflow, result: Option<Named>) {
        let Some(position) = self.position.clone() else { return };
        if let Some(step) = position.step(&workflow.steps)
            && let Some((name, _)) = step.action.names()
        {
            self.names.insert(name.to_owned(), result);
        }
        self.advance(workflow, &position);
    }

    /// Remembers what a step called a record, beside its result.
    pub fn name(&mut self, name: &str, record: Named) {
        self.names.insert(name.to_owned(), Some(record));
    }

    /// Moves on behind a question, to people or to a machine, with what was answered: steps behind it know that by the name
    /// that the step gives it.
    pub fn answer(&mut self, workflow: &Workflow, given: Json) {
        let Some(position) = self.position.clone() else { return };
        if let Some(name) = position.step(&workflow.steps).and_then(|step| step.action.way()) {
            self.values.insert(name.to_owned(), given);
        }
        self.advance(workflow, &position);
    }

    /// Begins the rounds of a `for_each` with the records that were found.
    pub fn go_through(&mut self, workflow: &Workflow, records: Vec<Uuid>) {
        let Some(position) = self.position.clone() else { return };
        self.rounds.push(Rounds { at: position.to_string(), records });
        self.round(workflow, &position, 0);
    }

    /// Takes a way: the index of the condition that held, `None` when none did.
    pub fn choose(&mut self, workflow: &Workflow, choice: Option<usize>) {
        let Some(position) = self.position.clone() else { return };
        let Some(step) = position.step(&workflow.steps) else {
            self.position = None;
            return;
        };
        let branch = match (&step.action, choice) {
            (Action::Stop(_), Some(_)) => {
                self.position = None;
                return;
            }
            (Action::Branch(_) | Action::Wait(_) | Action::Approve(_), Some(_)) => "then".to_owned(),
            (Action::Try(_), Some(_)) => TRIED.to_owned(),
            (Action::Ask(_), _) => LATE.to_owned(),
            (Action::Switch(_), Some(index)) => format!("case{index}"),
            _ => "else".to_owned(),
        };
        match step.action.branch(&branch) {
            Some([_, ..]) => self.position = Some(position.into_branch(&branch, None)),
            _ => self.advance(workflow, &position),
        }
    }

    /// Goes on where the innermost `try` says what to do when one of its steps fails; whether there is one.
    pub fn catch(&mut self, workflow: &Workflow) -> bool {
        let Some(mut here) = self.position.clone() else { return false };
        loop {
            let is_tried = here.branch() == Some(TRIED);
            let Some((parent, _)) = here.parent() else { return false };
            if is_tried
                && let Some(Action::Try(attempt)) = parent.step(&workflow.steps).map(|step| &step.action)
            {
                let inside = format!("{parent}/");
                self.rounds.retain(|rounds| !rounds.at.starts_with(&inside));
                if attempt.otherwise.is_empty() {
                    self.advance(workflow, &parent);
                } else {
                    self.position = Some(parent.into_branch("else", None));
                }
                return true;
            }
            here = parent;
        }
    }

    /// The state at the beginning of a run that time begins, for a record or, where `record` is `None`, for none.
    ///
    /// # Errors
    /// The loop that it would close.
    pub fn of_time(workflow: &Workflow, version: i64, record: Option<Uuid>) -> Result<Self, LoopCut> {
        Self::begin(
            workflow,
            version,
            &Event {
                entity: record.and(workflow.entity.clone()).unwrap_or_default(),
                record: record.unwrap_or_default(),
                kind: crate::EventKind::Updated,
                changed: Vec::new(),
                old: Json::Null,
                new: Json::Null,
                form: None,
                chain: Vec::new(),
            },
        )
    }

    /// The state at the beginning of a run that a machine begins, about a record or none, with what it sent.
    ///
    /// # Errors
    /// The loop that it would close.
    pub fn of_hook(
        workflow: &Workflow,
        version: i64,
        record: Option<Uuid>,
        input: Json,
    ) -> Result<Self, LoopCut> {
        let mut state = Self::of_time(workflow, version, record)?;
        state.entity = workflow.entity.clone().unwrap_or_default();
        state.values.insert(INPUT.to_owned(), input);
        Ok(state)
    }

    /// The state at the beginning of one of several ways: a run of its own for the same record.
    #[must_use]
    pub fn beside(&self) -> Self {
        let mut own = self.clone();
        own.values.retain(|name, _| name == INPUT);
        Self { names: IndexMap::new(), position: Some(Position::start()), rounds: Vec::new(), ..own }
    }

    /// Whether a record set the run going.
    pub fn has_record(&self) -> bool {
        !self.record.is_nil()
    }

    /// Ends the run.
    pub fn end(&mut self) {
        self.position = None;
        self.rounds.clear();
    }

    /// To the step after this one: in the same list, in the next round, or after the step around it.
    fn advance(&mut self, workflow: &Workflow, from: &Position) {
        let mut here = from.clone();
        loop {
            if let Some(next) = here.following(&workflow.steps) {
                self.position = Some(next);
                return;
            }
            let Some((parent, round)) = here.parent() else {
                self.end();
                return;
            };
            if let Some(round) = round {
                return self.round(workflow, &parent, round + 1);
            }
            here = parent;
        }
    }

    /// Begins a round, or goes on after the last.
    fn round(&mut self, workflow: &Workflow, at: &Position, round: usize) {
        let step = at.step(&workflow.steps);
        let text = at.to_string();
        let record =
            self.rounds.iter().find(|rounds| rounds.at == text).and_then(|rounds| rounds.records.get(round));
        if let (Some(record), Some(Action::ForEach(each))) = (record.copied(), step.map(|step| &step.action))
            && !each.steps.is_empty()
        {
            let named = Named { entity: each.entity.clone(), id: record };
            self.names.insert(each.name_of_result.clone(), Some(named));
            self.position = Some(at.clone().into_branch("each", Some(round)));
            return;
        }
        if let Some(Action::ForEach(each)) = step.map(|step| &step.action) {
            self.names.shift_remove(&each.name_of_result);
        }
        self.rounds.retain(|rounds| rounds.at != text);
        self.advance(workflow, at);
    }

    /// The form that is stored with the run.
    pub fn to_json(&self) -> Json {
        let form = |record: &Option<Named>| {
            record.as_ref().map(|record| json!({ "entity": record.entity, "id": record.id.to_string() }))
        };
        let names: serde_json::Map<String, Json> =
            self.names.iter().map(|(name, record)| (name.clone(), json!(form(record)))).collect();
        let rounds: Vec<Json> = self
            .rounds
            .iter()
            .map(|rounds| json!({ "at": rounds.at, "records": rounds.records.iter().map(Uuid::to_string).collect::<Vec<_>>() }))
            .collect();
        json!({
            "workflow": self.workflow,
            "version": self.version,
            "entity": self.entity,
            "record": self.record.to_string(),
            "position": self.position.as_ref().map(ToString::to_string),
            "chain": self.chain.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "old": self.old,
            "deleted": self.of_deleted,
            "names": names,
            "values": self.values,
            "rounds": rounds,
        })
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// The member that cannot be read.
    pub fn from_json(json: &Json) -> Result<Self, Problem> {
        let wrong = |key: &str| Problem::new("not_a_run", format!("/{key}"));
        let text = |key: &str| json.get(key).and_then(Json::as_str).ok_or_else(|| wrong(key));
        let list =
            |json: &Json, key: &str| json.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
        let position = match json.get("position").and_then(Json::as_str) {
            Some(text) => Some(text.parse().map_err(|_| wrong("position"))?),
            None => None,
        };
        let mut names = IndexMap::new();
        for (name, record) in json.get("names").and_then(Json::as_object).into_iter().flatten() {
            let member = |key: &str| record.get(key).and_then(Json::as_str);
            let known = match (member("entity"), member("id")) {
                (Some(entity), Some(id)) => Some(Named {
                    entity: entity.to_owned(),
                    id: Uuid::try_parse(id).map_err(|_| wrong("names"))?,
                }),
                _ => None,
            };
            names.insert(name.clone(), known);
        }
        let mut rounds = Vec::new();
        for one in list(json, "rounds") {
            let records: Result<Vec<Uuid>, Problem> = list(&one, "records")
                .iter()
                .map(|id| id.as_str().and_then(|id| Uuid::try_parse(id).ok()).ok_or_else(|| wrong("rounds")))
                .collect();
            let at = one.get("at").and_then(Json::as_str).ok_or_else(|| wrong("rounds"))?.to_owned();
            rounds.push(Rounds { at, records: records? });
        }
        let mut chain = Vec::new();
        for cause in list(json, "chain") {
            let cause = cause.as_str().and_then(|cause| cause.parse().ok());
            chain.push(cause.ok_or_else(|| wrong("chain"))?);
        }
        Ok(Self {
            workflow: text("workflow")?.to_owned(),
            version: json.get("version").and_then(Json::as_i64).ok_or_else(|| wrong("version"))?,
            entity: text("entity")?.to_owned(),
            record: Uuid::try_parse(text("record")?).map_err(|_| wrong("record"))?,
            chain,
            old: json.get("old").cloned().unwrap_or(Json::Null),
            of_deleted: json.get("deleted").and_then(Json::as_bool) == Some(true),
            names,
            values: json
                .get("values")
                .and_then(Json::as_object)
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            position,
            rounds,
        })
    }
}
