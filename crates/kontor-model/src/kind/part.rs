//! Parts of a value: the city of an address. A part is a field of its own behind the whole, so that everything that
//! knows fields (filters, order, lists, indexes, formulas, rights) knows parts. The whole is what is kept; parts follow.

use super::ParseContext;
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::{EntityModel, FieldModel};
use crate::locale::Catalogue;
use crate::record::Record;
use crate::value::Value;

/// One part of the values of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name behind the field's: `city` in `address.city`.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: &'static str,
    /// Longest text, in characters.
    pub longest: usize,
    /// Digits after the point, of numbers.
    pub scale: Option<u8>,
}

/// The amount in the workspace's currency, behind an amount of money. The engine works it out; nobody writes it.
pub const CONVERTED: Part = Part { name: "converted", kind: "money", longest: 0, scale: None };

impl Part {
    /// A text.
    pub(super) const fn text(name: &'static str, longest: usize) -> Self {
        Self { name, kind: "text", longest, scale: None }
    }

    /// A country by its code.
    pub(super) const fn country(name: &'static str) -> Self {
        Self { name, kind: super::country::NAME, longest: super::country::LONGEST, scale: None }
    }

    /// An exact number.
    pub(super) const fn number(name: &'static str, scale: u8) -> Self {
        Self { name, kind: "decimal", longest: 0, scale: Some(scale) }
    }

    /// What the part says of itself, in the words of a definition.
    pub(crate) fn definition(&self, whole: &FieldDefinition) -> FieldDefinition {
        FieldDefinition {
            kind: self.kind.into(),
            title: format!("{}: {}", whole.title, self.name.replace('_', " ")),
            max_length: (self.longest > 0).then_some(self.longest),
            scale: self.scale,
            ..FieldDefinition::default()
        }
    }
}

/// Gives every part the value that the whole has now.
pub fn settle(entity: &EntityModel, record: &mut Record) {
    let catalogue = Catalogue::default();
    let context = ParseContext::neutral(&catalogue);
    for field in &entity.fields {
        if let Some(whole) = field.companion_of.filter(|_| field.part.is_some_and(|part| part != CONVERTED)) {
            let value = part_of(field, record.at(whole), &context);
            record.set(field.index, value);
        }
    }
}

/// What the part that a field stands for is in a whole; empty for a field that is no part.
pub fn part_of(field: &FieldModel, whole: &Value, context: &ParseContext<'_>) -> Value {
    let json = match (field.part, whole) {
        (Some(part), Value::Json(Json::Object(object))) => object.get(part.name),
        _ => None,
    };
    let mut value =
        json.and_then(|json| field.kind.parse_json(field, json, context).ok()).unwrap_or_default();
    if !value.is_empty() {
        field.kind.check(field, &mut value, &mut crate::Problems::new());
    }
    value
}
