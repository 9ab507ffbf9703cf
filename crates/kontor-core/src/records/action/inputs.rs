//! What an action asks for: read and checked like the fields of a record, and stored nowhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::inputs::Inputs;
use kontor_model::{Json, Problems, Record};

use super::super::batch::Batch;
use super::super::draft::{Draft, Incoming};
use super::super::{defaults, parse, validate};
use crate::Session;
use crate::error::{Error, Result};

/// The same request where the inputs are an entity on which everything is allowed; what they may link to is what the actor
/// sees.
pub fn of_inputs(session: &Session, inputs: &Inputs) -> Session {
    let mut actor = (*session.actor).clone();
    actor.access = Arc::new(actor.access.and_all_of(&inputs.entity.name));
    Session { model: Arc::clone(&inputs.form), actor: Arc::new(actor), ..session.clone() }
}

/// The form as it begins: with its defaults.
///
/// # Errors
/// When the database does not answer.
pub async fn blank_inputs(session: &Session, inputs: &Inputs) -> Result<Record> {
    let session = of_inputs(session, inputs);
    let mut batch = Batch::default();
    let mut draft = empty(inputs);
    defaults::fill(&session, &mut batch, &mut draft).await?;
    Ok(draft.record)
}

/// Reads what was typed.
///
/// # Errors
/// [`Error::Problems`] with everything that is wrong, at the inputs.
pub(crate) async fn read(
    session: &Session,
    inputs: &Inputs,
    given: Vec<(String, Incoming)>,
) -> Result<Record> {
    let session = of_inputs(session, inputs);
    let mut batch = Batch::default();
    let mut draft = empty(inputs);
    let own = |name: &str| inputs.entity.field(name).is_some_and(|field| !field.system);
    for (name, _) in given.iter().filter(|(name, _)| !own(name)) {
        let problem = kontor_model::Problem::at_field("unknown_field", name).with("field", name);
        draft.problems.push(problem);
    }
    let given = given.into_iter().filter(|(name, _)| own(name)).collect();
    parse::read_values(&session, &mut batch, &mut draft, given).await?;
    defaults::fill(&session, &mut batch, &mut draft).await?;
    defaults::currencies(&session, &inputs.entity, &mut draft.record);
    validate::fields(&session, &mut batch, &mut draft).await?;
    if draft.problems.has_errors() {
        return Err(Error::Problems(draft.problems));
    }
    Ok(draft.record)
}

/// What a function of a script gets as its input.
pub(crate) fn to_json(inputs: &Inputs, typed: &Record) -> Json {
    let fields = inputs.entity.fields.iter().filter(|field| !field.system && field.part.is_none());
    let values = fields.map(|field| {
        let value = typed.at(field.index);
        let json = if value.is_empty() { Json::Null } else { field.kind.to_json(field, value) };
        (field.name.clone(), json)
    });
    Json::Object(values.collect())
}

fn empty(inputs: &Inputs) -> Draft {
    Draft {
        entity: Arc::clone(&inputs.entity),
        old: None,
        record: Record::empty(&inputs.entity),
        given: BTreeSet::new(),
        problems: Problems::new(),
        lists: Vec::new(),
        held: Vec::new(),
        to_approve: Vec::new(),
        form: None,
    }
}
