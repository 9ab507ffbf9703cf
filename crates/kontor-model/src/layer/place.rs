//! A place inside a definition that means the same in every layer: a pointer whose steps into lists are the identities
//! of items and not their positions.

use super::array::{identity, place};
use crate::Json;
use crate::filter::escape;

/// One step of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A member of an object.
    Key(String),
    /// The item of that identity.
    Item(String),
    /// An item that has none, by its position.
    Index(usize),
}

/// A place inside a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(Vec<Step>);

impl Place {
    /// The place of a JSON pointer into one state of a definition; `None` when nothing is there.
    pub fn of_pointer(whole: &Json, pointer: &str) -> Option<Self> {
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
                    steps.push(
                        identity(here).map_or(Step::Index(index), |known| Step::Item(known.to_owned())),
                    );
                }
                _ => return None,
            }
        }
        Some(Self(steps))
    }

    /// The JSON pointer of the place in one state of a definition; `None` when nothing is there.
    pub fn pointer_in(&self, whole: &Json) -> Option<String> {
        let mut here = whole;
        let mut pointer = String::new();
        for step in &self.0 {
            let (part, next) = match step {
                Step::Key(key) => (escape(key), here.get(key)?),
                Step::Index(index) => (index.to_string(), here.get(*index)?),
                Step::Item(known) => {
                    let list = here.as_array()?;
                    let at = place(list, known)?;
                    (at.to_string(), list.get(at)?)
                }
            };
            pointer.push('/');
            pointer.push_str(&part);
            here = next;
        }
        Some(pointer)
    }

    /// The places on the way to this one, from the outermost, and itself; the whole is none of them.
    pub(super) fn way(&self) -> impl Iterator<Item = Self> {
        (1..=self.0.len()).map(|count| Self(self.0.iter().take(count).cloned().collect()))
    }

    /// The place one step further in.
    pub(super) fn key(&self, key: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Key(key.to_owned()));
        Self(steps)
    }

    /// The place of an item.
    pub(super) fn item(&self, known: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Item(known.to_owned()));
        Self(steps)
    }

    /// As text: like a pointer, with identities where lists are entered: `/oneOf/won/title`.
    pub fn as_text(&self) -> String {
        let mut text = String::new();
        for step in &self.0 {
            text.push('/');
            match step {
                Step::Key(part) | Step::Item(part) => text.push_str(&escape(part)),
                Step::Index(index) => text.push_str(&index.to_string()),
            }
        }
        text
    }
}

/// The value at a place.
pub fn value_at<'j>(whole: &'j Json, place_of: &Place) -> Option<&'j Json> {
    let mut here = whole;
    for step in &place_of.0 {
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

/// The definition with another value at a place, or without it. What leads there must exist; an item that comes back goes
/// to the end of its list.
pub fn with_value_at(whole: &Json, place_of: &Place, value: Option<Json>) -> Option<Json> {
    let mut changed = whole.clone();
    let Some((last, way)) = place_of.0.split_last() else { return value };
    let mut here = &mut changed;
    for step in way {
        here = match step {
            Step::Key(key) => here.get_mut(key)?,
            Step::Index(index) => here.get_mut(*index)?,
            Step::Item(known) => {
                let list = here.as_array_mut()?;
                let at = place(list, known)?;
                list.get_mut(at)?
            }
        };
    }
    match (last, here, value) {
        (Step::Key(key), Json::Object(object), Some(value)) => drop(object.insert(key.clone(), value)),
        (Step::Key(key), Json::Object(object), None) => drop(object.shift_remove(key)),
        (step, Json::Array(list), value) => {
            let at = match step {
                Step::Index(index) => Some(*index).filter(|index| *index < list.len()),
                Step::Item(known) => place(list, known),
                Step::Key(_) => return None,
            };
            match (at, value) {
                (Some(at), Some(value)) => *list.get_mut(at)? = value,
                (Some(at), None) => drop(list.remove(at)),
                (None, Some(value)) => list.push(value),
                (None, None) => {}
            }
        }
        _ => return None,
    }
    Some(changed)
}
