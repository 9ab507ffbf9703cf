//! What the search knows of records, made anew without the fields that become encrypted: it must not hold their values.

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::{EntityModel, FieldModel, Model};
use kontor_store::{CommitUnit, Count, PageQuery, Write};

use crate::Session;
use crate::error::Result;

/// Records that are read at once.
const CHUNK: u64 = 1_000;

/// Adds the writes.
pub(super) async fn writes(session: &Session, old: &Model, new: &Model, unit: &mut CommitUnit) -> Result<()> {
    for after in new.entities.values() {
        let Some(before) = old.entities.values().find(|before| before.key == after.key) else { continue };
        let becomes_sealed = |field: &FieldModel| {
            !field.is_sealed() && after.fields.iter().any(|other| other.key == field.key && other.is_sealed())
        };
        let searched = before.search.iter().filter_map(|index| before.fields.get(*index));
        let (gone, kept): (Vec<&FieldModel>, Vec<&FieldModel>) =
            searched.partition(|field| becomes_sealed(field));
        if !gone.is_empty() {
            of_entity(session, old, (before, after), &kept, unit).await?;
        }
    }
    Ok(())
}

async fn of_entity(
    session: &Session,
    old: &Model,
    (before, after): (&EntityModel, &EntityModel),
    kept: &[&FieldModel],
    unit: &mut CommitUnit,
) -> Result<()> {
    let workspace = &session.workspace;
    let zone = workspace.settings().zone;
    let own = |index| FieldPath::own(before.name.clone(), index);
    let mut query = PageQuery {
        entity: before.name.clone(),
        select: std::iter::once(own(system::ID)).chain(kept.iter().map(|field| own(field.index))).collect(),
        limit: CHUNK,
        count: Count::None,
        ..PageQuery::default()
    };
    loop {
        let context = FilterContext::at(session.now, zone);
        let page = workspace.store.page(old, &workspace.full_access, &query, &context).await?;
        for row in &page.rows {
            let Some(id) = row.first().and_then(kontor_model::Value::as_id) else { continue };
            let words: Vec<String> = kept
                .iter()
                .zip(row.iter().skip(1))
                .filter(|(_, value)| !value.is_empty())
                .map(|(field, value)| field.searched(value, zone))
                .collect();
            let text = (!words.is_empty()).then(|| words.join("\n"));
            unit.push(Write::Search { entity: after.name.clone(), id, text });
        }
        let Some(next) = page.next else { return Ok(()) };
        query.after = Some(next);
    }
}
