//! What items of lists are called, and what else is said of them while they are closed.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;

use super::draw::{Drawing, long};
use super::names::Named;
use super::node::{Node, Sort};

/// Letters of an item that are shown.
const MOST: usize = 80;
/// Names of a list that are said while it is closed; of more, how many there are.
const FEW: usize = 3;

impl Drawing<'_> {
    /// What an item is, in words.
    pub(super) fn item_label(&self, node: &Node<'_>, value: &Json, at: &str, index: usize) -> String {
        let reading = self.known.reading;
        if let Some(title) = value.get("title").and_then(Json::as_str).filter(|title| !title.is_empty()) {
            return title.to_owned();
        }
        if let Some(passage) = self.passage(node, value, at) {
            return passage;
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
        let passage = self.passage(node, value, at);
        let is_passage = passage.is_some();
        let is_titled = value.get("title").is_some_and(|title| title != "");
        let mut said: Vec<String> = passage.filter(|_| is_titled).into_iter().collect();
        for (key, member) in members {
            let Some(own) = value.get(key).filter(|_| !is_passage || !matches!(key, "from" | "to")) else {
                continue;
            };
            match (member.sort(), own) {
                (Sort::Choice(_), Json::String(word)) => said.push(self.word(word, key)),
                (Sort::Number(_), Json::Number(number)) => {
                    said.push(format!("{} {number}", self.known.reading.schema_text(member.text("title"))));
                }
                (Sort::List, Json::Array(list)) => {
                    let reading = self.known.reading;
                    let title = reading.schema_text(member.text("title"));
                    match self.few(&member, list, &format!("{at}/{key}")) {
                        Some(names) => said.push(format!("{title}{}{names}", reading.t("form.colon"))),
                        None => said.push(format!("{title} {}", list.len())),
                    }
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

    /// A move between stages, "Draft → Out"; `None` for what is none.
    fn passage(&self, node: &Node<'_>, value: &Json, at: &str) -> Option<String> {
        if self.known.kind != DefinitionKind::Process {
            return None;
        }
        let from = value.get("from")?.as_array().filter(|from| !from.is_empty())?;
        let to = value.get("to")?.as_str()?;
        let (_, member) = node.members(Some(value)).into_iter().find(|(key, _)| *key == "to")?;
        let stage = |pointer: &str, own: &str| {
            let named = self.known.named(pointer, &member);
            self.known.label(pointer, &named, own)
        };
        let from = from
            .iter()
            .enumerate()
            .filter_map(|(index, own)| Some(stage(&format!("{at}/from/{index}"), own.as_str()?)));
        let from = from.collect::<Vec<_>>().join(&self.known.reading.t("said.comma"));
        Some(format!("{from} → {}", stage(&format!("{at}/to"), to)))
    }

    /// The few names that a list is made of, by their titles; `None` for a list of more, or of anything else.
    fn few(&self, member: &Node<'_>, list: &[Json], at: &str) -> Option<String> {
        let item = member.item()?;
        let names = list.iter().enumerate().map(|(index, own)| {
            let pointer = format!("{at}/{index}");
            let own = own.as_str()?;
            Some(self.known.label(&pointer, &self.known.named(&pointer, &item), own))
        });
        let names: Vec<String> = names.collect::<Option<_>>()?;
        (1..=FEW).contains(&names.len()).then(|| names.join(&self.known.reading.t("said.comma")))
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
