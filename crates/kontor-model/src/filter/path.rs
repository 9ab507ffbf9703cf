//! Paths to fields: `amount`, `account.industry`, `owner.team.name`.

use super::{FieldPath, Hop};
use crate::entity::{EntityModel, FieldModel};
use crate::model::Model;
use crate::problem::Problem;

/// Most links that a path follows.
pub const MAX_HOPS: usize = 7;

impl FieldPath {
    /// The field at `index` of `entity` itself.
    pub fn own(entity: impl Into<String>, index: usize) -> Self {
        Self { hops: Vec::new(), entity: entity.into(), field: index }
    }

    /// Resolves a path from an entity; every part but the last is a link to one entity.
    ///
    /// # Errors
    /// `unknown_field`, or why a path ends with a field, at the root: the caller knows where the path was written.
    pub fn parse(text: &str, entity: &EntityModel, model: &Model) -> Result<Self, Problem> {
        let unknown = |name: &str, entity: &str| {
            Problem::new("unknown_field", "").with("field", name).with("entity", entity)
        };
        // A part of a value is a field whose name has a dot.
        let is_part =
            |entity: &EntityModel, name: &str| entity.field(name).is_some_and(|field| field.part.is_some());
        if is_part(entity, text) {
            return entity
                .field_index(text)
                .map(|index| Self::own(entity.name.clone(), index))
                .ok_or_else(|| unknown(text, &entity.name));
        }
        let Some((links, name)) = text.rsplit_once('.') else {
            return entity
                .field_index(text)
                .map(|index| Self::own(entity.name.clone(), index))
                .ok_or_else(|| unknown(text, &entity.name));
        };
        let mut hops = Vec::new();
        let mut reached = entity;
        let parts: Vec<&str> = links.split('.').collect();
        for (position, part) in parts.iter().copied().enumerate() {
            let last = format!("{part}.{name}");
            if position + 1 == parts.len()
                && is_part(reached, &last)
                && let Some(index) = reached.field_index(&last)
            {
                return Ok(Self { hops, entity: reached.name.clone(), field: index });
            }
            let Some(link) = reached.field(part) else { return Err(unknown(part, &reached.name)) };
            if hops.len() == MAX_HOPS {
                return Err(Problem::new("path_too_long", "").with("field", text).with("limit", MAX_HOPS));
            }
            let ([target], false) = (link.targets.as_slice(), link.kind.is_list()) else {
                return Err(ends_here(link).with("field", part).with("entity", &reached.name));
            };
            let Some(next) = model.entity(target) else { return Err(unknown(part, &reached.name)) };
            hops.push(Hop { entity: reached.name.clone(), field: link.index, to: next.name.clone() });
            reached = next;
        }
        let Some(index) = reached.field_index(name) else { return Err(unknown(name, &reached.name)) };
        Ok(Self { hops, entity: reached.name.clone(), field: index })
    }

    /// The field at the end.
    pub fn resolve<'a>(&self, model: &'a Model) -> Option<&'a FieldModel> {
        model.entity(&self.entity)?.fields.get(self.field)
    }

    /// The path as written: `account.industry`; empty when the model is not the one that it was resolved with.
    pub fn name(&self, model: &Model) -> String {
        let field = |entity: &str, index: usize| {
            model
                .entity(entity)
                .and_then(|entity| entity.fields.get(index))
                .map_or("", |field| field.name.as_str())
        };
        let mut text = String::new();
        for hop in &self.hops {
            text.push_str(field(&hop.entity, hop.field));
            text.push('.');
        }
        text.push_str(field(&self.entity, self.field));
        text
    }

    /// Whether the field belongs to the record itself.
    pub fn is_own(&self) -> bool {
        self.hops.is_empty()
    }

    /// The field of the record itself that the path begins with: the first link, or the field.
    pub fn first(&self) -> usize {
        self.hops.first().map_or(self.field, |hop| hop.field)
    }

    /// The same field seen from a record one link away: `link` is put before the path.
    #[must_use]
    pub fn behind(mut self, link: Hop) -> Self {
        self.hops.insert(0, link);
        self
    }
}

/// Why a path does not go on behind a field, and what is asked in its place.
fn ends_here(field: &FieldModel) -> Problem {
    if field.kind.is_list() {
        let example = format!("{{ \"has\": \"{}\", \"where\": {{ … }} }}", field.name);
        return Problem::new("path_through_list", "").with("example", example);
    }
    match field.targets.as_slice() {
        [first, _, ..] if field.kind.is_link() => {
            let example = format!("{{ \"entity\": \"{first}\", \"id\": … }}");
            Problem::new("path_to_several", "")
                .with("targets", field.targets.join(", "))
                .with("example", example)
        }
        _ => Problem::new("not_a_link", ""),
    }
}
