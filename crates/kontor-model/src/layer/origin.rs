//! Where a value comes from: the last layer that changed it, and what the layers below it say.

use super::effective::apply;
use super::place::{Place, value_at};
use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::filter::escape;

/// One value of an effective definition with the layer that says it.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerValue {
    /// JSON pointer into the effective definition, or into the state below where the value was taken away.
    pub pointer: String,
    /// The same place in every layer.
    pub place: Place,
    /// The value; `None` where the layer takes away what a lower one says.
    pub value: Option<Json>,
    /// The layer that says so.
    pub layer: String,
    /// The next layer below that says something else or nothing, and its value.
    pub below: Option<(String, Option<Json>)>,
}

/// The definition after each layer that says something of it, lowest first.
fn states<'a>(
    layers: &'a [(String, DefinitionSet)],
    kind: DefinitionKind,
    name: &str,
) -> Vec<(&'a str, Json)> {
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
    states
}

/// The layer that the value at a pointer of the effective definition comes from; `None` when there is no such value.
pub fn origin<'a>(
    layers: &'a [(String, DefinitionSet)],
    kind: DefinitionKind,
    name: &str,
    pointer: &str,
) -> Option<&'a str> {
    let states = states(layers, kind, name);
    let place = Place::of_pointer(&states.last()?.1, pointer)?;
    says(&states, &place).map(|(layer, _)| layer)
}

/// The lowest layer from which on the value is what it is at the end, and the state just below it.
fn says<'s, 'a>(
    states: &'s [(&'a str, Json)],
    place: &Place,
) -> Option<(&'a str, Option<&'s (&'a str, Json)>)> {
    let wanted = value_at(&states.last()?.1, place);
    let same = states.iter().rev().take_while(|(_, state)| value_at(state, place) == wanted).count();
    let first = states.len().checked_sub(same)?;
    let (layer, _) = states.get(first)?;
    Some((layer, first.checked_sub(1).and_then(|below| states.get(below))))
}

/// Every value of an effective definition with where it comes from, and the values that a layer took away. Texts, numbers
/// and lists whose items have no identity are values; objects and other lists are entered.
pub fn values(layers: &[(String, DefinitionSet)], kind: DefinitionKind, name: &str) -> Vec<LayerValue> {
    let states = states(layers, kind, name);
    let Some((_, whole)) = states.last() else { return Vec::new() };
    let mut found: Vec<LayerValue> = Vec::new();
    for pointer in leaves(whole) {
        let Some(place) = Place::of_pointer(whole, &pointer) else { continue };
        let Some((layer, under)) = says(&states, &place) else { continue };
        let is_uppermost = states.last().is_some_and(|(last, _)| *last == layer);
        // What the uppermost layer added is one value, however much is inside it.
        let (pointer, place) = match under.filter(|_| is_uppermost) {
            Some((_, state)) => added(whole, state, &place).unwrap_or((pointer, place)),
            None => (pointer, place),
        };
        if is_uppermost && found.iter().any(|one| one.place == place) {
            continue;
        }
        found.push(LayerValue {
            value: value_at(whole, &place).cloned(),
            layer: layer.to_owned(),
            below: under.map(|(layer, state)| ((*layer).to_owned(), value_at(state, &place).cloned())),
            pointer,
            place,
        });
    }
    // What is below and no longer there was taken away.
    for (index, (_, state)) in states.iter().enumerate().rev().skip(1) {
        for pointer in leaves(state) {
            let Some(place) = Place::of_pointer(state, &pointer) else { continue };
            let is_known = found.iter().any(|one| one.place == place);
            if is_known || value_at(whole, &place).is_some() {
                continue;
            }
            let by = states.iter().skip(index + 1).find(|(_, above)| value_at(above, &place).is_none());
            let Some((by, _)) = by else { continue };
            let under = states.get(index);
            found.push(LayerValue {
                value: None,
                layer: (*by).to_owned(),
                below: under.map(|(layer, state)| ((*layer).to_owned(), value_at(state, &place).cloned())),
                pointer,
                place,
            });
        }
    }
    found
}

/// The outermost part on the way to a place that the state below does not have; the place itself when it has all.
fn added(whole: &Json, below: &Json, place: &Place) -> Option<(String, Place)> {
    let outermost = place.way().find(|part| value_at(below, part).is_none())?;
    Some((outermost.pointer_in(whole)?, outermost))
}

/// Pointers to everything that is a value by itself.
fn leaves(json: &Json) -> Vec<String> {
    fn walk(json: &Json, at: &str, found: &mut Vec<String>) {
        match json {
            Json::Object(object) if !object.is_empty() => {
                for (key, value) in object {
                    walk(value, &format!("{at}/{}", escape(key)), found);
                }
            }
            Json::Array(list)
                if !list.is_empty() && list.iter().all(|item| super::array::identity(item).is_some()) =>
            {
                for (index, value) in list.iter().enumerate() {
                    walk(value, &format!("{at}/{index}"), found);
                }
            }
            _ => found.push(at.to_owned()),
        }
    }
    let mut found = Vec::new();
    walk(json, "", &mut found);
    found
}
