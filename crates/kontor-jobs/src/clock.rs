//! Workflows that time begins: on a day that a record names, and at times of the clock. One timer remembers up to when each
//! of them has been looked at; the runs and that moment are committed together, so that a day is neither missed nor met
//! twice, whenever the process dies. What a stopped server missed of a schedule is made up for once.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use kontor_core::derived::TimerRow;
use kontor_core::identity::system_session;
pub use kontor_core::queue::CLOCK;
use kontor_core::queue::{Beginning, Ended};
use kontor_core::records::{Count, PageRequest, page};
use kontor_core::steps::{beginning, makes_room, new_run, set_off};
use kontor_core::{Error, Origin, Result, Session, Workspace, queue};
use kontor_flow::{Again, Event, EventKind, RunState, Trigger, Workflow};
use kontor_model::definition::DefinitionKind;
use kontor_model::filter::{FieldPath, Filter, Leaf, Offset, Operand, Operator, day_start};
use kontor_model::formula::Type;
use kontor_model::{Json, Value};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::due::Due;
use crate::event::holds;
use crate::fault::Faults;

/// The timer looks at least that often.
const LOOK: i64 = 60;
/// Moments of records are looked for that often, in minutes.
const MOMENTS: i64 = 1;
/// Runs that are begun in one commit.
const AT_ONCE: u32 = 200;
/// A page of records is taken again so often when others begin runs for the same ones.
const ATTEMPTS: u32 = 5;

/// One turn of the timer.
pub async fn ring(workspace: &Arc<Workspace>, faults: &Faults, row: TimerRow) -> Result<()> {
    // What woke it may have been published a moment ago.
    workspace.current().await?;
    let session = system_session(workspace, Origin::Workflow);
    let settings = workspace.settings();
    let zone = settings.zone;
    let workflows = workspace.workflows();
    let mut known = row.payload.as_object().cloned().unwrap_or_default();
    let mut next = session.now + Duration::minutes(LOOK);
    let mut there = Map::new();
    for workflow in workflows.iter().filter(|workflow| workflow.active) {
        let seen = seen(&session, &known, workflow);
        let coming = match &workflow.trigger {
            Trigger::Schedule(cron) => {
                let since = seen.unwrap_or(session.now);
                if cron.after(since, zone).is_some_and(|due| due <= session.now) {
                    let key = format!("{}:at:{}", workflow.name, since.to_rfc3339());
                    let mut run = new_run(&session, workflow, None, None, None, key);
                    set_off(&session, &mut run, RunState::of_time(workflow, session.model.version, None));
                    put(&session, &mut known, workflow);
                    faults.point("before_schedule");
                    let payload = Json::Object(known.clone());
                    let begun = vec![Beginning::of(run)];
                    if let Ended::LeaseLost =
                        queue::begin_timed(&session, row.claim(), payload, None, begun).await?
                    {
                        // Whoever has the timer now begins with what is stored.
                        return Ok(());
                    }
                    faults.point("after_schedule");
                }
                cron.after(session.now, zone)
            }
            Trigger::Date { field, at, every_year } => {
                let is_day = is_of_days(&session, field);
                let since =
                    seen.unwrap_or_else(|| if is_day { before_today(&session, zone) } else { session.now });
                let due = Due { at: *at, since, now: session.now, zone, working: &settings.working };
                let of = Dated { session: &session, workflow, field, every_year: *every_year, is_day, due };
                if !of.begin(&row, &mut known, faults).await? {
                    return Ok(());
                }
                Some(of.next())
            }
            _ => continue,
        };
        put(&session, &mut there, workflow);
        next = coming.map_or(next, |coming| next.min(coming));
    }
    let due_at = next.max(session.now + Duration::seconds(1));
    let payload = Json::Object(there);
    queue::begin_timed(&session, row.claim(), payload, Some(due_at), Vec::new()).await?;
    Ok(())
}

/// Up to when a workflow has been looked at; `None` where it is new, or waits for something else now.
fn seen(session: &Session, known: &Map<String, Json>, workflow: &Workflow) -> Option<DateTime<Utc>> {
    let now = session.now;
    let one = known.get(&workflow.name).filter(|one| one.get("on") == Some(&meaning(session, workflow)))?;
    let at = one.get("at").and_then(Json::as_str).and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    Some(at.map_or(now, |at| at.to_utc().min(now)))
}

/// Just before the day began that it is in the workspace: a new workflow of days still begins for what is due today.
fn before_today(session: &Session, zone: Tz) -> DateTime<Utc> {
    day_start(session.now.with_timezone(&zone).date_naive(), zone) - Duration::seconds(1)
}

fn is_of_days(session: &Session, field: &FieldPath) -> bool {
    field.resolve(&session.model).is_some_and(|field| field.kind.formula_type() == Type::Date)
}

fn put(session: &Session, known: &mut Map<String, Json>, workflow: &Workflow) {
    let on = meaning(session, workflow);
    known.insert(workflow.name.clone(), json!({ "on": on, "at": session.now.to_rfc3339() }));
}

/// What a workflow waits for, so that a change of it is noticed.
fn meaning(session: &Session, workflow: &Workflow) -> Json {
    let definition = session.model.definition(DefinitionKind::Workflow, &workflow.name);
    definition.and_then(|json| json.get("on")).cloned().unwrap_or_default()
}

/// A workflow of days, in one turn.
struct Dated<'a> {
    session: &'a Session,
    workflow: &'a Arc<Workflow>,
    field: &'a FieldPath,
    every_year: bool,
    is_day: bool,
    due: Due<'a>,
}

impl Dated<'_> {
    /// Which records may be due: exactly those, where the field is a day.
    fn filter(&self) -> Option<Filter> {
        let leaf = |operator, operand| Filter::Leaf(Leaf { path: self.field.clone(), operator, operand });
        if self.is_day {
            let days = self.due.days();
            let days: Vec<NaiveDate> =
                if self.every_year { Due::of_years(&days).into_iter().collect() } else { days };
            let days: Vec<Value> = days.into_iter().map(Value::Date).collect();
            return (!days.is_empty()).then(|| leaf(Operator::In, Operand::Many(days)));
        }
        let (from, to) = self.due.moments();
        Some(leaf(Operator::Between, Operand::Range(Value::DateTime(from), Value::DateTime(to))))
    }

    /// Begins what is due, up to now; whether the timer is still ours.
    async fn begin(&self, row: &TimerRow, known: &mut Map<String, Json>, faults: &Faults) -> Result<bool> {
        let (session, workflow) = (self.session, self.workflow);
        let Some(name) = &workflow.entity else { return Ok(true) };
        let (Ok(entity), Some(filter)) = (session.entity(name), self.filter()) else { return Ok(true) };
        let (mut after, mut attempts) = (None, 0);
        loop {
            let request = PageRequest {
                columns: vec![self.field.clone()],
                filter: filter.clone(),
                limit: AT_ONCE,
                after: after.clone(),
                count: Count::None,
                ..PageRequest::default()
            };
            let found = page(session, &entity, request).await?;
            let mut runs = Vec::new();
            for one in &found.rows {
                let Some(value) = one.values.first() else { continue };
                let is_met = match value {
                    Value::DateTime(moment) => self.due.is_met(*moment),
                    Value::Date(_) => true,
                    _ => false,
                };
                if is_met {
                    runs.extend(self.run(name, one.id, value).await?);
                }
            }
            if !runs.is_empty() {
                let payload = Json::Object(known.clone());
                match queue::begin_timed(session, row.claim(), payload, None, runs).await? {
                    Ended::Committed => {}
                    Ended::LeaseLost => return Ok(false),
                    Ended::Conflict if attempts < ATTEMPTS => {
                        attempts += 1;
                        continue;
                    }
                    Ended::Conflict => return Err(Error::internal("other runs begin for the same records")),
                }
                faults.point("days_begun");
            }
            attempts = 0;
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        put(session, known, workflow);
        Ok(true)
    }

    /// The run for a record, when its condition holds.
    async fn run(&self, name: &str, record: Uuid, value: &Value) -> Result<Option<Beginning>> {
        let (session, workflow) = (self.session, self.workflow);
        let Some(entity) = session.model.entity(name).cloned() else { return Ok(None) };
        let event = Event {
            entity: name.to_owned(),
            record,
            kind: EventKind::Updated,
            changed: Vec::new(),
            old: Json::Null,
            new: Json::Null,
            form: None,
            chain: Vec::new(),
        };
        if !holds(session, &entity, &event, workflow).await? {
            return Ok(None);
        }
        let key = match workflow.again {
            Again::Never => format!("{}:{record}", workflow.name),
            // A second look at the same time begins nothing a second time.
            _ => format!("{}:on:{}:{record}", workflow.name, self.occasion(value)),
        };
        let Some(replaced) = makes_room(session, workflow, record, &key).await? else { return Ok(None) };
        let mut run = new_run(session, workflow, None, None, Some((name, record)), key);
        set_off(session, &mut run, RunState::of_time(workflow, session.model.version, Some(record)));
        Ok(Some(beginning(workflow, run, replaced)))
    }

    /// What tells apart for what a run begins: of days the field and the day on which it is due, so that a workflow which
    /// is published again on that day does not begin twice; of moments since when has been looked.
    fn occasion(&self, value: &Value) -> String {
        let key = self.field.resolve(&self.session.model).map(|field| field.key.as_str()).unwrap_or_default();
        let due = value.as_date().and_then(|day| self.due.day_of(day, self.every_year));
        due.map_or_else(|| self.due.since.to_rfc3339(), |due| format!("{key}:{due}"))
    }

    /// When it is to be looked again: days begin at midnight, moved by the span.
    fn next(&self) -> DateTime<Utc> {
        let now = self.session.now;
        if !self.is_day {
            return now + Duration::minutes(MOMENTS);
        }
        let zone = self.due.zone;
        let today = now.with_timezone(&zone).date_naive();
        let minutes = Offset { minutes: self.due.at.minutes, ..Offset::default() };
        let times = (-2..=2).map(|ahead| {
            minutes.apply(day_start(today + Duration::days(ahead), zone), zone, self.due.working)
        });
        // Minutes of more than a day wrap round: a look at the next full hour does no harm.
        times.filter(|time| *time > now).min().unwrap_or(now + Duration::minutes(LOOK))
    }
}
