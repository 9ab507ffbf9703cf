//! Where does this come from? Every value of a definition with the layer that says it, the published version since which
//! it does, and what the layer below says; and giving one back to the layer below.

use std::collections::HashMap;

use kontor_model::Json;
use kontor_model::Problem;
use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::layer::{effective, value_at, values, with_value_at};
use kontor_store::system::VersionSummary;
use uuid::Uuid;

use super::layers::WORKSPACE;
use super::{DESIGN, change_sets, versions};
use crate::Session;
use crate::error::{Error, Result};
use crate::permissions::demand_admin;

/// Published versions that are looked through for when a value came.
const MOST_VERSIONS: usize = 300;

/// One value of a definition with where it comes from.
#[derive(Clone, Debug)]
pub struct ValueOrigin {
    /// JSON pointer into the effective definition, or into the layer below where the value was taken away.
    pub pointer: String,
    /// The same place in every layer, with items of lists by what they are known by.
    pub place: String,
    /// The value; `None` where the layer takes away what a lower one says.
    pub value: Option<Json>,
    /// The layer that says so.
    pub layer: String,
    /// The version of the pack that the layer is; `None` for the engine and the workspace.
    pub pack_version: Option<String>,
    /// The published version since which it says so; `None` when that is longer ago than versions are looked through.
    pub since: Option<VersionSummary>,
    /// The next layer below that says something else or nothing, and its value.
    pub below: Option<(String, Option<Json>)>,
}

impl ValueOrigin {
    /// Whether the workspace says it, and a layer below says something of the definition too.
    pub fn may_go_back(&self) -> bool {
        self.layer == WORKSPACE && self.below.is_some()
    }
}

/// Every value of an effective definition with where it comes from.
///
/// # Errors
/// [`Error::NotFound`] when there is no such definition.
pub async fn origins(session: &Session, kind: DefinitionKind, name: &str) -> Result<Vec<ValueOrigin>> {
    Ok(page(session, kind, name, &|_, _| true, 0..usize::MAX).await?.0)
}

/// Some of the values whose place and layer are wanted, and how many of those there are: looking for when each value
/// came takes a while.
///
/// # Errors
/// [`Error::NotFound`] when there is no such definition.
pub async fn page(
    session: &Session,
    kind: DefinitionKind,
    name: &str,
    wanted: &(dyn Fn(&str, &str) -> bool + Sync),
    rows: std::ops::Range<usize>,
) -> Result<(Vec<ValueOrigin>, usize)> {
    demand_admin(session, DESIGN)?;
    let layers = session.workspace.layers();
    let mut found = values(&layers.sets, kind, name);
    if found.is_empty() {
        return Err(Error::NotFound);
    }
    found.retain(|one| !one.pointer.starts_with("/layers") && wanted(&one.place.as_text(), &one.layer));
    let count = found.len();
    let found: Vec<_> = found.into_iter().skip(rows.start).take(rows.len()).collect();
    let since = since(
        session,
        &(kind, name.to_owned()),
        &found.iter().map(|one| one.place.clone()).collect::<Vec<_>>(),
    )
    .await?;
    let found = found
        .into_iter()
        .map(|one| ValueOrigin {
            pack_version: layers
                .packs
                .iter()
                .find(|pack| pack.name == one.layer)
                .map(|pack| pack.version.clone()),
            since: since.get(&one.place.as_text()).cloned(),
            pointer: one.pointer,
            place: one.place.as_text(),
            value: one.value,
            layer: one.layer,
            below: one.below,
        })
        .collect();
    Ok((found, count))
}

/// The version since which each place has the value that it has now.
async fn since(
    session: &Session,
    id: &DefinitionId,
    places: &[kontor_model::layer::Place],
) -> Result<HashMap<String, VersionSummary>> {
    let all = versions::list(session).await?;
    let now = effective_of(&session.workspace.layers().sets, id);
    let mut open: Vec<&kontor_model::layer::Place> = places.iter().collect();
    let mut found = HashMap::new();
    let mut above: Option<&VersionSummary> = None;
    for version in all.iter().take(MOST_VERSIONS) {
        // What was held by a pack that is not kept ends the search; it is no reason to refuse the page.
        let Ok(layers) = versions::layers_at(session, version.n).await else { break };
        let then = effective_of(&layers.sets, id);
        let at = |json: &Option<Json>, place| json.as_ref().and_then(|json| value_at(json, place)).cloned();
        open.retain(|place| {
            let is_same = at(&then, place) == at(&now, place) && then.is_some() == now.is_some();
            if let (false, Some(above)) = (is_same, above) {
                found.insert(place.as_text(), above.clone());
            }
            is_same
        });
        if open.is_empty() {
            return Ok(found);
        }
        above = Some(version);
    }
    if all.len() <= MOST_VERSIONS
        && let Some(first) = above
    {
        for place in open {
            found.insert(place.as_text(), first.clone());
        }
    }
    Ok(found)
}

fn effective_of(layers: &[(String, DefinitionSet)], id: &DefinitionId) -> Option<Json> {
    let only: Vec<(String, DefinitionSet)> = layers
        .iter()
        .map(|(layer, set)| {
            let one = set.get_key_value(id).map(|(id, json)| (id.clone(), json.clone()));
            (layer.clone(), one.into_iter().collect())
        })
        .collect();
    effective(&only).0.remove(id)
}

/// Gives a value back to the layer below, inside a change set.
///
/// # Errors
/// `nothing_below` when no layer below says anything there; [`Error::NotFound`].
pub async fn give_back(
    session: &Session,
    id: Uuid,
    kind: DefinitionKind,
    name: &str,
    place: &str,
) -> Result<()> {
    demand_admin(session, DESIGN)?;
    let layers = session.workspace.layers();
    let found = values(&layers.sets, kind, name).into_iter().find(|one| one.place.as_text() == place);
    let found = found.ok_or(Error::NotFound)?;
    let Some((_, below)) = found.below.filter(|_| found.layer == WORKSPACE) else {
        return Err(Problem::new("nothing_below", found.pointer).into());
    };
    let own = change_sets::definition(session, id, kind, name).await?;
    let body = with_value_at(&own, &found.place, below).ok_or(Error::NotFound)?;
    change_sets::put(session, id, kind, name, body).await
}
