//! What of the workspace goes with a pack is kept aside, and comes back with it: merged with what has become of its place
//! meanwhile.

use std::collections::BTreeMap;

use kontor_model::Json;
use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::layer::{difference, effective, three_way};
use kontor_model::model::Broken;
use kontor_store::system::AsideRow;

use super::merge::{below, refined};
use crate::Session;
use crate::definitions::candidate::put;
use crate::definitions::layers::Layers;

/// What is taken out of the workspace's layer with a pack.
#[derive(Debug, Default)]
pub struct Leaving {
    /// By definition.
    rows: BTreeMap<DefinitionId, AsideRow>,
}

impl Leaving {
    /// What is kept.
    pub fn into_rows(self) -> Vec<AsideRow> {
        self.rows.into_values().collect()
    }

    /// Takes a definition out of the layer, whole.
    pub fn take(
        &mut self,
        session: &Session,
        pack: &str,
        top: &mut DefinitionSet,
        id: &DefinitionId,
        under: Option<&Json>,
    ) {
        let Some(body) = top.remove(id) else { return };
        self.keep(session, pack, id, under.cloned(), body);
    }

    /// Remembers what the workspace said. What was remembered before in two steps is one refinement of the same thing.
    pub fn keep(
        &mut self,
        session: &Session,
        pack: &str,
        id: &DefinitionId,
        under: Option<Json>,
        body: Json,
    ) {
        if let Some(known) = self.rows.get_mut(id) {
            // The rest of a definition of which a part was taken already: together they are what was there at first.
            let whole = refined(known.below.as_ref(), &known.body);
            known.body = match (&under, whole) {
                (Some(under), Some(whole)) => difference(under, &whole),
                (_, whole) => whole.unwrap_or(body),
            };
            known.below = under;
            return;
        }
        let row = AsideRow {
            pack: pack.to_owned(),
            kind: id.0.to_string(),
            name: id.1.clone(),
            below: under,
            body,
            at: session.now,
        };
        self.rows.insert(id.clone(), row);
    }

    /// Takes the fields that a broken entity names wrongly out of it, and everything in its lists that names them. Says
    /// whether there were any.
    pub fn take_fields(
        &mut self,
        session: &Session,
        pack: &str,
        layers: &Layers,
        top: &mut DefinitionSet,
        broken: &Broken,
    ) -> bool {
        if broken.id.0 != DefinitionKind::Entity || self.rows.contains_key(&broken.id) {
            return false;
        }
        let Some(own) = top.get(&broken.id) else { return false };
        let under = below(layers).remove(&broken.id);
        let Some(whole) = refined(under.as_ref(), own) else { return false };
        let mut without = whole.clone();
        let mut is_taken = false;
        for problem in broken.problems.iter() {
            let Some(field) =
                problem.path.strip_prefix("/properties/").and_then(|rest| rest.split('/').next())
            else {
                return false;
            };
            let is_own = own.pointer(&format!("/properties/{field}")).is_some_and(|json| !json.is_null());
            if !is_own {
                return false;
            }
            is_taken |= take_field(&mut without, field);
        }
        if is_taken {
            let fragment = difference(&without, &whole);
            put(layers, top, broken.id.clone(), Some(without.clone()));
            self.keep(session, pack, &broken.id, Some(without), fragment);
        }
        is_taken
    }
}

/// Takes a field out of an entity.
fn take_field(entity: &mut Json, field: &str) -> bool {
    let Some(properties) = entity.get_mut("properties").and_then(Json::as_object_mut) else { return false };
    if properties.shift_remove(field).is_none() {
        return false;
    }
    for list in ["required", "search"] {
        if let Some(list) = entity.get_mut(list).and_then(Json::as_array_mut) {
            list.retain(|name| name.as_str() != Some(field));
        }
    }
    for list in ["unique", "indexes"] {
        if let Some(list) = entity.get_mut(list).and_then(Json::as_array_mut) {
            list.retain(|set| {
                !set.as_array().is_some_and(|set| set.iter().any(|name| name.as_str() == Some(field)))
            });
        }
    }
    true
}

/// What came back, and what stays aside because it would be broken.
#[derive(Debug, Default)]
pub struct Returned {
    /// Back in the workspace's layer.
    pub back: Vec<AsideRow>,
    /// Still aside.
    pub left: Vec<AsideRow>,
}

/// Brings back what was kept aside with a pack.
pub fn bring_back(layers: &Layers, top: &mut DefinitionSet, rows: Vec<AsideRow>) -> Returned {
    let mut wanted = rows;
    let mut left = Vec::new();
    loop {
        let mut tried = top.clone();
        for row in &wanted {
            back(layers, &mut tried, row);
        }
        let model = layers.with_workspace(layers.version, tried.clone()).compile();
        let is_broken =
            |row: &AsideRow| id_of(row).is_none_or(|id| model.broken.iter().any(|broken| broken.id == id));
        let (wrong, right): (Vec<AsideRow>, Vec<AsideRow>) = wanted.into_iter().partition(is_broken);
        if wrong.is_empty() {
            *top = tried;
            return Returned { back: right, left };
        }
        left.extend(wrong);
        wanted = right;
    }
}

fn id_of(row: &AsideRow) -> Option<DefinitionId> {
    Some((row.kind.parse().ok()?, row.name.clone()))
}

fn back(layers: &Layers, top: &mut DefinitionSet, row: &AsideRow) {
    let Some(id) = id_of(row) else { return };
    if id.0 == DefinitionKind::Script {
        top.entry(id).or_insert_with(|| row.body.clone());
        return;
    }
    let now = effective(&layers.with_workspace(layers.version, top.clone()).sets).0.remove(&id);
    let ours = refined(row.below.as_ref(), &row.body);
    let merging = three_way(row.below.as_ref(), now.as_ref(), ours.as_ref(), &|_| None);
    put(layers, top, id, merging.whole);
}
