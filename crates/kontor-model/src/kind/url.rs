//! The address of a web page.

use serde_json::json;

use super::{Group, Facet, FieldKind, ParseContext, Shown, facet, textual};
use crate::Json;
use crate::definition::entity::FieldDefinition;
use crate::entity::FieldModel;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The kind `url`.
#[derive(Debug)]
pub struct Url;

/// Characters, unless the definition says otherwise.
const LONGEST: usize = 2_000;

/// The same as [`is_address`] for a schema: any letters and digits of the world in a host, a port up to 65535.
const ADDRESS: &str = concat!(
    r#"^\s*[hH][tT][tT][pP][sS]?://([^/?#<>"\\\s]*@)?"#,
    r#"(\[[^/?#<>"\\\s]{3,}\]|[^/?#@:\[\]<>"\\\s!$&'()*+,;=^`{|}]+)"#,
    r"(:0*([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
    r#"([/?#][^<>"\\\s]*)?\s*$"#
);

impl FieldKind for Url {
    textual::methods!();

    fn name(&self) -> &'static str {
        "url"
    }

    fn recognises(&self, text: &str, _language: &str) -> bool {
        (text.contains("://") || text.starts_with("www.")) && is_address(&with_scheme(text))
    }

    fn parse_text(
        &self,
        _field: &FieldModel,
        text: &str,
        _context: &ParseContext<'_>,
    ) -> Result<Value, Problem> {
        Ok(Value::text(with_scheme(text)))
    }

    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems) {
        textual::check(field, value, LONGEST, problems);
        if value.as_text().is_some_and(|text| !is_address(text)) {
            problems.push(Problem::at_field("not_a_url", &field.name).with("value", textual::show(value)));
        }
    }

    fn json_schema(&self, field: &FieldModel) -> Json {
        textual::json_schema_like(field, LONGEST, ADDRESS)
    }

    fn check_definition(&self, definition: &FieldDefinition, problems: &mut Problems) {
        textual::check_definition(definition, problems);
    }

    fn example(&self) -> Json {
        json!({ "kind": "url", "title": "Website" })
    }

    fn sample(&self) -> Json {
        json!("https://kontor.dev")
    }

    fn group(&self) -> Group {
        Group::Contact
    }

    fn icon(&self) -> &'static str {
        "globe"
    }

    fn facets(&self) -> &'static [Facet] {
        facet::LINE
    }

    fn shown(&self, _field: &FieldModel, value: &Value, _catalogue: &Catalogue) -> Option<Shown> {
        let text = value.as_text()?;
        Some(Shown::leading(without_scheme(text), safe_address(text)))
    }
}

/// People type `example.com`; the scheme is added where none is.
fn with_scheme(text: &str) -> String {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    if !text.contains("://") && super::email::is_domain(host) {
        format!("https://{text}")
    } else {
        text.to_owned()
    }
}

/// Whether a text is an `http` or `https` address with a host. Other schemes could run scripts when clicked.
fn is_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (host_and_port, "80"),
    };
    let is_bracketed = host.starts_with('[') && host.ends_with(']') && host.len() > 4;
    let host_fits = is_bracketed
        || (!host.is_empty()
            && host.chars().all(|character| character.is_alphanumeric() || "-._~%".contains(character)));
    host_fits
        && port.parse::<u16>().is_ok()
        && !text.chars().any(|character| {
            character.is_whitespace() || character.is_control() || "<>\"\\".contains(character)
        })
}

/// The address as people read it.
fn without_scheme(text: &str) -> String {
    let short = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    short.strip_suffix('/').unwrap_or(short).to_owned()
}

/// The address when it leads to the web; never a script or a file.
fn safe_address(text: &str) -> String {
    let lower = text.trim_start().to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return text.trim().to_owned();
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::{is_address, with_scheme};

    #[test]
    fn addresses_and_what_only_looks_like_one() {
        for good in [
            "https://example.com",
            "HTTP://a.b/c?d=e#f",
            "http://localhost:8080/",
            "https://例子.公司/路",
            "http://[::1]:80/",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "example.com",
            "https://",
            "https:// a.b",
            "ftp://a.b",
            "http://a.b:99999",
            "https://a\"b.c",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert_eq!(with_scheme("www.example.com/a"), "https://www.example.com/a");
        assert_eq!(with_scheme("javascript:alert(1)"), "javascript:alert(1)");
    }
}
