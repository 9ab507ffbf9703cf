//! The inputs of the designer's forms: lines, choices, boxes to tick, tables. They are drawn as fields of records are.

use kontor_model::FieldModel;
use kontor_model::entity::Source;
use kontor_view::field::{FieldView, ListView, OptionView};

use crate::present::Reading;

/// The kind of a link to one record.
pub const LINK: &str = "link";

/// One line of text; its label and help are words of the catalogue.
pub fn line(reading: &Reading<'_>, name: &str, word: &str, value: &str) -> FieldView {
    let help = format!("{word}_help");
    FieldView {
        name: name.to_owned(),
        label: reading.t(word),
        kind: "text".to_owned(),
        help: if reading.words().has(&help) { reading.t(&help) } else { String::new() },
        value: value.to_owned(),
        text: value.to_owned(),
        ..FieldView::default()
    }
}

/// The same over several lines.
#[must_use]
pub fn lines(view: FieldView) -> FieldView {
    FieldView { kind: "long_text".to_owned(), full: true, ..view }
}

/// The same as a whole number.
#[must_use]
pub fn whole(view: FieldView) -> FieldView {
    FieldView { kind: "integer".to_owned(), step: "1".to_owned(), ..view }
}

/// The same as one of these.
#[must_use]
pub fn choice(view: FieldView, options: Vec<OptionView>) -> FieldView {
    FieldView { kind: "choice".to_owned(), closed: true, options, ..view }
}

/// The same as some of these.
#[must_use]
pub fn several(view: FieldView, options: Vec<OptionView>) -> FieldView {
    FieldView { kind: "multi_choice".to_owned(), closed: true, options, ..view }
}

/// The same as a box to tick.
#[must_use]
pub fn tick(view: FieldView, is_on: bool) -> FieldView {
    let value = is_on.to_string();
    FieldView { kind: "boolean".to_owned(), text: value.clone(), value, ..view }
}

/// The same as something that leads elsewhere.
#[must_use]
pub fn link(view: FieldView, href: String) -> FieldView {
    FieldView { kind: "link".to_owned(), href, readonly: true, ..view }
}

/// The same as a table.
#[must_use]
pub fn table(view: FieldView, list: ListView) -> FieldView {
    FieldView { kind: "rows".to_owned(), full: true, list: Some(list), ..view }
}

/// Words as options: what `prefix_<word>` says where the catalogue has it.
pub fn worded(reading: &Reading<'_>, prefix: &str, words: &[&str], chosen: &str) -> Vec<OptionView> {
    let said = |word: &str| {
        let key = format!("{prefix}_{word}");
        if reading.words().has(&key) { reading.t(&key) } else { word.to_owned() }
    };
    words.iter().map(|word| OptionView::new(*word, said(word), *word == chosen)).collect()
}

/// Whether a field holds whole numbers that people type.
pub fn is_whole(field: &FieldModel) -> bool {
    field.kind.name() == "integer" && matches!(field.source, Source::Typed) && field.companion_of.is_none()
}
