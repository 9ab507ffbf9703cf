//! `GET /w/{workspace}/`: the dashboard or view of the present app, or where to begin.

use axum::response::Response;
use kontor_core::permissions::{Verb, allows};
use kontor_model::definition::DefinitionKind;
use kontor_view::page::dashboard::HomePage;
use kontor_view::page::part::Link;

use super::dashboards;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{frame, portal};
use crate::visit::Reader;

/// The page.
pub async fn show_home(reader: Reader, query: Query) -> Result<Response, Failure> {
    let reading = reader.reading();
    let apps = frame::apps(&reading);
    let app = apps
        .iter()
        .find(|app| reader.visit.app_name.as_deref() == Some(app.name.as_str()))
        .or_else(|| apps.first());
    let home = app.and_then(|app| app.home.as_ref());
    if let Some(name) = home.and_then(|home| home.dashboard.as_deref())
        && reader.session.model.definition(DefinitionKind::Dashboard, name).is_some()
    {
        return dashboards::draw(&reader, name, &query).await;
    }
    if let Some(name) = home.and_then(|home| home.view.as_deref())
        && let Some(json) = reader.session.model.definition(DefinitionKind::View, name)
        && let Some(entity) = json.get("entity").and_then(|entity| entity.as_str())
    {
        return Ok(reader.go(&address::with_query(&reading.list_href(entity), [("view", name)])));
    }
    let in_portal = reader.session.portal.is_some();
    let model = &reader.session.model;
    let named: Vec<_> = match &reader.session.portal {
        Some(portal) => portal.menu().iter().filter_map(|name| model.entity(name)).collect(),
        None => model.entities.values().filter(|entity| !entity.is_built_in()).collect(),
    };
    let entities = named
        .into_iter()
        .filter(|entity| allows(&reader.session, entity, Verb::Read))
        .map(|entity| Link {
            // What a definition says of itself is meant for those who work inside.
            note: entity.definition.description.clone().filter(|_| !in_portal).unwrap_or_default(),
            ..Link::new(reading.list_href(&entity.name), reading.plural_of(entity), entity.icon.clone())
        })
        .collect();
    let step = |key: &str, href: String, icon: &str| Link {
        note: reading.t(&format!("home.step_{key}_text")),
        ..Link::new(href, reading.t(&format!("home.step_{key}")), icon)
    };
    let steps = if reading.may_design() {
        vec![
            step("model", reading.admin_href("entities"), "database"),
            step("import", format!("{}/import", reader.visit.base), "upload"),
            step("users", reading.admin_href("users/new"), "user-plus"),
        ]
    } else {
        Vec::new()
    };
    let page = HomePage {
        at: reader.visit.place(),
        name: reader.session.actor.name.clone(),
        entities,
        create: reader.session.portal.as_ref().map_or_else(Vec::new, |own| portal::creatable(&reading, own)),
        recent: Vec::new(),
        portal: in_portal,
        steps,
    };
    reader.draw().view(&page).await
}
