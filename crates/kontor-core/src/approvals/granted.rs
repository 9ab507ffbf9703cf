//! What an approval lets through, and how the change came in that it decides about: so that what is granted is saved as it was
//! asked for, and nothing is saved that nobody decided.

use std::collections::BTreeSet;

use kontor_model::{EntityModel, FieldModel, Json};
use serde_json::json;
use uuid::Uuid;

use super::Request;
use super::hold::whole_of;
use crate::{Origin, Session};

/// A guard or a move, with the approval that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    guard: String,
    approval: String,
}

/// What a save may change without asking: these fields of one record, as far as those guards are concerned that were decided.
#[derive(Clone, Debug)]
pub struct Granted {
    record: Uuid,
    /// The request that is carried out; `None` for what follows from a deletion, which no guard is asked about.
    request: Option<Uuid>,
    passes: Vec<Pass>,
    /// Keys of fields.
    fields: BTreeSet<String>,
    /// Those of them that automation had set.
    automated: BTreeSet<String>,
}

impl Granted {
    /// What a request was granted.
    pub(super) fn of(request: &Request) -> Self {
        let own = Pass { guard: request.row.guard.clone(), approval: request.approval.clone() };
        Self {
            record: request.row.record,
            request: Some(request.row.id),
            passes: request.how.passes.iter().cloned().chain([own]).collect(),
            fields: request.wanted.keys().cloned().collect(),
            automated: request.how.automated.clone(),
        }
    }

    /// What follows from a deletion, or from taking one back: one link of one record.
    pub(crate) fn consequence(record: Uuid, link: &FieldModel) -> Self {
        Self {
            record,
            request: None,
            passes: Vec::new(),
            fields: BTreeSet::from([link.key.clone()]),
            automated: BTreeSet::new(),
        }
    }

    /// What scripts have of it that save something themselves: they are asked like everybody, but what is carried out locks
    /// nothing any more.
    pub(crate) fn nested(&self) -> Option<Self> {
        self.request.is_some().then(|| Self {
            passes: Vec::new(),
            fields: BTreeSet::new(),
            automated: BTreeSet::new(),
            ..self.clone()
        })
    }

    /// Whether it was decided about these fields of a record, by this approval.
    pub(super) fn lets_through(
        &self,
        entity: &EntityModel,
        record: Uuid,
        pass: (&str, &str),
        changed: &[usize],
    ) -> bool {
        let is_decided = |one: &Pass| (one.guard.as_str(), one.approval.as_str()) == pass;
        self.covers(entity, record, changed) && (self.request.is_none() || self.passes.iter().any(is_decided))
    }

    fn covers(&self, entity: &EntityModel, record: Uuid, changed: &[usize]) -> bool {
        let has = |index: &usize| {
            let field = entity.fields.get(*index);
            field.is_some_and(|field| {
                self.fields.contains(&field.key) || self.fields.contains(&whole_of(entity, field).key)
            })
        };
        record == self.record && changed.iter().all(has)
    }

    /// Whether a record is not locked any more, because what locked it is carried out.
    pub(super) fn unlocks(&self, record: Uuid) -> bool {
        self.request.is_some() && record == self.record
    }

    /// Whether this is the request that is carried out.
    pub(super) fn is_of(&self, request: &Request) -> bool {
        self.request == Some(request.row.id)
    }
}

/// How a change came in that waits.
#[derive(Clone, Debug, Default)]
pub(super) struct How {
    /// The way; `None` in requests of before it was kept.
    pub(super) origin: Option<Origin>,
    /// A process moved the record by itself.
    pub(super) by_process: bool,
    /// Workflows were not to hear of it.
    pub(super) silent: bool,
    /// Keys of the fields that a script or a workflow set: nobody's right to the field is asked.
    pub(super) automated: BTreeSet<String>,
    /// The form through whose page it came in.
    pub(super) form: Option<String>,
    /// What was decided about the same fields before.
    passes: Vec<Pass>,
}

impl How {
    /// Of a save that is being held back. `is_automated` says it of a field.
    pub(super) fn of(
        session: &Session,
        entity: &EntityModel,
        record: Uuid,
        changed: &[usize],
        is_automated: impl Fn(&FieldModel) -> bool,
    ) -> Self {
        let granted = session.cause.granted.as_deref();
        let granted = granted.filter(|granted| granted.covers(entity, record, changed));
        let was_automated =
            |field: &FieldModel| granted.is_some_and(|granted| granted.automated.contains(&field.key));
        let fields = changed.iter().filter_map(|index| entity.fields.get(*index));
        let automated = fields.filter(|field| was_automated(field) || is_automated(field));
        Self {
            origin: Some(session.origin),
            by_process: session.cause.by_process,
            silent: session.cause.silent,
            automated: automated.map(|field| field.key.clone()).collect(),
            form: None,
            passes: granted.map(|granted| granted.passes.clone()).unwrap_or_default(),
        }
    }

    pub(super) fn read(json: Option<&Json>) -> Self {
        let Some(json) = json else { return Self::default() };
        let flag = |key: &str| json.get(key).and_then(Json::as_bool).unwrap_or_default();
        let list = |key: &str| json.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let text = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        let pass = |one: &Json| Some(Pass { guard: text(one, "guard")?, approval: text(one, "approval")? });
        Self {
            origin: json.get("origin").and_then(Json::as_str).and_then(Origin::parse),
            by_process: flag("by_process"),
            silent: flag("silent"),
            automated: list("automated").iter().filter_map(|key| Some(key.as_str()?.to_owned())).collect(),
            form: text(json, "form"),
            passes: list("passes").iter().filter_map(pass).collect(),
        }
    }

    pub(super) fn write(&self) -> Json {
        let pass = |one: &Pass| json!({ "guard": one.guard, "approval": one.approval });
        json!({
            "origin": self.origin.map(Origin::as_str), "by_process": self.by_process, "silent": self.silent,
            "automated": self.automated, "form": self.form, "passes": self.passes.iter().map(pass).collect::<Vec<_>>(),
        })
    }
}
