//! Trying a script out: it runs on a record, or on values typed for the occasion, and nothing is saved.

use std::sync::Arc;

use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems};
use kontor_script::{Call, DocumentRow, Limits, Script};
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Incoming, Save};
use super::hooks::{context_of, scripts_of};
use super::host::RecordHost;
use super::lists::Document;
use super::save::begin;
use super::{defaults, parse};
use crate::Session;
use crate::definitions::DESIGN;
use crate::error::Result;
use crate::permissions::demand_admin;

/// What came of a trial.
#[derive(Clone, Debug, Default)]
pub struct ScriptTrial {
    /// What the script said, or what ended it.
    pub problems: Problems,
    /// What it logged.
    pub log: Vec<String>,
    /// What it changed: field, JSON form before and after.
    pub changes: Vec<(String, Json, Json)>,
    /// Operations used.
    pub operations: u64,
    /// Reads used.
    pub queries: u64,
    /// Time used.
    pub milliseconds: u64,
}

/// Runs a function of a source in the place of the workspace's published script of the entity.
///
/// # Errors
/// [`crate::Error::NotFound`] when the record cannot be seen; [`crate::Error::Forbidden`] without the right to design.
pub async fn try_script(
    session: &Session,
    entity: &Arc<EntityModel>,
    source: &str,
    function: &str,
    record: Option<Uuid>,
    values: Vec<(String, Incoming)>,
) -> Result<ScriptTrial> {
    demand_admin(session, DESIGN)?;
    let mut batch = Batch::default();
    let save = Save { id: record, ..Save::create(entity, Vec::new()) };
    let mut draft = begin(session, &mut batch, &save).await?;
    parse::read_values(session, &mut batch, &mut draft, values).await?;
    defaults::fill(session, &mut batch, &mut draft).await?;
    let before = draft.record.clone();
    let mut after = draft.record.clone();
    let mut scripts = scripts_of(&session.model, entity);
    let own = session.workspace.layers().workspace();
    let has_own = own.contains_key(&(
        kontor_model::definition::DefinitionKind::Script,
        format!("entities/{}", entity.name),
    ));
    if has_own {
        scripts.pop();
    }
    scripts.push(Script { name: format!("entities/{}", entity.name), source: Arc::from(source) });
    let document = Document::of(&mut draft);
    let host = Arc::new(RecordHost::new(session, &mut batch, document));
    let context = context_of(session);
    let called = tokio::task::block_in_place(|| {
        let call = Call {
            scripts: &scripts,
            model: &session.model,
            entity,
            function,
            record: &mut after,
            old: draft.old.as_ref(),
            input: Json::Null,
            context: &context,
            limits: Limits::SAVE,
        };
        session.workspace.runner.call(call, Arc::clone(&host) as Arc<dyn kontor_script::Host>)
    });
    host.give_back(&mut batch, &mut draft).await;
    let mut trial = ScriptTrial { problems: std::mem::take(&mut draft.problems), ..ScriptTrial::default() };
    let bill = match called {
        Ok(outcome) => {
            if outcome.called == 0 {
                trial
                    .problems
                    .push(Problem::new("script_unknown_function", "/source").with("name", function));
            }
            trial.problems.0.extend(outcome.problems.0);
            trial.log = outcome.log;
            for field in entity.fields.iter().filter(|field| before.at(field.index) != after.at(field.index))
            {
                let form = |record: &kontor_model::Record| {
                    let value = record.at(field.index);
                    if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) }
                };
                trial.changes.push((field.name.clone(), form(&before), form(&after)));
            }
            let document = Document::of(&mut draft);
            for (index, now) in outcome.lists {
                if let Some(field) = entity.fields.get(index) {
                    let before = document.list(session, index).await?.rows;
                    let form = |rows: &[DocumentRow]| list_form(session, field, rows);
                    trial.changes.push((field.name.clone(), form(&before), form(&now.rows)));
                }
            }
            outcome.bill
        }
        Err(error) => {
            trial.problems.push(error.to_problem());
            *error.bill
        }
    };
    trial.operations = bill.operations;
    trial.queries = bill.queries;
    trial.milliseconds = bill.microseconds / 1_000;
    Ok(trial)
}

/// The records of a list in JSON, what is empty left out.
fn list_form(session: &Session, field: &FieldModel, rows: &[DocumentRow]) -> Json {
    let child = field.list.as_ref().and_then(|list| Some((list, session.model.entity(&list.entity)?)));
    let Some((list, child)) = child else { return Json::Null };
    let row = |row: &DocumentRow| -> Json {
        let own = child.own_fields().filter(|field| field.index != list.by && field.part.is_none());
        own.filter(|field| !row.record.at(field.index).is_empty())
            .map(|field| (field.name.clone(), field.kind.to_json(field, row.record.at(field.index))))
            .collect()
    };
    rows.iter().map(row).collect()
}
