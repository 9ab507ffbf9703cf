//! The options of a choice as a table, edited by rows that are added, moved and taken out; several at once are written as
//! lines: `won = Won [green]`, or a label alone.

use kontor_model::Json;
use kontor_model::check;
use kontor_model::definition::DefinitionKind;
use kontor_model::name;
use kontor_view::field::{FieldView, ListColumn, ListRow, ListView, OptionView};
use serde_json::Map;

use super::inputs;
use crate::extract::form::Form;
use crate::extract::list_form;
use crate::present::Reading;

/// The key of the definition, and of the inputs.
pub const KEY: &str = "oneOf";
/// The box in which several are written at once.
const LINES: &str = "oneOf.lines";
/// Rows of a table that nobody has begun.
const BLANK_ROWS: usize = 3;

/// The page of an option's condition, and whether it has one.
type ConditionOf<'a> = dyn Fn(&str) -> (String, bool) + 'a;

/// What the table stands on besides the form.
pub struct Known<'a> {
    /// The options as the definition has them.
    pub stored: Option<&'a Json>,
    /// Those that are published: their values stay.
    pub published: Vec<String>,
    /// The condition of an option: its page, and whether there is one. None for a field that is not there yet.
    pub condition: Option<&'a ConditionOf<'a>>,
}

/// The words that the meta-schema allows for a key of an option.
fn allowed(key: &str) -> Vec<&'static str> {
    let pointer = format!("/$defs/option/properties/{key}/enum");
    let found = check::meta_schema(DefinitionKind::Entity).and_then(|schema| schema.pointer(&pointer));
    found.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

/// Whether the form has the table.
fn came(typed: &Form) -> bool {
    typed.has(KEY)
}

/// The form after a button of the table; lines that were written become rows with every button.
pub fn pressed(typed: &Form, order: &str) -> Form {
    list_form::done(&with_lines(typed), KEY, order)
}

/// The form without rows in which nothing stands, its lines made rows: what is wrong with a row then has its number.
pub fn settled(typed: &Form) -> Form {
    if !came(typed) {
        return typed.clone();
    }
    let form = with_lines(typed);
    let rows = list_form::rows(&form, KEY).into_iter().filter(|row| !is_blank(row)).collect();
    list_form::with_rows(&form, KEY, rows)
}

fn is_blank(row: &Form) -> bool {
    ["title", "const", "_id"].iter().all(|key| row.text(key).is_empty())
}

/// Lines as rows behind those that are there.
fn with_lines(typed: &Form) -> Form {
    let mut text = typed.text(LINES).to_owned();
    if typed.has(KEY) && typed.text(KEY) != "list" {
        typed.text(KEY).clone_into(&mut text);
    }
    let mut form = typed.clone();
    form.0.retain(|(name, _)| name != LINES && name != KEY);
    form.0.push((KEY.to_owned(), "list".to_owned()));
    if text.is_empty() {
        return form;
    }
    let mut rows: Vec<Form> = list_form::rows(&form, KEY).into_iter().filter(|row| !is_blank(row)).collect();
    rows.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(row_of_line));
    list_form::with_rows(&form, KEY, rows)
}

/// `won = Won [green]`, or a label alone.
fn row_of_line(line: &str) -> Form {
    let (line, color) =
        match line.strip_suffix([')', '）', ']']).and_then(|rest| rest.rsplit_once(['(', '（', '['])) {
            Some((rest, color)) if !rest.trim().is_empty() => (rest.trim(), color.trim()),
            _ => (line, ""),
        };
    let (value, title) =
        line.split_once('=').map_or(("", line), |(value, title)| (value.trim(), title.trim()));
    let pairs = [("const", value), ("title", title), ("color", color)];
    Form(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The options that the form says; what the table does not show of one that is known stays with it. `None` when the form
/// has no table.
pub fn read(typed: &Form, before: Option<&Json>) -> Option<Json> {
    if !came(typed) {
        return None;
    }
    let known = |value: &str| -> Map<String, Json> {
        let all = before.and_then(Json::as_array).into_iter().flatten();
        all.filter_map(Json::as_object)
            .find(|option| option.get("const").and_then(Json::as_str) == Some(value))
            .cloned()
            .unwrap_or_default()
    };
    let rows = list_form::rows(&settled(typed), KEY);
    let mut taken: Vec<String> = rows.iter().map(|row| written(row).to_owned()).collect();
    let mut list = Vec::new();
    for row in &rows {
        let mut value = written(row).to_owned();
        if value.is_empty() {
            value = name::derive(row.text("title"), |name| taken.iter().any(|known| known == name));
            taken.push(value.clone());
        }
        let own = row.text("_id");
        let mut option = known(if own.is_empty() { &value } else { own });
        option.insert("const".into(), value.into());
        option.insert("title".into(), row.text("title").into());
        for key in ["color", "outcome"] {
            match row.text(key) {
                // A line or a form that does not say it leaves it; an empty choice takes it away.
                "" if !row.has(key) => {}
                "" => drop(option.shift_remove(key)),
                own => drop(option.insert(key.into(), own.into())),
            }
        }
        if row.has("retired") {
            match row.text("retired") {
                "true" => drop(option.insert("retired".into(), true.into())),
                _ => drop(option.shift_remove("retired")),
            }
        }
        list.push(Json::Object(option));
    }
    Some(Json::Array(list))
}

/// The value of a row: what was typed, or the one that stays.
fn written(row: &Form) -> &str {
    match row.text("const") {
        "" => row.text("_id"),
        own => own,
    }
}

/// The table, and the box for several at once.
pub fn views(reading: &Reading<'_>, known: &Known<'_>, typed: &Form) -> Vec<FieldView> {
    let rows = if came(typed) {
        list_form::rows(&with_lines(typed), KEY)
    } else {
        let stored = known.stored.and_then(Json::as_array).into_iter().flatten();
        stored.map(row_of_option).collect()
    };
    let rows = if rows.is_empty() { vec![Form::default(); BLANK_ROWS] } else { rows };
    let word = |key: &str| reading.t(&format!("field_editor.option_{key}"));
    let mut columns: Vec<ListColumn> = ["title", "const", "color", "outcome", "retired"]
        .into_iter()
        .map(|key| ListColumn { title: word(key), required: key == "title", number: false })
        .collect();
    if known.condition.is_some() {
        columns.push(ListColumn { title: word("when"), ..ListColumn::default() });
    }
    let list = ListView {
        columns,
        rows: rows.iter().enumerate().map(|(index, row)| row_view(reading, known, index, row)).collect(),
        can_add: true,
        can_move: true,
        add_title: word("add"),
        ..ListView::default()
    };
    let view = inputs::table(inputs::line(reading, KEY, "field_editor.facet_options", ""), list);
    let several = inputs::lines(inputs::line(reading, LINES, "field_editor.options_lines", ""));
    vec![view, several]
}

fn row_of_option(option: &Json) -> Form {
    let text = |key: &str| option.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut pairs = vec![("_id".to_owned(), text("const")), ("const".to_owned(), text("const"))];
    pairs.extend(["title", "color", "outcome"].map(|key| (key.to_owned(), text(key))));
    let retired = option.get("retired").and_then(Json::as_bool).unwrap_or(false);
    pairs.push(("retired".to_owned(), retired.to_string()));
    Form(pairs)
}

fn row_view(reading: &Reading<'_>, known: &Known<'_>, index: usize, row: &Form) -> ListRow {
    let cell = |key: &str| FieldView {
        name: format!("{KEY}.{index}.{key}"),
        label: reading.t(&format!("field_editor.option_{key}")),
        bare: true,
        help: String::new(),
        ..inputs::line(reading, key, &format!("field_editor.option_{key}"), row.text(key))
    };
    let worded = |key: &str| -> Vec<OptionView> {
        inputs::worded(reading, &format!("field_editor.{key}"), &allowed(key), row.text(key))
    };
    let own = row.text("_id");
    let is_fixed = known.published.iter().any(|value| value == own);
    let mut cells = vec![
        cell("title"),
        FieldView { readonly: is_fixed, ..cell("const") },
        inputs::choice(cell("color"), worded("color")),
        inputs::choice(cell("outcome"), worded("outcome")),
        inputs::tick(cell("retired"), row.text("retired") == "true"),
    ];
    if let Some(condition) = known.condition {
        let mut view = FieldView { readonly: true, text: String::new(), ..cell("when") };
        if !own.is_empty() {
            let (href, is_set) = condition(own);
            view.text = reading.t(if is_set { "condition.set" } else { "condition.add" });
            view = inputs::link(view, href);
        }
        cells.push(view);
    }
    ListRow {
        index,
        number: (index + 1).to_string(),
        id: own.to_owned(),
        can_remove: true,
        cells,
        ..ListRow::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::frame::address;
    use serde_json::json;

    fn form(body: &str) -> Form {
        Form(address::pairs(body.as_bytes()))
    }

    #[test]
    fn options_are_rows_and_keep_what_rows_cannot_say() {
        let before =
            json!([{ "const": "won", "title": "Won", "color": "green", "outcome": "won", "after": "new" }]);
        let typed = form(
            "oneOf=list&oneOf.0._id=won&oneOf.0.title=Won+it&oneOf.0.color=&oneOf.0.outcome=won&oneOf.0.retired=false\
             &oneOf.0.retired=true&oneOf.1._new=1&oneOf.1.title=Very+good&oneOf.1.const=&oneOf.1.color=blue\
             &oneOf.2._new=1&oneOf.2.title=&oneOf.2.const=&oneOf.2.color=&oneOf.lines=lost+%3D+Lost+%5Bred%5D%0D%0AVery+good",
        );
        assert_eq!(
            read(&typed, Some(&before)).unwrap(),
            json!([
                { "const": "won", "title": "Won it", "outcome": "won", "after": "new", "retired": true },
                { "const": "very_good", "title": "Very good", "color": "blue" },
                { "const": "lost", "title": "Lost", "color": "red" },
                { "const": "very_good_2", "title": "Very good" },
            ])
        );
        let moved = pressed(&typed, "up:1");
        let first = read(&moved, Some(&before)).unwrap();
        assert_eq!(first.pointer("/0/const"), Some(&json!("very_good")));
        assert_eq!(read(&form("title=x"), Some(&before)), None);
        let lines = read(&form("oneOf=new+%3D+New+%5Bblue%5D%0Awon+%3D+Won"), Some(&before)).unwrap();
        assert_eq!(lines.pointer("/1/outcome"), Some(&json!("won")), "{lines}");
    }
}
