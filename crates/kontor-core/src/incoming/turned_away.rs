//! What hooks refused, for administrators: how often, when last and why. It is written now and then, so that whoever knocks
//! without end does not make the database write without end.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use kontor_model::Json;
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;
use serde_json::json;
use tokio::sync::Mutex;

use crate::definitions::DESIGN;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;
use crate::{Session, Workspace};

/// Before the names of hooks among the settings of the workspace.
const PLACE: &str = "hook:";
/// How often it is written.
const WRITTEN: Duration = Duration::minutes(1);
/// For how long it is told.
const TOLD: Duration = Duration::days(7);

/// What a hook refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// The name of the hook.
    pub hook: String,
    /// How many, as far as they were written.
    pub count: u64,
    /// The last one.
    pub last: DateTime<Utc>,
    /// Why: id, timestamp, secret, signature, content.
    pub why: String,
}

/// What is not written yet, and when something was.
type Pending = (Option<Refusals>, DateTime<Utc>);

/// The same by hook.
#[derive(Debug, Default)]
pub(crate) struct TurnedAway(Mutex<HashMap<String, Pending>>);

/// Notes that a message was refused.
///
/// # Errors
/// When the database does not answer.
pub async fn turn_away(workspace: &Workspace, hook: &str, why: &str) -> Result<()> {
    tracing::warn!(workspace = workspace.name, hook, why, "a message was refused");
    let now = workspace.clock.now();
    let mut all = workspace.turned_away.0.lock().await;
    let (pending, written) = all.entry(hook.to_owned()).or_insert((None, DateTime::UNIX_EPOCH));
    let count = pending.as_ref().map_or(0, |pending| pending.count) + 1;
    *pending = Some(Refusals { hook: hook.to_owned(), count, last: now, why: why.to_owned() });
    if now - *written < WRITTEN {
        return Ok(());
    }
    let name = format!("{PLACE}{hook}");
    let before = workspace.store.meta_of(&name).await?.and_then(|text| read(hook, &text));
    let before = before.filter(|before| now - before.last < TOLD).map_or(0, |before| before.count);
    let value = json!({ "count": before + count, "last": now.to_rfc3339(), "why": why }).to_string();
    let unit = CommitUnit::from(SystemWrite::SetMeta { name, value });
    workspace.store.commit(&workspace.model(), unit).await.map_err(Error::internal)?;
    (*pending, *written) = (None, now);
    Ok(())
}

/// What hooks refused in the last week.
///
/// # Errors
/// [`Error::Forbidden`] without the right to design.
pub async fn refusals(session: &Session) -> Result<Vec<Refusals>> {
    demand_admin(session, DESIGN)?;
    let all = session.workspace.store.meta().await?;
    let own = all.iter().filter_map(|(name, text)| read(name.strip_prefix(PLACE)?, text));
    let mut own: Vec<Refusals> = own.filter(|one| session.now - one.last < TOLD).collect();
    let pending = session.workspace.turned_away.0.lock().await;
    for one in pending.values().filter_map(|(pending, _)| pending.as_ref()) {
        match own.iter_mut().find(|known| known.hook == one.hook) {
            Some(known) => *known = Refusals { count: known.count + one.count, ..one.clone() },
            None => own.push(one.clone()),
        }
    }
    Ok(own)
}

fn read(hook: &str, text: &str) -> Option<Refusals> {
    let json: Json = serde_json::from_str(text).ok()?;
    let last = DateTime::parse_from_rfc3339(json.get("last")?.as_str()?).ok()?.to_utc();
    Some(Refusals {
        hook: hook.to_owned(),
        count: json.get("count")?.as_u64()?,
        last,
        why: json.get("why")?.as_str()?.to_owned(),
    })
}
