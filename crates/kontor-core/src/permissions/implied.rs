//! Rights that follow from others: to the pairs that a list of links implies, and to lists whose records one may not
//! see.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::access::{EntityAccess, FieldRight, Scope};
use kontor_model::entity::ListModel;
use kontor_model::filter::Hop;
use kontor_model::{EntityModel, Model};

/// Adds what roles do not say of implied entities: a pair is seen by whoever sees both ends, and written by whoever
/// may write the record that has the list.
pub(super) fn complete(model: &Model, entities: &mut HashMap<String, Arc<EntityAccess>>) {
    for pairs in model.entities.values() {
        if pairs.implied.is_some()
            && !entities.contains_key(&pairs.name)
            && let Some(access) = of_pairs(model, pairs, entities)
        {
            entities.insert(pairs.name.clone(), Arc::new(access));
        }
    }
    for entity in model.entities.values() {
        // Who may not know what a record belongs to may not see what belongs to a record.
        let sees = |list: &ListModel| {
            let Some(access) = entities.get(&list.entity) else { return false };
            let links = [Some(list.by), list.through].into_iter().flatten();
            let names = links.filter_map(|link| model.entity(&list.entity)?.fields.get(link));
            !matches!(access.read, Scope::None)
                && names.map(|link| access.field(&link.name)).all(|right| right > FieldRight::None)
        };
        let unseen: Vec<String> =
            entity.lists().filter(|(_, list)| !sees(list)).map(|(field, _)| field.name.clone()).collect();
        if let (false, Some(access)) = (unseen.is_empty(), entities.get_mut(&entity.name)) {
            let access = Arc::make_mut(access);
            access.fields.extend(unseen.into_iter().map(|name| (name, FieldRight::None)));
        }
    }
}

fn of_pairs(
    model: &Model,
    pairs: &EntityModel,
    entities: &HashMap<String, Arc<EntityAccess>>,
) -> Option<EntityAccess> {
    let implied = pairs.implied.as_ref()?;
    let owner = entities.get(&implied.entity)?;
    let hop = |index: usize| {
        let link = pairs.fields.get(index)?;
        Some(Hop { entity: pairs.name.clone(), field: index, to: link.targets.first()?.clone() })
    };
    let (by, through) = (hop(implied.by)?, hop(implied.through)?);
    let target = entities.get(&through.to)?;
    model.entity(&through.to)?;
    let right = owner.field(&implied.field);
    let seen = both(behind(&owner.read, &by), behind(&target.read, &through));
    let read = if right == FieldRight::None { Scope::None } else { seen.clone() };
    let written =
        if right == FieldRight::Edit { both(behind(&owner.update, &by), seen) } else { Scope::None };
    let may_write = right == FieldRight::Edit && (owner.create || !matches!(owner.update, Scope::None));
    Some(EntityAccess {
        read,
        update: written.clone(),
        delete: written,
        create: may_write,
        import: owner.import,
        export: owner.export,
        bulk: owner.bulk,
        ..EntityAccess::default()
    })
}

/// A scope of the records behind a link.
fn behind(scope: &Scope, hop: &Hop) -> Scope {
    match scope {
        Scope::All => Scope::All,
        Scope::None => Scope::None,
        Scope::Where(filter) => Scope::Where(Arc::new((**filter).clone().behind(hop))),
    }
}

fn both(left: Scope, right: Scope) -> Scope {
    match (left, right) {
        (Scope::None, _) | (_, Scope::None) => Scope::None,
        (Scope::All, scope) | (scope, Scope::All) => scope,
        (Scope::Where(one), Scope::Where(other)) => {
            Scope::Where(Arc::new((*one).clone().and((*other).clone())))
        }
    }
}
