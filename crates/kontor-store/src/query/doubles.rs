//! Living records that hold the same values as another one in a set of fields: what stands in the way of a unique key.

use kontor_model::EntityModel;
use kontor_model::entity::{FieldModel, system};
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::system_column;
use crate::ddl::unique_columns;
use crate::error::Result;
use crate::names::quoted;
use crate::row;
use crate::store::Store;

impl Store {
    /// How many living records share their values in these fields with another one, and the first of them, equals
    /// beside each other. Records with one of the fields empty are free.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn doubles(
        &self,
        entity: &EntityModel,
        fields: &[&FieldModel],
        limit: usize,
    ) -> Result<(u64, Vec<Uuid>)> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let table = names.record_table(&entity.key);
        let columns: Vec<String> =
            fields.iter().flat_map(|field| unique_columns(field)).map(|column| quoted(&column)).collect();
        let list = columns.join(", ");
        let (id, deleted) =
            (quoted(system_column(entity, system::ID)), quoted(system_column(entity, system::DELETED_AT)));
        let filled: Vec<String> = columns.iter().map(|column| format!("{column} IS NOT NULL")).collect();
        let living = format!("{deleted} IS NULL AND {}", filled.join(" AND "));
        let grouped = format!(
            "SELECT {list}, COUNT(*) AS n FROM {table} WHERE {living} GROUP BY {list} HAVING COUNT(*) > 1"
        );
        let sql = format!("SELECT CAST(COALESCE(SUM(d.n), 0) AS BIGINT) FROM ({grouped}) d");
        let rows = row::query(readers, names, &sql, vec![]).await?;
        let count = rows.first().map(|row| row.integer(0)).transpose()?.unwrap_or(0);
        if count == 0 {
            return Ok((0, Vec::new()));
        }
        let same: Vec<String> = columns.iter().map(|column| format!("r.{column} = d.{column}")).collect();
        let ordered: Vec<String> = columns.iter().map(|column| format!("r.{column}")).collect();
        let sql = format!(
            "SELECT r.{id} FROM {table} r JOIN ({grouped}) d ON {} WHERE r.{deleted} IS NULL \
             ORDER BY {}, r.{id} LIMIT $1",
            same.join(" AND "),
            ordered.join(", ")
        );
        let limit = Bound::from(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = row::query(readers, names, &sql, vec![limit]).await?;
        let ids = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<Uuid>>>()?;
        Ok((u64::try_from(count).unwrap_or(0), ids))
    }
}
