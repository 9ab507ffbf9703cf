//! Which columns say to which record the rows of a second file belong: those whose values are the same.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kontor_model::EntityModel;

use super::file::Table;
use super::mapping::Mapping;
use super::names::{Thesaurus, likeness, simple};
use super::place::{Place, rows};
use crate::Session;

/// Rows of each file that are compared.
const ROWS: usize = 5_000;

/// How a file of rows is joined to the file of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The list that the rows go into.
    pub list: String,
    /// The column of the first file.
    pub key: String,
    /// The column of the second.
    pub column: String,
}

impl Join {
    /// What a mapping says of it.
    pub fn of_mapping(mapping: &Mapping) -> Option<Self> {
        mapping.rows.iter().find_map(|(list, said)| {
            Some(Self { list: list.clone(), key: said.key.clone()?, column: said.column.clone()? })
        })
    }

    /// What two files suggest; `None` when no columns of them agree, or the entity has no rows. `list` is the list, where
    /// it is known.
    pub fn guess(
        session: &Session,
        entity: &Arc<EntityModel>,
        records: &Table,
        file: &Table,
        list: Option<&str>,
    ) -> Option<Self> {
        let thesaurus = Thesaurus::of(session);
        let places = Place::all(&session.model, entity);
        let known = |name: &str| {
            let prefixed = |column: &String| format!("{name}.{column}");
            let of_list = || places.iter().filter(|place| place.list.is_some_and(|list| list.name == name));
            let is_known = |column: &String| {
                of_list().any(|place| likeness(session, &thesaurus, place, &prefixed(column)) > 0)
            };
            file.columns.iter().filter(|column| is_known(column)).count()
        };
        let list = rows(&session.model, entity)
            .map(|(field, _)| field.name.clone())
            .filter(|name| list.is_none_or(|list| list == name))
            .max_by_key(|name| known(name))?;
        let (key, column) = columns(records, file)?;
        Some(Self { list, key, column })
    }

    /// Both files as one, and a mapping that knows of it.
    ///
    /// # Errors
    /// What is wrong with the columns.
    pub fn apply(&self, records: &Table, file: &Table) -> crate::error::Result<Table> {
        records.clone().join(&self.list, file, &self.key, &self.column)
    }

    /// Writes it into a mapping.
    pub fn remember(&self, mapping: &mut Mapping) {
        let said = mapping.rows.entry(self.list.clone()).or_default();
        said.key = Some(self.key.clone());
        said.column = Some(self.column.clone());
    }
}

/// The two columns that agree best: most values of the second are in the first, the first tells its rows apart, and
/// their names are the same.
fn columns(records: &Table, file: &Table) -> Option<(String, String)> {
    // There may be hundreds of columns on both sides: every value is looked up once, not once for each pair of columns.
    let (keys, columns) = (Values::of(records), Values::of(file));
    let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, own) in keys.iter().enumerate() {
        for cell in &own.distinct {
            holders.entry(cell).or_default().push(index);
        }
    }
    let compared = records.rows.len().min(ROWS);
    let mut best: Option<(usize, &str, &str)> = None;
    for other in &columns {
        let mut counts = vec![0_usize; keys.len()];
        for index in other.distinct.iter().filter_map(|cell| holders.get(cell)).flatten() {
            if let Some(count) = counts.get_mut(*index) {
                *count += 1;
            }
        }
        let different = other.distinct.len();
        for (own, shared) in keys.iter().zip(counts) {
            if shared * 2 < different || shared == 0 {
                continue;
            }
            let is_called_alike = own.simple == other.simple;
            // Where the names say nothing, the column must tell every record apart: numbers agree by chance.
            if !is_called_alike && own.distinct.len() != compared {
                continue;
            }
            let score = shared * 100 / different
                + own.distinct.len() * 100 / own.filled
                + if is_called_alike { 50 } else { 0 };
            if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, own.column, other.column));
            }
        }
    }
    best.map(|(_, key, column)| (key.to_owned(), column.to_owned()))
}

/// What is in a column.
struct Values<'t> {
    column: &'t str,
    /// Its name as names are compared.
    simple: String,
    distinct: HashSet<&'t str>,
    /// Cells that say something.
    filled: usize,
}

impl<'t> Values<'t> {
    fn of(table: &'t Table) -> Vec<Self> {
        let named = table.columns.iter().enumerate().filter(|(_, column)| !column.is_empty());
        let of_column = |(index, column): (usize, &'t String)| {
            let rows = table.rows.iter().take(ROWS);
            let cells = rows.filter_map(|(_, row)| row.get(index)).filter(|cell| !cell.is_empty());
            let mut found = Self { column, simple: simple(column), distinct: HashSet::new(), filled: 0 };
            for cell in cells {
                found.filled += 1;
                found.distinct.insert(cell);
            }
            found
        };
        named.map(of_column).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn values_say_which_columns_belong_together() {
        let quotes =
            super::super::file::read("q.csv", b"Number,Customer,Stage\nQ-1,Acme,won\nQ-2,Acme,won\n")
                .unwrap();
        let lines =
            super::super::file::read("l.csv", b"Quote,Product,Pieces\nQ-1,Nail,1\nQ-2,Nail,2\nQ-2,Saw,1\n")
                .unwrap();
        assert_eq!(columns(&quotes, &lines), Some(("Number".to_owned(), "Quote".to_owned())));
        let other = super::super::file::read("l.csv", b"Product,Pieces\nNail,7\n").unwrap();
        assert_eq!(columns(&quotes, &other), None);
        // Two wide files, of which every column has a counterpart.
        let wide = |letter: char| {
            let columns = (0..400).map(|column| format!("{letter}{column}")).collect();
            let row = |line: usize| (line, (0..400).map(|column| format!("{column}-{line}")).collect());
            Table { columns, rows: (0..200).map(row).collect() }
        };
        assert_eq!(columns(&wide('a'), &wide('b')), Some(("a0".to_owned(), "b0".to_owned())));
        let join = Join { list: "lines".into(), key: "Number".into(), column: "Quote".into() };
        let both = join.apply(&quotes, &lines).unwrap();
        assert_eq!(both.columns, ["Number", "Customer", "Stage", "lines.Product", "lines.Pieces"]);
        assert_eq!(both.rows.len(), 5);
        assert_eq!(both.rows.last().unwrap().1, ["Q-2", "", "", "Saw", "1"]);
        assert_eq!(super::super::file::told_line(both.rows.last().unwrap().0), "2/4");
    }
}
