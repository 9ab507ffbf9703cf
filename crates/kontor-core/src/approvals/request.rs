//! A request as it is stored, and what the API shows of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use kontor_model::access::{FieldRight, Scope};
use kontor_model::{EntityModel, FieldModel, Json, Model};
use kontor_store::SystemWrite;
use kontor_store::system::ApprovalRow;
use serde_json::{Map, json};
use uuid::Uuid;

use super::deadline;
use super::event::{APPROVED_LATE, Event};
use super::granted::How;
use crate::Session;
use crate::permissions::field_right;

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
    /// any, all, quorum, sequence: as the level said when it began. Empty for a request of before there were more than two.
    pub mode: String,
    /// How many of the level have to agree, in a quorum.
    pub need: usize,
    /// Who may decide now and has not yet.
    pub waiting: Vec<Uuid>,
    /// Who is asked after those, one after the other.
    pub queue: Vec<Uuid>,
    /// Until when somebody should have decided.
    pub due: Option<DateTime<Utc>>,
    /// How often that passed in this round.
    pub passed: u32,
    /// What a run asks, in its own words; empty for everything else.
    pub about: String,
    /// How the change came in.
    pub(super) how: How,
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// What happened besides: reminders, and who was asked instead of whom.
    pub events: Vec<Event>,
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

/// A moment as it is kept.
pub(super) fn moment(json: Option<&Json>) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(json?.as_str()?).ok()?.to_utc())
}

fn number<T: TryFrom<u64> + Default>(json: Option<&Json>) -> T {
    json.and_then(Json::as_u64).and_then(|number| number.try_into().ok()).unwrap_or_default()
}

impl Decision {
    fn read(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        Some(Self {
            by: text("by")?.parse().ok()?,
            name: text("name")?,
            verdict: text("verdict")?,
            comment: text("comment").unwrap_or_default(),
            at: moment(json.get("at"))?,
            level: number(json.get("level")),
        })
    }

    fn write(&self) -> Json {
        json!({ "by": self.by, "name": self.name, "verdict": self.verdict, "comment": self.comment,
                "at": self.at.to_rfc3339(), "level": self.level })
    }
}

impl Request {
    /// A request in which nothing has happened yet.
    pub(super) fn new(
        row: ApprovalRow,
        approval: &str,
        wanted: Map<String, Json>,
        old: Map<String, Json>,
    ) -> Self {
        let bare = ApprovalRow { body: Json::Null, ..row };
        Self { approval: approval.to_owned(), wanted, old, ..Self::read(bare) }
    }

    pub(super) fn read(row: ApprovalRow) -> Self {
        let body = &row.body;
        let object = |key: &str| body.get(key).and_then(Json::as_object).cloned().unwrap_or_default();
        let list = |key: &str| body.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let people = |key: &str| list(key).iter().filter_map(|id| id.as_str()?.parse().ok()).collect();
        Self {
            approval: text("approval"),
            wanted: object("wanted"),
            old: object("old"),
            level: number(body.get("level")),
            mode: text("mode"),
            need: number(body.get("need")),
            waiting: people("waiting"),
            queue: people("queue"),
            due: moment(body.get("due")),
            passed: number(body.get("passed")),
            about: text("about"),
            how: How::read(body.get("how")),
            decisions: list("decisions").iter().filter_map(Decision::read).collect(),
            events: list("events").iter().filter_map(Event::read).collect(),
            reasons: list("reasons").iter().filter_map(|text| Some(text.as_str()?.to_owned())).collect(),
            row,
        }
    }

    /// The row with everything in it.
    pub(super) fn write(&self) -> ApprovalRow {
        let body = json!({
            "approval": self.approval, "wanted": self.wanted, "old": self.old, "level": self.level,
            "mode": self.mode, "need": self.need, "waiting": self.waiting, "queue": self.queue,
            "due": self.due.map(|due| due.to_rfc3339()), "passed": self.passed, "about": self.about,
            "how": self.how.write(),
            "decisions": self.decisions.iter().map(Decision::write).collect::<Vec<_>>(),
            "events": self.events.iter().map(Event::write).collect::<Vec<_>>(),
            "reasons": self.reasons,
        });
        ApprovalRow { body, ..self.row.clone() }
    }

    /// The next turn of the request, in a state: it is told nobody else when it is not open any more.
    pub(super) fn turn(&mut self, session: &Session, state: &str) -> Vec<SystemWrite> {
        if state != "open" {
            self.waiting.clear();
            self.queue.clear();
            self.due = None;
        }
        self.row = ApprovalRow {
            state: state.to_owned(),
            turn: self.row.turn + 1,
            updated_at: session.now,
            ..self.write()
        };
        let mut writes = vec![SystemWrite::TurnApproval(self.row.clone()), deadline::timer(self)];
        writes.extend(self.wake(session).filter(|_| state != "open"));
        writes
    }

    /// Whether nobody has decided in time.
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.row.state == "open" && (self.passed > 0 || self.due.is_some_and(|due| due <= now))
    }

    /// The rounds that were agreed on, by somebody or by time; the one that is decided now is one of them.
    pub(super) fn rounds(&self) -> BTreeSet<usize> {
        let agreed = self.decisions.iter().filter(|one| one.verdict == "approve").map(|one| one.level);
        let in_time = self.events.iter().filter(|one| one.what == APPROVED_LATE).map(|one| one.level);
        agreed.chain(in_time).chain([self.level]).collect()
    }

    /// How many have agreed in this round.
    pub fn agreed(&self) -> usize {
        let agree = |one: &&Decision| one.level == self.level && one.verdict == "approve";
        self.decisions.iter().filter(agree).count()
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
        let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
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
            "due": self.due.map(moment),
            "about": self.about,
            "wanted": shown(&self.wanted),
            "old": shown(&self.old),
            "decisions": decisions,
            "events": self.events.iter().map(Event::to_json).collect::<Vec<_>>(),
            "reasons": self.reasons,
            "made_at": moment(self.row.made_at),
            "updated_at": moment(self.row.updated_at),
        })
    }

    /// The fields that are wanted otherwise, as far as the reader may see them: none for who may read nothing of the entity.
    pub fn fields<'e>(&self, session: &Session, entity: &'e EntityModel) -> Vec<&'e FieldModel> {
        let access = session.actor.access.entity(&entity.name);
        if matches!(access.read, Scope::None) {
            return Vec::new();
        }
        entity
            .fields
            .iter()
            .filter(|field| self.wanted.contains_key(&field.key))
            .filter(|field| field_right(access, entity, field) > FieldRight::None)
            .collect()
    }
}
