//! What is wrong with a source before it runs: it compiles, its functions exist, its fields exist.

use std::collections::HashSet;

use kontor_model::{EntityModel, FieldModel, Model, Problem, Problems};
use rhai::{Engine, ParseErrorType};

use crate::api::description::{Callable, Overloads, callable};
use crate::hook::{Function, Hook};
use crate::library::library_source;
use crate::problem::place;
use crate::scan::{self, Found, Kind, Word};
use crate::source::{LONGEST_SOURCE, SourceError, compile, hooks};

/// Where the text is in the definition of a script.
const POINTER: &str = "/source";
/// The properties of `ctx`.
const CONTEXT: [&str; 8] = ["user", "user_name", "roles", "now", "today", "locale", "origin", "has_role"];
/// Words that may stand before a bracket and call nothing.
const KEYWORDS: [&str; 33] = [
    "if", "else", "while", "until", "loop", "for", "in", "do", "switch", "return", "throw", "try", "catch", "let",
    "const", "fn", "private", "import", "export", "as", "is", "and", "or", "not", "Fn", "call", "curry", "type_of",
    "print", "debug", "is_shared", "is_def_var", "is_def_fn",
];

/// All problems of a source.
pub(crate) fn check(
    engine: &Engine,
    source: &str,
    model: &Model,
    entity: Option<&EntityModel>,
) -> Problems {
    let mut problems = Problems::new();
    if let Err(error) = compile(engine, source) {
        problems.push(source_problem(&error));
        return problems;
    }
    let words = scan::words(source);
    let functions = scan::functions_of(&words);
    let callable = callable(engine, true);
    check_hooks(&functions, entity, &mut problems);
    check_imports(&words, model, &mut problems);
    Calls { words: &words, functions: &functions, callable: &callable, model }.check(&mut problems);
    if let Some(entity) = entity {
        for function in &functions {
            Fields { words: &words, function, model, entity }.check(&mut problems);
        }
    }
    problems.0.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// The hooks of a source; none when it does not parse.
pub(crate) fn functions(source: &str) -> Vec<Function> {
    let engine = Engine::new_raw();
    let mut engine = engine;
    engine.set_max_expr_depths(64, 64);
    engine.compile(source).map(|ast| hooks(&ast, source)).unwrap_or_default()
}

/// The lines in which a source names a field: as a property, as a key, or as a text of its own.
pub fn mentions(source: &str, field: &str) -> Vec<u32> {
    let words = scan::words(source);
    let mut lines = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        let after = words.get(index + 1);
        let named = match &word.kind {
            Kind::Text(text) => text == field,
            Kind::Name(name) if name == field => {
                let is_property = before.is_some_and(|word| word.is(".") || word.is("?."));
                let is_call = after.is_some_and(|word| word.is("("));
                let is_key = after.is_some_and(|word| word.kind == Kind::Other(':'));
                (is_property && !is_call) || is_key
            }
            _ => false,
        };
        if named && lines.last() != Some(&word.line) {
            lines.push(word.line);
        }
    }
    lines.dedup();
    lines
}

/// Line, column and words for a source that does not compile.
pub(crate) fn describe_source_error(error: &SourceError) -> (Option<u32>, Option<u32>, String) {
    match error {
        SourceError::TooLong(length) => {
            (None, None, format!("the source has {length} bytes; {LONGEST_SOURCE} are allowed"))
        }
        SourceError::Parse(error) => {
            let (line, column) = place(error.position());
            (line, column, error.err_type().to_string())
        }
    }
}

fn source_problem(error: &SourceError) -> Problem {
    let (line, column, message) = describe_source_error(error);
    let problem = match error {
        SourceError::Parse(error) => match error.err_type() {
            ParseErrorType::VariableUndefined(name) => problem("script_unknown_variable").with("name", name),
            ParseErrorType::ModuleUndefined(name) => problem("script_unknown_module").with("name", name),
            _ => problem("script_syntax"),
        },
        SourceError::TooLong(_) => problem("script_too_long").with("limit", LONGEST_SOURCE),
    };
    let problem = problem.with("message", message);
    match line {
        Some(line) => problem.on_line(line, column),
        None => problem,
    }
}

fn problem(code: &'static str) -> Problem {
    Problem::new(code, POINTER)
}

fn at(problem: Problem, word: &Word) -> Problem {
    problem.on_line(word.line, Some(word.column))
}

/// Most parameters of a hook.
fn most_parameters(hook: &Hook) -> usize {
    match hook {
        Hook::BeforeSave | Hook::Validate | Hook::Action(_) => 3,
        Hook::BeforeDelete | Hook::Field(_) => 2,
        Hook::Run => 1,
    }
}

fn check_hooks(functions: &[Found], entity: Option<&EntityModel>, problems: &mut Problems) {
    for function in functions {
        let Some(hook) = Hook::of(&function.name) else { continue };
        let most = most_parameters(&hook);
        if function.parameters.len() > most {
            let problem = problem("script_parameters").with("name", &function.name).with("limit", most);
            problems.push(problem.on_line(function.line, Some(function.column)));
        }
        if let (Hook::Field(name), Some(entity)) = (&hook, entity)
            && entity.field(name).is_none()
        {
            let problem = problem("script_unknown_field").with("entity", &entity.name).with("field", name);
            problems.push(problem.on_line(function.line, Some(function.column)));
        }
    }
}

fn check_imports(words: &[Word], model: &Model, problems: &mut Problems) {
    for pair in words.windows(2) {
        let [first, second] = pair else { continue };
        if first.name() == Some("import")
            && let Some(path) = second.text()
            && library_source(model, path).is_none()
        {
            problems.push(at(problem("script_unknown_library").with("name", path), second));
        }
    }
}

/// The calls of a source.
struct Calls<'a> {
    words: &'a [Word],
    functions: &'a [Found],
    callable: &'a Callable,
    model: &'a Model,
}

impl Calls<'_> {
    fn check(&self, problems: &mut Problems) {
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
                if !self.is_known(&self.callable.global, name, count + 1) && !self.is_own(name, count) {
                    problems.push(at(problem("script_unknown_function").with("name", name), word));
                }
            } else if !variables.contains(name)
                && !self.is_known(&self.callable.global, name, count)
                && !self.is_own(name, count)
            {
                problems.push(at(problem("script_unknown_function").with("name", name), word));
            }
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
        let Some(module) = index.checked_sub(2).and_then(|at| self.words.get(at)).and_then(Word::name) else { return };
        let Some(overloads) = self.callable.named.get(module) else { return };
        if !self.is_known(overloads, name, count) {
            let name = format!("{module}::{name}");
            problems.push(at(problem("script_unknown_function").with("name", name), word));
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

    fn is_known(&self, overloads: &Overloads, name: &str, count: usize) -> bool {
        overloads.get(name).is_some_and(|many| many.iter().any(|one| one.parameters == count))
    }

    fn is_own(&self, name: &str, count: usize) -> bool {
        self.functions.iter().any(|function| function.name == name && function.parameters.len() == count)
    }

    /// Names that may hold a function: variables and parameters.
    fn variables(&self) -> HashSet<&str> {
        let mut names: HashSet<&str> =
            self.functions.iter().flat_map(|function| function.parameters.iter().map(String::as_str)).collect();
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

/// The fields that one function names.
struct Fields<'a> {
    words: &'a [Word],
    function: &'a Found,
    model: &'a Model,
    entity: &'a EntityModel,
}

impl Fields<'_> {
    fn check(&self, problems: &mut Problems) {
        let hook = Hook::of(&self.function.name);
        // In a function of the script's own, a parameter called `record` is most likely the record, but need not be.
        let certain = hook.is_some();
        let parameters = self.function.parameters.as_slice();
        let (records, context): (Vec<&str>, Option<&str>) = match &hook {
            Some(Hook::BeforeSave | Hook::Validate) => {
                (parameters.iter().take(2).map(String::as_str).collect(), parameters.get(2).map(String::as_str))
            }
            Some(Hook::BeforeDelete | Hook::Field(_)) => {
                (parameters.iter().take(1).map(String::as_str).collect(), parameters.get(1).map(String::as_str))
            }
            Some(Hook::Action(_)) => {
                let context = if parameters.len() == 2 { parameters.get(1) } else { parameters.get(2) };
                (parameters.iter().take(1).map(String::as_str).collect(), context.map(String::as_str))
            }
            Some(Hook::Run) => (Vec::new(), parameters.first().map(String::as_str)),
            None => {
                let named = parameters.iter().map(String::as_str).filter(|name| matches!(*name, "record" | "old"));
                (named.collect(), None)
            }
        };
        let body = self.function.body.clone();
        for index in body.clone() {
            let Some(word) = self.words.get(index) else { break };
            let Some(name) = word.name() else { continue };
            let before = index.checked_sub(1).and_then(|before| self.words.get(before));
            if before.is_some_and(|word| word.is(".") || word.is("?.") || word.is("::")) {
                continue;
            }
            if records.contains(&name) && !self.is_redefined(name) {
                self.follow(index, certain, problems);
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

    /// `record.link.field`, step by step as far as it is known.
    fn follow(&self, variable: usize, certain: bool, problems: &mut Problems) {
        let mut entity = self.entity;
        let mut at = variable + 1;
        loop {
            let Some(sign) = self.words.get(at) else { return };
            let (word, name) = if sign.is(".") || sign.is("?.") {
                let Some(word) = self.words.get(at + 1) else { return };
                let Some(name) = word.name() else { return };
                if self.words.get(at + 2).is_some_and(|next| next.is("(")) {
                    if name == "changed" {
                        self.check_text(at + 3, entity, problems);
                    }
                    return;
                }
                at += 2;
                (word, name)
            } else if (sign.is("[") || sign.is("?[")) && self.words.get(at + 2).is_some_and(|next| next.is("]")) {
                let Some(word) = self.words.get(at + 1) else { return };
                let Some(name) = word.text() else { return };
                at += 3;
                (word, name)
            } else {
                return;
            };
            let Some(field) = entity.field(name) else {
                let problem = unknown_field(entity, name);
                problems.push(at_certainly(problem, word, certain));
                return;
            };
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
        if let Some(name) = word.text()
            && entity.field(name).is_none()
        {
            problems.push(at(unknown_field(entity, name), word));
        }
    }
}

fn unknown_field(entity: &EntityModel, name: &str) -> Problem {
    problem("script_unknown_field").with("entity", &entity.name).with("field", name)
}

fn at_certainly(problem: Problem, word: &Word, certain: bool) -> Problem {
    let problem = at(problem, word);
    if certain { problem } else { problem.as_warning() }
}
