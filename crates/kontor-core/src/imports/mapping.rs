//! How columns become fields: a file that can be saved and used again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use kontor_model::filter::Operator;
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems};
use serde::{Deserialize, Serialize};

use super::place::{Place, rows};

/// A saved mapping.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// What people call it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The entity's name; taken from the command or page when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub entity: String,
    /// The field by which a row finds the record that it changes; without one every row makes a record.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub match_field: Option<String>,
    /// Whether the rows start workflows, as records that somebody enters do. Without it an import brings in the past
    /// as it was.
    #[serde(skip_serializing_if = "is_false")]
    pub workflows: bool,
    /// What each field is filled from.
    pub columns: IndexMap<String, ColumnMapping>,
    /// How rows of a list come in, by the list's name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub rows: IndexMap<String, RowsMapping>,
    /// Columns that are left out on purpose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// The columns of the file that was brought in, in their order: an import keeps them, so that its refused rows can be
    /// had with them. It says nothing about files to come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<String>,
}

/// How the rows of a list come in. Their fields are columns of the mapping, named `lines.quantity`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RowsMapping {
    /// The column that says which lines belong to one record. Without one it is that of the field by which records are
    /// found, and without that, lines belong together whose cells for the record itself are the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where the rows are in a file of their own: its column that names the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The field by which a line finds the row that it changes; without one it is the row that says the same.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub match_field: Option<String>,
    /// Whether rows stay of which the file says nothing.
    #[serde(skip_serializing_if = "is_false")]
    pub keep: bool,
}

/// What a field is filled from: a column, a constant, or a template of columns.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnMapping {
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// For links: the field of the record that is looked up; its title when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Makes the record that a look-up did not find.
    #[serde(skip_serializing_if = "is_false")]
    pub create_missing: bool,
    /// Values of the column that mean something else.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Used where the column is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The same value for every row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// Text with columns in braces: `{product} · {number}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Only for rows where this column has this value; the field stays empty elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// A condition on a row.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// The column.
    pub column: String,
    /// Its value.
    pub equals: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Mapping {
    /// Reads a saved mapping.
    ///
    /// # Errors
    /// `not_json` with the reason.
    pub fn from_json(json: &Json) -> Result<Self, Problems> {
        Self::deserialize(json)
            .map_err(|error| Problem::new("mapping_unreadable", "").with("reason", error).into())
    }

    /// Checks the mapping against the entity and the columns of a file: every column is mapped or left out on
    /// purpose, every field is known.
    ///
    /// # Errors
    /// All of what is wrong, with pointers into the mapping.
    pub fn check(
        &self,
        entity: &Arc<EntityModel>,
        model: &Model,
        columns: &[String],
    ) -> Result<(), Problems> {
        let mut problems = Problems::new();
        let mut used: BTreeSet<&str> = self.ignore.iter().map(String::as_str).collect();
        for name in &self.ignore {
            known_column(name, columns, "/ignore", &mut problems);
        }
        for (name, column) in &self.columns {
            let path = format!("/columns/{name}");
            let Some(place) = Place::find(model, entity, name) else {
                problems.push(Problem::new("unknown_field", &path).with("field", name));
                continue;
            };
            let field = place.field;
            if !place.is_open() {
                problems.push(Problem::new("read_only", &path).with("field", &field.title));
            }
            for one in column.columns() {
                known_column(&one, columns, &path, &mut problems);
                if let Some(own) = columns.iter().find(|own| **own == one) {
                    used.insert(own);
                }
            }
            if let Some(by) = &column.by {
                let is_known = field
                    .targets
                    .iter()
                    .any(|target| model.entity(target).is_some_and(|to| to.field(by).is_some()));
                if !is_known {
                    problems.push(Problem::new("unknown_field", format!("{path}/by")).with("field", by));
                }
            }
            if [column.column.is_some(), column.constant.is_some(), column.template.is_some()]
                .iter()
                .filter(|one| **one)
                .count()
                != 1
            {
                problems.push(Problem::new("mapping_source", path).with("field", name));
            }
        }
        if let Some(name) = &self.match_field
            && (entity.field(name).is_none() || !self.columns.contains_key(name))
        {
            problems.push(Problem::new("match_not_mapped", "/match").with("field", name));
        }
        if let Some(field) = self.match_field.as_ref().and_then(|name| entity.field(name))
            && !can_match(field)
        {
            problems.push(Problem::new("match_not_compared", "/match").with("field", &field.title));
        }
        self.check_rows(entity, model, columns, &mut used, &mut problems);
        for column in columns.iter().filter(|column| !column.is_empty() && !used.contains(column.as_str())) {
            problems.push(Problem::new("column_not_mapped", "/columns").with("column", column));
        }
        problems.into_result(())
    }
}

/// Whether a row may find its record by a field: its values can be asked for.
pub fn can_match(field: &FieldModel) -> bool {
    !field.kind.is_list() && !field.kind.holds_files() && field.operators().contains(&Operator::Eq)
}

impl Mapping {
    fn check_rows<'a>(
        &'a self,
        entity: &Arc<EntityModel>,
        model: &Model,
        columns: &[String],
        used: &mut BTreeSet<&'a str>,
        problems: &mut Problems,
    ) {
        for (name, said) in &self.rows {
            let path = format!("/rows/{name}");
            let Some((_, child)) = rows(model, entity).find(|(list, _)| list.name == *name) else {
                problems.push(Problem::new("unknown_field", path).with("field", name));
                continue;
            };
            if let Some(key) = &said.key {
                known_column(key, columns, &path, problems);
                used.insert(key);
            }
            if let Some(field) = &said.match_field
                && (child.field(field).is_none() || !self.columns.contains_key(&format!("{name}.{field}")))
            {
                problems.push(Problem::new("match_not_mapped", format!("{path}/match")).with("field", field));
            }
        }
    }
}

fn known_column(name: &str, columns: &[String], path: &str, problems: &mut Problems) {
    if !columns.iter().any(|column| column == name) {
        problems.push(Problem::new("unknown_column", path).with("column", name));
    }
}

impl ColumnMapping {
    /// A column as it is.
    pub fn of_column(column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..Self::default() }
    }

    /// The columns that it reads.
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = self.column.iter().cloned().collect();
        if let Some(template) = &self.template {
            columns.extend(names_in(template));
        }
        if let Some(when) = &self.when {
            columns.push(when.column.clone());
        }
        columns
    }
}

/// The names in braces.
fn names_in(template: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, from)) = rest.split_once('{') {
        let Some((name, after)) = from.split_once('}') else { break };
        names.push(name.to_owned());
        rest = after;
    }
    names
}
