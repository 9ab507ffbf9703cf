//! `stop`: the end of the run, always or when a condition holds.

use kontor_model::filter::Filter;

use super::where_::own_filter;
use crate::names::Names;
use crate::read::Reader;

/// Ends the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Only when this holds; always when absent.
    pub condition: Option<Filter>,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Stop> {
    if reader.member("when").is_none() {
        return Some(Stop { condition: None });
    }
    Some(Stop { condition: Some(own_filter(reader, "when", names)?) })
}
