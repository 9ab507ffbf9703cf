//! What the form of a record sent: one value per field, put together from the controls that a field has
//! (`kontor_view::field` lists them).

use kontor_core::Session;
use kontor_core::records::Incoming;
use kontor_model::conventions;
use kontor_model::{EntityModel, FieldModel, Json};

use super::form::Form;
use super::{file_form, list_form};

/// Inputs that are no fields.
const OTHERS: [&str; 3] = ["version", "confirm", "id"];

/// What was sent, by field; numbers are read as the language of the page writes them. A name that is no field is kept, so that the core refuses it by name.
pub fn values(
    session: &Session,
    entity: &EntityModel,
    form: &Form,
    language: &str,
) -> Vec<(String, Incoming)> {
    let conventions = conventions::of(language);
    let mut values: Vec<(String, Incoming)> = Vec::new();
    for (name, _) in &form.0 {
        // A name with a dot is a part of a value, or belongs to the control before it.
        let is_part = entity.field(name).is_some_and(|field| field.part.is_some());
        let is_own =
            (is_part || !name.contains('.')) && !name.starts_with('_') && !OTHERS.contains(&name.as_str());
        if !is_own || values.iter().any(|(known, _)| known == name) {
            continue;
        }
        let incoming = match entity.field(name) {
            Some(field) if field.kind.is_number() => Incoming::Text(conventions.read(form.text(name))),
            Some(field) => value(session, field, form, language),
            None => Incoming::Text(form.text(name).to_owned()),
        };
        values.push((name.clone(), incoming));
    }
    values
}

/// The value of one field.
pub fn value(session: &Session, field: &FieldModel, form: &Form, language: &str) -> Incoming {
    let list = field.list.as_ref().and_then(|list| session.model.entity(&list.entity));
    let name = field.name.as_str();
    if let Some(list) = list {
        return Incoming::List(list_form::input(session, list, field, form, language));
    }
    if field.kind.is_many() {
        let chosen: Vec<Json> = form.all(name).map(Json::from).collect();
        return Incoming::Json(if chosen.is_empty() { Json::Null } else { Json::Array(chosen) });
    }
    if field.kind.holds_files() {
        return Incoming::Text(file_form::text(form, field));
    }
    let text = form.text(name);
    if field.kind.is_write_only() && form.text(&format!("{name}.clear")) == "1" {
        return Incoming::Json(Json::Null);
    }
    if field.kind.is_link() {
        return Incoming::Text(link_text(form, name, text));
    }
    // Browsers send line ends as CR LF; records hold LF.
    Incoming::Text(text.replace("\r\n", "\n"))
}

/// What the box of a link says, or the record that was chosen last while the box still says its title.
pub fn link(form: &Form, name: &str) -> String {
    link_text(form, name, form.text(name))
}

/// While the box still says the title of the record chosen last, that record is meant; otherwise what the box says.
fn link_text(form: &Form, name: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let chosen = form.text(&format!("{name}.id"));
    let is_chosen = !chosen.is_empty() && form.text(&format!("{name}.title")) == text;
    let meant = if is_chosen { chosen } else { text };
    match form.text(&format!("{name}.entity")) {
        "" => meant.to_owned(),
        entity if meant.starts_with(&format!("{entity}:")) => meant.to_owned(),
        entity => format!("{entity}:{meant}"),
    }
}

/// The pairs that belong to one of these fields.
pub fn pairs_of<'a>(form: &'a Form, fields: &'a [String]) -> impl Iterator<Item = &'a (String, String)> {
    form.0.iter().filter(move |(name, _)| {
        let field = name.split('.').next().unwrap_or(name);
        fields.iter().any(|known| known == field || field.strip_suffix("_currency") == Some(known))
    })
}
