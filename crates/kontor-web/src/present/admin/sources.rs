//! Where the value of a field comes from, as inputs: a formula with what it can be written of, a roll-up by choices, a copy
//! by the paths there are.

use kontor_model::formula::{FUNCTIONS, Type};
use kontor_model::kind;
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::field::{FormulaFault, FormulaGroup, FormulaItem};
use kontor_view::page::admin::item::ConditionEditor;
use serde_json::Map;

use super::conditions::{self, Shown};
use super::facets::Editing;
use super::inputs;
use crate::extract::form::Form;
use crate::present::Reading;

/// What a roll-up may work out, in the order of the page; `count` needs no field.
const FUNCTIONS_OF_ROLLUPS: [&str; 9] =
    ["count", "sum", "avg", "min", "max", "first", "last", "list", "count_distinct"];
/// Those whose result is a number.
const OF_NUMBERS: [&str; 4] = ["count", "sum", "avg", "count_distinct"];
/// What says the order of the records, and of what it does.
const ORDER: (&str, [&str; 2]) = ("by", ["first", "last"]);
/// What says how many values are joined, and of what it does.
const LIMIT: (&str, [&str; 1]) = ("limit", ["list"]);

/// The inputs of a source other than typing.
pub fn views(editing: &Editing<'_>, source: &str) -> Vec<FieldView> {
    let typed = editing.typed;
    let stored = editing.field.get(source).and_then(Json::as_str).unwrap_or_default();
    let value = typed.get(source).unwrap_or(stored);
    let line = |word: &str, value: &str| FieldView {
        required: true,
        ..inputs::line(editing.reading, word, &format!("field_editor.facet_{word}"), value)
    };
    match source {
        "formula" => vec![inputs::lines(line(source, value))],
        "copy" => vec![inputs::choice(line(source, value), paths(editing, value))],
        "rollup" => rollup_views(editing),
        _ => Vec::new(),
    }
}

/// The fields of linked records that a field of the kind can take over.
fn paths(editing: &Editing<'_>, chosen: &str) -> Vec<OptionView> {
    let mut found = Vec::new();
    let Some(entity) = editing.subject() else { return known_only(chosen) };
    for (link, target) in links_of(entity, editing.model) {
        for field in target.own_fields().filter(|field| field.kind.name() == editing.kind) {
            if field.companion_of.is_some() {
                continue;
            }
            let path = format!("{}.{}", link.name, field.name);
            let label = format!("{} › {}", label_of(editing.reading, link), label_of(editing.reading, field));
            let is_chosen = path == chosen;
            found.push(OptionView::new(path, label, is_chosen));
        }
    }
    if !found.iter().any(|option| option.selected) {
        found.extend(known_only(chosen));
    }
    found
}

/// What is written stays among what can be chosen.
fn known_only(chosen: &str) -> Vec<OptionView> {
    if chosen.is_empty() { Vec::new() } else { vec![OptionView::new(chosen, chosen, true)] }
}

fn label_of(reading: &Reading<'_>, field: &FieldModel) -> String {
    field.label(&reading.labels).to_owned()
}

/// The links of an entity that lead to one other.
fn links_of<'m>(
    entity: &'m EntityModel,
    model: &'m Model,
) -> impl Iterator<Item = (&'m FieldModel, &'m EntityModel)> {
    entity.fields.iter().filter_map(|field| {
        let is_way =
            field.kind.is_link() && !field.kind.is_list() && (!field.system || field.name == "owner");
        let [target] = field.targets.as_slice() else { return None };
        Some((field, model.entity(target).filter(|_| is_way)?.as_ref()))
    })
}

/// The links of other entities that lead to this one: `deal.account`.
fn lists<'m>(editing: &'m Editing<'_>) -> Vec<(&'m EntityModel, &'m FieldModel)> {
    let mut found = Vec::new();
    for other in editing.model.entities.values() {
        for field in &other.fields {
            let is_way = field.kind.is_link() && !field.kind.is_list() && field.companion_of.is_none();
            let is_own = !field.system || field.name == "owner";
            if is_way && is_own && field.targets.iter().any(|target| target == editing.entity) {
                found.push((other.as_ref(), field));
            }
        }
    }
    found
}

/// The chosen list of a roll-up, from the form or the definition.
fn chosen_list(editing: &Editing<'_>) -> String {
    let stored = editing.field.pointer("/rollup/of").and_then(Json::as_str).unwrap_or_default();
    editing.typed.get("rollup.of").unwrap_or(stored).to_owned()
}

/// The entity whose records are gathered.
pub fn gathered<'m>(model: &'m Model, of: &str) -> Option<&'m EntityModel> {
    let (entity, _) = of.split_once('.')?;
    model.entity(entity).map(AsRef::as_ref)
}

fn rollup_views(editing: &Editing<'_>) -> Vec<FieldView> {
    let reading = editing.reading;
    let rollup = editing.field.get("rollup").cloned().unwrap_or(Json::Null);
    let of = chosen_list(editing);
    let line = |key: &str| FieldView {
        required: true,
        ..inputs::line(reading, &format!("rollup.{key}"), &format!("field_editor.rollup_{key}"), "")
    };
    let mut options: Vec<OptionView> = lists(editing)
        .into_iter()
        .map(|(other, field)| {
            let path = format!("{}.{}", other.name, field.name);
            let label = format!("{} › {}", reading.plural_of(other), label_of(reading, field));
            let is_chosen = path == of;
            OptionView::new(path, label, is_chosen)
        })
        .collect();
    options.sort_by(|left, right| left.title.cmp(&right.title));
    if !options.iter().any(|option| option.selected) {
        options.extend(known_only(&of));
    }
    let mut views = vec![inputs::choice(line("of"), options)];
    let Some(related) = gathered(editing.model, &of) else { return views };
    let wanted = kind::find(editing.kind).map(kind::FieldKind::formula_type);
    let stored = FUNCTIONS_OF_ROLLUPS.into_iter().find(|one| rollup.get(one).is_some()).unwrap_or_default();
    let function = editing.typed.get("rollup.function").unwrap_or(stored);
    let offered: Vec<&str> = FUNCTIONS_OF_ROLLUPS
        .into_iter()
        .filter(|one| wanted == Some(Type::Number) || !OF_NUMBERS.contains(one))
        .filter(|one| *one != "list" || matches!(wanted, Some(Type::Text | Type::List)))
        .collect();
    views.push(inputs::choice(
        line("function"),
        inputs::worded(reading, "field_editor.rollup", &offered, function),
    ));
    let stored = rollup.get(stored).and_then(Json::as_str).unwrap_or_default();
    let path = editing.typed.get("rollup.field").unwrap_or(stored);
    // Values of every sort can be counted and joined; the others give what they are.
    let takes_all = matches!(wanted, Some(Type::Number | Type::Text | Type::List));
    let fits = |field: &FieldModel| takes_all || Some(field.kind.formula_type()) == wanted;
    let fields = offered_of(reading, related, path, fits);
    views.push(FieldView { required: false, ..inputs::choice(line("field"), fields) });
    let by = editing.typed.get("rollup.by").map_or_else(|| stored_text(&rollup, "by"), str::to_owned);
    let orders = |field: &FieldModel| {
        let kind = field.kind.formula_type();
        matches!(kind, Type::Text | Type::Number | Type::Date | Type::DateTime) && !field.kind.is_link()
    };
    let days = offered_of(reading, related, &by, orders);
    views.push(FieldView { required: false, ..inputs::choice(line("by"), days) });
    let limit =
        editing.typed.get("rollup.limit").map_or_else(|| stored_text(&rollup, "limit"), str::to_owned);
    if matches!(wanted, Some(Type::Text | Type::List)) {
        let own = FieldView { value: limit.clone(), text: limit, required: false, ..line("limit") };
        views.push(inputs::whole(own));
    }
    views
}

fn stored_text(rollup: &Json, key: &str) -> String {
    match rollup.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// Fields of the records that are gathered, as choices.
fn offered_of(
    reading: &Reading<'_>,
    related: &EntityModel,
    chosen: &str,
    fits: impl Fn(&FieldModel) -> bool,
) -> Vec<OptionView> {
    let fields = related.fields.iter().filter(|field| is_gathered(field) && fits(field));
    let mut found: Vec<OptionView> = fields
        .map(|field| {
            let label = field.full_label(related, &reading.labels);
            OptionView::new(&field.name, label, field.name == chosen)
        })
        .collect();
    if !found.iter().any(|option| option.selected) {
        found.extend(known_only(chosen));
    }
    found
}

fn is_gathered(field: &FieldModel) -> bool {
    let is_engine = field.system && !field.kind.is_temporal();
    !is_engine && !field.kind.is_list() && !field.kind.is_write_only() && field.companion_of.is_none()
}

/// The condition of a roll-up, over the fields of the records that are gathered; none before they are chosen.
pub fn rollup_condition(editing: &Editing<'_>) -> Option<ConditionEditor> {
    let related = gathered(editing.model, &chosen_list(editing))?;
    let shown = Shown {
        legend: editing.reading.t("field_editor.rollup_where"),
        lead: editing.reading.t("field_editor.rollup_where_lead"),
        condition: editing.field.pointer("/rollup/where"),
        entity: Some(related),
        about_changes: false,
    };
    Some(conditions::editor(editing.reading, &shown, Some(editing.typed)))
}

/// The roll-up that the form describes; what it cannot say stays.
///
/// # Errors
/// What is missing, at its input.
pub fn read_rollup(
    reading: &Reading<'_>,
    model: &Model,
    typed: &Form,
    before: Option<&Json>,
) -> Result<Json, Problems> {
    let mut problems = Problems::new();
    let mut missing = |key: &str| {
        let label = reading.t(&format!("field_editor.rollup_{key}"));
        problems.push(Problem::at_field("required", &format!("rollup.{key}")).with("field", label));
    };
    let mut object: Map<String, Json> = before.and_then(Json::as_object).cloned().unwrap_or_default();
    let was = object.get("of").and_then(Json::as_str).unwrap_or_default().to_owned();
    let (of, function) = (typed.text("rollup.of"), typed.text("rollup.function"));
    for key in FUNCTIONS_OF_ROLLUPS.into_iter().chain([ORDER.0, LIMIT.0]) {
        object.shift_remove(key);
    }
    if of.is_empty() {
        missing("of");
    }
    object.insert("of".into(), of.into());
    match function {
        "" => missing("function"),
        "count" => drop(object.insert("count".into(), true.into())),
        other if FUNCTIONS_OF_ROLLUPS.contains(&other) => {
            if typed.text("rollup.field").is_empty() {
                missing("field");
            }
            object.insert(other.into(), typed.text("rollup.field").into());
            let by = typed.text("rollup.by");
            if ORDER.1.contains(&other) && !by.is_empty() {
                object.insert(ORDER.0.into(), by.into());
            }
            let limit = typed.text("rollup.limit");
            if LIMIT.1.contains(&other) && !limit.is_empty() {
                let number = reading.format.conventions.number(limit);
                object.insert(LIMIT.0.into(), number.unwrap_or_else(|| limit.into()));
            }
        }
        other => problems.push(Problem::at_field("unknown_option", "rollup.function").with("value", other)),
    }
    if typed.has("where.join") || typed.has("where.mode") {
        let standing = before.and_then(|before| before.get("where"));
        match conditions::read_over(reading, gathered(model, of), standing, typed) {
            Ok(Some(condition)) => drop(object.insert("where".into(), condition)),
            Ok(None) => drop(object.shift_remove("where")),
            Err(problem) => problems.push(Problem { path: "/where".into(), ..problem }),
        }
    } else if of != was {
        object.shift_remove("where");
    }
    problems.into_result(Json::Object(object))
}

/// What a formula can be written of: the entity's fields, those behind its links, the functions.
pub fn formula_help(editing: &Editing<'_>) -> Vec<FormulaGroup> {
    let reading = editing.reading;
    let mut groups = Vec::new();
    if let Some(entity) = editing.subject() {
        groups.push(FormulaGroup {
            title: reading.t("field_editor.formula_fields"),
            open: true,
            items: items(reading, entity, "", editing.name),
        });
        for (link, target) in links_of(entity, editing.model) {
            groups.push(FormulaGroup {
                title: reading
                    .words()
                    .with("field_editor.formula_through", &[("link", &label_of(reading, link))]),
                open: false,
                items: items(reading, target, &link.name, ""),
            });
        }
    }
    let functions = FUNCTIONS.iter().map(|function| FormulaItem {
        insert: format!("{}(", function.name),
        text: function.signature.to_owned(),
        about: reading.t(&format!("function.{}", function.name)),
    });
    groups.push(FormulaGroup {
        title: reading.t("field_editor.formula_functions"),
        open: true,
        items: functions.collect(),
    });
    groups
}

fn items(reading: &Reading<'_>, entity: &EntityModel, link: &str, own: &str) -> Vec<FormulaItem> {
    let fields = entity.fields.iter().filter(|field| {
        let is_value = !matches!(field.kind.formula_type(), Type::List | Type::Object);
        let is_said = !matches!(field.name.as_str(), "id" | "version" | "deleted_at");
        is_value && is_said && !field.kind.is_list() && !field.kind.is_write_only() && field.name != own
    });
    fields
        .map(|field| {
            let text = if link.is_empty() { field.name.clone() } else { format!("{link}.{}", field.name) };
            let label = field.full_label(entity, &reading.labels);
            let kind = reading.t(&format!("kinds.type_{}", field.kind.formula_type().as_str()));
            FormulaItem { insert: text.clone(), text, about: format!("{label} · {kind}") }
        })
        .collect()
}

/// The line of a formula in which something is wrong, cut at the place.
pub fn formula_fault(problems: &Problems, formula: &str) -> Option<FormulaFault> {
    let problem =
        problems.iter().find(|problem| problem.field() == Some("formula") && problem.line.is_some())?;
    let number = problem.line?;
    let line: Vec<char> =
        formula.lines().nth(usize::try_from(number).ok()?.checked_sub(1)?)?.chars().collect();
    let start = usize::try_from(problem.column?).ok()?.checked_sub(1)?.min(line.len());
    let is_word = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    let rest = line.get(start..)?;
    let length = rest.iter().take_while(|letter| is_word(letter)).count().max(1).min(rest.len());
    let text = |range: std::ops::Range<usize>| line.get(range).unwrap_or_default().iter().collect::<String>();
    Some(FormulaFault {
        line: number.to_string(),
        before: text(0..start),
        at: text(start..start + length),
        after: text(start + length..line.len()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_formula_shows_where_it_is_wrong() {
        let problem = Problem::new("unknown_field", "/formula").on_line(2, Some(5));
        let fault = formula_fault(&problem.into(), "a +\nb * nonsense / 2").unwrap();
        assert_eq!(
            (fault.before.as_str(), fault.at.as_str(), fault.after.as_str()),
            ("b * ", "nonsense", " / 2")
        );
        let end = Problem::new("formula_end", "/formula").on_line(1, Some(99));
        assert_eq!(formula_fault(&end.into(), "a +").unwrap().before, "a +");
    }
}
