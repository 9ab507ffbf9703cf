//! What a form leaves of the files of a field: those it was drawn with, without those that were taken out, in the order
//! that was asked for, and those that came with it.

use kontor_model::{FieldModel, Json};
use serde_json::json;

use super::form::Form;
use super::multipart::UPLOAD;

/// The text that the field's kind reads; empty when nothing is left.
pub fn text(form: &Form, field: &FieldModel) -> String {
    let name = field.name.as_str();
    let parsed = |text: &str| {
        serde_json::from_str::<Json>(text).ok().filter(|json| json.is_object() || json.is_array())
    };
    let given: Vec<&str> = form.all(name).collect();
    if let [one] = given.as_slice()
        && parsed(one).is_none()
    {
        // An id by itself, or something that is none: the kind says what it thinks of it.
        return (*one).to_owned();
    }
    let (upload, remove) = (format!("{name}{UPLOAD}"), format!("{name}.remove"));
    let removed: Vec<&str> = form.all(&remove).collect();
    let uploads: Vec<Json> = form.all(&upload).filter_map(parsed).collect();
    let mut kept: Vec<Json> = Vec::new();
    for json in given.iter().filter_map(|text| parsed(text)) {
        match json {
            Json::Array(list) => kept.extend(list),
            one => kept.push(one),
        }
    }
    kept.retain(|file| !removed.contains(&id_of(file)));
    if !field.kind.holds_many_files() {
        let typed = form.text(&format!("{name}.typed"));
        let typed = (field.kind.is_signed() && !typed.is_empty()).then(|| json!({ "typed": typed }));
        let last = uploads.into_iter().next_back().or(typed).or_else(|| kept.into_iter().next());
        return last.map(|file| file.to_string()).unwrap_or_default();
    }
    let place = |file: &Json| form.text(&format!("{name}.place.{}", id_of(file))).parse::<i64>().ok();
    let mut placed: Vec<(i64, Json)> =
        (1..).zip(kept).map(|(n, file)| (place(&file).unwrap_or(n), file)).collect();
    placed.sort_by_key(|(place, _)| *place);
    let mut all: Vec<Json> = placed.into_iter().map(|(_, file)| file).collect();
    // What could not be taken is said by itself: the kind refuses it, and what was taken stays in the form.
    all.extend(uploads);
    if all.is_empty() { String::new() } else { Json::Array(all).to_string() }
}

/// The same without what could not be taken: what stands in the form when it comes back.
pub fn standing(form: &Form, field: &FieldModel) -> Vec<Json> {
    let text = text(form, field);
    let json = serde_json::from_str::<Json>(&text).unwrap_or_default();
    let list = match json {
        Json::Array(list) => list,
        Json::Object(_) => vec![json],
        _ => Vec::new(),
    };
    list.into_iter().filter(|file| !id_of(file).is_empty()).collect()
}

fn id_of(file: &Json) -> &str {
    file.get("id").and_then(Json::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use kontor_model::kind;

    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn left(kind: &str, pairs: &[(&str, &str)]) -> String {
        let (model, _) = kind::specimen::specimen(kind::find(kind).unwrap());
        let field = model.entity("specimen").unwrap().field("example").unwrap();
        text(&form(pairs), field)
    }

    #[test]
    fn files_stay_go_move_and_come() {
        let (a, b, c) = (r#"{"id":"a"}"#, r#"{"id":"b"}"#, r#"{"id":"c"}"#);
        assert_eq!(left("file", &[("example", a)]), a);
        assert_eq!(left("file", &[("example", a), ("example.remove", "a")]), "");
        assert_eq!(left("file", &[("example", a), ("example.upload", b)]), b);
        assert_eq!(left("file", &[("example", a), ("example.upload", "[object File]")]), a);
        assert_eq!(left("file", &[("example", "b")]), "b");
        let both = [("example", a), ("example", b)];
        assert_eq!(left("files", &both), format!("[{a},{b}]"));
        let moved = [both[0], both[1], ("example.place.b", "0"), ("example.upload", c)];
        assert_eq!(left("files", &moved), format!("[{b},{a},{c}]"));
        assert_eq!(left("files", &[both[0], ("example.remove", "a")]), "");
        assert_eq!(left("signature", &[("example.typed", "Mara")]), r#"{"typed":"Mara"}"#);
    }
}
