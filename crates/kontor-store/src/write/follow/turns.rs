//! Whose turn it is to look at what all records are counted by: exchange rates, and holidays; and to move within a tree. Who saves an amount and
//! who changes a rate at the same time would miss each other: the one converts at the old rate, the other does not see
//! the record yet. SQLite has one writer anyway.

use std::collections::BTreeSet;

use kontor_model::currency::RATES;
use kontor_model::working_time::HOLIDAYS;
use kontor_model::{EntityModel, FieldModel};
use sea_orm::Value as Bound;

use super::super::apply::{Applying, Failure};
use super::super::tree::moved;
use crate::query::HOURS;
use crate::system::SystemWrite;
use crate::target::Dialect;
use crate::unit::{CommitUnit, Write};

/// Waits until nobody changes rates or holidays, or, before they change, until nobody counts by them. Before anything
/// else is written, so that nobody waits for records meanwhile.
pub(in crate::write) async fn hold_turns(
    applying: &mut Applying<'_>,
    unit: &CommitUnit,
) -> Result<(), Failure> {
    if applying.names.dialect == Dialect::Sqlite {
        return Ok(());
    }
    let writes = |name: &str| {
        unit.writes.iter().any(|write| matches!(write, Write::Changed { entity, .. } if entity == name))
    };
    let sets_hours = unit.writes.iter().any(|write| match write {
        Write::System(write) => matches!(&**write, SystemWrite::SetMeta { name, .. } if name == HOURS),
        _ => false,
    });
    let counts = |is_meant: fn(&EntityModel) -> bool| {
        unit.writes.iter().any(|write| match write {
            Write::Changed { entity, settle: true, .. } | Write::Derive { entity, .. } => {
                applying.model.entity(entity).is_some_and(|entity| is_meant(entity))
            }
            _ => false,
        })
    };
    let rates = (writes(RATES), counts(|entity| !entity.rated.is_empty()));
    let days = (
        writes(HOLIDAYS) || sets_hours,
        counts(|entity| entity.fields.iter().any(FieldModel::reads_working_time)),
    );
    let trees: BTreeSet<String> = unit
        .writes
        .iter()
        .filter_map(|write| moved(write, |name| applying.model.entity(name)?.tree))
        .map(|(entity, _)| format!("tree of {entity}"))
        .collect();
    // Always in this order, so that nobody waits for who waits for them.
    let trees = trees.into_iter().map(|name| (name, (true, false)));
    let turns = [("rates".to_owned(), rates), ("working time".to_owned(), days)].into_iter().chain(trees);
    for (name, (changes, reads)) in turns {
        let function = match (changes, reads) {
            (true, _) => "pg_advisory_xact_lock",
            (false, true) => "pg_advisory_xact_lock_shared",
            (false, false) => continue,
        };
        // One lock for each workspace of the database.
        let schema = applying.names.schema.as_deref().unwrap_or_default();
        let name = format!("kontor {name} {schema}");
        applying
            .query(
                &format!("SELECT 1 FROM (SELECT {function}(hashtextextended($1, 0))) AS held"),
                vec![Bound::from(name)],
            )
            .await?;
    }
    Ok(())
}
