//! The calls of a source: every function exists, with that many parameters.

use std::collections::HashSet;

use kontor_model::{Model, Problem, Problems};

use super::{at, problem};
use crate::api::description::{Callable, Overloads, is_operator};
use crate::scan::{self, Found, Word};

/// Words that may stand before a bracket and call nothing.
const KEYWORDS: [&str; 33] = [
    "if",
    "else",
    "while",
    "until",
    "loop",
    "for",
    "in",
    "do",
    "switch",
    "return",
    "throw",
    "try",
    "catch",
    "let",
    "const",
    "fn",
    "private",
    "import",
    "export",
    "as",
    "is",
    "and",
    "or",
    "not",
    "Fn",
    "call",
    "curry",
    "type_of",
    "print",
    "debug",
    "is_shared",
    "is_def_var",
    "is_def_fn",
];

/// The calls of a source.
pub(super) struct Calls<'a> {
    pub(super) words: &'a [Word],
    pub(super) functions: &'a [Found],
    pub(super) callable: &'a Callable,
    pub(super) model: &'a Model,
}

impl Calls<'_> {
    pub(super) fn check(&self, problems: &mut Problems) {
        let variables = self.variables();
        for (index, word) in self.words.iter().enumerate() {
            let Some(name) = word.name() else { continue };
            if !self.words.get(index + 1).is_some_and(|next| next.is("(")) || KEYWORDS.contains(&name) {
                continue;
            }
            let before = index.checked_sub(1).and_then(|before| self.words.get(before));
            if before.is_some_and(|word| word.name() == Some("fn")) || self.is_definition(index) {
                continue;
            }
            let arguments = self.arguments(index + 1);
            let count = arguments.as_ref().map_or(0, Vec::len);
            if before.is_some_and(|word| word.is("::")) {
                self.check_qualified(index, word, name, count, arguments.as_deref(), problems);
            } else if before.is_some_and(|word| word.is(".") || word.is("?.")) {
                if !Self::is_known(&self.callable.global, name, count + 1) && !self.is_own(name, count) {
                    problems.push(at(self.unknown(name), word));
                }
            } else if !variables.contains(name)
                && !Self::is_known(&self.callable.global, name, count)
                && !self.is_own(name, count)
            {
                problems.push(at(self.unknown(name), word));
            }
        }
    }

    /// A function that there is not: how the one of that name is called, or which look like it.
    fn unknown(&self, name: &str) -> Problem {
        let called = problem("script_unknown_function").with("name", name);
        if let Some(own) = self.functions.iter().find(|function| function.name == name) {
            return called.with("signature", format!("{name}({})", own.parameters.join(", ")));
        }
        let own = self.functions.iter().map(|function| function.name.as_str());
        match signatures(&self.callable.global, name) {
            Some(signatures) => called.with("signature", signatures),
            None => called.among(name, own.chain(names(&self.callable.global))),
        }
    }

    /// `module::function(…)`: known for our modules; what a library defines is seen when it runs.
    fn check_qualified(
        &self,
        index: usize,
        word: &Word,
        name: &str,
        count: usize,
        arguments: Option<&[usize]>,
        problems: &mut Problems,
    ) {
        let Some(module) = index.checked_sub(2).and_then(|at| self.words.get(at)).and_then(Word::name) else {
            return;
        };
        let Some(overloads) = self.callable.named.get(module) else { return };
        if !Self::is_known(overloads, name, count) {
            let called = problem("script_unknown_function").with("name", format!("{module}::{name}"));
            let told = match signatures(overloads, name) {
                Some(signatures) => called.with("signature", signatures),
                None => called.among(name, names(overloads)),
            };
            problems.push(at(told, word));
            return;
        }
        if module != "db" {
            return;
        }
        // The entity is checked where it is written as a text of its own.
        let first = arguments.and_then(<[usize]>::first).and_then(|first| self.words.get(*first));
        if let Some(first) = first
            && let Some(entity) = first.text()
            && self.model.entity(entity).is_none()
        {
            problems.push(at(problem("script_unknown_entity").with("entity", entity), first));
        }
    }

    fn is_known(overloads: &Overloads, name: &str, count: usize) -> bool {
        overloads.get(name).is_some_and(|many| many.iter().any(|one| one.parameters == count))
    }

    fn is_own(&self, name: &str, count: usize) -> bool {
        self.functions.iter().any(|function| function.name == name && function.parameters.len() == count)
    }

    /// Names that may hold a function: variables and parameters.
    fn variables(&self) -> HashSet<&str> {
        let mut names: HashSet<&str> = self
            .functions
            .iter()
            .flat_map(|function| function.parameters.iter().map(String::as_str))
            .collect();
        for pair in self.words.windows(2) {
            if let [first, second] = pair
                && matches!(first.name(), Some("let" | "const" | "for"))
                && let Some(name) = second.name()
            {
                names.insert(name);
            }
        }
        names
    }

    /// Whether the name before the bracket is that of a typed method's definition: `fn Type.name(`.
    fn is_definition(&self, index: usize) -> bool {
        self.words.get(index).is_some_and(|word| {
            self.functions.iter().any(|function| function.line == word.line && function.column == word.column)
        })
    }

    /// Where each argument begins; `None` when the bracket does not close.
    fn arguments(&self, open: usize) -> Option<Vec<usize>> {
        let close = scan::closing(self.words, open)?;
        let mut starts = Vec::new();
        let mut expects = true;
        let mut at = open + 1;
        while at < close {
            let word = self.words.get(at)?;
            if expects {
                starts.push(at);
                expects = false;
                if word.is("|") {
                    // The parameters of a closure have commas of their own.
                    at += 1;
                    while at < close && !self.words.get(at)?.is("|") {
                        at += 1;
                    }
                    at += 1;
                    continue;
                }
            }
            if word.is(",") {
                expects = true;
            } else if ["(", "{", "[", "#{", "?["].iter().any(|sign| word.is(sign)) {
                at = scan::closing(self.words, at)?;
            }
            at += 1;
        }
        Some(starts)
    }
}

/// How a function is called, with what it takes; `None` when there is none of that name.
fn signatures(overloads: &Overloads, name: &str) -> Option<String> {
    let mut all: Vec<&str> = overloads.get(name)?.iter().map(|one| one.signature.as_str()).collect();
    all.dedup();
    Some(all.join("; ")).filter(|text| !text.is_empty())
}

fn names(overloads: &Overloads) -> impl Iterator<Item = &str> {
    overloads.keys().map(String::as_str).filter(|name| !is_operator(name))
}
