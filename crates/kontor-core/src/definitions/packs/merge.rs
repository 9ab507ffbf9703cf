//! The workspace's layer on top of other packs: what it says is merged, definition by definition, with what was below it
//! and what is below it now.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kontor_model::Json;
use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::layer::{EXTENDS, MergeState, MergedValue, Side, effective, merge, three_way};

use super::renames;
use crate::definitions::candidate::put;
use crate::definitions::layers::{Layers, WORKSPACE};

/// What was chosen instead of the usual side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choices {
    /// By `kind/name/place`.
    pub by_place: BTreeMap<String, Side>,
    /// For every conflict of which nothing else is said.
    pub conflicts: Option<Side>,
}

impl Choices {
    /// The name of a place for choosing: `entity/deal/properties/stage/title`.
    pub fn name(id: &DefinitionId, place: &str) -> String {
        format!("{}/{}{place}", id.0, id.1)
    }
}

/// A definition that differs between the layers.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedDefinition {
    /// Which.
    pub id: DefinitionId,
    /// Its values that differ.
    pub values: Vec<MergedValue>,
}

impl MergedDefinition {
    /// How many values are in a state.
    pub fn count(&self, state: MergeState) -> usize {
        self.values.iter().filter(|value| value.state == state).count()
    }
}

/// What the layers below the workspace say together.
pub fn below(layers: &Layers) -> DefinitionSet {
    let lower: Vec<(String, DefinitionSet)> =
        layers.sets.iter().filter(|(name, _)| name != WORKSPACE).cloned().collect();
    effective(&lower).0
}

/// What the workspace's refinement makes of what is below it; `None` when it removes it.
pub fn refined(below: Option<&Json>, body: &Json) -> Option<Json> {
    match below {
        _ if body.is_null() => None,
        Some(below) if body.get(EXTENDS).is_some() => Some(merge(below, body)),
        _ => Some(body.clone()),
    }
}

/// Merges the workspace's layer over other layers. Gives the new layer, and every definition that differs below it.
pub fn workspace_over(
    old: &Layers,
    new: &Layers,
    choices: &Choices,
) -> (DefinitionSet, Vec<MergedDefinition>) {
    let (before, after) = (below(old), below(new));
    let top = old.workspace();
    let ids: BTreeSet<&DefinitionId> = before.keys().chain(after.keys()).collect();
    let mut merged_top = top.clone();
    let mut found = Vec::new();
    for id in ids {
        let (was, now) = (before.get(id), after.get(id));
        if was == now && was.map(Json::to_string) == now.map(Json::to_string) {
            continue;
        }
        let own = top.get(id);
        if id.0 == DefinitionKind::Script {
            found.push(MergedDefinition { id: id.clone(), values: script(was, now, own) });
            continue;
        }
        let ours = match own {
            None => was.cloned(),
            Some(body) if id.0 == DefinitionKind::Locale => {
                Some(was.map_or_else(|| body.clone(), |was| merge(was, body)))
            }
            Some(body) => refined(was, body),
        };
        // A field that the pack renamed is the same field: what the workspace made of it goes on under its new name.
        let renamed = renames::between(was, now);
        let was = was.map(|json| renames::follow(json, &renamed));
        let ours = ours.map(|json| renames::follow(&json, &renamed));
        let (was, ours) = (was.as_ref(), ours.as_ref());
        let torn = conflicts(was, now, ours);
        let merging = three_way(was, now, ours, &|place| {
            let common = choices.conflicts.filter(|_| torn.contains(place));
            choices.by_place.get(&Choices::name(id, place)).copied().or(common)
        });
        if own.is_some() || merging.whole.as_ref() != now {
            put(new, &mut merged_top, id.clone(), merging.whole);
        }
        if !merging.values.is_empty() {
            found.push(MergedDefinition { id: id.clone(), values: merging.values });
        }
    }
    (merged_top, found)
}

/// The places that both sides changed.
pub(super) fn conflicts(was: Option<&Json>, now: Option<&Json>, ours: Option<&Json>) -> HashSet<String> {
    let merging = three_way(was, now, ours, &|_| None);
    let torn = merging.values.into_iter().filter(|value| value.state == MergeState::Conflict);
    torn.map(|value| value.place).collect()
}

/// Scripts of layers add up: the pack's own changes, the workspace's stays above it.
fn script(was: Option<&Json>, now: Option<&Json>, own: Option<&Json>) -> Vec<MergedValue> {
    let source = |json: Option<&Json>| json.and_then(|json| json.get("source")).cloned();
    let mut values = vec![MergedValue {
        place: "/source".into(),
        state: MergeState::Taken,
        before: source(was),
        theirs: source(now),
        ours: source(was),
        side: Side::Theirs,
    }];
    if let Some(own) = own {
        values.push(MergedValue {
            place: "/source".into(),
            state: MergeState::Kept,
            before: None,
            theirs: None,
            ours: source(Some(own)),
            side: Side::Ours,
        });
    }
    values
}
