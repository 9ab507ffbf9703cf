//! Who decides, as a function of the entity's script says: `fn name(record, ctx)`. It looks with full rights, like everything that
//! finds out who decides, and writes nothing.

use std::sync::Arc;

use kontor_model::{EntityModel, Json, Problem, Record};
use uuid::Uuid;

use crate::Session;
use crate::error::{Error, Result};
use crate::records::batch::Batch;
use crate::records::{Draft, hooks};

/// Calls the function and reads the people that it gives.
///
/// # Errors
/// [`Error::Problems`] when the script ends badly, writes something, or gives what is no list of users.
pub(super) async fn people(
    session: &Session,
    entity: &Arc<EntityModel>,
    record: &Record,
    function: &str,
) -> Result<Vec<Uuid>> {
    let session = session.elevated();
    let mut batch = Batch::default();
    let mut draft = Draft::stored(entity, record.clone());
    let outcome = hooks::run(&session, &mut batch, &mut draft, function, Json::Null).await?;
    if draft.problems.has_errors() {
        return Err(Error::Problems(draft.problems));
    }
    let Some(outcome) = outcome else {
        let problem = Problem::new("unknown_function", "").with("value", function);
        return Err(problem.with("entity", &entity.name).into());
    };
    if !batch.unit.writes.is_empty() || !outcome.lists.is_empty() || draft.record != *record {
        return Err(Problem::new("asking_writes", "").with("name", function).into());
    }
    let mut found = Vec::new();
    for one in listed(&outcome.returned) {
        let id = one.get("id").unwrap_or(one).as_str().and_then(|id| Uuid::parse_str(id).ok());
        let Some(id) = id else {
            return Err(Problem::new("gives_no_people", "").with("name", function).into());
        };
        if !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(found)
}

/// What a function gives: nobody, one, or a list.
fn listed(returned: &Json) -> Vec<&Json> {
    match returned {
        Json::Null => Vec::new(),
        Json::Array(list) => list.iter().filter(|one| !one.is_null()).collect(),
        one => vec![one],
    }
}
