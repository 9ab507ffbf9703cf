//! Compiles role definitions into an [`Access`]: the most permissive grant of all roles wins.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::access::{Access, EntityAccess, FieldRight, Scope};
use kontor_model::currency::RATES;
use kontor_model::definition::DefinitionKind;
use kontor_model::entity::{EntityModel, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::working_time::HOLIDAYS;
use kontor_model::{Json, Model};

/// The role that holds everything, whatever definitions say.
pub const ADMINISTRATOR: &str = "administrator";

/// What the holder of these roles may see and do in this model. A role that is unknown grants nothing.
pub fn access_of(model: &Model, roles: &[String]) -> Access {
    if roles.iter().any(|role| role == ADMINISTRATOR) {
        return super::stages::of_everything(model);
    }
    // What a broken role would have denied is not known: whoever has one has nothing until it is put right.
    let is_broken =
        |role: &String| model.broken.iter().any(|one| one.id.0 == DefinitionKind::Role && one.id.1 == *role);
    if roles.iter().any(is_broken) {
        return Access::new(HashMap::new(), Vec::new());
    }
    let definitions: Vec<&Json> =
        roles.iter().filter_map(|role| model.definition(DefinitionKind::Role, role)).collect();
    if definitions.iter().any(|role| role.get("everything").and_then(Json::as_bool) == Some(true)) {
        return super::stages::of_everything(model);
    }
    let mut entities = HashMap::new();
    for entity in model.entities.values() {
        let mut merged: Option<EntityAccess> = None;
        for definition in &definitions {
            let grants = definition.get("entities");
            // Pairs follow what they pair, unless a role names them.
            let usual = || grants.and_then(|all| all.get("*")).filter(|_| entity.implied.is_none());
            let own = grants.and_then(|all| all.get(&entity.name));
            let one = match own {
                // What a currency is worth changes the numbers of everybody, and so does a holiday.
                None if matches!(entity.name.as_str(), RATES | HOLIDAYS) => common_access(definition),
                _ => match own.or_else(usual) {
                    Some(grant) => entity_access(model, entity, grant),
                    None => continue,
                },
            };
            merged = Some(match merged {
                Some(other) => union(other, one),
                None => one,
            });
        }
        if let Some(access) = merged {
            entities.insert(entity.name.clone(), Arc::new(access));
        }
    }
    super::implied::complete(model, &mut entities);
    super::stages::complete(model, &mut entities);
    let admin = definitions
        .iter()
        .filter_map(|definition| definition.get("admin").and_then(Json::as_array))
        .flatten()
        .filter_map(|right| right.as_str().map(str::to_owned))
        .collect();
    Access::new(entities, admin)
}

/// Who sees records sees what currencies are worth, and when nobody works; who shapes the workspace writes it.
fn common_access(role: &Json) -> EntityAccess {
    let grants = role.get("entities").and_then(Json::as_object);
    let sees = grants.is_some_and(|grants| !grants.is_empty());
    let admin = role.get("admin").and_then(Json::as_array);
    let shapes = admin.into_iter().flatten().any(|right| matches!(right.as_str(), Some("design" | "*")));
    let all = |granted: bool| if granted { Scope::All } else { Scope::None };
    EntityAccess {
        read: all(sees || shapes),
        update: all(shapes),
        delete: all(shapes),
        record_types: None,
        create: shapes,
        import: shapes,
        export: sees || shapes,
        bulk: shapes,
        run: shapes,
        assign: shapes,
        fields: HashMap::new(),
    }
}

fn entity_access(model: &Model, entity: &EntityModel, grant: &Json) -> EntityAccess {
    let flag = |verb: &str, absent: bool| grant.get(verb).and_then(Json::as_bool).unwrap_or(absent);
    let read = scope(model, entity, grant.get("read"));
    let fields = grant
        .get("fields")
        .and_then(Json::as_object)
        .map(|fields| fields.iter().map(|(name, right)| (name.clone(), field_right(right))).collect())
        .unwrap_or_default();
    EntityAccess {
        update: scope(model, entity, grant.get("update")),
        delete: scope(model, entity, grant.get("delete")),
        record_types: grant
            .get("record_types")
            .and_then(Json::as_array)
            .map(|types| types.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        create: flag("create", false),
        import: flag("import", false),
        export: flag("export", !matches!(read, Scope::None)),
        bulk: flag("bulk", false),
        run: flag("run", false),
        assign: flag("assign", false),
        read,
        fields,
    }
}

/// `"none"`, `"own"`, `"team"`, `"all"`, or `{ "where": filter }`. A word that is not known grants nothing.
fn scope(model: &Model, entity: &EntityModel, written: Option<&Json>) -> Scope {
    match written {
        Some(Json::String(word)) => match word.as_str() {
            "all" => Scope::All,
            "own" => owner_is(entity, Operand::Me),
            "team" => owned_in_team(model, entity),
            _ => Scope::None,
        },
        Some(Json::Object(object)) => object
            .get("where")
            .and_then(|filter| Filter::parse(filter, entity, model).ok())
            .map_or(Scope::None, |filter| Scope::Where(Arc::new(filter))),
        _ => Scope::None,
    }
}

/// What belongs to me, to somebody of my team, or to the team itself.
fn owned_in_team(model: &Model, entity: &EntityModel) -> Scope {
    let of_people = serde_json::json!({ "any": [
        { "field": "owner", "is": "me" }, { "field": "owner", "is": "my_team" }
    ] });
    Filter::parse(&of_people, entity, model)
        .map_or_else(|_| owner_is(entity, Operand::Me), |filter| Scope::Where(Arc::new(filter)))
}

fn owner_is(entity: &EntityModel, operand: Operand) -> Scope {
    Scope::Where(Arc::new(Filter::Leaf(Leaf {
        path: FieldPath::own(entity.name.clone(), system::OWNER),
        operator: Operator::Is,
        operand,
    })))
}

fn field_right(written: &Json) -> FieldRight {
    match written.as_str().or_else(|| written.get("right").and_then(Json::as_str)) {
        Some("read") => FieldRight::Read,
        Some("edit") => FieldRight::Edit,
        _ => FieldRight::None,
    }
}

fn union(left: EntityAccess, right: EntityAccess) -> EntityAccess {
    let names: Vec<String> = left.fields.keys().chain(right.fields.keys()).cloned().collect();
    let fields = names
        .into_iter()
        .map(|name| {
            let greater = left.field(&name).max(right.field(&name));
            (name, greater)
        })
        .collect();
    let record_types = union_types(&left, &right);
    EntityAccess {
        read: union_scope(left.read, right.read),
        update: union_scope(left.update, right.update),
        delete: union_scope(left.delete, right.delete),
        record_types,
        create: left.create || right.create,
        import: left.import || right.import,
        export: left.export || right.export,
        bulk: left.bulk || right.bulk,
        run: left.run || right.run,
        assign: left.assign || right.assign,
        fields,
    }
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

fn union_scope(left: Scope, right: Scope) -> Scope {
    match (left, right) {
        (Scope::All, _) | (_, Scope::All) => Scope::All,
        (Scope::None, scope) | (scope, Scope::None) => scope,
        (Scope::Where(one), Scope::Where(other)) => {
            Scope::Where(Arc::new(Filter::Any(vec![(*one).clone(), (*other).clone()])))
        }
    }
}
