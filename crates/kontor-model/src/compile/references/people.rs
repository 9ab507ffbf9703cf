//! Roles and apps.

use super::{Checker, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::app::{AppDefinition, MenuItem};
use crate::definition::role::RoleDefinition;
use crate::problem::Problem;

pub(super) fn role(json: &Json, checker: &mut Checker<'_>) {
    let role: RoleDefinition = read(json, checker);
    for (name, grants) in role.entities.iter().filter(|(name, _)| *name != "*") {
        let at = format!("/entities/{}", crate::filter::escape(name));
        // Rights to an entity that is set aside are rights to nothing; the others hold.
        if checker.is_set_aside(name) {
            continue;
        }
        let Some(entity) = checker.entity(name, &at) else { continue };
        let known: Vec<&str> =
            entity.definition.record_types.iter().map(|variant| variant.name.as_str()).collect();
        for (index, one) in grants.record_types.iter().flatten().enumerate() {
            if !known.contains(&one.as_str()) {
                let at = format!("{at}/record_types/{index}");
                let problem = Problem::new("not_an_option", at).with("value", one);
                checker.add(problem.with("options", known.join(", ")));
            }
        }
        for field in grants.fields.keys() {
            checker.own(entity, field, &format!("{at}/fields/{}", crate::filter::escape(field)));
        }
    }
}

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
