//! Step 6 of a save: derived values in the order in which they depend on each other. They are computed with full
//! rights: who may not know one restricts it by field right.

use std::sync::Arc;

use kontor_model::currency::{self, Worth};
use kontor_model::entity::Source;
use kontor_model::filter::FilterContext;
use kontor_model::problem::{NUMBER_TOO_LARGE, Problem};
use kontor_model::{EntityModel, FieldModel, Record, Value};

use super::batch::Batch;
use super::draft::Draft;
use super::subject::RecordSubject;
use crate::Session;
use crate::error::Result;

/// Computes every derived value of the draft.
pub async fn compute(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = Arc::clone(&draft.entity);
    let wrong = derive(session, batch, &entity, &mut draft.record).await?;
    // A document is worked out several times: what counts is what it comes to.
    let is_derived = |problem: &Problem| {
        problem.field().and_then(|name| entity.field(name)).is_some_and(FieldModel::is_derived)
    };
    draft.problems.0.retain(|problem| !(is_derived(problem) && is_of_number(problem)));
    for (index, problem) in wrong {
        if is_concerned(draft, &entity, index) {
            draft.problems.push(problem);
        }
    }
    Ok(())
}

/// Whether this save makes the derived value what it is; what was wrong before stands in nobody's way.
fn is_concerned(draft: &Draft, entity: &EntityModel, index: usize) -> bool {
    match entity.fields.get(index).map(|field| &field.source) {
        Some(Source::Formula(formula)) => formula.reads.iter().any(|path| draft.is_changed(path.first())),
        _ => draft.is_changed(index) || draft.lists.iter().any(super::lists::DraftList::is_changed),
    }
}

fn is_of_number(problem: &Problem) -> bool {
    matches!(&*problem.code, "too_small" | "too_great" | "too_early" | "too_late" | NUMBER_TOO_LARGE)
}

/// Computes every derived value of a record from its own values and from what it points at. Roll-ups stay as they are
/// stored: those who point here keep them right, and somebody new has nobody yet. Gives what is wrong with them, by field.
async fn derive(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    record: &mut Record,
) -> Result<Vec<(usize, Problem)>> {
    let mut found = Vec::new();
    // What is stored does not depend on who stores it: today is the workspace's.
    let settings = session.workspace.settings();
    let context = FilterContext {
        settings: Arc::clone(&session.parameters),
        fiscal_start: settings.fiscal_start,
        working: Arc::clone(&settings.working),
        ..FilterContext::at(session.now, settings.zone)
    };
    kontor_model::kind::settle(entity, record);
    super::defaults::currencies(session, entity, record);
    for index in &entity.derived_order {
        let Some(field) = entity.fields.get(*index) else { continue };
        if entity.lacks(field, record) {
            record.set(*index, Value::Empty);
            if let Some(currency) = entity.currency_of(*index) {
                record.set(currency.index, Value::Empty);
            }
            continue;
        }
        match &field.source {
            Source::Formula(formula) => {
                let subject = RecordSubject::new(session, batch, record, None, &[], &formula.reads).await?;
                let (mut value, wrong) = formula.evaluate_told(field, &subject, &context);
                found.extend(wrong.map(|wrong| (*index, wrong)));
                if let Some(amount) = field.companion_of {
                    value = currency::followed(record.at(amount), value, &settings.currency);
                }
                let counted = formula.currency(&subject, &context);
                record.set(*index, value);
                super::defaults::counted_in(session, entity, record, field, counted);
            }
            Source::Rollup(rollup) => {
                // Rows that are saved with the record count before they are stored.
                if let Some(super::lists::RolledUp { value, counted, wrong }) =
                    super::lists::rolled_up(session, batch, field, record.id(), rollup).await?
                {
                    found.extend(wrong.map(|wrong| (*index, wrong)));
                    record.set(*index, value);
                    super::defaults::counted_in(session, entity, record, field, counted);
                } else if rollup.counts() && record.at(*index).is_empty() {
                    record.set(*index, kontor_model::kind::held(field, Value::Integer(0)));
                }
            }
            Source::Converted(conversion) => {
                let worth = conversion.worth(record, &settings.currency, settings.zone, session.now);
                let rate = match &worth {
                    Worth::Abroad { currency, day, .. } => batch.rate(session, currency, *day).await?,
                    Worth::Nothing | Worth::Itself(_) => None,
                };
                record.set(*index, worth.at(rate));
            }
            Source::Typed | Source::Copy(..) | Source::Kept => {}
        }
    }
    kontor_model::kind::settle(entity, record);
    Ok(found)
}
