//! Indexes. All of them leave out deleted records: lists never show them, and they are free to repeat values.

use kontor_model::EntityModel;
use kontor_model::entity::{DIGEST, FOLDED_DIGEST, FieldModel, system};
use kontor_model::value::PHONE_MARKS;

use super::{Builder, sort_column};
use crate::names::{Names, quoted};
use crate::query::system_column;
use crate::shape::{ENTITY, FOLD, Shape, field_columns};
use crate::target::Dialect;

/// PostgreSQL cuts names at 63 bytes.
const LONGEST: usize = 60;

/// The column whose mark decides whether a record is in an index that is being built beside ([`crate::Growing`]). No field
/// is called so.
pub(crate) const MARK: &str = "_indexed";

/// The name of an index over fields, by their keys.
pub(crate) fn index_name(entity: &str, fields: &[&str], unique: bool) -> String {
    let prefix = if unique { "u" } else { "x" };
    let name = format!("{prefix}_{entity}__{}", fields.join("__"));
    if name.len() <= LONGEST {
        return name;
    }
    let kept: String = name.chars().take(LONGEST - 17).collect();
    format!("{kept}_{:016x}", fnv(&name))
}

/// What names an index over fields: their keys, and how a unique one compares their texts.
pub(crate) fn index_keys(fields: &[&FieldModel], unique: bool) -> Vec<String> {
    let key = |field: &&FieldModel| {
        if field.is_sealed() {
            let suffix = if unique && field.ignores_case() { FOLDED_DIGEST } else { DIGEST };
            return format!("{}{suffix}", field.key);
        }
        let folded = unique && field.ignores_case();
        if folded { format!("{}{FOLD}", field.key) } else { field.key.clone() }
    };
    fields.iter().map(key).collect()
}

/// The columns of a field that a unique index holds: the folded one where case does not tell values apart, else all
/// but that one.
pub(crate) fn unique_columns(field: &FieldModel) -> Vec<String> {
    let folded = field.ignores_case();
    if field.is_sealed() {
        let suffix = if folded { FOLDED_DIGEST } else { DIGEST };
        return vec![format!("{}{suffix}", field.key)];
    }
    field_columns(field)
        .into_iter()
        .map(|(column, _)| column)
        .filter(|column| column.ends_with(FOLD) == folded)
        .collect()
}

/// The number that is dialled, of the folded key in `column`: the same as [`kontor_model::value::dialled`].
pub(crate) fn dialled(column: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => PHONE_MARKS
            .chars()
            .fold(column.to_owned(), |inner, mark| format!("replace({inner}, '{mark}', '')")),
        Dialect::Postgres => format!("translate({column}, '{PHONE_MARKS}', '')"),
    }
}

/// FNV-1a with 64 bits: the same in every version of the program, as the names of indexes must be.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The fields of each index that an entity's definition names, and whether the values occur once.
pub(super) fn all(entity: &EntityModel) -> Vec<(Vec<&FieldModel>, bool)> {
    let unique = entity.unique.iter().map(|set| (set, true));
    let plain = entity.indexes.iter().map(|set| (set, false));
    unique
        .chain(plain)
        .map(|(set, unique)| (set.iter().filter_map(|index| entity.fields.get(*index)).collect(), unique))
        .collect()
}

/// The names of the indexes that an entity's definition asks for.
pub(crate) fn names_of(entity: &EntityModel) -> Vec<String> {
    let links = entity.fields.iter().filter(|field| field.kind.is_link());
    let links = links.map(|field| index_name(&entity.key, &[&field.key], false));
    let named = all(entity).into_iter().map(|(fields, unique)| {
        let keys = index_keys(&fields, unique);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        index_name(&entity.key, &keys, unique)
    });
    links.chain(named).collect()
}

/// Those of them that a field is part of.
pub(super) fn over(entity: &EntityModel, field: usize) -> Vec<(Vec<&FieldModel>, bool)> {
    all(entity).into_iter().filter(|(fields, _)| fields.iter().any(|one| one.index == field)).collect()
}

impl Builder<'_> {
    /// What every table has: by creation, and what lies in the bin.
    pub(super) fn standard_indexes(&mut self, entity: &EntityModel) {
        let created = system_column(entity, system::CREATED_AT).to_owned();
        let id = system_column(entity, system::ID).to_owned();
        self.index(entity, &index_name(&entity.key, &[&created], false), &[created.clone(), id], false);
        let deleted = quoted(system_column(entity, system::DELETED_AT));
        let name = index_name(&entity.key, &["deleted_at"], false);
        if self.is_new(entity, &name) {
            self.statements.push(format!(
                "CREATE INDEX {} ON {} ({deleted}) WHERE {deleted} IS NOT NULL",
                quoted(&name),
                self.names.record_table(&entity.key)
            ));
        }
    }

    /// Links are what related lists, scopes and `has` look for. Who created or changed a record is rarely asked.
    pub(super) fn link_index(&mut self, entity: &EntityModel, field: &FieldModel) {
        let rarely = [system::ID, system::CREATED_BY, system::UPDATED_BY];
        let system = field.system && rarely.contains(&field.index);
        if !field.kind.is_link() || system {
            return;
        }
        let mut columns = vec![field.key.clone()];
        if Shape::of(field) == Shape::AnyLink {
            columns.push(format!("{}{ENTITY}", field.key));
        }
        self.index(entity, &index_name(&entity.key, &[&field.key], false), &columns, false);
    }

    pub(super) fn add_index(&mut self, entity: &EntityModel, fields: &[&FieldModel], unique: bool) {
        let keys = index_keys(fields, unique);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut columns: Vec<String> = if unique {
            fields.iter().flat_map(|field| unique_columns(field)).collect()
        } else if let [phone] = fields
            && phone.kind.is_dialled()
            && !phone.is_sealed()
        {
            return self.number_index(entity, phone);
        } else {
            fields.iter().map(|field| sort_column(field)).collect()
        };
        if !unique {
            // The id decides between equals in every order.
            columns.push(system_column(entity, system::ID).to_owned());
        }
        self.index(entity, &index_name(&entity.key, &keys, unique), &columns, unique);
    }

    /// Duplicate rules look for the number that is dialled; nobody sorts by telephone.
    fn number_index(&mut self, entity: &EntityModel, field: &FieldModel) {
        let name = index_name(&entity.key, &[&field.key], false);
        let columns = vec![format!("{}{FOLD}", field.key)];
        self.put(entity, NewIndex { table: entity.key.clone(), name, columns, order: Order::Dialled });
    }

    pub(super) fn drop_index(&mut self, entity: &EntityModel, fields: &[&FieldModel], unique: bool) {
        let keys = index_keys(fields, unique);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let name = index_name(&entity.key, &keys, unique);
        let known = self.existing.get_mut(&entity.key).is_some_and(|existing| existing.indexes.remove(&name));
        if known {
            let qualified = match &self.names.schema {
                Some(schema) => format!("{}.{}", quoted(schema), quoted(&name)),
                None => quoted(&name),
            };
            self.statements.push(format!("DROP INDEX {qualified}"));
        }
    }

    fn index(&mut self, entity: &EntityModel, name: &str, columns: &[String], unique: bool) {
        let order = if unique { Order::Unique } else { Order::Sorted };
        let (table, name) = (entity.key.clone(), name.to_owned());
        self.put(entity, NewIndex { table, name, columns: columns.to_vec(), order });
    }

    /// Makes an index, or takes into use the one that was built beside.
    fn put(&mut self, entity: &EntityModel, index: NewIndex) {
        let beside = self.beforehand.indexes.get(&index.name);
        if beside == Some(&index.name) {
            // Built under its own name: what the database has of it is this one.
            let existing = self.existing.entry(entity.key.clone()).or_default();
            existing.unfinished.remove(&index.name);
            existing.indexes.remove(&index.name);
        }
        if !self.is_new(entity, &index.name) {
            return;
        }
        let statement = index.statement(self.names, &index.name, &index.columns);
        match beside {
            Some(beside) => self.statements.extend(index.taken(self.names, beside, &statement)),
            None => self.statements.push(statement),
        }
        self.coming.push(index);
    }

    fn is_new(&mut self, entity: &EntityModel, name: &str) -> bool {
        let existing = self.existing.entry(entity.key.clone()).or_default();
        if existing.unfinished.remove(name) {
            self.statements.push(format!("DROP INDEX {}", quoted(name)));
        }
        existing.indexes.insert(name.to_owned())
    }
}

/// An index that changes of the model bring.
#[derive(Clone, Debug)]
pub(super) struct NewIndex {
    /// The key of the entity.
    pub(super) table: String,
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    order: Order,
}

/// What an index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Sorted,
    Unique,
    /// Finds numbers as they are dialled.
    Dialled,
}

impl NewIndex {
    /// What makes it, under some name over some columns.
    pub(super) fn statement(&self, names: &Names, name: &str, columns: &[String]) -> String {
        let column = |column: &String| match self.order {
            Order::Dialled => dialled(&quoted(column), names.dialect),
            Order::Sorted | Order::Unique => quoted(column),
        };
        format!(
            "CREATE {}INDEX {} ON {} ({}) WHERE {} IS NULL",
            if self.order == Order::Unique { "UNIQUE " } else { "" },
            quoted(name),
            names.record_table(&self.table),
            columns.iter().map(column).collect::<Vec<_>>().join(", "),
            quoted("deleted_at"),
        )
    }

    /// What puts the one in use that was built beside under some name.
    fn taken(&self, names: &Names, beside: &str, statement: &str) -> Vec<String> {
        let text = |sql: &str| format!("'{}'", sql.replace('\'', "''"));
        match &names.schema {
            _ if names.dialect == Dialect::Sqlite => vec![
                "PRAGMA writable_schema = ON".to_owned(),
                format!(
                    "UPDATE sqlite_schema SET name = {}, sql = {} WHERE type = 'index' AND name = {}",
                    text(&self.name),
                    text(statement),
                    text(beside)
                ),
                "PRAGMA writable_schema = RESET".to_owned(),
            ],
            _ if beside == self.name => Vec::new(),
            Some(schema) => {
                vec![format!(
                    "ALTER INDEX {}.{} RENAME TO {}",
                    quoted(schema),
                    quoted(beside),
                    quoted(&self.name)
                )]
            }
            None => vec![format!("ALTER INDEX {} RENAME TO {}", quoted(beside), quoted(&self.name))],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_short_and_different() {
        let long = "a".repeat(40);
        let one = index_name(&long, &[&long, "one"], true);
        let two = index_name(&long, &[&long, "two"], true);
        assert!(one.len() <= LONGEST && two.len() <= LONGEST);
        assert_ne!(one, two);
        assert_eq!(index_name("deal", &["account", "name"], true), "u_deal__account__name");
    }
}
