//! Apps.

use super::{Checker, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::app::{AppDefinition, MenuItem};
use crate::definition::dashboard::DashboardDefinition;
use crate::problem::Problem;

pub(super) fn app(json: &Json, checker: &mut Checker<'_>) {
    let app: AppDefinition = read(json, checker);
    checker
        .distinct(app.menu.iter().map(|group| group.name.as_str()), &|index| format!("/menu/{index}/name"));
    for (group_index, group) in app.menu.iter().enumerate() {
        for (index, item) in group.items.iter().enumerate() {
            menu_item(item, &format!("/menu/{group_index}/items/{index}"), checker);
        }
    }
    if let Some(home) = &app.home {
        if let Some(dashboard) = &home.dashboard {
            checker.listed(DefinitionKind::Dashboard, dashboard, "/home/dashboard");
        }
        if let Some(view) = &home.view {
            checker.listed(DefinitionKind::View, view, "/home/view");
        }
    }
    checker.roles(&app.roles, "/roles");
    if app.is_portal() {
        portal(&app, checker);
    } else if !app.beside.is_empty() {
        checker.add(Problem::new("portal_only", "/beside").with("options", crate::portal::PORTAL));
    }
}

/// An app of a portal says for whom it is, who are nobody's administrators, and leads to nothing that only the inside has.
fn portal(app: &AppDefinition, checker: &mut Checker<'_>) {
    let roles = || checker.definitions.iter().filter(|((kind, _), _)| *kind == DefinitionKind::Role);
    let is_admin = |json: &Json| {
        json.get("everything").and_then(Json::as_bool) == Some(true)
            || json.get("admin").and_then(Json::as_array).is_some_and(|rights| !rights.is_empty())
    };
    let fitting: Vec<&str> =
        roles().filter(|(_, json)| !is_admin(json)).map(|((_, name), _)| name.as_str()).collect();
    let fitting = fitting.join(", ");
    if app.roles.is_empty() {
        checker.add(Problem::new("portal_needs_roles", "/roles").with("options", &fitting));
    }
    for (index, role) in app.roles.iter().enumerate() {
        let json = checker.definitions.get(&(DefinitionKind::Role, role.clone()));
        if json.is_some_and(is_admin) {
            let problem = Problem::new("portal_role_is_admin", format!("/roles/{index}")).with("role", role);
            checker.add(problem.with("options", &fitting));
        }
    }
    for (group, items) in app.menu.iter().enumerate() {
        for (index, item) in items.items.iter().enumerate() {
            let at = format!("/menu/{group}/items/{index}");
            if let Some(report) = &item.report {
                let problem = Problem::new("not_in_portal", format!("{at}/report")).with("name", report);
                checker.add(problem.with("options", "entity, view, dashboard"));
            }
            if let Some(dashboard) = &item.dashboard {
                without_kept_figures(dashboard, &format!("{at}/dashboard"), checker);
            }
        }
    }
    if let Some(dashboard) = app.home.as_ref().and_then(|home| home.dashboard.as_ref()) {
        without_kept_figures(dashboard, "/home/dashboard", checker);
    }
}

/// Kept figures are counted with full rights: they tell of everybody's records.
fn without_kept_figures(name: &str, at: &str, checker: &mut Checker<'_>) {
    let id = (DefinitionKind::Dashboard, name.to_owned());
    let Some(json) = checker.definitions.get(&id) else { return };
    let dashboard: DashboardDefinition = crate::definition::read(json).unwrap_or_default();
    for tile in dashboard.tiles.iter().filter(|tile| tile.snapshot.is_some()) {
        let problem = Problem::new("kept_figures_in_portal", at).with("name", name);
        checker.add(problem.with("tile", &tile.name));
    }
}

fn menu_item(item: &MenuItem, at: &str, checker: &mut Checker<'_>) {
    // A view beside an entity is one of its views.
    if let (Some(entity), Some(view)) = (&item.entity, &item.view)
        && let Some(other) = checker.about(DefinitionKind::View, view).filter(|about| about.name != *entity)
    {
        let problem = Problem::new("view_of_another", format!("{at}/view")).with("name", view);
        checker.add(problem.with("entity", &other.name));
    }
    if let Some(entity) = item.entity.as_ref().filter(|entity| !checker.is_set_aside(entity)) {
        checker.entity(entity, &format!("{at}/entity"));
    }
    let others = [
        (DefinitionKind::View, "view", &item.view),
        (DefinitionKind::Report, "report", &item.report),
        (DefinitionKind::Dashboard, "dashboard", &item.dashboard),
    ];
    for (kind, key, name) in others {
        if let Some(name) = name {
            checker.listed(kind, name, &format!("{at}/{key}"));
        }
    }
}
