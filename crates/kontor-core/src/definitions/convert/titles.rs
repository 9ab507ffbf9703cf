//! The titles of what links point at, read once for a conversion from or into a link.

use kontor_model::entity::system;
use kontor_model::value::fold;
use kontor_model::{FieldModel, Model};

use super::rules::Titles;
use crate::Session;
use crate::error::Result;

/// Records that are read at once.
const CHUNK: u64 = 2_000;

/// The titles that a conversion between two fields needs; none when no link is concerned.
pub async fn of(session: &Session, model: &Model, old: &FieldModel, new: &FieldModel) -> Result<Titles> {
    let mut titles = Titles::default();
    if old.kind.is_link() == new.kind.is_link() {
        return Ok(titles);
    }
    let targets = if old.kind.is_link() { &old.targets } else { &new.targets };
    for target in targets {
        let Some(entity) = model.entity(target) else { continue };
        let mut fields: Vec<FieldModel> = Vec::new();
        fields.extend(entity.fields.get(system::DELETED_AT).cloned());
        fields.push(entity.display_field().clone());
        for set in &entity.unique {
            if let [only] = set.as_slice() {
                fields.extend(entity.fields.get(*only).filter(|field| !field.kind.is_link()).cloned());
            }
        }
        let mut after = None;
        loop {
            let rows = session.workspace.store.values(model, &entity.key, &fields, after, CHUNK).await?;
            let is_last = (rows.len() as u64) < CHUNK;
            after = rows.last().map(|(id, _)| *id);
            for (id, values) in rows {
                let is_deleted = values.first().is_some_and(|deleted| !deleted.is_empty());
                for (place, (field, value)) in fields.iter().zip(&values).enumerate().skip(1) {
                    if value.is_empty() {
                        continue;
                    }
                    let text = field.kind.to_text(field, value, session.actor.zone);
                    if !is_deleted {
                        titles
                            .by_text
                            .entry(fold(text.trim()).into_owned())
                            .and_modify(|known| *known = known.filter(|known| *known == id))
                            .or_insert(Some(id));
                    }
                    if place == 1 {
                        titles.by_id.insert(id, text);
                    }
                }
            }
            if is_last {
                break;
            }
        }
    }
    Ok(titles)
}
