//! What can be asked, as plain data. Every question is answered under an `Access`.

use kontor_model::Filter;
use kontor_model::Value;
use kontor_model::filter::FieldPath;

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct PageQuery {
    /// The entity's name.
    pub entity: String,
    /// What is read, in this order.
    pub select: Vec<FieldPath>,
    /// Which records.
    pub filter: Filter,
    /// Only records whose search fields hold all of these words.
    pub search: Option<String>,
    /// The order; the id decides between equals.
    pub sort: Vec<Sort>,
    /// At most so many rows.
    pub limit: u64,
    /// Begin behind this place of the same list.
    pub after: Option<Cursor>,
    /// Whether and how far matching records are counted.
    pub count: Count,
    /// The deleted records instead of the living.
    pub bin: bool,
}

/// One key of an order. Empty values come last either way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The field.
    pub path: FieldPath,
    /// The greatest first.
    pub descending: bool,
}

/// How matching records are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// Not at all.
    #[default]
    None,
    /// Up to 1,000; more is said as capped.
    Capped,
    /// All.
    Exact,
}

/// A place in a list: opaque text that only the same list understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// What a page query gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// One list of values per record, in the order of `select`.
    pub rows: Vec<Vec<Value>>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// How many records match, when that was asked for.
    pub count: Option<u64>,
    /// There are more than `count`.
    pub capped: bool,
}

/// Totals, possibly by groups.
#[derive(Clone, Debug, Default)]
pub struct AggregateQuery {
    /// The entity's name.
    pub entity: String,
    /// What the records are grouped by; one row for all of them when empty.
    pub group: Vec<Group>,
    /// What is computed for each group.
    pub measures: Vec<Measure>,
    /// Which records.
    pub filter: Filter,
    /// The order of the rows; by the groups when empty.
    pub sort: Vec<AggregateSort>,
    /// At most so many rows; 0 means all.
    pub limit: u64,
}

/// A dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The field; a link gives the id.
    pub path: FieldPath,
    /// For dates and moments: the part of the calendar, given by its first day in the reader's zone.
    pub by: Option<DatePart>,
}

/// A part of the calendar. Weeks begin on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DatePart {
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
}

/// A number over the records of a group.
#[derive(Clone, Debug)]
pub struct Measure {
    /// What is computed.
    pub function: MeasureFunction,
    /// Of which field; `None` for a count of records.
    pub path: Option<FieldPath>,
    /// Only over these records of the group.
    pub filter: Filter,
    /// The column's name.
    pub name: String,
}

/// What a measure computes. Without any value: count and `count_distinct` give 0, all others are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MeasureFunction {
    /// Records, or values that are not empty when a field is named.
    Count,
    /// Different values.
    CountDistinct,
    /// The sum, exact, in the field's scale.
    Sum,
    /// The sum divided by the number of values, with 8 digits after the point.
    Avg,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The number in the middle of all that are there, exact: halfway between two that share it.
    Median,
}

/// One key of the order of an aggregate's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AggregateSort {
    /// By which column.
    pub by: AggregateColumn,
    /// The greatest first.
    pub descending: bool,
}

/// A column of an aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateColumn {
    /// The group at this index.
    Group(usize),
    /// The measure at this index.
    Measure(usize),
}

/// A record that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The entity's name.
    pub entity: String,
    /// The record.
    pub id: uuid::Uuid,
    /// What titles it; empty when the reader may not see that field.
    pub title: String,
    /// The better, the greater; comparable inside one entity only.
    pub rank: f64,
}
