//! Records with rows out of flat lines: which lines of the file make one record, what of them is the record's own, and
//! which are its rows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;
use kontor_model::{EntityModel, FieldModel, Model, Problem, Problems};

use super::file::SECOND;
use super::mapping::{ColumnMapping, Mapping};
use super::place::Place;

/// A mapping taken apart: what fills the record itself, and what fills its rows.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Fields of the record.
    pub own: IndexMap<String, ColumnMapping>,
    /// Its rows, list by list.
    pub lists: Vec<ListPlan>,
    /// The columns that tell records apart, by number; without rows every line is a record.
    keys: Vec<usize>,
    /// The columns that the record itself reads.
    own_columns: BTreeSet<usize>,
}

/// What fills the rows of one list.
#[derive(Clone, Debug)]
pub struct ListPlan {
    /// The list.
    pub list: FieldModel,
    /// The entity of its rows.
    pub child: Arc<EntityModel>,
    /// Fields of a row.
    pub columns: IndexMap<String, ColumnMapping>,
    /// The field by which a line finds the row that it changes.
    pub match_field: Option<String>,
    /// Whether rows stay of which the file says nothing.
    pub keep: bool,
    /// The columns that a row reads, by number.
    reads: BTreeSet<usize>,
}

impl Plan {
    /// Takes a checked mapping apart.
    pub fn of(mapping: &Mapping, entity: &Arc<EntityModel>, model: &Model, columns: &[String]) -> Self {
        let mut plan = Self::default();
        let number = |name: &String| columns.iter().position(|column| column == name);
        for (name, one) in &mapping.columns {
            let Some(place) = Place::find(model, entity, name) else { continue };
            let reads: BTreeSet<usize> = one.columns().iter().filter_map(number).collect();
            let Some(list) = place.list else {
                plan.own.insert(name.clone(), one.clone());
                plan.own_columns.extend(reads);
                continue;
            };
            let said = mapping.rows.get(&list.name);
            let known = plan.lists.iter().position(|known| known.list.index == list.index);
            let at = known.unwrap_or_else(|| {
                plan.lists.push(ListPlan {
                    list: list.clone(),
                    child: Arc::clone(place.entity),
                    columns: IndexMap::new(),
                    match_field: said.and_then(|said| said.match_field.clone()),
                    keep: said.is_some_and(|said| said.keep),
                    reads: BTreeSet::new(),
                });
                plan.lists.len() - 1
            });
            if let Some(known) = plan.lists.get_mut(at) {
                known.columns.insert(place.field.name.clone(), one.clone());
                known.reads.extend(reads);
            }
        }
        if plan.lists.is_empty() {
            return plan;
        }
        let joined = mapping.rows.values().find_map(|said| said.key.as_ref());
        let matched =
            mapping.match_field.as_ref().and_then(|name| mapping.columns.get(name)?.column.as_ref());
        plan.keys = match joined.or(matched).and_then(number) {
            Some(key) => vec![key],
            None => plan.own_columns.iter().copied().collect(),
        };
        plan
    }

    /// The lines of each record, in the order in which the records were met. A line whose own cells are empty belongs to
    /// the record above.
    pub fn documents<'a>(&self, rows: &'a [(usize, Vec<String>)]) -> Vec<Document<'a>> {
        let mut documents: Vec<Document<'a>> = Vec::new();
        let mut known: HashMap<Vec<&'a str>, usize> = HashMap::new();
        let mut above = None;
        for (line, cells) in rows {
            let row = (*line, cells.as_slice());
            let cell = |index: &usize| cells.get(*index).map_or("", String::as_str);
            let key: Vec<&str> = self.keys.iter().map(cell).collect();
            let is_keyed = key.iter().any(|cell| !cell.is_empty());
            let place = if self.lists.is_empty() {
                None
            } else if is_keyed {
                known.get(&key).copied()
            } else {
                let is_blank = self.own_columns.iter().all(|index| cell(index).is_empty());
                above.filter(|_| is_blank && *line < SECOND)
            };
            if let Some(document) = place.and_then(|place| documents.get_mut(place)) {
                document.rows.push(row);
                above = place;
                continue;
            }
            if is_keyed {
                known.insert(key, documents.len());
            }
            above = Some(documents.len());
            documents.push(Document { rows: vec![row] });
        }
        documents
    }

    /// The cells of the record itself: the first that is filled in each column. A later line that says something else
    /// is wrong, unless its rows read the column too.
    pub fn merged(&self, document: &Document<'_>) -> (Vec<String>, Vec<(usize, Problem)>) {
        let mut rows = document.rows.iter();
        let Some((first, cells)) = rows.next() else { return (Vec::new(), Vec::new()) };
        let mut merged = cells.to_vec();
        let mut said: HashMap<usize, usize> = HashMap::new();
        let mut problems = Vec::new();
        for (line, cells) in rows {
            for index in &self.own_columns {
                let (Some(known), Some(cell)) = (merged.get_mut(*index), cells.get(*index)) else { continue };
                if cell.is_empty() || *cell == *known {
                    continue;
                }
                if known.is_empty() {
                    known.clone_from(cell);
                    said.insert(*index, *line);
                } else if !self.lists.iter().any(|list| list.reads.contains(index)) {
                    let before = super::file::told_line(*said.get(index).unwrap_or(first));
                    let problem = Problem::new("rows_differ", "").with("value", cell);
                    problems.push((*line, problem.with("other", known).with("line", before)));
                }
            }
        }
        (merged, problems)
    }
}

impl ListPlan {
    /// The lines that hold a row of the list.
    pub fn rows<'a>(&self, document: &Document<'a>) -> Vec<(usize, &'a [String])> {
        let is_filled = |cells: &[String]| {
            self.reads.iter().any(|index| cells.get(*index).is_some_and(|cell| !cell.is_empty()))
        };
        document.rows.iter().filter(|(_, cells)| is_filled(cells)).copied().collect()
    }
}

/// Lines of the file that make one record.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The lines with their cells; never empty.
    pub rows: Vec<(usize, &'a [String])>,
}

impl Document<'_> {
    /// The line that speaks for the record.
    pub fn line(&self) -> usize {
        self.rows.first().map_or(0, |(line, _)| *line)
    }

    /// Whether every line is of the second file: the record itself is in none.
    pub fn is_rows_only(&self) -> bool {
        self.line() >= SECOND
    }
}

/// What is wrong with a record, line by line.
#[derive(Clone, Debug, Default)]
pub struct Wrong(pub Vec<(usize, Problem)>);

impl Wrong {
    /// All of it at one line.
    pub fn at(line: usize, problems: Problems) -> Self {
        Self(problems.into_iter().map(|problem| (line, problem)).collect())
    }

    /// Adds a problem unless its place is told already.
    pub fn add(&mut self, line: usize, problem: Problem) {
        if !self.0.iter().any(|(known, other)| *known == line && other.path == problem.path) {
            self.0.push((line, problem));
        }
    }

    /// Those of a line.
    pub fn of(&self, line: usize) -> Problems {
        Problems(self.0.iter().filter(|(own, _)| *own == line).map(|(_, problem)| problem.clone()).collect())
    }

    /// Whether there is anything but warnings.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|(_, problem)| !problem.warning)
    }
}
