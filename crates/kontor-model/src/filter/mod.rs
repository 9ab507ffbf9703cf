//! One filter language for views, rules, scopes, reports, the API and addresses. Here it is resolved against
//! the model and typed; `matches` evaluates it on one record, the store compiles it to SQL.
//!
//! **A leaf is true or false, never unknown.** A comparison with empty is false, whatever the operator: `ne`, `not_in`,
//! `not_contains` and `none_of` of an empty field are false too, and `not` turns any of them round. Who means "anything
//! but won, or nothing" says `not` of `eq`. A field behind an empty link, or behind a record that the reader may not
//! see, is empty.
//!
//! `eq ne in not_in` of texts compare exactly; `lt lte gt gte between` of texts, `contains starts_with ends_with` and
//! sorting compare [`crate::value::fold`]ed keys, byte by byte. A value of several parts, such as a name, `contains` a text
//! when each of its words is in one of the parts; a telephone number is found by its digits, whatever stands between them.

pub mod address;
mod amounts;
mod before;
mod behind;
mod context;
mod lists;
mod matches;
mod offset;
mod operand;
mod operator;
mod parse;
mod path;
mod period;
mod reads;
mod write;

pub use before::Against;
pub use context::{FilterContext, OwnFields, Subject};
pub use matches::matches;
pub(crate) use operand::points_at;
#[cfg(test)]
pub(crate) use operand::{READERS, SOURCES};
pub use operator::Operator;
pub(crate) use parse::escape;
pub use path::MAX_HOPS;
pub use period::{PERIODS, PeriodRange, day_start};

use crate::value::Value;

/// Deepest nesting that is accepted.
pub const MAX_DEPTH: usize = 32;
/// Most leaves that are accepted.
pub const MAX_LEAVES: usize = 100;

/// A resolved filter.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Filter {
    /// Always.
    #[default]
    True,
    /// All of them hold.
    All(Vec<Filter>),
    /// One of them holds.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A condition on one field.
    Leaf(Leaf),
    /// How many records that point here match.
    Has(Has),
    /// It was shared by hand with the reader or with a team of theirs. Scopes are made of it, nobody writes it.
    Shared(Shared),
    /// A link reaches a record that matches. Scopes are made of it, nobody writes it.
    Linked(Linked),
}

/// A record that was shared by hand with the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Its entity.
    pub entity: String,
    /// For what.
    pub right: SharedFor,
}

/// For what a record was shared by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedFor {
    /// For reading, at least.
    Reading,
    /// For changing.
    Changing,
}

/// A link that reaches a record which matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// The link, a field of the record itself.
    pub link: FieldPath,
    /// The entity that it reaches.
    pub to: String,
    /// Which records of it.
    pub filter: Box<Filter>,
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Which field, possibly through links.
    pub path: FieldPath,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub operand: Operand,
}

/// A field of the entity itself (`hops` empty) or of one reached through links.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath {
    /// Links to follow, each a field index in the entity reached so far.
    pub hops: Vec<Hop>,
    /// The entity that holds the field.
    pub entity: String,
    /// The field's index in that entity.
    pub field: usize,
}

/// One link that a path follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hop {
    /// The entity that holds the link.
    pub entity: String,
    /// The link's field index there.
    pub field: usize,
    /// The entity that it reaches.
    pub to: String,
}

/// Related records that point here.
#[derive(Clone, Debug, PartialEq)]
pub struct Has {
    /// The entity whose records point here.
    pub entity: String,
    /// The index of its field that points here.
    pub field: usize,
    /// Which of them count.
    pub filter: Box<Filter>,
    /// At least so many; 1 when nothing is said.
    pub at_least: Option<u64>,
    /// At most so many; 0 for `has_no`.
    pub at_most: Option<u64>,
}

/// With what a field is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// One value of the field's kind.
    One(Value),
    /// A list of values.
    Many(Vec<Value>),
    /// From, to.
    Range(Value, Value),
    /// Another field of the same record.
    Field(FieldPath),
    /// Folded text for `contains` and its kin.
    Text(String),
    /// The same of a telephone number, as it was written: the marks between digits do not count.
    Dialled(String),
    /// For `empty` and `changed`.
    Flag(bool),
    /// For `within`.
    Period(Period),
    /// For `is`: the reader.
    Me,
    /// For `is`: the reader's team. The path of such a leaf always ends in a field of kind team: `owner is my_team`
    /// is resolved to the path `owner.team`.
    MyTeam,
    /// For `is`: the reader's team and all teams below it; the path as for `MyTeam`.
    MyTeams,
    /// One of the reader's territories, or one below them.
    MyTerritories,
    /// A moment or day relative to now.
    Now(Offset),
    /// An attribute of the reader, a path from the user: `{ "user": "team" }`.
    User(String),
    /// The value of a setting of the workspace.
    Setting(String),
}

/// A span relative to a moment: `-3d`, `+1mo`, `2w`, and in working time `2wd`, `4wh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Offset {
    /// Calendar months (a year is twelve).
    pub months: i32,
    /// Days.
    pub days: i64,
    /// Minutes.
    pub minutes: i64,
    /// Working days.
    pub working_days: i64,
    /// Hours of working time.
    pub working_hours: i64,
}

/// A period relative to today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Before now (before today for dates).
    Past,
    /// After now (after today for dates).
    Future,
    /// The unit that holds today, moved by `shift` units: yesterday is `Unit(Day, -1)`.
    Unit(PeriodUnit, i32),
    /// The last n days, today included.
    LastDays(u32),
    /// The next n days, today included.
    NextDays(u32),
    /// The last n whole units before the one that holds today, and that one up to today.
    LastUnits(PeriodUnit, u32),
    /// The one that holds today, from today, and the next n whole units.
    NextUnits(PeriodUnit, u32),
    /// Longer ago than the offset.
    OlderThan(Offset),
    /// From the beginning of the unit to today.
    ToDate(PeriodUnit),
}

/// A unit of the calendar. Weeks begin on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeriodUnit {
    /// A day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// Three months from January.
    Quarter,
    /// A year.
    Year,
    /// Three months of the fiscal year.
    FiscalQuarter,
    /// A year from the workspace's first fiscal month.
    FiscalYear,
}

#[cfg(test)]
mod tests;
