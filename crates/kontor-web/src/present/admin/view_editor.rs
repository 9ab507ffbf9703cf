//! A list or board view as a form, and back.

use kontor_model::{EntityModel, Json};
use kontor_view::field::OptionView;
use kontor_view::page::admin::form_editor::Slot;
use kontor_view::page::admin::view_editor::{EditorColumn, ViewEditorPage};
use serde_json::{Map, json};

use crate::extract::form::Form;
use crate::extract::list;
use crate::extract::query::Query;
use crate::present::{Reading, builder, filters, values};
use crate::routes::admin::draft::text;

const TOTALS: [&str; 4] = ["sum", "avg", "min", "max"];

fn is_board(view: &Json) -> bool {
    text(view, "type") == "board"
}

fn columns_key(view: &Json) -> &'static str {
    if is_board(view) { "card" } else { "columns" }
}

fn path_of(column: &Json) -> &str {
    column.as_str().or_else(|| column.get("field").and_then(Json::as_str)).unwrap_or_default()
}

/// The view after the form: everything that the form shows is taken from it, what it does not show stays.
pub fn definition(entity: &EntityModel, before: &Json, name: &str, sent: &Form) -> Json {
    let mut view: Map<String, Json> = before.as_object().cloned().unwrap_or_default();
    view.insert("name".into(), name.into());
    view.insert("title".into(), sent.text("title").into());
    view.insert("entity".into(), entity.name.clone().into());
    let kind = if sent.text("type") == "board" { "board" } else { "list" };
    view.insert("type".into(), kind.into());
    let mut columns: Vec<String> = sent.all("column").map(str::to_owned).collect();
    press(&mut columns, sent);
    let (own, other) = if kind == "board" { ("card", "columns") } else { ("columns", "card") };
    let old = before.get(own).and_then(Json::as_array).cloned().unwrap_or_default();
    let list: Vec<Json> = columns
        .iter()
        .map(|name| {
            old.iter().find(|column| path_of(column) == name).cloned().unwrap_or_else(|| name.clone().into())
        })
        .collect();
    view.insert(own.into(), list.into());
    view.shift_remove(other);
    if kind == "board" {
        let by = match sent.text("by") {
            "" => lanes(entity).first().map(|(name, _)| name.clone()).unwrap_or_default(),
            by => by.to_owned(),
        };
        view.insert("by".into(), by.into());
        set_or_remove(&mut view, "sum", sent.text("sum"));
        view.shift_remove("totals");
    } else {
        view.shift_remove("by");
        view.shift_remove("sum");
        let totals: Map<String, Json> = columns
            .iter()
            .filter_map(|name| {
                Some((
                    name.clone(),
                    sent.get(&format!("total.{name}")).filter(|total| !total.is_empty())?.into(),
                ))
            })
            .collect();
        if totals.is_empty() {
            view.shift_remove("totals")
        } else {
            view.insert("totals".into(), Json::Object(totals))
        };
    }
    let query = Query(sent.0.clone());
    // A filter that the conditions cannot say is not shown and not touched.
    if builder::condition_inputs(before.get("where")).is_some() {
        match builder::conditions_json(entity, &query) {
            Some(filter) => view.insert("where".into(), filter),
            None => view.shift_remove("where"),
        };
    }
    let sort: Vec<&str> =
        ["sort", "sort2"].into_iter().map(|key| sent.text(key)).filter(|key| !key.is_empty()).collect();
    if sort.is_empty() {
        view.shift_remove("sort")
    } else {
        view.insert("sort".into(), json!(sort))
    };
    Json::Object(view)
}

fn set_or_remove(view: &mut Map<String, Json>, key: &str, value: &str) {
    if value.is_empty() {
        view.shift_remove(key);
    } else {
        view.insert(key.to_owned(), value.into());
    }
}

/// What a button does to the columns.
fn press(columns: &mut Vec<String>, sent: &Form) {
    let place = |columns: &[String], name: &str| columns.iter().position(|column| column == name);
    if let Some(index) = place(columns, sent.text("_up")).filter(|index| *index > 0) {
        columns.swap(index, index - 1);
    }
    if let Some(index) = place(columns, sent.text("_down")).filter(|index| index + 1 < columns.len()) {
        columns.swap(index, index + 1);
    }
    if let Some(index) = place(columns, sent.text("_off")) {
        columns.remove(index);
    }
    let pick = sent.text("pick");
    if sent.text("_add") == "column" && !pick.is_empty() && place(columns, pick).is_none() {
        columns.push(pick.to_owned());
    }
}

fn lanes(entity: &EntityModel) -> Vec<(String, &kontor_model::FieldModel)> {
    entity
        .fields
        .iter()
        .filter(|field| field.kind.is_choice() && !field.definition.one_of.is_empty())
        .map(|field| (field.name.clone(), field))
        .collect()
}

/// Fills the parts of the page that the view says.
pub fn fill(reading: &Reading<'_>, entity: &EntityModel, view: &Json, page: &mut ViewEditorPage) {
    let kind = if is_board(view) { "board" } else { "list" };
    page.types = ["list", "board"]
        .into_iter()
        .filter(|one| *one == "list" || !lanes(entity).is_empty())
        .map(|one| OptionView::new(one, reading.t(&format!("layout.{one}")), one == kind))
        .collect();
    let columns = view.get(columns_key(view)).and_then(Json::as_array).cloned().unwrap_or_default();
    page.columns =
        columns.iter().map(|column| editor_column(reading, entity, view, path_of(column))).collect();
    let names: Vec<&str> = columns.iter().map(path_of).collect();
    page.palette = vec![OptionView::new("", reading.t("builder.none"), true)];
    page.palette.extend(
        filters::fields(reading, entity, "")
            .into_iter()
            .filter(|option| !names.contains(&option.value.as_str())),
    );
    page.palette.extend(
        through_links(reading, entity).into_iter().filter(|option| !names.contains(&option.value.as_str())),
    );
    if is_board(view) {
        let by = text(view, "by");
        page.by = lanes(entity)
            .into_iter()
            .map(|(name, field)| OptionView::new(name.clone(), field.label(&reading.labels), name == by))
            .collect();
        let sum = text(view, "sum");
        page.sums = vec![OptionView::new("", reading.t("builder.none"), sum.is_empty())];
        page.sums.extend(
            entity
                .fields
                .iter()
                .filter(|field| {
                    field.kind.is_number() && !field.system && values::is_readable(reading, entity, field)
                })
                .map(|field| {
                    OptionView::new(field.name.clone(), field.label(&reading.labels), field.name == sum)
                }),
        );
    }
    let query = Query(builder::condition_inputs(view.get("where")).unwrap_or_default());
    page.conditions = builder::conditions(reading, entity, &query);
    let sort: Vec<&str> =
        view.get("sort").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    page.sorts = sorts(reading, entity, sort.first().copied().unwrap_or_default());
    page.sorts_then = sorts(reading, entity, sort.get(1).copied().unwrap_or_default());
}

fn editor_column(reading: &Reading<'_>, entity: &EntityModel, view: &Json, name: &str) -> EditorColumn {
    let path = list::path(reading.session, entity, name).ok();
    let field = path.as_ref().and_then(|path| path.resolve(&reading.session.model));
    let label = path.as_ref().map_or_else(|| name.to_owned(), |path| reading.path_label(path));
    let chosen =
        view.get("totals").and_then(|totals| totals.get(name)).and_then(Json::as_str).unwrap_or_default();
    let totals =
        if !is_board(view) && field.is_some_and(|field| field.kind.is_number()) {
            let mut totals = vec![OptionView::new("", reading.t("view_editor.no_total"), chosen.is_empty())];
            totals.extend(TOTALS.iter().map(|one| {
                OptionView::new(*one, reading.t(&format!("builder.function_{one}")), *one == chosen)
            }));
            totals
        } else {
            Vec::new()
        };
    let kind = field.map_or("text", |field| field.kind.name());
    EditorColumn {
        slot: Slot { name: name.to_owned(), label, kind: kind.to_owned(), ..Slot::default() },
        totals,
    }
}

/// Fields one link away.
fn through_links(reading: &Reading<'_>, entity: &EntityModel) -> Vec<OptionView> {
    let mut found = Vec::new();
    for link in entity.own_fields().filter(|field| field.kind.name() == "link") {
        let Some(target) = link.targets.first().and_then(|name| reading.session.entity(name).ok()) else {
            continue;
        };
        for field in target
            .own_fields()
            .filter(|field| field.companion_of.is_none() && values::is_readable(reading, &target, field))
        {
            let title = format!("{} › {}", link.label(&reading.labels), field.label(&reading.labels));
            found.push(OptionView::new(format!("{}.{}", link.name, field.name), title, false));
        }
    }
    found
}

fn sorts(reading: &Reading<'_>, entity: &EntityModel, chosen: &str) -> Vec<OptionView> {
    let mut list = vec![OptionView::new("", reading.t("builder.none"), chosen.is_empty())];
    for option in filters::fields(reading, entity, chosen) {
        let falling = format!("-{}", option.value);
        let title = reading.words().with("view_editor.falling", &[("field", &option.title)]);
        let is_falling = falling == chosen;
        list.push(option);
        list.push(OptionView::new(falling, title, is_falling));
    }
    if !chosen.is_empty() && !list.iter().any(|option| option.selected) {
        list.push(OptionView::new(chosen, chosen, true));
    }
    list
}
