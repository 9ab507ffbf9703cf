//! What is shown in place of a value to who may only know that there is one: the last four letters of what is long enough
//! to keep its secret, nothing of what is short, of numbers and of days.

use super::FieldKind;
use crate::entity::FieldModel;
use crate::formula::Type;
use crate::value::Value;

/// What stands for all that is not shown; always the same, so that it does not tell how long the value is.
pub const DOTS: &str = "••••";
/// So many letters of the end are shown.
const SHOWN: usize = 4;
/// A text is as long as this before any of it is shown.
const LONG: usize = 8;

/// Whether values of a field can be masked: plain ones, that are told by a text.
pub fn may_be_masked(field: &FieldModel) -> bool {
    let is_whole = field.part.is_none() && field.companion_of.is_none();
    is_whole && !field.system && has_masks(field.kind)
}

/// Whether values of a kind can be masked.
pub fn has_masks(kind: &dyn FieldKind) -> bool {
    let is_plain = matches!(kind.formula_type(), Type::Text | Type::Number | Type::Date | Type::DateTime);
    is_plain
        && !(kind.is_link() || kind.is_list() || kind.is_choice() || kind.has_options())
        && !(kind.holds_files() || kind.is_write_only())
}

/// The mask of a value; empty stays empty.
pub fn masked(field: &FieldModel, value: &Value) -> Value {
    if value.is_empty() { Value::Empty } else { Value::Masked(field.kind.mask(value)) }
}

/// The mask of most kinds.
pub(super) fn usual(value: &Value) -> String {
    let Value::Text(text) = value else { return DOTS.to_owned() };
    let letters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let hidden = letters.len().saturating_sub(SHOWN);
    if letters.len() < LONG {
        return DOTS.to_owned();
    }
    DOTS.chars().chain(letters.into_iter().skip(hidden)).collect()
}

/// The mask of an e-mail address: its first letter, and where it is.
pub(super) fn of_mail(value: &Value) -> String {
    let parts = value.as_text().and_then(|text| text.split_once('@'));
    match parts {
        Some((name, place)) if name.chars().count() > 1 => {
            name.chars().take(1).chain(DOTS.chars()).chain(['@']).chain(place.chars()).collect()
        }
        Some((_, place)) => format!("{DOTS}@{place}"),
        None => DOTS.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_end_of_what_is_long_and_nothing_of_what_is_short() {
        for (text, mask) in [
            ("DE02 1203 0000 0000 2020 51", "••••2051"),
            ("12345678", "••••5678"),
            ("1234567", "••••"),
            ("数字签名证书编号", "••••证书编号"),
        ] {
            assert_eq!(usual(&Value::text(text)), mask, "{text}");
        }
        assert_eq!(usual(&Value::Integer(1_234_567_890)), DOTS);
        assert_eq!(of_mail(&Value::text("grace@example.com")), "g••••@example.com");
        assert_eq!(of_mail(&Value::text("g@example.com")), "••••@example.com");
    }
}
