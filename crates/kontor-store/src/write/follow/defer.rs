//! What concerns too many records for one unit becomes a job. It is queued in the unit, so that neither is there
//! without the other.

use std::collections::BTreeSet;

use kontor_model::dependent::{Dependent, Step};
use kontor_model::{EntityModel, Json, Model};
use serde_json::json;
use uuid::Uuid;

use super::super::apply::{Applying, Failure};
use super::super::system;
use crate::system::{SystemWrite, TimerRow};
use crate::unit::{Deriving, RECOMPUTE};

/// So many changed records are named in a job; beyond them, all records of the entity are looked at.
const NAMED: usize = 500;

/// Queues a job that works a derived field out for the records that follow some changed ones.
pub(super) async fn queue(
    applying: &mut Applying<'_>,
    deriving: &Deriving,
    entity: &EntityModel,
    dependent: &Dependent,
    from: &BTreeSet<Uuid>,
) -> Result<(), Failure> {
    let Some(target) = applying.model.entity(&dependent.entity).cloned() else { return Ok(()) };
    let Some(field) = target.fields.get(dependent.field) else { return Ok(()) };
    let abroad = of_other_currencies(&target, deriving, dependent);
    let path = path_of(applying.model, dependent).filter(|_| from.len() <= NAMED);
    let ids: Vec<String> = from.iter().map(Uuid::to_string).collect();
    let (key, only) = match path {
        _ if abroad.is_some() => (String::from("abroad"), abroad.unwrap_or_default()),
        // The same change again, before the job has run, is the same job.
        Some(path) => {
            let named = if let [id] = ids.as_slice() { id.clone() } else { Uuid::now_v7().to_string() };
            (format!("{path}={named}"), json!({ "field": path, "in": ids }))
        }
        None => (String::from("all"), Json::Null),
    };
    let timer = TimerRow {
        id: Uuid::now_v7(),
        key: format!("{RECOMPUTE}:{}.{}:{key}", target.key, field.key),
        topic: RECOMPUTE.into(),
        payload: json!({
            "entity": target.key, "fields": [field.key], "where": only, "because": entity.key, "journal": true,
        }),
        due_at: deriving.now,
        attempts: 0,
        fence: 0,
        leased_until: None,
        dead: false,
        error: None,
    };
    system::apply(applying, &SystemWrite::PutTimer(timer)).await
}

/// Rates change nothing but amounts in other currencies than the workspace's.
fn of_other_currencies(target: &EntityModel, deriving: &Deriving, dependent: &Dependent) -> Option<Json> {
    let Some(Step::Priced { entity, currency }) = dependent.route.last() else { return None };
    let currency = &target.fields.get(*currency).filter(|_| *entity == target.name)?.name;
    Some(json!({ "all": [
        { "field": currency, "empty": false }, { "field": currency, "ne": deriving.currency },
    ] }))
}

/// The path from the following records to the changed ones, when there is nothing but links on the way.
fn path_of(model: &Model, dependent: &Dependent) -> Option<String> {
    let mut names = Vec::new();
    for step in &dependent.route {
        let Step::Back { entity, field } = step else { return None };
        let link = model.entity(entity)?.fields.get(*field)?;
        // What may point at several entities leads no path.
        if link.targets.len() != 1 {
            return None;
        }
        names.insert(0, link.name.clone());
    }
    (!names.is_empty()).then(|| names.join("."))
}
