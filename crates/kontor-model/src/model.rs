//! The published model of a workspace: an immutable snapshot that a request pins for as long as it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::Json;
use crate::definition::{DefinitionId, DefinitionKind, DefinitionSet};
use crate::entity::{Encryption, EntityModel};
use crate::filter::FieldPath;
use crate::kept::Kept;
use crate::locale::Catalogue;
use crate::problem::Problems;
use crate::setting::Setting;
use crate::table::Table;

/// All definitions of a workspace, compiled.
#[derive(Debug, Default)]
pub struct Model {
    /// The workspace's published version, from 1.
    pub version: i64,
    /// Entities by name, in the order of their names.
    pub entities: IndexMap<String, Arc<EntityModel>>,
    /// The effective definitions as JSON, every kind.
    pub definitions: Arc<DefinitionSet>,
    /// Texts by language; the first is the packs' own language.
    pub catalogues: BTreeMap<String, Arc<Catalogue>>,
    /// Decision tables by name.
    pub tables: BTreeMap<String, Arc<Table>>,
    /// Settings by name.
    pub settings: BTreeMap<String, Arc<Setting>>,
    /// Definitions that were set aside, with what is wrong with them.
    pub broken: Vec<Broken>,
    /// Roles whose holders work in a portal alone.
    pub outside: BTreeSet<String>,
    /// What others worked out from this model: statements, menus.
    pub kept: Kept,
}

/// A definition that does not compile: it takes only itself down.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Kind and name.
    pub id: DefinitionId,
    /// What is wrong, with pointers into it.
    pub problems: Problems,
}

/// What of a model's values is sealed.
#[derive(Debug)]
struct Sealed {
    any: bool,
    values: bool,
}

/// Paths from the one who reads, as they are written.
#[derive(Debug, Default)]
pub struct ReaderPaths(pub BTreeMap<String, FieldPath>);

impl ReaderPaths {
    /// Takes every path in, from `{ "user": "…" }` and from the gaps of texts. One too many costs a value.
    fn collect(&mut self, json: &Json, user: &EntityModel, model: &Model) {
        match json {
            Json::Object(object) => {
                if let Some(path) = object.get("user").and_then(Json::as_str) {
                    self.add(path, user, model);
                }
                object.values().for_each(|inner| self.collect(inner, user, model));
            }
            Json::Array(array) => array.iter().for_each(|inner| self.collect(inner, user, model)),
            Json::String(text) => {
                for gap in text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")) {
                    if let Some(path) = gap.0.trim().strip_prefix("user.") {
                        self.add(path, user, model);
                    }
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn add(&mut self, path: &str, user: &EntityModel, model: &Model) {
        if path.contains('.')
            && let Ok(found) = FieldPath::parse(path, user, model)
            && !found.is_own()
        {
            self.0.insert(path.to_owned(), found);
        }
    }
}

impl Model {
    /// The entity of that name.
    pub fn entity(&self, name: &str) -> Option<&Arc<EntityModel>> {
        self.entities.get(name)
    }

    /// The effective definition as JSON.
    pub fn definition(&self, kind: DefinitionKind, name: &str) -> Option<&Json> {
        self.definitions.get(&(kind, name.to_owned()))
    }

    /// The same model with definitions beside its own: what people saved for themselves, which refers to each other by name.
    /// What is published keeps its name.
    #[must_use]
    pub fn with_definitions(&self, more: impl IntoIterator<Item = (DefinitionId, Json)>) -> Self {
        let mut definitions = DefinitionSet::clone(&self.definitions);
        for (id, json) in more {
            definitions.entry(id).or_insert(json);
        }
        Self {
            version: self.version,
            entities: self.entities.clone(),
            definitions: Arc::new(definitions),
            catalogues: self.catalogues.clone(),
            tables: self.tables.clone(),
            settings: self.settings.clone(),
            broken: Vec::new(),
            outside: self.outside.clone(),
            kept: Kept::default(),
        }
    }

    /// All effective definitions of a kind, by name.
    pub fn definitions_of(&self, kind: DefinitionKind) -> impl Iterator<Item = (&str, &Json)> {
        self.definitions
            .range((kind, String::new())..)
            .take_while(move |((other, _), _)| *other == kind)
            .map(|((_, name), json)| (name.as_str(), json))
    }

    /// Whether any value is sealed where it is stored, secrets included.
    pub fn has_sealed(&self) -> bool {
        self.sealed().any
    }

    /// Whether there are values that readers get and that are sealed where they are stored: what else may hold them is
    /// sealed, too.
    pub fn protects(&self) -> bool {
        self.sealed().values
    }

    fn sealed(&self) -> Arc<Sealed> {
        self.kept.get_or(|| {
            let fields = || self.entities.values().flat_map(|entity| &entity.fields);
            Sealed {
                any: fields().any(|field| field.encryption != Encryption::None),
                values: fields().any(crate::FieldModel::is_sealed),
            }
        })
    }

    /// What definitions ask of the one who reads or saves beyond their own fields: `contact.account`, by path. Only these
    /// are fetched for conditions that are judged on a record.
    pub fn reader_paths(&self) -> Arc<ReaderPaths> {
        self.kept.get_or(|| {
            let mut found = ReaderPaths::default();
            if let Some(user) = self.entity("user") {
                self.definitions.values().for_each(|json| found.collect(json, user, self));
            }
            found
        })
    }

    /// The texts of a language, or those of the first language when there are none.
    pub fn catalogue(&self, language: &str) -> Arc<Catalogue> {
        self.catalogues.get(language).or_else(|| self.catalogues.get("en")).cloned().unwrap_or_default()
    }
}
