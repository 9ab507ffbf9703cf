//! What can be said of the chosen thing of a form: a tab, a section, a field, a list of related records, a text.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json};
use kontor_view::field::OptionView;
use kontor_view::page::admin::form_editor::Properties;

use super::{name_of, section_title, slot};
use crate::extract::query::Query;
use crate::present::{Reading, condition_rows, filters};
use crate::routes::admin::draft::text;

/// The properties of `<section>/<slot>`, of `<section>/` or of the tab (`/`); `None` when there is no such thing.
pub fn properties(
    reading: &Reading<'_>,
    entity: &EntityModel,
    form: &Json,
    tab: usize,
    chosen: &str,
) -> Option<Properties> {
    let (section_name, slot_name) = chosen.split_once('/')?;
    let own_tab = form.pointer(&format!("/tabs/{tab}"))?;
    if section_name.is_empty() {
        return Some(Properties {
            kind: "tab".to_owned(),
            name: chosen.to_owned(),
            label: text(own_tab, "title").to_owned(),
            ..conditions(reading, entity, own_tab)
        });
    }
    let sections = own_tab.get("sections").and_then(Json::as_array)?;
    let section = sections.iter().find(|section| text(section, "name") == section_name)?;
    if slot_name.is_empty() {
        return Some(Properties {
            kind: "section".to_owned(),
            name: chosen.to_owned(),
            label: section_title(reading, Some(entity), text(form, "name"), own_tab, section),
            text: text(section, "description").to_owned(),
            folded: section.get("collapsed") == Some(&Json::Bool(true)),
            tabs: tabs(reading, form, tab),
            ..conditions(reading, entity, section)
        });
    }
    let items = section.get("items").and_then(Json::as_array)?;
    let (_, item) = items.iter().enumerate().find(|(index, item)| name_of(item, *index) == slot_name)?;
    let shown = slot(reading, entity, slot_name, &Json::Null);
    let kind = match slot_name.split_once(':') {
        Some(("related", _)) => "related",
        Some(("text", _)) => "text",
        Some(("chart", _)) => "chart",
        Some(("suggest", _)) => "suggest",
        _ => "field",
    };
    let flag = |key: &str| item.get(key) == Some(&Json::Bool(true));
    Some(Properties {
        kind: kind.to_owned(),
        name: chosen.to_owned(),
        label: if kind == "text" { reading.t("form_editor.text") } else { shown.label },
        title: text(item, "title").to_owned(),
        text: text(item, "text").to_owned(),
        wide: flag("wide"),
        readonly: flag("readonly"),
        columns: if kind == "related" { related_columns(reading, entity, item) } else { Vec::new() },
        ways: if kind == "chart" { ways(reading, entity, item) } else { Vec::new() },
        from: if kind == "suggest" { words(reading, entity, item) } else { Vec::new() },
        limit: item.get("limit").map(Json::to_string).unwrap_or_default(),
        sections: places(reading, entity, form, tab, section_name),
        ..conditions(reading, entity, item)
    })
}

/// The sections in which a thing can stand: those of its tab by their names, those of others with their tab.
fn places(
    reading: &Reading<'_>,
    entity: &EntityModel,
    form: &Json,
    present: usize,
    chosen: &str,
) -> Vec<OptionView> {
    let name = text(form, "name");
    let mut found = Vec::new();
    for (index, tab) in form.get("tabs").and_then(Json::as_array).into_iter().flatten().enumerate() {
        let path = format!("tabs.{}.title", text(tab, "name"));
        let tab_title = reading.label(DefinitionKind::Form, name, &path, text(tab, "title"));
        for section in tab.get("sections").and_then(Json::as_array).into_iter().flatten() {
            let own = text(section, "name");
            let title = section_title(reading, Some(entity), name, tab, section);
            found.push(if index == present {
                OptionView::new(own, title, own == chosen)
            } else {
                OptionView::new(
                    format!("{}/{own}", text(tab, "name")),
                    format!("{tab_title} › {title}"),
                    false,
                )
            });
        }
    }
    found
}

/// The conditions of a thing, one empty at the end.
fn conditions(reading: &Reading<'_>, entity: &EntityModel, thing: &Json) -> Properties {
    let inputs = condition_rows::condition_inputs(thing.get("visible_when"));
    Properties {
        more_conditions: inputs.is_none(),
        conditions: condition_rows::conditions(reading, entity, &Query(inputs.unwrap_or_default())),
        ..Properties::default()
    }
}

fn tabs(reading: &Reading<'_>, form: &Json, present: usize) -> Vec<OptionView> {
    let list = form.get("tabs").and_then(Json::as_array).into_iter().flatten();
    list.enumerate()
        .map(|(index, tab)| {
            let name = text(tab, "name");
            let path = format!("tabs.{name}.title");
            let title = reading.label(DefinitionKind::Form, text(form, "name"), &path, text(tab, "title"));
            OptionView::new(name, title, index == present)
        })
        .collect()
}

/// The columns of a related list in their order, then those that it could have.
fn related_columns(reading: &Reading<'_>, entity: &EntityModel, item: &Json) -> Vec<OptionView> {
    let link = entity.back_links.iter().find(|link| link.name == text(item, "related"));
    let Some(other) = link.and_then(|link| reading.session.entity(&link.entity).ok()) else {
        return Vec::new();
    };
    let chosen: Vec<&str> =
        item.get("columns").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let offered = filters::fields(reading, &other, "");
    let label = |name: &str| {
        let path = crate::extract::list::path(reading.session, &other, name).ok();
        path.map_or_else(|| name.to_owned(), |path| reading.path_label(&path))
    };
    let mut list: Vec<OptionView> =
        chosen.iter().map(|name| OptionView::new(*name, label(name), true)).collect();
    list.extend(offered.into_iter().filter(|option| !chosen.contains(&option.value.as_str())));
    list
}

/// The links by which the records of a chart can belong to the record; none where there is only one.
fn ways(reading: &Reading<'_>, entity: &EntityModel, item: &Json) -> Vec<OptionView> {
    let model = &reading.session.model;
    let report = model.definition(DefinitionKind::Report, text(item, "chart"));
    let Some(about) = report.and_then(|report| model.entity(text(report, "entity"))) else {
        return Vec::new();
    };
    let chosen = text(item, "by");
    let found = kontor_model::form::ways_to(about, entity);
    let mut ways: Vec<OptionView> = found
        .iter()
        .map(|field| OptionView::new(field.name.clone(), field.label(&reading.labels), field.name == chosen))
        .collect();
    // A way through links is said in the source; here it stays as it is.
    if !chosen.is_empty() && !ways.iter().any(|way| way.selected) {
        ways.insert(0, OptionView::new(chosen, chosen, true));
    }
    if ways.len() < 2 { Vec::new() } else { ways }
}

/// The fields whose words are compared, and those that could be.
fn words(reading: &Reading<'_>, entity: &EntityModel, item: &Json) -> Vec<OptionView> {
    let chosen: Vec<&str> =
        item.get("from").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let fields = entity.fields.iter().filter(|field| kontor_model::form::has_words(field));
    fields
        .map(|field| {
            let is_chosen = chosen.contains(&field.name.as_str());
            OptionView::new(field.name.clone(), field.label(&reading.labels), is_chosen)
        })
        .collect()
}
