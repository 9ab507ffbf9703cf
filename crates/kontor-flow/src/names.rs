//! What is known where a step stands: the record, what hangs on it, and what earlier steps named.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kontor_model::inputs::{Hanging, is_made};
use kontor_model::{EntityModel, Model, Problem};

use crate::hanging::OF_TEXTS;

/// What is known where a step stands: the names that earlier steps gave, with their entities.
#[derive(Clone)]
pub(crate) struct Names<'m> {
    /// The name of the workflow.
    pub(crate) workflow: &'m str,
    /// The model as it is, with nothing that hangs on its records.
    pub(crate) plain: &'m Model,
    /// The model in which records have ways to what hangs on them.
    pub(crate) model: &'m Model,
    /// The entity of the record that sets it all going, in that model, with ways to the records that are known here.
    pub(crate) entity: Option<Arc<EntityModel>>,
    /// What hangs on that record, whether it is known here or not.
    pub(crate) on_record: Option<&'m Hanging>,
    pub(crate) known: BTreeMap<String, String>,
    /// Whether the record lies in the bin when the steps run: nothing of it can be changed, and nothing linked to it.
    pub(crate) in_bin: bool,
    /// What hangs on the record beside its fields: inputs, and the answers that earlier steps got.
    pub(crate) hanging: BTreeSet<String>,
    /// Whether `entity` only carries what hangs on it.
    pub(crate) without_record: bool,
}

impl<'m> Names<'m> {
    /// The entity of the record that set it all going; none where there is no record.
    pub(crate) fn record(&self) -> Option<&EntityModel> {
        self.entity.as_deref().filter(|_| !self.without_record)
    }

    /// The entity with which paths of conditions and formulas begin.
    pub(crate) fn entity(&self) -> Option<&EntityModel> {
        self.entity.as_deref()
    }

    /// The entity of the record with nothing that hangs on it.
    pub(crate) fn plain_entity(&self) -> Option<&'m Arc<EntityModel>> {
        self.plain.entity(&self.entity.as_ref()?.name)
    }

    /// From here on a record is known under a name.
    pub(crate) fn give(&mut self, name: &str, entity: &str) {
        self.known.insert(name.to_owned(), entity.to_owned());
        let way = self.entity.as_ref().zip(self.on_record);
        if let Some(own) = way.and_then(|(own, hanging)| hanging.knowing(own, name, entity)) {
            self.entity = Some(own);
        }
    }

    /// A problem with a path, which says what a path may begin with where its beginning is not known.
    pub(crate) fn explained(&self, problem: Problem) -> Problem {
        let said = |wanted: &str| {
            let found = problem.parameters.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let is_own = |entity: String| self.entity.as_ref().is_some_and(|own| own.name == entity);
        if problem.code != "unknown_field" || !said("entity").is_none_or(is_own) {
            return problem;
        }
        let written = said("field").unwrap_or_default();
        let plain = self.plain_entity().filter(|_| !self.without_record);
        let fields = plain.into_iter().flat_map(|entity| entity.own_fields());
        let fields = fields.map(|field| field.name.as_str());
        let named = self.known.keys().chain(&self.hanging).map(String::as_str);
        let first = written.split('.').next().unwrap_or_default().to_owned();
        problem.among(&first, named.chain(fields))
    }

    /// The fields of what hangs on the record under a name, whether it is known here or only to steps behind.
    pub(crate) fn way(&self, name: &str) -> Option<&'m Arc<EntityModel>> {
        let way = self.entity.as_ref()?.field(name)?;
        let target = way.targets.iter().find(|target| is_made(target))?;
        self.model.entity(target)
    }

    /// Whether a record that a step names cannot be called so: it would be taken for something else.
    pub(crate) fn is_taken(&self, name: &str) -> bool {
        OF_TEXTS.contains(&name) || self.way(name).is_some() || self.known.contains_key(name)
    }

    /// What a path leads to must be there: a record's own field, or what hangs on it by now.
    pub(crate) fn check(&self, path: &str) -> Result<(), Problem> {
        let name = path.split('.').next().unwrap_or_default();
        let is_there = match self.way(name) {
            Some(_) => self.hanging.contains(name),
            None => !self.without_record || self.known.contains_key(name),
        };
        let unknown = || Problem::new("unknown_field", "").with("field", path);
        if is_there { Ok(()) } else { Err(self.explained(unknown())) }
    }
}
