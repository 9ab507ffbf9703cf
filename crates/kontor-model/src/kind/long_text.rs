//! Text of several lines. Line ends are stored as a single line feed, however they were sent.

use serde_json::json;

use super::{Facet, FieldKind, ParseContext, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `long_text`.
#[derive(Debug)]
pub struct LongText;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 100_000;

impl FieldKind for LongText {
    textual::methods!();

    fn name(&self) -> &'static str {
        "long_text"
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::text(text.replace("\r\n", "\n")))
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        textual::check(field, value, LONGEST, problems);
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        textual::json_schema(field, LONGEST)
    }

    fn takes(&self, other: &dyn FieldKind) -> bool {
        other.is_folded()
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        textual::check_definition(definition, problems);
    }

    fn takes_any(&self) -> bool {
        true
    }

    fn example(&self) -> Json {
        json!({ "kind": "long_text", "title": "Description" })
    }

    fn sample(&self) -> Json {
        json!("Agreed on the phone:\nsamples by Friday.")
    }

    fn icon(&self) -> &'static str {
        "scroll-text"
    }

    fn facets(&self) -> &'static [Facet] {
        const { &[facet::MAX_LENGTH, facet::MIN_LENGTH.hidden(), facet::PATTERN.hidden(), facet::PLACEHOLDER] }
    }

    fn is_long(&self) -> bool {
        true
    }
}
