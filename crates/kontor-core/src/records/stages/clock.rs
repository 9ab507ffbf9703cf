//! What time does to stages: records move by themselves when they have stayed for long enough. One timer looks at what the
//! history says now, with the processes as they are now: whoever moves a record, or changes its process, cancels what was
//! to come. A turn does so much and no more, so that others come to theirs.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use kontor_model::definition::process::{AutoMove, ProcessDefinition};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Hop, Leaf, Offset, Operand, Operator};
use kontor_model::stages::{STAY, log};
use kontor_model::working_time::LONGEST_HOLIDAY;
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems, Record, Value};
use kontor_store::system::{SystemWrite, TimerRow};
use kontor_store::{CommitError, CommitUnit};
use serde_json::{Map, json};

use super::entries::{equals, found, found_after, history, is, value};
use super::note::change;
use super::renew;
use crate::approvals;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::records::batch::Batch;
use crate::records::draft::{Incoming, Save};
use crate::records::save::{commit, save};
use crate::workspace::Settings;
use crate::{Origin, Session, Workspace};

/// The topic of the timer.
pub const STAGES: &str = "stages";
/// A record that could not be moved is tried again after that.
const AGAIN: i64 = 60;
/// Records that are read at once.
const AT_ONCE: u64 = 100;
/// The timer looks that often when nothing is due before.
const LOOK: i64 = 24 * 60;
/// A span that is moved back is not exact where months have different lengths: by no more than so many days.
const SLACK: i64 = 4;

/// The write by which the timer looks at once at processes, or a working time, that are new. What it knows of them stays.
pub(crate) fn another_look(now: DateTime<Utc>) -> SystemWrite {
    SystemWrite::WakeTimer { key: STAGES.into(), now }
}

/// Sees to it that there is a timer: when the runner starts.
///
/// # Errors
/// When the database does not answer.
pub async fn watch(workspace: &Arc<Workspace>) -> Result<()> {
    crate::queue::watch(workspace, STAGES).await
}

/// How much a turn still does.
pub(super) struct Slice(u32);

impl Slice {
    /// What a turn does: a record that moves is one, a chunk of entries that are written costs more.
    const WHOLE: u32 = 200;

    /// Takes so much of it; false when it is used up.
    pub(super) fn take(&mut self, cost: u32) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// One turn of the timer.
///
/// # Errors
/// When the database does not answer.
pub async fn ring(workspace: &Arc<Workspace>, row: &TimerRow) -> Result<()> {
    // Holidays and hours may have changed a moment ago, in another process.
    workspace.current().await?;
    let mut session = system_session(workspace, Origin::Workflow);
    session.cause.by_process = true;
    let mut slice = Slice(Slice::WHOLE);
    let mut seen = row.payload.get("seen").and_then(Json::as_object).cloned().unwrap_or_default();
    let processes = processes(&session.model);
    let settings = workspace.settings();
    let mut prints = Map::new();
    let mut next = session.now + Duration::minutes(LOOK);
    for (entity, process) in &processes {
        let Some(field) = entity.field(&process.field) else { continue };
        let turn = Turn { session: &session, entity, process, field };
        let print = renew::print(entity, process, field, &settings);
        if seen.get(&process.name) != Some(&print) {
            if turn.stays_begin(&mut slice).await? && turn.limits(&mut slice).await? {
                seen.insert(process.name.clone(), print.clone());
            } else {
                next = session.now;
            }
        }
        prints.insert(process.name.clone(), print);
        for stage in &process.stages {
            for auto in &stage.auto {
                if let Some(due) = turn.moves(&stage.value, auto, &mut slice).await? {
                    next = next.min(due);
                }
            }
        }
    }
    // What is gone, or was looked at in another form, left time limits behind.
    let all = Json::Object(prints);
    let mut cleared = row.payload.get("cleared").cloned().unwrap_or_default();
    if cleared != all {
        if renew::without_limit(&session, &processes, &mut slice).await? {
            cleared = all.clone();
        } else {
            next = session.now;
        }
    }
    seen.retain(|name, _| all.get(name).is_some());
    let due_at = next.max(session.now + Duration::seconds(1));
    let mut unit = CommitUnit::from(SystemWrite::MoveTimer {
        claim: row.claim(),
        payload: json!({ "seen": seen, "cleared": cleared }),
    });
    unit.system(SystemWrite::Again { claim: row.claim(), due_at });
    match workspace.store.commit(&session.model, unit).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// All processes with what they are about.
fn processes(model: &Model) -> Vec<(Arc<EntityModel>, Arc<ProcessDefinition>)> {
    let of = |entity: &Arc<EntityModel>| {
        let own = model.about::<ProcessDefinition>(&entity.name);
        own.iter().map(|process| (Arc::clone(entity), Arc::clone(process))).collect::<Vec<_>>()
    };
    model.entities.values().flat_map(of).collect()
}

/// Until when a stay may have begun whose span is over now; the end of its span decides. A whole closing ends on one working
/// day, so in working time one goes on for as long as spans end by now.
fn latest(now: DateTime<Utc>, span: Offset, settings: &Settings) -> DateTime<Utc> {
    let moved = |moment, span: Offset| span.apply(moment, settings.zone, &settings.working);
    let back = moved(now, span.reversed());
    if span.months == 0 && span.days == 0 && !span.is_working_time() {
        return back;
    }
    let mut latest = back + Duration::days(SLACK);
    for _ in 0..=LONGEST_HOLIDAY {
        if !span.is_working_time() || latest > now || moved(latest, span) > now + Duration::days(2) {
            break;
        }
        latest += Duration::days(1);
    }
    latest.min(now)
}

/// One process in a turn of the timer.
pub(super) struct Turn<'a> {
    pub(super) session: &'a Session,
    pub(super) entity: &'a Arc<EntityModel>,
    pub(super) process: &'a ProcessDefinition,
    pub(super) field: &'a FieldModel,
}

impl Turn<'_> {
    /// Which stays go on in a stage, of records that are there.
    pub(super) fn stays(&self, history: &EntityModel, stage: &str) -> Filter {
        let hop = Hop {
            entity: history.name.clone(),
            field: history.field_index(log::RECORD).unwrap_or_default(),
            to: self.entity.name.clone(),
        };
        let there = FieldPath { hops: vec![hop], entity: self.entity.name.clone(), field: system::ID };
        Filter::All(vec![
            equals(history, log::ENTITY, Value::text(&self.entity.key)),
            equals(history, log::FIELD, Value::text(&self.field.key)),
            equals(history, log::CURRENT, Value::Boolean(true)),
            equals(history, log::WHAT, Value::text(STAY)),
            equals(history, log::TO, Value::text(stage)),
            Filter::Leaf(Leaf { path: there, operator: Operator::Empty, operand: Operand::Flag(false) }),
        ])
    }

    /// Whether this process is the one that decides over the record of an entry.
    async fn decides(&self, batch: &mut Batch, entry: &Record, history: &EntityModel) -> Result<bool> {
        let deciding = self.deciding(batch, entry, history).await?;
        Ok(deciding.is_some_and(|process| process.name == self.process.name))
    }

    /// The process that decides over the record of an entry.
    pub(super) async fn deciding(
        &self,
        batch: &mut Batch,
        entry: &Record,
        history: &EntityModel,
    ) -> Result<Option<Arc<ProcessDefinition>>> {
        let Some(id) = value(history, entry, log::RECORD).as_id() else { return Ok(None) };
        let Some(record) = batch.record(self.session, self.entity, id).await? else { return Ok(None) };
        super::deciding(self.session, batch, self.entity, &record, &self.field.name).await
    }

    /// Moves the records that have stayed for long enough; says when the next one will have.
    async fn moves(&self, stage: &str, auto: &AutoMove, slice: &mut Slice) -> Result<Option<DateTime<Utc>>> {
        let Some(span) = auto.span() else { return Ok(None) };
        let session = self.session;
        let history = history(session)?;
        let (now, settings) = (session.now, session.workspace.settings());
        let end = |entry: &Record| match value(&history, entry, log::AT) {
            Value::DateTime(at) => Some(span.apply(*at, settings.zone, &settings.working)),
            _ => None,
        };
        let moment = |name: &str, operator, moment| {
            is(&history, name, operator, Operand::One(Value::DateTime(moment)))
        };
        let untried = Filter::Any(vec![
            is(&history, log::TRIED, Operator::Empty, Operand::Flag(true)),
            moment(log::TRIED, Operator::Lte, now - Duration::minutes(AGAIN)),
        ]);
        // Records that stay in spite of everything are looked at again later, new ones after the whole span.
        let mut next =
            (now + Duration::minutes(AGAIN)).min(span.apply(now, settings.zone, &settings.working));
        let latest = latest(now, span, &settings);
        let mut after = None;
        loop {
            let due =
                self.stays(&history, stage).and(moment(log::AT, Operator::Lte, latest)).and(untried.clone());
            let (entries, more) = found_after(session, &history, due, AT_ONCE, after).await?;
            for entry in entries {
                let Some(end) = end(&entry) else { continue };
                if end > now {
                    next = next.min(end);
                } else if slice.take(1) {
                    self.one(&history, entry, stage, &auto.to).await?;
                } else {
                    return Ok(Some(now));
                }
            }
            after = more;
            if after.is_none() {
                break;
            }
        }
        // In working time, who came first is not always first to go.
        let count = if span.is_working_time() { AT_ONCE } else { 1 };
        let later = self.stays(&history, stage).and(moment(log::AT, Operator::Gt, latest));
        let later = found(session, &history, later, count).await?;
        Ok(later.iter().filter_map(end).min().map_or(Some(next), |first| Some(first.min(next))))
    }

    /// Moves one record. What stands in the way is kept with its stay.
    async fn one(&self, history: &Arc<EntityModel>, entry: Record, stage: &str, to: &str) -> Result<()> {
        let session = self.session;
        let Some(id) = value(history, &entry, log::RECORD).as_id() else { return Ok(()) };
        let mut batch = Batch::default();
        let Some(record) = batch.record(session, self.entity, id).await? else { return Ok(()) };
        if record.at(self.field.index).as_text() != Some(stage)
            || !self.decides(&mut batch, &entry, history).await?
        {
            return Ok(());
        }
        // What others have refused since the record came here is not asked again.
        if let Value::DateTime(since) = *value(history, &entry, log::AT)
            && approvals::was_refused(session, self.entity, id, (self.field, &to.into()), since).await?
        {
            return self
                .tried(history, entry, &Problem::new("move_refused", "").message(&session.catalogue))
                .await;
        }
        let mut mover = session.clone();
        mover.cause.label = Some(format!("process:{}", self.process.name));
        let values = vec![(self.field.name.clone(), Incoming::Json(to.into()))];
        let expected_version = Some(record.version());
        let move_on = Save { expected_version, ..Save::update(self.entity, id, values) };
        let problems = match save(&mover, move_on).await {
            // It stays where it is until others agree.
            Ok(saved) if saved.record.record.at(self.field.index).as_text() == Some(stage) => saved.warnings,
            Ok(_) | Err(Error::NotFound | Error::VersionConflict { .. }) => return Ok(()),
            Err(Error::Problems(problems)) => {
                Problems(problems.into_iter().filter(|problem| !problem.warning).collect())
            }
            Err(error) => return Err(error),
        };
        let said = problems.iter().map(|problem| problem.message(&session.catalogue));
        self.tried(history, entry, &said.collect::<Vec<_>>().join(" ")).await
    }

    /// Notes with a stay that it goes on in spite of everything, and why.
    async fn tried(&self, history: &Arc<EntityModel>, entry: Record, note: &str) -> Result<()> {
        let session = self.session;
        let mut batch = Batch::default();
        let values = [(log::TRIED, Value::DateTime(session.now)), (log::NOTE, Value::text(note))];
        change(session, &mut batch, history, entry, values);
        match commit(session, &mut batch).await {
            Ok(_) | Err(CommitError::Conflict { .. }) => Ok(()),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(error) => Err(Error::internal(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use kontor_model::working_time::{WorkingHours, WorkingTime};

    use super::*;

    #[test]
    fn whatever_ends_by_now_is_looked_at() {
        let day = |text: &str| text.parse().unwrap();
        let zone = chrono_tz::Tz::Europe__Berlin;
        let closing = (day("2026-12-24"), day("2027-01-06"));
        let working = Arc::new(WorkingTime::new(zone, WorkingHours::default(), &[closing]));
        let settings = Settings { zone, working, ..Settings::default() };
        let first: DateTime<Utc> = "2026-12-20T10:30:00Z".parse().unwrap();
        for text in ["1mo", "1y", "3d", "2w", "5h", "1wd", "2wd", "4wh", "20wh"] {
            let span = Offset::parse(text).unwrap();
            for hours in 0..24 * 80 {
                let began = first + Duration::hours(hours);
                let end = span.apply(began, settings.zone, &settings.working);
                assert!(began <= latest(end, span, &settings), "{text} from {began} to {end}");
            }
        }
        // A month from 31 January is over on 28 February.
        let (span, now) = (Offset::parse("1mo").unwrap(), "2027-02-28T10:00:00Z".parse().unwrap());
        assert!(latest(now, span, &settings) >= "2027-01-31T10:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }
}
