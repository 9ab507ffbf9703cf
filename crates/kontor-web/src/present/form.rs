//! The form of a record: sections of a form definition, what was typed, recent records for links.

use std::sync::Arc;

use kontor_core::records::RecordView;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::RecordTypeDefinition;
use kontor_model::definition::form::FormDefinition;
use kontor_model::entity::Source;
use kontor_model::form::{INTERNAL, best};
use kontor_model::portal::PORTAL;
use kontor_model::{EntityModel, Json, Problems, Record, Value};
use kontor_view::field::{FieldView, Section};
use kontor_view::page::form::FormPage;
use kontor_view::page::part::{Hidden, ProblemLine, Tab};
use kontor_view::present::Presenter;
use uuid::Uuid;

use super::{Reading, beside, control, list_field};
use crate::extract::file_form;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::quick;
use crate::routes::records::once;

mod filling;
pub(super) mod pending;
mod sections;
mod trial;

pub use filling::Filling;
use sections::{add_unplaced, sections};
pub use sections::{is_note, item_text, note};
pub use trial::trial;

/// The field that chooses a variant of an entity.
const RECORD_TYPE: &str = "record_type";

/// Before the name of an input whose field is hidden for now: what was typed into it is kept, and comes back with it.
const KEPT: &str = "_kept.";

/// The form that shows records of this type to this reader.
pub fn layout(reading: &Reading<'_>, entity: &EntityModel, record: &Record) -> Arc<FormDefinition> {
    let record_type = record.get(entity, RECORD_TYPE).as_text().map(str::to_owned);
    let roles: Vec<&str> = reading.session.actor.roles.iter().map(String::as_str).collect();
    let model = &reading.session.model;
    match reading.session.portal {
        Some(_) => kontor_model::form::in_portal(model, entity, record_type.as_deref(), &roles),
        None => kontor_model::form::layout(model, entity, record_type.as_deref(), &roles),
    }
}

/// The input that says which form a page was drawn from.
pub const DRAWN: &str = "_form";

/// The form that somebody defined and from which the page of a record is drawn for this reader; `None` where it is made of the
/// fields.
fn defined(reading: &Reading<'_>, entity: &EntityModel, record: &Record, is_quick: bool) -> Option<String> {
    let short = if is_quick { quick::layout(reading, entity, record) } else { None };
    let found = short.or_else(|| {
        let record_type = record.get(entity, RECORD_TYPE).as_text().map(str::to_owned);
        let roles: Vec<&str> = reading.session.actor.roles.iter().map(String::as_str).collect();
        let channel = if reading.session.portal.is_some() { PORTAL } else { INTERNAL };
        best(&reading.session.model, entity, record_type.as_deref(), &roles, channel)
    })?;
    Some(found.name.clone())
}

/// The form through whose page something was sent. What the page says is believed only where it is what this reader is shown
/// of such a record, as it is stored or with the variant that was sent.
pub fn sent_through(
    reading: &Reading<'_>,
    entity: &EntityModel,
    stored: Option<&RecordView>,
    sent: &Form,
) -> Option<String> {
    let said = sent.get(DRAWN).filter(|said| !said.is_empty())?;
    let is_quick = sent.has(quick::CARRIED[0]);
    let own = stored.map_or_else(|| Record::empty(entity), |view| view.record.clone());
    let mut typed = own.clone();
    if let (Some(field), Some(text)) = (entity.field(RECORD_TYPE), sent.get(RECORD_TYPE)) {
        let value = if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) };
        typed.set(field.index, value);
    }
    let stored = stored.map(|_| own);
    let shown = [Some(typed), stored].into_iter().flatten();
    let mut shown = shown.filter_map(|record| defined(reading, entity, &record, is_quick));
    shown.find(|name| name == said)
}

/// The page.
pub async fn page(reading: &Reading<'_>, filling: Filling<'_>) -> FormPage {
    let entity = Arc::clone(filling.entity);
    let record = as_typed(reading, &filling);
    let short = if filling.quick { quick::layout(reading, &entity, &record) } else { None };
    let is_short = short.is_some();
    let form = short.unwrap_or_else(|| layout(reading, &entity, &record));
    let mut sections = sections(reading, &filling, &form, &record, false);
    add_unplaced(reading, &filling, &record, &mut sections);
    if filling.quick && !is_short {
        quick::shorten(&entity, &filling.problems, &mut sections);
    }
    for section in &mut sections {
        for view in &mut section.fields {
            control::complete(reading, &entity, view).await;
            list_field::complete(reading, &entity, view).await;
        }
    }
    let mut fields: Vec<&mut FieldView> =
        sections.iter_mut().flat_map(|section| &mut section.fields).collect();
    let presenter = reading.presenter(&filling.titles);
    let problems = placed(reading, &presenter, &filling.problems, &mut fields, false);
    let warnings = if problems.is_empty() {
        placed(reading, &presenter, &filling.problems, &mut fields, true)
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
    let mut hidden = quick::hidden(filling.typed);
    hidden.extend(
        defined(reading, &entity, &record, filling.quick)
            .map(|value| Hidden { name: DRAWN.to_owned(), value }),
    );
    if !filling.next.is_empty() {
        hidden.push(Hidden { name: "_then".to_owned(), value: filling.next.clone() });
    }
    hidden.extend(kept(&filling, &sections));
    let is_new = filling.stored.is_none();
    if is_new {
        hidden.push(Hidden { name: once::KEY.to_owned(), value: Uuid::new_v4().simple().to_string() });
    }
    let record_types = if is_new { record_types(reading, &entity, &record) } else { Vec::new() };
    if is_new && !record_types.is_empty() {
        let chosen = record.get(&entity, RECORD_TYPE).as_text().unwrap_or_default();
        hidden.push(Hidden { name: RECORD_TYPE.to_owned(), value: chosen.to_owned() });
    }
    for section in &mut sections {
        let needs_a_look = |field: &FieldView| !field.problems.is_empty() || !field.warnings.is_empty();
        section.folded &= !section.fields.iter().any(|field| needs_a_look(field) || field.required);
    }
    let about = beside::About {
        entity: &entity,
        record: &record,
        id: filling.stored.map(|stored| stored.record.id()),
        form: &form,
    };
    let beside = beside::of(reading, &about, &form.tabs).await;
    let preview_action =
        if follows(reading, &entity, &form) { format!("{action}/preview") } else { String::new() };
    let uploads = takes_files(reading, &entity);
    FormPage {
        at: reading.visit.place(),
        uploads,
        entity: reading.head(&entity),
        preview_action,
        worked_out: filling.says_so,
        recalculates: calculates(reading, &entity, &sections),
        add_another: is_new && !filling.quick && reading.session.portal.is_none(),
        merges: !is_new && crate::routes::records::merge::may_merge(reading.session, &entity),
        notices: Vec::new(),
        is_new,
        record_title,
        action,
        cancel_href,
        on_the_way: filling.quick,
        version: filling.version,
        // A choice of one is none.
        record_types: if record_types.len() > 1 { record_types } else { Vec::new() },
        hidden,
        sections,
        problems,
        warnings,
        customise: customise(reading, &entity, &form.name),
        charts: beside.charts,
        suggestions: beside.suggestions,
    }
}

/// Whether the record, or one of its rows, holds files.
fn takes_files(reading: &Reading<'_>, entity: &EntityModel) -> bool {
    let holds = |entity: &EntityModel| entity.fields.iter().any(|field| field.kind.holds_files());
    let rows = entity.lists().filter_map(|(_, list)| reading.session.model.entity(&list.entity));
    holds(entity) || rows.map(AsRef::as_ref).any(holds)
}

/// Whether anything follows from what is typed: derived values, conditions, rules, scripts. Only then working it out without
/// saving is offered.
fn follows(reading: &Reading<'_>, entity: &EntityModel, form: &FormDefinition) -> bool {
    let of_form = form.tabs.iter().any(|tab| {
        tab.visible_when.is_some()
            || tab.sections.iter().any(|section| {
                section.visible_when.is_some() || section.items.iter().any(|item| item.visible_when.is_some())
            })
    });
    of_form
        || beside::suggests(form)
        || !entity.rules.is_empty()
        || entity.own_fields().any(|field| {
            let conditions = &field.conditions;
            !matches!(field.source, Source::Typed)
                || conditions.visible.is_some()
                || conditions.required.is_some()
                || conditions.readonly.is_some()
        })
        || !reading.session.workspace.scripts(&reading.session.model, entity).sources.is_empty()
}

/// Whether the form shows something calculated: a field, a value of rows, a chart that follows.
fn calculates(reading: &Reading<'_>, entity: &EntityModel, sections: &[Section]) -> bool {
    let is_worked_out = |entity: &EntityModel, name: &str| {
        let field = entity.field(name).filter(|field| !field.system && !field.kind.is_drawn());
        field.is_some_and(|field| !matches!(field.source, Source::Typed | Source::Kept))
    };
    sections.iter().flat_map(|section| &section.fields).any(|view| {
        let rows = entity.field(&view.name).and_then(|field| field.list.as_ref());
        let rows = rows.and_then(|list| reading.session.model.entity(&list.entity));
        let in_rows =
            rows.is_some_and(|rows| rows.own_fields().any(|field| is_worked_out(rows, &field.name)));
        in_rows || is_worked_out(entity, &view.name)
    })
}

/// What was typed into fields that this form does not show now.
fn kept(filling: &Filling<'_>, sections: &[Section]) -> Vec<Hidden> {
    let Some(typed) = filling.typed else { return Vec::new() };
    let is_shown = |name: &str| {
        sections.iter().flat_map(|section| &section.fields).any(|field| field.name == name && !field.readonly)
    };
    filling
        .entity
        .fields
        .iter()
        .filter(|field| field.companion_of.is_none() && field.name != RECORD_TYPE && !is_shown(&field.name))
        .filter_map(|field| {
            let own = field.name.as_str();
            let text = match typed.get(own) {
                Some(_) if field.kind.holds_files() => {
                    let standing = file_form::standing(typed, field);
                    if standing.is_empty() { String::new() } else { Json::Array(standing).to_string() }
                }
                Some(text) => text.to_owned(),
                None => typed.get(&format!("{KEPT}{own}"))?.to_owned(),
            };
            (!text.is_empty()).then(|| Hidden { name: format!("{KEPT}{own}"), value: text })
        })
        .collect()
}

/// The problems at their controls, those of rows at theirs.
fn placed(
    reading: &Reading<'_>,
    presenter: &Presenter<'_>,
    problems: &Problems,
    fields: &mut [&mut FieldView],
    warnings: bool,
) -> Vec<ProblemLine> {
    let mut rest = problems.clone();
    let mut of_rows = Vec::new();
    for view in fields.iter_mut() {
        let (lines, others) = list_field::place_problems(reading, view, rest, warnings);
        of_rows.extend(lines);
        rest = others;
    }
    let mut lines = presenter.place_problems(&rest, fields, warnings);
    lines.extend(of_rows);
    lines
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
    if let Some(view) = filling.worked_out {
        return view.record.clone();
    }
    let mut record = filling.stored.map_or_else(|| filling.record.clone(), |stored| stored.record.clone());
    let Some(typed) = filling.typed else { return record };
    let context = reading.session.parse_context();
    for field in &filling.entity.fields {
        let Some(text) = typed.get(&field.name).map(str::trim) else { continue };
        let files = field.kind.holds_files().then(|| file_form::text(typed, field));
        let text = files.as_deref().unwrap_or(text);
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
