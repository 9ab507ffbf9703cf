//! The order of a list and the place behind which its next page begins. Texts are ordered by their folded key,
//! choices in the order of their options, links by the title of what they point at; empty comes last.

use kontor_model::entity::system;
use kontor_model::filter::FieldPath;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, NullOrdering, Order, SelectStatement};

use super::Plan;
use super::cursor::Mark;
use super::frame::Frame;
use super::leaf::Place;
use super::mask::{Reader, may_read};
use super::scope::never;
use super::types::Sort;
use crate::error::Result;
use crate::shape::Shape;
use crate::target::Dialect;

/// What a key of the order is made of: decides how its value travels in a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Text,
    Integer,
    Boolean,
    Date,
    DateTime,
    Id,
}

/// One key of an order.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) expression: Expr,
    pub(crate) holds: KeyType,
    pub(crate) descending: bool,
    /// Whether it can be empty.
    pub(crate) nullable: bool,
}

impl<'a> Plan<'a> {
    /// The keys of an order; the id is the last, so that no two records are equal.
    pub(crate) fn keys(&self, frame: &mut Frame<'a>, sort: &[Sort]) -> Result<Vec<Key>> {
        let mut keys = Vec::with_capacity(sort.len() + 1);
        for part in sort {
            keys.push(self.key(frame, &part.path, part.descending)?);
            if part.path.hops.is_empty() && part.path.field == system::ID {
                return Ok(keys);
            }
        }
        // The id follows the direction of the key before it, so that an index can be read either way.
        let descending = sort.last().is_some_and(|part| part.descending);
        let expression = frame.system(system::ID);
        keys.push(Key { expression, holds: KeyType::Id, descending, nullable: false });
        Ok(keys)
    }

    fn key(&self, frame: &mut Frame<'a>, path: &FieldPath, descending: bool) -> Result<Key> {
        let place = self.place(frame, path, Reader::Asker)?.with_column()?;
        if let Some(titled) = self.titled(path, &place) {
            let title = self.place(frame, &titled, Reader::Asker)?;
            return Ok(key_of(&title, descending, true));
        }
        let never_empty = path.hops.is_empty()
            && matches!(path.field, system::ID | system::VERSION | system::CREATED_AT | system::UPDATED_AT);
        Ok(key_of(&place, descending, !never_empty))
    }

    /// The path to the title of what a link points at, when the reader may see it.
    fn titled(&self, path: &FieldPath, place: &Place<'a>) -> Option<FieldPath> {
        let [target] = place.field.targets.as_slice() else { return None };
        if place.shape != Shape::Id || place.field.index == system::ID {
            return None;
        }
        let entity = self.model.entity(target)?;
        let display = entity.display_field();
        if display.index == system::ID || display.kind.is_link() || !may_read(self, entity, display) {
            return None;
        }
        let mut hops = path.hops.clone();
        hops.push(kontor_model::filter::Hop {
            entity: path.entity.clone(),
            field: path.field,
            to: entity.name.clone(),
        });
        Some(FieldPath { hops, entity: entity.name.clone(), field: display.index })
    }
}

/// The key that a field is ordered by.
pub(crate) fn key_of(place: &Place<'_>, descending: bool, nullable: bool) -> Key {
    let options = &place.field.definition.one_of;
    let (expression, holds) = match place.shape {
        Shape::Text if !options.is_empty() => (by_option(place), KeyType::Integer),
        Shape::Text | Shape::List | Shape::Json | Shape::Files | Shape::Secret | Shape::Sealed => {
            (place.folded().unwrap_or_else(|| place.column()), KeyType::Text)
        }
        Shape::Nothing | Shape::Integer | Shape::Decimal(_) => (place.column(), KeyType::Integer),
        Shape::Boolean => (place.column(), KeyType::Boolean),
        Shape::Date => (place.column(), KeyType::Date),
        Shape::DateTime => (place.column(), KeyType::DateTime),
        Shape::Id | Shape::AnyLink => (place.column(), KeyType::Id),
    };
    Key { expression, holds, descending, nullable }
}

/// The records behind a place in the order.
pub(crate) fn behind(keys: &[Key], marks: &[Mark], dialect: Dialect) -> Expr {
    if let Some(condition) = behind_in_one_step(keys, marks, dialect) {
        return condition;
    }
    let mut condition: Option<Expr> = None;
    for (key, mark) in keys.iter().zip(marks).rev() {
        let column = key.expression.clone();
        let value = mark.bind(dialect);
        let further = if mark.is_empty() {
            // Nothing comes behind the empty ones but other empty ones.
            never()
        } else {
            let beyond = if key.descending {
                column.clone().lt(value.clone())
            } else {
                column.clone().gt(value.clone())
            };
            if key.nullable { beyond.or(column.clone().is_null()) } else { beyond }
        };
        condition = Some(match condition {
            None => further,
            Some(rest) => {
                let same = if mark.is_empty() { column.is_null() } else { column.eq(value) };
                further.or(same.and(rest))
            }
        });
    }
    condition.unwrap_or_else(never)
}

/// `(a, b) > ($1, $2)`, which an index over the same columns serves: for keys that are never empty and all run
/// the same way.
fn behind_in_one_step(keys: &[Key], marks: &[Mark], dialect: Dialect) -> Option<Expr> {
    let descending = keys.first()?.descending;
    if keys.iter().any(|key| key.nullable || key.descending != descending) || marks.iter().any(Mark::is_empty)
    {
        return None;
    }
    let columns = Expr::tuple(keys.iter().map(|key| key.expression.clone()));
    let values = Expr::tuple(marks.iter().map(|mark| Expr::val(mark.bind(dialect))));
    Some(if descending { columns.lt(values) } else { columns.gt(values) })
}

/// Puts an order into a statement.
pub(crate) fn order_by(select: &mut SelectStatement, keys: &[Key]) {
    for key in keys {
        let order = if key.descending { Order::Desc } else { Order::Asc };
        if key.nullable {
            select.order_by_expr_with_nulls(key.expression.clone(), order, NullOrdering::Last);
        } else {
            select.order_by_expr(key.expression.clone(), order);
        }
    }
}

/// The place of a choice among its options; values that are no longer an option come behind them.
fn by_option(place: &Place<'_>) -> Expr {
    let options = &place.field.definition.one_of;
    let mut case = CaseStatement::new();
    for (position, option) in (0_i64..).zip(options) {
        case = case.case(place.column().eq(option.value.clone()), Expr::Constant(position.into()));
    }
    let behind = i64::try_from(options.len()).unwrap_or(i64::MAX);
    case = case.case(place.column().is_not_null(), Expr::Constant(behind.into()));
    case.into()
}
