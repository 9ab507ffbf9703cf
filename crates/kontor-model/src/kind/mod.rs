//! The field kinds. One kind is one file here and one template in `templates/views/fields/`; the table below
//! is the only place that names them all.

mod any_link;
pub mod autonumber;
mod boolean;
mod choice;
pub mod currency;
mod date;
mod datetime;
mod decimal;
mod email;
mod identifier;
mod integer;
mod link;
mod long_text;
mod moment;
mod money;
mod multi_choice;
mod number;
mod percent;
mod phone;
mod team;
mod text;
mod textual;
mod url;
mod user;

use std::cmp::Ordering;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::Json;
use crate::entity::FieldModel;
use crate::filter::Operator;
use crate::locale::Catalogue;
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// The type of a database column. Both databases have all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text of any length.
    Text,
    /// 64-bit whole number; decimals store their units of 10^-scale.
    Integer,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A moment in UTC.
    DateTime,
    /// A record's id.
    Uuid,
}

/// One physical column of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Added to the field's key: empty for the main column, `__fold`, `__entity` for others.
    pub suffix: &'static str,
    /// The type.
    pub column_type: ColumnType,
}

/// What reading a text depends on.
#[derive(Clone, Copy, Debug)]
pub struct ParseContext<'a> {
    /// The writer's time zone.
    pub zone: Tz,
    /// Now.
    pub now: DateTime<Utc>,
    /// The writer's texts, for numbers and words such as yes and no.
    pub catalogue: &'a Catalogue,
}

impl<'a> ParseContext<'a> {
    /// A context for what is written in definitions: UTC, no language. What depends on today must not be read with it.
    pub fn neutral(catalogue: &'a Catalogue) -> Self {
        Self { zone: Tz::UTC, now: DateTime::<Utc>::UNIX_EPOCH, catalogue }
    }

    /// The writer's day.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
}

/// What a kind of field can do. Adding a kind touches its own file, its template, and one line of [`KINDS`].
///
/// Links arrive here as ids; finding a record by title or by a unique field is the core's part. Texts of numbers are
/// read as English and Chinese write them (`1,234.5`); a kind documents which other forms it takes.
pub trait FieldKind: fmt::Debug + Send + Sync {
    /// The name in definitions.
    fn name(&self) -> &'static str;

    /// The physical columns, the main one first.
    fn columns(&self, field: &FieldModel) -> Vec<Column>;

    /// Reads what a person typed into a form or a spreadsheet cell. The text is trimmed and not empty.
    /// Multi-valued kinds split it at `|` or line ends.
    ///
    /// # Errors
    /// What is wrong, at the field.
    fn parse_text(
        &self,
        field: &FieldModel,
        text: &str,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem>;

    /// Reads the JSON form; `null` and empty text never arrive here.
    ///
    /// # Errors
    /// What is wrong, at the field.
    fn parse_json(
        &self,
        field: &FieldModel,
        json: &Json,
        context: &ParseContext<'_>,
    ) -> Result<Value, Problem>;

    /// The JSON form of a value that is not empty. A link gives its id as text; titles are added by the core.
    fn to_json(&self, field: &FieldModel, value: &Value) -> Json;

    /// The text of a form control or CSV cell, which `parse_text` reads back to the same value.
    fn to_text(&self, field: &FieldModel, value: &Value, zone: Tz) -> String;

    /// Checks facets (length, range, pattern, options) and brings the value into its stored form (scale,
    /// milliseconds, order of options). The value is not empty.
    fn check(&self, field: &FieldModel, value: &mut Value, problems: &mut Problems);

    /// The filter operators that fit.
    fn operators(&self) -> &'static [Operator];

    /// Order for sorting and `lt`, `gt`; neither value is empty. `None` when the kind has no order.
    fn compare(&self, field: &FieldModel, left: &Value, right: &Value) -> Option<Ordering>;

    /// The derived JSON Schema of the value (without title and description).
    fn json_schema(&self, field: &FieldModel) -> Json;

    /// The schema of what may be sent, where more is accepted than is answered.
    fn input_schema(&self, field: &FieldModel) -> Json {
        self.json_schema(field)
    }

    /// The type of the value in formulas.
    fn formula_type(&self) -> crate::formula::Type;

    /// Checks the facets of a definition: the problems' paths are relative to the field's definition.
    fn check_definition(
        &self,
        definition: &crate::definition::entity::FieldDefinition,
        problems: &mut Problems,
    );

    /// An example definition, shown on the add-field page and in the documentation.
    fn example(&self) -> Json;

    /// Whether values of the kind have a stored case-folded key (`__fold` column).
    fn is_folded(&self) -> bool {
        false
    }

    /// Whether the kind points at records.
    fn is_link(&self) -> bool {
        false
    }

    /// The entities that a field may point at.
    fn targets(&self, _definition: &crate::definition::entity::FieldDefinition) -> Vec<String> {
        Vec::new()
    }

    /// The second field that stands right after a field of this kind: the currency of an amount.
    fn companion(
        &self,
        _name: &str,
        _definition: &crate::definition::entity::FieldDefinition,
    ) -> Option<(String, crate::definition::entity::FieldDefinition)> {
        None
    }

    /// Whether definitions may not name the kind, because only the engine makes such fields.
    fn is_internal(&self) -> bool {
        false
    }

    /// Whether sums and averages make sense.
    fn is_number(&self) -> bool {
        false
    }

    /// Digits after the point of stored units, for decimal kinds.
    fn scale(&self, _field: &FieldModel) -> Option<u8> {
        None
    }
}

/// Every field kind, in the order of the add-field page.
pub static KINDS: &[&dyn FieldKind] = &[
    &text::Text,
    &long_text::LongText,
    &integer::Integer,
    &decimal::Decimal,
    &percent::Percent,
    &money::Money,
    &boolean::Boolean,
    &date::Date,
    &datetime::DateTime,
    &choice::Choice,
    &multi_choice::MultiChoice,
    &email::Email,
    &phone::Phone,
    &url::Url,
    &link::Link,
    &any_link::AnyLink,
    &user::User,
    &team::Team,
    &autonumber::Autonumber,
    &identifier::Identifier,
    &currency::Currency,
];

/// The kind of that name.
pub fn find(name: &str) -> Option<&'static dyn FieldKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

#[cfg(test)]
mod tests;
