//! `log`: a line in the run, for whoever reads it later.

use crate::names::Names;
use crate::read::Reader;
use crate::value::ValueSource;

/// Writes a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// The line.
    pub text: ValueSource,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Log> {
    let Some(json) = reader.member("text") else {
        reader.missing("text");
        return None;
    };
    match ValueSource::read(json, None, names) {
        Ok(text) => Some(Log { text }),
        Err(problems) => {
            let at = format!("{}/text", reader.at);
            reader.problems.extend_under(&at, problems);
            None
        }
    }
}
