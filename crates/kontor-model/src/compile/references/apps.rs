//! Apps.

use super::{Checker, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::app::{AppDefinition, MenuItem};
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
