//! Approvals by themselves. Whether they can decide about the records of those who use them, the core asks.

use super::{Checker, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::approval::ApprovalDefinition;
use crate::problem::Problem;

pub(super) fn approval(json: &Json, checker: &mut Checker<'_>) {
    let approval: ApprovalDefinition = read(json, checker);
    let names = approval.levels.iter().map(|level| level.name.as_deref().unwrap_or_default());
    checker.distinct(names, &|index| format!("/levels/{index}/name"));
    for (index, level) in approval.levels.iter().enumerate() {
        if let Some(role) = &level.by.role {
            checker.definition(DefinitionKind::Role, role, &format!("/levels/{index}/by/role"));
        }
    }
    // Kept, it would look as if somebody were reminded.
    for key in ["deadline", "late", "delegate"] {
        if json.get(key).is_some_and(|value| !value.is_null() && *value != Json::Bool(false)) {
            checker.add(Problem::new("not_available_yet", format!("/{key}")).with("name", key));
        }
    }
}
