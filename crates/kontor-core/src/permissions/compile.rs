//! Compiles role definitions into an [`Access`]: the most permissive grant of all roles wins.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::access::{Access, EntityAccess, Reveal, Scope};
use kontor_model::currency::RATES;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::role::{FieldReach, Reach};
use kontor_model::entity::{EntityModel, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator, SharedFor};
use kontor_model::stages::STAGE_LOG;
use kontor_model::working_time::HOLIDAYS;
use kontor_model::{Json, Model, territory};

/// The role that holds everything, whatever definitions say.
pub const ADMINISTRATOR: &str = "administrator";

/// What the holder of these roles may see and do in this model; `teams` are the names of their team and of those above it.
/// A role that is unknown grants nothing.
pub fn access_of(model: &Model, roles: &[String], teams: &[String]) -> Access {
    held(model, roles, teams).demanding_second_factor(super::login::second_factor(model, roles))
}

fn held(model: &Model, roles: &[String], teams: &[String]) -> Access {
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
    let networks = super::login::networks(&definitions);
    let holds_all =
        definitions.iter().any(|role| role.get("everything").and_then(Json::as_bool) == Some(true));
    let denies = definitions.iter().any(|role| role.get("deny").is_some());
    if holds_all && !denies {
        return super::stages::of_everything(model).from_networks(networks);
    }
    let mut admin: Vec<String> = definitions
        .iter()
        .filter_map(|definition| definition.get("admin").and_then(Json::as_array))
        .flatten()
        .filter_map(|right| right.as_str().map(str::to_owned))
        .collect();
    if holds_all {
        admin.push("*".to_owned());
    }
    let mut holder = Holder { model, roles, teams, definitions, holds_all, known: HashMap::new() };
    for entity in model.entities.values() {
        holder.access(entity);
    }
    let definitions = std::mem::take(&mut holder.definitions);
    let known = holder.known.into_iter();
    let mut entities: HashMap<String, Arc<EntityAccess>> =
        known.filter_map(|(name, access)| Some((name, access?))).collect();
    super::implied::complete(model, &mut entities);
    super::stages::complete(model, &mut entities);
    // What follows from other rights is denied like what was granted.
    let follows =
        |name: &str| name == STAGE_LOG || model.entity(name).is_some_and(|entity| entity.implied.is_some());
    for (name, access) in entities.iter_mut().filter(|(name, _)| follows(name)) {
        for definition in &definitions {
            super::deny::take_away(definition, name, Arc::make_mut(access));
        }
    }
    Access::new(entities, admin).from_networks(networks)
}

/// Somebody whose rights are worked out: those to one entity may follow those to another.
pub(super) struct Holder<'a> {
    pub(super) model: &'a Model,
    pub(super) roles: &'a [String],
    pub(super) teams: &'a [String],
    definitions: Vec<&'a Json>,
    holds_all: bool,
    /// What is known so far; `None` for no rights at all, and while it is being worked out.
    known: HashMap<String, Option<Arc<EntityAccess>>>,
}

impl Holder<'_> {
    /// The rights to an entity, without those that follow from what it is paired with.
    pub(super) fn access(&mut self, entity: &EntityModel) -> Option<Arc<EntityAccess>> {
        if let Some(known) = self.known.get(&entity.name) {
            return known.clone();
        }
        self.known.insert(entity.name.clone(), None);
        let mut access = self.granted(entity)?;
        for definition in &self.definitions {
            super::deny::take_away(definition, &entity.name, &mut access);
        }
        let access = Some(Arc::new(access));
        self.known.insert(entity.name.clone(), access.clone());
        access
    }

    /// What roles grant for an entity; `None` when none of them says anything of it.
    fn granted(&mut self, entity: &EntityModel) -> Option<EntityAccess> {
        if self.holds_all {
            return Some(EntityAccess::full());
        }
        let mut merged: Option<EntityAccess> = None;
        for definition in self.definitions.clone() {
            let grants = definition.get("entities");
            // Pairs follow what they pair, unless a role names them.
            let usual = || grants.and_then(|all| all.get("*")).filter(|_| entity.implied.is_none());
            let own = grants.and_then(|all| all.get(&entity.name));
            let one = match own {
                // What a currency is worth changes the numbers of everybody, and so does a holiday.
                None if matches!(entity.name.as_str(), RATES | HOLIDAYS) => common_access(definition),
                _ => match own.or_else(usual) {
                    Some(grant) => entity_access(self, entity, grant),
                    None => continue,
                },
            };
            merged = Some(match merged {
                Some(other) => super::union::union(other, one),
                None => one,
            });
        }
        merged
    }
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
        create: shapes,
        import: shapes,
        export: sees || shapes,
        bulk: shapes,
        run: shapes,
        assign: shapes,
        share: false,
        comment: sees || shapes,
        ..EntityAccess::default()
    }
}

fn entity_access(holder: &mut Holder<'_>, entity: &EntityModel, grant: &Json) -> EntityAccess {
    let flag = |verb: &str, absent: bool| grant.get(verb).and_then(Json::as_bool).unwrap_or(absent);
    let mut reached = |verb: &str, right| scope(holder, entity, grant.get(verb), right);
    let read = reached("read", SharedFor::Reading);
    let update = reached("update", SharedFor::Changing);
    let delete = reached("delete", SharedFor::Changing);
    let purge = reached("purge", SharedFor::Changing);
    let presets = super::presets::of(grant);
    let mut fields = HashMap::new();
    let mut reveal = HashMap::new();
    for (name, right) in grant.get("fields").and_then(Json::as_object).into_iter().flatten() {
        let reach = FieldReach::parse(right);
        fields.insert(name.clone(), reach.right);
        if reach.reveal != Reveal::Never {
            reveal.insert(name.clone(), reach.reveal);
        }
    }
    EntityAccess {
        update,
        delete,
        purge,
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
        share: flag("share", false),
        comment: flag("comment", !matches!(read, Scope::None)),
        read,
        fields,
        reveal,
        presets,
    }
}

/// The records that a scope as it is written reaches. A word that is not known reaches none.
fn scope(holder: &mut Holder<'_>, entity: &EntityModel, written: Option<&Json>, right: SharedFor) -> Scope {
    let model = holder.model;
    match written.and_then(Reach::parse) {
        None | Some(Reach::None) => Scope::None,
        Some(Reach::All) => Scope::All,
        Some(Reach::Own) => owner_is(entity, Operand::Me),
        Some(Reach::Team) => owned_in_team(model, entity, "my_team"),
        Some(Reach::TeamAndBelow) => owned_in_team(model, entity, "my_team_and_below"),
        Some(Reach::Territory) => match territory::field_of(entity) {
            Some(field) => Scope::Where(Arc::new(Filter::Leaf(Leaf {
                path: FieldPath::own(entity.name.clone(), field.index),
                operator: Operator::Is,
                operand: Operand::MyTerritories,
            }))),
            None => Scope::None,
        },
        Some(Reach::Shared) => {
            let own = owner_is(entity, Operand::Me);
            super::shared::opened(holder, entity, right).into_iter().fold(own, super::union::union_scope)
        }
        Some(Reach::Where(filter)) => {
            Filter::parse(&filter, entity, model).map_or(Scope::None, |filter| Scope::Where(Arc::new(filter)))
        }
    }
}

/// What belongs to me, to somebody of these teams, or to one of the teams itself.
fn owned_in_team(model: &Model, entity: &EntityModel, teams: &str) -> Scope {
    let of_people = serde_json::json!({ "any": [
        { "field": "owner", "is": "me" }, { "field": "owner", "is": teams }
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
