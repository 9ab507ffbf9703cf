//! The sharing of an entity: whom records follow, the rules that share them, and the territory they belong to.

use super::Checker;
use crate::Json;
use crate::definition::DefinitionKind;
use crate::definition::sharing::{SharedRight, SharingRule};
use crate::entity::EntityModel;
use crate::problem::Problem;
use crate::territory::leads_to_one;

pub(super) fn entity(json: &Json, checker: &mut Checker<'_>) {
    let Some(name) = json.get("name").and_then(Json::as_str) else { return };
    let Some(entity) = checker.model.entity(name).cloned() else { return };
    if let Some(link) = &entity.definition.territory {
        territory(&entity, link, checker);
    }
    let Some(sharing) = &entity.definition.sharing else { return };
    if let Some(link) = &sharing.follow {
        follow(&entity, link, checker);
    }
    let names = sharing.rules.iter().map(|rule| rule.name.as_str());
    checker.distinct(names, &|index| format!("/sharing/rules/{index}/name"));
    for (index, one) in sharing.rules.iter().enumerate() {
        rule(&entity, one, &format!("/sharing/rules/{index}"), checker);
    }
}

/// What a record belongs to is one territory.
fn territory(entity: &EntityModel, link: &str, checker: &mut Checker<'_>) {
    let Some(field) = checker.own(entity, link, "/territory") else { return };
    if !leads_to_one(field) {
        checker.add(Problem::new("not_a_territory", "/territory").with("field", &field.title));
    }
}

/// What is followed is one record, whose own sharing does not come back to this one.
fn follow(entity: &EntityModel, link: &str, checker: &mut Checker<'_>) {
    let at = "/sharing/follow";
    let Some(field) = checker.own(entity, link, at) else { return };
    let is_one = field.kind.is_link() && !field.kind.is_list() && !field.targets.is_empty();
    if !is_one || field.system || field.is_sealed() {
        checker.add(Problem::new("not_followable", at).with("field", &field.title));
        return;
    }
    let mut path = vec![entity.name.clone()];
    for target in &field.targets {
        if comes_back(checker, target, &mut path) {
            let problem = Problem::new("sharing_circle", at).with("path", path.join(" → "));
            checker.add(problem);
            return;
        }
    }
}

/// Whether following from an entity leads back to one that was passed; then the path says how.
fn comes_back(checker: &Checker<'_>, entity: &str, path: &mut Vec<String>) -> bool {
    let is_passed = path.iter().any(|passed| passed == entity);
    path.push(entity.to_owned());
    if is_passed {
        return true;
    }
    let model = checker.model.entity(entity);
    let link = model.and_then(|entity| entity.definition.sharing.as_ref()?.follow.clone());
    let targets = link.and_then(|link| model?.field(&link).map(|field| field.targets.clone()));
    for target in targets.into_iter().flatten() {
        if comes_back(checker, &target, path) {
            return true;
        }
    }
    path.pop();
    false
}

fn rule(entity: &EntityModel, rule: &SharingRule, at: &str, checker: &mut Checker<'_>) {
    checker.filter(entity, rule.condition.as_ref(), &format!("{at}/where"));
    if rule.right == SharedRight::Private {
        checker.add(Problem::new("required", format!("{at}/right")).with("field", "right"));
    }
    let with = &rule.with;
    let said = [&with.role, &with.team, &with.user].into_iter().filter(|one| one.is_some()).count();
    if said != 1 {
        checker.add(Problem::new("shared_with_one", format!("{at}/with")));
    }
    if let Some(role) = &with.role {
        checker.definition(DefinitionKind::Role, role, &format!("{at}/with/role"));
    }
    if let Some(path) = &with.user {
        let at = format!("{at}/with/user");
        if let Some(field) = checker.path(entity, path, &at)
            && field.targets != ["user"]
        {
            checker.add(Problem::new("not_a_person", at).with("field", &field.title));
        }
    }
}
