//! The form of a record: sections of a form definition, what was typed, recent records for links.

use std::sync::Arc;

use kontor_core::records::{RecordView, Titles};
use kontor_model::access::FieldRight;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::RecordTypeDefinition;
use kontor_model::definition::form::FormDefinition;
use kontor_model::entity::system;
use kontor_model::kind::NumberStyle;
use kontor_model::{EntityModel, FieldModel, Problems, Record, Value};
use kontor_view::field::{FieldView, Section};
use kontor_view::page::form::FormPage;
use kontor_view::page::part::{Hidden, Tab};
use uuid::Uuid;

use super::{Reading, control, values};
use crate::extract::form::Form;
use crate::frame::address;
use crate::routes::records::once;

/// The field that chooses a variant of an entity.
const RECORD_TYPE: &str = "record_type";

/// What is put into the form.
pub struct Filling<'a> {
    /// The kind of record.
    pub entity: &'a Arc<EntityModel>,
    /// The record that is edited, as stored; `None` for a new one.
    pub stored: Option<&'a RecordView>,
    /// Values of a new record: defaults, what the address gives.
    pub record: Record,
    /// Titles of what those values link to.
    pub titles: Titles,
    /// What was typed, when the form comes back.
    pub typed: Option<&'a Form>,
    /// What is wrong with it.
    pub problems: Problems,
    /// The version that the form was opened with.
    pub version: String,
    /// Where to go afterwards.
    pub next: String,
}

/// The form that shows records of this type to this reader.
pub fn layout(reading: &Reading<'_>, entity: &EntityModel, record: &Record) -> FormDefinition {
    let record_type = record.get(entity, RECORD_TYPE).as_text().map(str::to_owned);
    let roles: Vec<&str> = reading.session.actor.roles.iter().map(String::as_str).collect();
    kontor_model::form::layout(&reading.session.model, entity, record_type.as_deref(), &roles)
}

/// The page.
pub async fn page(reading: &Reading<'_>, filling: Filling<'_>) -> FormPage {
    let entity = Arc::clone(filling.entity);
    let record = as_typed(reading, &filling);
    let form = layout(reading, &entity, &record);
    let mut sections = sections(reading, &filling, &form, &record);
    add_unplaced(reading, &filling, &mut sections);
    for section in &mut sections {
        for view in &mut section.fields {
            control::complete(reading, &entity, view).await;
        }
    }
    let mut fields: Vec<&mut FieldView> =
        sections.iter_mut().flat_map(|section| &mut section.fields).collect();
    let presenter = reading.presenter(&filling.titles);
    let problems = presenter.place_problems(&filling.problems, &mut fields, false);
    let warnings = if problems.is_empty() {
        presenter.place_problems(&filling.problems, &mut fields, true)
    } else {
        Vec::new()
    };
    let list = reading.list_href(&entity.name);
    let (action, cancel_href, record_title) = match filling.stored {
        Some(stored) => {
            let own = reading.record_href(&entity.name, stored.record.id());
            (own.clone(), own, stored.title(reading.session))
        }
        None => (list.clone(), list, String::new()),
    };
    let mut hidden = Vec::new();
    if !filling.next.is_empty() {
        hidden.push(Hidden { name: "_then".to_owned(), value: filling.next.clone() });
    }
    let is_new = filling.stored.is_none();
    if is_new {
        hidden.push(Hidden { name: once::KEY.to_owned(), value: Uuid::new_v4().simple().to_string() });
    }
    let record_types = if is_new { record_types(reading, &entity, &record) } else { Vec::new() };
    if is_new && !record_types.is_empty() {
        let chosen = record.get(&entity, RECORD_TYPE).as_text().unwrap_or_default();
        hidden.push(Hidden { name: RECORD_TYPE.to_owned(), value: chosen.to_owned() });
    }
    FormPage {
        at: reading.visit.place(),
        entity: reading.head(&entity),
        is_new,
        record_title,
        action,
        cancel_href,
        version: filling.version,
        record_types,
        hidden,
        sections,
        problems,
        warnings,
        customise: customise(reading, &entity, &form.name),
    }
}

/// The "Customise" menu of forms and records.
pub fn customise(
    reading: &Reading<'_>,
    entity: &EntityModel,
    form: &str,
) -> Vec<kontor_view::page::part::Link> {
    let name = address::segment(&entity.name);
    let back = [("back", reading.visit.here.as_str())];
    let form = if form.is_empty() { name.clone() } else { address::segment(form) };
    reading.customise(&[
        (
            "customise.add_field",
            address::with_query(&reading.admin_href(&format!("entities/{name}/fields/new")), back),
            "plus",
        ),
        (
            "customise.edit_form",
            address::with_query(
                &reading.admin_href(&format!("forms/{form}")),
                [("entity", entity.name.as_str()), ("back", reading.visit.here.as_str())],
            ),
            "layout-panel-left",
        ),
        ("customise.rules", reading.admin_href(&format!("entities/{name}?tab=rules")), "list-checks"),
        ("customise.save_order", reading.admin_href(&format!("entities/{name}?tab=save")), "list"),
        ("customise.entity", reading.admin_href(&format!("entities/{name}")), "database"),
    ])
}

/// The record as typed, as far as it can be read: decides which conditional fields are shown.
fn as_typed(reading: &Reading<'_>, filling: &Filling<'_>) -> Record {
    let mut record = filling.stored.map_or_else(|| filling.record.clone(), |stored| stored.record.clone());
    let Some(typed) = filling.typed else { return record };
    let context = reading.session.parse_context();
    for field in &filling.entity.fields {
        let Some(text) = typed.get(&field.name).map(str::trim) else { continue };
        if text.is_empty() {
            record.set(field.index, Value::Empty);
        } else if !field.kind.is_link()
            && let Ok(value) = field.kind.parse_text(field, text, &context)
        {
            record.set(field.index, value);
        }
    }
    record
}

/// The variants that the reader may create.
pub fn offered<'e>(reading: &Reading<'_>, entity: &'e EntityModel) -> Vec<&'e RecordTypeDefinition> {
    let access = reading.session.actor.access.entity(&entity.name);
    let types = entity.definition.record_types.iter();
    types.filter(|one| !one.retired && access.creates(&one.name)).collect()
}

fn record_types(reading: &Reading<'_>, entity: &EntityModel, record: &Record) -> Vec<Tab> {
    let chosen = record.get(entity, RECORD_TYPE).as_text().unwrap_or_default();
    let new = format!("{}/new", reading.list_href(&entity.name));
    offered(reading, entity)
        .into_iter()
        .map(|one| Tab {
            href: address::with_query(&new, [(RECORD_TYPE, &one.name)]),
            title: reading.label(
                DefinitionKind::Entity,
                &entity.name,
                &format!("record_types.{}.title", one.name),
                &one.title,
            ),
            count: String::new(),
            current: one.name == chosen,
        })
        .collect()
}

fn sections(
    reading: &Reading<'_>,
    filling: &Filling<'_>,
    form: &FormDefinition,
    record: &Record,
) -> Vec<Section> {
    let entity = filling.entity;
    let label = |path: &str, own: &str| reading.label(DefinitionKind::Form, &form.name, path, own);
    let mut found = Vec::new();
    for tab in &form.tabs {
        for section in &tab.sections {
            let in_sight = values::holds(reading, entity, record, tab.visible_when.as_ref())
                && values::holds(reading, entity, record, section.visible_when.as_ref());
            let mut fields = Vec::new();
            for item in &section.items {
                let Some(field) = item.field.as_deref().and_then(|name| entity.field(name)) else { continue };
                let is_named = filling.problems.iter().any(|problem| problem.field() == Some(&field.name));
                let is_shown = in_sight
                    && values::holds(reading, entity, record, item.visible_when.as_ref())
                    && field
                        .conditions
                        .visible
                        .as_ref()
                        .is_none_or(|filter| values::filter_holds(reading, record, filter));
                if !is_shown && !is_named {
                    continue;
                }
                if let Some(mut view) = input(reading, filling, field, record) {
                    view.full |= item.wide;
                    if let Some(own) = &item.title {
                        view.label.clone_from(own);
                    }
                    fields.push(view);
                }
            }
            if fields.is_empty() {
                continue;
            }
            let path = format!("tabs.{}.sections.{}", tab.name, section.name);
            found.push(Section {
                name: section.name.clone(),
                title: section
                    .title
                    .as_deref()
                    .map(|own| label(&format!("{path}.title"), own))
                    .unwrap_or_default(),
                text: section
                    .description
                    .as_deref()
                    .map(|own| label(&format!("{path}.description"), own))
                    .unwrap_or_default(),
                fields,
            });
        }
    }
    found
}

/// Fields that a problem names or that must be given, but that the form does not show, stand in a section at the end: nobody
/// is told of a field that cannot be found.
fn add_unplaced(reading: &Reading<'_>, filling: &Filling<'_>, sections: &mut Vec<Section>) {
    let placed: Vec<String> =
        sections.iter().flat_map(|section| &section.fields).map(|field| field.name.clone()).collect();
    let record = as_typed(reading, filling);
    let fields: Vec<FieldView> = filling
        .entity
        .fields
        .iter()
        .filter(|field| {
            !placed.contains(&field.name) && field.companion_of.is_none() && field.name != RECORD_TYPE
        })
        .filter(|field| {
            let is_named = filling.problems.iter().any(|problem| problem.field() == Some(&field.name));
            is_named || (field.required && !field.system)
        })
        .filter_map(|field| input(reading, filling, field, &record))
        .collect();
    if !fields.is_empty() {
        sections.push(Section {
            name: "_more".to_owned(),
            title: reading.t("form.more"),
            text: String::new(),
            fields,
        });
    }
}

/// One control; `None` when the reader may not see the field, or a new record has nothing to show there.
fn input(
    reading: &Reading<'_>,
    filling: &Filling<'_>,
    field: &FieldModel,
    record: &Record,
) -> Option<FieldView> {
    let entity = filling.entity;
    let right = values::right(reading, entity, field);
    if right == FieldRight::None || field.companion_of.is_some() {
        return None;
    }
    if field.system && field.index != system::OWNER {
        return None;
    }
    let base = filling.stored.map_or(&filling.record, |stored| &stored.record);
    let titles = filling.stored.map_or(&filling.titles, |stored| &stored.titles);
    let mut view = reading.presenter(titles).field(
        entity,
        field,
        base.at(field.index),
        values::currency(entity, base, field),
    );
    let is_hidden = filling.stored.is_some_and(|stored| stored.hidden.contains(&field.index));
    let is_fixed = filling.stored.is_some()
        && (field.name == RECORD_TYPE || (field.definition.set_once && !base.at(field.index).is_empty()));
    let by_rule = field
        .conditions
        .readonly
        .as_ref()
        .is_some_and(|filter| values::filter_holds(reading, record, filter));
    let by_people = field.definition.write.as_deref().is_none_or(|who| who == "people");
    view.readonly |=
        right < FieldRight::Edit || is_hidden || is_fixed || by_rule || !by_people || field.kind.is_drawn();
    view.required |= field
        .conditions
        .required
        .as_ref()
        .is_some_and(|filter| values::filter_holds(reading, record, filter));
    // An option that does not fit the other values is shown only where it is chosen.
    view.options.retain(|option| {
        let condition = field.conditions.options.iter().find(|(value, _)| *value == option.value);
        option.selected || condition.is_none_or(|(_, filter)| values::filter_holds(reading, record, filter))
    });
    if is_hidden {
        view.text = reading.t("value.hidden");
    }
    if filling.stored.is_none() && view.readonly && (view.calculated || base.at(field.index).is_empty()) {
        return None;
    }
    if let Some(typed) = filling.typed.filter(|_| !view.readonly) {
        control::put_back(typed, field, &mut view);
    }
    if field.kind.style() == NumberStyle::Money && !view.readonly {
        view.currencies = control::currencies(&view.unit);
    }
    Some(view)
}
