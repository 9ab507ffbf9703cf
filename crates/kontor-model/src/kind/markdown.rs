//! Text with headings, lists, links and emphasis, written as `CommonMark`. It is kept as it was written; HTML inside it
//! is text like any other and never reaches a page as markup.

use serde_json::json;

use super::{Facet, FieldKind, ParseContext, Shown, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `markdown`.
#[derive(Debug)]
pub struct Markdown;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 100_000;

impl FieldKind for Markdown {
    textual::methods!();

    fn name(&self) -> &'static str {
        "markdown"
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
        json!({ "kind": "markdown", "title": "Notes" })
    }

    fn sample(&self) -> Json {
        json!(
            "**Agreed** on the phone:\n\n- samples by Friday\n- price list from [our site](https://kontor.dev)"
        )
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

    fn is_sortable(&self) -> bool {
        false
    }

    fn shown(&self, _field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let text = value.as_text()?;
        Some(Shown { text: first_words(text), exact: text.to_owned(), href: String::new() })
    }
}

/// The first line that says something, without the marks in front of it.
fn first_words(text: &str) -> String {
    let line = text
        .lines()
        .map(|line| line.trim_start_matches(['#', '>', '-', '*', ' ', '\t']))
        .find(|line| !line.trim().is_empty());
    line.unwrap_or(text).trim().to_owned()
}
