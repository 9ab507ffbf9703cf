//! When the day comes in the workspace's zone, values that depend on it are worked out anew.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use kontor_model::Json;
use kontor_store::system::{SystemWrite, TimerRow};
use kontor_store::{CommitError, CommitUnit};
use serde_json::json;

use super::job::{Job, enqueue};
use super::timer;
use crate::error::{Error, Result};
use crate::identity::system_session;
use crate::{Origin, Workspace};

/// The topic of the timer that rings at midnight.
pub const DAY: &str = "day";

/// The write by which the day of a zone is looked at anew, at once: the runner that rings goes on from there.
pub(crate) fn another_day(zone: Tz, now: DateTime<Utc>) -> SystemWrite {
    SystemWrite::PutTimer(timer(DAY.into(), DAY, payload(zone), now))
}

/// Sees to it that the next day is noticed: when the runner starts, and after another process changed the zone while none
/// ran.
///
/// # Errors
/// When the database does not answer.
pub async fn watch_days(workspace: &Arc<Workspace>) -> Result<()> {
    let zone = workspace.settings().zone;
    let known = workspace.store.timer(DAY).await?;
    let said = |timer: &TimerRow| timer.payload.get("zone").and_then(Json::as_str).map(str::to_owned);
    // What was given up is tried again by a program that has just started.
    let is_dead = known.as_ref().is_some_and(|timer| timer.dead);
    if !is_dead && known.as_ref().and_then(said).is_some_and(|known| known == zone.name()) {
        return Ok(());
    }
    let now = workspace.clock.now();
    // In another zone it may be another day already: what the old zone has not seen is looked at now.
    let due = if known.is_some() { now } else { next_midnight(now, zone) };
    let unit = CommitUnit::from(another_day(zone, due));
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    Ok(())
}

fn payload(zone: Tz) -> Json {
    json!({ "zone": zone.name() })
}

/// Queues a job for each entity with values that depend on the day, and waits for the next day.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_day(workspace: &Arc<Workspace>, row: &TimerRow) -> Result<()> {
    let session = system_session(workspace, Origin::Workflow);
    let mut unit = CommitUnit::new();
    let due_at = next_midnight(session.now, workspace.settings().zone);
    unit.system(SystemWrite::Again { claim: row.claim(), due_at });
    for entity in session.model.entities.values() {
        let fields: Vec<String> = entity
            .fields
            .iter()
            .filter(|field| field.depends_on_today())
            .map(|field| field.key.clone())
            .collect();
        if !fields.is_empty() {
            let job = Job { entity: entity.key.clone(), fields, journal: true, ..Job::default() };
            unit.system(enqueue(&job, session.now));
        }
    }
    match workspace.store.commit(&session.model, unit).await {
        Ok(_) | Err(CommitError::LeaseLost(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The moment at which the next day begins in a zone: where clocks are put forward at midnight, a little later.
pub(crate) fn next_midnight(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let tomorrow = now.with_timezone(&zone).date_naive() + Days::new(1);
    let at = |day: NaiveDate, hour: u32| {
        let time = NaiveTime::from_hms_opt(hour, 0, 0)?;
        zone.from_local_datetime(&day.and_time(time)).earliest()
    };
    (0..4)
        .find_map(|hour| at(tomorrow, hour))
        .map_or_else(|| now + chrono::Duration::days(1), |moment| moment.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn days_begin_where_clocks_say_so() {
        let check = |now: &str, zone: Tz, expected: &str| {
            let moment = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
            assert_eq!(next_midnight(moment(now), zone), moment(expected), "{zone}");
        };
        check("2026-03-27T12:00:00Z", Tz::UTC, "2026-03-28T00:00:00Z");
        check("2026-03-28T22:59:59Z", Tz::Europe__Berlin, "2026-03-28T23:00:00Z");
        check("2026-03-28T23:00:00Z", Tz::Europe__Berlin, "2026-03-29T22:00:00Z");
        check("2026-03-27T12:00:00Z", Tz::Asia__Shanghai, "2026-03-27T16:00:00Z");
        // Midnight of 6 September 2026 does not exist in Santiago.
        check("2026-09-05T12:00:00Z", Tz::America__Santiago, "2026-09-06T04:00:00Z");
    }
}
