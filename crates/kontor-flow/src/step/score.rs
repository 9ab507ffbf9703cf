//! `score`: adds to a number of the record, or takes away with a minus.

use super::values;
use crate::names::Names;
use crate::read::Reader;
use crate::value::ValueSource;

/// Adds to a number field.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The field; empty counts as zero.
    pub field: String,
    /// How much.
    pub add: ValueSource,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Score> {
    let entity = values::own_changed(reader, names)?;
    let name = reader.required_text("field")?;
    let Some(json) = reader.member("add") else {
        reader.missing("add");
        return None;
    };
    let field = values::writable(reader, entity, &name, "field")?;
    if !field.kind.is_number() {
        let fits = entity.own_fields().filter(|field| field.kind.is_number() && field.is_typed());
        let fits: Vec<&str> = fits.map(|field| field.name.as_str()).collect();
        let problem = reader
            .problem("not_a_number_field", "field")
            .with("field", &name)
            .with("kind", field.kind.name())
            .with("options", fits.join(", "));
        reader.push(problem);
        return None;
    }
    // How much is added may be outside of what the field itself may hold: minus five, to begin with.
    let source = match json {
        kontor_model::Json::Number(_) => Ok(ValueSource::Literal(json.clone())),
        other => ValueSource::read(other, Some(field), names),
    };
    match source {
        Ok(add) => Some(Score { field: name, add }),
        Err(problems) => {
            let at = format!("{}/add", reader.at);
            reader.problems.extend_under(&at, problems);
            None
        }
    }
}
