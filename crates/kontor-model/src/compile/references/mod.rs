//! What definitions other than entities refer to: does it exist, does it fit.
use crate::Json;
use crate::definition::DefinitionId;
use crate::model::Model;
use crate::problem::Problems;
/// The problems of one definition; `sound` says whether another definition is there and not broken.
pub(super) fn check(_id: &DefinitionId, _json: &Json, _model: &Model, _sound: &dyn Fn(&DefinitionId) -> bool) -> Problems {
    Problems::new()
}
