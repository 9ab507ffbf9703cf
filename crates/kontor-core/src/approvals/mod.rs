//! Approvals: what somebody wants to change and others have to agree to. The record keeps what it has until then; the wanted
//! values wait in a request, and are saved in the name of who asked, with everything checked again.

mod decide;
mod hold;
mod people;
mod problems;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kontor_model::definition::approval::ApprovalDefinition;
use kontor_model::definition::process::ProcessDefinition;
use kontor_model::definition::{self, DefinitionKind};
use kontor_model::{EntityModel, Json, Model};
use kontor_store::system::ApprovalRow;
use serde_json::{Map, json};
use uuid::Uuid;

pub use decide::{Verdict, decide, withdraw};
pub use hold::Held;
pub(crate) use hold::{hold_back, hold_moves};
pub use problems::of_guards;

use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, allows};
use crate::records::batch::Batch;

/// A request as it is stored.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its row.
    pub row: ApprovalRow,
    /// The approval that decides.
    pub approval: String,
    /// What is wanted, by the keys of the fields: names may change meanwhile.
    pub wanted: Map<String, Json>,
    /// What the record held instead.
    pub old: Map<String, Json>,
    /// The round that is decided now, from 0.
    pub level: usize,
    /// Who may decide now and has not yet.
    pub waiting: Vec<Uuid>,
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// Why the values could not be saved in the end.
    pub reasons: Vec<String>,
}

/// What somebody decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Who.
    pub by: Uuid,
    /// Their name then.
    pub name: String,
    /// approve, refuse.
    pub verdict: String,
    /// What they said.
    pub comment: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In which round.
    pub level: usize,
}

impl Request {
    fn read(row: ApprovalRow) -> Self {
        let body = &row.body;
        let object = |key: &str| body.get(key).and_then(Json::as_object).cloned().unwrap_or_default();
        let list = |key: &str| body.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
        let decisions = list("decisions")
            .iter()
            .filter_map(|one| {
                let text = |key: &str| one.get(key).and_then(Json::as_str).map(str::to_owned);
                let at = DateTime::parse_from_rfc3339(&text("at")?).ok()?;
                Some(Decision {
                    by: text("by")?.parse().ok()?,
                    name: text("name")?,
                    verdict: text("verdict")?,
                    comment: text("comment").unwrap_or_default(),
                    at: at.to_utc(),
                    level: one.get("level").and_then(Json::as_u64).and_then(|level| level.try_into().ok())?,
                })
            })
            .collect();
        Self {
            approval: body.get("approval").and_then(Json::as_str).unwrap_or_default().to_owned(),
            wanted: object("wanted"),
            old: object("old"),
            level: body
                .get("level")
                .and_then(Json::as_u64)
                .and_then(|level| level.try_into().ok())
                .unwrap_or_default(),
            waiting: list("waiting").iter().filter_map(|id| id.as_str()?.parse().ok()).collect(),
            decisions,
            reasons: list("reasons").iter().filter_map(|text| Some(text.as_str()?.to_owned())).collect(),
            row,
        }
    }

    /// The row with everything in it.
    fn write(&self) -> ApprovalRow {
        let decisions: Vec<Json> = self
            .decisions
            .iter()
            .map(|one| {
                json!({
                    "by": one.by, "name": one.name, "verdict": one.verdict, "comment": one.comment,
                    "at": one.at.to_rfc3339(), "level": one.level,
                })
            })
            .collect();
        let body = json!({
            "approval": self.approval, "wanted": self.wanted, "old": self.old, "level": self.level,
            "waiting": self.waiting, "decisions": decisions, "reasons": self.reasons,
        });
        ApprovalRow { body, ..self.row.clone() }
    }

    /// The row of the next turn, in a state.
    fn turned(&self, session: &Session, state: &str) -> ApprovalRow {
        ApprovalRow {
            state: state.to_owned(),
            turn: self.row.turn + 1,
            updated_at: session.now,
            ..self.write()
        }
    }

    /// The entity of the record, as it is called now.
    pub fn entity(&self, model: &Model) -> Option<Arc<EntityModel>> {
        model.entities.values().find(|entity| entity.key == self.row.entity).cloned()
    }

    /// The form of the API: of the values those that the reader may see.
    pub fn to_json(&self, session: &Session) -> Json {
        let entity = self.entity(&session.model);
        let shown = |values: &Map<String, Json>| -> Json {
            let Some(entity) = &entity else { return Json::Null };
            let seen = self.fields(session, entity);
            let named = seen
                .iter()
                .map(|field| (field.name.clone(), values.get(&field.key).cloned().unwrap_or(Json::Null)));
            Json::Object(named.collect())
        };
        let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let decisions: Vec<Json> = self
            .decisions
            .iter()
            .map(|one| {
                json!({ "by": { "id": one.by, "title": one.name }, "verdict": one.verdict,
                        "comment": one.comment, "at": moment(one.at), "level": one.level + 1 })
            })
            .collect();
        json!({
            "id": self.row.id,
            "approval": self.approval,
            "entity": entity.as_ref().map(|entity| entity.name.clone()),
            "record": self.row.record,
            "requester": self.row.requester,
            "state": self.row.state,
            "level": self.level + 1,
            "wanted": shown(&self.wanted),
            "old": shown(&self.old),
            "decisions": decisions,
            "reasons": self.reasons,
            "made_at": moment(self.row.made_at),
            "updated_at": moment(self.row.updated_at),
        })
    }

    /// The fields that are wanted otherwise, as far as the reader may see them.
    pub fn fields<'e>(
        &self,
        session: &Session,
        entity: &'e EntityModel,
    ) -> Vec<&'e kontor_model::FieldModel> {
        let access = session.actor.access.entity(&entity.name);
        entity
            .fields
            .iter()
            .filter(|field| self.wanted.contains_key(&field.key))
            .filter(|field| {
                crate::permissions::field_right(access, entity, field)
                    > kontor_model::access::FieldRight::None
            })
            .collect()
    }
}

/// The approval of a name.
fn definition_of(model: &Model, name: &str) -> Option<ApprovalDefinition> {
    definition::read(model.definition(DefinitionKind::Approval, name)?).ok()
}

/// What waits for the actor, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(session: &Session) -> Result<Vec<Request>> {
    let open = session.workspace.store.open_approvals().await?;
    let mine = |request: &Request| request.waiting.contains(&session.actor.id);
    Ok(open.into_iter().map(Request::read).filter(mine).collect())
}

/// What the actor asked, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn asked(session: &Session) -> Result<Vec<Request>> {
    let rows = session.workspace.store.approvals_asked(session.actor.id).await?;
    Ok(rows.into_iter().map(Request::read).collect())
}

/// The requests about a record that the actor sees, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_record(session: &Session, entity: &EntityModel, id: Uuid) -> Result<Vec<Request>> {
    let asks =
        |process: &Arc<ProcessDefinition>| process.transitions.iter().any(|step| step.approval.is_some());
    let may_wait = !entity.guarded.is_empty()
        || crate::records::process::of_entity(&session.model, entity).iter().any(asks);
    if !may_wait || !allows(session, entity, Verb::Read) {
        return Ok(Vec::new());
    }
    let rows = session.workspace.store.approvals_of(&entity.key, id).await?;
    Ok(rows.into_iter().map(Request::read).collect())
}

/// The titles of the records that requests are about, and of the people who asked, as far as the actor sees them.
///
/// # Errors
/// When the database does not answer.
pub async fn titles(session: &Session, requests: &[Request]) -> Result<BTreeMap<Uuid, String>> {
    let mut links = Vec::new();
    for request in requests {
        if let Some(entity) = request.entity(&session.model) {
            links.push((entity.name.clone(), request.row.record));
            for field in entity.fields.iter().filter(|field| field.kind.is_link()) {
                let ids =
                    [&request.wanted, &request.old].into_iter().filter_map(|values| values.get(&field.key));
                let ids = ids.filter_map(|value| value.get("id").unwrap_or(value).as_str()?.parse().ok());
                links.extend(ids.filter_map(|id| Some((field.targets.first()?.clone(), id))));
            }
        }
        links.push(("user".to_owned(), request.row.requester));
    }
    let mut titles = crate::records::Titles::new();
    crate::records::add_titles(session, links, &mut titles).await?;
    Ok(titles.into_iter().collect())
}

/// Whether the actor sees the record that a request is about.
async fn sees(session: &Session, entity: &EntityModel, record: Uuid) -> Result<bool> {
    Ok(allows(session, entity, Verb::Read)
        && crate::records::is_visible(session, &mut Batch::default(), entity, record).await?)
}
