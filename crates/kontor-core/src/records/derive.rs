//! Step 6 of a save: derived values in the order in which they depend on each other. They are computed with full
//! rights: who may not know one restricts it by field right.

use kontor_model::entity::Source;
use kontor_model::{EntityModel, Record, Value};

use super::batch::Batch;
use super::draft::Draft;
use super::subject::RecordSubject;
use crate::Session;
use crate::error::Result;

/// Computes every derived value of the draft.
pub async fn compute(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = std::sync::Arc::clone(&draft.entity);
    derive(session, batch, &entity, &mut draft.record).await
}

/// Computes every derived value of a record.
pub async fn derive(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    record: &mut Record,
) -> Result<()> {
    kontor_model::kind::settle(entity, record);
    for index in &entity.derived_order {
        let Some(field) = entity.fields.get(*index) else { continue };
        let mut value = match &field.source {
            Source::Formula(formula) => {
                let subject = RecordSubject::new(session, batch, record, None, &[], &formula.reads).await?;
                formula.evaluate(&subject, &session.filter_context())
            }
            Source::Rollup(rollup) => super::rollup::compute(session, entity, record.id(), rollup).await?,
            Source::Typed | Source::Copy(..) => continue,
        };
        if !value.is_empty() {
            // A result that does not fit the field (too large, too long) is no result.
            let mut problems = kontor_model::Problems::new();
            field.kind.check(field, &mut value, &mut problems);
            if problems.has_errors() {
                value = Value::Empty;
            }
        }
        record.set(*index, value);
    }
    kontor_model::kind::settle(entity, record);
    super::defaults::currencies(session, entity, record);
    Ok(())
}
