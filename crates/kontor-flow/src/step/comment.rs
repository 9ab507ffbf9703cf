//! `comment`: something is said about the record, as whoever the workflow acts for.

use kontor_model::entity::COMMENTS;

use super::{notify, values};
use crate::Template;
use crate::names::Names;
use crate::read::Reader;

/// Writes a comment on the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// What is said.
    pub text: Template,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Comment> {
    values::with_feature(reader, names, COMMENTS)?;
    Some(Comment { text: notify::text(reader, "text", names)? })
}
