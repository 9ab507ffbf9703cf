//! The page of one record: facts, stage path, sections, related records, what happened.

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{self, ActionButton as CoreAction, RecordView, Revision, Titles};
use kontor_core::{files, following};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::form::{FormDefinition, Item, Tab as FormTab};
use kontor_model::entity::HISTORY;
use kontor_model::{EntityModel, FieldModel};
use kontor_view::field::{FieldView, Section};
use kontor_view::page::part::{ActionButton, Hidden, Tab};
use kontor_view::page::record::{Drawer, RecordPage};
use uuid::Uuid;

use super::{Reading, beside, form, history, related, stage_path, values};
use crate::extract::query::Query;
use crate::frame::address;
use crate::routes::records::once;

/// What the page is made of.
pub struct Parts<'a> {
    /// The record.
    pub view: &'a RecordView,
    /// Its newest changes.
    pub revisions: &'a [Revision],
    /// Titles that those name.
    pub titles: &'a Titles,
    /// Buttons of scripts.
    pub actions: &'a [CoreAction],
    /// The address.
    pub query: &'a Query,
}

/// The page.
pub async fn page(reading: &Reading<'_>, parts: Parts<'_>) -> RecordPage {
    let Parts { view, revisions, titles, actions, query } = parts;
    let entity = &view.entity;
    let id = view.record.id();
    let here = reading.record_href(&entity.name, id);
    let form = form::layout(reading, entity, &view.record);
    let tabs: Vec<&FormTab> = form
        .tabs
        .iter()
        .filter(|tab| values::holds(reading, entity, &view.record, tab.visible_when.as_ref()))
        .collect();
    let chosen = tabs.iter().position(|tab| tab.name == query.text("tab")).unwrap_or(0);
    let may_change = may(reading, view, Verb::Update).await;
    let mut page = RecordPage {
        at: reading.visit.place(),
        entity: reading.head(entity),
        id: id.to_string(),
        title: view.title(reading.session),
        number: number(view),
        record_type: record_type(reading, view),
        version: view.record.version().to_string(),
        facts: facts(reading, view, &form),
        path: stage_path::path(reading, view, may_change).await,
        tabs: tab_links(reading, &form, &tabs, chosen, &here),
        timeline: history::timeline(reading, view, revisions, titles),
        history_href: if reading.session.portal.is_none() && entity.has_feature(HISTORY) {
            format!("{here}/history")
        } else {
            String::new()
        },
        actions: buttons(actions, &here, view.record.version()),
        customise: form::customise(reading, entity, &form.name),
        ..RecordPage::default()
    };
    if let Some(tab) = tabs.get(chosen) {
        page.sections = sections(reading, view, &form, tab);
        // Side by side: the page waits for the slowest list, not for all of them one after the other.
        let items = tab.sections.iter().flat_map(|section| &section.items);
        let lists = items.map(|item| related_of(reading, view, &form, tab, item, query));
        page.related = futures_util::future::join_all(lists).await.into_iter().flatten().collect();
        let about = beside::About { entity, record: &view.record, id: Some(id), form: &form };
        let beside = beside::of(reading, &about, [*tab]).await;
        (page.charts, page.suggestions) = (beside.charts, beside.suggestions);
    }
    let session = reading.session;
    page.drawer = drawer(reading, view, &here, query.text("tab")).await;
    page.comments = super::comments::card(reading, view, &here).await;
    let chosen =
        tabs.get(chosen).into_iter().flat_map(|tab| &tab.sections).flat_map(|section| &section.items);
    let shown: Vec<&str> = chosen.filter_map(|item| item.related.as_deref()).collect();
    if session.portal.is_none() {
        page.shares = super::shares::card(reading, view, &here).await;
        page.activities = super::activities::cards(reading, view, &here, &shown).await;
    }
    match following::is_followed(session, view).await {
        // Who follows reads the news in the inbox, which a portal has not.
        _ if session.portal.is_some() => {}
        Ok(Some(true)) => "no".clone_into(&mut page.follow),
        Ok(Some(false)) => "yes".clone_into(&mut page.follow),
        _ => {}
    }
    if may_change {
        page.edit_href = format!("{here}/edit");
    }
    if allows(session, entity, Verb::Create) {
        page.copy_href =
            address::with_query(&format!("{}/new", reading.list_href(&entity.name)), [("copy", &page.id)]);
    }
    if may(reading, view, Verb::Delete).await {
        page.delete_href = format!("{here}/deletion");
    }
    page
}

/// Whether the reader may do that to this very record: what no save would take is not offered.
async fn may(reading: &Reading<'_>, view: &RecordView, verb: Verb) -> bool {
    records::may(reading.session, &view.entity, view.record.id(), verb).await.unwrap_or(false)
}

/// The record's own files, when its entity has some.
async fn drawer(reading: &Reading<'_>, view: &RecordView, here: &str, tab: &str) -> Option<Drawer> {
    let session = reading.session;
    if !files::has_own(session, &view.entity) {
        return None;
    }
    let rows = files::list_of(session, view).await.ok()?;
    let held: Vec<_> = rows.iter().map(files::held).collect();
    let may_change = files::may_update(session, view).await;
    Some(Drawer {
        files: reading.presenter(&view.titles).files(&held),
        action: if may_change { format!("{here}/files") } else { String::new() },
        tab: tab.to_owned(),
    })
}

fn number(view: &RecordView) -> String {
    let entity = &view.entity;
    let field = entity.fields.iter().find(|field| field.kind.is_drawn() && field.index != entity.display);
    field.and_then(|field| view.record.at(field.index).as_text()).unwrap_or_default().to_owned()
}

fn record_type(reading: &Reading<'_>, view: &RecordView) -> String {
    let entity = &view.entity;
    let Some(name) = view.record.get(entity, "record_type").as_text() else { return String::new() };
    let own = entity
        .definition
        .record_types
        .iter()
        .find(|one| one.name == name)
        .map_or(name, |one| one.title.as_str());
    reading.label(DefinitionKind::Entity, &entity.name, &format!("record_types.{name}.title"), own)
}

fn readable<'a>(reading: &Reading<'_>, entity: &'a EntityModel, name: &str) -> Option<&'a FieldModel> {
    entity.field(name).filter(|field| values::is_shown(reading, entity, field))
}

fn facts(reading: &Reading<'_>, view: &RecordView, form: &FormDefinition) -> Vec<FieldView> {
    form.facts
        .iter()
        .filter_map(|name| readable(reading, &view.entity, name))
        .map(|field| values::shown(reading, view, field))
        .collect()
}

fn tab_links(
    reading: &Reading<'_>,
    form: &FormDefinition,
    tabs: &[&FormTab],
    chosen: usize,
    here: &str,
) -> Vec<Tab> {
    if tabs.len() < 2 {
        return Vec::new();
    }
    tabs.iter()
        .enumerate()
        .map(|(index, tab)| Tab {
            href: if index == 0 { here.to_owned() } else { address::with_query(here, [("tab", &tab.name)]) },
            title: reading.label(
                DefinitionKind::Form,
                &form.name,
                &format!("tabs.{}.title", tab.name),
                &tab.title,
            ),
            count: String::new(),
            current: index == chosen,
        })
        .collect()
}

fn sections(reading: &Reading<'_>, view: &RecordView, form: &FormDefinition, tab: &FormTab) -> Vec<Section> {
    let entity = &view.entity;
    let record = &view.record;
    let shown = |path: &str, item: &Item| -> Option<FieldView> {
        if let Some(own) = &item.text {
            let in_sight = values::holds(reading, entity, record, item.visible_when.as_ref());
            return in_sight.then(|| form::note(form::item_text(reading, form, path, item, "text", own)));
        }
        let field = readable(reading, entity, item.field.as_deref()?)?;
        let in_sight = values::holds(reading, entity, record, item.visible_when.as_ref())
            && field
                .conditions
                .visible
                .as_ref()
                .is_none_or(|filter| values::filter_holds(reading, record, filter));
        if !in_sight || field.companion_of.is_some() {
            return None;
        }
        let mut shown = values::shown(reading, view, field);
        shown.full |= item.wide;
        if let Some(own) = &item.title {
            shown.label = form::item_text(reading, form, path, item, "title", own);
        }
        Some(shown)
    };
    tab.sections
        .iter()
        .filter(|section| values::holds(reading, entity, record, section.visible_when.as_ref()))
        .filter_map(|section| {
            let path = format!("tabs.{}.sections.{}", tab.name, section.name);
            let label = |key: &str, own: &str| {
                reading.label(DefinitionKind::Form, &form.name, &format!("{path}.{key}"), own)
            };
            let fields: Vec<FieldView> = section.items.iter().filter_map(|item| shown(&path, item)).collect();
            let text =
                section.description.as_deref().map(|own| label("description", own)).unwrap_or_default();
            if fields.is_empty() && text.is_empty() {
                return None;
            }
            let title = match section.title.as_deref() {
                Some(own) => label("title", own),
                // A second card with the name of the entity would say nothing.
                None if fields.iter().any(|field| field.calculated)
                    && fields.iter().all(|field| field.calculated || form::is_note(field)) =>
                {
                    reading.t("entity.calculated")
                }
                None => String::new(),
            };
            Some(Section {
                name: section.name.clone(),
                title,
                text,
                fields,
                columns: section.columns.unwrap_or(2).clamp(1, 4),
                folded: section.collapsed,
                ..Section::default()
            })
        })
        .collect()
}

async fn related_of(
    reading: &Reading<'_>,
    view: &RecordView,
    form: &FormDefinition,
    tab: &FormTab,
    item: &Item,
    query: &Query,
) -> Option<kontor_view::page::record::Related> {
    let link =
        view.entity.back_links.iter().find(|link| Some(link.name.as_str()) == item.related.as_deref())?;
    let own = item.title.clone().unwrap_or_default();
    let title = match (&item.name, own.is_empty()) {
        (Some(name), false) => reading.label(
            DefinitionKind::Form,
            &form.name,
            &format!("tabs.{}.items.{name}.title", tab.name),
            &own,
        ),
        _ => own,
    };
    let wish = related::Wish { title, columns: &item.columns, limit: item.limit.unwrap_or(5), query };
    related::of_link(reading, view, link, wish).await
}

fn buttons(actions: &[CoreAction], here: &str, version: i64) -> Vec<ActionButton> {
    actions
        .iter()
        .map(|action| ActionButton {
            action: format!("{here}/actions/{}", address::segment(&action.name)),
            title: action.title.clone(),
            icon: if action.icon.is_empty() { "zap".to_owned() } else { action.icon.clone() },
            hidden: vec![
                Hidden { name: "version".to_owned(), value: version.to_string() },
                // A second click does it once.
                Hidden { name: once::KEY.to_owned(), value: Uuid::new_v4().simple().to_string() },
            ],
            danger: false,
        })
        .collect()
}
