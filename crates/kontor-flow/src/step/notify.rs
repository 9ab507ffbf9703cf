//! `notify`: news for people, in their inbox. `{ "do": "notify", "fields": ["owner"], "text": "{{ record.name }} is won" }`.

use super::people::{self, People};
use super::values;
use crate::Template;
use crate::names::Names;
use crate::read::Reader;

/// Tells people something about the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Notify {
    /// Whom.
    pub to: People,
    /// What.
    pub text: Template,
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Notify> {
    let to = people::read(reader, names, true);
    if to.followers {
        values::own_entity(reader, names)?;
    }
    Some(Notify { to, text: text(reader, "text", names)? })
}

/// A text that must be there, with gaps or without.
pub(super) fn text(reader: &mut Reader<'_>, key: &str, names: &Names<'_>) -> Option<Template> {
    let text = reader.required_text(key)?;
    match Template::read(&text, names) {
        Ok(text) => Some(text),
        Err(problems) => {
            let at = format!("{}/{key}", reader.at);
            reader.problems.extend_under(&at, problems);
            None
        }
    }
}
