//! Works a formula out for one record: with the currency in which the result is, where it reads amounts of money.
//!
//! `coalesce` and `if` at the root pick one of several values and add nothing up, so the amount that they pick stays as it is,
//! with its currency. An amount whose rate is not known is not empty: it is there, and what it is worth is not known.

use std::cell::Cell;

use super::tree::Tree;
use super::{Amount, Currency, Formula, evaluate};
use crate::filter::{FieldPath, FilterContext, Subject};
use crate::value::Value;

/// What a formula comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Worked {
    /// The value.
    pub value: Value,
    /// In which currency the amounts were. When they were in several, it was worked out over what they are worth in the
    /// workspace's.
    pub counted: Currency,
    /// It is empty because a number on the way is larger than numbers can be.
    pub is_beyond: bool,
    /// It is empty because the rate of an amount is not known.
    pub(super) is_unknown: bool,
}

impl Formula {
    /// The value for one record, and its currency.
    pub fn work_out(&self, subject: &dyn Subject, context: &FilterContext) -> Worked {
        if self.has_one_currency() {
            return self.alone(&self.tree, subject, context);
        }
        self.pick(&self.tree, subject, context)
    }

    /// In which currency the amounts are that count for the result.
    pub fn currency(&self, subject: &dyn Subject, context: &FilterContext) -> Currency {
        if self.amounts.is_empty() {
            return Currency::None;
        }
        self.work_out(subject, context).counted
    }

    fn pick(&self, tree: &Tree, subject: &dyn Subject, context: &FilterContext) -> Worked {
        match tree {
            Tree::Call(function, arguments) if function.name == "coalesce" => {
                let mut last = Worked::nothing();
                for argument in arguments {
                    last = self.pick(argument, subject, context);
                    if !last.value.is_empty() || last.is_unknown {
                        break;
                    }
                }
                last
            }
            Tree::If(condition, then, otherwise) => {
                match (self.alone(condition, subject, context).value, otherwise) {
                    (Value::Boolean(true), _) => self.pick(then, subject, context),
                    (Value::Boolean(false), Some(otherwise)) => self.pick(otherwise, subject, context),
                    _ => Worked::nothing(),
                }
            }
            tree => self.alone(tree, subject, context),
        }
    }

    /// An expression whose amounts are taken together: as they are in one currency, converted in several.
    fn alone(&self, tree: &Tree, subject: &dyn Subject, context: &FilterContext) -> Worked {
        let amounts: Vec<&Amount> = self.amounts.iter().filter(|amount| reads(tree, &amount.value)).collect();
        let counted = if self.converts { Currency::Several } else { common(&amounts, subject) };
        let converted = if counted == Currency::Several { amounts } else { Vec::new() };
        let fields = Fields { subject, converted, is_beyond: Cell::new(false), unknown: Cell::new(0) };
        let value = evaluate::evaluate(tree, &fields, context);
        let is_beyond = value.is_empty() && fields.is_beyond.get();
        let is_unknown = value.is_empty() && fields.unknown.get() > 0;
        Worked { value, counted, is_beyond, is_unknown }
    }
}

impl Worked {
    fn nothing() -> Self {
        Self { value: Value::Empty, counted: Currency::None, is_beyond: false, is_unknown: false }
    }
}

/// In which currency the amounts are that are there.
fn common(amounts: &[&Amount], subject: &dyn Subject) -> Currency {
    let mut found = Currency::None;
    for amount in amounts {
        if subject.value(&amount.value).is_empty() {
            continue;
        }
        let currency = subject.value(&amount.currency).as_text().unwrap_or_default().to_owned();
        match &found {
            Currency::One(known) if *known != currency => return Currency::Several,
            _ => found = Currency::One(currency),
        }
    }
    found
}

/// Whether an expression reads a field.
pub(super) fn reads(tree: &Tree, path: &FieldPath) -> bool {
    any(tree, &|tree| matches!(tree, Tree::Field(other) if other == path))
}

/// Whether an expression asks what is there and what is not.
pub(super) fn asks_what_is_there(tree: &Tree) -> bool {
    any(
        tree,
        &|tree| matches!(tree, Tree::Call(function, _) if matches!(function.name, "coalesce" | "is_empty")),
    )
}

fn any(tree: &Tree, wanted: &dyn Fn(&Tree) -> bool) -> bool {
    if wanted(tree) {
        return true;
    }
    match tree {
        Tree::Literal(_) | Tree::Field(_) | Tree::Name(_) | Tree::Setting(_) => false,
        Tree::Not(inner) | Tree::Negate(inner) => any(inner, wanted),
        Tree::Binary(_, left, right) => any(left, wanted) || any(right, wanted),
        Tree::If(condition, then, otherwise) => {
            any(condition, wanted)
                || any(then, wanted)
                || otherwise.as_deref().is_some_and(|otherwise| any(otherwise, wanted))
        }
        Tree::Call(_, arguments) | Tree::Lookup(_, _, arguments) => {
            arguments.iter().any(|argument| any(argument, wanted))
        }
    }
}

/// The fields of a record; of the amounts given, what they are worth in the workspace's currency.
struct Fields<'a> {
    subject: &'a dyn Subject,
    converted: Vec<&'a Amount>,
    is_beyond: Cell<bool>,
    /// How many amounts were read that are there and whose worth is not known.
    unknown: Cell<u32>,
}

impl evaluate::Source for Fields<'_> {
    fn field(&self, path: &FieldPath) -> Value {
        let Some(amount) = self.converted.iter().find(|amount| amount.value == *path) else {
            return self.subject.value(path);
        };
        let worth = self.subject.value(&amount.converted);
        if worth.is_empty() && !self.subject.value(path).is_empty() {
            self.unknown.set(self.unknown.get().saturating_add(1));
        }
        worth
    }

    fn name(&self, _index: usize) -> Value {
        Value::Empty
    }

    fn is_beyond(&self) {
        self.is_beyond.set(true);
    }

    fn unknown(&self) -> u32 {
        self.unknown.get()
    }
}
