//! Comparing a column with a value or with another column, exactly: a decimal with more digits than the column
//! keeps, or a moment with less than a millisecond, must not be rounded into a match.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use kontor_model::Decimal;
use kontor_model::entity::Encryption;
use kontor_model::filter::Operator;
use kontor_model::kind::ColumnType;
use kontor_model::value::{Value, fold};
use sea_orm::Value as Bound;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::Plan;
use super::leaf::{Place, misfit};
use super::scope::never;
use crate::error::Result;
use crate::shape::{self, Shape, entity_key};
use crate::target::Dialect;

/// An order comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    pub(crate) fn of(operator: Operator) -> Self {
        match operator {
            Operator::Lt => Self::Less,
            Operator::Lte => Self::AtMost,
            Operator::Gt => Self::Greater,
            _ => Self::AtLeast,
        }
    }

    fn apply(self, left: Expr, right: Expr) -> Expr {
        match self {
            Self::Less => left.lt(right),
            Self::AtMost => left.lte(right),
            Self::Greater => left.gt(right),
            Self::AtLeast => left.gte(right),
        }
    }

    fn operator(self) -> Operator {
        match self {
            Self::Less => Operator::Lt,
            Self::AtMost => Operator::Lte,
            Self::Greater => Operator::Gt,
            Self::AtLeast => Operator::Gte,
        }
    }
}

/// A number as whole units: the greatest that is not above it, and whether it is the number itself.
struct Units {
    floor: i128,
    exact: bool,
}

impl Units {
    fn of(decimal: Decimal, scale: u8) -> Self {
        let units = i128::from(decimal.units());
        match decimal.scale().cmp(&scale) {
            Ordering::Less | Ordering::Equal => {
                let power = 10_i128.pow(u32::from(scale - decimal.scale()));
                Self { floor: units * power, exact: true }
            }
            Ordering::Greater => {
                let power = 10_i128.pow(u32::from(decimal.scale() - scale));
                Self { floor: units.div_euclid(power), exact: units.rem_euclid(power) == 0 }
            }
        }
    }
}

impl<'a> Plan<'a> {
    /// A value bound as the main column of the field.
    pub(crate) fn bound(&self, place: &Place<'_>, value: &Value) -> Result<Bound> {
        let column_type = place.field.columns().first().map_or(ColumnType::Text, |column| column.column_type);
        shape::bind(place.field, value, column_type, self.dialect())
    }

    /// `column = value`; never when the value is empty.
    pub(crate) fn equals(&self, place: &Place<'a>, value: &Value) -> Result<Expr> {
        if value.is_empty() {
            return Ok(never());
        }
        let column = place.column();
        Ok(match place.shape {
            Shape::Decimal(_) | Shape::Integer => {
                let scale = if let Shape::Decimal(scale) = place.shape { scale } else { 0 };
                let Some(decimal) = value.as_decimal() else { return Err(misfit(place, Operator::Eq)) };
                let units = Units::of(decimal, scale);
                match i64::try_from(units.floor) {
                    Ok(floor) if units.exact => column.eq(floor),
                    _ => never(),
                }
            }
            Shape::DateTime => match value {
                Value::DateTime(moment) if is_whole(*moment) => {
                    column.eq(shape::bind_moment(*moment, self.dialect()))
                }
                Value::DateTime(_) => never(),
                _ => return Err(misfit(place, Operator::Eq)),
            },
            Shape::AnyLink => match value {
                Value::AnyLink(link) => {
                    column.eq(link.id).and(place.entity_column().eq(entity_key(self.model, &link.entity)?))
                }
                Value::Id(id) => column.eq(*id),
                _ => return Err(misfit(place, Operator::Eq)),
            },
            Shape::Id => match value.as_id() {
                Some(id) => column.eq(id),
                None => return Err(misfit(place, Operator::Eq)),
            },
            Shape::List => match value {
                Value::List(list) => column.eq(shape::join_list(list)),
                Value::Text(text) => column.eq(shape::join_list(std::slice::from_ref(text))),
                _ => return Err(misfit(place, Operator::Eq)),
            },
            // Nobody finds out a secret by comparing.
            Shape::Secret => never(),
            // Equal values have equal digests; without digests nothing is found out.
            Shape::Sealed if place.field.encryption == Encryption::Lookup => {
                if matches!(value, Value::DateTime(moment) if !is_whole(*moment)) {
                    return Ok(never());
                }
                match self.names.vault.digest(place.field, value, &place.entity.key, false)? {
                    Some(digest) => place.digest_column().eq(digest),
                    None => never(),
                }
            }
            Shape::Sealed => return Err(misfit(place, Operator::Eq)),
            Shape::Nothing | Shape::Text | Shape::Json | Shape::Files | Shape::Boolean | Shape::Date => {
                let exact = column.eq(self.bound(place, value)?);
                match (place.indexed_fold(), value) {
                    (Some(folded), Value::Text(text)) => folded.eq(fold(text).into_owned()).and(exact),
                    _ => exact,
                }
            }
        })
    }

    /// `column < value` and its kin; never when the value is empty.
    pub(crate) fn compare(&self, place: &Place<'a>, comparison: Comparison, value: &Value) -> Result<Expr> {
        if value.is_empty() {
            return Ok(never());
        }
        let column = place.column();
        Ok(match (place.shape, value) {
            (Shape::Decimal(_) | Shape::Integer, _) => {
                let scale = if let Shape::Decimal(scale) = place.shape { scale } else { 0 };
                let Some(decimal) = value.as_decimal() else {
                    return Err(misfit(place, comparison.operator()));
                };
                compare_units(column, comparison, &Units::of(decimal, scale))
            }
            (Shape::Text, Value::Text(text)) => match place.folded() {
                Some(folded) => comparison.apply(folded, Expr::val(fold(text).into_owned())),
                None => comparison.apply(column, Expr::val(text.clone())),
            },
            (Shape::Date, Value::Date(date)) => {
                comparison.apply(column, Expr::val(shape::bind_date(*date, self.dialect())))
            }
            (Shape::DateTime, Value::DateTime(moment)) => match comparison {
                Comparison::Less => self.before(&column, *moment),
                Comparison::AtLeast => self.after(&column, *moment),
                _ => comparison.apply(column, Expr::val(shape::bind_moment(*moment, self.dialect()))),
            },
            (Shape::Boolean, Value::Boolean(_)) => {
                comparison.apply(column, Expr::val(self.bound(place, value)?))
            }
            (Shape::Id, Value::Id(id)) => comparison.apply(column, Expr::val(*id)),
            _ => return Err(misfit(place, comparison.operator())),
        })
    }

    /// Stored moments are whole milliseconds: at or after a moment is at or after the next whole one.
    pub(crate) fn after(&self, column: &Expr, moment: DateTime<Utc>) -> Expr {
        column.clone().gte(shape::bind_moment(next_whole(moment), self.dialect()))
    }

    pub(crate) fn before(&self, column: &Expr, moment: DateTime<Utc>) -> Expr {
        column.clone().lt(shape::bind_moment(next_whole(moment), self.dialect()))
    }

    /// Two fields of one record; unknown when either is empty.
    pub(crate) fn two_fields(&self, left: &Place<'a>, operator: Operator, right: &Place<'a>) -> Result<Expr> {
        let (a, b) = match (left.shape, right.shape) {
            (Shape::Sealed, _) | (_, Shape::Sealed) => return Err(misfit(left, operator)),
            (Shape::Decimal(_) | Shape::Integer, Shape::Decimal(_) | Shape::Integer) => {
                let scale = |shape| if let Shape::Decimal(scale) = shape { scale } else { 0 };
                let most = Ord::max(scale(left.shape), scale(right.shape));
                (
                    self.scaled(left.column(), most - scale(left.shape)),
                    self.scaled(right.column(), most - scale(right.shape)),
                )
            }
            (Shape::Text, Shape::Text) if operator != Operator::Eq => match (left.folded(), right.folded()) {
                (Some(a), Some(b)) => (a, b),
                (a, b) => (a.unwrap_or_else(|| left.column()), b.unwrap_or_else(|| right.column())),
            },
            (a, b) if a == b => (left.column(), right.column()),
            (Shape::AnyLink, Shape::Id) | (Shape::Id, Shape::AnyLink) => (left.column(), right.column()),
            _ => return Err(misfit(left, operator)),
        };
        let position = if self.dialect() == Dialect::Sqlite { "instr(?, ?) > 0" } else { "strpos(?, ?) > 0" };
        Ok(match operator {
            Operator::Eq | Operator::Is if left.shape == Shape::AnyLink && right.shape == Shape::AnyLink => {
                a.eq(b).and(left.entity_column().eq(right.entity_column()))
            }
            Operator::Eq | Operator::Is => a.eq(b),
            Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte => {
                Comparison::of(operator).apply(a, b)
            }
            Operator::Contains => self.custom(position, vec![a, b]),
            Operator::StartsWith if self.dialect() == Dialect::Sqlite => {
                self.custom("substr(?, 1, length(?)) = ?", vec![a, b.clone(), b])
            }
            Operator::StartsWith => self.custom("left(?, length(?)) = ?", vec![a, b.clone(), b]),
            Operator::EndsWith if self.dialect() == Dialect::Sqlite => {
                self.custom("substr(?, -length(?)) = ?", vec![a, b.clone(), b])
            }
            Operator::EndsWith => self.custom("right(?, length(?)) = ?", vec![a, b.clone(), b]),
            _ => return Err(misfit(left, operator)),
        })
    }

    /// Units of a finer scale.
    fn scaled(&self, column: Expr, digits: u8) -> Expr {
        if digits == 0 {
            return column;
        }
        let power = 10_i64.pow(u32::from(digits));
        match self.dialect() {
            // SQLite turns a product that does not fit into a floating number by itself.
            Dialect::Sqlite => self.custom("(? * ?)", vec![column, Expr::val(power)]),
            Dialect::Postgres => self.custom("(?::numeric * ?)", vec![column, Expr::val(power)]),
        }
    }
}

fn compare_units(column: Expr, comparison: Comparison, units: &Units) -> Expr {
    // Without being exact, the number lies between `floor` and `floor + 1`.
    let comparison = match (comparison, units.exact) {
        (Comparison::Less, false) => Comparison::AtMost,
        (Comparison::AtLeast, false) => Comparison::Greater,
        (comparison, _) => comparison,
    };
    if let Ok(floor) = i64::try_from(units.floor) {
        return comparison.apply(column, Expr::val(floor));
    }
    // Beyond what the column can hold: all of its values are on one side.
    let below = units.floor > 0;
    match comparison {
        Comparison::Less | Comparison::AtMost if below => column.is_not_null(),
        Comparison::Greater | Comparison::AtLeast if !below => column.is_not_null(),
        _ => never(),
    }
}

fn is_whole(moment: DateTime<Utc>) -> bool {
    moment.timestamp_subsec_nanos().is_multiple_of(1_000_000)
}

/// The moment itself, or the next whole millisecond.
fn next_whole(moment: DateTime<Utc>) -> DateTime<Utc> {
    if is_whole(moment) {
        return moment;
    }
    DateTime::from_timestamp_millis(moment.timestamp_millis() + 1).unwrap_or(moment)
}
