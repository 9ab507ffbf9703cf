//! What the definition of a field may say besides its kind: the keys of `schemas/meta/entity.schema.json`, and how the
//! designer asks for each. A kind lists its own; the meta-schema and the designer read the list.

/// A key of a field's definition that some kinds have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The key in the definition: `maxLength`.
    pub key: &'static str,
    /// How it is typed.
    pub input: Input,
    /// Whether the designer asks for it; the others are written in the source.
    pub is_asked: bool,
}

/// How a facet is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// One line of text.
    Line,
    /// One line whose text is a value of the kind itself: a default, a limit.
    Value,
    /// Several lines.
    Lines,
    /// The options of a choice: a table.
    Options,
    /// One of the days and moments that the entity itself has.
    Day,
    /// A currency, or a link to the record whose currency counts.
    Currency,
    /// One of the links of the other entity that lead here.
    LinkHere,
    /// One of the whole numbers of the other entity.
    OrderThere,
    /// A whole number.
    Number,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An entity.
    Entity,
    /// Several entities.
    Entities,
}

impl Facet {
    const fn new(key: &'static str, input: Input) -> Self {
        Self { key, input, is_asked: true }
    }

    /// The same, not asked for by the designer.
    pub(super) const fn hidden(self) -> Self {
        Self { is_asked: false, ..self }
    }
}

pub(super) const MAX_LENGTH: Facet = Facet::new("maxLength", Input::Number);
pub(super) const MIN_LENGTH: Facet = Facet::new("minLength", Input::Number);
pub(super) const PATTERN: Facet = Facet::new("pattern", Input::Line);
pub(super) const DEFAULT: Facet = Facet::new("default", Input::Value);
pub(super) const PLACEHOLDER: Facet = Facet::new("placeholder", Input::Line);
pub(super) const MINIMUM: Facet = Facet::new("minimum", Input::Value);
pub(super) const MAXIMUM: Facet = Facet::new("maximum", Input::Value);
pub(super) const SCALE: Facet = Facet::new("scale", Input::Number);
pub(super) const GROUPING: Facet = Facet::new("grouping", Input::Choice(&["false"]));
pub(super) const CURRENCY: Facet = Facet::new("currency", Input::Currency);
pub(super) const NAMES: Facet = Facet::new("names", Input::Lines).hidden();
pub(super) const RATE_DATE: Facet = Facet::new("rate_date", Input::Day);
pub(super) const OPTIONS: Facet = Facet::new("oneOf", Input::Options);
pub(super) const OPTIONS_WHEN: Facet = Facet::new("options_when", Input::Lines).hidden();
pub(super) const MAX_ITEMS: Facet = Facet::new("maxItems", Input::Number);
pub(super) const TO: Facet = Facet::new("to", Input::Entity);
pub(super) const TO_SEVERAL: Facet = Facet::new("to", Input::Entities);
pub(super) const ON_DELETE: Facet = Facet::new("on_delete", Input::Choice(&["empty", "restrict", "cascade"]));
pub(super) const UNLINK: Facet = Facet::new("on_delete", Input::Choice(&["empty", "restrict"]));
pub(super) const BY: Facet = Facet::new("by", Input::LinkHere);
pub(super) const ORDER: Facet = Facet::new("order", Input::OrderThere);
pub(super) const PROPERTIES: Facet = Facet::new("properties", Input::Lines).hidden();
pub(super) const TREE: Facet = Facet::new("tree", Input::Choice(&["true"]));
pub(super) const BACK: Facet = Facet::new("back", Input::Line);
pub(super) const ACCEPT: Facet = Facet::new("accept", Input::Line);
pub(super) const MAX_SIZE: Facet = Facet::new("maxSize", Input::Line);
pub(super) const RESET: Facet = Facet::new("reset", Input::Choice(&["never", "year", "month"]));
pub(super) const LANGUAGE: Facet = Facet::new("language", Input::Choice(super::code::LANGUAGES));
pub(super) const SYMBOLOGY: Facet = Facet::new("symbology", Input::Choice(super::barcode::SYMBOLOGIES));

/// Of numbers and days.
pub(super) const RANGE: &[Facet] = &[MINIMUM, MAXIMUM, DEFAULT];
/// Of checked lines of text.
pub(super) const LINE: &[Facet] =
    &[DEFAULT, PLACEHOLDER, MAX_LENGTH.hidden(), MIN_LENGTH.hidden(), PATTERN.hidden()];
/// Of links to people.
pub(super) const POINTER: &[Facet] = &[ON_DELETE.hidden(), BACK.hidden()];
