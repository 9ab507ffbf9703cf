//! What a person can put right: a stable code, the place, and what the message needs to know.
//! The words themselves are in the catalogues.

use std::borrow::Cow;

use serde_json::json;
use uuid::Uuid;

use crate::Json;
use crate::locale::Catalogue;

/// The code of a number that is larger than numbers can be.
pub const NUMBER_TOO_LARGE: &str = "number_too_large";

/// One thing that is wrong with what somebody sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name of what is wrong: `required`, `too_long`, `unknown_field` …; its text is `problem.<code>`.
    pub code: Cow<'static, str>,
    /// JSON pointer into what was sent; a field's is `/<name>`; empty when the whole is meant.
    pub path: String,
    /// What the text names, such as `limit` or `value`.
    pub parameters: Vec<(&'static str, String)>,
    /// The ready text, where a rule, a script or a parser wrote its own; otherwise the catalogue's.
    pub message: Option<Box<str>>,
    /// The line in a script or source text, from 1.
    pub line: Option<u32>,
    /// The column in that line, from 1.
    pub column: Option<u32>,
    /// A warning lets the save go on.
    pub warning: bool,
    /// The records that it is about: those that look the same. Few problems have any, and a result carries them all.
    pub records: Option<Box<Vec<NamedRecord>>>,
}

/// A record that a problem is about. Of one that the reader may not see, only who holds it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRecord {
    /// The entity.
    pub entity: String,
    /// The record and its title, when the reader may see it.
    pub seen: Option<(Uuid, String)>,
    /// Who holds it; empty when nobody does.
    pub holder: String,
}

impl Problem {
    /// A problem with the value at `path`.
    pub fn new(code: impl Into<Cow<'static, str>>, path: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            path: path.into(),
            parameters: Vec::new(),
            message: None,
            line: None,
            column: None,
            warning: false,
            records: None,
        }
    }

    /// A problem with the value of a field.
    pub fn at_field(code: impl Into<Cow<'static, str>>, field: &str) -> Self {
        Self::new(code, format!("/{field}"))
    }

    /// Adds something that the text names.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.parameters.push((name, value.to_string()));
        self
    }

    /// Says which names there are: the one that looks most like what was written, or all of them.
    #[must_use]
    pub fn among<'n>(self, written: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match crate::likeness::nearest(written, known.iter().copied()) {
            Some(like) => self.with("like", like),
            None => self.with("options", crate::likeness::listed(known)),
        }
    }

    /// Gives the text itself.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into().into_boxed_str());
        self
    }

    /// Gives the line and column in a source text.
    #[must_use]
    pub fn on_line(mut self, line: u32, column: Option<u32>) -> Self {
        self.line = Some(line);
        self.column = column;
        self
    }

    /// Names the records that it is about.
    #[must_use]
    pub fn about(mut self, records: Vec<NamedRecord>) -> Self {
        self.records = (!records.is_empty()).then(|| Box::new(records));
        self
    }

    /// Makes it a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.warning = true;
        self
    }

    /// The same problem inside something larger: `prefix` is put before the path.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.path.insert_str(0, prefix);
        self
    }

    /// The field that the path begins with, if any.
    pub fn field(&self) -> Option<&str> {
        self.path
            .strip_prefix('/')
            .map(|rest| rest.split('/').next().unwrap_or(rest))
            .filter(|name| !name.is_empty())
    }

    /// The sentence for the reader.
    pub fn message(&self, catalogue: &Catalogue) -> String {
        match &self.message {
            Some(message) => message.to_string(),
            None => crate::allowed::sentence(self, catalogue),
        }
    }

    /// The problem as RFC 9457 extension member: `code`, `path`, `message`, and `line` where known.
    pub fn to_json(&self, catalogue: &Catalogue) -> Json {
        let mut json = json!({ "code": self.code, "path": self.path, "message": self.message(catalogue) });
        if let (Some(line), Some(object)) = (self.line, json.as_object_mut()) {
            object.insert("line".into(), line.into());
            if let Some(column) = self.column {
                object.insert("column".into(), column.into());
            }
        }
        if let (Some(records), Some(object)) = (&self.records, json.as_object_mut()) {
            let records = records.iter().map(NamedRecord::to_json).collect();
            object.insert("records".into(), Json::Array(records));
        }
        if let (true, Some(object)) = (self.warning, json.as_object_mut()) {
            object.insert("warning".into(), true.into());
        }
        json
    }
}

impl NamedRecord {
    fn to_json(&self) -> Json {
        match &self.seen {
            Some((id, title)) => {
                json!({ "entity": self.entity, "id": id, "title": title, "owner": self.holder })
            }
            None => json!({ "entity": self.entity, "owner": self.holder }),
        }
    }
}

/// All problems of one attempt: never just the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.summary())]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// No problem yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds all of another attempt, their paths under `prefix`.
    pub fn extend_under(&mut self, prefix: &str, other: Self) {
        self.0.extend(other.0.into_iter().map(|problem| problem.under(prefix)));
    }

    /// Whether nothing is wrong (warnings count as something).
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something stops the save.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| !problem.warning)
    }

    /// The problems in order.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// `value` when nothing is wrong.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.has_errors() { Err(self) } else { Ok(value) }
    }

    /// One line for logs: codes and paths, no values.
    fn summary(&self) -> String {
        let list: Vec<String> =
            self.0.iter().map(|problem| format!("{} at {}", problem.code, problem.path)).collect();
        list.join("; ")
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
