//! An e-mail address, also one with letters of other scripts.

use serde_json::json;

use super::{Group, Facet, FieldKind, ParseContext, Shown, facet, mask, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `email`.
#[derive(Debug)]
pub struct Email;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 254;

impl FieldKind for Email {
    textual::methods!();

    fn name(&self) -> &'static str {
        "email"
    }

    fn mask(&self, value: &Value) -> String {
        mask::of_mail(value)
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        is_address(text)
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
        if value.as_text().is_some_and(|text| !is_address(text)) {
            problems.push(Problem::at_field("not_an_email", &field.name).with("value", textual::show(value)));
        }
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        let mut schema = textual::json_schema(field, LONGEST);
        if let Some(object) = schema.as_object_mut() {
            object.insert("format".into(), "idn-email".into());
            // Validators need not look at formats; this much all of them see.
            object.entry("pattern").or_insert_with(|| "^[^@]+@[^@]+$".into());
        }
        schema
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        textual::check_definition(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "email", "title": "E-mail" })
    }

    fn sample(&self) -> Json {
        json!("office@example.com")
    }

    fn group(&self) -> Group {
        Group::Contact
    }

    fn icon(&self) -> &'static str {
        "at-sign"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::LINE
    }

    fn shown(&self, _field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let text = value.as_text()?;
        Some(Shown::leading(text, format!("mailto:{text}")))
    }
}

/// Whether a text is an address in the form of the HTML standard (valid e-mail address), with letters of any script
/// (RFC 6531), and with a dot in the domain, because an address inside one's own machine is a slip here.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let fits = |character: char| character.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(character);
    let local_fits = !local.is_empty()
        && local.chars().count() <= 64
        && local.chars().all(fits)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    local_fits && is_domain(domain)
}

/// Whether a text is a domain name of at least two labels (RFC 1035, letters of any script).
pub(super) fn is_domain(text: &str) -> bool {
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_number =
        text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.contains('.') && text.split('.').all(label_fits) && !last_is_number
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_and_what_only_looks_like_one() {
        for good in ["a@b.co", "first.last+tag@sub.example.com", "用户@例子.公司", "o'neil@example.ie"]
        {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a b@c.de",
            "a@b..co",
            ".a@b.co",
            "a@-b.co",
            "a@b.c_d",
            "a@1.2.3.4",
            "a@b@",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
