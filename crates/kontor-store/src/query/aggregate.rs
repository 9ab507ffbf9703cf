//! Totals by groups. A sum is exact: it is added up in units and read back in the field's scale.

use kontor_model::filter::{Filter, FilterContext};
use kontor_model::{Access, Decimal, Model, Value};
use sea_orm::sea_query::{Expr, ExprTrait, NullOrdering, Order, SelectStatement};
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::frame::Frame;
use super::leaf::Place;
use super::mask::Reader;
use super::order::key_of;
use super::types::{AggregateColumn, AggregateQuery, Group, Measure, MeasureFunction};
use super::{Plan, question};
use crate::error::{Error, Result};
use crate::names::Names;
use crate::shape::{self, Shape};
use crate::store::Store;
use crate::target::Dialect;

/// Totals of more groups than this are not remembered.
const MOST_REMEMBERED: usize = 200;

/// How a column of the answer is read back.
#[derive(Clone, Copy, Debug)]
enum Read {
    Plain(Shape),
    /// A sum, as text in PostgreSQL because it may need more than 64 bits on the way.
    Sum(u8, bool),
    /// A sum and, in the next column, how many values it is of.
    Avg(u8),
    /// The two numbers in the middle.
    Median(u8),
}

impl Read {
    fn width(self) -> usize {
        match self {
            Self::Plain(shape) => shape.width(),
            Self::Sum(..) => 1,
            Self::Avg(_) | Self::Median(_) => 2,
        }
    }
}

struct Answer {
    reads: Vec<(Read, usize)>,
}

impl Store {
    /// Totals over the records that the asker may see: for each group the values of `group`, then those of
    /// `measures`.
    ///
    /// # Errors
    /// [`crate::Error::UnknownField`] for fields that the asker may not know of, [`crate::Error::Query`] for a
    /// function that does not fit the field, [`crate::Error::Overflow`] for a sum beyond 64 bits of units.
    pub async fn aggregate(
        &self,
        model: &Model,
        access: &Access,
        query: &AggregateQuery,
        context: &FilterContext,
    ) -> Result<Vec<Vec<Value>>> {
        let (statement, answer) = Plan::new(model, access, context, &self.inner.names).aggregate(query)?;
        let question = question(&statement);
        let look = match self.inner.totals.look(&question) {
            Ok(totals) => return Ok(totals),
            Err(look) => look,
        };
        let rows = self.inner.readers.query_all_raw(statement).await?;
        let totals = rows.iter().map(|row| answer.read(row, model)).collect::<Result<Vec<_>>>()?;
        if totals.len() <= MOST_REMEMBERED {
            self.inner.totals.keep(look, question, &totals);
        }
        Ok(totals)
    }
}

/// Totals over what a connection sees: inside a transaction, its own writes too.
pub(crate) async fn run<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    access: &Access,
    query: &AggregateQuery,
    context: &FilterContext,
) -> Result<Vec<Vec<Value>>> {
    let (statement, answer) = Plan::new(model, access, context, names).aggregate(query)?;
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| answer.read(row, model)).collect()
}

impl<'a> Plan<'a> {
    fn aggregate(&self, query: &AggregateQuery) -> Result<(Statement, Answer)> {
        let entity = self.entity(&query.entity)?;
        let mut frame = Frame::new(self, entity);
        let mut select = SelectStatement::new();
        let mut reads: Vec<(Read, usize)> = Vec::new();
        let mut width = 0;
        let mut orders = Vec::new();
        for group in &query.group {
            let (columns, shape, order) = self.group(&mut frame, group)?;
            for column in columns {
                select.expr(column);
                width += 1;
                // By position: the same expression with parameters would be another one to PostgreSQL.
                select.add_group_by([Expr::cust(width.to_string())]);
            }
            reads.push((Read::Plain(shape), width - shape.width()));
            orders.push(order);
        }
        for measure in &query.measures {
            let (columns, read, order) = self.measure(&mut frame, measure)?;
            let first = width;
            for column in columns {
                select.expr(column);
                width += 1;
            }
            debug_assert_eq!(width - first, read.width());
            reads.push((read, first));
            orders.push(order);
        }
        if width == 0 {
            return Err(Error::Query("nothing is asked for".into()));
        }
        let mut condition = self.root_scope(&mut frame, Reader::Asker, false)?;
        if query.filter != Filter::True {
            condition = condition.and(self.filter(&mut frame, &query.filter, Reader::Asker)?);
        }
        select.and_where(condition);
        order_groups(&mut select, query, &orders)?;
        if query.limit > 0 {
            select.limit(query.limit);
        }
        frame.put_into(self, &mut select);
        Ok((self.statement(entity, &select), Answer { reads }))
    }

    /// The columns of a group, how they are read, and by what the group is ordered.
    fn group(&self, frame: &mut Frame<'a>, group: &Group) -> Result<(Vec<Expr>, Shape, Expr)> {
        let place = self.place(frame, &group.path, Reader::Asker)?.with_column()?;
        if let Some(part) = group.by {
            let day = self.calendar(&place, part)?;
            return Ok((vec![day.clone()], Shape::Date, self.custom("MIN(?)", vec![day])));
        }
        let sight = self.in_sight(frame, &group.path, &place, Reader::Asker)?;
        let key = Self::shown(key_of(&place, false, true).expression, sight.as_ref());
        let order = match (place.shape, self.dialect()) {
            // PostgreSQL has no least id and no least truth.
            (Shape::Id | Shape::AnyLink | Shape::Boolean, Dialect::Postgres) => {
                self.custom("MIN(?::text)", vec![key])
            }
            _ => self.custom("MIN(?)", vec![key]),
        };
        let mut columns = vec![Self::shown(place.column(), sight.as_ref())];
        if place.shape == Shape::AnyLink {
            columns.push(Self::shown(place.entity_column(), sight.as_ref()));
        }
        Ok((columns, place.shape, order))
    }

    fn measure(&self, frame: &mut Frame<'a>, measure: &Measure) -> Result<(Vec<Expr>, Read, Expr)> {
        let condition = match &measure.filter {
            Filter::True => None,
            filter => Some(self.filter(frame, filter, Reader::Asker)?),
        };
        let only = |text: &str, mut parts: Vec<Expr>, cast: &str| {
            let Some(condition) = &condition else { return self.custom(&format!("{text}{cast}"), parts) };
            parts.push(condition.clone());
            self.custom(&format!("({text} FILTER (WHERE ?)){cast}"), parts)
        };
        let count = Read::Plain(Shape::Integer);
        let Some(path) = &measure.path else {
            if measure.function != MeasureFunction::Count {
                return Err(Error::Query(format!("`{}` needs a field", measure.name)));
            }
            let column = only("COUNT(*)", Vec::new(), "");
            return Ok((vec![column.clone()], count, column));
        };
        let mut place = self.place(frame, path, Reader::Asker)?;
        // How many there are is no secret.
        if measure.function != MeasureFunction::Count || place.shape != Shape::Sealed {
            place = place.with_column()?;
        }
        let sight = self.in_sight(frame, path, &place, Reader::Asker)?;
        let column = Self::shown(place.column(), sight.as_ref());
        match measure.function {
            MeasureFunction::Count => {
                let column = only("COUNT(?)", vec![column], "");
                Ok((vec![column.clone()], count, column))
            }
            MeasureFunction::CountDistinct => {
                let column = only("COUNT(DISTINCT ?)", vec![column], "");
                Ok((vec![column.clone()], count, column))
            }
            MeasureFunction::Sum | MeasureFunction::Avg => {
                let (scale, whole) = match place.shape {
                    Shape::Decimal(scale) => (scale, false),
                    Shape::Integer => (0, true),
                    _ => return Err(does_not_fit(measure, &place)),
                };
                let cast = if self.dialect() == Dialect::Postgres { "::text" } else { "" };
                let sum = only("SUM(?)", vec![column.clone()], cast);
                if measure.function == MeasureFunction::Sum {
                    return Ok((vec![sum], Read::Sum(scale, whole), only("SUM(?)", vec![column], "")));
                }
                let number = only("COUNT(?)", vec![column.clone()], "");
                Ok((vec![sum, number], Read::Avg(scale), only("AVG(?)", vec![column], "")))
            }
            MeasureFunction::Median => {
                let scale = match place.shape {
                    Shape::Decimal(scale) => scale,
                    Shape::Integer => 0,
                    _ => return Err(does_not_fit(measure, &place)),
                };
                let (lower, upper) = self.middle(&column, condition.as_ref());
                let order = self.custom("(? / 2 + ? / 2)", vec![lower.clone(), upper.clone()]);
                Ok((vec![lower, upper], Read::Median(scale), order))
            }
            MeasureFunction::Min | MeasureFunction::Max => {
                let function = if measure.function == MeasureFunction::Min { "MIN" } else { "MAX" };
                match place.shape {
                    Shape::Id
                    | Shape::AnyLink
                    | Shape::List
                    | Shape::Boolean
                    | Shape::Json
                    | Shape::Files
                    | Shape::Secret
                    | Shape::Sealed => Err(does_not_fit(measure, &place)),
                    shape => {
                        let column = only(&format!("{function}(?)"), vec![column], "");
                        Ok((vec![column.clone()], Read::Plain(shape), column))
                    }
                }
            }
        }
    }

    /// The two numbers in the middle of a group: the same one, where the count is odd.
    fn middle(&self, column: &Expr, condition: Option<&Expr>) -> (Expr, Expr) {
        let only = |text: &str| match condition {
            None => text.to_owned(),
            Some(_) => format!("{text} AND ?"),
        };
        let with = |mut parts: Vec<Expr>| {
            parts.extend(condition.cloned());
            parts
        };
        if self.dialect() == Dialect::Postgres {
            let of = |order: &str| {
                let text = format!("PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY ? {order})");
                let text = format!("({text} FILTER (WHERE {}))", only("? IS NOT NULL"));
                self.custom(&text, with(vec![column.clone(), column.clone()]))
            };
            return (of("ASC"), of("DESC"));
        }
        // SQLite puts the numbers into one list, in order, and looks into its middle.
        let of = |place: &str| {
            let filter = only("? IS NOT NULL");
            let text = format!(
                "json_extract(json_group_array(? ORDER BY ?) FILTER (WHERE {filter}), \
                 '$[' || ((COUNT(?) FILTER (WHERE {filter}) {place}) / 2) || ']')"
            );
            let first = with(vec![column.clone(), column.clone(), column.clone()]);
            let second = with(vec![column.clone(), column.clone()]);
            self.custom(&text, first.into_iter().chain(second).collect())
        };
        (of("- 1"), of("+ 0"))
    }
}

fn does_not_fit(measure: &Measure, place: &Place<'_>) -> Error {
    Error::Query(format!(
        "{:?} does not fit `{}`, which is of kind {}",
        measure.function,
        place.field.name,
        place.field.kind.name()
    ))
}

fn order_groups(select: &mut SelectStatement, query: &AggregateQuery, orders: &[Expr]) -> Result<()> {
    let groups = query.group.len();
    let mut by: Vec<(usize, bool)> = Vec::new();
    for sort in &query.sort {
        let index = match sort.by {
            AggregateColumn::Group(index) if index < groups => index,
            AggregateColumn::Measure(index) if index < query.measures.len() => groups + index,
            _ => return Err(Error::Query("the order names a column that is not asked for".into())),
        };
        by.push((index, sort.descending));
    }
    // The groups decide between equals, so that a limited answer is always the same one.
    for index in 0..groups {
        if !by.iter().any(|(known, _)| *known == index) {
            by.push((index, false));
        }
    }
    for (index, descending) in by {
        if let Some(order) = orders.get(index) {
            let direction = if descending { Order::Desc } else { Order::Asc };
            select.order_by_expr_with_nulls(order.clone(), direction, NullOrdering::Last);
        }
    }
    Ok(())
}

impl Answer {
    fn read(&self, row: &QueryResult, model: &Model) -> Result<Vec<Value>> {
        self.reads
            .iter()
            .map(|(read, index)| match read {
                Read::Plain(shape) => shape::decode(*shape, row, *index, model),
                Read::Sum(scale, whole) => Ok(match read_sum(row, *index)? {
                    None => Value::Empty,
                    Some(units) if *whole => Value::Integer(units),
                    Some(units) => Value::Decimal(Decimal::new(units, *scale)),
                }),
                Read::Median(scale) => {
                    let (lower, upper): (Option<i64>, Option<i64>) =
                        (row.try_get_by_index(*index)?, row.try_get_by_index(index + 1)?);
                    let Some((lower, upper)) = lower.zip(upper) else { return Ok(Value::Empty) };
                    // Half of the way between them, so that no sum is larger than a number can be.
                    let (lower, upper) = (Decimal::new(lower, *scale), Decimal::new(upper, *scale));
                    let half = |number: Decimal| number.checked_div(Decimal::from(2));
                    let middle = if lower == upper {
                        Some(lower)
                    } else {
                        half(lower).zip(half(upper)).and_then(|(lower, upper)| lower.checked_add(upper))
                    };
                    Ok(middle.map_or(Value::Empty, |middle| Value::Decimal(middle.normalized())))
                }
                Read::Avg(scale) => {
                    let Some(units) = read_sum(row, *index)? else { return Ok(Value::Empty) };
                    let number: i64 = row.try_get_by_index(index + 1)?;
                    let average = Decimal::new(units, *scale).checked_div(Decimal::from(number));
                    Ok(average.map_or(Value::Empty, |average| Value::Decimal(average.normalized())))
                }
            })
            .collect()
    }
}

fn read_sum(row: &QueryResult, index: usize) -> Result<Option<i64>> {
    if row.try_as_sqlite_row().is_some() {
        return Ok(row.try_get_by_index(index)?);
    }
    let Some(text) = row.try_get_by_index::<Option<String>>(index)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Error::Overflow)
}
