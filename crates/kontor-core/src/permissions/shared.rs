//! What the sharing of an entity opens to somebody beside what is theirs: to everybody, by hand, by rules, and to those who
//! see the record that it follows.

use std::sync::Arc;

use kontor_model::access::Scope;
use kontor_model::definition::sharing::{SharedRight, SharingRule};
use kontor_model::filter::{FieldPath, Filter, Leaf, Linked, Operand, Operator, Shared, SharedFor};
use kontor_model::{EntityModel, Model};

use super::compile::Holder;

/// The ways in which records are opened for this; none for an entity that shares nothing.
pub(super) fn opened(holder: &mut Holder<'_>, entity: &EntityModel, right: SharedFor) -> Vec<Scope> {
    let Some(sharing) = &entity.definition.sharing else { return Vec::new() };
    let is_enough = |shared: SharedRight| match right {
        SharedFor::Reading => shared >= SharedRight::Read,
        SharedFor::Changing => shared >= SharedRight::Edit,
    };
    if is_enough(sharing.default) {
        return vec![Scope::All];
    }
    let by_hand = Filter::Shared(Shared { entity: entity.name.clone(), right });
    let mut ways = vec![Scope::Where(Arc::new(by_hand))];
    for rule in sharing.rules.iter().filter(|rule| is_enough(rule.right)) {
        ways.extend(by_rule(holder, entity, rule));
    }
    if let Some(link) = sharing.follow.as_deref().and_then(|name| entity.field(name)) {
        for target in &link.targets {
            let Some(other) = holder.model.entity(target).cloned() else { continue };
            let Some(access) = holder.access(&other) else { continue };
            let reached = match right {
                SharedFor::Reading => &access.read,
                SharedFor::Changing => &access.update,
            };
            let filter = match reached {
                Scope::None => continue,
                Scope::All => Filter::True,
                Scope::Where(filter) => (**filter).clone(),
            };
            ways.push(Scope::Where(Arc::new(Filter::Linked(Linked {
                link: FieldPath::own(entity.name.clone(), link.index),
                to: target.clone(),
                filter: Box::new(filter),
            }))));
        }
    }
    ways
}

/// What a rule opens to the holder; nothing when it is for others, or cannot be read.
fn by_rule(holder: &Holder<'_>, entity: &EntityModel, rule: &SharingRule) -> Option<Scope> {
    let with = &rule.with;
    let is_held = |name: &Option<String>, held: &[String]| match name {
        Some(name) => held.contains(name),
        None => true,
    };
    if !is_held(&with.role, holder.roles) || !is_held(&with.team, holder.teams) {
        return None;
    }
    if with.role.is_none() && with.team.is_none() && with.user.is_none() {
        return None;
    }
    let mut filter = match &rule.condition {
        Some(written) => Filter::parse(written, entity, holder.model).ok()?,
        None => Filter::True,
    };
    if let Some(path) = &with.user {
        filter = filter.and(is_me(holder.model, entity, path)?);
    }
    Some(if filter == Filter::True { Scope::All } else { Scope::Where(Arc::new(filter)) })
}

fn is_me(model: &Model, entity: &EntityModel, path: &str) -> Option<Filter> {
    let path = FieldPath::parse(path, entity, model).ok()?;
    Some(Filter::Leaf(Leaf { path, operator: Operator::Is, operand: Operand::Me }))
}
