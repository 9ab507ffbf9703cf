//! What a field was when its page was drawn. The page carries it, so that a save says what its writer changed there and
//! leaves alone what others changed meanwhile; where both changed the same, it is asked.

use kontor_model::definition::DefinitionKind;
use kontor_model::labels;
use kontor_model::locale::Catalogue;
use kontor_model::{Json, Problem, Problems};
use serde_json::Map;

use super::draft::{Draft, text};
use super::field_page::Place;
use crate::extract::form::Form;

/// The input that carries it.
pub const INPUT: &str = "_base";
/// Whether the entity demands the field, beside the keys of the field itself.
const REQUIRED: &str = "required";

/// The field as the draft has it: its keys, whether it is demanded, and its label in each language.
pub fn standing(draft: &Draft<'_>, place: &Place, body: &Json, field: &str) -> Map<String, Json> {
    let holder = place.holder(body);
    let own = holder.and_then(|holder| holder.get("properties")?.get(field)?.as_object());
    let mut all = own.cloned().unwrap_or_default();
    let required = holder.and_then(|holder| holder.get(REQUIRED)?.as_array());
    let is_required = required.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(field)));
    all.insert(REQUIRED.to_owned(), is_required.into());
    let fields = place.pointer().trim_start_matches('/').replace('/', ".");
    let key = labels::key(DefinitionKind::Entity, &place.entity, &format!("{fields}.{field}.title"));
    for (language, file) in draft.all(DefinitionKind::Locale) {
        let catalogue = Catalogue::from_json(language, file, None);
        let label = catalogue.find_own(&key).unwrap_or_default();
        all.insert(format!("title.{language}"), label.into());
    }
    all
}

/// What the page carried; nothing from a form that knows of none.
pub fn sent(form: &Form) -> Option<Map<String, Json>> {
    let text = form.get(INPUT).filter(|text| !text.is_empty())?;
    serde_json::from_str::<Json>(text).ok()?.as_object().cloned()
}

/// The field's keys alone.
pub fn definition(all: &Map<String, Json>) -> Json {
    let own = all.iter().filter(|(key, _)| *key != REQUIRED && !key.starts_with("title."));
    Json::Object(own.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// What the field is called now when somebody named it anew since the page was drawn: its column stays.
pub fn name_now(place: &Place, body: &Json, opened: &str, form: &Form) -> Option<String> {
    let fields = place.holder(body)?.get("properties")?.as_object()?;
    if fields.contains_key(opened) {
        return None;
    }
    let base = sent(form)?;
    let key = base.get("key").and_then(Json::as_str).unwrap_or(opened);
    let found = fields.iter().find(|(_, field)| text(field, "key") == key);
    found.map(|(name, _)| name.clone())
}

/// What is to be kept: the field, and the form with what others said where its writer said nothing.
pub struct Settled {
    /// The field's definition.
    pub field: Json,
    /// The form.
    pub form: Form,
}

/// `mine` is the field as the form makes it of what the page had shown.
///
/// # Errors
/// What both changed, at its inputs, with the form that puts the writer's own there when it is sent again.
pub fn settle(
    base: &Map<String, Json>,
    standing: &Map<String, Json>,
    mine: &Json,
    form: &Form,
) -> Result<Settled, (Problems, Form)> {
    let mut settled = Settled { field: mine.clone(), form: form.clone() };
    let mut problems = Problems::new();
    let mut asked = base.clone();
    let said = |key: &str| -> Option<Json> {
        let is_beside = key == REQUIRED || key.starts_with("title.");
        match form.get(key).filter(|_| is_beside) {
            _ if !is_beside => mine.get(key).cloned(),
            None => base.get(key).cloned(),
            Some(text) if key == REQUIRED => Some((text == "true").into()),
            Some(text) => Some(text.into()),
        }
    };
    let keys: Vec<&String> =
        base.keys().chain(standing.keys().filter(|key| !base.contains_key(*key))).collect();
    for key in keys {
        let (was, is, wanted) = (base.get(key), standing.get(key), said(key));
        if was == is || wanted.as_ref() == is {
            continue;
        }
        if wanted.as_ref() == was {
            take(&mut settled, key, is);
            continue;
        }
        let at = if key.starts_with("title.") { "title" } else { key };
        let plain = is.map(|json| json.as_str().map_or_else(|| json.to_string(), str::to_owned));
        problems.push(match plain.filter(|_| is.is_some_and(|json| !json.is_array() && !json.is_object())) {
            Some(value) => Problem::at_field("changed_meanwhile_to", at).with("value", value),
            None => Problem::at_field("changed_meanwhile", at),
        });
        match is {
            Some(json) => drop(asked.insert(key.clone(), json.clone())),
            None => drop(asked.shift_remove(key)),
        }
    }
    if problems.is_empty() {
        return Ok(settled);
    }
    Err((problems, with(form, INPUT, &Json::Object(asked).to_string())))
}

/// Takes what others said.
fn take(settled: &mut Settled, key: &str, value: Option<&Json>) {
    if key == REQUIRED {
        let text = if value == Some(&Json::Bool(true)) { "true" } else { "false" };
        settled.form = with(&settled.form, key, text);
    } else if key.starts_with("title.") {
        settled.form = with(&settled.form, key, value.and_then(Json::as_str).unwrap_or_default());
    } else if let Some(object) = settled.field.as_object_mut() {
        match value {
            Some(value) => drop(object.insert(key.to_owned(), value.clone())),
            None => drop(object.shift_remove(key)),
        }
    }
}

fn with(form: &Form, name: &str, text: &str) -> Form {
    let mut pairs: Vec<(String, String)> = form.0.iter().filter(|(key, _)| key != name).cloned().collect();
    pairs.push((name.to_owned(), text.to_owned()));
    Form(pairs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use serde_json::json;

    fn map(json: &Json) -> Map<String, Json> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn what_only_one_changed_is_kept_and_what_both_changed_is_asked() {
        let base = map(&json!({ "kind": "text", "title": "Notes", "required": false }));
        let now = map(&json!({ "kind": "text", "title": "Notes", "help": "All of it", "required": true }));
        let mine = json!({ "kind": "text", "title": "Damage" });
        let form = Form(vec![("title".into(), "Damage".into()), ("required".into(), "false".into())]);
        let settled = settle(&base, &now, &mine, &form).ok().unwrap();
        assert_eq!(settled.field, json!({ "kind": "text", "title": "Damage", "help": "All of it" }));
        assert_eq!(settled.form.get("required"), Some("true"));

        let now = map(&json!({ "kind": "text", "title": "Loss", "required": false }));
        let (problems, again) = settle(&base, &now, &mine, &form).err().unwrap();
        assert_eq!(problems.0, [Problem::at_field("changed_meanwhile_to", "title").with("value", "Loss")]);
        // Sent again it is what the writer wants.
        let settled = settle(&sent(&again).unwrap(), &now, &mine, &again).ok().unwrap();
        assert_eq!(settled.field, mine);
    }
}
