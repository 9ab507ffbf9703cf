//! What a field was when its page was drawn. The page carries it, so that a save says what its writer changed there and
//! leaves alone what others changed meanwhile; where both changed the same, it is asked.

use kontor_model::definition::DefinitionKind;
use kontor_model::labels;
use kontor_model::locale::Catalogue;
use kontor_model::{Json, Problems};
use serde_json::Map;

use super::as_read;
use super::draft::{Draft, text};
use super::field_page::Place;
use crate::extract::form::Form;

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

/// Whether a key is none of the field's own: the entity or a language says it.
fn is_beside(key: &str) -> bool {
    key == REQUIRED || key.starts_with("title.")
}

/// What the page carried; nothing from a form that knows of none.
pub fn sent(form: &Form) -> Option<Map<String, Json>> {
    as_read::sent(form)?.as_object().cloned()
}

/// The field's keys alone.
pub fn definition(all: &Map<String, Json>) -> Json {
    let own = all.iter().filter(|(key, _)| !is_beside(key));
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
    let mut wanted = mine.as_object().cloned().unwrap_or_default();
    for (key, was) in base.iter().filter(|(key, _)| is_beside(key)) {
        let said = match form.get(key) {
            None => was.clone(),
            Some(text) if key == REQUIRED => (text == "true").into(),
            Some(text) => text.into(),
        };
        wanted.insert(key.clone(), said);
    }
    let object = |map: &Map<String, Json>| Json::Object(map.clone());
    let settled = as_read::settle(&object(base), &object(standing), &Json::Object(wanted), form);
    let settled = settled.map_err(|(mut problems, form)| {
        // Labels in other languages stand at the label.
        for problem in problems.0.iter_mut().filter(|problem| problem.path.starts_with("/title.")) {
            "/title".clone_into(&mut problem.path);
        }
        (problems, form)
    })?;
    let all = settled.as_object().cloned().unwrap_or_default();
    let mut form = form.clone();
    for (key, value) in all.iter().filter(|(key, _)| is_beside(key) && base.get(*key) != standing.get(*key)) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        form = as_read::with(&form, key, &text);
    }
    Ok(Settled { field: definition(&all), form })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use kontor_model::Problem;
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
