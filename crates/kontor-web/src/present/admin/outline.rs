//! A definition as indented lines without the signs of JSON: a field is its name, kind and title, an option its value and
//! title, a condition one line. What cannot be said so keeps the signs.

use kontor_model::Json;

/// Between the parts of a line.
const GAP: &str = "   ";
/// What tells one item of a list from the others, the first of them that is there.
const IDENTITIES: [&str; 6] = ["name", "value", "const", "do", "field", "as"];
/// Deeper than people nest anything, an object is written as JSON.
const MOST_LEVELS: usize = 12;

/// The lines.
pub fn lines(json: &Json) -> Vec<String> {
    let mut out = Vec::new();
    match json {
        Json::Object(object) => {
            object.iter().filter(|(key, _)| *key != "$schema").for_each(|(key, value)| {
                entry(&mut out, 0, key, value);
            });
        }
        other => out.push(other.to_string()),
    }
    out
}

fn push(out: &mut Vec<String>, level: usize, parts: &[&str]) {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    out.push(format!("{}{}", "  ".repeat(level), parts.join(GAP)));
}

/// One key with its value, over as many lines as that needs.
fn entry(out: &mut Vec<String>, level: usize, key: &str, value: &Json) {
    if level > MOST_LEVELS {
        push(out, level, &[key, &value.to_string()]);
        return;
    }
    match value {
        Json::String(text) if text.contains('\n') => {
            push(out, level, &[key]);
            text.lines().for_each(|line| push(out, level + 1, &[line]));
        }
        Json::Array(list) => {
            if let Some(text) = plain_list(list) {
                push(out, level, &[key, &text]);
                return;
            }
            push(out, level, &[key]);
            for one in list {
                item(out, level + 1, one);
            }
        }
        Json::Object(_) if condition(value).is_some() => {
            push(out, level, &[key, &condition(value).unwrap_or_default()]);
        }
        Json::Object(object) => {
            let word = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default();
            let said: &[&str] = if word("kind").is_empty() { &[] } else { &["kind", "title"] };
            let head: Vec<&str> = std::iter::once(key).chain(said.iter().map(|key| word(key))).collect();
            push(out, level, &head);
            for (key, value) in object.iter().filter(|(key, _)| !said.contains(&key.as_str())) {
                entry(out, level + 1, key, value);
            }
        }
        scalar => push(out, level, &[key, &plain(scalar).unwrap_or_default()]),
    }
}

/// One item of a list: what tells it apart, its title and what else fits on the line; the rest below.
fn item(out: &mut Vec<String>, level: usize, value: &Json) {
    let Some(object) = value.as_object().filter(|_| level <= MOST_LEVELS) else {
        push(out, level, &[&plain(value).unwrap_or_else(|| value.to_string())]);
        return;
    };
    if let Some(condition) = condition(value) {
        push(out, level, &[&condition]);
        return;
    }
    let identity = IDENTITIES.into_iter().find(|key| object.contains_key(*key));
    let mut head = Vec::new();
    let mut below = Vec::new();
    for key in identity.into_iter().chain(["title"]) {
        head.extend(object.get(key).and_then(plain).filter(|text| !text.contains('\n')));
    }
    for (key, value) in object.iter().filter(|(key, _)| Some(key.as_str()) != identity && *key != "title") {
        match plain(value).filter(|text| !text.contains('\n')) {
            Some(text) => head.push(format!("{key} {text}")),
            None => below.push((key, value)),
        }
    }
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    push(out, level, if head.is_empty() { &["·"] } else { &head });
    for (key, value) in below {
        entry(out, level + 1, key, value);
    }
}

/// `state eq done`.
fn condition(value: &Json) -> Option<String> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    let field = object.get("field")?.as_str()?;
    let (operator, value) = object.iter().find(|(key, _)| *key != "field")?;
    let value = match value {
        Json::Array(list) => plain_list(list)?,
        other => plain(other)?,
    };
    Some(format!("{field} {operator} {value}"))
}

fn plain_list(list: &[Json]) -> Option<String> {
    let texts: Option<Vec<String>> = list.iter().map(plain).collect();
    texts.map(|texts| texts.join(", ")).filter(|text| !text.contains('\n'))
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Array(_) | Json::Object(_) => None,
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_definition_reads_without_signs() {
        let entity = json!({
            "name": "trip", "title": "Trip",
            "properties": {
                "cost": { "kind": "money", "title": "Cost", "minimum": 0, "required_when": { "field": "state", "eq": "done" } },
                "state": { "kind": "choice", "title": "State", "oneOf": [ { "const": "open", "title": "Open", "color": "slate" } ] },
                "note": { "kind": "text", "title": "Note", "help": "one\ntwo" }
            },
            "required": ["cost", "state"],
            "rules": [ { "name": "cheap", "when": { "all": [ { "field": "cost", "lt": 5 } ] }, "message": "Too cheap" } ]
        });
        assert_eq!(
            lines(&entity),
            [
                "name   trip",
                "title   Trip",
                "properties",
                "  cost   money   Cost",
                "    minimum   0",
                "    required_when   state eq done",
                "  state   choice   State",
                "    oneOf",
                "      open   Open   color slate",
                "  note   text   Note",
                "    help",
                "      one",
                "      two",
                "required   cost, state",
                "rules",
                "  cheap   message Too cheap",
                "    when",
                "      all",
                "        cost lt 5",
            ]
        );
    }
}
