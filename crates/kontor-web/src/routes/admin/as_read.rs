//! What a page of the designer was drawn of. Its form carries it, so that a save changes what its writer changed there,
//! leaves alone what somebody else changed meanwhile, and asks where both changed the same.

use kontor_model::layer::{MergeState, Side, three_way};
use kontor_model::{Json, Problem, Problems};
use serde_json::Map;

use crate::extract::form::Form;

/// The input that carries it.
pub const INPUT: &str = "_read";

/// What the form of a page carries on: what it was drawn of first, or what it shows now.
pub fn carried(sent: Option<&Form>, shown: &Json) -> String {
    match sent.and_then(|sent| sent.get(INPUT)).filter(|text| !text.is_empty()) {
        Some(text) => text.to_owned(),
        None => shown.to_string(),
    }
}

/// What the page was drawn of; nothing from a form that does not say so.
pub fn sent(form: &Form) -> Option<Json> {
    form.get(INPUT).filter(|text| !text.is_empty()).and_then(|text| serde_json::from_str(text).ok())
}

/// The input of a page that shows a definition as nobody has stored it yet.
pub const SHOWN: &str = "_shown";

/// What a page carries that shows a whole definition.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// What was there when its writer began.
    pub read: String,
    /// What they made of it so far; empty while that is the same.
    pub shown: String,
}

impl Carried {
    /// A page that shows what is there.
    pub fn stored(read: &Json) -> Self {
        Self { read: read.to_string(), shown: String::new() }
    }

    /// A page that shows something else, made of what was there.
    pub fn unsaved(read: &Json, shown: &Json) -> Self {
        Self { read: read.to_string(), shown: if read == shown { String::new() } else { shown.to_string() } }
    }
}

/// What a page showed that its writer had not stored.
pub fn unsaved(form: &Form) -> Option<Json> {
    form.get(SHOWN).filter(|text| !text.is_empty()).and_then(|text| serde_json::from_str(text).ok())
}

/// Some keys of a definition.
pub fn part(body: &Json, keys: &[&str]) -> Json {
    let own = body.as_object().into_iter().flatten();
    Json::Object(
        own.filter(|(key, _)| keys.contains(&key.as_str()))
            .map(|(key, json)| (key.clone(), json.clone()))
            .collect(),
    )
}

/// A definition with some keys as a part says them.
pub fn with_part(body: &Json, keys: &[&str], part: &Json) -> Json {
    let mut whole = body.clone();
    if let Some(object) = whole.as_object_mut() {
        for key in keys {
            put(object, key, part.get(key));
        }
    }
    whole
}

fn put(object: &mut Map<String, Json>, key: &str, value: Option<&Json>) {
    match value {
        Some(value) => drop(object.insert(key.to_owned(), value.clone())),
        None => drop(object.shift_remove(key)),
    }
}

/// What is to be kept: `mine` is what the form makes of `base`, `standing` what is there now. Key by key, as pages show
/// them.
///
/// # Errors
/// What both changed, and the form that puts its writer's own there when it is sent again.
pub fn settle(base: &Json, standing: &Json, mine: &Json, form: &Form) -> Result<Json, (Problems, Form)> {
    if base == standing {
        return Ok(mine.clone());
    }
    let object = |json: &Json| json.as_object().cloned().unwrap_or_default();
    let (base, standing, mine) = (object(base), object(standing), object(mine));
    let (mut settled, mut asked) = (mine.clone(), base.clone());
    let mut problems = Problems::new();
    for key in base.keys().chain(standing.keys().filter(|key| !base.contains_key(*key))) {
        let (was, is, wanted) = (base.get(key), standing.get(key), mine.get(key));
        if was == is || wanted == is {
            continue;
        }
        if wanted == was {
            put(&mut settled, key, is);
            continue;
        }
        problems.push(match is {
            Some(Json::String(value)) => Problem::at_field("changed_meanwhile_to", key).with("value", value),
            Some(value @ (Json::Bool(_) | Json::Number(_))) => {
                Problem::at_field("changed_meanwhile_to", key).with("value", value)
            }
            _ => Problem::at_field("changed_meanwhile", key),
        });
        put(&mut asked, key, is);
    }
    if problems.is_empty() {
        return Ok(Json::Object(settled));
    }
    Err((problems, again(form, &Json::Object(asked))))
}

/// The same for a whole definition that was written as text: place by place.
///
/// # Errors
/// The places that both changed, and both as one, its writer's own at those places.
pub fn join(base: &Json, standing: &Json, mine: &Json) -> Result<Json, (Problems, Json)> {
    let merging = three_way(Some(base), Some(standing), Some(mine), &|_| None);
    let both = merging.values.iter().filter(|value| value.state == MergeState::Conflict);
    let problems = Problems(both.map(|value| Problem::new("changed_meanwhile", &value.place)).collect());
    if problems.is_empty() {
        return Ok(merging.whole.unwrap_or_else(|| mine.clone()));
    }
    let conflicts: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    let choose = |place: &str| conflicts.contains(&place).then_some(Side::Ours);
    let whole = three_way(Some(base), Some(standing), Some(mine), &choose).whole;
    Err((problems, whole.unwrap_or_else(|| mine.clone())))
}

/// A form that was drawn of something else.
pub fn again(form: &Form, base: &Json) -> Form {
    with(form, INPUT, &base.to_string())
}

/// A form that says something else at one of its inputs.
pub fn with(form: &Form, name: &str, text: &str) -> Form {
    let mut pairs: Vec<(String, String)> = form.0.iter().filter(|(key, _)| key != name).cloned().collect();
    pairs.push((name.to_owned(), text.to_owned()));
    Form(pairs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use serde_json::json;

    #[test]
    fn what_only_one_changed_is_kept_and_what_both_changed_is_asked() {
        let base = json!({ "title": "Deal", "plural": "Deals", "search": ["name"] });
        let now = json!({ "title": "Deal", "plural": "Deals", "search": ["name", "code"], "icon": "star" });
        let mine = json!({ "title": "Offer", "plural": "Deals", "search": ["name"] });
        let both = json!({ "title": "Offer", "plural": "Deals", "search": ["name", "code"], "icon": "star" });
        let form = Form(vec![("title".into(), "Offer".into())]);
        assert_eq!(settle(&base, &now, &mine, &form).ok().unwrap(), both);

        let now = json!({ "title": "Sale", "plural": "All sales", "search": ["name"] });
        let (problems, form) = settle(&base, &now, &mine, &form).err().unwrap();
        assert_eq!(problems.0, [Problem::at_field("changed_meanwhile_to", "title").with("value", "Sale")]);
        // Sent again it is what its writer wants, and only there.
        let wanted = json!({ "title": "Offer", "plural": "All sales", "search": ["name"] });
        assert_eq!(settle(&sent(&form).unwrap(), &now, &mine, &form).ok().unwrap(), wanted);

        let (problems, whole) = join(&base, &now, &mine).err().unwrap();
        assert_eq!(problems.0, [Problem::new("changed_meanwhile", "/title")]);
        assert_eq!(whole, wanted);
    }
}
