//! Scripts that fail for people: where, how often and when last, kept for the administrator. The save that failed leaves
//! nothing behind, so this is written by itself.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem};
use kontor_script::{ErrorKind, ScriptError};
use kontor_store::CommitUnit;
use kontor_store::system::SystemWrite;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::Session;
use crate::definitions::DESIGN;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// Under which name they are kept among the workspace's own values.
const NAME: &str = "script_faults";
/// Places that are remembered, the latest first.
const MOST: usize = 50;
/// Faults of one second are written together, so that an import does not write one by one.
const PAUSE: Duration = Duration::from_secs(1);

/// A place in a script that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptFault {
    /// The script.
    pub script: String,
    /// The function that was called.
    pub function: String,
    /// What happened, as the person saw it.
    pub problem: Problem,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: DateTime<Utc>,
    /// When last.
    pub last: DateTime<Utc>,
    /// For whom last; empty for the engine.
    pub person: String,
    /// What the script said then: one that was changed since is no longer to blame.
    fingerprint: String,
}

/// What was not written yet.
#[derive(Debug, Default)]
pub struct Pending {
    faults: Vec<ScriptFault>,
    written: Option<Instant>,
}

/// Remembers that a script failed.
pub(super) async fn note(session: &Session, error: &ScriptError) {
    if error.kind == ErrorKind::Host {
        return;
    }
    let fault = ScriptFault {
        script: error.script.clone(),
        function: error.function.clone(),
        problem: error.to_problem(),
        count: 1,
        first: session.now,
        last: session.now,
        person: session.actor.name.clone(),
        fingerprint: fingerprint(session, &error.script),
    };
    let mut pending = session.workspace.faults.lock().await;
    merge(&mut pending.faults, fault);
    if pending.written.is_none_or(|at| at.elapsed() >= PAUSE)
        && let Err(error) = write(session, &mut pending).await
    {
        tracing::warn!(%error, "a script's fault could not be kept");
    }
}

/// The scripts that failed as they are now, the latest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(session: &Session) -> Result<Vec<ScriptFault>> {
    demand_admin(session, DESIGN)?;
    let mut pending = session.workspace.faults.lock().await;
    if !pending.faults.is_empty() {
        write(session, &mut pending).await?;
    }
    let mut faults = read(session).await?;
    faults.retain(|fault| fault.fingerprint == fingerprint(session, &fault.script));
    Ok(faults)
}

async fn read(session: &Session) -> Result<Vec<ScriptFault>> {
    let stored = session.workspace.store.meta().await?;
    let text = stored.into_iter().find(|(name, _)| name == NAME).map(|(_, text)| text).unwrap_or_default();
    let json: Json = serde_json::from_str(&text).unwrap_or_default();
    Ok(json.as_array().into_iter().flatten().filter_map(of_json).collect())
}

/// Adds what waits to what is kept, also by other processes.
async fn write(session: &Session, pending: &mut Pending) -> Result<()> {
    let mut faults = read(session).await?;
    for fault in &pending.faults {
        merge(&mut faults, fault.clone());
    }
    faults.sort_by_key(|fault| std::cmp::Reverse(fault.last));
    faults.truncate(MOST);
    let value = Json::Array(faults.iter().map(to_json).collect()).to_string();
    let unit = CommitUnit::from(SystemWrite::SetMeta { name: NAME.into(), value });
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    pending.faults.clear();
    pending.written = Some(Instant::now());
    Ok(())
}

fn merge(faults: &mut Vec<ScriptFault>, fault: ScriptFault) {
    let same = faults.iter_mut().find(|known| {
        known.script == fault.script
            && known.function == fault.function
            && known.problem == fault.problem
            && known.fingerprint == fault.fingerprint
    });
    match same {
        Some(known) => {
            known.count += fault.count;
            known.first = known.first.min(fault.first);
            if fault.last >= known.last {
                known.last = fault.last;
                known.person = fault.person;
            }
        }
        None => faults.push(fault),
    }
}

/// What tells the script's present text from others.
fn fingerprint(session: &Session, script: &str) -> String {
    let json = session.model.definition(DefinitionKind::Script, script);
    let mut hash = Sha256::new();
    for (_, source) in json.map(kontor_model::layer::script_sources).unwrap_or_default() {
        hash.update(source.as_bytes());
    }
    let mut text = String::new();
    for byte in hash.finalize().iter().take(8) {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Parameters of a script's problems that a message names.
const PARAMETERS: [&str; 5] = ["script", "line", "column", "message", "limit"];

fn to_json(fault: &ScriptFault) -> Json {
    let parameters: serde_json::Map<String, Json> = fault
        .problem
        .parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Json::from(value.as_str())))
        .collect();
    json!({
        "script": fault.script, "function": fault.function, "code": fault.problem.code, "parameters": parameters,
        "line": fault.problem.line, "column": fault.problem.column, "count": fault.count, "first": fault.first,
        "last": fault.last, "person": fault.person, "fingerprint": fault.fingerprint
    })
}

fn of_json(json: &Json) -> Option<ScriptFault> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
    let moment = |key: &str| text(key)?.parse::<DateTime<Utc>>().ok();
    let place =
        |key: &str| json.get(key).and_then(Json::as_u64).and_then(|number| u32::try_from(number).ok());
    let mut problem = Problem::new(text("code")?, "");
    let parameters = json.get("parameters").and_then(Json::as_object)?;
    for (name, value) in parameters {
        let Some(known) = PARAMETERS.into_iter().find(|known| known == name) else { continue };
        problem = problem.with(known, value.as_str().unwrap_or_default());
    }
    if let Some(line) = place("line") {
        problem = problem.on_line(line, place("column"));
    }
    Some(ScriptFault {
        script: text("script")?,
        function: text("function")?,
        problem,
        count: json.get("count").and_then(Json::as_u64)?,
        first: moment("first")?,
        last: moment("last")?,
        person: text("person").unwrap_or_default(),
        fingerprint: text("fingerprint")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn fault(line: u32, second: i64) -> ScriptFault {
        let at = DateTime::from_timestamp(second, 0).unwrap_or_default();
        ScriptFault {
            script: "entities/visit".into(),
            function: "validate".into(),
            problem: Problem::new("script_failed", "")
                .with("script", "entities/visit")
                .with("line", line)
                .with("message", "no such thing")
                .on_line(line, Some(4)),
            count: 1,
            first: at,
            last: at,
            person: format!("Person {second}"),
            fingerprint: "1".into(),
        }
    }

    #[test]
    fn the_same_place_is_counted() {
        let mut faults = Vec::new();
        for one in [fault(3, 20), fault(3, 10), fault(4, 15)] {
            merge(&mut faults, one);
        }
        assert_eq!(faults.len(), 2);
        assert_eq!((faults[0].count, faults[0].first.timestamp(), faults[0].last.timestamp()), (2, 10, 20));
        assert_eq!(faults[0].person, "Person 20");
        let again: Vec<ScriptFault> = faults.iter().map(to_json).filter_map(|json| of_json(&json)).collect();
        assert_eq!(again, faults);
    }
}
