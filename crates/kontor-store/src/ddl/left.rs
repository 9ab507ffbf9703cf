//! What is known of fields that definitions no longer name.

use kontor_model::entity::FieldModel;
use kontor_model::kind;
use kontor_model::{FieldKind, Json};

use crate::system::ParkedRow;

/// What a field was when it was removed, alone or with its entity.
#[derive(Clone, Copy)]
pub(super) struct Left {
    pub(super) kind: &'static dyn FieldKind,
    /// The digits after the point that its definition gave.
    scale: Option<u8>,
}

impl Left {
    /// The fields of a parked row, by the keys of entity and field.
    pub(super) fn of_row(row: &ParkedRow) -> Vec<((String, String), Self)> {
        if !row.field.is_empty() {
            return Self::of(&row.body)
                .map(|left| ((row.entity.clone(), row.field.clone()), left))
                .into_iter()
                .collect();
        }
        let properties = row.body.get("properties").and_then(Json::as_object).into_iter().flatten();
        properties
            .filter_map(|(name, body)| {
                let key = body.get("key").and_then(Json::as_str).unwrap_or(name);
                Some(((row.entity.clone(), key.to_owned()), Self::of(body)?))
            })
            .collect()
    }

    fn of(body: &Json) -> Option<Self> {
        let kind = body.get("kind").and_then(Json::as_str).and_then(kind::find)?;
        let scale = body.get("scale").and_then(Json::as_u64).and_then(|scale| u8::try_from(scale).ok());
        Some(Self { kind, scale })
    }

    /// The field as it was.
    pub(super) fn field(self, field: &FieldModel) -> FieldModel {
        let mut left = field.clone();
        left.kind = self.kind;
        left.definition.scale = self.scale;
        left
    }
}
