//! What a grouped question answers: shared by reports, charts, dashboards and the query API. Plain data; knows
//! neither SQL nor how it is drawn.

use crate::Json;
use crate::value::Value;

/// The answer to a grouped question: a row per group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// What it is grouped by.
    pub dimensions: Vec<DimensionHead>,
    /// What is counted.
    pub measures: Vec<MeasureHead>,
    /// The groups, sorted and limited.
    pub rows: Vec<Group>,
    /// The measures over everything; empty when totals are not wanted.
    pub totals: Vec<Value>,
    /// Of a matrix: what each row comes to, with the keys of its rows alone. Empty for others and without totals.
    pub down: Vec<Group>,
    /// Of a matrix: what each column comes to, with the keys of its columns alone.
    pub across: Vec<Group>,
    /// Whether there are more groups than the limit, or rows of a matrix.
    pub capped: bool,
    /// Whether some amounts are in several currencies, so that all are counted in what they are worth in the workspace's.
    pub mixed: bool,
    /// So many of them have no exchange rate and are left out.
    pub missing: u64,
    /// Whether a number is empty because it is beyond what a number holds.
    pub too_large: bool,
    /// Of a report over several entities: where the measures of each begin. Empty for others.
    pub blocks: Vec<usize>,
}

/// What an answer is grouped by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DimensionHead {
    /// The name in sort, chart and JSON.
    pub name: String,
    /// The heading.
    pub title: String,
    /// The path to the field.
    pub field: String,
    /// The kind of the field.
    pub kind: String,
    /// For dates: day, week, month, quarter, year.
    pub by: Option<String>,
}

/// What is counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasureHead {
    /// The name in formulas, sort, chart and JSON.
    pub name: String,
    /// The heading.
    pub title: String,
    /// How the number is written: integer, decimal, percent, money, date.
    pub kind: String,
    /// Digits after the point.
    pub scale: u8,
    /// The currency of money.
    pub currency: Option<String>,
    /// Whether amounts were converted into it.
    pub converted: bool,
}

/// One group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// One per dimension.
    pub keys: Vec<DimensionValue>,
    /// One per measure; empty where there is nothing to count.
    pub values: Vec<Value>,
    /// The filter of the records behind the group, for the drill-down.
    pub filter: Json,
    /// The same for each entity of a report over several.
    pub behind: Vec<Behind>,
}

/// The records of one entity behind a group; of no entity where there are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behind {
    /// The entity; empty for none.
    pub entity: String,
    /// Which of its records.
    pub filter: Json,
}

/// What a group has in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DimensionValue {
    /// The value; the first day of the month and so on for a date by month.
    pub value: Value,
    /// What is shown: the option's label, the record's title, `March 2026`.
    pub label: String,
    /// The option's tone.
    pub color: Option<String>,
}

/// An answer with two dimensions, laid out in a grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid<'a> {
    /// The values down, in the order in which they first appear.
    pub rows: Vec<&'a DimensionValue>,
    /// The values across.
    pub columns: Vec<&'a DimensionValue>,
    /// `cells[row][column]`: the group, where there is one.
    pub cells: Vec<Vec<Option<&'a Group>>>,
}

impl Answer {
    /// Where the measure of that name stands in `values`.
    pub fn measure_index(&self, name: &str) -> Option<usize> {
        self.measures.iter().position(|measure| measure.name == name)
    }

    /// The records behind a measure of a group, in a report over several entities.
    pub fn behind<'g>(&self, group: &'g Group, measure: usize) -> Option<&'g Behind> {
        let block = self.blocks.iter().rposition(|first| *first <= measure)?;
        group.behind.get(block).filter(|behind| !behind.entity.is_empty())
    }

    /// Where the dimension of that name stands in `keys`.
    pub fn dimension_index(&self, name: &str) -> Option<usize> {
        self.dimensions.iter().position(|dimension| dimension.name == name)
    }

    /// The groups in a grid of the dimension `down` by the dimension `across`; later groups of the same place are
    /// left out, so with more than two dimensions the grid shows the first group of each place.
    pub fn grid(&self, down: usize, across: usize) -> Grid<'_> {
        let mut grid = Grid::default();
        for group in &self.rows {
            let (Some(row), Some(column)) = (group.keys.get(down), group.keys.get(across)) else { continue };
            let row = place(&mut grid.rows, row);
            let column = place(&mut grid.columns, column);
            if grid.cells.len() <= row {
                grid.cells.resize(row + 1, Vec::new());
            }
            if let Some(cells) = grid.cells.get_mut(row) {
                if cells.len() <= column {
                    cells.resize(column + 1, None);
                }
                if let Some(cell @ None) = cells.get_mut(column) {
                    *cell = Some(group);
                }
            }
        }
        let width = grid.columns.len();
        for cells in &mut grid.cells {
            cells.resize(width, None);
        }
        grid
    }
}

fn place<'a>(list: &mut Vec<&'a DimensionValue>, value: &'a DimensionValue) -> usize {
    if let Some(index) = list.iter().position(|known| known.value == value.value) {
        return index;
    }
    list.push(value);
    list.len() - 1
}
