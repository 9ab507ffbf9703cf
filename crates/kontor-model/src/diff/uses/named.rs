//! Paths and formulas of steps that begin with the name that an earlier step gave to a record.

use super::rename;
use super::spots::{Shape, Walk};
use crate::entity::EntityModel;
use crate::filter::FieldPath;
use crate::formula::Formula;

impl Walk<'_> {
    /// A path that begins at an entity or at what a step named.
    pub(super) fn whole(&mut self, text: &str, pointer: &str, entity: Option<&EntityModel>) {
        let Some((path, root)) = self.reached(text, entity) else { return };
        let name = entity.map_or("", |entity| entity.name.as_str());
        self.found(pointer, Shape::Whole, name, self.meanings(&path));
        self.rooted(pointer, root.into_iter().collect());
    }

    /// Where a path leads: from an entity, or else from what a step named, which is said, too.
    pub(super) fn reached(
        &self,
        text: &str,
        entity: Option<&EntityModel>,
    ) -> Option<(FieldPath, Option<(String, String)>)> {
        let own = entity.and_then(|entity| FieldPath::parse(text, entity, self.model).ok());
        if let Some(path) = own {
            return Some((path, None));
        }
        let (root, rest) = text.split_once('.')?;
        let (_, named) = self.results.iter().rev().find(|(name, _)| *name == root)?;
        let path = FieldPath::parse(rest, named, self.model).ok()?;
        Some((path, Some((root.to_owned(), named.name.clone()))))
    }

    /// The place that was found last begins its paths with these names, too.
    fn rooted(&mut self, pointer: &str, roots: Vec<(String, String)>) {
        if let Some(spot) = self.spots.last_mut().filter(|spot| spot.pointer == pointer) {
            spot.roots = roots;
        }
    }

    /// A formula. Where it speaks of more than fields of the record, its words are looked at one by one.
    pub(super) fn formula(&mut self, text: &str, pointer: &str, entity: Option<&EntityModel>) {
        let whole = entity.and_then(|entity| Formula::parse(text, entity, self.model).ok());
        let by_word = || {
            let words = rename::paths(text).into_iter();
            words.filter_map(|path| Some(self.reached(path, entity)?.0)).collect()
        };
        let reads = whole.map_or_else(by_word, |formula| formula.reads);
        let meanings = reads.iter().flat_map(|path| self.meanings(path)).collect();
        self.found(pointer, Shape::Words, entity.map_or("", |entity| entity.name.as_str()), meanings);
        let results = self.results.iter().rev();
        self.rooted(
            pointer,
            results.map(|(name, entity)| ((*name).to_owned(), entity.name.clone())).collect(),
        );
    }
}
