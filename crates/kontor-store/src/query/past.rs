//! What a field ever was, as the journal tells: one look at the rows of each record, by their index.

use kontor_model::access::Scope;
use kontor_model::entity::{EntityModel, FieldModel, system};
use kontor_model::{Model, Value};
use sea_orm::Value as Bound;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use uuid::Uuid;

use super::Plan;
use super::frame::Frame;
use super::leaf::Place;
use super::mask::Reader;
use super::scope::never;
use crate::error::Result;
use crate::row;
use crate::shape::{Shape, entity_key};
use crate::store::Store;
use crate::system::journal::Stored;
use crate::target::Dialect;

impl<'a> Plan<'a> {
    /// Whether a place holds a value, or held it. To the asker, what they do not see was never there.
    pub(crate) fn ever_was(&self, place: &Place<'a>, value: &Value, reader: Reader) -> Result<Expr> {
        if value.is_empty() {
            return Ok(never());
        }
        let json = place.field.kind.to_json(place.field, value);
        let is_number = json.is_number();
        let wanted = match value.as_decimal() {
            Some(number) if is_number => number.normalized().to_string(),
            _ => json.to_string(),
        };
        let table = self.names.expand("@journal");
        // A line that an older program sealed cannot be looked into before it is opened (`seal/history.rs`). What lines tell
        // of encrypted fields is sealed in them, and nobody asks for these.
        let readable =
            "CASE WHEN substr(\"told\".\"changes\", 1, 1) = '[' THEN \"told\".\"changes\" ELSE '[]' END";
        let is_sqlite = self.dialect() == Dialect::Sqlite;
        let each = if is_sqlite {
            format!("json_each({readable}) AS \"change\"")
        } else {
            format!("json_array_elements(CAST({readable} AS json)) AS \"change\"(\"value\")")
        };
        let part = |index: u8| {
            let part = format!("(\"change\".\"value\" -> {index})");
            if is_sqlite { part } else { format!("CAST({part} AS text)") }
        };
        let written = |index: u8| {
            let part = part(index);
            if !is_number {
                return part;
            }
            // Numbers are written with the digits that their field had then.
            let point =
                if is_sqlite { format!("instr({part}, '.')") } else { format!("strpos({part}, '.')") };
            format!("CASE WHEN {point} > 0 THEN rtrim(rtrim({part}, '0'), '.') ELSE {part} END")
        };
        let text = format!(
            "EXISTS (SELECT 1 FROM {table} AS \"told\", {each} WHERE \"told\".\"record\" = ? AND \"told\".\"entity\" = ? \
             AND {} = ? AND ({} = ? OR {} = ?))",
            part(0),
            written(1),
            written(2),
        );
        let key = serde_json::Value::from(place.field.key.as_str()).to_string();
        let told = self.custom(
            &text,
            vec![
                place.id_column(),
                Expr::val(place.entity.key.clone()),
                Expr::val(key),
                Expr::val(wanted.clone()),
                Expr::val(wanted),
            ],
        );
        let held = self.equals(place, value)?.or(told);
        Ok(match self.sees(place, value, reader)? {
            Some(seen) => held.and(seen),
            None => held,
        })
    }

    /// Whether the asker sees the record that a link is compared with. `None` where everything is seen.
    fn sees(&self, place: &Place<'a>, value: &Value, reader: Reader) -> Result<Option<Expr>> {
        let target = place.field.targets.first().and_then(|name| self.model.entity(name));
        let (Some(target), Some(id)) = (target, value.as_id().filter(|_| place.shape == Shape::Id)) else {
            return Ok(None);
        };
        if reader != Reader::Asker || matches!(reader.scope(self, target), Scope::All) {
            return Ok(None);
        }
        let mut frame = Frame::new(self, target);
        let seen = self.root_scope(&mut frame, reader, false)?;
        let same = frame.system(system::ID).eq(id);
        let mut select = SelectStatement::new();
        select.expr(Expr::cust("1")).and_where(same).and_where(seen);
        frame.put_into(self, &mut select);
        Ok(Some(Expr::exists(select)))
    }
}

impl Store {
    /// What a field of a record held, as its journal tells; what it could not hold today is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn past_values(
        &self,
        model: &Model,
        entity: &EntityModel,
        field: &FieldModel,
        record: Uuid,
    ) -> Result<Vec<Value>> {
        let values = vec![Bound::from(record), Bound::from(entity_key(model, &entity.name)?)];
        let rest = "WHERE record = $1 AND entity = $2";
        let rows: Vec<Stored> = row::select(&self.inner.readers, &self.inner.names, rest, values).await?;
        let catalogue = kontor_model::locale::Catalogue::default();
        let context = kontor_model::kind::ParseContext::neutral(&catalogue);
        let told = rows.into_iter().flat_map(|row| row.row.changes);
        let of_field = told.filter(|change| change.field == field.key);
        let values = of_field.flat_map(|change| [change.old, change.new]).filter(|json| !json.is_null());
        Ok(values.filter_map(|json| field.kind.parse_json(field, &json, &context).ok()).collect())
    }
}
