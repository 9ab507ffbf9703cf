//! Links seen from the other side: which records point at an entity's records, and by what name.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::entity::{BackLink, EntityModel, FieldModel, Implied};
use crate::problem::{Problem, Problems};

/// Gives every entity its back links, and says which entities name one that is taken. A link without a written name
/// is called `<entity>_<field>` and has no title: filters may use it, and no page shows it by itself.
pub(super) fn connect(drafts: &mut IndexMap<String, EntityModel>) -> BTreeMap<String, Problems> {
    let mut found: BTreeMap<String, Vec<BackLink>> = BTreeMap::new();
    let mut problems_of: BTreeMap<String, Problems> = BTreeMap::new();
    for (name, draft) in drafts.iter() {
        for field in draft.fields.iter().filter(|field| field.kind.is_link() && !field.system) {
            let link = match &draft.implied {
                Some(implied) => of_pairs(drafts, draft, implied, field),
                None => Some(of_link(drafts, draft, field)),
            };
            let Some(link) = link else { continue };
            for target in &field.targets {
                let links = found.entry(target.clone()).or_default();
                if let Some(other) = links.iter().find(|other| other.name == link.name) {
                    let at = format!("/properties/{}/back/name", field.name);
                    let problem = Problem::new("duplicate_back_name", at)
                        .with("name", &link.name)
                        .with("entity", target)
                        .with("other", &other.entity)
                        .with("other_field", &other.field);
                    problems_of.entry(name.clone()).or_default().push(problem);
                } else {
                    links.push(link.clone());
                }
            }
        }
    }
    for (name, draft) in drafts.iter_mut() {
        draft.back_links = found.remove(name).unwrap_or_default();
    }
    problems_of
}

fn of_link(drafts: &IndexMap<String, EntityModel>, draft: &EntityModel, field: &FieldModel) -> BackLink {
    let back = field.definition.back.as_ref();
    let target = field.targets.first().and_then(|target| drafts.get(target));
    let list = target.and_then(|target| {
        let is_same = |list: &crate::entity::ListModel| list.entity == draft.name && list.by == field.index;
        target.lists().find(|(_, list)| is_same(list)).map(|(field, _)| field.name.clone())
    });
    BackLink {
        name: back.map_or_else(|| format!("{}_{}", draft.name, field.name), |back| back.name.clone()),
        title: back.map_or_else(String::new, |back| {
            if back.title.is_empty() { draft.plural.clone() } else { back.title.clone() }
        }),
        entity: draft.name.clone(),
        field: field.name.clone(),
        through: None,
        list,
        activities: draft.activity.is_some_and(|activity| activity.regarding == field.index),
    }
}

/// The pairs of a list of links, seen from one end: under the list's own name where it is, under its `back` where it
/// leads to.
fn of_pairs(
    drafts: &IndexMap<String, EntityModel>,
    draft: &EntityModel,
    implied: &Implied,
    field: &FieldModel,
) -> Option<BackLink> {
    let owner = drafts.get(&implied.entity)?;
    let list = owner.field(&implied.field)?;
    let name_of = |index: usize| draft.fields.get(index).map(|field| field.name.clone());
    let is_own = field.index == implied.by;
    if !is_own && field.index != implied.through {
        return Some(of_link(drafts, draft, field));
    }
    let back = list.definition.back.as_ref().filter(|_| !is_own);
    let unnamed = || if is_own { list.name.clone() } else { format!("{}_{}", owner.name, list.name) };
    Some(BackLink {
        name: back.map_or_else(unnamed, |back| back.name.clone()),
        title: back.map_or_else(String::new, |back| {
            if back.title.is_empty() { owner.plural.clone() } else { back.title.clone() }
        }),
        entity: draft.name.clone(),
        field: field.name.clone(),
        through: name_of(if is_own { implied.through } else { implied.by }),
        list: is_own.then(|| list.name.clone()),
        activities: false,
    })
}
