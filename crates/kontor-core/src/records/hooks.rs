//! Steps 5 and 7 of a save: scripts. They run in place on a thread of their own, see records with the caller's
//! rights, and write only into the batch.

use std::sync::Arc;

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Model, Problem, Problems, Record};
use kontor_script::{Call, Hook, Limits, Outcome, Script, ScriptContext};

use super::batch::Batch;
use super::draft::Draft;
use super::host::RecordHost;
use super::lists::Document;
use crate::Session;
use crate::error::Result;

/// Deepest nesting of saves that scripts cause.
pub const MAX_CASCADE: u32 = 16;

/// The scripts of an entity, base pack first, workspace last.
pub fn scripts_of(model: &Model, entity: &EntityModel) -> Vec<Script> {
    let Some(json) = model.definition(DefinitionKind::Script, &format!("entities/{}", entity.name)) else {
        return Vec::new();
    };
    kontor_model::layer::script_sources(json)
        .into_iter()
        .map(|(_, source)| Script { name: format!("entities/{}", entity.name), source: Arc::from(source) })
        .collect()
}

/// Whether any of the scripts defines the function.
pub fn defines(scripts: &[Script], function: &str) -> bool {
    scripts.iter().any(|script| {
        script.source.contains(function)
            && kontor_script::functions(&script.source).iter().any(|one| one.name == function)
    })
}

/// Runs `before_save`: it may change the draft.
pub async fn before_save(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    // What a script that cannot run would have refused is not known: nothing is saved past it.
    if let Some(script) = &session.workspace.scripts(&session.model, &draft.entity).broken {
        draft.problems.push(Problem::new("script_broken", "").with("script", script));
        return Ok(());
    }
    let before = draft.record.clone();
    run(session, batch, draft, "before_save", Json::Null).await?;
    keep_stored_form(draft, &before);
    super::held::settle(session, batch, draft).await
}

/// Runs `validate`: it says what is wrong.
pub async fn validate(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    run(session, batch, draft, "validate", Json::Null).await?;
    Ok(())
}

/// Runs one function of the entity's scripts; what it says is added to the draft's problems.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    function: &str,
    input: Json,
) -> Result<Option<Outcome>> {
    let scripts = session.workspace.scripts(&session.model, &draft.entity);
    // A step of a workflow or an approval may call a function of the script's own.
    let own = || Hook::of(function).is_none() && session.workspace.runner.defines(&scripts.sources, function);
    if !scripts.defines(function) && !own() {
        return Ok(None);
    }
    let context = context_of(session);
    let entity = Arc::clone(&draft.entity);
    let old = draft.old.clone();
    let mut record = draft.record.clone();
    let host = Arc::new(RecordHost::new(session, batch, Document::of(draft)));
    let called = tokio::task::block_in_place(|| {
        let call = Call {
            scripts: &scripts.sources,
            model: &session.model,
            entity: &entity,
            function,
            record: &mut record,
            old: old.as_ref(),
            input,
            context: &context,
            limits: Limits::SAVE,
        };
        session.workspace.runner.call(call, Arc::clone(&host) as Arc<dyn kontor_script::Host>)
    });
    let told = host.give_back(batch, draft).await;
    match called {
        Ok(outcome) => {
            draft.record = record;
            merge(&mut draft.problems, outcome.problems.clone());
            super::lists::apply(session, draft, outcome.lists.clone());
            if told && draft.lists.is_empty() {
                batch.unwrite(&draft.entity, draft.record.id());
            }
            Ok(Some(outcome))
        }
        Err(error) => {
            if told && draft.lists.is_empty() {
                batch.unwrite(&draft.entity, draft.record.id());
            }
            tracing::warn!(script = %error.place(), "script ended: {}", error.message);
            super::faults::note(session, &error).await;
            draft.problems.push(error.to_problem());
            Ok(None)
        }
    }
}

fn merge(problems: &mut Problems, more: Problems) {
    for problem in more {
        problems.push(problem);
    }
}

/// What a script assigned is brought into its stored form and checked like everything else.
pub(super) fn keep_stored_form(draft: &mut Draft, before: &Record) {
    let entity = Arc::clone(&draft.entity);
    for field in &entity.fields {
        if draft.record.at(field.index) == before.at(field.index) {
            continue;
        }
        let mut value = draft.record.at(field.index).clone();
        if !value.is_empty() {
            field.kind.check(field, &mut value, &mut draft.problems);
        }
        // Conditions hold for every writer.
        draft.given.insert(field.index);
        draft.record.set(field.index, value);
    }
}

pub(super) fn context_of(session: &Session) -> ScriptContext {
    ScriptContext {
        user_id: (!session.actor.id.is_nil()).then_some(session.actor.id),
        user_name: session.actor.name.clone(),
        roles: session.actor.roles.clone(),
        now: session.now,
        zone: session.actor.zone,
        working: Arc::clone(&session.workspace.settings().working),
        language: session.actor.language.clone(),
        origin: session.origin.as_str().to_owned(),
    }
}

/// The problem of a cascade that is too deep.
pub fn too_deep() -> Problem {
    Problem::new("cascade_too_deep", "").with("limit", MAX_CASCADE)
}
