//! Roll-ups of other records follow what a unit wrote, in the same transaction.

use std::collections::BTreeSet;

use chrono::Utc;
use kontor_model::entity::Source;
use kontor_model::filter::FilterContext;
use kontor_model::{Access, Problems, Value};

use super::apply::{Applying, Failure};
use super::record;
use crate::error::Error;
use crate::query::rollup_query;
use crate::unit::{CommitError, CommitUnit, Write};

/// Brings every roll-up that the unit names up to date.
pub(super) async fn follow(applying: &mut Applying<'_>, unit: &CommitUnit) -> Result<(), Failure> {
    let mut wanted = BTreeSet::new();
    for write in &unit.writes {
        if let Write::Rollup { entity, id, field } = write {
            wanted.insert((entity.as_str(), *id, *field));
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    applying.settle().await?;
    let access = Access::everything();
    // Roll-ups that ask for the day are recomputed by the day's own job; here the zone does not matter.
    let context = FilterContext::at(Utc::now(), chrono_tz::UTC);
    for (name, id, index) in wanted {
        let Some(entity) = applying.model.entity(name).cloned() else { continue };
        let Some(field) = entity.fields.get(index) else { continue };
        let Source::Rollup(rollup) = &field.source else { continue };
        let Some(query) = rollup_query(applying.model, &entity, id, rollup) else { continue };
        let rows = crate::query::run_aggregate(
            applying.statements.transaction,
            applying.names,
            applying.model,
            &access,
            &query,
            &context,
        )
        .await?;
        let mut value = rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or_default();
        if !value.is_empty() {
            let mut problems = Problems::new();
            field.kind.check(field, &mut value, &mut problems);
            if problems.has_errors() {
                value = Value::Empty;
            }
        }
        match record::update(applying, name, id, None, &[(index, value)], false).await {
            // The record went to the bin, or was purged, in the meantime.
            Ok(())
            | Err(Failure::Refused(
                CommitError::Missing { .. } | CommitError::Store(Error::UnknownEntity(_)),
            )) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}
