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
mod parse;
mod path;
mod period;
mod write;

pub use before::Against;
pub use context::{FilterContext, OwnFields, Subject};
pub use matches::matches;
pub(crate) use operand::points_at;
#[cfg(test)]
pub(crate) use operand::{READERS, SOURCES};
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

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Filled and not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// From the first to the second, both included.
    Between,
    /// One of the list.
    In,
    /// None of the list.
    NotIn,
    /// Holds the text, folded.
    Contains,
    /// Does not hold the text, folded.
    NotContains,
    /// Begins with the text, folded.
    StartsWith,
    /// Ends with the text, folded.
    EndsWith,
    /// Is empty (`true`) or is not (`false`).
    Empty,
    /// Shares a value with the list.
    AnyOf,
    /// Has every value of the list.
    AllOf,
    /// Has no value of the list.
    NoneOf,
    /// Lies in a period relative to now.
    Within,
    /// Is the reader, the reader's team.
    Is,
    /// Is a record of a tree or one below it.
    Under,
    /// Was changed by this save (`true`) or was not; triggers and processes only.
    Changed,
    /// Was something else before this save and is this now; triggers and processes only.
    ChangedTo,
    /// Was this before this save and is something else now; triggers and processes only.
    ChangedFrom,
    /// Was this before this save; triggers and processes only.
    Was,
    /// Is this now, or was it at any time of which the record's history tells.
    EverWas,
    /// Is the same number when it is dialled; for duplicate rules, nobody writes it.
    Alike,
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

impl Operator {
    /// Every operator with its key in filters.
    pub const ALL: [(Self, &'static str); 26] = [
        (Self::Eq, "eq"),
        (Self::Ne, "ne"),
        (Self::Lt, "lt"),
        (Self::Lte, "lte"),
        (Self::Gt, "gt"),
        (Self::Gte, "gte"),
        (Self::Between, "between"),
        (Self::In, "in"),
        (Self::NotIn, "not_in"),
        (Self::Contains, "contains"),
        (Self::NotContains, "not_contains"),
        (Self::StartsWith, "starts_with"),
        (Self::EndsWith, "ends_with"),
        (Self::Empty, "empty"),
        (Self::AnyOf, "any_of"),
        (Self::AllOf, "all_of"),
        (Self::NoneOf, "none_of"),
        (Self::Within, "within"),
        (Self::Is, "is"),
        (Self::Under, "under"),
        (Self::Changed, "changed"),
        (Self::ChangedTo, "changed_to"),
        (Self::ChangedFrom, "changed_from"),
        (Self::Was, "was"),
        (Self::EverWas, "ever_was"),
        (Self::Alike, "alike"),
    ];

    /// The key in filters: `not_in`.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(operator, _)| *operator == self).map_or("eq", |(_, key)| key)
    }

    /// The operator of that key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other)| *other == key).map(|(operator, _)| *operator)
    }

    /// Whether it asks what a save changed.
    pub fn is_about_changes(self) -> bool {
        matches!(self, Self::Changed | Self::ChangedTo | Self::ChangedFrom | Self::Was)
    }
}

impl Filter {
    /// Every path that the filter reads from the record itself, operands included; not those inside `has`.
    pub fn paths(&self) -> Vec<&FieldPath> {
        let mut paths = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter {
                paths.push(&leaf.path);
                if let Operand::Field(other) = &leaf.operand {
                    paths.push(other);
                }
            }
        });
        paths
    }

    /// The paths of links that are asked for a branch of a tree.
    pub fn tree_paths(&self) -> Vec<&FieldPath> {
        let mut paths = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter
                && leaf.operator == Operator::Under
            {
                paths.push(&leaf.path);
            }
        });
        paths
    }

    /// The paths that are asked for what they ever were.
    pub fn past_paths(&self) -> Vec<&FieldPath> {
        let mut paths = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter
                && leaf.operator == Operator::EverWas
            {
                paths.push(&leaf.path);
            }
        });
        paths
    }

    /// Whether it asks for the history of records, these or related ones.
    pub fn asks_for_history(&self) -> bool {
        !self.past_paths().is_empty() || self.has_conditions().iter().any(|has| has.filter.asks_for_history())
    }

    /// Every condition on related records, not those inside another one.
    pub fn has_conditions(&self) -> Vec<&Has> {
        let mut conditions = Vec::new();
        self.visit(&mut |filter| {
            if let Self::Has(has) = filter {
                conditions.push(has);
            }
        });
        conditions
    }

    /// Every condition on sharing and on what links reach, which are known before the filter is evaluated.
    pub fn far_conditions(&self) -> Vec<&Self> {
        let mut conditions = Vec::new();
        self.visit(&mut |filter| {
            if matches!(filter, Self::Shared(_) | Self::Linked(_)) {
                conditions.push(filter);
            }
        });
        conditions
    }

    /// Whether it asks what a save changed.
    pub fn asks_for_changes(&self) -> bool {
        let mut asks = false;
        self.visit(&mut |filter| {
            if let Self::Leaf(leaf) = filter {
                asks |= leaf.operator.is_about_changes();
            }
        });
        asks
    }

    /// Whether the same record may match for one reader and not for another.
    pub fn depends_on_reader(&self) -> bool {
        let mut depends = false;
        self.visit(&mut |filter| match filter {
            Self::Leaf(leaf) => {
                depends |= matches!(
                    leaf.operand,
                    Operand::Me
                        | Operand::MyTeam
                        | Operand::MyTeams
                        | Operand::MyTerritories
                        | Operand::User(_)
                );
            }
            Self::Has(has) => depends |= has.filter.depends_on_reader(),
            Self::Shared(_) | Self::Linked(_) => depends = true,
            _ => {}
        });
        depends
    }

    /// Whether the same record may match on one day and not on another.
    pub fn depends_on_today(&self) -> bool {
        let mut depends = false;
        self.visit(&mut |filter| match filter {
            Self::Leaf(leaf) => depends |= matches!(leaf.operand, Operand::Period(_) | Operand::Now(_)),
            Self::Has(has) => depends |= has.filter.depends_on_today(),
            Self::Shared(_) => depends = true,
            Self::Linked(linked) => depends |= linked.filter.depends_on_today(),
            _ => {}
        });
        depends
    }

    /// Whether the same record may match under other working hours, or with another holiday.
    pub fn reads_working_time(&self) -> bool {
        let mut reads = false;
        self.visit(&mut |filter| match filter {
            Self::Leaf(leaf) => {
                reads |= match leaf.operand {
                    Operand::Now(offset) | Operand::Period(Period::OlderThan(offset)) => {
                        offset.is_working_time()
                    }
                    _ => false,
                }
            }
            Self::Has(has) => reads |= has.filter.reads_working_time(),
            _ => {}
        });
        reads
    }

    fn visit<'a>(&'a self, visitor: &mut impl FnMut(&'a Self)) {
        visitor(self);
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|filter| filter.visit(visitor)),
            Self::Not(filter) => filter.visit(visitor),
            Self::True | Self::Leaf(_) | Self::Has(_) | Self::Shared(_) | Self::Linked(_) => {}
        }
    }

    /// Both filters; `True` disappears.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, filter) | (filter, Self::True) => filter,
            (Self::All(mut list), Self::All(more)) => {
                list.extend(more);
                Self::All(list)
            }
            (Self::All(mut list), filter) => {
                list.push(filter);
                Self::All(list)
            }
            (filter, other) => Self::All(vec![filter, other]),
        }
    }
}

#[cfg(test)]
mod tests;
