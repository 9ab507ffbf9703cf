//! `tag`: puts values into a field of tags, or of several choices, and takes others out.

use kontor_model::{Model, Problem};

use super::values;
use crate::Template;
use crate::names::Names;
use crate::read::Reader;
use crate::value::Scope;

/// Puts tags on the record and takes them off.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// The field.
    pub field: String,
    /// What is put in.
    pub add: Vec<Word>,
    /// What is taken out.
    pub take: Vec<Word>,
}

/// One of the words.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// As it is written.
    Said(String),
    /// A text with gaps.
    Text(Template),
}

impl Word {
    /// The word; empty when nothing fills its gaps.
    pub fn said(&self, scope: &dyn Scope, model: &Model) -> String {
        match self {
            Self::Said(word) => word.clone(),
            Self::Text(text) => text.render(scope, model).trim().to_owned(),
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, names: &Names<'_>) -> Option<Tag> {
    let entity = values::own_changed(reader, names)?;
    let name = reader.required_text("field")?;
    let (add, take) = (reader.one_or_many("add"), reader.one_or_many("take"));
    if add.is_empty() && take.is_empty() {
        reader.missing("add");
    }
    let field = values::writable(reader, entity, &name, "field")?;
    if !field.kind.holds_words() {
        let fits = entity.own_fields().filter(|field| field.kind.holds_words());
        let fits: Vec<&str> = fits.map(|field| field.name.as_str()).collect();
        let problem =
            reader.problem("not_tags", "field").with("field", &name).with("options", fits.join(", "));
        reader.push(problem);
        return None;
    }
    let options = &field.definition.one_of;
    for (key, list) in [("add", &add), ("take", &take)] {
        for value in
            list.iter().filter(|value| !options.is_empty() && !options.iter().any(|one| one.value == **value))
        {
            if Template::is_one(value) {
                continue;
            }
            let known: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            let path = format!("{}/{key}", reader.at);
            let problem = Problem::new("not_an_option", path).with("value", value).with("field", &name);
            reader.push(problem.with("options", known.join(", ")));
        }
    }
    let mut words = |key: &str, list: Vec<String>| -> Vec<Word> {
        let read = |text: String| {
            if !Template::is_one(&text) {
                return Some(Word::Said(text));
            }
            let read = Template::read(&text, names);
            read.map_err(|problems| reader.problems.extend_under(&format!("{}/{key}", reader.at), problems))
                .ok()
                .map(Word::Text)
        };
        list.into_iter().filter_map(read).collect()
    };
    let (add, take) = (words("add", add), words("take", take));
    Some(Tag { field: name, add, take })
}
