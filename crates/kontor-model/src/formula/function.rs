//! The functions of formulas: their names, what they take and give, and what they compute.
//!
//! Positions in texts count characters from 1, and lengths count characters.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Type;
use super::error::{Position, Wrong};
use super::tree::name;
use super::typing::{fits, same};
use crate::decimal::Decimal;
use crate::filter::FilterContext;
use crate::value::Value;

/// A function of formulas.
#[derive(Debug)]
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// What it takes, as it is shown in the editor.
    pub signature: &'static str,
    takes: &'static [Takes],
    /// How many of the arguments may be left out.
    optional: usize,
    gives: Gives,
    compute: fn(&[Value], &FilterContext) -> Option<Value>,
}

/// What an argument may be.
#[derive(Debug)]
enum Takes {
    Only(Type),
    DateOrMoment,
    Anything,
    /// The same type as the arguments of this sort before it.
    Same,
    /// Any number of arguments of the same type.
    Many,
    /// Any number of texts and numbers.
    ManyTexts,
}

#[derive(Debug)]
enum Gives {
    Only(Type),
    /// The type of the arguments that have to be the same.
    Same,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

use Takes::{Anything, DateOrMoment, Many, ManyTexts, Only, Same};
use Type::{Boolean, Date, DateTime, Id, List, Number, Text};

const TEXT: Takes = Only(Text);
const NUMBER: Takes = Only(Number);

const fn function(
    name: &'static str,
    signature: &'static str,
    takes: &'static [Takes],
    gives: Type,
    compute: fn(&[Value], &FilterContext) -> Option<Value>,
) -> Function {
    Function { name, signature, takes, optional: 0, gives: Gives::Only(gives), compute }
}

/// Every function.
pub static FUNCTIONS: &[Function] = &[
    function("upper", "upper(text)", &[TEXT], Text, |a, _| Some(Value::text(text(a, 0)?.to_uppercase()))),
    function("lower", "lower(text)", &[TEXT], Text, |a, _| Some(Value::text(text(a, 0)?.to_lowercase()))),
    function("trim", "trim(text)", &[TEXT], Text, |a, _| Some(Value::text(text(a, 0)?.trim()))),
    function("length", "length(text)", &[TEXT], Number, |a, _| count(text(a, 0)?.chars().count())),
    function("concat", "concat(text, …)", &[ManyTexts], Text, |a, _| {
        Some(Value::text(a.iter().map(shown).collect::<String>()))
    }),
    function("contains", "contains(text, part)", &[TEXT, TEXT], Boolean, |a, _| {
        Some(Value::Boolean(crate::value::fold(text(a, 0)?).contains(&*crate::value::fold(text(a, 1)?))))
    }),
    function("starts_with", "starts_with(text, part)", &[TEXT, TEXT], Boolean, |a, _| {
        Some(Value::Boolean(crate::value::fold(text(a, 0)?).starts_with(&*crate::value::fold(text(a, 1)?))))
    }),
    function("left", "left(text, count)", &[TEXT, NUMBER], Text, |a, _| {
        Some(Value::text(text(a, 0)?.chars().take(size(a, 1)?).collect::<String>()))
    }),
    function("right", "right(text, count)", &[TEXT, NUMBER], Text, |a, _| {
        let characters = text(a, 0)?.chars();
        let skipped = characters.clone().count().saturating_sub(size(a, 1)?);
        Some(Value::text(characters.skip(skipped).collect::<String>()))
    }),
    Function {
        name: "replace",
        signature: "replace(text, part, by)",
        takes: &[TEXT, TEXT, TEXT],
        optional: 1,
        gives: Gives::Only(Text),
        compute: |a, _| {
            Some(Value::text(
                text(a, 0)?.replace(text(a, 1)?, a.get(2).and_then(Value::as_text).unwrap_or_default()),
            ))
        },
    },
    function("abs", "abs(number)", &[NUMBER], Number, |a, _| {
        let number = number(a, 0)?;
        let absolute = if number < Decimal::ZERO { Decimal::ZERO.checked_sub(number)? } else { number };
        Some(Value::Decimal(absolute))
    }),
    Function {
        name: "round",
        signature: "round(number, digits)",
        takes: &[NUMBER, NUMBER],
        optional: 1,
        gives: Gives::Only(Number),
        compute: |a, _| {
            let digits = if a.len() > 1 { size(a, 1)? } else { 0 };
            Some(Value::Decimal(number(a, 0)?.rescale(u8::try_from(digits).ok()?)?))
        },
    },
    function("floor", "floor(number)", &[NUMBER], Number, |a, _| whole(number(a, 0)?, false)),
    function("ceil", "ceil(number)", &[NUMBER], Number, |a, _| whole(number(a, 0)?, true)),
    Function {
        name: "min",
        signature: "min(a, b, …)",
        takes: &[Many],
        optional: 0,
        gives: Gives::Same,
        compute: |a, _| extreme(a, std::cmp::Ordering::Less),
    },
    Function {
        name: "max",
        signature: "max(a, b, …)",
        takes: &[Many],
        optional: 0,
        gives: Gives::Same,
        compute: |a, _| extreme(a, std::cmp::Ordering::Greater),
    },
    function("today", "today()", &[], Date, |_, context| Some(Value::Date(context.today()))),
    function("now", "now()", &[], DateTime, |_, context| Some(Value::DateTime(context.now))),
    function(
        "days_between",
        "days_between(from, to)",
        &[DateOrMoment, DateOrMoment],
        Number,
        |a, context| count_signed((day(a, 1, context)? - day(a, 0, context)?).num_days()),
    ),
    function("add_days", "add_days(date, days)", &[Only(Date), NUMBER], Date, |a, _| {
        Some(Value::Date(days_later(a.first()?.as_date()?, whole_number(a, 1)?)?))
    }),
    function("add_months", "add_months(date, months)", &[Only(Date), NUMBER], Date, |a, _| {
        Some(Value::Date(months_later(a.first()?.as_date()?, whole_number(a, 1)?)?))
    }),
    function(
        "working_days",
        "working_days(from, to)",
        &[DateOrMoment, DateOrMoment],
        Number,
        super::working::days,
    ),
    function(
        "working_hours",
        "working_hours(from, to)",
        &[Only(DateTime), Only(DateTime)],
        Number,
        super::working::hours,
    ),
    function(
        "add_working_days",
        "add_working_days(date, days)",
        &[Only(Date), NUMBER],
        Date,
        super::working::add_days,
    ),
    function(
        "add_working_hours",
        "add_working_hours(moment, hours)",
        &[Only(DateTime), NUMBER],
        DateTime,
        super::working::add_hours,
    ),
    function("is_working_day", "is_working_day(date)", &[DateOrMoment], Boolean, super::working::is_day),
    function("year", "year(date)", &[DateOrMoment], Number, |a, context| {
        count_signed(i64::from(day(a, 0, context)?.year()))
    }),
    function("month", "month(date)", &[DateOrMoment], Number, |a, context| {
        count_signed(i64::from(day(a, 0, context)?.month()))
    }),
    function("day", "day(date)", &[DateOrMoment], Number, |a, context| {
        count_signed(i64::from(day(a, 0, context)?.day()))
    }),
    function("date", "date(year, month, day)", &[NUMBER, NUMBER, NUMBER], Date, |a, _| {
        let part = |index| whole_number(a, index).and_then(|number| u32::try_from(number).ok());
        let year = i32::try_from(whole_number(a, 0)?).ok()?;
        Some(Value::Date(storable(NaiveDate::from_ymd_opt(year, part(1)?, part(2)?)?)?))
    }),
    Function {
        name: "coalesce",
        signature: "coalesce(a, b, …)",
        takes: &[Many],
        optional: 0,
        gives: Gives::Same,
        compute: |a, _| a.iter().find(|value| !value.is_empty()).cloned(),
    },
    function("is_empty", "is_empty(value)", &[Anything], Boolean, |a, _| {
        Some(Value::Boolean(a.first()?.is_empty()))
    }),
    Function {
        name: "if",
        signature: "if(condition, then, otherwise)",
        takes: &[Only(Boolean), Same, Same],
        optional: 1,
        gives: Gives::Same,
        // Typing turns the call into the expression, which alone is evaluated.
        compute: |a, _| if a.first()?.is_true() { a.get(1).cloned() } else { a.get(2).cloned() },
    },
];

/// Most arguments of a function that takes any number of them.
const MOST_ARGUMENTS: usize = 50;

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// All names, for messages.
pub(super) fn names() -> String {
    // Those two are no functions of values: what they ask for is known when the formula is read.
    let asked = ["lookup", "setting"];
    FUNCTIONS.iter().map(|function| function.name).chain(asked).collect::<Vec<_>>().join(", ")
}

impl Function {
    /// Whether it looks at empty arguments itself; every other function is empty when one of its arguments is.
    pub(super) fn takes_empty(&self) -> bool {
        // To replace by nothing is to take out; without the text there is still nothing.
        matches!(self.name, "coalesce" | "is_empty" | "replace")
    }

    /// Whether it looks at the workspace's working hours and holidays.
    pub fn reads_working_time(&self) -> bool {
        matches!(
            self.name,
            "working_days" | "working_hours" | "add_working_days" | "add_working_hours" | "is_working_day"
        )
    }

    /// What it gives outside of a formula, where types are known no sooner than values; `None` when it does not take
    /// these.
    pub fn call(&self, arguments: &[Value], context: &FilterContext) -> Option<Value> {
        let nowhere = Position { line: 1, column: 1 };
        let types: Vec<_> = arguments.iter().map(|value| (type_of(value), nowhere)).collect();
        self.result(&types, nowhere).ok()?;
        if arguments.iter().any(Value::is_empty) && !self.takes_empty() {
            return Some(Value::Empty);
        }
        Some(self.compute(arguments, context))
    }

    /// How many arguments it takes: at least, and at most.
    pub fn arguments(&self) -> (usize, usize) {
        if matches!(self.takes, [Many | ManyTexts]) {
            return (1, MOST_ARGUMENTS);
        }
        (self.takes.len() - self.optional, self.takes.len())
    }

    /// What it gives for arguments that are there.
    pub(super) fn compute(&self, arguments: &[Value], context: &FilterContext) -> Value {
        (self.compute)(arguments, context).unwrap_or_default()
    }

    /// The type of the result for arguments of these types.
    pub(super) fn result(
        &self,
        arguments: &[(Option<Type>, Position)],
        position: Position,
    ) -> Result<Option<Type>, Wrong> {
        let (least, most) = self.arguments();
        if arguments.len() < least || arguments.len() > most {
            let wrong = Wrong::at(position, "formula_arguments").with("signature", self.signature);
            return Err(wrong.with("count", arguments.len()));
        }
        let mut common = None;
        for (index, (found, at)) in arguments.iter().enumerate() {
            match self.takes.get(index).or(self.takes.last()) {
                Some(Only(wanted)) => fits(*found, *wanted, *at)?,
                Some(DateOrMoment) if matches!(found, None | Some(Date | DateTime)) => {}
                Some(ManyTexts) if matches!(found, None | Some(Text | Number | Date)) => {}
                Some(DateOrMoment) => fits(*found, Date, *at)?,
                Some(ManyTexts) => fits(*found, Text, *at)?,
                Some(Same | Many) => common = same(common, *found, *at)?,
                Some(Anything) | None => {}
            }
        }
        if matches!(self.name, "min" | "max") && matches!(common, Some(List | Id | Boolean)) {
            return Err(Wrong::at(position, "formula_type")
                .with("found", name(common))
                .with("expected", "number"));
        }
        Ok(match self.gives {
            Gives::Only(given) => Some(given),
            Gives::Same => common,
        })
    }
}

/// The type of a value; nothing of one that is empty.
fn type_of(value: &Value) -> Option<Type> {
    match value {
        Value::Empty => None,
        Value::Text(_) => Some(Text),
        Value::Integer(_) | Value::Decimal(_) => Some(Number),
        Value::Boolean(_) => Some(Boolean),
        Value::Date(_) => Some(Date),
        Value::DateTime(_) => Some(DateTime),
        Value::Id(_) | Value::AnyLink(_) => Some(Id),
        Value::List(_) => Some(List),
        Value::Json(_) | Value::Files(_) | Value::Secret(_) | Value::Masked(_) => Some(Type::Object),
    }
}

/// A value inside a text: numbers without trailing zeros, days in ISO form.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.normalized().to_string(),
        Value::Date(day) => day.format("%Y-%m-%d").to_string(),
        Value::DateTime(moment) => moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        _ => String::new(),
    }
}

fn text(arguments: &[Value], index: usize) -> Option<&str> {
    arguments.get(index)?.as_text()
}

pub(super) fn number(arguments: &[Value], index: usize) -> Option<Decimal> {
    arguments.get(index)?.as_decimal()
}

pub(super) fn whole_number(arguments: &[Value], index: usize) -> Option<i64> {
    Some(number(arguments, index)?.rescale(0)?.units())
}

/// A count: what is below zero counts as none.
fn size(arguments: &[Value], index: usize) -> Option<usize> {
    usize::try_from(whole_number(arguments, index)?.max(0)).ok()
}

/// The day of a date, or the reader's day of a moment.
fn day(arguments: &[Value], index: usize, context: &FilterContext) -> Option<NaiveDate> {
    match arguments.get(index)? {
        Value::Date(day) => Some(*day),
        Value::DateTime(moment) => Some(moment.with_timezone(&context.zone).date_naive()),
        _ => None,
    }
}

/// The day so many days later; none outside of the calendar, never another one.
pub(super) fn days_later(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    storable(if days < 0 { day.checked_sub_days(count) } else { day.checked_add_days(count) }?)
}

fn months_later(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    storable(if months < 0 { day.checked_sub_months(count) } else { day.checked_add_months(count) }?)
}

pub(super) fn storable(day: NaiveDate) -> Option<NaiveDate> {
    (1..=9999).contains(&day.year()).then_some(day)
}

fn count(count: usize) -> Option<Value> {
    count_signed(i64::try_from(count).ok()?)
}

#[expect(clippy::unnecessary_wraps, reason = "the last expression of functions that may have none")]
fn count_signed(count: i64) -> Option<Value> {
    Some(Value::Decimal(Decimal::from(count)))
}

/// The whole number below or above.
fn whole(number: Decimal, up: bool) -> Option<Value> {
    let one = Decimal::from(1);
    let nearest = number.rescale(0)?;
    let moved = if up && nearest < number {
        nearest.checked_add(one)?
    } else if !up && nearest > number {
        nearest.checked_sub(one)?
    } else {
        nearest
    };
    Some(Value::Decimal(moved))
}

fn extreme(arguments: &[Value], wanted: std::cmp::Ordering) -> Option<Value> {
    let mut best = arguments.first()?;
    for value in arguments {
        if super::evaluate::compare(value, best) == Some(wanted) {
            best = value;
        }
    }
    Some(best.clone())
}
