//! What definitions other than entities refer to: does it exist, and does it fit.

mod approval;
mod apps;
mod blocks;
mod filters;
mod flows;
mod layouts;
mod listed;
mod metric;
mod parameters;
mod questions;
mod roles;
mod sharing;
mod snapshot;

use crate::Json;
use crate::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use crate::entity::{EntityModel, FieldModel};
use crate::filter::{FieldPath, Filter};
use crate::model::Model;
use crate::problem::{Problem, Problems};

/// The problems of one definition; `sound` says whether another definition is there and not broken, `known` whether
/// it is there at all. The shape was
/// checked before, so whatever is of another type than expected is simply not there.
pub(super) fn check(
    id: &DefinitionId,
    json: &Json,
    (definitions, model): (&DefinitionSet, &Model),
    sound: &dyn Fn(&DefinitionId) -> bool,
    known: &dyn Fn(&DefinitionId) -> bool,
) -> Problems {
    let mut checker = Checker { model, definitions, sound, known, problems: Problems::new() };
    match id.0 {
        DefinitionKind::Form => layouts::form(json, &mut checker),
        DefinitionKind::View => layouts::view(json, &mut checker),
        DefinitionKind::Process => flows::process(json, &mut checker),
        DefinitionKind::Workflow => flows::workflow(json, &mut checker),
        DefinitionKind::Action => flows::action(json, &mut checker),
        DefinitionKind::Approval => approval::approval(json, &mut checker),
        DefinitionKind::Report => questions::report(json, &mut checker),
        DefinitionKind::Metric => metric::metric(json, &mut checker),
        DefinitionKind::Snapshot => snapshot::snapshot(json, &mut checker),
        DefinitionKind::Dashboard => questions::dashboard(json, &mut checker),
        DefinitionKind::Role => roles::role(json, &mut checker),
        DefinitionKind::App => apps::app(json, &mut checker),
        DefinitionKind::Entity => sharing::entity(json, &mut checker),
        // These refer to nothing, or what they refer to is checked by those who run them.
        DefinitionKind::Table | DefinitionKind::Setting | DefinitionKind::Script | DefinitionKind::Locale => {
        }
    }
    checker.problems
}

/// The problems of what somebody saved for themselves, in everything that it refers to.
pub(crate) fn check_saved(kind: DefinitionKind, name: &str, json: &Json, model: &Model) -> Problems {
    let sound = |id: &DefinitionId| model.definition(id.0, &id.1).is_some();
    check(&(kind, name.to_owned()), json, (&model.definitions, model), &sound, &sound)
}

struct Checker<'a> {
    model: &'a Model,
    /// All that is there, sound or not; the model has the entities, the decision tables and the settings.
    definitions: &'a DefinitionSet,
    sound: &'a dyn Fn(&DefinitionId) -> bool,
    known: &'a dyn Fn(&DefinitionId) -> bool,
    problems: Problems,
}

impl<'a> Checker<'a> {
    fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The entity that the definition is about.
    fn entity(&mut self, name: &str, at: &str) -> Option<&'a EntityModel> {
        let entity = self.model.entity(name);
        if entity.is_none() {
            self.add(Problem::new("unknown_entity", at).with("entity", name));
        }
        entity.map(AsRef::as_ref)
    }

    /// A field by its path, through links.
    fn path(&mut self, entity: &EntityModel, path: &str, at: &str) -> Option<&'a FieldModel> {
        match FieldPath::parse(path, entity, self.model) {
            Ok(path) => path.resolve(self.model),
            Err(problem) => {
                self.add(problem.under(at));
                None
            }
        }
    }

    /// A path to a field that lists are sorted, grouped or totalled by: its values are not sealed.
    fn open(&mut self, entity: &EntityModel, path: &str, at: &str) -> Option<&'a FieldModel> {
        let field = self.path(entity, path, at)?;
        if field.is_sealed() {
            self.add(Problem::new("encrypted_uses", at).with("field", &field.title));
        }
        Some(field)
    }

    /// Paths in a list.
    fn paths(&mut self, entity: &EntityModel, paths: &[String], at: &str) {
        for (index, path) in paths.iter().enumerate() {
            self.path(entity, path, &format!("{at}/{index}"));
        }
    }

    /// A field of the entity itself.
    fn own<'e>(&mut self, entity: &'e EntityModel, name: &str, at: &str) -> Option<&'e FieldModel> {
        let field = entity.field(name);
        if field.is_none() {
            self.add(Problem::new("unknown_field", at).with("field", name).with("entity", &entity.name));
        }
        field
    }

    fn owns(&mut self, entity: &EntityModel, names: &[String], at: &str) {
        for (index, name) in names.iter().enumerate() {
            self.own(entity, name, &format!("{at}/{index}"));
        }
    }

    /// The choice field of a process, a board, a trigger.
    fn choice<'e>(&mut self, entity: &'e EntityModel, name: &str, at: &str) -> Option<&'e FieldModel> {
        let field = self.own(entity, name, at)?;
        if field.kind.is_choice() {
            return Some(field);
        }
        self.no_choice(entity, name, field, at);
        None
    }

    /// The field is none with options, and one is needed.
    fn no_choice(&mut self, entity: &EntityModel, name: &str, field: &FieldModel, at: &str) {
        let problem = Problem::new("not_a_choice", at).with("field", name).with("kind", field.kind.name());
        self.add(problem.with("options", fields_of(entity, &|field| field.kind.is_choice())));
    }

    fn option(&mut self, field: &FieldModel, value: &str, at: &str) {
        let options: Vec<&str> = field.definition.one_of.iter().map(|option| option.value.as_str()).collect();
        if !options.contains(&value) {
            self.add(
                Problem::new("not_an_option", at).with("value", value).with("options", options.join(", ")),
            );
        }
    }

    fn number(&mut self, entity: &EntityModel, field: &FieldModel, at: &str) {
        if !field.kind.is_number() {
            let problem = Problem::new("not_a_number_field", at)
                .with("field", &field.name)
                .with("kind", field.kind.name());
            self.add(problem.with("options", fields_of(entity, &|field| field.kind.is_number())));
        }
    }

    fn filter(&mut self, entity: &EntityModel, filter: Option<&Json>, at: &str) {
        let Some(filter) = filter else { return };
        if let Err(found) = Filter::parse(filter, entity, self.model) {
            self.problems.extend_under(at, found);
        }
    }

    /// A condition of a form, which is asked while it is filled in.
    fn form_filter(&mut self, entity: &EntityModel, filter: Option<&Json>, at: &str) {
        self.filter(entity, filter, at);
        let read = filter.and_then(|filter| Filter::parse(filter, entity, self.model).ok());
        if read.is_some_and(|filter| filter.asks_for_history()) {
            self.add(Problem::new("history_not_here", at));
        }
    }

    fn trigger(&mut self, entity: &EntityModel, filter: Option<&Json>, at: &str) {
        let Some(filter) = filter else { return };
        if let Err(found) = Filter::parse_trigger(filter, entity, self.model) {
            self.problems.extend_under(at, found);
        }
    }

    /// Another definition.
    fn definition(&mut self, kind: DefinitionKind, name: &str, at: &str) {
        if !(self.sound)(&(kind, name.to_owned())) {
            self.add(Problem::new("unknown_definition", at).with("kind", kind).with("name", name));
        }
    }

    /// Another definition, broken or not: what only lists others is right without those that are set aside.
    fn listed(&mut self, kind: DefinitionKind, name: &str, at: &str) {
        if !(self.known)(&(kind, name.to_owned())) {
            self.add(Problem::new("unknown_definition", at).with("kind", kind).with("name", name));
        }
    }

    /// The entity that another definition, such as a view, is about.
    fn about(&self, kind: DefinitionKind, name: &str) -> Option<&'a EntityModel> {
        let entity = self.definitions.get(&(kind, name.to_owned()))?.get("entity")?.as_str()?;
        self.model.entity(entity).map(AsRef::as_ref)
    }

    /// An entity that is there and set aside.
    fn is_set_aside(&self, entity: &str) -> bool {
        self.model.entity(entity).is_none() && (self.known)(&(DefinitionKind::Entity, entity.to_owned()))
    }

    fn roles(&mut self, roles: &[String], at: &str) {
        for (index, role) in roles.iter().enumerate() {
            self.definition(DefinitionKind::Role, role, &format!("{at}/{index}"));
        }
    }

    /// Names that occur once in a list.
    fn distinct<'n>(&mut self, names: impl Iterator<Item = &'n str>, at: &dyn Fn(usize) -> String) {
        let mut seen = std::collections::HashSet::new();
        for (index, name) in names.enumerate() {
            if !name.is_empty() && !seen.insert(name) {
                self.add(Problem::new("duplicate_value", at(index)).with("value", name));
            }
        }
    }
}

/// The fields of an entity that would fit, as a message lists them.
fn fields_of(entity: &EntityModel, fits: &dyn Fn(&FieldModel) -> bool) -> String {
    let names = entity.own_fields().filter(|field| fits(field)).map(|field| field.name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// The typed shape; what does not fit it was refused before.
fn read<T: serde::de::DeserializeOwned + Default>(json: &Json, checker: &mut Checker<'_>) -> T {
    crate::definition::read(json).unwrap_or_else(|found| {
        checker.problems.extend_under("", found);
        T::default()
    })
}

#[cfg(test)]
mod tests;
