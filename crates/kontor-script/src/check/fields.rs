//! The fields that a function names, as far as it is known what its variables hold.

use kontor_model::{EntityModel, FieldModel, Model, Problem, Problems};

use super::{at, problem};
use crate::hook::Hook;
use crate::scan::{Found, Word};

/// The properties of `ctx`.
const CONTEXT: [&str; 8] = ["user", "user_name", "roles", "now", "today", "locale", "origin", "has_role"];

/// The fields that one function names.
pub(super) struct Fields<'a> {
    pub(super) words: &'a [Word],
    pub(super) function: &'a Found,
    pub(super) model: &'a Model,
    pub(super) entity: &'a EntityModel,
    /// Words that were found to name a field: index, entity, field.
    pub(super) seen: &'a std::cell::RefCell<Vec<(usize, String, String)>>,
}

impl Fields<'_> {
    pub(super) fn check(&self, problems: &mut Problems) {
        let hook = Hook::of(&self.function.name);
        // In a function of the script's own, a parameter called `record` is most likely the record, but need not be.
        let certain = hook.is_some();
        let parameters = self.function.parameters.as_slice();
        let (records, context): (Vec<&str>, Option<&str>) = match &hook {
            Some(Hook::BeforeSave | Hook::Validate) => (
                parameters.iter().take(2).map(String::as_str).collect(),
                parameters.get(2).map(String::as_str),
            ),
            Some(Hook::BeforeDelete | Hook::Field(_)) => (
                parameters.iter().take(1).map(String::as_str).collect(),
                parameters.get(1).map(String::as_str),
            ),
            Some(Hook::Action(_)) => {
                let context = if parameters.len() == 2 { parameters.get(1) } else { parameters.get(2) };
                (parameters.iter().take(1).map(String::as_str).collect(), context.map(String::as_str))
            }
            Some(Hook::Run) => (Vec::new(), parameters.first().map(String::as_str)),
            None => {
                let named =
                    parameters.iter().map(String::as_str).filter(|name| matches!(*name, "record" | "old"));
                (named.collect(), None)
            }
        };
        let body = self.function.body.clone();
        let rows = self.rows(&records);
        for index in body.clone() {
            let Some(word) = self.words.get(index) else { break };
            let Some(name) = word.name() else { continue };
            let before = index.checked_sub(1).and_then(|before| self.words.get(before));
            if before.is_some_and(|word| word.is(".") || word.is("?.") || word.is("::")) {
                continue;
            }
            if records.contains(&name) && !self.is_redefined(name) {
                self.follow(index, self.entity, certain, problems);
            } else if let Some((_, row)) = rows.iter().find(|(row, _)| *row == name) {
                self.follow(index, row, certain, problems);
            } else if context == Some(name) && !self.is_redefined(name) {
                self.check_context(index, problems);
            } else if certain && matches!(name, "fail" | "warn") {
                self.check_named_field(index, problems);
            }
        }
    }

    /// Whether the function gives the name to something else.
    fn is_redefined(&self, name: &str) -> bool {
        let body = self.words.get(self.function.body.clone()).unwrap_or_default();
        body.windows(2).any(|pair| {
            matches!(pair, [first, second] if second.name() == Some(name)
                && (matches!(first.name(), Some("let" | "const" | "for")) || first.is("|")))
        })
    }

    /// The variables of `for row in record.rows`, with what they hold; none whose name the function also gives to
    /// something else.
    fn rows(&self, records: &[&str]) -> Vec<(&str, &EntityModel)> {
        let body = self.words.get(self.function.body.clone()).unwrap_or_default();
        let mut rows: Vec<(&str, &EntityModel)> = Vec::new();
        for words in body.windows(7) {
            let [begin, row, within, record, sign, list, end] = words else { continue };
            let is_loop = begin.name() == Some("for") && within.name() == Some("in") && end.is("{");
            let (Some(row), Some(record), Some(list)) = (row.name(), record.name(), list.name()) else {
                continue;
            };
            if !is_loop || !(sign.is(".") || sign.is("?.")) || !records.contains(&record) {
                continue;
            }
            let field = self.entity.field(list).and_then(|field| field.list.as_ref());
            // A link of a list has fields of two entities: what it names is seen when it runs.
            let Some(child) = field.filter(|list| list.through.is_none()) else { continue };
            let given = body.windows(2).filter(|pair| {
                matches!(pair, [first, second] if second.name() == Some(row)
                    && (matches!(first.name(), Some("let" | "const" | "for")) || first.is("|")))
            });
            if let (1, Some(child)) = (given.count(), self.model.entity(&child.entity)) {
                rows.push((row, child));
            }
        }
        rows
    }

    /// `record.link.field`, step by step as far as it is known.
    fn follow(&self, variable: usize, from: &EntityModel, certain: bool, problems: &mut Problems) {
        let mut entity = from;
        let mut at = variable + 1;
        loop {
            let Some(sign) = self.words.get(at) else { return };
            let (index, word, name) = if sign.is(".") || sign.is("?.") {
                let Some(word) = self.words.get(at + 1) else { return };
                let Some(name) = word.name() else { return };
                if self.words.get(at + 2).is_some_and(|next| next.is("(")) {
                    if name == "changed" {
                        self.check_text(at + 3, entity, problems);
                    }
                    return;
                }
                at += 2;
                (at - 1, word, name)
            } else if (sign.is("[") || sign.is("?["))
                && self.words.get(at + 2).is_some_and(|next| next.is("]"))
            {
                let Some(word) = self.words.get(at + 1) else { return };
                let Some(name) = word.text() else { return };
                at += 3;
                (at - 2, word, name)
            } else {
                return;
            };
            let Some(field) = entity.field(name) else {
                let problem = unknown_field(entity, name);
                problems.push(at_certainly(problem, word, certain));
                return;
            };
            self.see(index, entity, name);
            // What comes behind a list is of the list, not of what it holds.
            if field.kind.is_list() {
                return;
            }
            match self.target(field) {
                Some(next) => entity = next,
                None => return,
            }
        }
    }

    /// The one entity that a link reaches.
    fn target(&self, field: &FieldModel) -> Option<&EntityModel> {
        match field.targets.as_slice() {
            [only] => self.model.entity(only).map(AsRef::as_ref),
            _ => None,
        }
    }

    fn check_context(&self, variable: usize, problems: &mut Problems) {
        if !self.words.get(variable + 1).is_some_and(|sign| sign.is(".") || sign.is("?.")) {
            return;
        }
        let Some(word) = self.words.get(variable + 2) else { return };
        if let Some(name) = word.name()
            && !CONTEXT.contains(&name)
        {
            problems.push(at(problem("script_unknown_property").with("name", format!("ctx.{name}")), word));
        }
    }

    /// `fail("field", …)`: with two arguments, the first names a field.
    fn check_named_field(&self, call: usize, problems: &mut Problems) {
        if self.words.get(call + 1).is_some_and(|open| open.is("("))
            && self.words.get(call + 3).is_some_and(|next| next.is(","))
        {
            self.check_text(call + 2, self.entity, problems);
        }
    }

    fn check_text(&self, index: usize, entity: &EntityModel, problems: &mut Problems) {
        let Some(word) = self.words.get(index) else { return };
        let Some(name) = word.text() else { return };
        if entity.field(name).is_none() {
            problems.push(at(unknown_field(entity, name), word));
        } else {
            self.see(index, entity, name);
        }
    }

    fn see(&self, index: usize, entity: &EntityModel, field: &str) {
        self.seen.borrow_mut().push((index, entity.name.clone(), field.to_owned()));
    }
}

fn unknown_field(entity: &EntityModel, name: &str) -> Problem {
    problem("script_unknown_field").with("entity", &entity.name).with("field", name)
}

fn at_certainly(problem: Problem, word: &Word, certain: bool) -> Problem {
    let problem = at(problem, word);
    if certain { problem } else { problem.as_warning() }
}
