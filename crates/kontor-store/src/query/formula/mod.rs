//! Formulas as SQL, for working many records out at once. The result is that of the evaluation in memory, to the last
//! digit: a property test holds memory, SQLite and PostgreSQL together.
//!
//! Numbers are whole units of 10^-scale, as they are stored; the scale of every expression is known when it is
//! compiled. What one statement cannot do exactly raises an error of the database, and the caller works those records
//! out in memory: numbers that do not fit 64 bits on the way, upper and lower case beyond ASCII. What has no SQL at
//! all (moments as days of a zone, lists) is not compiled.

mod money;
mod number;
mod text;
mod time;

use std::fmt::Write as _;

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::formula::{Binary, Formula, Tree};
use kontor_model::{FieldModel, Model, Value};
use sea_orm::Value as Bound;

use super::system_column;
use crate::names::{Names, quoted};
use crate::shape::{FOLD, Shape, bind_date, bind_moment, is_folded};
use crate::target::Dialect;

/// Stands for a parameter until all of them are numbered.
const PARAMETER: char = '\u{1}';

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Units of 10^-scale.
    Number(u8),
    Text,
    Boolean,
    Date,
    DateTime,
    Id,
    /// Nothing but empty.
    Nothing,
}

/// A piece of SQL with its parameters in the order of its text.
#[derive(Clone, Debug)]
struct Piece {
    sql: String,
    values: Vec<Bound>,
    holds: Holds,
    /// The folded text beside it, when there is one: a column, or a literal that was folded here.
    folded: Option<Box<Piece>>,
}

/// SQL of a formula over one record, with numbered parameters.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    /// The expression.
    pub(crate) sql: String,
    /// Its parameters.
    pub(crate) values: Vec<Bound>,
}

/// Compiles formulas of one entity, whose records stand under an alias.
pub(crate) struct Compiler<'a> {
    pub(crate) names: &'a Names,
    pub(crate) model: &'a Model,
    pub(crate) context: &'a FilterContext,
    /// The alias of the records.
    pub(crate) alias: &'a str,
    /// How many names were given out.
    pub(crate) given: std::cell::Cell<usize>,
}

impl Compiler<'_> {
    /// The stored value of a field as its formula gives it; `None` when that has no SQL. The parameters are numbered
    /// behind `first` others.
    pub(crate) fn stored(&self, field: &FieldModel, formula: &Formula, first: usize) -> Option<Compiled> {
        let piece = self.value(field, formula)?;
        Some(Self::numbered(piece, first))
    }

    fn value(&self, field: &FieldModel, formula: &Formula) -> Option<Piece> {
        let piece = self.of_amounts(formula)?;
        Some(match (Shape::of(field), piece.holds) {
            (Shape::Decimal(scale), Holds::Number(_)) => self.rescale(piece, scale),
            (Shape::Integer, Holds::Number(_)) => self.rescale(piece, 0),
            (Shape::Boolean, Holds::Boolean) | (Shape::Date, Holds::Date) => piece,
            // A text has its folded key beside it, which no database makes.
            _ => return None,
        })
    }

    fn numbered(piece: Piece, first: usize) -> Compiled {
        let mut sql = String::with_capacity(piece.sql.len() + 16);
        let mut number = first;
        for character in piece.sql.chars() {
            if character == PARAMETER {
                number += 1;
                sql.push('$');
                sql.push_str(&number.to_string());
            } else {
                sql.push(character);
            }
        }
        Compiled { sql, values: piece.values }
    }

    fn is_sqlite(&self) -> bool {
        self.names.dialect == Dialect::Sqlite
    }

    /// Text with pieces in the places of `{}`, one after the other.
    #[expect(clippy::unused_self, reason = "reads like its neighbours, which need it")]
    fn build(&self, holds: Holds, text: &str, pieces: &[&Piece]) -> Piece {
        let mut sql = String::new();
        let mut values = Vec::new();
        let mut rest = pieces.iter();
        let mut parts = text.split("{}");
        sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            if let Some(piece) = rest.next() {
                sql.push_str(&piece.sql);
                values.extend(piece.values.iter().cloned());
            }
            sql.push_str(part);
        }
        Piece { sql, values, holds, folded: None }
    }

    /// Gives pieces names, so that the text may name each of them as often as it likes: `:0`, `:1`.
    fn with(&self, holds: Holds, text: &str, pieces: &[&Piece]) -> Piece {
        let number = self.given.get();
        self.given.set(number + 1);
        let mut body = text.to_owned();
        let mut columns = Vec::new();
        for index in 0..pieces.len() {
            columns.push(format!("{{}} AS v{index}"));
        }
        // The last first, so that `:1` does not take the beginning of `:10`.
        for index in (0..pieces.len()).rev() {
            body = body.replace(&format!(":{index}"), &format!("f{number}.v{index}"));
        }
        let text = format!("(SELECT {body} FROM (SELECT {}) AS f{number})", columns.join(", "));
        self.build(holds, &text, pieces)
    }

    /// An expression of any type that ends the statement with an error when it is reached. It names a value, so that
    /// no planner works it out beforehand.
    fn raise(&self, named: &str, holds: Holds) -> String {
        let text = match self.names.dialect {
            // The absolute value of the least integer is none.
            Dialect::Sqlite => return format!("abs(-9223372036854775807 - ({named} IS NOT NULL))"),
            Dialect::Postgres => format!("(1 / (CASE WHEN {named} IS NULL THEN 1 ELSE 0 END))"),
        };
        match holds {
            Holds::Text => format!("CAST({text} AS text)"),
            Holds::Boolean => format!("({text} = 1)"),
            Holds::Date => format!("(DATE '2000-01-01' + {text})"),
            _ => format!("CAST({text} AS bigint)"),
        }
    }

    fn piece(&self, tree: &Tree) -> Option<Piece> {
        Some(match tree {
            Tree::Literal(value) => self.literal(value)?,
            Tree::Field(path) => self.field(path)?,
            // Decision tables and settings are known in memory alone.
            Tree::Name(_) | Tree::Lookup(..) | Tree::Setting(_) => return None,
            Tree::Not(inner) => {
                let inner = self.piece(inner)?;
                self.build(Holds::Boolean, "(NOT {})", &[&self.typed(inner, Holds::Boolean)])
            }
            Tree::Negate(inner) => {
                let inner = self.piece(inner)?;
                let Holds::Number(scale) = inner.holds else {
                    return (inner.holds == Holds::Nothing).then_some(inner);
                };
                self.checked(Holds::Number(scale), "-:0", &[&inner])
            }
            Tree::Binary(operator, left, right) => {
                let (left, right) = (self.piece(left)?, self.piece(right)?);
                self.binary(*operator, left, right)?
            }
            Tree::If(condition, then, otherwise) => {
                let condition = self.piece(condition)?;
                let condition = self.typed(condition, Holds::Boolean);
                let then = self.piece(then)?;
                let otherwise = match otherwise {
                    Some(otherwise) => self.piece(otherwise)?,
                    None => self.empty(Holds::Nothing),
                };
                let (holds, mut both) = self.same(vec![then, otherwise])?;
                let (otherwise, then) = (both.pop()?, both.pop()?);
                let text = "(CASE WHEN {} THEN {} WHEN NOT {} THEN {} END)";
                self.build(holds, text, &[&condition, &then, &condition, &otherwise])
            }
            Tree::Call(function, arguments) => {
                let pieces = arguments.iter().map(|one| self.piece(one)).collect::<Option<Vec<Piece>>>()?;
                self.call(function.name, arguments, pieces)?
            }
        })
    }

    fn call(&self, name: &str, trees: &[Tree], pieces: Vec<Piece>) -> Option<Piece> {
        match name {
            "is_empty" => Some(self.build(Holds::Boolean, "({} IS NULL)", &[pieces.first()?])),
            "coalesce" => {
                let (holds, pieces) = self.same(pieces)?;
                let places = vec!["{}"; pieces.len()].join(", ");
                let all: Vec<&Piece> = pieces.iter().collect();
                // One argument alone is no list to SQLite.
                Some(self.build(holds, &format!("COALESCE({places}, NULL)"), &all))
            }
            "abs" | "round" | "floor" | "ceil" | "min" | "max" => self.number_call(name, trees, pieces),
            "today" | "now" | "days_between" | "add_days" | "add_months" | "year" | "month" | "day"
            | "date" => self.time_call(name, pieces),
            _ => self.text_call(name, pieces),
        }
    }

    fn binary(&self, operator: Binary, left: Piece, right: Piece) -> Option<Piece> {
        use Binary::{Add, And, Equal, NotEqual, Or, Subtract};
        match operator {
            And | Or => {
                let (left, right) = (self.typed(left, Holds::Boolean), self.typed(right, Holds::Boolean));
                let word = if operator == And { "AND" } else { "OR" };
                let text = format!("CASE WHEN :0 IS NULL OR :1 IS NULL THEN NULL ELSE (:0 {word} :1) END");
                Some(self.with(Holds::Boolean, &text, &[&left, &right]))
            }
            Equal | NotEqual => {
                let (holds, both) = self.same(vec![left, right])?;
                let mark = if operator == Equal { "=" } else { "<>" };
                let [left, right] = both.as_slice() else { return None };
                let text = format!("({{}} {mark} {{}})");
                if let Holds::Number(_) = holds {
                    return Some(self.compare_numbers(mark, left, right));
                }
                Some(self.build(Holds::Boolean, &text, &[left, right]))
            }
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
                let mark = match operator {
                    Binary::Less => "<",
                    Binary::LessOrEqual => "<=",
                    Binary::Greater => ">",
                    _ => ">=",
                };
                let (holds, both) = self.same(vec![left, right])?;
                let [left, right] = both.as_slice() else { return None };
                match holds {
                    Holds::Number(_) => Some(self.compare_numbers(mark, left, right)),
                    Holds::Text => Some(self.compare_texts(mark, left, right)),
                    _ => Some(self.build(Holds::Boolean, &format!("({{}} {mark} {{}})"), &[left, right])),
                }
            }
            Add if left.holds == Holds::Text || right.holds == Holds::Text => self.join(&[left, right]),
            Add | Subtract if left.holds == Holds::Date => self.moved(operator == Subtract, &left, right),
            _ => self.arithmetic(operator, left, right),
        }
    }

    /// Pieces of one type: numbers in one scale, nothing as that type.
    fn same(&self, pieces: Vec<Piece>) -> Option<(Holds, Vec<Piece>)> {
        let mut holds = Holds::Nothing;
        for piece in &pieces {
            holds = match (holds, piece.holds) {
                (Holds::Nothing, other) | (other, Holds::Nothing) => other,
                (Holds::Number(left), Holds::Number(right)) => Holds::Number(left.max(right)),
                (left, right) if left == right => left,
                _ => return None,
            };
        }
        let pieces = pieces
            .into_iter()
            .map(|piece| match holds {
                Holds::Number(scale) if piece.holds != Holds::Nothing => self.rescale(piece, scale),
                _ => self.typed(piece, holds),
            })
            .collect();
        Some((holds, pieces))
    }

    /// Nothing as a value of some type; everything else as it is.
    fn typed(&self, piece: Piece, holds: Holds) -> Piece {
        if piece.holds == Holds::Nothing { self.empty(holds) } else { piece }
    }

    fn empty(&self, holds: Holds) -> Piece {
        let kind = match holds {
            Holds::Number(_) => "bigint",
            Holds::Text | Holds::Nothing => "text",
            Holds::Boolean => "boolean",
            Holds::Date => "date",
            Holds::DateTime => "timestamptz",
            Holds::Id => "uuid",
        };
        let sql = if self.is_sqlite() { "NULL".to_owned() } else { format!("CAST(NULL AS {kind})") };
        Piece { sql, values: Vec::new(), holds, folded: None }
    }

    fn literal(&self, value: &Value) -> Option<Piece> {
        let plain = |sql: String, holds| Some(Piece { sql, values: Vec::new(), holds, folded: None });
        match value {
            Value::Empty => Some(self.empty(Holds::Nothing)),
            Value::Boolean(flag) => plain(if *flag { "TRUE" } else { "FALSE" }.into(), Holds::Boolean),
            Value::Decimal(number) => {
                let text = if self.is_sqlite() {
                    number.units().to_string()
                } else {
                    format!("CAST({} AS bigint)", number.units())
                };
                plain(text, Holds::Number(number.scale()))
            }
            Value::Text(text) => {
                let mut piece = self.text_literal(text);
                piece.folded = Some(Box::new(self.text_literal(&kontor_model::value::fold(text))));
                Some(piece)
            }
            Value::Date(day) => Some(self.bound(bind_date(*day, self.names.dialect), "date", Holds::Date)),
            Value::DateTime(moment) => {
                let bound = bind_moment(*moment, self.names.dialect);
                Some(self.bound(bound, "timestamptz", Holds::DateTime))
            }
            _ => None,
        }
    }

    fn bound(&self, value: Bound, kind: &str, holds: Holds) -> Piece {
        let sql =
            if self.is_sqlite() { PARAMETER.to_string() } else { format!("CAST({PARAMETER} AS {kind})") };
        Piece { sql, values: vec![value], holds, folded: None }
    }

    /// A field: a column of the record, or of what its links lead to.
    fn field(&self, path: &FieldPath) -> Option<Piece> {
        let field = path.resolve(self.model)?;
        let holds = match Shape::of(field) {
            Shape::Text => Holds::Text,
            Shape::Integer => Holds::Number(0),
            Shape::Decimal(scale) => Holds::Number(scale),
            Shape::Boolean => Holds::Boolean,
            Shape::Date => Holds::Date,
            Shape::DateTime => Holds::DateTime,
            Shape::Id => Holds::Id,
            Shape::List
            | Shape::AnyLink
            | Shape::Json
            | Shape::Files
            | Shape::Secret
            | Shape::Sealed
            | Shape::Nothing => {
                return None;
            }
        };
        let mut piece = self.column(path, &field.key, holds)?;
        if is_folded(field) {
            let folded = self.column(path, &format!("{}{FOLD}", field.key), Holds::Text)?;
            piece.folded = Some(Box::new(folded));
        }
        Some(piece)
    }

    fn column(&self, path: &FieldPath, column: &str, holds: Holds) -> Option<Piece> {
        let plain = |sql: String| Some(Piece { sql, values: Vec::new(), holds, folded: None });
        if path.is_own() {
            return plain(format!("{}.{}", self.alias, quoted(column)));
        }
        let mut from = String::new();
        let mut conditions = Vec::new();
        let mut before = self.alias.to_owned();
        for (index, hop) in path.hops.iter().enumerate() {
            let link = self.model.entity(&hop.entity)?.fields.get(hop.field)?;
            if Shape::of(link) != Shape::Id {
                return None;
            }
            let target = self.model.entity(&hop.to)?;
            let number = self.given.get();
            self.given.set(number + 1);
            let alias = format!("l{number}");
            if index > 0 {
                from.push_str(", ");
            }
            // Writing into a text cannot fail.
            let _ = write!(from, "{} AS {alias}", self.names.record_table(&target.key));
            let id = quoted(system_column(target, system::ID));
            conditions.push(format!("{alias}.{id} = {before}.{}", quoted(&link.key)));
            conditions.push(format!("{alias}.{} IS NULL", quoted(system_column(target, system::DELETED_AT))));
            before = alias;
        }
        let column = quoted(column);
        plain(format!("(SELECT {before}.{column} FROM {from} WHERE {})", conditions.join(" AND ")))
    }
}
