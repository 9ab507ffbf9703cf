//! Records of one entity as pages: list, board, record, form, history, bin.

pub mod actions;
pub mod activities;
pub mod bin;
pub mod board;
pub mod bulk;
pub mod calendar;
pub mod cards;
pub mod checklist;
pub mod chosen;
pub mod comments;
pub mod conflict;
pub mod deletion;
pub mod drawer;
pub mod export;
pub mod form;
pub mod history;
pub mod list;
pub mod lookup;
pub mod merge;
pub mod moves;
mod offered;
pub mod on_the_way;
pub mod once;
pub mod outcome;
pub mod preview;
pub mod purge;
pub mod record;
pub mod reveal;
pub mod save;
pub mod shares;
pub mod timeline;
pub mod tree;
pub mod views;

use std::sync::Arc;

use kontor_model::EntityModel;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Failure;
use crate::visit::Reader;

/// `r/{entity}`.
#[derive(Deserialize)]
pub struct EntityPath {
    pub entity: String,
}

/// `r/{entity}/{id}`.
#[derive(Deserialize)]
pub struct RecordPath {
    pub entity: String,
    pub id: String,
}

impl EntityPath {
    /// The entity, when it exists for the reader.
    pub fn find(&self, reader: &Reader) -> Result<Arc<EntityModel>, Failure> {
        Ok(reader.session.entity(&self.entity)?)
    }
}

impl RecordPath {
    /// The entity and the record's id.
    pub fn find(&self, reader: &Reader) -> Result<(Arc<EntityModel>, Uuid), Failure> {
        let entity = reader.session.entity(&self.entity)?;
        let id = Uuid::parse_str(&self.id).map_err(|_| Failure::not_found())?;
        Ok((entity, id))
    }
}
