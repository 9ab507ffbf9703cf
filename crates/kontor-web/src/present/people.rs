//! Names of users, as far as the reader may see them.

use std::collections::HashMap;

use kontor_core::Session;
use kontor_core::records;
use uuid::Uuid;

/// The names of some users by their ids.
pub async fn names(session: &Session, ids: impl Iterator<Item = Uuid>) -> HashMap<Uuid, String> {
    let mut found = HashMap::new();
    let Ok(entity) = session.entity("user") else { return found };
    for id in ids {
        if found.contains_key(&id) {
            continue;
        }
        if let Ok(view) = records::get(session, &entity, id).await {
            found.insert(id, view.title(session));
        }
    }
    found
}
