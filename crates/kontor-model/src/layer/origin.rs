//! Where a value comes from: the last layer that changed it.

use super::array::{identity, place};
use super::effective::apply;
use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};

/// One step of a pointer that means the same in every layer.
enum Step {
    Key(String),
    Item(String),
    Index(usize),
}

/// The layer that the value at a pointer of the effective definition comes from; `None` when there is no such value.
pub fn origin<'a>(
    layers: &'a [(String, DefinitionSet)],
    kind: DefinitionKind,
    name: &str,
    pointer: &str,
) -> Option<&'a str> {
    let id = (kind, name.to_owned());
    let mut states: Vec<(&str, Json)> = Vec::new();
    for (layer, set) in layers {
        let Some(json) = set.get(&id) else { continue };
        let below = states.last().map(|(_, state)| state.clone());
        if let Ok(Some(state)) = apply(below, layer, kind, json) {
            states.push((layer, state));
        } else {
            states.clear();
        }
    }
    let steps = steps(&states.last()?.1, pointer)?;
    let wanted = value(&states.last()?.1, &steps)?.clone();
    let mut from = None;
    for (layer, state) in states.iter().rev() {
        if value(state, &steps) != Some(&wanted) {
            break;
        }
        from = Some(*layer);
    }
    from
}

/// The steps of a pointer, array indexes turned into identities.
fn steps(whole: &Json, pointer: &str) -> Option<Vec<Step>> {
    let mut here = whole;
    let mut steps = Vec::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        match here {
            Json::Object(object) => {
                here = object.get(&part)?;
                steps.push(Step::Key(part));
            }
            Json::Array(list) => {
                let index: usize = part.parse().ok()?;
                here = list.get(index)?;
                steps.push(identity(here).map_or(Step::Index(index), |known| Step::Item(known.to_owned())));
            }
            _ => return None,
        }
    }
    Some(steps)
}

fn value<'j>(whole: &'j Json, steps: &[Step]) -> Option<&'j Json> {
    let mut here = whole;
    for step in steps {
        here = match step {
            Step::Key(key) => here.get(key)?,
            Step::Index(index) => here.get(*index)?,
            Step::Item(known) => {
                let list = here.as_array()?;
                list.get(place(list, known)?)?
            }
        };
    }
    Some(here)
}
