//! What items of lists are called, and what else is said of them while they are closed.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;

use super::draw::{Drawing, long};
use super::names::Named;
use super::node::{Node, Sort};

/// Letters of an item that are shown.
const MOST: usize = 80;

impl Drawing<'_> {
    /// What an item is, in words.
    pub(super) fn item_label(&self, node: &Node<'_>, value: &Json, at: &str, index: usize) -> String {
        let reading = self.known.reading;
        if let Some(title) = value.get("title").and_then(Json::as_str).filter(|title| !title.is_empty()) {
            return title.to_owned();
        }
        let long = long(value);
        for (key, member) in node.members(Some(&long)) {
            let Some(own) = long.get(key).and_then(Json::as_str).filter(|own| !own.is_empty()) else {
                continue;
            };
            let pointer = format!("{at}/{key}");
            match self.known.named(&pointer, &member) {
                Named::Nothing | Named::Icon => {}
                Named::Definition(DefinitionKind::Entity) => {
                    let known = self.known.model.entity(own);
                    return known.map_or_else(|| own.to_owned(), |entity| reading.plural_of(entity));
                }
                named => return self.known.label(&pointer, &named, own),
            }
            if key == "do" {
                return self.word(own, key);
            }
        }
        let texts =
            ["text", "const", "name", "as"].into_iter().find_map(|key| long.get(key).and_then(Json::as_str));
        match texts {
            Some(own) => own.chars().take(MOST).collect(),
            None => reading.words().with("shape.item", &[("number", &(index + 1).to_string())]),
        }
    }

    /// What else an item says, in a few words.
    pub(super) fn item_note(&self, node: &Node<'_>, value: &Json, at: &str) -> String {
        let members = node.members(Some(value));
        let mut said = Vec::new();
        for (key, member) in members {
            let Some(own) = value.get(key) else { continue };
            match (member.sort(), own) {
                (Sort::Choice(_), Json::String(word)) => said.push(self.word(word, key)),
                (Sort::Number(_), Json::Number(number)) => {
                    said.push(format!("{} {number}", self.known.reading.schema_text(member.text("title"))));
                }
                (Sort::List, Json::Array(list)) => {
                    let title = self.known.reading.schema_text(member.text("title"));
                    said.push(format!("{title} {}", list.len()));
                }
                (Sort::Text(false), Json::String(name)) if value.get("title").is_some() => {
                    let pointer = format!("{at}/{key}");
                    match self.known.named(&pointer, &member) {
                        Named::Nothing | Named::Icon => {}
                        named => said.push(self.known.label(&pointer, &named, name)),
                    }
                }
                _ => {}
            }
        }
        said.join(" · ")
    }

    pub(super) fn entry_note(&self, node: &Node<'_>, value: &Json) -> String {
        let said = node.members(Some(value)).into_iter().filter_map(|(key, member)| {
            let own = value.get(key)?;
            let title = self.known.reading.schema_text(member.text("title"));
            match own {
                Json::Bool(true) => Some(title),
                Json::String(word) => Some(format!("{title}: {}", self.word(word, key))),
                _ => None,
            }
        });
        said.collect::<Vec<_>>().join(" · ")
    }
}
