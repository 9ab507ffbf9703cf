//! The sections of a form with their controls.

use kontor_core::records::RecordView;
use kontor_model::access::FieldRight;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::form::{FormDefinition, Item};
use kontor_model::entity::system;
use kontor_model::kind::NumberStyle;
use kontor_model::{FieldModel, Record, Value};
use kontor_view::field::{FieldView, Section};

use super::{Filling, RECORD_TYPE, offered, pending};
use crate::present::{Reading, control, list_field, values};

/// The kind of a text among the fields of a section.
const NOTE: &str = "note";

/// A text that stands among the fields, where the form has it.
pub fn note(text: String) -> FieldView {
    FieldView { kind: NOTE.to_owned(), full: true, text, ..FieldView::default() }
}

/// Whether a field of a section is such a text.
pub fn is_note(field: &FieldView) -> bool {
    field.kind == NOTE
}

/// A text of an item in the reader's language; `path` is that of its section.
pub fn item_text(
    reading: &Reading<'_>,
    form: &FormDefinition,
    path: &str,
    item: &Item,
    key: &str,
    own: &str,
) -> String {
    let Some(name) = item.identity() else { return own.to_owned() };
    reading.label(DefinitionKind::Form, &form.name, &format!("{path}.items.{name}.{key}"), own)
}

pub(super) fn sections(
    reading: &Reading<'_>,
    filling: &Filling<'_>,
    form: &FormDefinition,
    record: &Record,
    every_condition_met: bool,
) -> Vec<Section> {
    let entity = filling.entity;
    let label = |path: &str, own: &str| reading.label(DefinitionKind::Form, &form.name, path, own);
    let mut found: Vec<Section> = Vec::new();
    for tab in &form.tabs {
        let mut heading = if form.tabs.len() > 1 {
            label(&format!("tabs.{}.title", tab.name), &tab.title)
        } else {
            String::new()
        };
        for section in &tab.sections {
            let path = format!("tabs.{}.sections.{}", tab.name, section.name);
            let in_sight = values::holds(reading, entity, record, tab.visible_when.as_ref())
                && values::holds(reading, entity, record, section.visible_when.as_ref());
            let mut fields = Vec::new();
            for item in &section.items {
                if let Some(own) = &item.text {
                    if in_sight && values::holds(reading, entity, record, item.visible_when.as_ref()) {
                        fields.push(note(item_text(reading, form, &path, item, "text", own)));
                    }
                    continue;
                }
                let Some(field) = item.field.as_deref().and_then(|name| entity.field(name)) else { continue };
                // Of a new record it is chosen above the form.
                if field.name == RECORD_TYPE
                    && filling.stored.is_none()
                    && !offered(reading, entity).is_empty()
                {
                    continue;
                }
                let is_named = filling.problems.iter().any(|problem| problem.field() == Some(&field.name));
                let is_shown = in_sight
                    && values::holds(reading, entity, record, item.visible_when.as_ref())
                    && field.conditions.visible.as_ref().is_none_or(|filter| {
                        every_condition_met || values::filter_holds(reading, record, filter)
                    });
                if !is_shown && !is_named {
                    continue;
                }
                if let Some(mut view) = input(reading, filling, field, record) {
                    view.full |= item.wide;
                    view.readonly |= item.readonly;
                    if let Some(own) = &item.title {
                        view.label = item_text(reading, form, &path, item, "title", own);
                    }
                    fields.push(view);
                }
            }
            if fields.iter().all(is_note) {
                continue;
            }
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
                columns: section.columns.unwrap_or(2).clamp(1, 4),
                folded: section.collapsed,
                tab: std::mem::take(&mut heading),
            });
        }
    }
    found
}

/// Fields that a problem names or that must be given, but that the form does not show, stand in a section at the end: nobody
/// is told of a field that cannot be found.
pub(super) fn add_unplaced(
    reading: &Reading<'_>,
    filling: &Filling<'_>,
    record: &Record,
    sections: &mut Vec<Section>,
) {
    let placed: Vec<String> =
        sections.iter().flat_map(|section| &section.fields).map(|field| field.name.clone()).collect();
    let fields: Vec<FieldView> = filling
        .entity
        .fields
        .iter()
        .filter(|field| {
            !placed.contains(&field.name) && field.companion_of.is_none() && field.name != RECORD_TYPE
        })
        .filter(|field| {
            let is_named = filling.problems.iter().any(|problem| problem.field() == Some(&field.name));
            // A form of the portal offers what it names, and nothing more because somebody sent it.
            let is_named = is_named && reading.session.portal.is_none();
            is_named || (field.required && !field.system)
        })
        .filter_map(|field| input(reading, filling, field, record))
        .collect();
    if !fields.is_empty() {
        sections.push(Section {
            name: "_more".to_owned(),
            title: reading.t("form.more"),
            fields,
            columns: 2,
            ..Section::default()
        });
    }
}

/// One control; `None` when the reader may not see the field, or a new record has nothing to show there.
pub(super) fn input(
    reading: &Reading<'_>,
    filling: &Filling<'_>,
    field: &FieldModel,
    record: &Record,
) -> Option<FieldView> {
    let entity = filling.entity;
    let right = values::right(reading, entity, field);
    let drawn = filling.stored.map_or(&filling.record, |stored| &stored.record);
    let is_masked = matches!(drawn.at(field.index), Value::Masked(_));
    if (right == FieldRight::None && !is_masked) || field.companion_of.is_some() {
        return None;
    }
    if field.system && field.index != system::OWNER {
        return None;
    }
    // What nobody types here is shown as it would be saved.
    let derived = filling.worked_out.filter(|_| !field.is_typed());
    let base = derived.map_or(drawn, |view| &view.record);
    let titles = match (derived, filling.stored) {
        (Some(view), _) | (None, Some(view)) => &view.titles,
        (None, None) => &filling.titles,
    };
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
    // A new record shows all that is calculated, before and after it is worked out; what is drawn or filled in by others is
    // not there yet.
    let is_calculated = field.is_worked_out();
    let model = &reading.session.model;
    view.unknown = pending::is_unknown(model, entity, field, view.text.is_empty(), filling.wrong());
    if view.unknown {
        view.text.clear();
    }
    if filling.stored.is_none()
        && view.readonly
        && !is_calculated
        && (base.at(field.index).is_empty() || (view.calculated && filling.worked_out.is_none()))
    {
        return None;
    }
    if let Some(view_of) = filling.worked_out.filter(|_| !view.readonly) {
        view.becomes = becomes(reading, filling, view_of, field);
    }
    if let Some(typed) = filling.typed.filter(|_| !view.readonly) {
        control::put_back(reading, typed, field, &mut view);
    }
    if field.kind.style() == NumberStyle::Money && !view.readonly && !view.currencies.is_empty() {
        view.currencies = control::currencies(&view.unit);
    }
    if field.kind.is_list() {
        view.list = match (view.readonly, filling.stored) {
            (true, Some(stored)) => list_field::shown(reading, stored, field),
            (true, None) => None,
            (false, stored) => list_field::edited(
                reading,
                (stored.or(filling.copied.as_ref()), filling.worked_out),
                (filling.typed, filling.wrong()),
                (entity, field),
                filling.blank.get(&field.index),
            ),
        };
        let count = view.list.as_ref().map_or(0, |list| list.rows.len());
        view.text = if count == 0 { String::new() } else { count.to_string() };
    }
    Some(view)
}

/// What saving makes of a field beside what was typed: a default, a copied value, what a script sets.
pub(super) fn becomes(
    reading: &Reading<'_>,
    filling: &Filling<'_>,
    worked_out: &RecordView,
    field: &FieldModel,
) -> String {
    let Some(typed) = filling.typed else { return String::new() };
    let is_wrong = filling.problems.iter().any(|problem| problem.field() == Some(&field.name));
    let value = worked_out.record.at(field.index);
    if is_wrong || value.is_empty() || field.kind.is_link() || field.kind.holds_files() {
        return String::new();
    }
    let mut text = typed.get(&field.name).unwrap_or_default().trim().to_owned();
    if field.kind.is_number() {
        // As the language of the reader writes it.
        text = kontor_model::conventions::of(crate::present::formats(reading.visit, reading.session))
            .read(&text);
    }
    let read = match text.as_str() {
        "" => Value::Empty,
        text => field.kind.parse_text(field, text, &reading.session.parse_context()).unwrap_or_default(),
    };
    let is_same = read == *value || typed.all(&field.name).count() > 1;
    if is_same || (read.is_empty() && matches!(value, Value::Boolean(false))) {
        return String::new();
    }
    values::shown(reading, worked_out, field).text
}
