//! Whose turn it is to look at exchange rates. Who saves an amount and who changes a rate at the same time would miss
//! each other: the one converts at the old rate, the other does not see the record yet. SQLite has one writer anyway.

use kontor_model::currency::RATES;
use sea_orm::Value as Bound;

use super::super::apply::{Applying, Failure};
use crate::target::Dialect;
use crate::unit::{CommitUnit, Write};

/// Waits until nobody changes rates, or, before rates change, until nobody converts. Before anything else is written,
/// so that nobody waits for records meanwhile.
pub(in crate::write) async fn hold_rates(
    applying: &mut Applying<'_>,
    unit: &CommitUnit,
) -> Result<(), Failure> {
    if applying.names.dialect == Dialect::Sqlite {
        return Ok(());
    }
    let changes =
        unit.writes.iter().any(|write| matches!(write, Write::Changed { entity, .. } if entity == RATES));
    let converts = unit.writes.iter().any(|write| match write {
        Write::Changed { entity, settle: true, .. } | Write::Derive { entity, .. } => {
            applying.model.entity(entity).is_some_and(|entity| !entity.rated.is_empty())
        }
        _ => false,
    });
    let function = match (changes, converts) {
        (true, _) => "pg_advisory_xact_lock",
        (false, true) => "pg_advisory_xact_lock_shared",
        (false, false) => return Ok(()),
    };
    // One lock for each workspace of the database.
    let name = format!("kontor rates {}", applying.names.schema.as_deref().unwrap_or_default());
    applying
        .query(
            &format!("SELECT 1 FROM (SELECT {function}(hashtextextended($1, 0))) AS held"),
            vec![Bound::from(name)],
        )
        .await?;
    Ok(())
}
