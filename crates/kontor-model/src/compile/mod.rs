//! Builds the [`Model`] of effective definitions. What is broken takes only itself down: of an entity the parts that are
//! wrong, where it can be without them; anything else is set aside and the rest compiled as if it were not there. All
//! of it is listed with its problems.

mod activities;
mod back_links;
mod dependents;
mod derived;
mod entity;
mod fields;
mod guarded;
mod guards;
mod implied;
mod keys;
mod lists;
mod names;
mod reduce;
mod references;
mod resolve;
mod rollups;
mod variants;

pub(crate) use references::check_saved;
pub(crate) use resolve::beside;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::Json;
use crate::check::check_definition;
use crate::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use crate::entity::EntityModel;
use crate::locale::Catalogue;
use crate::model::{Broken, Model};
use crate::problem::{Problem, Problems};
use crate::setting::Setting;
use crate::table::Table;

use self::reduce::LeftOut;
pub(crate) use fields::RECORD_TYPE;
pub(crate) use fields::alone as field_alone;
pub use fields::is_reserved;
pub use names::complete;

/// Most entities of a workspace.
pub const MAX_ENTITIES: usize = 2_000;
/// Most own fields of an entity.
pub const MAX_FIELDS: usize = 500;

impl Model {
    /// Compiles effective definitions; broken ones are set aside in `broken` and left out of `definitions`.
    pub fn compile(version: i64, mut definitions: DefinitionSet) -> Self {
        crate::stages::complete(&mut definitions);
        let mut compiler = Compiler {
            definitions,
            broken: BTreeMap::new(),
            whole: BTreeMap::new(),
            left_out: BTreeMap::new(),
            tables: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        compiler.check_shapes();
        compiler.answers();
        let entities = compiler.entities();
        let (tables, settings) = (compiler.tables.clone(), compiler.settings.clone());
        let mut model = Self { version, entities, tables, settings, ..Self::default() };
        compiler.check_references(&mut model);
        let Compiler { mut definitions, mut broken, whole, .. } = compiler;
        for (id, problems) in &mut broken {
            complete(id, problems, &model, &definitions);
        }
        model.outside = crate::portal::outside_roles(&definitions);
        definitions.retain(|id, _| whole.contains_key(id) || !broken.contains_key(id));
        // What is edited and exported is what is written, not what is left of it.
        definitions.extend(whole);
        model.catalogues = catalogues(&definitions);
        model.definitions = Arc::new(definitions);
        model.broken = broken.into_iter().map(|(id, problems)| Broken { id, problems }).collect();
        model
    }
}

struct Compiler {
    definitions: DefinitionSet,
    /// What is wrong with each definition.
    broken: BTreeMap<DefinitionId, Problems>,
    /// Entities that are there without what is wrong with them, as they are written.
    whole: BTreeMap<DefinitionId, Json>,
    /// What they are without.
    left_out: BTreeMap<String, LeftOut>,
    tables: BTreeMap<String, Arc<Table>>,
    settings: BTreeMap<String, Arc<Setting>>,
}

impl Compiler {
    /// Each definition by itself, against the schema of its kind.
    fn check_shapes(&mut self) {
        let ids: Vec<DefinitionId> = self.definitions.keys().cloned().collect();
        for id in ids {
            while let Some(json) = self.definitions.get(&id).filter(|_| !self.is_set_aside(&id)) {
                let problems = check_definition(id.0, &id.1, json);
                if !problems.has_errors() {
                    break;
                }
                self.blame(&id, problems);
            }
        }
    }

    /// Whether a definition is not there at all.
    fn is_set_aside(&self, id: &DefinitionId) -> bool {
        self.broken.contains_key(id) && !self.whole.contains_key(id)
    }

    /// Keeps what is wrong with a definition. An entity goes on without it, where it can.
    fn blame(&mut self, id: &DefinitionId, problems: Problems) {
        let entity = self.definitions.get(id).filter(|_| id.0 == DefinitionKind::Entity);
        let left_out = self.left_out.entry(id.1.clone()).or_default();
        let news = problems.iter().filter(|problem| !left_out.explains(problem)).cloned().collect();
        let reduced = entity.and_then(|json| left_out.reduce(json, &problems));
        match reduced {
            Some(reduced) => {
                if let Some(written) = self.definitions.insert(id.clone(), reduced) {
                    self.whole.entry(id.clone()).or_insert(written);
                }
            }
            None => {
                if let Some(written) = self.whole.remove(id) {
                    self.definitions.insert(id.clone(), written);
                }
            }
        }
        self.broken.entry(id.clone()).or_default().extend_under("", Problems(news));
    }

    /// Decision tables and settings: formulas and filters of entities ask them.
    fn answers(&mut self) {
        let mut broken = Vec::new();
        for (id, json) in self.definitions.iter().filter(|(id, _)| !self.broken.contains_key(*id)) {
            let (kind, name) = id;
            let found = match kind {
                DefinitionKind::Table => Table::compile(name, json)
                    .map(|table| drop(self.tables.insert(name.clone(), Arc::new(table)))),
                DefinitionKind::Setting => Setting::compile(name, json)
                    .map(|setting| drop(self.settings.insert(name.clone(), Arc::new(setting)))),
                _ => Ok(()),
            };
            if let Err(problems) = found {
                broken.push((id.clone(), problems));
            }
        }
        self.broken.extend(broken);
    }

    /// The entities that compile. What does not is left out and the others are compiled again without it, so that nothing
    /// keeps pointing into it.
    fn entities(&mut self) -> IndexMap<String, Arc<EntityModel>> {
        let mut names: HashSet<String> = self
            .definitions
            .keys()
            .filter(|(kind, _)| *kind == DefinitionKind::Entity)
            .map(|(_, name)| name.clone())
            .collect();
        loop {
            let mut drafts = IndexMap::new();
            let is_sound = |name: &str| !self.is_set_aside(&(DefinitionKind::Entity, name.to_owned()));
            let (implied, mut problems_of) = implied::of(&self.definitions, &is_sound);
            names.extend(implied.iter().map(|one| one.name.clone()));
            for ((kind, name), json) in &self.definitions {
                let id = (*kind, name.clone());
                if *kind != DefinitionKind::Entity || self.is_set_aside(&id) {
                    continue;
                }
                match entity::draft(name, json, &names) {
                    Ok(mut draft) => {
                        if let Some(left_out) = self.left_out.get(name) {
                            draft.keep(&left_out.stuck);
                        }
                        drafts.insert(name.clone(), draft);
                    }
                    Err(problems) => drop(problems_of.insert(name.clone(), problems)),
                }
            }
            add_implied(&implied, &names, &mut drafts, &mut problems_of);
            check_together(&drafts, &mut problems_of);
            drafts.retain(|name, _| !problems_of.contains_key(name));
            activities::widen(&mut drafts);
            for (name, problems) in
                lists::connect(&mut drafts).into_iter().chain(back_links::connect(&mut drafts))
            {
                problems_of.entry(name).or_default().0.extend(problems.0);
            }
            if problems_of.is_empty() {
                let draft = Model {
                    tables: self.tables.clone(),
                    settings: self.settings.clone(),
                    entities: drafts.into_iter().map(|(name, draft)| (name, Arc::new(draft))).collect(),
                    ..Model::default()
                };
                match resolve::resolve(draft) {
                    Ok(entities) => return entities,
                    Err(found) => problems_of = found,
                }
            }
            for (name, problems) in problems_of {
                // What is wrong with an implied entity is wrong with the field that implies it.
                let (name, problems) = match implied.iter().find(|one| one.name == name) {
                    Some(one) => {
                        let own = problems.into_iter().map(|problem| one.problem_of_owner(problem)).collect();
                        (one.owner.clone(), Problems(own))
                    }
                    None => (name, problems),
                };
                self.blame(&(DefinitionKind::Entity, name), problems);
            }
        }
    }

    /// What the other kinds refer to.
    fn check_references(&mut self, model: &mut Model) {
        // Views, reports and so on refer to one another: one that is broken breaks what shows it. Two rounds are
        // enough for the longest chain, an app that shows a dashboard that shows a report, when kinds are taken in
        // the order in which they refer.
        let ids: Vec<DefinitionId> = self.definitions.keys().cloned().collect();
        for kind in DefinitionKind::ALL.into_iter().filter(|kind| *kind != DefinitionKind::Entity) {
            let sound = |id: &DefinitionId| self.definitions.contains_key(id) && !self.is_set_aside(id);
            let known = |id: &DefinitionId| self.definitions.contains_key(id);
            let mut found = Vec::new();
            for id in ids.iter().filter(|id| id.0 == kind && !self.broken.contains_key(*id)) {
                let Some(json) = self.definitions.get(id) else { continue };
                let problems = references::check(id, json, (&self.definitions, model), &sound, &known);
                if problems.has_errors() {
                    found.push((id.clone(), problems));
                }
            }
            self.broken.extend(found);
        }
        self.check_sharing(&ids, model);
    }

    /// What the sharing of entities and their territory refer to: roles, and fields of other entities. What is wrong in it opens nothing, so the
    /// entity goes on.
    fn check_sharing(&mut self, ids: &[DefinitionId], model: &Model) {
        let sound = |id: &DefinitionId| self.definitions.contains_key(id) && !self.is_set_aside(id);
        let known = |id: &DefinitionId| self.definitions.contains_key(id);
        let is_asked = |id: &&DefinitionId| id.0 == DefinitionKind::Entity && !self.broken.contains_key(*id);
        let mut found = Vec::new();
        for id in ids.iter().filter(is_asked) {
            let says = |json: &&Json| ["sharing", "territory"].iter().any(|key| json.get(key).is_some());
            let Some(json) = self.definitions.get(id).filter(says) else { continue };
            let problems = references::check(id, json, (&self.definitions, model), &sound, &known);
            if problems.has_errors() {
                found.push((id.clone(), json.clone(), problems));
            }
        }
        for (id, json, problems) in found {
            self.whole.insert(id.clone(), json);
            self.broken.insert(id, problems);
        }
    }
}

/// The entities that fields of others imply.
fn add_implied(
    implied: &[implied::Written],
    names: &HashSet<String>,
    drafts: &mut IndexMap<String, EntityModel>,
    problems_of: &mut BTreeMap<String, Problems>,
) {
    for one in implied {
        if !drafts.contains_key(&one.owner) {
            continue;
        }
        match entity::draft(&one.name, &one.json, names) {
            Ok(mut draft) => {
                let ends = (draft.field_index(&one.by), draft.field_index(&one.through));
                if let (Some(by), Some(through)) = ends {
                    draft.implied = Some(one.implied(by, through));
                }
                drafts.insert(one.name.clone(), draft);
            }
            Err(problems) => drop(problems_of.insert(one.name.clone(), problems)),
        }
    }
}

/// What concerns several entities: their number and the names of their tables.
fn check_together(drafts: &IndexMap<String, EntityModel>, problems_of: &mut BTreeMap<String, Problems>) {
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for (index, (name, draft)) in drafts.iter().enumerate() {
        let mut problems = Problems::new();
        if index >= MAX_ENTITIES {
            problems.push(Problem::new("too_many_entities", "").with("limit", MAX_ENTITIES));
        }
        if let Some(other) = keys.get(draft.key.as_str()) {
            problems.push(Problem::new("duplicate_key", "/key").with("key", &draft.key).with("name", other));
        } else {
            keys.insert(&draft.key, name);
        }
        if !problems.is_empty() {
            problems_of.insert(name.clone(), problems);
        }
    }
}

/// The texts of every language that a definition brings; all fall back on `en`.
fn catalogues(definitions: &DefinitionSet) -> BTreeMap<String, Arc<Catalogue>> {
    let text = |language: &str, fallback: Option<Arc<Catalogue>>| {
        let json = definitions.get(&(DefinitionKind::Locale, language.to_owned()))?;
        Some(Arc::new(Catalogue::from_json(language, json, fallback)))
    };
    let first = text("en", None);
    let mut catalogues = BTreeMap::new();
    let languages = definitions.keys().filter(|(kind, name)| *kind == DefinitionKind::Locale && name != "en");
    for (_, language) in languages {
        if let Some(catalogue) = text(language, first.clone()) {
            catalogues.insert(language.clone(), catalogue);
        }
    }
    if let Some(first) = first {
        catalogues.insert("en".into(), first);
    }
    catalogues
}

#[cfg(test)]
pub(crate) mod tests;
