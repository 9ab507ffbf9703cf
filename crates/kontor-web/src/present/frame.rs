//! The page frame of a reader: navigation of the present app, what can be created, pending changes.

use std::sync::Arc;

use kontor_core::definitions::{change_sets, drafts, moved, places};
use kontor_core::permissions::{Verb, allows};
use kontor_core::{Session, apps, notices};
use kontor_model::EntityModel;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::app::{AppDefinition, MenuItem};
use kontor_view::field::OptionView;
use kontor_view::page::part::Link;
use kontor_view::shell::{AppLink, Conflict, Frame, NavigationGroup, NavigationItem, Pending, Person};

use super::{Reading, admin};
use crate::frame::address;
use crate::visit::Visit;

/// Entries of the group of lists that no app names; more are found on a page of their own.
const MOST_OTHERS: usize = 12;
/// Entries of the menu of what can be created.
const MOST_CREATED: usize = 14;

/// Administrators' pages: key of the words, path, icon, right.
const ADMINISTRATION: &[(&str, &str, &str, &str)] = &[
    ("settings.title", "settings", "settings", "design"),
    ("navigation.model", "entities", "database", "design"),
    ("navigation.workflows", "workflows", "workflow", "design"),
    ("navigation.scripts", "scripts", "code", "design"),
    ("navigation.secrets", "secrets", "key-round", "design"),
    ("navigation.definitions", "definitions", "file-text", "design"),
    ("navigation.translations", "translations", "languages", "design"),
    ("navigation.roles", "roles", "shield-check", "design"),
    ("navigation.users", "users", "users", "users"),
    ("navigation.changes", "changes", "git-compare", "design"),
    ("navigation.packs", "packs", "package", "design"),
    ("navigation.jobs", "jobs", "clock", "design"),
    ("navigation.problems", "problems", "circle-alert", "design"),
];

/// Everything around a page, without crumbs and flash.
pub async fn frame(reading: &Reading<'_>) -> Frame {
    let (visit, session) = (reading.visit, reading.session);
    let mut frame = Frame::new(Arc::clone(&reading.format.words), visit.base.clone());
    frame.workspace.clone_from(&session.workspace.settings().title);
    frame.csrf.clone_from(&visit.csrf);
    frame.here.clone_from(&visit.here);
    frame.density.clone_from(&session.actor.density);
    if !session.actor.theme.is_empty() {
        frame.theme.clone_from(&session.actor.theme);
    }
    frame.person =
        Person { name: session.actor.name.clone(), email: session.actor.email.clone().unwrap_or_default() };
    frame.languages = languages(visit);
    let apps = apps(reading);
    let chosen =
        apps.iter().position(|app| visit.app_name.as_deref() == Some(app.name.as_str())).unwrap_or(0);
    frame.navigation = navigation(reading, apps.get(chosen).map(|app| &**app), &apps);
    frame.apps = apps
        .iter()
        .enumerate()
        .map(|(index, app)| AppLink {
            href: format!("{}/apps/{}", visit.base, address::segment(&app.name)),
            title: reading.label(DefinitionKind::App, &app.name, "title", &app.title),
            icon: app.icon.clone().unwrap_or_default(),
            current: index == chosen,
        })
        .collect();
    frame.apps.extend(super::portal::ways(reading));
    if let Some(portal) = &session.portal {
        frame.portal = true;
        frame.create = super::portal::creatable(reading, portal);
        return frame;
    }
    frame.create = creatable(reading, &apps);
    frame.may_import = may_import(reading);
    // A mark that cannot be drawn is no reason to draw no page.
    frame.waiting = usize::from(notices::any_waiting(session).await.unwrap_or(false));
    (frame.pending, frame.conflict) = pending(reading).await;
    frame
}

/// The languages there are, each by its own name.
pub fn languages(visit: &Visit) -> Vec<OptionView> {
    let views = &visit.app.views;
    let mut found: Vec<OptionView> = views
        .languages()
        .map(|language| {
            let title = views
                .words(language)
                .map_or_else(|| language.to_owned(), |words| words.t("language.own_name"));
            OptionView::new(language, title, language == visit.language)
        })
        .collect();
    // Languages of the workspace alone: its labels are in them, the interface falls back.
    for (language, catalogue) in &visit.workspace.model().catalogues {
        if !found.iter().any(|known| known.value == *language) {
            let own = catalogue.find_own("ui.language.own_name");
            let title = own.map_or_else(|| kontor_model::conventions::own_name(language), str::to_owned);
            found.push(OptionView::new(language, title, *language == visit.language));
        }
    }
    found
}

/// The apps of the reader in this channel, in their order.
pub fn apps(reading: &Reading<'_>) -> Vec<Arc<AppDefinition>> {
    match &reading.session.portal {
        Some(portal) => portal.apps.clone(),
        None => apps::internal(reading.session),
    }
}

fn navigation(
    reading: &Reading<'_>,
    app: Option<&AppDefinition>,
    apps: &[Arc<AppDefinition>],
) -> Vec<NavigationGroup> {
    let base = &reading.visit.base;
    let in_portal = reading.session.portal.is_some();
    let mut first = vec![item(reading, format!("{base}/"), reading.t("navigation.home"), "house")];
    if !in_portal {
        first.push(item(reading, format!("{base}/calendar"), reading.t("navigation.calendar"), "calendar"));
    }
    let mut groups = vec![NavigationGroup { title: String::new(), items: first }];
    if let Some(app) = app {
        for group in &app.menu {
            let items: Vec<NavigationItem> =
                group.items.iter().filter_map(|entry| menu_item(reading, app, &group.name, entry)).collect();
            if !items.is_empty() {
                let title = reading.label(
                    DefinitionKind::App,
                    &app.name,
                    &format!("menu.{}.title", group.name),
                    &group.title,
                );
                groups.push(NavigationGroup { title, items });
            }
        }
    }
    if in_portal {
        mark_current(&mut groups, &reading.visit.here, base);
        return groups;
    }
    let named: Vec<&str> = apps
        .iter()
        .flat_map(|app| &app.menu)
        .flat_map(|group| &group.items)
        .filter_map(|item| item.entity.as_deref())
        .collect();
    let mut others: Vec<NavigationItem> = reading
        .session
        .model
        .entities
        .values()
        .filter(|entity| has_list(reading.session, entity) && !named.contains(&entity.name.as_str()))
        .map(|entity| item(reading, reading.list_href(&entity.name), reading.plural_of(entity), &entity.icon))
        .collect();
    if others.len() > MOST_OTHERS {
        others = shortened(others, &reading.visit.here);
        let href = format!("{base}/lists");
        others.push(item(reading, href, reading.t("navigation.all_lists"), "search"));
    }
    if !others.is_empty() {
        groups.push(NavigationGroup { title: reading.t("navigation.more"), items: others });
    }
    let access = &reading.session.actor.access;
    let mut tools =
        vec![item(reading, format!("{base}/reports"), reading.t("navigation.reports"), "chart-column")];
    if may_import(reading) {
        tools.push(item(reading, format!("{base}/import"), reading.t("navigation.imports"), "upload"));
    }
    groups.push(NavigationGroup { title: reading.t("navigation.tools"), items: tools });
    let administration: Vec<NavigationItem> = ADMINISTRATION
        .iter()
        .filter(|(_, _, _, right)| access.is_admin(right))
        .map(|(key, path, icon, _)| item(reading, reading.admin_href(path), reading.t(key), icon))
        .collect();
    if !administration.is_empty() {
        groups.push(NavigationGroup { title: reading.t("navigation.administration"), items: administration });
    }
    mark_current(&mut groups, &reading.visit.here, base);
    groups
}

/// Whether an entity has a list of its own that may be read.
pub fn has_list(session: &Session, entity: &EntityModel) -> bool {
    !entity.is_built_in() && entity.implied.is_none() && allows(session, entity, Verb::Read)
}

/// The first of many entries, and the one of the present page.
fn shortened(entries: Vec<NavigationItem>, here: &str) -> Vec<NavigationItem> {
    let path = here.split('?').next().unwrap_or_default();
    let is_here = |entry: &NavigationItem| {
        path.strip_prefix(entry.href.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut shown = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        if index < MOST_OTHERS || is_here(&entry) {
            shown.push(entry);
        }
    }
    shown
}

fn item(_: &Reading<'_>, href: String, title: String, icon: &str) -> NavigationItem {
    NavigationItem { href, title, icon: icon.to_owned(), ..NavigationItem::default() }
}

fn menu_item(
    reading: &Reading<'_>,
    app: &AppDefinition,
    group: &str,
    entry: &MenuItem,
) -> Option<NavigationItem> {
    let model = &reading.session.model;
    let (href, own, icon) = if let Some(name) = &entry.view {
        let json = model.definition(DefinitionKind::View, name)?;
        let entity = model.entity(json.get("entity")?.as_str()?)?;
        allows(reading.session, entity, Verb::Read).then_some(())?;
        let href = address::with_query(&reading.list_href(&entity.name), [("view", name)]);
        (href, reading.definition_title(DefinitionKind::View, name, json), entity.icon.clone())
    } else if let Some(name) = &entry.entity {
        let entity = model.entity(name)?;
        allows(reading.session, entity, Verb::Read).then_some(())?;
        (reading.list_href(name), reading.plural_of(entity), entity.icon.clone())
    } else if let Some(name) = &entry.report {
        let json = model.definition(DefinitionKind::Report, name)?;
        let entity = model.entity(json.get("entity")?.as_str()?)?;
        allows(reading.session, entity, Verb::Read).then_some(())?;
        (
            format!("{}/reports/{}", reading.visit.base, address::segment(name)),
            reading.definition_title(DefinitionKind::Report, name, json),
            "chart-column".to_owned(),
        )
    } else {
        let name = entry.dashboard.as_ref()?;
        let json = model.definition(DefinitionKind::Dashboard, name)?;
        let icon = json.get("icon").and_then(|icon| icon.as_str()).unwrap_or("chart-column").to_owned();
        (
            format!("{}/dashboards/{}", reading.visit.base, address::segment(name)),
            reading.definition_title(DefinitionKind::Dashboard, name, json),
            icon,
        )
    };
    let title = match (&entry.title, &entry.name) {
        (Some(title), Some(name)) => {
            reading.label(DefinitionKind::App, &app.name, &format!("menu.{group}.items.{name}.title"), title)
        }
        (Some(title), None) => title.clone(),
        (None, _) => own,
    };
    Some(item(reading, href, title, entry.icon.as_deref().unwrap_or(&icon)))
}

/// Marks the entry whose address is the longest beginning of this one; one that names the present view wins.
fn mark_current(groups: &mut [NavigationGroup], here: &str, base: &str) {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let view =
        address::pairs(query.as_bytes()).into_iter().find(|(name, _)| name == "view").map(|(_, value)| value);
    let fits = |href: &str| -> usize {
        let (own, own_query) = href.split_once('?').unwrap_or((href, ""));
        let is_below = path == own || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/'));
        if own == format!("{base}/") {
            return usize::from(path == own);
        }
        match (is_below, own_query.strip_prefix("view=")) {
            (true, None) => own.len(),
            (true, Some(named)) if view.as_deref() == Some(named) => own.len() + 1,
            _ => 0,
        }
    };
    let best = groups.iter().flat_map(|group| &group.items).map(|item| fits(&item.href)).max().unwrap_or(0);
    if best == 0 {
        return;
    }
    if let Some(item) =
        groups.iter_mut().flat_map(|group| &mut group.items).find(|item| fits(&item.href) == best)
    {
        item.current = true;
    }
}

fn may_import(reading: &Reading<'_>) -> bool {
    reading.session.model.entities.values().any(|entity| allows(reading.session, entity, Verb::Import))
}

/// What can be created: of many, what the menus of apps name comes first.
fn creatable(reading: &Reading<'_>, apps: &[Arc<AppDefinition>]) -> Vec<Link> {
    let session = reading.session;
    let mut entities: Vec<&Arc<EntityModel>> = session
        .model
        .entities
        .values()
        .filter(|entity| has_list(session, entity) && allows(session, entity, Verb::Create))
        .collect();
    let is_long = entities.len() > MOST_CREATED;
    if is_long {
        let is_named = |entity: &EntityModel| {
            let items = apps.iter().flat_map(|app| &app.menu).flat_map(|group| &group.items);
            items.filter_map(|item| item.entity.as_deref()).any(|name| name == entity.name)
        };
        entities.sort_by_key(|entity| !is_named(entity));
        entities.truncate(MOST_CREATED);
    }
    let links = entities.into_iter().map(|entity| {
        Link::new(
            format!("{}/new", reading.list_href(&entity.name)),
            reading.title_of(entity),
            entity.icon.clone(),
        )
    });
    let all = Link::new(format!("{}/lists", reading.visit.base), reading.t("navigation.all_lists"), "search");
    links.chain(is_long.then_some(all)).collect()
}

/// What of the reader's own draft is not published yet.
async fn pending(reading: &Reading<'_>) -> (Option<Pending>, Option<Conflict>) {
    if !reading.may_design() {
        return (None, None);
    }
    let Ok(Some(id)) = drafts::find_own(reading.session).await else { return (None, None) };
    let Ok((set, changes)) = change_sets::get(reading.session, id).await else { return (None, None) };
    let Some(last) = changes.iter().map(|change| change.at).max() else { return (None, None) };
    let conflicts = moved::ids(&reading.session.model, &changes);
    let mut conflict = None;
    if let Some((kind, name)) = conflicts.iter().find(|(kind, name)| is_at(reading, *kind, name)) {
        let told = moved::of(reading.session, &set, &changes).await.unwrap_or_default();
        if let Some(told) = told.iter().find(|told| told.kind == *kind && told.name == *name) {
            conflict = Some(Conflict {
                text: admin::conflict::said(reading, told).await,
                action: reading.admin_href(&format!("changes/{id}/keep")),
                value: format!("{kind}/{name}"),
                href: reading.admin_href("changes"),
            });
        }
    }
    let pending = Pending {
        conflicts: conflicts.len(),
        count: places::of(&changes).len(),
        by: reading.words().with(
            "pending.by",
            &[("name", &reading.session.actor.name), ("when", &reading.format.when(last).text)],
        ),
        href: reading.admin_href("changes"),
    };
    // The review itself needs no bar that leads to it.
    let here = reading.visit.here.split('?').next().unwrap_or_default();
    let is_review = here == pending.href || here == format!("{}/{id}", pending.href);
    ((!is_review).then_some(pending), conflict)
}

/// Whether the page is about a definition: its designer, a page below it, its form or its source.
fn is_at(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> bool {
    let path = reading.visit.here.split('?').next().unwrap_or_default();
    let source = reading.admin_href(&format!("source/{kind}/{}", address::segments(name)));
    let form = reading.admin_href(&format!("edit/{kind}/{}", address::segment(name)));
    [admin::entity::designer_href(reading, kind, name), source, form].iter().any(|own| {
        path.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Ways on from an error page.
pub fn ways_on(visit: &Visit) -> Vec<Link> {
    let words = visit.words();
    let mut links = Vec::new();
    if visit.session.is_none() {
        links.push(Link::new(format!("{}/login", visit.root), words.t("error.sign_in"), "log-in"));
        return links;
    }
    let path = visit.here.split('?').next().unwrap_or_default();
    let mut parts = path.strip_prefix(&format!("{}/", visit.base)).unwrap_or_default().split('/');
    if let (Some("r"), Some(name)) = (parts.next(), parts.next())
        && let Some(session) = &visit.session
        && let Ok(entity) = session.entity(name)
        && session.portal.as_ref().is_none_or(|portal| portal.shows(name))
    {
        let title = visit.catalogue().label("entity", &entity.name, "plural", &entity.plural).to_owned();
        links.push(Link::new(
            format!("{}/r/{}", visit.base, address::segment(name)),
            words.with("error.go_list", &[("entity", &title)]),
            entity.icon.clone(),
        ));
    }
    if let Some(session) = visit.session.as_ref().filter(|session| session.actor.access.is_admin("design")) {
        let mut parts = path.strip_prefix(&format!("{}/", visit.base)).unwrap_or_default().split('/');
        let (place, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let kind = match place {
            "r" => Some(DefinitionKind::Entity),
            "reports" => Some(DefinitionKind::Report),
            "metrics" => Some(DefinitionKind::Metric),
            "snapshots" => Some(DefinitionKind::Snapshot),
            "dashboards" => Some(DefinitionKind::Dashboard),
            _ => None,
        };
        if kind
            .is_some_and(|kind| session.model.broken.iter().any(|one| one.id.0 == kind && one.id.1 == name))
        {
            let problems = format!("{}/admin/problems", visit.base);
            links.insert(
                0,
                Link::new(problems, words.with("error.set_aside", &[("name", name)]), "circle-alert"),
            );
        }
    }
    links.push(Link::new(format!("{}/", visit.base), words.t("error.go_home"), "house"));
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_is_current() {
        let entry = |href: &str| NavigationItem { href: href.to_owned(), ..NavigationItem::default() };
        let current = |here: &str| {
            let mut groups = vec![NavigationGroup {
                title: String::new(),
                items: vec![
                    entry("/w/a/"),
                    entry("/w/a/r/x"),
                    entry("/w/a/r/x?view=board"),
                    entry("/w/a/r/xy"),
                ],
            }];
            mark_current(&mut groups, here, "/w/a");
            groups.iter().flat_map(|group| &group.items).position(|item| item.current)
        };
        assert_eq!(current("/w/a/"), Some(0));
        assert_eq!(current("/w/a/r/x?sort=a"), Some(1));
        assert_eq!(current("/w/a/r/x?view=board&q=1"), Some(2));
        assert_eq!(current("/w/a/r/x/1"), Some(1));
        assert_eq!(current("/w/a/r/xy"), Some(3));
        assert_eq!(current("/w/a/profile"), None);
    }
}
