//! A telephone number, kept as it was typed.

use serde_json::json;

use super::{Group, Facet, FieldKind, ParseContext, Shown, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `phone`.
#[derive(Debug)]
pub struct Phone;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 40;

/// The same as [`is_number`] for a schema, but for letters of other scripts that mean the same.
const NUMBER: &str =
    r"^\s*\+?([ ().\-/#*]*[0-9\uFF10-\uFF19]){3,20}[ ().\-/#*]*([eE]?[xX][xXtT. ]*[0-9\uFF10-\uFF19]+)?\s*$";

impl FieldKind for Phone {
    textual::methods!();

    fn name(&self) -> &'static str {
        "phone"
    }

    fn is_dialled(&self) -> bool {
        true
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        digits >= 7 && text.contains(['+', ' ', '-', '(', '/']) && is_number(text)
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
        if value.as_text().is_some_and(|text| !is_number(text)) {
            problems.push(Problem::at_field("not_a_phone", &field.name).with("value", textual::show(value)));
        }
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        textual::json_schema_like(field, LONGEST, NUMBER)
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        textual::check_definition(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "phone", "title": "Phone" })
    }

    fn sample(&self) -> Json {
        json!("+49 7161 555 0142")
    }

    fn group(&self) -> Group {
        Group::Contact
    }

    fn icon(&self) -> &'static str {
        "phone"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::LINE
    }

    fn shown(&self, _field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let text = value.as_text()?;
        Some(Shown::leading(text, format!("tel:{}", dialled(text))))
    }
}

/// Whether a text can be dialled: 3 to 20 digits (E.164 has at most 15, extensions come on top) with the usual marks
/// between them, a plus only in front, and `x` or `ext` before an extension.
fn is_number(text: &str) -> bool {
    let text = crate::value::fold(text);
    let (number, extension) = match text.find('x') {
        Some(at) => {
            let (number, extension) = text.split_at(at);
            (number.strip_suffix('e').unwrap_or(number), extension.trim_start_matches(['x', 't', '.', ' ']))
        }
        None => (&*text, "0"),
    };
    let number = number.trim();
    let body = number.strip_prefix('+').unwrap_or(number);
    let digits = body.chars().filter(char::is_ascii_digit).count();
    let only_marks =
        body.chars().all(|character| character.is_ascii_digit() || " ()-./#*".contains(character));
    only_marks
        && (3..=20).contains(&digits)
        && !extension.is_empty()
        && extension.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a telephone dials: digits and a leading plus.
fn dialled(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn numbers_and_what_only_looks_like_one() {
        for good in
            ["110", "+49 (0)30 123-45", "+86 138 0013 8000", "555.1234 x12", "555 1234 ext. 9", "１２３４５"]
        {
            assert!(is_number(good), "{good}");
        }
        for bad in ["12", "call me", "+", "1+2345", "123456789012345678901", "555 1234 ext", "555 x1a"] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
