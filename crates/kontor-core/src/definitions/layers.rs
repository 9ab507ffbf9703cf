//! The layers of a workspace: the engine's own definitions, packs from below upwards, the workspace on top.

use kontor_model::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use kontor_model::{Json, Model, Problem};
use kontor_store::Store;
use kontor_store::system::PackRow;

use crate::error::Result;
use crate::pack::embedded;

/// The layer that administrators write.
pub const WORKSPACE: &str = "workspace";
/// The layer that the program itself brings.
pub const ENGINE: &str = "engine";

/// All layers, lowest first.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The published version; 0 before anything is.
    pub version: i64,
    /// The installed packs.
    pub packs: Vec<PackRow>,
    /// Name and definitions of each layer.
    pub sets: Vec<(String, DefinitionSet)>,
    /// What is stored and belongs nowhere.
    pub stray: Vec<Stray>,
}

/// A stored row that no layer can use: somebody edited the database, or a newer program wrote it.
#[derive(Clone, Debug)]
pub struct Stray {
    /// The layer, kind and name as they are stored.
    pub place: String,
    /// Why nothing can be made of it.
    pub problem: Problem,
}

impl Layers {
    /// Layers of packs and a workspace, on top of the engine's own.
    pub fn new(
        version: i64,
        packs: Vec<PackRow>,
        mut sets: Vec<(String, DefinitionSet)>,
        top: DefinitionSet,
    ) -> Self {
        sets.insert(0, (ENGINE.to_owned(), engine()));
        sets.push((WORKSPACE.to_owned(), top));
        Self { version, packs, sets, stray: Vec::new() }
    }

    /// Compiles the effective definitions; what is broken is set aside in the model.
    pub fn compile(&self) -> Model {
        let (definitions, broken) = kontor_model::layer::effective(&self.sets);
        let mut model = Model::compile(self.version, definitions);
        model.broken.extend(broken);
        model.broken.extend(super::workflows::problems(&model));
        model.broken.extend(super::workflows::of_actions(&model));
        model.broken.extend(crate::approvals::of_guards(&model));
        model
    }

    /// What the workspace itself says.
    pub fn workspace(&self) -> DefinitionSet {
        self.top().clone()
    }

    /// The same, to look at.
    pub fn top(&self) -> &DefinitionSet {
        static NOTHING: DefinitionSet = DefinitionSet::new();
        self.sets.last().map_or(&NOTHING, |(_, set)| set)
    }

    /// The effective definition of everything below the workspace.
    pub fn below(&self, id: &DefinitionId) -> Option<Json> {
        let lower: Vec<(String, DefinitionSet)> = self
            .sets
            .iter()
            .filter(|(name, _)| name != WORKSPACE)
            .map(|(name, set)| {
                let only = set.get_key_value(id).map(|(id, json)| (id.clone(), json.clone()));
                (name.clone(), only.into_iter().collect())
            })
            .collect();
        kontor_model::layer::effective(&lower).0.remove(id)
    }

    /// `null` takes a definition of a layer below away. Where there is none, it is a row that has lost its content.
    fn empty_rows(&mut self, stray: &mut Vec<Stray>) {
        for index in 0..self.sets.len() {
            let (below, own) = self.sets.split_at_mut(index);
            let Some((layer, set)) = own.first_mut() else { continue };
            set.retain(|id, body| {
                let is_sound = !body.is_null() || below.iter().any(|(_, set)| set.contains_key(id));
                if !is_sound {
                    let place = format!("{layer}/{}/{}", id.0, id.1);
                    stray.push(Stray { place, problem: Problem::new("stray_empty", "") });
                }
                is_sound
            });
        }
    }

    /// The same layers with another workspace on top, for a version to come.
    #[must_use]
    pub fn with_workspace(&self, version: i64, top: DefinitionSet) -> Self {
        let mut layers = self.clone();
        layers.version = version;
        if let Some((_, set)) = layers.sets.last_mut() {
            *set = top;
        }
        layers
    }
}

/// What the program itself brings: its entities, and the texts of the interface.
fn engine() -> DefinitionSet {
    let mut set = kontor_model::built_in::definitions();
    for (language, text) in embedded::locales() {
        if let Ok(json) = serde_json::from_str(&text) {
            set.insert((DefinitionKind::Locale, language), json);
        }
    }
    set
}

/// Reads the published layers.
///
/// # Errors
/// When the database does not answer.
pub async fn load(store: &Store) -> Result<Layers> {
    let (version, packs, rows) = store.definitions().await?;
    let mut sets: Vec<(String, DefinitionSet)> =
        packs.iter().map(|pack| (pack.name.clone(), DefinitionSet::new())).collect();
    let mut top = DefinitionSet::new();
    let mut stray = Vec::new();
    for row in rows {
        let place = format!("{}/{}/{}", row.layer, row.kind, row.name);
        let Ok(kind) = row.kind.parse::<DefinitionKind>() else {
            tracing::warn!(place, "a stored definition has an unknown kind");
            stray.push(Stray { place, problem: Problem::new("stray_kind", "").with("kind", row.kind) });
            continue;
        };
        // The texts of a layer that cannot be read must not take those of the layers below with them.
        if kind == DefinitionKind::Locale && row.body.is_string() {
            let wrong = kontor_model::check::check_definition(kind, &row.name, &row.body);
            stray.extend(wrong.into_iter().map(|problem| Stray { place: place.clone(), problem }));
            continue;
        }
        let id = (kind, row.name);
        if row.layer == WORKSPACE {
            top.insert(id, row.body);
        } else if let Some((_, set)) = sets.iter_mut().find(|(name, _)| *name == row.layer) {
            set.insert(id, row.body);
        } else {
            stray.push(Stray { place, problem: Problem::new("stray_layer", "").with("name", row.layer) });
        }
    }
    for pack in packs.iter().filter(|pack| !pack.body.is_object()) {
        let reason = pack.body.as_str().and_then(kontor_model::check::unreadable).unwrap_or_default();
        tracing::warn!(pack = pack.name, reason, "the manifest of a pack cannot be read");
        let problem = Problem::new("pack_manifest_unreadable", "").with("name", &pack.name);
        stray.push(Stray { place: pack.name.clone(), problem: problem.with("reason", reason) });
    }
    let mut layers = Layers::new(version, packs, sets, top);
    layers.empty_rows(&mut stray);
    layers.stray = stray;
    Ok(layers)
}
