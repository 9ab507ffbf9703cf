//! Menus: which apps somebody has, inside and in the portal, and who works in the portal alone.

use std::sync::Arc;

use kontor_model::Model;
use kontor_model::definition::app::AppDefinition;
use kontor_model::definition::{DefinitionKind, read};

use crate::Session;
use crate::definitions::DESIGN;

/// All apps of a model, read and in their order.
struct Apps(Vec<Arc<AppDefinition>>);

fn of_model(model: &Model) -> Arc<Apps> {
    model.kept.get_or(|| {
        let mut apps: Vec<Arc<AppDefinition>> = model
            .definitions_of(DefinitionKind::App)
            .filter_map(|(_, json)| read::<AppDefinition>(json).ok().map(Arc::new))
            .collect();
        apps.sort_by_key(|app| app.position.unwrap_or(i64::MAX));
        Apps(apps)
    })
}

/// The apps of the workspace's own pages that are for who asks, in their order.
pub fn internal(session: &Session) -> Vec<Arc<AppDefinition>> {
    let everything = session.actor.access.is_everything();
    let all = of_model(&session.model);
    let inside = all.0.iter().filter(|app| !app.is_portal());
    inside.filter(|app| everything || app.roles.is_empty() || is_for(session, app)).cloned().collect()
}

/// The apps of the portal that are for who asks, in their order. Who shapes the workspace looks at all of them.
pub fn portal(session: &Session) -> Vec<Arc<AppDefinition>> {
    let designs = session.actor.access.is_admin(DESIGN);
    let all = of_model(&session.model);
    let outside = all.0.iter().filter(|app| app.is_portal());
    outside.filter(|app| designs || is_for(session, app)).cloned().collect()
}

fn is_for(session: &Session, app: &AppDefinition) -> bool {
    app.roles.iter().any(|role| session.actor.roles.contains(role))
}

/// Whether who asks works in the portal alone: each of their roles is one of a portal, and there is at least one.
pub fn is_outside(session: &Session) -> bool {
    let roles = &session.actor.roles;
    let outside = &session.model.outside;
    !roles.is_empty() && roles.iter().all(|role| outside.contains(role))
}
