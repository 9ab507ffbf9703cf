//! Finding records of every kind by words.

use std::sync::Arc;

use kontor_model::EntityModel;
use uuid::Uuid;

use crate::Session;
use crate::error::Result;
use crate::permissions::{Verb, allows, demand};

/// Letters of a text whose words are compared.
const LONGEST_COMPARED: usize = 4_000;

/// What was found of one entity.
#[derive(Clone, Debug)]
pub struct SearchGroup {
    /// The kind of record.
    pub entity: Arc<EntityModel>,
    /// Ids and titles, the best first.
    pub hits: Vec<(Uuid, String)>,
}

/// Finds records whose search fields hold all the words, among those that the reader may see.
///
/// # Errors
/// When the database does not answer.
pub async fn search(session: &Session, words: &str, limit: u64) -> Result<Vec<SearchGroup>> {
    let words = words.trim();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let store = &session.workspace.store;
    let holding = store.entities_with(words).await?;
    let is_asked = |entity: &&Arc<EntityModel>| {
        !entity.search.is_empty() && holding.contains(&entity.key) && allows(session, entity, Verb::Read)
    };
    let entities: Vec<Arc<EntityModel>> = session.model.entities.values().filter(is_asked).cloned().collect();
    let context = session.filter_context();
    let mut groups = Vec::new();
    for entity in entities {
        let found =
            store.search(&session.model, &session.actor.access, &entity.name, words, limit, &context).await?;
        if !found.is_empty() {
            let hits = found.into_iter().map(|hit| (hit.id, hit.title)).collect();
            groups.push(SearchGroup { entity, hits });
        }
    }
    Ok(groups)
}

/// The records of an entity whose words resemble a text, the nearest first, among those that the reader may see; `except` is
/// the record that the text is of.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such entity for the reader; when the database does not answer.
pub async fn alike(
    session: &Session,
    entity: &EntityModel,
    text: &str,
    except: Option<Uuid>,
    limit: usize,
) -> Result<Vec<(Uuid, String)>> {
    demand(session, entity, Verb::Read)?;
    let store = &session.workspace.store;
    let most = limit as u64 + 1;
    let context = session.filter_context();
    let text: String = text.chars().take(LONGEST_COMPARED).collect();
    let found =
        store.alike(&session.model, &session.actor.access, &entity.name, &text, most, &context).await?;
    let others = found.into_iter().filter(|hit| Some(hit.id) != except);
    Ok(others.take(limit).map(|hit| (hit.id, hit.title)).collect())
}
