//! Reads the members of a definition and collects what is wrong with them. The JSON Schema of the kind has been
//! checked before in the usual way of a definition; here nothing is taken for granted all the same.

use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems};

/// One JSON object and the problems found in it.
pub(crate) struct Reader<'j> {
    pub(crate) json: &'j Json,
    /// The pointer of the object, put before the paths of its problems by whoever owns the whole.
    pub(crate) at: String,
    pub(crate) problems: Problems,
}

/// Whether a member says nothing: `null` removes what a lower layer said.
pub(crate) fn is_absent(json: &Json) -> bool {
    json.is_null()
}

/// A key as a part of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl<'j> Reader<'j> {
    pub(crate) fn new(json: &'j Json, at: impl Into<String>) -> Self {
        Self { json, at: at.into(), problems: Problems::new() }
    }

    /// A member; `None` when it is absent or `null`.
    pub(crate) fn member(&self, key: &str) -> Option<&'j Json> {
        self.json.get(key).filter(|json| !is_absent(json))
    }

    pub(crate) fn problem(&mut self, code: &'static str, key: &str) -> Problem {
        Problem::new(code, format!("{}/{key}", self.at))
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn missing(&mut self, key: &str) {
        let problem = self.problem("required", key);
        self.push(problem);
    }

    fn wrong(&mut self, key: &str, expected: &'static str) {
        let problem = self.problem("wrong_type", key).with("expected", expected);
        self.push(problem);
    }

    /// A text.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let member = self.member(key)?;
        let text = member.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(key, "text");
        }
        text
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, key: &str) -> Option<String> {
        if self.member(key).is_none() {
            self.missing(key);
            return None;
        }
        self.text(key)
    }

    /// A list of texts; empty when absent.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(member) = self.member(key) else { return Vec::new() };
        let Some(list) = member.as_array() else {
            self.wrong(key, "list");
            return Vec::new();
        };
        list.iter().filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// A text or a list of texts.
    pub(crate) fn one_or_many(&mut self, key: &str) -> Vec<String> {
        match self.member(key) {
            Some(Json::String(one)) => vec![one.clone()],
            _ => self.texts(key),
        }
    }

    /// A number from `least` to `most`.
    pub(crate) fn number(&mut self, key: &str, least: u64, most: u64) -> Option<u64> {
        let number = self.member(key)?.as_u64();
        let fitting = number.filter(|number| (least..=most).contains(number));
        if fitting.is_none() {
            let problem = self.problem("out_of_range", key).with("minimum", least).with("maximum", most);
            self.push(problem);
        }
        fitting
    }

    /// The field of a name; a problem at `at` (below this object) when there is none.
    pub(crate) fn check_field<'e>(
        &mut self,
        entity: Option<&'e EntityModel>,
        name: &str,
        at: &str,
    ) -> Option<&'e FieldModel> {
        let entity = entity?;
        let field = entity.field(name);
        if field.is_none() {
            let path = format!("{}{at}", self.at);
            self.push(Problem::new("unknown_field", path).with("field", name).with("entity", &entity.name));
        }
        field
    }
}
