//! What the frame of a portal has of its own: ways between it and the inside, what can be created.

use kontor_core::apps;
use kontor_core::permissions::{Verb, allows};
use kontor_core::portal::Portal;
use kontor_model::EntityModel;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::part::Link;
use kontor_view::shell::AppLink;

use super::Reading;
use crate::channel;
use crate::frame::address;

/// From the inside to the apps of the portal that the reader may look at; from the portal to the inside, for who is at home
/// there.
pub fn ways(reading: &Reading<'_>) -> Vec<AppLink> {
    let (visit, session) = (reading.visit, reading.session);
    if session.portal.is_some() {
        if apps::is_outside(session) {
            return Vec::new();
        }
        let inside = AppLink {
            href: format!("{}/", visit.root),
            title: reading.t("portal.inside"),
            icon: "arrow-left".to_owned(),
            current: false,
        };
        return vec![inside];
    }
    let link = |name: &str, own: &str, icon: Option<&String>| {
        let title = reading.label(DefinitionKind::App, name, "title", own);
        AppLink {
            href: format!("{}/apps/{}", channel::portal_of(&visit.root), address::segment(name)),
            title: reading.words().with("portal.app", &[("app", &title)]),
            icon: icon.cloned().unwrap_or_default(),
            current: false,
        }
    };
    apps::portal(session).iter().map(|app| link(&app.name, &app.title, app.icon.as_ref())).collect()
}

/// What the menus of the portal call the records of an entity; `None` inside, and where they give it no name of its own.
pub fn named_in_menu(reading: &Reading<'_>, entity: &EntityModel) -> Option<String> {
    let portal = reading.session.portal.as_ref()?;
    portal.apps.iter().find_map(|app| {
        app.menu.iter().find_map(|group| {
            let item = group.items.iter().find(|item| item.entity.as_ref() == Some(&entity.name))?;
            let (own, name) = (item.title.as_ref()?, item.name.as_ref());
            let path = name.map(|name| format!("menu.{}.items.{name}.title", group.name));
            Some(path.map_or_else(
                || own.clone(),
                |path| reading.label(DefinitionKind::App, &app.name, &path, own),
            ))
        })
    })
}

/// What can be created: records of what the menus name.
pub fn creatable(reading: &Reading<'_>, portal: &Portal) -> Vec<Link> {
    let session = reading.session;
    let named = portal.menu().iter().filter_map(|name| session.model.entity(name));
    named
        .filter(|entity| allows(session, entity, Verb::Read) && allows(session, entity, Verb::Create))
        .filter(|entity| !entity.is_built_in())
        .map(|entity| {
            let href = format!("{}/new", reading.list_href(&entity.name));
            Link::new(href, reading.title_of(entity), entity.icon.clone())
        })
        .collect()
}
