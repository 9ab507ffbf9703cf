//! The types that scripts have besides Rhai's own: `Record`, `Decimal`, `Date`, `DateTime`, `Error`, `Context`.
//! `Decimal` is the model's; `Date` and `DateTime` are chrono's.

mod fault;
mod handle;

pub(crate) use fault::Fault;
pub(crate) use handle::{Handle, Place};

/// A day, as scripts have it.
pub(crate) type Date = chrono::NaiveDate;
/// A moment, as scripts have it.
pub(crate) type Moment = chrono::DateTime<chrono::Utc>;

/// What a native function gives back.
pub(crate) type Answer<T> = Result<T, Box<rhai::EvalAltResult>>;
