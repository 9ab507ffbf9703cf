//! Roles: which entities, fields, record types and networks they name, and whether what they promise can be kept.

use serde_json::json;

use super::{Checker, read};
use crate::Json;
use crate::access::{FieldRight, Reveal};
use crate::definition::role::{Denial, Grants, Reach, RoleDefinition};
use crate::entity::EntityModel;
use crate::filter::{Filter, escape};
use crate::kind::{ParseContext, mask};
use crate::locale::Catalogue;
use crate::network::Network;
use crate::problem::{Problem, Problems};
use crate::territory::field_of;

/// The line of every entity that a role does not name.
const EVERY: &str = "*";

pub(super) fn role(json: &Json, checker: &mut Checker<'_>) {
    let role: RoleDefinition = read(json, checker);
    for (name, grants) in &role.entities {
        let at = format!("/entities/{}", escape(name));
        if name == EVERY {
            of_every(grants, &at, checker);
            continue;
        }
        // Rights to an entity that is set aside are rights to nothing; the others hold.
        if checker.is_set_aside(name) {
            continue;
        }
        if let Some(entity) = checker.entity(name, &at) {
            of_entity(entity, grants, &at, checker);
        }
    }
    for (name, denial) in &role.deny {
        denied(name, denial, checker);
    }
    for (index, written) in role.login.addresses.iter().enumerate() {
        if Network::parse(written).is_none() {
            let at = format!("/login/addresses/{index}");
            checker.add(Problem::new("not_a_network", at).with("value", written));
        }
    }
}

/// The line of every entity names no fields: which entities it stands for is not known when it is written.
fn of_every(grants: &Grants, at: &str, checker: &mut Checker<'_>) {
    let fields = grants.fields.keys().map(|name| ("fields", name));
    let presets = grants.preset.keys().map(|name| ("preset", name));
    for (key, name) in fields.chain(presets) {
        checker.add(Problem::new("named_entity_only", format!("{at}/{key}/{}", escape(name))));
    }
    for (verb, reach) in reaches(grants) {
        if matches!(reach, Reach::Where(_)) {
            checker.add(Problem::new("named_entity_only", format!("{at}/{verb}/where")));
        }
    }
}

fn reaches(grants: &Grants) -> [(&'static str, &Reach); 4] {
    [("read", &grants.read), ("update", &grants.update), ("delete", &grants.delete), ("purge", &grants.purge)]
}

fn of_entity(entity: &EntityModel, grants: &Grants, at: &str, checker: &mut Checker<'_>) {
    let known: Vec<&str> =
        entity.definition.record_types.iter().map(|variant| variant.name.as_str()).collect();
    for (index, one) in grants.record_types.iter().flatten().enumerate() {
        if !known.contains(&one.as_str()) {
            let problem =
                Problem::new("not_an_option", format!("{at}/record_types/{index}")).with("value", one);
            checker.add(problem.with("options", known.join(", ")));
        }
    }
    for (verb, reach) in reaches(grants) {
        if let Reach::Where(filter) = reach {
            checker.filter(entity, Some(filter), &format!("{at}/{verb}/where"));
        }
        if *reach == Reach::Territory && field_of(entity).is_none() {
            checker.add(Problem::new("no_territory", format!("{at}/{verb}")).with("entity", &entity.title));
        }
    }
    for (name, reach) in &grants.fields {
        let at = format!("{at}/fields/{}", escape(name));
        let Some(field) = checker.own(entity, name, &at) else { continue };
        if reach.right == FieldRight::Masked && !mask::may_be_masked(field) {
            let problem = Problem::new("not_maskable", &at).with("field", &field.title);
            checker.add(problem.with("kind", field.kind.name()));
        }
        if reach.right != FieldRight::Masked && reach.reveal != Reveal::Never {
            checker.add(Problem::new("reveal_unmasked", format!("{at}/reveal")));
        }
    }
    for (name, written) in &grants.preset {
        preset(entity, name, written, &format!("{at}/preset/{}", escape(name)), checker);
    }
}

/// A value that a field of new records gets: one that the field takes, or an attribute of the person that it could be.
fn preset(entity: &EntityModel, name: &str, written: &Json, at: &str, checker: &mut Checker<'_>) {
    let Some(field) = checker.own(entity, name, at) else { return };
    let is_owner = field.index == crate::entity::system::OWNER;
    let by_people = field.definition.write.as_deref().is_none_or(|who| who == "people");
    let cannot = !field.is_typed() || field.kind.is_list() || field.kind.is_drawn() || !by_people;
    if cannot || field.part.is_some() || (field.system && !is_owner) || written.is_null() {
        checker.add(Problem::new("not_presettable", at).with("field", &field.title));
        return;
    }
    if let Some(path) = reader_path(written) {
        let condition = json!({ "field": name, "eq": { "user": path } });
        if let Err(found) = Filter::parse(&condition, entity, checker.model) {
            for problem in found.0 {
                checker.add(Problem { path: format!("{at}/user"), ..problem });
            }
        }
        return;
    }
    // Which records there are is not known here: a save says it when one is gone.
    if field.kind.is_link() {
        return;
    }
    let catalogue = Catalogue::default();
    match field.kind.parse_json(field, written, &ParseContext::neutral(&catalogue)) {
        Ok(mut value) => {
            let mut found = Problems::new();
            field.kind.check(field, &mut value, &mut found);
            for problem in found.0 {
                checker.add(Problem { path: at.to_owned(), ..problem });
            }
        }
        Err(problem) => checker.add(Problem { path: at.to_owned(), ..problem }),
    }
}

/// The path of `{ "user": "team" }`.
fn reader_path(written: &Json) -> Option<&str> {
    written.as_object().filter(|object| object.len() == 1)?.get("user")?.as_str()
}

fn denied(name: &str, denial: &Denial, checker: &mut Checker<'_>) {
    let at = format!("/deny/{}", escape(name));
    if name == EVERY {
        for index in 0..denial.fields.len() {
            checker.add(Problem::new("named_entity_only", format!("{at}/fields/{index}")));
        }
        return;
    }
    if checker.is_set_aside(name) {
        return;
    }
    if let Some(entity) = checker.entity(name, &at) {
        checker.owns(entity, &denial.fields, &format!("{at}/fields"));
    }
}
