//! The names that a publication changes, in what people saved and in what they chose to see first.

use kontor_model::Model;
use kontor_model::definition::DefinitionKind;
use kontor_store::system::{PreferenceRow, SystemWrite};

use super::{STORED_NAME, name_of};
use crate::Session;
use crate::definitions::renames;
use crate::error::Result;
use crate::views::FIRST;

/// The writes by which what people saved, and what they chose to see first, follows the new names that a publication
/// brings.
pub(crate) async fn follow(session: &Session, old: &Model, new: &Model) -> Result<Vec<SystemWrite>> {
    let renames = renames::between(old, new);
    if renames.is_empty() {
        return Ok(Vec::new());
    }
    let store = &session.workspace.store;
    let mut writes = Vec::new();
    let rows = store.all_saved().await?;
    let kind_of = |kind: &str| kind.parse::<DefinitionKind>().ok();
    // What the filters of a dashboard speak of is known by what its tiles show, saved or published.
    let saved =
        rows.iter().filter_map(|row| Some(((kind_of(&row.kind)?, name_of(row.id)), row.body.clone())));
    let old = &old.with_definitions(saved);
    for mut row in rows {
        let Some(kind) = kind_of(&row.kind) else { continue };
        let before = row.clone();
        kontor_model::diff::rename(old, kind, STORED_NAME, &mut row.body, &renames);
        if let Some(entity) = renames.iter().find(|one| one.field.is_none() && one.entity == row.entity) {
            row.entity.clone_from(&entity.to);
        }
        if row != before {
            writes.push(SystemWrite::PutSaved(row));
        }
    }
    for rename in renames.iter().filter(|one| one.field.is_none()) {
        for chosen in store.preferences_named(&format!("{FIRST}{}", rename.entity)).await? {
            let (user, name) = (chosen.user_id, chosen.name.clone());
            writes.push(SystemWrite::DeletePreference { user, name });
            let name = format!("{FIRST}{}", rename.to);
            writes.push(SystemWrite::PutPreference(PreferenceRow { name, ..chosen }));
        }
    }
    Ok(writes)
}
