//! Who follows whom: for each field of each entity, the derived values, here and elsewhere, that are worked out anew
//! when it changes, and the way from the changed record to theirs.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::currency::{RATES, rates};
use crate::dependent::{Dependent, Step};
use crate::entity::{Conversion, EntityModel, FieldModel, Source, system};
use crate::filter::{FieldPath, Filter};
use crate::working_time::{HOLIDAYS, holidays};

/// Fills in `dependents` and `unsettled` of every entity.
pub(super) fn connect(entities: &mut IndexMap<String, EntityModel>) {
    let mut found = Found { entities, by_entity: BTreeMap::new() };
    for entity in entities.values() {
        for field in &entity.fields {
            found.of_field(entity, field);
        }
    }
    let Found { by_entity, .. } = found;
    for (name, mut dependents) in by_entity {
        if let Some(entity) = entities.get_mut(&name) {
            dependents.sort_by_key(|dependent| (dependent.on, dependent.rank));
            entity.dependents = dependents;
        }
    }
    for entity in entities.values_mut() {
        entity.unsettled = unsettled(entity);
        entity.rated = rated(entity);
    }
}

/// The formulas that read what others may change meanwhile, holidays among it, and everything that follows from them.
fn unsettled(entity: &EntityModel) -> Vec<usize> {
    let mut unsettled: Vec<usize> = Vec::new();
    for index in &entity.derived_order {
        let Some(field) = entity.fields.get(*index) else { continue };
        let is_rollup = |index: usize| {
            entity.fields.get(index).is_some_and(|field| matches!(field.source, Source::Rollup(_)))
        };
        let Source::Formula(formula) = &field.source else { continue };
        let reads_others = formula
            .reads
            .iter()
            .any(|path| !path.is_own() || is_rollup(path.field) || unsettled.contains(&path.field));
        if reads_others || formula.reads_working_time() {
            unsettled.push(*index);
        }
    }
    unsettled
}

/// Converted amounts, and the formulas that follow from them.
fn rated(entity: &EntityModel) -> Vec<usize> {
    let mut rated: Vec<usize> = Vec::new();
    for index in &entity.derived_order {
        let is_rated = match entity.fields.get(*index).map(|field| &field.source) {
            Some(Source::Converted(_)) => true,
            Some(Source::Formula(formula)) => {
                formula.reads.iter().any(|path| path.is_own() && rated.contains(&path.field))
            }
            _ => false,
        };
        if is_rated {
            rated.push(*index);
        }
    }
    rated
}

struct Found<'a> {
    entities: &'a IndexMap<String, EntityModel>,
    by_entity: BTreeMap<String, Vec<Dependent>>,
}

/// A derived field, as the target of what is found.
struct Target<'a> {
    entity: &'a str,
    field: usize,
    rank: usize,
}

impl Found<'_> {
    fn of_field(&mut self, entity: &EntityModel, field: &FieldModel) {
        let target = Target { entity: &entity.name, field: field.index, rank: field.rank };
        if field.reads_working_time() {
            self.add_holidays(&target);
        }
        match &field.source {
            Source::Typed | Source::Copy(..) | Source::Kept => {}
            Source::Converted(conversion) => self.add_conversion(&target, conversion),
            Source::Formula(formula) => {
                formula.reads.iter().for_each(|path| self.add_path(&target, path, &entity.name, &[]));
                if let Some(amount) = field.companion_of {
                    self.add(&target, &entity.name, amount, Vec::new());
                }
            }
            Source::Rollup(rollup) => {
                let Some(children) = self.entities.get(&rollup.entity) else { return };
                let Some(link) = children.field_index(&rollup.field) else { return };
                let home = [Step::Forward { field: link, to: entity.name.clone() }];
                self.add(&target, &children.name, link, home.to_vec());
                self.add(&target, &children.name, system::DELETED_AT, home.to_vec());
                if let Some(of) = rollup.of.as_ref().and_then(|of| children.field_index(of)) {
                    self.add(&target, &children.name, of, home.to_vec());
                    // An amount is added up with those of its currency.
                    for companion in children.fields.iter().filter(|other| other.companion_of == Some(of)) {
                        self.add(&target, &children.name, companion.index, home.to_vec());
                    }
                }
                if let Some(by) = rollup.by(children).filter(|_| rollup.picks().is_some()) {
                    self.add(&target, &children.name, by.index, home.to_vec());
                }
                let name = children.name.clone();
                self.add_filter(&target, &rollup.filter, &name, &home);
            }
        }
    }

    /// A converted amount follows its own record, and what currencies are worth.
    fn add_conversion(&mut self, target: &Target<'_>, conversion: &Conversion) {
        for own in [conversion.amount, conversion.currency].into_iter().chain(conversion.days.iter().copied())
        {
            self.add(target, target.entity, own, Vec::new());
        }
        let Some(found) = self.entities.get(RATES) else { return };
        // The currencies of a rate stay what they are.
        let read = [rates::RATE, rates::FROM].map(|name| found.field_index(name));
        for on in read.into_iter().flatten().chain([system::DELETED_AT]) {
            let route =
                vec![Step::Priced { entity: target.entity.to_owned(), currency: conversion.currency }];
            self.add(target, RATES, on, route);
        }
    }

    /// A value in working time follows every holiday, whichever record it belongs to.
    fn add_holidays(&mut self, target: &Target<'_>) {
        let Some(found) = self.entities.get(HOLIDAYS) else { return };
        let read = [holidays::FIRST, holidays::LAST].map(|name| found.field_index(name));
        for on in read.into_iter().flatten().chain([system::DELETED_AT]) {
            self.add(target, HOLIDAYS, on, vec![Step::Every { entity: target.entity.to_owned() }]);
        }
    }

    /// A path read from records of `root`; `home` leads from those to the target's records.
    fn add_path(&mut self, target: &Target<'_>, path: &FieldPath, root: &str, home: &[Step]) {
        self.add(target, root, path.first(), home.to_vec());
        let mut route = home.to_vec();
        for (index, hop) in path.hops.iter().enumerate() {
            route.insert(0, Step::Back { entity: hop.entity.clone(), field: hop.field });
            let read = path.hops.get(index + 1).map_or(path.field, |next| next.field);
            self.add(target, &hop.to, read, route.clone());
            // What is in the bin is as good as not there.
            self.add(target, &hop.to, system::DELETED_AT, route.clone());
        }
    }

    fn add_filter(&mut self, target: &Target<'_>, filter: &Filter, root: &str, home: &[Step]) {
        for path in filter.paths() {
            self.add_path(target, path, root, home);
        }
        for has in filter.has_conditions() {
            let mut route = home.to_vec();
            route.insert(0, Step::Forward { field: has.field, to: root.to_owned() });
            self.add(target, &has.entity, has.field, route.clone());
            self.add(target, &has.entity, system::DELETED_AT, route.clone());
            self.add_filter(target, &has.filter, &has.entity, &route);
        }
    }

    fn add(&mut self, target: &Target<'_>, entity: &str, on: usize, route: Vec<Step>) {
        let dependent =
            Dependent { on, entity: target.entity.to_owned(), field: target.field, rank: target.rank, route };
        let dependents = self.by_entity.entry(entity.to_owned()).or_default();
        if !dependents.contains(&dependent) {
            dependents.push(dependent);
        }
    }
}
