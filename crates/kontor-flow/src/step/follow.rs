//! `follow`: people follow the record from now on, as if they had chosen it themselves.

use kontor_model::entity::FOLLOW;

use super::people::{self, People};
use super::values;
use crate::names::Names;
use crate::read::Reader;

/// Lets people follow the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Follow {
    /// Whom.
    pub who: People,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Follow> {
    values::with_feature(reader, names, FOLLOW)?;
    Some(Follow { who: people::read(reader, names, false) })
}
