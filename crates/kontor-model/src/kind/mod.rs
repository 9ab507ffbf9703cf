//! The field kinds. One kind is one file here and one template in `templates/views/fields/`; the table below
//! is the only place that names them all.

pub mod children;
mod composite;
pub mod facet;
mod field_kind;
mod from_elsewhere;
mod held;
mod holding;
mod look;
pub mod mask;
mod moment;
mod number;
mod part;
mod recognise;
pub mod specimen;
mod textual;

pub use facet::Facet;
pub use field_kind::FieldKind;
pub(crate) use from_elsewhere::fitting;
pub use held::{held, rounded, weighed};
pub use holding::refusal;
pub use look::{Group, NumberStyle, Shown};
pub use number::too_large;
pub use part::{CONVERTED, Part, part_of, settle};
pub use recognise::looks_like;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::Json;
use crate::locale::Catalogue;

/// The type of a database column. Both databases have all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text of any length.
    Text,
    /// JSON, stored as its text, so that numbers and the order of keys stay as they are.
    Json,
    /// Text that is written and never read: a query learns only whether there is one. It is sealed.
    Secret,
    /// A sealed value of any kind, as text.
    Sealed,
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

/// The modules of the kinds and the table of them, in the order of the add-field page: one line a kind.
macro_rules! kinds {
    ($($(#[$attribute:meta])* $visibility:vis $module:ident :: $kind:ident,)*) => {
        $($(#[$attribute])* $visibility mod $module;)*

        /// Every field kind, in the order of the add-field page.
        pub static KINDS: &[&dyn FieldKind] = &[$(&$module::$kind),*];
    };
}

kinds! {
    text::Text,
    long_text::LongText,
    markdown::Markdown,
    code::Code,
    integer::Integer,
    decimal::Decimal,
    percent::Percent,
    money::Money,
    pub currency::Currency,
    rating::Rating,
    boolean::Boolean,
    date::Date,
    time::Time,
    datetime::DateTime,
    pub duration::Duration,
    choice::Choice,
    multi_choice::MultiChoice,
    tags::Tags,
    color::Color,
    person_name::PersonName,
    address::Address,
    country::Country,
    email::Email,
    phone::Phone,
    url::Url,
    geo_point::GeoPoint,
    barcode::Barcode,
    file::File,
    files::Files,
    image::Image,
    signature::Signature,
    json::JsonText,
    secret::SecretText,
    link::Link,
    any_link::AnyLink,
    links::Links,
    rows::Rows,
    user::User,
    team::Team,
    pub autonumber::Autonumber,
    identifier::Identifier,
}

/// The JSON number that somebody typed as English is written, with groups or without; `None` when it is none.
pub fn number_typed(text: &str) -> Option<Json> {
    number::typed(text)
}

/// The kind of that name.
pub fn find(name: &str) -> Option<&'static dyn FieldKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// The kinds that definitions may name.
pub fn definable() -> impl Iterator<Item = &'static dyn FieldKind> {
    KINDS.iter().copied().filter(|kind| !kind.is_internal())
}

#[cfg(test)]
mod tests;
