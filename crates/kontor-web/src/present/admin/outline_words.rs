//! The outline of a definition in a reader's words: keys by the titles of the meta-schema, kinds and options by theirs, fields
//! and definitions by their labels, conditions as people say them.

use kontor_core::definitions::places::Place;
use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_model::kind;
use serde_json::json;

use super::outline::{self, Speech, Spot};
use super::said::Said;
use super::shape::Known;
use super::shape::names::Named;
use super::shape::node::{Node, Sort};
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// Conditions inside each other that one line says.
const DEEPEST: usize = 3;
/// So many characters of a text are said where it stands.
const SHORT: usize = 60;
/// Where the fields of an entity stand.
const FIELDS: &str = "/properties";

/// One side of what a draft changes at a place, line by line.
pub fn lines(reading: &Reading<'_>, draft: &Draft<'_>, place: &Place, side: &Json) -> Vec<String> {
    let root = Spot { node: Node::of_kind(place.kind), pointer: String::new() };
    // A field is told below its name, and says what it says below the fields of its entity.
    let is_field = place.field().is_some();
    let whole = if is_field { json!({ "properties": side }) } else { side.clone() };
    let at = if is_field { root.inside(&whole, "properties") } else { root };
    let words = Words {
        known: Known { reading, draft, model: &reading.session.model, kind: place.kind, whole: &whole },
        said: Said::new(reading, draft).in_workflow(&whole),
        own: &place.name,
    };
    outline::lines(&words, &at, side)
}

/// Where in a definition a pointer leads: "Columns › Stage". Texts of the definition are said when they are short.
pub fn place(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    (kind, name, json): (DefinitionKind, &str, &Json),
    pointer: &str,
) -> String {
    let words = Words {
        known: Known { reading, draft, model: &reading.session.model, kind, whole: json },
        said: Said::new(reading, draft).in_workflow(json),
        own: name,
    };
    let mut at = Spot { node: Node::of_kind(kind), pointer: String::new() };
    let (mut here, mut told) = (json, Vec::new());
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let inner = at.inside(here, &part);
        let next = match here {
            Json::Array(list) => part.parse::<usize>().ok().and_then(|index| list.get(index)),
            other => other.get(part.as_str()),
        };
        match (here, next) {
            // Of an item that is a text the text is said.
            (Json::Array(_), Some(Json::String(_))) => {}
            (Json::Array(_), item) => told.push(item_name(item, &part)),
            _ => told.push(words.key(&at, &inner, &part)),
        }
        let Some(next) = next else { break };
        (here, at) = (next, inner);
    }
    if here.as_str().is_some_and(|own| own.chars().count() <= SHORT) {
        told.push(words.value(&at, here));
    }
    told.join(" › ")
}

/// What an item of a list is called, or which one it is.
fn item_name(item: Option<&Json>, index: &str) -> String {
    let own =
        item.and_then(|item| ["title", "name"].iter().map(|key| text(item, key)).find(|own| !own.is_empty()));
    own.map_or_else(
        || index.parse::<usize>().map_or_else(|_| index.to_owned(), |index| (index + 1).to_string()),
        str::to_owned,
    )
}

struct Words<'a> {
    known: Known<'a>,
    said: Said<'a>,
    /// The name of the definition.
    own: &'a str,
}

impl Words<'_> {
    /// The entity whose fields are named at a pointer.
    fn entity(&self, pointer: &str) -> String {
        if self.known.kind != DefinitionKind::Entity {
            return self.known.entity(pointer).unwrap_or_default();
        }
        let key = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
        let mut here = pointer;
        while let Some((above, _)) = here.rsplit_once('/') {
            let Some(holder) = self.known.whole.pointer(above).filter(|_| above != FIELDS) else { break };
            // Roll-ups gather records that point here; rows say by which of their own fields they belong here.
            if let Some((entity, _)) = text(holder, "of").split_once('.') {
                return entity.to_owned();
            }
            if matches!(key, "by" | "order") && above.starts_with(FIELDS) && !text(holder, "to").is_empty() {
                return text(holder, "to").to_owned();
            }
            here = above;
        }
        self.own.to_owned()
    }

    fn definition(&self, kind: DefinitionKind, name: &str) -> String {
        let reading = self.known.reading;
        if let Some(json) = self.known.draft.definition(kind, name) {
            return reading.definition_title(kind, name, json);
        }
        match self.known.model.entity(name) {
            Some(entity) if kind == DefinitionKind::Entity => reading.title_of(entity),
            _ => name.to_owned(),
        }
    }

    /// What a name stands for, by its title; the name itself where nothing is known of it.
    fn named(&self, pointer: &str, named: &Named, own: &str) -> String {
        match named {
            Named::Definition(kind) => self.definition(*kind, own),
            Named::Field { .. } => {
                let entity = self.entity(pointer);
                match own.strip_prefix('-') {
                    Some(field) => {
                        let label = self.said.path_label(&entity, field);
                        self.known.reading.words().with("shape.descending", &[("field", &label)])
                    }
                    None => self.said.path_label(&entity, own),
                }
            }
            Named::OptionOf(entity, field) => self.said.value(entity, field, &own.into()),
            Named::Measure(_) | Named::Given { .. } | Named::Icon | Named::Input | Named::Nothing => {
                own.to_owned()
            }
        }
    }

    fn text(&self, at: &Spot, own: &str) -> String {
        let reading = self.known.reading;
        let key = at.key();
        if key == "kind" && kind::find(own).is_some() {
            return reading.schema_word(key, own);
        }
        let Some(node) = at.node else { return own.to_owned() };
        match node.sort() {
            Sort::Choice(_) => return reading.schema_word(key, own),
            Sort::Either(words) if words.iter().any(|word| word == own) => {
                return reading.schema_word(key, own);
            }
            // A field by its name alone.
            Sort::Short(_) => {
                return self.named(&at.pointer, &Named::Field { path: true, sign: false }, own);
            }
            _ => {}
        }
        self.named(&at.pointer, &self.known.named(&at.pointer, &node), own)
    }
}

impl Speech for Words<'_> {
    fn key(&self, holder: &Spot, at: &Spot, key: &str) -> String {
        let reading = self.known.reading;
        if holder.node.is_some_and(|node| node.sort() == Sort::Map) {
            return match self.known.keys(&holder.pointer) {
                Named::Nothing => key.to_owned(),
                named => self.named(&at.pointer, &named, key),
            };
        }
        let title = at.node.map(|node| node.text("title")).unwrap_or_default();
        match (title, key) {
            // Said beside the field, though the entity says it in a list.
            ("", "required") => reading.t("entity.required"),
            ("", key) => key.to_owned(),
            (title, _) => reading.schema_text(title),
        }
    }

    fn value(&self, at: &Spot, value: &Json) -> String {
        let reading = self.known.reading;
        match value {
            Json::Null => reading.t("value.empty"),
            Json::Bool(flag) => reading.t(if *flag { "yes" } else { "no" }),
            Json::Number(number) => reading.format.conventions.typed(&number.to_string()),
            Json::String(own) => self.text(at, own),
            Json::Array(_) | Json::Object(_) => value.to_string(),
        }
    }

    fn condition(&self, at: &Spot, value: &Json) -> Option<String> {
        says_all(value, 0).then(|| self.said.condition(&self.entity(&at.pointer), value))
    }

    fn pair(&self, key: &str, value: &str) -> String {
        format!("{key}{}{value}", self.known.reading.t("form.colon"))
    }
}

/// Whether one line says all that a condition says.
fn says_all(filter: &Json, depth: usize) -> bool {
    let Some(object) = filter.as_object().filter(|_| depth <= DEEPEST) else { return false };
    let is_alone = object.len() == 1;
    for key in ["all", "any"] {
        if let Some(list) = object.get(key) {
            let list = list.as_array().filter(|list| is_alone && !list.is_empty());
            return list.is_some_and(|list| list.iter().all(|one| says_all(one, depth + 1)));
        }
    }
    if let Some(inner) = object.get("not") {
        return is_alone && says_all(inner, depth + 1);
    }
    if object.contains_key("has") || object.contains_key("has_no") {
        return is_alone;
    }
    let is_simple = |value: &Json| match value {
        Json::Array(_) => false,
        Json::Object(one) => {
            one.len() == 1 && one.values().all(|value| !value.is_object() && !value.is_array())
        }
        _ => true,
    };
    object.len() == 2
        && object.get("field").is_some_and(Json::is_string)
        && object.iter().filter(|(key, _)| *key != "field").all(|(_, value)| match value {
            Json::Array(list) => list.iter().all(is_simple),
            other => is_simple(other),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_all_of_a_condition_or_nothing() {
        for (filter, is_said) in [
            (json!({ "field": "stage", "eq": "lost" }), true),
            (json!({ "field": "stage", "in": ["lost", "won"] }), true),
            (json!({ "field": "day", "gt": { "now": "+3d" } }), true),
            (json!({ "all": [ { "field": "a", "eq": 1 }, { "not": { "has": "lines" } } ] }), true),
            (json!({ "has": "lines", "where": { "field": "a", "eq": 1 } }), false),
            (json!({ "field": "a", "gt": 1, "lt": 5 }), false),
            (json!({ "field": "a", "eq": { "given": "Ann", "family": "Lee" } }), false),
            (json!({ "all": [], "any": [] }), false),
            (json!({}), false),
        ] {
            assert_eq!(says_all(&filter, 0), is_said, "{filter}");
        }
    }
}
