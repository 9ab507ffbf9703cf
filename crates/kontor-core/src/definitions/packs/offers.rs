//! Packs that can be installed: those that the program brings, and those that an operator placed for an administrator.

use std::path::Path;

use kontor_model::{Json, Problem};
use kontor_store::CommitUnit;
use kontor_store::system::{OfferRow, SystemWrite};
use serde_json::json;

use super::super::DESIGN;
use super::super::folder::FolderError;
use super::{content, requirements};
use crate::Session;
use crate::error::{Error, Result};
use crate::pack::{FileProblem, Pack, PackFile, embedded, folder, read_pack};
use crate::permissions::demand_admin;

/// A pack that can be installed or upgraded to.
#[derive(Clone, Debug)]
pub struct Available {
    /// The pack.
    pub pack: Pack,
    /// Whether an operator placed it here.
    pub is_offered: bool,
    /// The version that is installed.
    pub installed: Option<String>,
    /// Whether it is older than that.
    pub is_older: bool,
}

/// The packs that the program brings and that are offered, as far as they say something else than what is installed.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn available(session: &Session) -> Result<Vec<Available>> {
    demand_admin(session, DESIGN)?;
    let layers = session.workspace.layers();
    let mut found: Vec<Available> = Vec::new();
    for (pack, is_offered) in candidates(session).await? {
        if found.iter().any(|known| known.pack.name() == pack.name()) {
            continue;
        }
        let installed = layers.packs.iter().find(|row| row.name == pack.name());
        if let Some(row) = installed {
            let layer = layers.sets.iter().find(|(name, _)| *name == row.name).map(|(_, set)| set);
            let is_base = row.position == 0;
            let definitions = pack.definitions.clone().into_iter().filter(|((kind, _), _)| {
                !(is_base && *kind == kontor_model::definition::DefinitionKind::Locale)
            });
            let print = content::fingerprint(pack.version(), &definitions.collect());
            if layer.is_some_and(|layer| content::installed(row, layer) == print) {
                continue;
            }
        }
        found.push(Available {
            is_offered,
            installed: installed.map(|row| row.version.clone()),
            is_older: installed.is_some_and(|row| requirements::is_older(pack.version(), &row.version)),
            pack,
        });
    }
    Ok(found)
}

/// What operators placed comes before what the program brings.
async fn candidates(session: &Session) -> Result<Vec<(Pack, bool)>> {
    let mut found = Vec::new();
    for offer in session.workspace.store.offers().await? {
        if let Ok(pack) = read_pack(files_of(&offer.files)) {
            found.push((pack, true));
        }
    }
    for files in embedded::packs() {
        if let Ok(pack) = read_pack(files) {
            found.push((pack, false));
        }
    }
    Ok(found)
}

/// The pack of that name that the program brings or that is offered.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(session: &Session, name: &str) -> Result<Pack> {
    demand_admin(session, DESIGN)?;
    let found = candidates(session).await?.into_iter().map(|(pack, _)| pack).find(|pack| pack.name() == name);
    found.ok_or(Error::NotFound)
}

/// Reads a pack's folder; every file and its `pack.json` are checked by themselves.
///
/// # Errors
/// Everything that is wrong, by file and pointer.
pub fn read_folder(path: &Path) -> Result<Pack, FolderError> {
    super::super::folder::read(path)
}

/// Places a pack on the packs page, for an administrator to look at, choose and publish.
///
/// # Errors
/// Everything that is wrong with it, by file and pointer.
pub async fn offer(session: &Session, path: &Path) -> Result<Pack, FolderError> {
    demand_admin(session, DESIGN)?;
    let pack = read_folder(path)?;
    if pack.name() == super::super::layers::WORKSPACE {
        let problem = Problem::new("workspace_is_no_pack", "/name").with("name", pack.name());
        return Err(FolderError::Wrong(vec![FileProblem { file: "pack.json".into(), problem }]));
    }
    let files: Json = folder::files(path)?
        .into_iter()
        .map(|file| json!({ "path": file.path, "text": file.text }))
        .collect();
    let row = OfferRow { name: pack.name().to_owned(), files, at: session.now };
    let unit = CommitUnit::from(SystemWrite::PutOffer(row));
    session.workspace.store.commit(&session.model, unit).await.map_err(Error::internal)?;
    Ok(pack)
}

fn files_of(json: &Json) -> Vec<PackFile> {
    json.as_array()
        .into_iter()
        .flatten()
        .filter_map(|file| {
            let text = |key: &str| file.get(key).and_then(Json::as_str).map(str::to_owned);
            Some(PackFile { path: text("path")?, text: text("text")? })
        })
        .collect()
}
