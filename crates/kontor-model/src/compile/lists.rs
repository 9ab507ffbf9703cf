//! How the records of lists are reached, and which entities are trees: what needs to know several entities at once.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::entity::{EntityModel, FieldModel, ListModel, Source};
use crate::problem::{Problem, Problems};

/// The order that rows keep when their definition names none.
const POSITION: &str = "position";

/// Resolves `list` of every field that holds records of another table, and `tree` of every entity.
pub(super) fn connect(drafts: &mut IndexMap<String, EntityModel>) -> BTreeMap<String, Problems> {
    let mut problems_of: BTreeMap<String, Problems> = BTreeMap::new();
    let mut lists: Vec<(String, usize, ListModel)> = Vec::new();
    let mut trees: Vec<(String, usize)> = Vec::new();
    for (name, draft) in drafts.iter() {
        let mut problems = Problems::new();
        for field in &draft.fields {
            if let Some(list) = list_of(drafts, draft, field, &mut problems) {
                let is_taken = lists.iter().any(|(_, _, other)| {
                    other.entity == list.entity && other.by == list.by && field.kind.name() == "rows"
                });
                if is_taken {
                    let at = format!("/properties/{}/by", field.name);
                    problems.push(
                        Problem::new("duplicate_value", at)
                            .with("value", field.definition.by.as_deref().unwrap_or_default()),
                    );
                } else {
                    lists.push((name.clone(), field.index, list));
                }
            }
        }
        if let Some(tree) = tree_of(draft, &mut problems) {
            trees.push((name.clone(), tree));
        }
        if !problems.is_empty() {
            problems_of.insert(name.clone(), problems);
        }
    }
    refuse_cycles(drafts, &lists, &mut problems_of);
    for (name, field, list) in lists {
        if let Some(field) = drafts.get_mut(&name).and_then(|draft| draft.fields.get_mut(field)) {
            field.list = Some(list);
        }
    }
    for (name, tree) in trees {
        if let Some(draft) = drafts.get_mut(&name) {
            draft.tree = Some(tree);
        }
    }
    problems_of
}

fn list_of(
    drafts: &IndexMap<String, EntityModel>,
    draft: &EntityModel,
    field: &FieldModel,
    problems: &mut Problems,
) -> Option<ListModel> {
    if !field.kind.is_list() {
        return None;
    }
    if field.kind.name() == "links" {
        let (name, pairs) = drafts.iter().find(|(_, other)| {
            other.implied.as_ref().is_some_and(|one| one.entity == draft.name && one.field == field.name)
        })?;
        let implied = pairs.implied.as_ref()?;
        return Some(ListModel {
            entity: name.clone(),
            by: implied.by,
            through: Some(implied.through),
            order: pairs.field_index(POSITION),
        });
    }
    // Whether the entity is there at all was asked before; one that is broken takes nothing else down.
    let rows = drafts.get(field.targets.first()?)?;
    let at = |key: &str| format!("/properties/{}/{key}", field.name);
    let written = field.definition.by.as_deref().unwrap_or_default();
    let points_here = |link: &&FieldModel| link.kind.name() == "link" && link.targets == [draft.name.clone()];
    let Some(by) = rows.field(written).filter(points_here) else {
        let known: Vec<&str> =
            rows.fields.iter().filter(points_here).map(|link| link.name.as_str()).collect();
        let code = if known.is_empty() { "rows_by_none" } else { "rows_by" };
        let problem = Problem::new(code, at("by")).with("value", written).with("entity", &rows.name);
        problems.push(problem.with("parent", &draft.name).with("options", known.join(", ")));
        return None;
    };
    let is_number = |one: &&FieldModel| one.kind.name() == "integer" && matches!(one.source, Source::Typed);
    let order = match field.definition.order.as_deref() {
        None => rows.field(POSITION).filter(is_number),
        Some(written) => {
            let found = rows.field(written).filter(is_number);
            if found.is_none() {
                let problem = Problem::new("rows_order", at("order")).with("value", written);
                problems.push(problem.with("entity", &rows.name));
            }
            found
        }
    };
    Some(ListModel {
        entity: rows.name.clone(),
        by: by.index,
        through: None,
        order: order.map(|field| field.index),
    })
}

/// The one link that makes a tree of the entity's records.
fn tree_of(draft: &EntityModel, problems: &mut Problems) -> Option<usize> {
    let mut found = None;
    for field in draft.fields.iter().filter(|field| field.definition.tree) {
        let at = format!("/properties/{}/tree", field.name);
        if field.kind.name() != "link" || field.targets != [draft.name.clone()] {
            problems.push(Problem::new("tree_link", at).with("entity", &draft.name));
        } else if found.is_some() {
            problems.push(Problem::new("duplicate_value", at).with("value", &field.name));
        } else {
            found = Some(field.index);
        }
    }
    found
}

/// Rows of rows of … of themselves have no end.
fn refuse_cycles(
    drafts: &IndexMap<String, EntityModel>,
    lists: &[(String, usize, ListModel)],
    problems_of: &mut BTreeMap<String, Problems>,
) {
    let mut rows: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (owner, field, list) in lists.iter().filter(|(_, _, list)| list.through.is_none()) {
        rows.entry(owner).or_default().push((*field, &list.entity));
    }
    for name in drafts.keys() {
        for (field, first) in rows.get(name.as_str()).into_iter().flatten().copied() {
            let mut path = vec![name.as_str(), first];
            if leads_back(name, first, &rows, &mut path)
                && let Some(field) = drafts.get(name).and_then(|draft| draft.fields.get(field))
            {
                let problem = Problem::new("rows_cycle", format!("/properties/{}/to", field.name));
                problems_of.entry(name.clone()).or_default().push(problem.with("path", path.join(" → ")));
            }
        }
    }
}

fn leads_back<'a>(
    target: &str,
    from: &'a str,
    rows: &BTreeMap<&'a str, Vec<(usize, &'a str)>>,
    path: &mut Vec<&'a str>,
) -> bool {
    if from == target {
        return true;
    }
    for (_, next) in rows.get(from).into_iter().flatten().copied() {
        if next != target && path.contains(&next) {
            continue;
        }
        path.push(next);
        if leads_back(target, next, rows, path) {
            return true;
        }
        path.pop();
    }
    false
}
