//! What is left of an entity that somebody broke by hand: everything but the parts that are wrong, so that records, and
//! all that refers to them, go on. The definition still counts as broken: it is listed, and cannot be published so.

use std::collections::{BTreeMap, BTreeSet};

use crate::Json;
use crate::problem::{Problem, Problems};

/// How a field gets its values. Without it the field keeps those that it has, and nobody writes it.
const SOURCES: [&str; 3] = ["formula", "rollup", "copy"];
/// What a field can be without. Not what its columns are made of, nor what keeps it secret.
const SPARED: [&str; 10] = [
    "default",
    "help",
    "placeholder",
    "back",
    "rate_date",
    "names",
    "visible_when",
    "required_when",
    "readonly_when",
    "options_when",
];
/// Lists of an entity that can be without one of their items.
const LISTS: [&str; 6] = ["rules", "duplicates", "unique", "indexes", "search", "required"];

/// What of an entity was left out so far.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut {
    /// Fields that keep their values as they are.
    pub(super) stuck: BTreeSet<String>,
    /// Fields that are not there.
    fields: BTreeSet<String>,
}

impl LeftOut {
    /// Whether a problem only says that something is not there which was left out itself.
    pub(super) fn explains(&self, problem: &Problem) -> bool {
        let mut named = problem.parameters.iter().filter(|(name, _)| matches!(*name, "field" | "name"));
        problem.code.contains("unknown") && named.any(|(_, value)| self.fields.contains(value))
    }

    /// The definition without what the problems are about; `None` when it cannot be without that.
    pub(super) fn reduce(&mut self, definition: &Json, problems: &Problems) -> Option<Json> {
        let mut reduced = definition.clone();
        let whole = reduced.as_object_mut()?;
        // Items are taken out last, so that the places of the others stay what the problems say.
        let mut items: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for problem in problems.iter().filter(|problem| !problem.warning) {
            let path: Vec<String> = problem.path.split('/').skip(1).map(unescaped).collect();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match path.as_slice() {
                ["properties", field, rest @ ..] => {
                    let properties = whole.get_mut("properties")?.as_object_mut()?;
                    let at = rest.first().copied().unwrap_or_default();
                    match properties.get_mut(*field).and_then(Json::as_object_mut) {
                        Some(own) if SOURCES.contains(&at) && own.contains_key(at) => {
                            own.shift_remove(at);
                            self.stuck.insert((*field).to_owned());
                        }
                        Some(own) if SPARED.contains(&at) && own.contains_key(at) => {
                            own.shift_remove(at);
                            // When it may be changed is not known any more.
                            if at == "readonly_when" {
                                self.stuck.insert((*field).to_owned());
                            }
                        }
                        _ => {
                            properties.shift_remove(*field);
                            self.fields.insert((*field).to_owned());
                        }
                    }
                }
                ["display"] => {
                    whole.shift_remove("display");
                }
                [list, item, ..] if LISTS.contains(list) => {
                    items.entry((*list).to_owned()).or_default().insert(item.parse().ok()?);
                }
                _ => return None,
            }
        }
        for (list, places) in items {
            let list = whole.get_mut(&list)?.as_array_mut()?;
            for place in places.into_iter().rev().filter(|place| *place < list.len()).collect::<Vec<_>>() {
                list.remove(place);
            }
        }
        (reduced != *definition).then_some(reduced)
    }
}

/// A part of a JSON pointer as it was written.
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}
