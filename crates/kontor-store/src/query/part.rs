//! A part of a text that is looked for: of plain texts, of telephone numbers, and of values that have several parts.

use kontor_model::filter::Operator;
use kontor_model::value::{Value, dialled, search_words};
use sea_orm::sea_query::{Expr, ExprTrait};

use super::Plan;
use super::leaf::{Place, misfit};
use crate::error::Result;
use crate::shape::Shape;
use crate::target::Dialect;

impl Plan<'_> {
    /// A part of a text, compared folded, byte by byte.
    pub(super) fn text_part(&self, place: &Place<'_>, operator: Operator, text: &str) -> Result<Expr> {
        if place.shape == Shape::List {
            return Ok(self.list_holds(place, Operator::AnyOf, &[Value::text(text)]));
        }
        if !matches!(place.shape, Shape::Text | Shape::Json | Shape::Files) {
            return Err(misfit(place, operator));
        }
        let column = place.folded().unwrap_or_else(|| place.column());
        if place.shape == Shape::Json && operator == Operator::Contains {
            return Ok(self.holds_words(&column, text));
        }
        Ok(self.holds_part(column, operator, text))
    }

    /// A part of a telephone number, whatever marks stand between the digits.
    pub(super) fn number_part(&self, place: &Place<'_>, operator: Operator, text: &str) -> Result<Expr> {
        let folded = place.folded().ok_or_else(|| misfit(place, operator))?;
        let column = self.custom(&crate::ddl::dialled("?", self.dialect()), vec![folded]);
        Ok(self.holds_part(column, operator, &dialled(text)))
    }

    /// Each of the words in a value of several parts.
    fn holds_words(&self, column: &Expr, text: &str) -> Expr {
        let mut all = column.clone().is_not_null();
        for word in search_words(text) {
            let parts = if word.is_joined {
                self.custom("replace(?, ' ', '')", vec![column.clone()])
            } else {
                column.clone()
            };
            all = all.and(self.holds_part(parts, Operator::Contains, word.text));
        }
        all
    }

    fn holds_part(&self, column: Expr, operator: Operator, text: &str) -> Expr {
        if text.is_empty() {
            return column.is_not_null();
        }
        let position = if self.dialect() == Dialect::Sqlite { "instr(?, ?) > 0" } else { "strpos(?, ?) > 0" };
        match operator {
            Operator::Contains => self.custom(position, vec![column, Expr::val(text)]),
            Operator::StartsWith => {
                // A range, so that an index on the folded text serves.
                let above = column.clone().gte(text);
                match successor(text) {
                    Some(end) => above.and(column.lt(end)),
                    None => above,
                }
            }
            _ => {
                let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                if self.dialect() == Dialect::Sqlite {
                    self.custom("substr(?, ?) = ?", vec![column, Expr::val(-length), Expr::val(text)])
                } else {
                    let length = i32::try_from(length).unwrap_or(i32::MAX);
                    self.custom("right(?, ?) = ?", vec![column, Expr::val(length), Expr::val(text)])
                }
            }
        }
    }
}

/// The least text that is greater than every text that begins with `text`; `None` when there is none.
fn successor(text: &str) -> Option<String> {
    let mut characters: Vec<char> = text.chars().collect();
    while let Some(last) = characters.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}
