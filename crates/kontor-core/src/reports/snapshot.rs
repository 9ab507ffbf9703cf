//! Figures kept per day: what a metric or a report said on each, over all records. Who sees all of these records sees the
//! figures, and who has a role that the definition names; fields that one may not see are in no figure.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use kontor_model::access::Scope;
use kontor_model::definition::report::{Chart, Dimension, Measure, ReportDefinition};
use kontor_model::definition::snapshot::SnapshotDefinition;
use kontor_model::definition::{DefinitionKind, read};
use kontor_model::filter::FieldPath;
use kontor_model::query::{Answer, DimensionHead, DimensionValue, Group, MeasureHead};
use kontor_model::{Decimal, Json, Value};
use kontor_store::system::{FigureRow, SystemWrite, TimerRow};
use kontor_store::{CommitError, CommitUnit};
use serde_json::json;

use super::build::question;
use super::metric;
use super::parameters::Places;
use crate::derived::next_midnight;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::{Origin, Session, Workspace};

/// The topic of the timer that keeps the figures of the day.
pub const SNAPSHOTS: &str = "snapshots";
/// The timer looks at least that often, in minutes: what failed is tried again, what is new is begun.
const LOOK: i64 = 60;
/// Days that are read at most.
const MOST_DAYS: i64 = 3_660;
/// Groups that are kept of one day.
const MOST_GROUPS: usize = 500;
/// The name of the day among the dimensions.
const DAY: &str = "day";
/// What is drawn of a metric, and what stands beside it.
const VALUE: &str = "value";
const TARGET: &str = "target";

/// The figures of a snapshot over a time.
#[derive(Clone, Debug)]
pub struct History {
    /// The snapshot.
    pub definition: SnapshotDefinition,
    /// How the figures are drawn.
    pub report: ReportDefinition,
    /// The figures: a row for each day and group.
    pub answer: Answer,
    /// The first day that is asked for.
    pub first: NaiveDate,
    /// The last day that is asked for.
    pub last: NaiveDate,
    /// When the figures of the newest day were counted.
    pub taken_at: Option<DateTime<Utc>>,
    /// Days between the first and the last kept one of which nothing is known.
    pub missing: usize,
}

/// The snapshot of that name, for who may see its figures.
///
/// # Errors
/// [`Error::NotFound`] for others, too.
pub fn find(session: &Session, name: &str) -> Result<SnapshotDefinition> {
    let json = session.model.definition(DefinitionKind::Snapshot, name).ok_or(Error::NotFound)?;
    let definition: SnapshotDefinition = read(json)?;
    if may_read(session, &definition) { Ok(definition) } else { Err(Error::NotFound) }
}

/// Whether the reader may see the figures: those are over all records, so that nobody learns from them of records that
/// they do not see, unless the definition says so.
pub fn may_read(session: &Session, definition: &SnapshotDefinition) -> bool {
    let Some(report) = asked(session, definition) else { return false };
    let Ok(entity) = session.entity(&report.entity) else { return false };
    let filter = report.filter.clone().unwrap_or_else(|| json!({ "all": [] }));
    // Fields that the reader may not see make no question.
    let Ok(found) = question(session, &entity, &report, filter, &Places::default()) else { return false };
    if session.actor.access.is_everything() {
        return true;
    }
    if definition.roles.iter().any(|role| session.actor.roles.contains(role)) {
        return true;
    }
    let sees_all = |name: &str| matches!(session.actor.access.entity(name).read, Scope::All);
    let behind = found.dimensions.iter().map(|(_, group)| &group.path);
    let paths: Vec<&FieldPath> = behind.collect();
    let links = paths.iter().flat_map(|path| {
        let target = path.resolve(&session.model).map(|field| field.targets.clone()).unwrap_or_default();
        path.hops.iter().map(|hop| hop.entity.clone()).chain([path.entity.clone()]).chain(target)
    });
    sees_all(&entity.name) && links.into_iter().all(|name| sees_all(&name))
}

/// The question behind a snapshot.
fn asked(session: &Session, definition: &SnapshotDefinition) -> Option<ReportDefinition> {
    if let Some(name) = &definition.metric {
        let found = metric::find(session, name).ok()?;
        return Some(metric::as_report(session, &found));
    }
    super::find(session, definition.report.as_deref()?).ok()
}

/// The figures from one day to another.
///
/// # Errors
/// [`Error::NotFound`] for who may not see them.
pub async fn history(session: &Session, name: &str, first: NaiveDate, last: NaiveDate) -> Result<History> {
    let definition = find(session, name)?;
    let first = first.max(last - Duration::days(MOST_DAYS));
    let rows = session.workspace.store.figures(name, first, last).await?;
    let title = session.catalogue.label("snapshot", name, "title", &definition.title).to_owned();
    let newest = rows.last();
    let heads: Vec<MeasureHead> =
        newest.map(|row| list(&row.body, "measures").iter().map(measure_of).collect()).unwrap_or_default();
    let groups: Vec<DimensionHead> = newest
        .map(|row| list(&row.body, "dimensions").iter().map(dimension_of).collect())
        .unwrap_or_default();
    let day = DimensionHead {
        name: DAY.to_owned(),
        title: session.catalogue.text("ui.snapshot.day").to_owned(),
        field: String::new(),
        kind: "date".to_owned(),
        by: Some("day".to_owned()),
    };
    let mut answer = Answer {
        dimensions: std::iter::once(day).chain(groups).collect(),
        measures: heads,
        ..Answer::default()
    };
    for row in &rows {
        // What was kept under other groups or measures is another question.
        let known = list(&row.body, "measures");
        let places: Vec<Option<usize>> = answer
            .measures
            .iter()
            .map(|head| known.iter().position(|one| text(one, "name") == head.name))
            .collect();
        let same: Vec<String> = list(&row.body, "dimensions").iter().map(|one| text(one, "name")).collect();
        let now: Vec<&str> = answer.dimensions.iter().skip(1).map(|head| head.name.as_str()).collect();
        if same != now {
            continue;
        }
        answer.capped |= row.body.get("capped").and_then(Json::as_bool).unwrap_or(false);
        for group in list(&row.body, "rows") {
            let mut keys =
                vec![DimensionValue { value: Value::Date(row.day), label: row.day.to_string(), color: None }];
            keys.extend(list(group, "keys").iter().map(|key| {
                let label = text(key, "label");
                DimensionValue { value: Value::text(&label), label, color: None }
            }));
            let numbers = list(group, "values");
            let values = places.iter().map(|place| {
                let written = place.and_then(|place| numbers.get(place)?.as_str());
                written.and_then(|text| text.parse().ok()).map_or(Value::Empty, Value::Decimal)
            });
            answer.rows.push(Group { keys, values: values.collect(), ..Group::default() });
        }
    }
    let days: BTreeSet<NaiveDate> = rows.iter().map(|row| row.day).collect();
    let whole = days.first().zip(days.last()).map_or(0, |(first, last)| (*last - *first).num_days() + 1);
    let missing = usize::try_from(whole).unwrap_or(0).saturating_sub(days.len());
    let report = drawn(&definition, &answer, title);
    let taken_at = newest.map(|row| row.taken_at);
    Ok(History { definition, report, answer, first, last, taken_at, missing })
}

/// The figures as a line over the days, one for each group.
fn drawn(definition: &SnapshotDefinition, answer: &Answer, title: String) -> ReportDefinition {
    let wanted = definition.measure.as_deref();
    let measure = wanted.and_then(|name| answer.measure_index(name)).unwrap_or(0);
    let measure = answer.measures.get(measure).map(|head| head.name.clone()).unwrap_or_default();
    let names: Vec<&DimensionHead> = answer.dimensions.iter().collect();
    ReportDefinition {
        // No report can have this name, so its texts are not taken for those of one.
        name: format!("snapshot-{}", definition.name),
        title,
        rows: names
            .iter()
            .map(|head| Dimension { field: head.name.clone(), ..Dimension::default() })
            .collect(),
        measures: answer
            .measures
            .iter()
            .map(|head| Measure { name: head.name.clone(), ..Measure::default() })
            .collect(),
        chart: Some(Chart {
            chart_type: "line".to_owned(),
            x: DAY.to_owned(),
            y: vec![measure],
            stack: names.get(1).map(|head| head.name.clone()),
        }),
        ..ReportDefinition::default()
    }
}

fn list<'j>(json: &'j Json, key: &str) -> &'j [Json] {
    json.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Json, key: &str) -> String {
    json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn measure_of(json: &Json) -> MeasureHead {
    MeasureHead {
        name: text(json, "name"),
        title: text(json, "title"),
        kind: text(json, "kind"),
        scale: json
            .get("scale")
            .and_then(Json::as_u64)
            .and_then(|scale| u8::try_from(scale).ok())
            .unwrap_or(0),
        currency: json.get("currency").and_then(Json::as_str).map(str::to_owned),
        converted: json.get("converted").and_then(Json::as_bool).unwrap_or(false),
    }
}

fn dimension_of(json: &Json) -> DimensionHead {
    DimensionHead {
        name: text(json, "name"),
        title: text(json, "title"),
        kind: "text".into(),
        ..DimensionHead::default()
    }
}

/// The day in the workspace's zone.
pub fn today(session: &Session) -> NaiveDate {
    session.now.with_timezone(&session.workspace.settings().zone).date_naive()
}

/// The write by which what is to be kept is looked at anew.
pub(crate) fn another_look(now: DateTime<Utc>) -> SystemWrite {
    SystemWrite::WakeTimer { key: SNAPSHOTS.to_owned(), now }
}

/// Sees to it that the figures of each day are kept.
///
/// # Errors
/// When the database does not answer.
pub async fn watch(workspace: &Workspace) -> Result<()> {
    crate::queue::watch(workspace, SNAPSHOTS).await
}

/// One turn of the timer: keeps the figures of today where that was not done yet. A day on which nothing ran stays
/// unknown: what was true then cannot be asked now.
///
/// # Errors
/// When the database does not answer.
pub async fn ring(workspace: &Arc<Workspace>, row: &TimerRow) -> Result<()> {
    let session = system_session(workspace, Origin::Workflow);
    let zone = workspace.settings().zone;
    let today = today(&session);
    let look = session.now + Duration::minutes(LOOK);
    let due_at = next_midnight(session.now, zone).min(look);
    let mut unit = CommitUnit::from(SystemWrite::Again { claim: row.claim(), due_at });
    for (name, json) in session.model.definitions_of(DefinitionKind::Snapshot) {
        let Ok(definition) = read::<SnapshotDefinition>(json) else { continue };
        if let Some(days) = definition.keep {
            let before = today - Duration::days(i64::from(days) - 1);
            unit.system(SystemWrite::DropFigures { snapshot: name.to_owned(), before });
        }
        if !workspace.store.figures(name, today, today).await?.is_empty() {
            continue;
        }
        match figures(&session, &definition).await {
            Ok(body) => {
                let row = FigureRow { snapshot: name.to_owned(), day: today, taken_at: session.now, body };
                unit.system(SystemWrite::KeepFigure(row));
            }
            Err(error) => tracing::warn!(snapshot = name, %error, "the figures of the day are not kept yet"),
        }
    }
    match workspace.store.commit(&session.model, unit).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// What there is to keep now.
async fn figures(session: &Session, definition: &SnapshotDefinition) -> Result<Json> {
    if let Some(name) = &definition.metric {
        let found = metric::find(session, name)?;
        let figure = metric::run(session, &found, &metric::Narrowing::default()).await?;
        let mut measures = vec![head(&figure.head, VALUE, &figure.head.title)];
        let mut values = vec![written(&figure.value)];
        if let Some(target) = &figure.target {
            measures.push(head(&figure.head, TARGET, session.catalogue.text("ui.metric.target")));
            values.push(written(&Value::Decimal(target.value)));
        }
        return Ok(
            json!({ "dimensions": [], "measures": measures, "rows": [{ "keys": [], "values": values }] }),
        );
    }
    let report = super::find(session, definition.report.as_deref().unwrap_or_default())?;
    let asked = super::parameters_of(&report, &HashMap::new());
    let answer = super::run(session, &report, &asked).await?;
    let dimensions: Vec<Json> =
        answer.dimensions.iter().map(|head| json!({ "name": head.name, "title": head.title })).collect();
    let measures: Vec<Json> = answer.measures.iter().map(|one| head(one, &one.name, &one.title)).collect();
    let rows = answer.rows.iter().take(MOST_GROUPS).map(|group| {
        let keys: Vec<Json> = group.keys.iter().map(|key| json!({ "label": key.label })).collect();
        let values: Vec<Json> = group.values.iter().map(written).collect();
        json!({ "keys": keys, "values": values })
    });
    let rows: Vec<Json> = rows.collect();
    let capped = answer.capped || answer.rows.len() > MOST_GROUPS;
    Ok(json!({ "dimensions": dimensions, "measures": measures, "rows": rows, "capped": capped }))
}

fn head(head: &MeasureHead, name: &str, title: &str) -> Json {
    json!({ "name": name, "title": title, "kind": head.kind, "scale": head.scale,
            "currency": head.currency, "converted": head.converted })
}

/// A number as text, with all its digits.
fn written(value: &Value) -> Json {
    value.as_decimal().map_or(Json::Null, |number: Decimal| json!(number.to_string()))
}
