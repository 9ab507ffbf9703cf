//! The rows of a list inside a form: pairs whose names begin with the field, a dot and the row's place. Also the buttons
//! that add, take out and move rows, which change the pairs and save nothing.

use std::str::FromStr;

use kontor_core::Session;
use kontor_core::records::{Incoming, ItemInput, ListInput};
use kontor_model::{EntityModel, FieldModel};
use uuid::Uuid;

use super::form::Form;
use super::record_form;

/// The button of a form that saves nothing: what it asks for.
pub const DO: &str = "_do";

/// The pairs of each row, without the field and the place, in order.
pub fn rows(form: &Form, field: &str) -> Vec<Form> {
    let mut rows: Vec<(String, Form)> = Vec::new();
    for (name, value) in &form.0 {
        let Some((place, rest)) = place_of(name, field) else { continue };
        let pair = (rest.to_owned(), value.clone());
        match rows.iter_mut().find(|(known, _)| known == place) {
            Some((_, row)) => row.0.push(pair),
            None => rows.push((place.to_owned(), Form(vec![pair]))),
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// `lines.2.price` of the field `lines`: `2` and `price`.
fn place_of<'a>(name: &'a str, field: &str) -> Option<(&'a str, &'a str)> {
    let (place, rest) = name.strip_prefix(field)?.strip_prefix('.')?.split_once('.')?;
    place.bytes().all(|byte| byte.is_ascii_digit()).then_some((place, rest))
}

/// The form with these rows in the place of its own.
pub fn with_rows(form: &Form, field: &str, rows: Vec<Form>) -> Form {
    let mut pairs: Vec<(String, String)> =
        form.0.iter().filter(|(name, _)| place_of(name, field).is_none()).cloned().collect();
    for (index, row) in rows.into_iter().enumerate() {
        pairs.extend(row.0.into_iter().map(|(name, value)| (format!("{field}.{index}.{name}"), value)));
    }
    Form(pairs)
}

/// What a button of a list asks for, done to the pairs; `None` when the button is none of a list's.
pub fn pressed(entity: &EntityModel, form: &Form) -> Option<Form> {
    let (name, order) = form.text(DO).split_once(':')?;
    let field = entity.field(name).filter(|field| field.kind.is_list())?;
    Some(done(form, &field.name, order))
}

/// What a button of a table asks for (`add`, `remove:2`, `up:2`, `down:2`), done to its rows.
pub fn done(form: &Form, field: &str, order: &str) -> Form {
    let (act, place) = order.split_once(':').unwrap_or((order, ""));
    let mut rows = rows(form, field);
    let mut form = form.clone();
    form.0.retain(|(name, _)| name != DO);
    let place = place.parse::<usize>().ok().filter(|place| *place < rows.len());
    match (act, place) {
        ("add", _) => rows.push(Form(vec![("_new".to_owned(), "1".to_owned())])),
        ("remove", Some(place)) => {
            let row = rows.remove(place);
            if !row.text("_id").is_empty() {
                form.0.push((format!("{field}._removed"), row.text("_id").to_owned()));
            }
        }
        ("up", Some(place)) if place > 0 => rows.swap(place - 1, place),
        ("down", Some(place)) if place + 1 < rows.len() => rows.swap(place, place + 1),
        _ => {}
    }
    with_rows(&form, field, rows)
}

/// Behind the name of a list: how many new rows that nobody wrote into were left out. A form that comes back has them again.
pub const BLANK: &str = "._blank";

/// The form without the new rows that nobody wrote anything into.
pub fn without_blank(
    entity: &EntityModel,
    form: &Form,
    is_blank: impl Fn(&FieldModel, &Form) -> bool,
) -> Form {
    let mut kept = form.clone();
    for (field, _) in entity.lists() {
        let mut rows = rows(&kept, &field.name);
        let all = rows.len();
        rows.retain(|row| !row.text("_id").is_empty() || !is_blank(field, row));
        let blank = all - rows.len();
        kept = with_rows(&kept, &field.name, rows);
        let name = format!("{}{BLANK}", field.name);
        kept.0.retain(|(other, _)| *other != name);
        if blank > 0 {
            kept.0.push((name, blank.to_string()));
        }
    }
    kept
}

/// What was sent of a list. It says what goes, so that what the form did not know of stays.
pub fn input(
    session: &Session,
    child: &EntityModel,
    field: &FieldModel,
    form: &Form,
    language: &str,
) -> ListInput {
    let through = field
        .list
        .as_ref()
        .and_then(|list| list.through)
        .and_then(|through| child.fields.get(through))
        .map(|through| through.name.clone());
    let items = rows(form, &field.name)
        .into_iter()
        .map(|row| {
            let mut values = record_form::values(session, child, &row, language);
            if let Some(through) = &through {
                values.retain(|(name, _)| name != through);
            }
            ItemInput {
                id: Uuid::from_str(row.text("_id")).ok(),
                version: row.text("_version").parse().ok(),
                link: through
                    .as_ref()
                    .map(|through| Box::new(Incoming::Text(record_form::link(&row, through)))),
                values,
            }
        })
        .collect();
    let removed =
        form.all(&format!("{}._removed", field.name)).filter_map(|id| Uuid::from_str(id).ok()).collect();
    ListInput { items, whole: false, removed }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::frame::address;

    fn form(body: &str) -> Form {
        Form(address::pairs(body.as_bytes()))
    }

    #[test]
    fn how_many_rows_were_blank_is_no_row() {
        let form = form("lines=list&lines.0._id=a&lines._blank=2");
        let more = done(&form, "lines", "add");
        assert_eq!(rows(&more, "lines").len(), 2);
        assert_eq!(more.text("lines.1._new"), "1");
    }

    #[test]
    fn rows_are_told_apart_by_their_place() {
        let form = form(
            "name=Q&lines=list&lines.0._id=a&lines.0.name=x&lines.1.name=y&lines.1.to.id=3&lines._removed=z",
        );
        let rows = rows(&form, "lines");
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].text("_id"), rows[0].text("name")), ("a", "x"));
        assert_eq!((rows[1].text("name"), rows[1].text("to.id")), ("y", "3"));
        let turned = with_rows(&form, "lines", rows.into_iter().rev().collect());
        assert_eq!((turned.text("lines.0.name"), turned.text("lines.1.name")), ("y", "x"));
        assert_eq!((turned.text("name"), turned.text("lines._removed")), ("Q", "z"));
    }
}
