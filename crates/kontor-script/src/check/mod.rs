//! What is wrong with a source before it runs: it compiles, its functions exist, its fields exist.

mod calls;
mod fields;
pub(crate) mod places;

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Model, Problem, Problems};
use rhai::{Engine, OptimizationLevel, ParseErrorType};

use self::calls::Calls;
use self::fields::Fields;
use crate::api::description::Callable;
use crate::engine::EXPRESSION_DEPTH;
use crate::hook::{Function, Hook};
use crate::library::library_source;
use crate::problem::place;
use crate::scan::{self, Found, Kind, Word};
use crate::source::{LONGEST_SOURCE, SourceError, compile, hooks};
use crate::stack::with_stack;

/// Where the text is in the definition of a script.
const POINTER: &str = "/source";

/// All problems of a source.
pub(crate) fn check(
    engine: &Engine,
    callable: &Callable,
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
    check_hooks(&functions, entity, &mut problems);
    if entity.is_some() {
        check_misspelt(&words, &functions, &mut problems);
    }
    check_imports(&words, model, &mut problems);
    Calls { words: &words, functions: &functions, callable, model }.check(&mut problems);
    if let Some(entity) = entity {
        let seen = std::cell::RefCell::default();
        for function in &functions {
            Fields { words: &words, function, model, entity, seen: &seen }.check(&mut problems);
        }
    }
    problems.0.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// The hooks of a source; none when it does not parse.
pub(crate) fn functions(source: &str) -> Vec<Function> {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    with_stack(|| engine.compile(source).map(|ast| hooks(&ast, source)).unwrap_or_default())
}

/// Whether a word stands where a field is named: as a property, as a key, or as a text of its own.
fn is_named(words: &[Word], index: usize, word: &Word, field: &str) -> bool {
    let before = index.checked_sub(1).and_then(|before| words.get(before));
    let after = words.get(index + 1);
    match &word.kind {
        Kind::Text(text) => text == field,
        Kind::Name(name) if name == field => {
            let is_property = before.is_some_and(|word| word.is(".") || word.is("?."));
            let is_call = after.is_some_and(|word| word.is("("));
            let is_key = after.is_some_and(|word| word.kind == Kind::Other(':'));
            (is_property && !is_call) || is_key
        }
        _ => false,
    }
}

/// The lines in which a source holds a text of its own: the name of an option, of a decision table.
pub fn mentions(source: &str, text: &str) -> Vec<u32> {
    let mut lines: Vec<u32> =
        scan::words(source).iter().filter(|word| word.text() == Some(text)).map(|word| word.line).collect();
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

/// Functions of an entity that are nearly called like a hook, and that nothing in the source calls: they would never run.
fn check_misspelt(words: &[Word], functions: &[Found], problems: &mut Problems) {
    for function in functions {
        let Some((meant, names)) = Hook::meant(&function.name).filter(|_| Hook::of(&function.name).is_none())
        else {
            continue;
        };
        let is_used = words.iter().any(|word| {
            let is_itself = (word.line, word.column) == (function.line, function.column);
            !is_itself && [word.name(), word.text()].contains(&Some(function.name.as_str()))
        });
        if !is_used {
            let problem = problem("script_misspelt_hook").with("name", &function.name);
            let problem = problem.with("like", meant).with("options", names);
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
            let known = model.definitions_of(DefinitionKind::Script).map(|(name, _)| name);
            let known = known.filter(|name| name.starts_with("lib/"));
            problems
                .push(at(problem("script_unknown_library").with("name", path).among(path, known), second));
        }
    }
}
