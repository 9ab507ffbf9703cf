//! The first version of a workspace: packs are installed and their tables made, in one transaction.

use std::sync::Arc;

use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::{Model, Problems, diff};
use kontor_store::CommitUnit;
use kontor_store::system::{SystemWrite, VersionRow};

use super::candidate::problems_of;
use super::layers::Layers;
use super::packs;
use super::publish::{layer_writes, state_of};
use crate::error::{Error, Result};
use crate::pack::Pack;
use crate::workspace::{Published, Workspace};

/// Installs packs into a workspace that has no version yet, the lowest first.
///
/// # Errors
/// [`Error::Problems`] when a pack is broken; nothing is installed then.
pub async fn install(workspace: &Arc<Workspace>, lowest_first: Vec<Pack>) -> Result<()> {
    let mut rows = Vec::new();
    let mut sets = Vec::new();
    let mut unit = CommitUnit::new();
    for (position, pack) in (0_i64..).zip(lowest_first) {
        let (name, version) = (pack.name().to_owned(), pack.version().to_owned());
        // The texts of the base pack are those of the program: they come with it and are not stored.
        let is_base = position == 0;
        let definitions: DefinitionSet = pack
            .definitions
            .into_iter()
            .filter(|((kind, _), _)| !(is_base && *kind == DefinitionKind::Locale))
            .collect();
        let content = packs::fingerprint(&version, &definitions);
        let row = packs::pack_row(&pack.manifest, &version, &name, position, &content);
        unit.system(SystemWrite::KeepPackContent(packs::kept(&row, &definitions, workspace.clock.now())));
        layer_writes(&mut unit, &name, &DefinitionSet::new(), &definitions);
        unit.system(SystemWrite::PutPack(row.clone()));
        rows.push(row);
        sets.push((name, definitions));
    }
    let layers = Layers::new(1, rows, sets, DefinitionSet::new());
    let published = Published::new(layers);
    let broken: Vec<_> = published.model.broken.iter().collect();
    if !broken.is_empty() {
        return Err(Error::Problems(Problems(problems_of(&broken))));
    }
    unit.system(super::catch_up::is_complete());
    unit.system(SystemWrite::AddVersion(VersionRow {
        n: 1,
        title: super::version_title::stored(super::version_title::INSTALLED, &[]),
        author: None,
        at: workspace.clock.now(),
        change_set: None,
        state: state_of(&published.layers.packs, &DefinitionSet::new()),
    }));
    let empty = Model::default();
    let changes: Vec<_> =
        diff::plan(&empty, &published.model).into_iter().filter_map(|change| change.schema).collect();
    let statements = workspace.store.statements(&empty, &published.model, &changes).await?;
    workspace.store.publish(&published.model, statements, unit).await.map_err(Error::internal)?;
    workspace.swap(published);
    Ok(())
}
