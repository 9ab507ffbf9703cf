//! `refuse`: the run ends with a message, always or when a condition holds; in a `try`, what stands in its `else` is done.

use kontor_model::filter::Filter;

use super::where_::own_filter;
use crate::names::Names;
use crate::read::Reader;
use crate::value::ValueSource;

/// Ends the run with a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Refuse {
    /// What is said.
    pub message: ValueSource,
    /// Only when this holds; always when absent.
    pub condition: Option<Filter>,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Refuse> {
    let message = super::values::source(reader, "message", names);
    let condition = own_filter(reader, "when", names);
    if reader.member("when").is_some() && condition.is_none() {
        return None;
    }
    Some(Refuse { message: message?, condition })
}
