//! Amounts of money in SQL: when those that a formula reads are in several currencies, it is worked out over what they are
//! worth in the workspace's, and the result is in that; otherwise it is in theirs.

use kontor_model::FieldModel;
use kontor_model::formula::Formula;

use super::{Compiled, Compiler, Holds, Piece};
use crate::names::quoted;

impl Compiler<'_> {
    /// The expression itself, or that over converted amounts, as the currencies of each record say.
    pub(super) fn of_amounts(&self, formula: &Formula) -> Option<Piece> {
        if formula.has_one_currency() {
            return self.piece(formula.tree());
        }
        // Which amount is chosen, and in which currency that one is, is worked out in memory.
        if formula.chooses_amounts() {
            return None;
        }
        let converted = self.piece(&formula.converted_tree())?;
        if formula.converts() {
            return Some(converted);
        }
        let several = self.several(formula)?;
        let plain = self.piece(formula.tree())?;
        let (holds, mut both) = self.same(vec![converted, plain])?;
        let (plain, converted) = (both.pop()?, both.pop()?);
        Some(self.build(holds, "(CASE WHEN {} THEN {} ELSE {} END)", &[&several, &converted, &plain]))
    }

    /// The first of the currencies of those amounts that are there: an empty text where that amount has none, empty
    /// without any amount.
    fn first(&self, formula: &Formula) -> Option<Piece> {
        let mut text = String::from("(CASE");
        let mut pieces = Vec::new();
        for amount in formula.amounts() {
            text.push_str(" WHEN {} IS NOT NULL THEN COALESCE({}, '')");
            pieces.push(self.field(&amount.value)?);
            pieces.push(self.field(&amount.currency)?);
        }
        if pieces.is_empty() {
            return Some(self.empty(Holds::Text));
        }
        text.push_str(" END)");
        let all: Vec<&Piece> = pieces.iter().collect();
        Some(self.build(Holds::Text, &text, &all))
    }

    /// Whether the amounts that are there are in different currencies.
    fn several(&self, formula: &Formula) -> Option<Piece> {
        if formula.converts() {
            return Some(self.build(Holds::Boolean, "TRUE", &[]));
        }
        let mut parts = vec!["FALSE".to_owned()];
        let mut pieces = vec![self.first(formula)?];
        for amount in formula.amounts() {
            let (value, currency) = (self.field(&amount.value)?, self.field(&amount.currency)?);
            let at = pieces.len();
            parts.push(format!("(:{at} IS NOT NULL AND COALESCE(:{}, '') <> :0)", at + 1));
            pieces.extend([value, currency]);
        }
        let all: Vec<&Piece> = pieces.iter().collect();
        Some(self.with(Holds::Boolean, &format!("({})", parts.join(" OR ")), &all))
    }

    /// A row with the value of an amount, `v`, and its currency, `c`: that of the amounts that the formula reads, the
    /// workspace's when they are in several; without any, the one that the definition names, the one that the record
    /// has, or the workspace's.
    pub(crate) fn stored_amount(
        &self,
        field: &FieldModel,
        currency: &FieldModel,
        formula: &Formula,
        workspace: &str,
    ) -> Option<Compiled> {
        let value = self.value(field, formula)?;
        let (first, several) = (self.first(formula)?, self.several(formula)?);
        let own = self.text_literal(workspace);
        let named = kontor_model::currency::named(field).map(|code| self.text_literal(code));
        let stored = format!("{}.{}", self.alias, quoted(&currency.key));
        let other = if named.is_some() { "{}" } else { &stored };
        let text = format!(
            "SELECT v, CASE WHEN v IS NULL THEN NULL WHEN s THEN w WHEN f IS NULL THEN COALESCE(o, w) \
             WHEN f = '' THEN w ELSE f END AS c \
             FROM (SELECT {{}} AS v, {{}} AS f, {{}} AS s, {{}} AS w, {other} AS o) AS amount"
        );
        let mut pieces = vec![&value, &first, &several, &own];
        pieces.extend(&named);
        let piece = self.build(Holds::Text, &text, &pieces);
        Some(Self::numbered(piece, 0))
    }
}
