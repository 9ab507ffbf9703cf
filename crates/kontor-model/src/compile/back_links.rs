//! Links seen from the other side: which records point at an entity's records, and by what name.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::entity::{BackLink, EntityModel};
use crate::problem::{Problem, Problems};

/// Gives every entity its back links, and says which entities name one that is taken. A link without a written name
/// is called `<entity>_<field>` and has no title: filters may use it, and no page shows it by itself.
pub(super) fn connect(drafts: &mut IndexMap<String, EntityModel>) -> BTreeMap<String, Problems> {
    let mut found: BTreeMap<String, Vec<BackLink>> = BTreeMap::new();
    let mut problems_of: BTreeMap<String, Problems> = BTreeMap::new();
    for (name, draft) in drafts.iter() {
        for field in draft.fields.iter().filter(|field| field.kind.is_link() && !field.system) {
            let back = field.definition.back.as_ref();
            let link = BackLink {
                name: back.map_or_else(|| format!("{name}_{}", field.name), |back| back.name.clone()),
                title: back.map_or_else(String::new, |back| {
                    if back.title.is_empty() { draft.plural.clone() } else { back.title.clone() }
                }),
                entity: name.clone(),
                field: field.name.clone(),
            };
            for target in &field.targets {
                let links = found.entry(target.clone()).or_default();
                if links.iter().any(|other| other.name == link.name) {
                    let at = format!("/properties/{}/back/name", field.name);
                    let problem = Problem::new("duplicate_back_name", at)
                        .with("name", &link.name)
                        .with("entity", target);
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
