//! Approvals by themselves. Whether they can decide about the records of those who use them, the core asks.

use super::{Checker, read};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::approval::{ApprovalDefinition, Level};
use crate::entity::EntityModel;
use crate::filter::Filter;
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
    if let Some(name) = &approval.entity
        && let Some(entity) = checker.entity(name, "/entity")
    {
        of_records(&approval, entity, checker);
    }
    for (index, level) in approval.levels.iter().enumerate() {
        of_mode(level, &format!("/levels/{index}"), checker);
        if level.late.is_some() && approval.deadline_of(index).is_none() {
            checker.add(Problem::new("required", format!("/levels/{index}/deadline")));
        }
    }
    let deadlines = (0..approval.levels.len()).any(|index| approval.deadline_of(index).is_some());
    if approval.late.is_some() && !deadlines {
        checker.add(Problem::new("required", "/deadline"));
    }
}

/// Whether the levels fit the records that they decide about. Where it is not said which those are, whoever asks for the approval
/// is asked.
fn of_records(approval: &ApprovalDefinition, entity: &EntityModel, checker: &mut Checker<'_>) {
    for (index, level) in approval.levels.iter().enumerate() {
        if let Some(when) = &level.when
            && let Err(wrong) = Filter::parse(when, entity, checker.model)
        {
            checker.problems.extend_under(&format!("/levels/{index}/when"), wrong);
        }
        let Some(path) = &level.by.field else { continue };
        let at = format!("/levels/{index}/by/field");
        if let Some(field) = checker.path(entity, path, &at)
            && !field.targets.iter().any(|target| target == "user")
        {
            checker.add(Problem::new("not_a_person", at).with("field", path));
        }
    }
}

/// Whether so many can agree, and whether there is an order in which they are asked.
fn of_mode(level: &Level, at: &str, checker: &mut Checker<'_>) {
    let quorum_at = format!("{at}/quorum");
    let mode = level.mode.as_deref().unwrap_or("any");
    match (mode, level.quorum) {
        ("quorum", None) => checker.add(Problem::new("required", quorum_at)),
        ("quorum", Some(need)) => {
            let count = match &level.by {
                by if by.user.is_some() || by.field.is_some() || by.manager.is_some() => Some(1),
                by if !by.users.is_empty() => u32::try_from(by.users.len()).ok(),
                _ => None,
            };
            if let Some(count) = count.filter(|count| *count < need) {
                let problem = Problem::new("quorum_out_of_reach", quorum_at).with("need", need);
                checker.add(problem.with("count", count));
            }
        }
        (_, Some(_)) => checker.add(Problem::new("quorum_alone", quorum_at)),
        ("sequence", None) if level.by.users.is_empty() && level.by.script.is_none() => {
            checker.add(Problem::new("sequence_without_order", format!("{at}/mode")));
        }
        _ => {}
    }
}
