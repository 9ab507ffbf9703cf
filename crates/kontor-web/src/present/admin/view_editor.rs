//! A list or board view as a form, and back.

use kontor_model::definition::view::ViewDefinition;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::admin::form_editor::Slot;
use kontor_view::page::admin::view_editor::{EditorColumn, ViewEditorPage};
use serde_json::{Map, json};

use crate::extract::form::Form;
use crate::extract::list;
use crate::extract::query::Query;
use crate::present::{Reading, condition_rows, filters, values};
use crate::routes::admin::draft::text;

const TOTALS: [&str; 4] = ["sum", "avg", "min", "max"];

/// The layouts that can be chosen.
pub const LAYOUTS: [&str; 6] = ["list", "tree", "cards", "board", "calendar", "timeline"];

fn layout_of(name: &str) -> &'static str {
    LAYOUTS.into_iter().find(|known| *known == name).unwrap_or("list")
}

/// The fields of a card.
const CARD: &str = "card";
/// Fields of a list that go with it to a card.
const OF_LIST: usize = 4;

fn columns_key(layout: &str) -> &'static str {
    if matches!(layout, "list" | "tree") { "columns" } else { CARD }
}

/// A list becomes a card: its first columns, without what the card and its place say anyway.
fn for_a_card(entity: &EntityModel, kind: &str, sent: &Form, columns: &mut Vec<String>) {
    let place = match kind {
        "board" => or_first(sent.text("by"), &lanes(entity)),
        "cards" => sent.text("image").to_owned(),
        _ => or_first(sent.text("start"), &days(entity)),
    };
    let title = entity.display_field().name.as_str();
    columns.retain(|column| *column != place && column != title);
    columns.truncate(OF_LIST);
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
    let kind = layout_of(sent.text("type"));
    view.insert("type".into(), kind.into());
    let mut columns: Vec<String> = sent.all("column").map(str::to_owned).collect();
    press(&mut columns, sent);
    let own = columns_key(kind);
    let drawn = layout_of(sent.get("_drawn").unwrap_or_else(|| text(before, "type")));
    if own == CARD && columns_key(drawn) != own {
        for_a_card(entity, kind, sent, &mut columns);
    }
    let old = before.get(own).and_then(Json::as_array).cloned().unwrap_or_default();
    let list: Vec<Json> = columns
        .iter()
        .map(|name| {
            old.iter().find(|column| path_of(column) == name).cloned().unwrap_or_else(|| name.clone().into())
        })
        .collect();
    for foreign in ["columns", "card", "totals", "by", "sum", "start", "end", "color", "image"] {
        view.shift_remove(foreign);
    }
    view.insert(own.into(), list.into());
    match kind {
        "board" => {
            set_or_remove(&mut view, "by", &or_first(sent.text("by"), &lanes(entity)));
            set_or_remove(&mut view, "sum", sent.text("sum"));
        }
        "calendar" => {
            set_or_remove(&mut view, "start", &or_first(sent.text("start"), &days(entity)));
            set_or_remove(&mut view, "end", sent.text("end"));
            set_or_remove(&mut view, "color", sent.text("color"));
        }
        "timeline" => {
            let start = or_first(sent.text("start"), &days(entity));
            let others: Vec<_> = days(entity).into_iter().filter(|(name, _)| *name != start).collect();
            set_or_remove(&mut view, "end", &or_first(sent.text("end"), &others));
            set_or_remove(&mut view, "start", &start);
            set_or_remove(&mut view, "by", sent.text("by"));
            set_or_remove(&mut view, "color", sent.text("color"));
        }
        "cards" => {
            let first = pictures(entity).into_iter().next().map(|(name, _)| name);
            let is_new = drawn != kind;
            let chosen = sent.get("image").map(str::to_owned).or(first.filter(|_| is_new));
            set_or_remove(&mut view, "image", chosen.as_deref().unwrap_or_default());
        }
        "tree" => {}
        _ => {
            let totals: Map<String, Json> = columns
                .iter()
                .filter_map(|name| {
                    let total = sent.get(&format!("total.{name}")).filter(|total| !total.is_empty())?;
                    Some((name.clone(), total.into()))
                })
                .collect();
            if !totals.is_empty() {
                view.insert("totals".into(), Json::Object(totals));
            }
        }
    }
    if sent.has("limit") {
        set_number(&mut view, "limit", sent);
    }
    let query = Query(sent.0.clone());
    // A filter that the conditions cannot say is not shown and not touched.
    if condition_rows::condition_inputs(before.get("where")).is_some() {
        match condition_rows::conditions_json(entity, &query) {
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

/// The beginning of a view in another layout: its columns are what its cards show.
pub fn laid_out(entity: &EntityModel, view: &Json, layout: &str) -> Json {
    let columns = view.get("columns").and_then(Json::as_array).into_iter().flatten();
    let mut pairs = vec![("type".to_owned(), layout.to_owned())];
    pairs.extend(columns.map(|column| ("column".to_owned(), path_of(column).to_owned())));
    definition(entity, view, view.get("name").and_then(Json::as_str).unwrap_or_default(), &Form(pairs))
}

/// A view as the beginning of another: what it shows, without its name, its place and its audience.
pub fn begun_from(view: ViewDefinition, title: &str) -> Json {
    let plain = |column: &kontor_model::definition::view::Column| match &column.title {
        None => Json::from(column.field.clone()),
        Some(title) => json!({ "field": column.field, "title": title }),
    };
    let columns: Vec<Json> = view.columns.iter().map(plain).collect();
    let mut json = serde_json::to_value(&view).unwrap_or_default();
    super::form_editor::prune(&mut json);
    let Some(object) = json.as_object_mut() else { return json };
    for own in ["name", "default", "position", "roles", "icon", "description"] {
        object.shift_remove(own);
    }
    if object.get("totals").and_then(Json::as_object).is_some_and(Map::is_empty) {
        object.shift_remove("totals");
    }
    if !columns.is_empty() {
        object.insert("columns".into(), columns.into());
    }
    object.insert("title".into(), title.into());
    json
}

/// What a definition says beside what a saved view says: for whom it is, and where it stands.
pub fn add_audience(view: &mut Json, sent: &Form) {
    let Some(view) = view.as_object_mut() else { return };
    let roles: Vec<&str> = sent.all("role").collect();
    if roles.is_empty() {
        view.shift_remove("roles");
    } else {
        view.insert("roles".into(), json!(roles));
    }
    if sent.text("first") == "1" {
        view.insert("default".into(), true.into());
    } else {
        view.shift_remove("default");
    }
    set_number(view, "position", sent);
}

/// A whole number that was typed; what is none stands there as it was typed, until [`wrong_numbers`] tells of it.
fn set_number(view: &mut Map<String, Json>, key: &str, sent: &Form) {
    let typed = sent.text(key).trim();
    match typed.parse::<u32>() {
        Ok(number) => drop(view.insert(key.to_owned(), number.into())),
        Err(_) => set_or_remove(view, key, typed),
    }
}

/// Numbers of the form that are none.
pub fn wrong_numbers(reading: &Reading<'_>, view: &Json) -> Problems {
    let keys = ["limit", "position"].into_iter().filter(|key| !text(view, key).is_empty());
    let problem = |key: &str| {
        Problem::at_field("not_whole", key).with("field", reading.t(&format!("view_editor.{key}")))
    };
    Problems(keys.map(problem).collect())
}

fn or_first(chosen: &str, fields: &[(String, &FieldModel)]) -> String {
    if fields.iter().any(|(name, _)| name == chosen) {
        return chosen.to_owned();
    }
    fields.first().map(|(name, _)| name.clone()).unwrap_or_default()
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

fn named(entity: &EntityModel, fits: impl Fn(&FieldModel) -> bool) -> Vec<(String, &FieldModel)> {
    entity.fields.iter().filter(|field| fits(field)).map(|field| (field.name.clone(), field)).collect()
}

/// Fields that can make the lanes of a board: choices first, then links to one kind of record.
fn lanes(entity: &EntityModel) -> Vec<(String, &FieldModel)> {
    let mut found = named(entity, |field| field.kind.is_choice() && !field.definition.one_of.is_empty());
    // What never changes makes poor lanes: a card cannot be moved.
    found.sort_by_key(|(_, field)| field.definition.set_once);
    found.extend(named(entity, |field| {
        field.kind.is_link()
            && field.targets.len() == 1
            && (!field.system || field.index == kontor_model::entity::system::OWNER)
    }));
    found
}

/// Fields that say when something is.
fn days(entity: &EntityModel) -> Vec<(String, &FieldModel)> {
    let mut found =
        named(entity, |field| matches!(field.kind.name(), "date" | "datetime") && field.name != "deleted_at");
    // What people write comes before what the engine keeps.
    found.sort_by_key(|(_, field)| field.system);
    found
}

/// Fields that hold a picture.
fn pictures(entity: &EntityModel) -> Vec<(String, &FieldModel)> {
    named(entity, |field| field.kind.is_picture())
}

fn offered(
    reading: &Reading<'_>,
    entity: &EntityModel,
    fields: Vec<(String, &FieldModel)>,
    chosen: &str,
    blank: bool,
) -> Vec<OptionView> {
    let mut list = Vec::new();
    if blank {
        list.push(OptionView::new("", reading.t("builder.none"), chosen.is_empty()));
    }
    list.extend(fields.into_iter().filter(|(_, field)| values::is_readable(reading, entity, field)).map(
        |(name, field)| {
            let is_chosen = name == chosen;
            OptionView::new(name, field.full_label(entity, &reading.labels), is_chosen)
        },
    ));
    list
}

/// Fills the parts of the page that the view says.
pub fn fill(reading: &Reading<'_>, entity: &EntityModel, view: &Json, page: &mut ViewEditorPage) {
    let kind = layout_of(text(view, "type"));
    page.types = LAYOUTS
        .into_iter()
        .filter(|one| match *one {
            "board" => !lanes(entity).is_empty(),
            "calendar" => !days(entity).is_empty(),
            "timeline" => days(entity).len() > 1,
            "tree" => entity.tree.is_some(),
            _ => true,
        })
        .map(|one| OptionView::new(one, reading.t(&format!("layout.{one}")), one == kind))
        .collect();
    let number = |key: &str| match view.get(key) {
        Some(Json::String(typed)) => typed.clone(),
        Some(number) => number.to_string(),
        None => String::new(),
    };
    (page.limit, page.position) = (number("limit"), number("position"));
    let columns = view.get(columns_key(kind)).and_then(Json::as_array).cloned().unwrap_or_default();
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
    if kind == "board" {
        page.by = offered(reading, entity, lanes(entity), text(view, "by"), false);
        let numbers = named(entity, |field| field.kind.is_number() && !field.system);
        page.sums = offered(reading, entity, numbers, text(view, "sum"), true);
    }
    page.is_card = columns_key(kind) == CARD;
    if kind == "cards" {
        page.images = offered(reading, entity, pictures(entity), text(view, "image"), true);
    }
    if kind == "timeline" {
        page.groups = offered(reading, entity, lanes(entity), text(view, "by"), true);
    }
    if matches!(kind, "calendar" | "timeline") {
        page.starts = offered(reading, entity, days(entity), text(view, "start"), false);
        page.ends = offered(reading, entity, days(entity), text(view, "end"), kind == "calendar");
        let colored = named(entity, |field| {
            field.definition.one_of.iter().any(|option| option.color.is_some())
                && field.kind.name() == "choice"
        });
        page.colors = offered(reading, entity, colored, text(view, "color"), true);
    }
    page.more_conditions = condition_rows::condition_inputs(view.get("where")).is_none();
    let query = Query(condition_rows::condition_inputs(view.get("where")).unwrap_or_default());
    page.conditions = condition_rows::conditions(reading, entity, &query);
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
        if layout_of(text(view, "type")) == "list" && field.is_some_and(|field| field.kind.is_number()) {
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
        if entity.field(&option.value).is_none_or(|field| !field.may_order()) {
            continue;
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use kontor_model::{Model, built_in};

    use super::*;

    #[test]
    fn a_list_with_many_columns_becomes_a_card_with_few() {
        let model = Model::compile(1, built_in::definitions());
        let entity = model.entity("user").unwrap();
        let names: Vec<Json> = entity.fields.iter().map(|field| field.name.clone().into()).collect();
        let list = json!({ "name": "all", "type": "list", "columns": names });
        let board = laid_out(entity, &list, "board");
        let card = board.get("card").and_then(Json::as_array).unwrap();
        assert_eq!(card.len(), OF_LIST);
        assert!(
            !card.contains(&entity.display_field().name.clone().into())
                && !card.contains(board.get("by").unwrap_or(&Json::Null))
        );
        // What somebody chose for the card stays.
        let mut pairs: Vec<(String, String)> =
            vec![("type".into(), "board".into()), ("_drawn".into(), "board".into())];
        pairs.extend(entity.fields.iter().take(6).map(|field| ("column".to_owned(), field.name.clone())));
        let kept = definition(entity, &list, "all", &Form(pairs));
        assert_eq!(kept.get("card").and_then(Json::as_array).map(Vec::len), Some(6));
    }
}
