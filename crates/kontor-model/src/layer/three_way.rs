//! Three-way merge of a definition: what the layers below said before, what they say now, and what stands above them.
//! Every value that differs is listed, and for each of them one may choose the other side.

use std::collections::HashSet;

use serde_json::Map;

use super::array::{identity, place as place_of};
use super::place::Place;
use crate::Json;

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MergeState {
    /// Only the layers below changed it.
    Taken,
    /// Only the upper layer changed it.
    Kept,
    /// Both changed it, and not to the same.
    Conflict,
}

impl MergeState {
    /// taken, kept or conflict.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Kept => "kept",
            Self::Conflict => "conflict",
        }
    }
}

/// Whose value a merge uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// That of the layers below: the pack's.
    Theirs,
    /// That of the upper layer: the workspace's.
    Ours,
}

impl Side {
    /// theirs or ours.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Theirs => "theirs",
            Self::Ours => "ours",
        }
    }
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedValue {
    /// Where, as text: see [`Place::as_text`].
    pub place: String,
    /// What became of it.
    pub state: MergeState,
    /// What the layers below said.
    pub before: Option<Json>,
    /// What they say now.
    pub theirs: Option<Json>,
    /// What stands above.
    pub ours: Option<Json>,
    /// Which of the two is used.
    pub side: Side,
}

impl MergedValue {
    /// Whether what the upper layer changed is no longer below.
    pub fn is_vanished(&self) -> bool {
        self.state == MergeState::Conflict && self.theirs.is_none() && self.before.is_some()
    }
}

/// A merged definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merging {
    /// The definition; `None` when there is none any more.
    pub whole: Option<Json>,
    /// Every value that differs, in the order of the definition.
    pub values: Vec<MergedValue>,
}

/// Merges: `before` and `theirs` are what is below, earlier and now, `ours` is what stands above `before`. `choose` says
/// for a place whose value is used instead of the usual one: theirs when taken, ours when kept or in conflict.
pub fn three_way(
    before: Option<&Json>,
    theirs: Option<&Json>,
    ours: Option<&Json>,
    choose: &dyn Fn(&str) -> Option<Side>,
) -> Merging {
    let mut merge = Merge { choose, values: Vec::new() };
    let whole = merge.value(&Place::default(), before, theirs, ours);
    Merging { whole, values: merge.values }
}

struct Merge<'c> {
    choose: &'c dyn Fn(&str) -> Option<Side>,
    values: Vec<MergedValue>,
}

/// Equal, with the order of members.
fn is_equal(left: Option<&Json>, right: Option<&Json>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left == right && is_ordered_alike(left, right),
        (left, right) => left.is_none() && right.is_none(),
    }
}

fn is_ordered_alike(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            left.keys().eq(right.keys())
                && left.values().zip(right.values()).all(|(one, other)| is_ordered_alike(one, other))
        }
        (Json::Array(left), Json::Array(right)) => {
            left.iter().zip(right).all(|(one, other)| is_ordered_alike(one, other))
        }
        _ => true,
    }
}

/// The items of a list whose items can be told apart; nothing of a list is an empty one.
fn items(json: Option<&Json>) -> Option<Vec<(&str, &Json)>> {
    let Some(json) = json else { return Some(Vec::new()) };
    let mut seen = HashSet::new();
    json.as_array()?
        .iter()
        .map(|item| identity(item).filter(|known| seen.insert(*known)).map(|known| (known, item)))
        .collect()
}

impl Merge<'_> {
    fn value(
        &mut self,
        at: &Place,
        before: Option<&Json>,
        theirs: Option<&Json>,
        ours: Option<&Json>,
    ) -> Option<Json> {
        if is_equal(theirs, ours) {
            return ours.cloned();
        }
        match (theirs, ours) {
            (Some(Json::Object(theirs)), Some(Json::Object(ours))) => {
                let before = before.and_then(Json::as_object);
                return Some(Json::Object(self.object(at, before, theirs, ours)));
            }
            (Some(Json::Array(_)), Some(Json::Array(_))) => {
                let lists = (items(before.filter(|json| json.is_array())), items(theirs), items(ours));
                if let (Some(before), Some(theirs), Some(ours)) = lists {
                    return Some(Json::Array(self.list(at, &before, &theirs, &ours)));
                }
            }
            _ => {}
        }
        let state = match (is_equal(before, ours), is_equal(before, theirs)) {
            (true, _) => MergeState::Taken,
            (false, true) => MergeState::Kept,
            (false, false) => MergeState::Conflict,
        };
        let place = at.as_text();
        let usual = if state == MergeState::Taken { Side::Theirs } else { Side::Ours };
        let side = (self.choose)(&place).unwrap_or(usual);
        let chosen = if side == Side::Theirs { theirs } else { ours };
        self.values.push(MergedValue {
            place,
            state,
            before: before.cloned(),
            theirs: theirs.cloned(),
            ours: ours.cloned(),
            side,
        });
        chosen.cloned()
    }

    fn object(
        &mut self,
        at: &Place,
        before: Option<&Map<String, Json>>,
        theirs: &Map<String, Json>,
        ours: &Map<String, Json>,
    ) -> Map<String, Json> {
        let old = |key: &str| before.and_then(|before| before.get(key));
        let names = |map: &Map<String, Json>| -> Vec<String> { map.keys().cloned().collect() };
        let order = order(&before.map(names).unwrap_or_default(), &names(theirs), &names(ours));
        let mut merged = Map::new();
        for key in order {
            if let Some(value) = self.value(&at.key(&key), old(&key), theirs.get(&key), ours.get(&key)) {
                merged.insert(key, value);
            }
        }
        merged
    }

    fn list(
        &mut self,
        at: &Place,
        before: &[(&str, &Json)],
        theirs: &[(&str, &Json)],
        ours: &[(&str, &Json)],
    ) -> Vec<Json> {
        fn item<'j>(list: &[(&str, &'j Json)], name: &str) -> Option<&'j Json> {
            list.iter().find(|(known, _)| *known == name).map(|(_, item)| *item)
        }
        let of = |list: &[(&str, &Json)]| -> Vec<String> {
            list.iter().map(|(name, _)| (*name).to_owned()).collect()
        };
        let order = order(&of(before), &of(theirs), &of(ours));
        let mut merged = Vec::new();
        for name in order {
            let one =
                self.value(&at.item(&name), item(before, &name), item(theirs, &name), item(ours, &name));
            // What is in the list once must not be there twice, whatever was chosen.
            if let Some(one) = one
                && identity(&one).is_none_or(|known| place_of(&merged, known).is_none())
            {
                merged.push(one);
            }
        }
        merged
    }
}

/// The order of all members: that of who moved what was there before, of the layers below when nobody did; what only the
/// other side has stands behind its neighbour.
fn order(before: &[String], theirs: &[String], ours: &[String]) -> Vec<String> {
    let common: HashSet<&String> = before.iter().filter(|name| ours.contains(name)).collect();
    let is_moved = !before
        .iter()
        .filter(|name| common.contains(name))
        .eq(ours.iter().filter(|name| common.contains(name)));
    let (first, second) = if is_moved { (ours, theirs) } else { (theirs, ours) };
    let mut order: Vec<String> = first.to_vec();
    let mut known: HashSet<String> = first.iter().cloned().collect();
    let mut previous: Option<&String> = None;
    for name in second {
        if known.insert(name.clone()) {
            let at = previous
                .and_then(|previous| order.iter().position(|one| one == previous))
                .map_or(0, |at| at + 1);
            order.insert(at, name.clone());
        }
        previous = Some(name);
    }
    order
}

#[cfg(test)]
mod tests;
