//! Forms and views.

use super::{Checker, fields_of, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::form::{FormDefinition, Item};
use crate::definition::view::{ViewDefinition, ViewType};
use crate::entity::{EntityModel, FieldModel};
use crate::problem::Problem;

pub(super) fn form(json: &Json, checker: &mut Checker<'_>) {
    let form: FormDefinition = read(json, checker);
    let Some(entity) = checker.entity(&form.entity, "/entity") else { return };
    if let Some(variant) = &form.record_type
        && !entity.definition.record_types.iter().any(|known| known.name == *variant)
    {
        let known: Vec<&str> =
            entity.definition.record_types.iter().map(|known| known.name.as_str()).collect();
        let problem =
            Problem::new(if known.is_empty() { "no_record_types" } else { "not_an_option" }, "/record_type");
        checker.add(
            problem.with("value", variant).with("entity", &entity.name).with("options", known.join(", ")),
        );
    }
    if let Some(later) = form.channel.as_deref().filter(|one| !crate::form::CHANNELS.contains(one)) {
        let problem = Problem::new("not_available_yet", "/channel").with("name", later);
        checker.add(problem.with("options", crate::form::CHANNELS.join(", ")));
    }
    checker.roles(&form.roles, "/roles");
    checker.paths(entity, &form.facts, "/facts");
    checker.distinct(form.tabs.iter().map(|tab| tab.name.as_str()), &|index| format!("/tabs/{index}/name"));
    for (tab_index, tab) in form.tabs.iter().enumerate() {
        let at = format!("/tabs/{tab_index}");
        checker.form_filter(entity, tab.visible_when.as_ref(), &format!("{at}/visible_when"));
        let place = |index| format!("/tabs/{tab_index}/sections/{index}/name");
        checker.distinct(tab.sections.iter().map(|section| section.name.as_str()), &place);
        for (index, section) in tab.sections.iter().enumerate() {
            let at = format!("{at}/sections/{index}");
            checker.form_filter(entity, section.visible_when.as_ref(), &format!("{at}/visible_when"));
            for (index, written) in section.items.iter().enumerate() {
                if let Some(field) = &written.field {
                    // Of two that are never there together each has its condition.
                    let is_same =
                        |one: &Item| one.field.as_ref() == Some(field) && one.visible_when.is_none();
                    let is_there =
                        written.visible_when.is_none() && section.items.iter().take(index).any(is_same);
                    let place = format!("{at}/items/{index}");
                    if is_there {
                        checker.add(Problem::new("duplicate_value", &place).with("value", field));
                    }
                    of_type(entity, form.record_type.as_deref(), field, &place, checker);
                }
                item(entity, written, &format!("{at}/items/{index}"), json, checker);
            }
        }
    }
}

/// A form of one record type shows fields that its records have.
fn of_type(entity: &EntityModel, variant: Option<&str>, field: &str, at: &str, checker: &mut Checker<'_>) {
    let variants = &entity.definition.record_types;
    let Some(variant) = variant.filter(|name| variants.iter().any(|known| known.name == **name)) else {
        return;
    };
    let having = variants.iter().filter(|one| one.fields.iter().any(|own| own == field));
    let having: Vec<&str> = having.map(|one| one.name.as_str()).collect();
    if having.is_empty() || having.contains(&variant) {
        return;
    }
    let problem = Problem::new("field_of_another_type", at).with("field", field).with("name", variant);
    checker.add(problem.with("options", having.join(", ")));
}

fn item(entity: &EntityModel, item: &Item, at: &str, whole: &Json, checker: &mut Checker<'_>) {
    if let Some(field) = &item.field {
        // A bare text is the field itself, so the pointer ends there.
        let is_bare = whole.pointer(at).is_some_and(Json::is_string);
        let place = if is_bare { at.to_owned() } else { format!("{at}/field") };
        checker.path(entity, field, &place);
    }
    if let Some(name) = &item.related {
        if let Some(back) = entity.back_links.iter().find(|back| back.name == *name) {
            if let Some(related) = checker.entity(&back.entity, &format!("{at}/related")) {
                checker.paths(related, &item.columns, &format!("{at}/columns"));
            }
        } else {
            let known: Vec<&str> = entity.back_links.iter().map(|back| back.name.as_str()).collect();
            let problem = Problem::new("unknown_related", format!("{at}/related")).with("name", name);
            checker.add(problem.with("entity", &entity.name).with("options", known.join(", ")));
        }
    }
    if let Some(report) = &item.chart {
        chart(entity, report, item.by.as_deref(), at, checker);
    }
    if let Some(name) = &item.suggest {
        suggest(entity, name, &item.from, at, checker);
    }
    checker.form_filter(entity, item.visible_when.as_ref(), &format!("{at}/visible_when"));
}

/// A chart shows those of its report's records that belong to the record: one way leads from them to it.
fn chart(entity: &EntityModel, report: &str, by: Option<&str>, at: &str, checker: &mut Checker<'_>) {
    checker.definition(DefinitionKind::Report, report, &format!("{at}/chart"));
    let Some(reported) = checker.about(DefinitionKind::Report, report) else { return };
    let id = (DefinitionKind::Report, report.to_owned());
    if checker.definitions.get(&id).is_some_and(|json| json.get("blocks").is_some()) {
        checker.add(Problem::new("blocks_beside", format!("{at}/chart")).with("report", report));
    }
    let ways = crate::form::ways_to(reported, entity);
    let names: Vec<&str> = ways.iter().map(|field| field.name.as_str()).collect();
    if let Some(by) = by {
        let at = format!("{at}/by");
        let Some(field) = checker.open(reported, by, &at) else { return };
        if !crate::form::leads_to(field, entity) {
            let problem = Problem::new("leads_elsewhere", at).with("field", by).with("entity", &entity.name);
            checker.add(problem.with("options", names.join(", ")));
        }
        return;
    }
    let code = match names.len() {
        1 => return,
        0 => "no_way_to_record",
        _ => "several_ways_to_record",
    };
    let problem = Problem::new(code, format!("{at}/chart")).with("report", report);
    checker.add(
        problem.with("from", &reported.name).with("entity", &entity.name).with("options", names.join(", ")),
    );
}

/// Suggestions compare words: of text fields of the record, with those that the other entity is searched by.
fn suggest(entity: &EntityModel, name: &str, from: &[String], at: &str, checker: &mut Checker<'_>) {
    let place = format!("{at}/suggest");
    if let Some(other) = checker.entity(name, &place).filter(|other| other.search.is_empty()) {
        checker.add(Problem::new("entity_not_searched", place).with("entity", &other.name));
    }
    if from.is_empty() {
        checker.add(Problem::new("nothing_to_compare", at));
    }
    for (index, own) in from.iter().enumerate() {
        let at = format!("{at}/from/{index}");
        let Some(field) = checker.own(entity, own, &at) else { continue };
        if !crate::form::has_words(field) {
            let problem = Problem::new("not_a_text_field", at).with("field", own);
            let fits = |field: &FieldModel| crate::form::has_words(field);
            checker.add(problem.with("options", fields_of(entity, &fits)));
        }
    }
}

pub(super) fn view(json: &Json, checker: &mut Checker<'_>) {
    let view: ViewDefinition = read(json, checker);
    let Some(entity) = checker.entity(&view.entity, "/entity") else { return };
    for (index, column) in view.columns.iter().enumerate() {
        let at = format!("/columns/{index}");
        let is_bare = json.pointer(&at).is_some_and(Json::is_string);
        checker.path(entity, &column.field, &if is_bare { at } else { format!("{at}/field") });
    }
    for (index, path) in view.sort.iter().enumerate() {
        let at = format!("/sort/{index}");
        let field = checker.open(entity, path.trim_start_matches('-'), &at);
        if let Some(field) = field.filter(|field| !field.has_order()) {
            let problem = Problem::new("not_sortable", at).with("field", &field.title);
            let options = fields_of(entity, &FieldModel::may_order);
            checker.add(problem.with("kind", field.kind.name()).with("options", options));
        }
    }
    for (path, function) in &view.totals {
        let at = format!("/totals/{}", crate::filter::escape(path));
        let field = checker.open(entity, path, &at);
        if let Some(field) = field.filter(|_| matches!(function.as_str(), "sum" | "avg")) {
            checker.number(entity, field, &at);
        }
    }
    checker.roles(&view.roles, "/roles");
    if view.view_type == ViewType::Tree && entity.tree.is_none() {
        checker.add(Problem::new("no_tree", "/type").with("entity", &entity.name));
    }
    if let Some(by) = &view.by {
        lanes(entity, by, checker);
    }
    for (name, at) in [(&view.start, "/start"), (&view.end, "/end")] {
        let Some(field) = name.as_ref().and_then(|name| checker.own(entity, name, at)) else { continue };
        if !is_day(field) || field.is_sealed() {
            let problem = Problem::new("not_a_date_field", at).with("field", &field.name);
            checker.add(problem.with("options", fields_of(entity, &|one| is_day(one) && !one.is_sealed())));
        }
    }
    if let Some(color) = &view.color {
        checker.choice(entity, color, "/color");
    }
    if view.view_type == ViewType::Timeline && view.start.is_some() && view.start == view.end {
        let name = view.start.as_deref().unwrap_or_default();
        checker.add(Problem::new("ends_where_it_starts", "/end").with("field", name));
    }
    if let Some(field) = view.image.as_ref().and_then(|name| checker.own(entity, name, "/image"))
        && !field.kind.is_picture()
    {
        let problem = Problem::new("not_a_picture_field", "/image").with("field", &field.name);
        checker.add(problem.with("options", fields_of(entity, &|one| one.kind.is_picture())));
    }
    if let Some(field) = view.sum.as_ref().and_then(|sum| checker.own(entity, sum, "/sum")) {
        checker.number(entity, field, "/sum");
    }
    checker.paths(entity, &view.card, "/card");
    checker.filter(entity, view.filter.as_ref(), "/where");
}

/// Whether a field says on which day something is.
fn is_day(field: &FieldModel) -> bool {
    field.kind.is_temporal()
}

/// The field that makes the lanes of a board: a choice, or a link to one kind of record.
fn lanes(entity: &EntityModel, name: &str, checker: &mut Checker<'_>) {
    let is_link = |field: &FieldModel| field.kind.is_link() && field.targets.len() == 1;
    match entity.field(name) {
        Some(field) if is_link(field) || field.kind.is_choice() => {}
        Some(field) => {
            let problem = Problem::new("not_for_lanes", "/by").with("field", name);
            let fits = |one: &FieldModel| is_link(one) || one.kind.is_choice();
            let options = fields_of(entity, &fits);
            checker.add(problem.with("kind", field.kind.name()).with("options", options));
        }
        None => {
            checker.own(entity, name, "/by");
        }
    }
}
