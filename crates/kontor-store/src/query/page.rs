//! Pages of lists.

use kontor_model::filter::{Filter, FilterContext};
use kontor_model::value::{dialled, fold};
use kontor_model::{Access, EntityModel, Model};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::column::Columns;
use super::cursor::{self, Mark};
use super::frame::Frame;
use super::mask::{Reader, may_read};
use super::order::{self, Key};
use super::scope::never;
use super::types::{Count, Page, PageQuery};
use super::{Plan, question};
use crate::error::Result;
use crate::names::Names;
use crate::shape::{self, FOLD, Shape};
use crate::store::Store;

/// Which part of a list a statement reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// Where the first key of the order has a value.
    Filled,
    /// Where it has none.
    Empty,
}

/// Counting stops behind so many records.
const COUNT_CAP: u64 = 1_000;

impl Store {
    /// A page of a list, as the asker may see it.
    ///
    /// # Errors
    /// [`crate::Error::UnknownField`] for fields that the asker may not know of, [`crate::Error::Cursor`] for a
    /// cursor of another list.
    pub async fn page(
        &self,
        model: &Model,
        access: &Access,
        query: &PageQuery,
        context: &FilterContext,
    ) -> Result<Page> {
        // The plan is not `Send`, so it ends before the first await.
        let (parts, columns, keys, count) = {
            let plan = Plan::new(model, access, context, &self.inner.names);
            let (parts, columns, keys) = plan.page(query)?;
            (parts, columns, keys, plan.count(query)?)
        };
        let (rows, counted) = tokio::try_join!(self.rows(parts, query.limit), self.count(count))?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let mut page = Page::default();
        for row in rows.iter().take(limit) {
            page.rows.push(columns.read(&self.inner.names, model, row)?);
        }
        if rows.len() > limit
            && let Some(last) = limit.checked_sub(1).and_then(|last| rows.get(last))
        {
            let marks = keys
                .iter()
                .enumerate()
                .map(|(index, key)| Mark::read(key.holds, last, columns.width() + index))
                .collect::<Result<Vec<Mark>>>()?;
            page.next = Some(cursor::write(query, &marks));
        }
        if let Some(counted) = counted {
            let counted = u64::try_from(counted).unwrap_or(0);
            page.capped = query.count == Count::Capped && counted > COUNT_CAP;
            page.count = Some(if page.capped { COUNT_CAP } else { counted });
        }
        Ok(page)
    }

    /// The rows of the parts of a list, one after the other, until there is one more than asked for.
    async fn rows(&self, parts: Vec<Statement>, limit: u64) -> Result<Vec<QueryResult>> {
        let mut rows = Vec::new();
        for part in parts {
            rows.extend(self.inner.readers.query_all_raw(part).await?);
            if rows.len() as u64 > limit {
                break;
            }
        }
        Ok(rows)
    }

    async fn count(&self, statement: Option<Statement>) -> Result<Option<i64>> {
        let Some(statement) = statement else { return Ok(None) };
        let question = question(&statement);
        let look = match self.inner.counts.look(&question) {
            Ok(count) => return Ok(count),
            Err(look) => look,
        };
        let row = self.inner.readers.query_one_raw(statement).await?;
        let count = row.map(|row| row.try_get_by_index(0)).transpose()?;
        self.inner.counts.keep(look, question, &count);
        Ok(count)
    }
}

/// The rows of a list as a connection sees them: inside a transaction, its own writes too.
pub(crate) async fn run<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    access: &Access,
    query: &PageQuery,
    context: &FilterContext,
) -> Result<Vec<Vec<kontor_model::Value>>> {
    // The plan is not `Send`, so it ends before the first await.
    let (parts, columns) = {
        let (parts, columns, _) = Plan::new(model, access, context, names).page(query)?;
        (parts, columns)
    };
    let mut rows = Vec::new();
    for part in parts {
        rows.extend(connection.query_all_raw(part).await?);
    }
    rows.iter().map(|row| columns.read(names, model, row)).collect()
}

impl<'a> Plan<'a> {
    /// The statements of a list, to be run one after the other until the page is full: most lists are one; one
    /// that is ordered by an indexed field that may be empty is read in two, first where the field has a value,
    /// then where it is empty, because no index serves both in one order.
    fn page(&self, query: &PageQuery) -> Result<(Vec<Statement>, Columns, Vec<Key>)> {
        let entity = self.entity(&query.entity)?;
        let first = query.sort.first();
        let apart =
            first.is_some_and(|sort| sort.path.hops.is_empty() && is_indexed(entity, sort.path.field));
        let (statement, columns, keys) =
            self.page_part(query, if apart { Part::Filled } else { Part::Whole })?;
        let mut parts: Vec<Statement> = statement.into_iter().collect();
        if apart && keys.first().is_some_and(|key| key.nullable) {
            parts.extend(self.page_part(query, Part::Empty)?.0);
        }
        Ok((parts, columns, keys))
    }

    /// `None` when the part lies before the place where the page begins.
    fn page_part(&self, query: &PageQuery, part: Part) -> Result<(Option<Statement>, Columns, Vec<Key>)> {
        let entity = self.entity(&query.entity)?;
        let mut frame = Frame::new(self, entity);
        let mut select = SelectStatement::new();
        let mut columns = Columns::default();
        for path in &query.select {
            columns.add(self, &mut frame, &mut select, path, Reader::Asker)?;
        }
        let keys = self.keys(&mut frame, &query.sort)?;
        for key in &keys {
            select.expr(key.expression.clone());
        }
        select.and_where(self.page_condition(&mut frame, query)?);
        let marks = query.after.as_ref().map(|after| cursor::read(query, after, &keys)).transpose()?;
        let split = keys.first().is_some_and(|key| key.nullable) && part != Part::Whole;
        let first_is_empty = marks.as_ref().and_then(|marks| marks.first()).map(Mark::is_empty);
        let from = usize::from(split && part == Part::Empty);
        let mut wanted = keys.get(from..).unwrap_or_default().to_vec();
        if split && part == Part::Filled {
            if first_is_empty == Some(true) {
                return Ok((None, columns, keys));
            }
            if let Some(first) = wanted.first_mut() {
                first.nullable = false;
                select.and_where(first.expression.clone().is_not_null());
            }
        } else if let Some(first) = keys.first().filter(|_| split) {
            select.and_where(first.expression.clone().is_null());
        }
        if let Some(marks) = marks.as_ref().and_then(|marks| marks.get(from..))
            && (from == 0 || first_is_empty == Some(true))
        {
            select.and_where(order::behind(&wanted, marks, self.dialect()));
        }
        order::order_by(&mut select, &wanted);
        // One more than asked for tells whether there is a next page.
        select.limit(query.limit.saturating_add(1));
        frame.put_into(self, &mut select);
        Ok((Some(self.statement(entity, &select)), columns, keys))
    }

    fn count(&self, query: &PageQuery) -> Result<Option<Statement>> {
        if query.count == Count::None {
            return Ok(None);
        }
        let entity = self.entity(&query.entity)?;
        let mut frame = Frame::new(self, entity);
        let mut select = SelectStatement::new();
        select.and_where(self.page_condition(&mut frame, query)?);
        frame.put_into(self, &mut select);
        if query.count == Count::Exact {
            select.expr(Expr::cust("COUNT(*)"));
            return Ok(Some(self.statement(entity, &select)));
        }
        select.expr(Expr::cust("1")).limit(COUNT_CAP + 1);
        let mut outer = SelectStatement::new();
        outer.expr(Expr::cust("COUNT(*)")).from_subquery(select, "counted");
        Ok(Some(self.statement(entity, &outer)))
    }

    /// Scope, filter and search of a list.
    fn page_condition(&self, frame: &mut Frame<'a>, query: &PageQuery) -> Result<Expr> {
        let mut condition = self.root_scope(frame, Reader::Asker, query.bin)?;
        if query.filter != Filter::True {
            condition = condition.and(self.filter(frame, &query.filter, Reader::Asker)?);
        }
        for word in query.search.iter().flat_map(|text| text.split_whitespace()) {
            condition = condition.and(self.any_field_holds(frame, word));
        }
        Ok(condition)
    }

    /// Whether one of the search fields that the asker may read holds a word. An entity that names no search
    /// fields is searched by its title.
    fn any_field_holds(&self, frame: &Frame<'a>, word: &str) -> Expr {
        let entity = frame.root;
        let title = [entity.display];
        let fields = if entity.search.is_empty() { &title[..] } else { &entity.search };
        let position = match self.dialect() {
            crate::Dialect::Sqlite => "instr(?, ?) > 0",
            crate::Dialect::Postgres => "strpos(?, ?) > 0",
        };
        let folded = fold(word).into_owned();
        // A telephone number is found however its digits are set apart.
        let number = Some(dialled(word)).filter(|number| is_number(number));
        let mut condition: Option<Expr> = None;
        for field in fields.iter().filter_map(|index| entity.fields.get(*index)) {
            if !matches!(Shape::of(field), Shape::Text | Shape::Json | Shape::Files)
                || !may_read(self, entity, field)
            {
                continue;
            }
            let column =
                if shape::is_folded(field) { format!("{}{FOLD}", field.key) } else { field.key.clone() };
            let mut holds = self.custom(position, vec![frame.own(&column), Expr::val(folded.clone())]);
            if let Some(number) = number.as_ref().filter(|_| field.kind.is_dialled()) {
                let stored = crate::ddl::dialled("?", self.dialect());
                let stored = self.custom(&stored, vec![frame.own(&column)]);
                holds = holds.or(self.custom(position, vec![stored, Expr::val(number.clone())]));
            }
            condition = Some(match condition {
                Some(before) => before.or(holds),
                None => holds,
            });
        }
        condition.unwrap_or_else(never)
    }
}

/// Whether what is typed may be a part of a telephone number, its marks left out.
fn is_number(dialled: &str) -> bool {
    dialled.len() >= 3 && dialled.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether an index begins with a field, or goes on with it behind fields that a filter may fix.
fn is_indexed(entity: &EntityModel, field: usize) -> bool {
    entity.indexes.iter().chain(&entity.unique).any(|set| set.contains(&field))
}
