//! One line of text.

use serde_json::json;

use super::{Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `text`.
#[derive(Debug)]
pub struct Text;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 500;

impl FieldKind for Text {
    textual::methods!();

    fn name(&self) -> &'static str {
        "text"
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::text(text))
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        textual::check(field, value, LONGEST, problems);
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        textual::json_schema(field, LONGEST)
    }

    fn takes(&self, other: &dyn FieldKind) -> bool {
        other.is_folded() && !other.is_long()
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        textual::check_definition(definition, problems);
    }

    fn takes_any(&self) -> bool {
        true
    }

    fn example(&self) -> Json {
        json!({ "kind": "text", "title": "Name", "maxLength": 200 })
    }

    fn sample(&self) -> Json {
        json!("Packing line 4 retrofit")
    }

    fn icon(&self) -> &'static str {
        "type"
    }

    fn facets(&self) -> &'static [Facet] {
        &[facet::MAX_LENGTH, facet::MIN_LENGTH, facet::PATTERN, facet::DEFAULT, facet::PLACEHOLDER, facet::NAMES]
    }
}
