//! Two grants as one: the most permissive of each counts.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::access::{EntityAccess, FieldRight, Scope};
use kontor_model::filter::Filter;

pub(super) fn union(left: EntityAccess, right: EntityAccess) -> EntityAccess {
    let record_types = union_types(&left, &right);
    let (fields, reveal) = union_fields(&left, &right);
    let presets = super::presets::union(&left, &right);
    EntityAccess {
        read: union_scope(left.read, right.read),
        update: union_scope(left.update, right.update),
        delete: union_scope(left.delete, right.delete),
        purge: union_scope(left.purge, right.purge),
        record_types,
        create: left.create || right.create,
        import: left.import || right.import,
        export: left.export || right.export,
        bulk: left.bulk || right.bulk,
        run: left.run || right.run,
        assign: left.assign || right.assign,
        share: left.share || right.share,
        comment: left.comment || right.comment,
        fields,
        reveal,
        presets,
    }
}

type Fields = (HashMap<String, FieldRight>, HashMap<String, kontor_model::access::Reveal>);

fn union_fields(left: &EntityAccess, right: &EntityAccess) -> Fields {
    let names: Vec<&String> = left.fields.keys().chain(right.fields.keys()).collect();
    let fields =
        names.into_iter().map(|name| (name.clone(), left.right(name).max(right.right(name)))).collect();
    let names: Vec<&String> = left.reveal.keys().chain(right.reveal.keys()).collect();
    let reveal =
        names.into_iter().map(|name| (name.clone(), left.reveals(name).max(right.reveals(name)))).collect();
    (fields, reveal)
}

/// The record types that one of two grants lets create; a grant that does not create says nothing of them.
fn union_types(left: &EntityAccess, right: &EntityAccess) -> Option<Vec<String>> {
    match (left.create, right.create) {
        (true, false) => left.record_types.clone(),
        (false, true) => right.record_types.clone(),
        _ => {
            let mut types = left.record_types.clone()?;
            for one in right.record_types.as_ref()? {
                if !types.contains(one) {
                    types.push(one.clone());
                }
            }
            Some(types)
        }
    }
}

pub(super) fn union_scope(left: Scope, right: Scope) -> Scope {
    match (left, right) {
        (Scope::All, _) | (_, Scope::All) => Scope::All,
        (Scope::None, scope) | (scope, Scope::None) => scope,
        (Scope::Where(one), Scope::Where(other)) => {
            let mut ways = match (*one).clone() {
                Filter::Any(ways) => ways,
                way => vec![way],
            };
            ways.push((*other).clone());
            Scope::Where(Arc::new(Filter::Any(ways)))
        }
    }
}
