//! A definition as indented lines without the signs of JSON: a field is its name, kind and title, an option its value and
//! title, a condition one line. Keys have the titles of the meta-schema. What cannot be said so keeps the signs.

use kontor_model::Json;

use super::shape::node::{Node, Sort};
use super::shape::read::escape;

/// Between the parts of a line.
const GAP: &str = "   ";
/// What tells one item of a list from the others, the first of them that is there.
const IDENTITIES: [&str; 6] = ["name", "value", "const", "do", "field", "as"];
/// Deeper than people nest anything, an object is written as JSON.
const MOST_LEVELS: usize = 12;

/// A place in a definition: what may stand there, when that is known, and its pointer.
#[derive(Clone, Debug)]
pub struct Spot {
    /// What may stand there.
    pub node: Option<Node<'static>>,
    /// The JSON pointer.
    pub pointer: String,
}

impl Spot {
    /// The place of a key, or of the item with that index, of what stands here.
    pub fn inside(&self, holder: &Json, part: &str) -> Self {
        let node = self.node.and_then(|node| match holder {
            Json::Array(_) => node.item(),
            _ => node.step(part, Some(holder)),
        });
        Self { node, pointer: format!("{}/{}", self.pointer, escape(part)) }
    }

    /// The last key of the pointer that is no index.
    pub fn key(&self) -> &str {
        self.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default()
    }
}

/// How a reader is told what stands in a definition.
pub trait Speech {
    /// What a key is called, of what stands at `holder`.
    fn key(&self, holder: &Spot, at: &Spot, key: &str) -> String;
    /// A text, a number, yes or no.
    fn value(&self, at: &Spot, value: &Json) -> String;
    /// A condition on one line; `None` where a line would not say all of it.
    fn condition(&self, at: &Spot, value: &Json) -> Option<String>;
    /// A key and its value among others on one line.
    fn pair(&self, key: &str, value: &str) -> String;
}

/// The lines of what stands at a place.
pub fn lines(speech: &dyn Speech, at: &Spot, json: &Json) -> Vec<String> {
    let mut outline = Outline { speech, lines: Vec::new() };
    match json {
        Json::Object(object) => {
            for (key, value) in object.iter().filter(|(key, _)| *key != "$schema") {
                outline.member(0, at, json, (key, value));
            }
        }
        other => outline.lines.push(other.to_string()),
    }
    outline.lines
}

struct Outline<'s> {
    speech: &'s dyn Speech,
    lines: Vec<String>,
}

impl Outline<'_> {
    fn push(&mut self, level: usize, parts: &[&str]) {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        self.lines.push(format!("{}{}", "  ".repeat(level), parts.join(GAP)));
    }

    /// One key with its value, over as many lines as that needs.
    fn member(&mut self, level: usize, holder: &Spot, held_by: &Json, (key, value): (&str, &Json)) {
        let at = holder.inside(held_by, key);
        let key = self.speech.key(holder, &at, key);
        if level > MOST_LEVELS {
            self.push(level, &[&key, &value.to_string()]);
            return;
        }
        if let Some(condition) = self.condition(&at, value) {
            self.push(level, &[&key, &condition]);
            return;
        }
        match value {
            Json::String(text) if text.contains('\n') => {
                self.push(level, &[&key]);
                text.lines().for_each(|line| self.push(level + 1, &[line]));
            }
            Json::Array(list) => {
                if let Some(text) = self.plain_list(&at, value, list) {
                    self.push(level, &[&key, &text]);
                    return;
                }
                self.push(level, &[&key]);
                for (index, one) in list.iter().enumerate() {
                    let at = at.inside(value, &index.to_string());
                    self.item(level + 1, &at, one);
                }
            }
            Json::Object(object) => {
                let is_of_a_kind = object.get("kind").is_some_and(Json::is_string);
                let said: &[&str] = if is_of_a_kind { &["kind", "title"] } else { &[] };
                let head =
                    said.iter().filter_map(|key| self.plain(&at.inside(value, key), object.get(*key)?));
                let head: Vec<String> = std::iter::once(key).chain(head).collect();
                let head: Vec<&str> = head.iter().map(String::as_str).collect();
                self.push(level, &head);
                for (key, inner) in object.iter().filter(|(key, _)| !said.contains(&key.as_str())) {
                    self.member(level + 1, &at, value, (key, inner));
                }
            }
            scalar => {
                let text = self.speech.value(&at, scalar);
                self.push(level, &[&key, &text]);
            }
        }
    }

    /// One item of a list: what tells it apart, its title and what else fits on the line; the rest below.
    fn item(&mut self, level: usize, at: &Spot, value: &Json) {
        let Some(object) = value.as_object().filter(|_| level <= MOST_LEVELS) else {
            let text = self.plain(at, value).unwrap_or_else(|| value.to_string());
            self.push(level, &[&text]);
            return;
        };
        if let Some(condition) = self.condition(at, value) {
            self.push(level, &[&condition]);
            return;
        }
        let identity = IDENTITIES.into_iter().find(|key| object.contains_key(*key));
        let mut head = Vec::new();
        let mut below = Vec::new();
        for key in identity.into_iter().chain(["title"]) {
            let said = object.get(key).and_then(|own| self.plain(&at.inside(value, key), own));
            head.extend(said.filter(|text| !text.contains('\n')));
        }
        for (key, inner) in object.iter().filter(|(key, _)| Some(key.as_str()) != identity && *key != "title")
        {
            let there = at.inside(value, key);
            match self.plain(&there, inner).filter(|text| !text.contains('\n')) {
                Some(text) => head.push(self.speech.pair(&self.speech.key(at, &there, key), &text)),
                None => below.push((key, inner)),
            }
        }
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        self.push(level, if head.is_empty() { &["·"] } else { &head });
        for (key, inner) in below {
            self.member(level + 1, at, value, (key, inner));
        }
    }

    /// A condition on one line, where one stands.
    fn condition(&self, at: &Spot, value: &Json) -> Option<String> {
        let may_be = value.is_object() && at.node.is_none_or(|node| node.sort() == Sort::Condition);
        if may_be { self.speech.condition(at, value) } else { None }
    }

    fn plain_list(&self, at: &Spot, whole: &Json, list: &[Json]) -> Option<String> {
        let one = |(index, one): (usize, &Json)| self.plain(&at.inside(whole, &index.to_string()), one);
        let texts: Option<Vec<String>> = list.iter().enumerate().map(one).collect();
        texts.map(|texts| texts.join(", ")).filter(|text| !text.contains('\n'))
    }

    fn plain(&self, at: &Spot, value: &Json) -> Option<String> {
        match value {
            Json::Array(_) | Json::Object(_) => None,
            other => Some(self.speech.value(at, other)),
        }
    }
}

/// What is tested here, and words for tests of others.
#[cfg(test)]
pub mod tests {
    use kontor_model::definition::DefinitionKind;
    use serde_json::json;

    use super::*;

    /// The words of the meta-schema as they stand, and values as they are written.
    pub struct AsWritten;

    impl Speech for AsWritten {
        fn key(&self, _: &Spot, at: &Spot, key: &str) -> String {
            let title = at.node.map(|node| node.text("title")).filter(|title| !title.is_empty());
            title.unwrap_or(key).to_owned()
        }

        fn value(&self, _: &Spot, value: &Json) -> String {
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        }

        fn condition(&self, _: &Spot, value: &Json) -> Option<String> {
            let object = value.as_object().filter(|object| object.len() == 2)?;
            let field = object.get("field")?.as_str()?;
            let (operator, value) = object.iter().find(|(key, _)| *key != "field")?;
            Some(format!("{field} {operator} {}", value.as_str()?))
        }

        fn pair(&self, key: &str, value: &str) -> String {
            format!("{key}: {value}")
        }
    }

    #[test]
    fn a_definition_reads_without_signs() {
        let entity = json!({
            "name": "trip", "title": "Trip",
            "properties": {
                "cost": { "kind": "money", "title": "Cost", "minimum": 0, "required_when": { "field": "state", "eq": "done" } },
                "state": { "kind": "choice", "title": "State", "oneOf": [ { "const": "open", "title": "Open", "color": "slate" } ] },
                "note": { "kind": "text", "title": "Note", "maxLength": 200, "help": "one\ntwo" }
            },
            "required": ["cost", "state"],
            "rules": [ { "name": "cheap", "when": { "all": [ { "field": "cost", "lt": "5" } ] }, "message": "Too cheap" } ]
        });
        let at = Spot { node: Node::of_kind(DefinitionKind::Entity), pointer: String::new() };
        assert_eq!(
            lines(&AsWritten, &at, &entity),
            [
                "Name   trip",
                "Title   Trip",
                "Fields",
                "  cost   money   Cost",
                "    Minimum   0",
                "    Required when   state eq done",
                "  state   choice   State",
                "    Options",
                "      open   Open   Colour: slate",
                "  note   text   Note",
                "    Longest   200",
                "    Help",
                "      one",
                "      two",
                "Required fields   cost, state",
                "Rules",
                "  cheap   Message: Too cheap",
                "    What is wrong",
                "      All of",
                "        cost lt 5",
            ]
        );
        // What no schema knows keeps its names.
        let nowhere = Spot { node: None, pointer: String::new() };
        assert_eq!(lines(&AsWritten, &nowhere, &json!({ "maxLength": 200 })), ["maxLength   200"]);
    }
}
