//! What a failed call means: a message for a person, or an error with its place in the script.

use kontor_model::{Json, Problem};
use rhai::{Dynamic, EvalAltResult, Position};

use crate::api::CODE;
use crate::convert::{describe, text_of};
use crate::error::ErrorKind;
use crate::limits::{Limit, Limits};
use crate::run::Run;
use crate::types::Fault;

/// What became of an error that no script caught.
pub(crate) enum Verdict {
    /// A person is told; the script did what it should.
    Problems(Vec<Problem>),
    /// The script did not come to its end.
    Error(Diagnosis),
}

/// An error and its place.
pub(crate) struct Diagnosis {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    /// The script, where the error names one (a library).
    pub(crate) script: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
}

/// Judges an error.
pub(crate) fn judge(error: EvalAltResult, run: &Run) -> Verdict {
    let (inner, script, position) = innermost(error);
    if let EvalAltResult::ErrorRuntime(thrown, _) = &inner
        && let Some(problems) = thrown_problems(thrown, run)
    {
        return Verdict::Problems(problems);
    }
    let (kind, message) = kind_and_message(&inner, run);
    let (line, column) = match run.called_at() {
        Some((line, column)) if position.is_none() => (Some(line), Some(column)),
        _ => place(position),
    };
    Verdict::Error(Diagnosis { kind, message, script, line, column })
}

/// The error inside all function calls and modules, with the nearest script name and position.
fn innermost(error: EvalAltResult) -> (EvalAltResult, Option<String>, Position) {
    let mut error = error;
    let mut script = None;
    let mut position = error.position();
    loop {
        let (inner, name) = match error {
            EvalAltResult::ErrorInFunctionCall(_, source, inner, _) => (inner, source),
            EvalAltResult::ErrorInModule(path, inner, _) => (inner, path),
            other => {
                return (other, script, position);
            }
        };
        if !name.is_empty() {
            script = Some(name);
        }
        if !inner.position().is_none() {
            position = inner.position();
        }
        error = *inner;
    }
}

fn line(position: Position) -> Option<u32> {
    position.line().and_then(|line| u32::try_from(line).ok())
}

fn column(position: Position) -> Option<u32> {
    position.position().and_then(|column| u32::try_from(column).ok())
}

/// The line and column of a place in a source.
pub(crate) fn place(position: Position) -> (Option<u32>, Option<u32>) {
    (line(position), column(position))
}

/// What `throw` means for a person: a text for the whole record, or `#{ field, msg }` for a field. `None` for errors
/// that a function of ours raised for the script's author.
fn thrown_problems(thrown: &Dynamic, run: &Run) -> Option<Vec<Problem>> {
    if let Some(fault) = thrown.read_lock::<Fault>() {
        if fault.problems.is_empty() {
            return None;
        }
        // They point into another record, so here they stand for the whole.
        let catalogue = &run.catalogue;
        return Some(
            fault
                .problems
                .iter()
                .map(|problem| {
                    let mut told = Problem::new(problem.code.clone(), "").saying(problem.message(catalogue));
                    told.warning = problem.warning;
                    told
                })
                .collect(),
        );
    }
    if let Ok(text) = thrown.as_immutable_string_ref() {
        return Some(vec![Problem::new(CODE, "").saying(text.as_str())]);
    }
    let map = thrown.as_map_ref().ok()?;
    let message = text_of(map.get("msg").or_else(|| map.get("message"))?);
    let field =
        map.get("field").and_then(|field| field.as_immutable_string_ref().ok().map(|name| name.to_string()));
    let problem = match field {
        Some(name) if run.entity.field(&name).is_some() => Problem::at_field(CODE, &name),
        _ => Problem::new(CODE, ""),
    };
    Some(vec![problem.saying(message)])
}

fn kind_and_message(error: &EvalAltResult, run: &Run) -> (ErrorKind, String) {
    let limits = &run.limits;
    if let Some((kind, message)) = run.take_failure() {
        return (kind, message);
    }
    match error {
        EvalAltResult::ErrorTerminated(..) | EvalAltResult::ErrorTooManyOperations(_) => {
            limited(run.meter.tripped().unwrap_or(Limit::Operations), limits)
        }
        EvalAltResult::ErrorStackOverflow(_) => limited(Limit::CallLevels, limits),
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            let (_, message) = limited(Limit::Size, limits);
            (ErrorKind::Limit(Limit::Size, size_of(what, limits)), format!("{message} ({what})"))
        }
        EvalAltResult::ErrorTooManyVariables(_) | EvalAltResult::ErrorTooManyModules(_) => {
            (ErrorKind::Limit(Limit::Size, 0), error.to_string())
        }
        EvalAltResult::ErrorRuntime(thrown, _) => (ErrorKind::Runtime, thrown_message(thrown)),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => (ErrorKind::Runtime, not_found(signature)),
        EvalAltResult::ErrorParsing(error, _) => (ErrorKind::Syntax, error.to_string()),
        other => (ErrorKind::Runtime, plain(other)),
    }
}

fn thrown_message(thrown: &Dynamic) -> String {
    match thrown.read_lock::<Fault>() {
        Some(fault) => fault.message.clone(),
        None if thrown.is_unit() => "the script gave up".to_owned(),
        None => format!("the script threw {}", describe(thrown)),
    }
}

/// Rhai's words without the position, which is told apart.
fn plain(error: &EvalAltResult) -> String {
    let mut error = error.unwrap_inner().to_string();
    if let Some(at) = error.rfind(" (line ") {
        error.truncate(at);
    }
    error
}

/// A function that is not there; for operators, that they do not go together with the values.
fn not_found(signature: &str) -> String {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let arguments = arguments.trim_end_matches(')').replace("&str | ImmutableString | String", "text");
    let arguments =
        arguments.replace("ImmutableString", "text").replace("i64", "integer").replace("f64", "float");
    let is_operator = !name.chars().any(|letter| letter.is_alphanumeric() || letter == '_');
    if !is_operator {
        return format!("there is no function {name}({arguments})");
    }
    if arguments.contains("()") {
        return format!("`{name}` cannot be used with an empty value ({arguments})");
    }
    format!("`{name}` cannot be used with {arguments}")
}

/// The limit that a size error names.
fn size_of(what: &str, limits: &Limits) -> u64 {
    let size = if what.starts_with("Length") {
        limits.text_bytes
    } else if what.contains("map") {
        limits.map_entries
    } else {
        limits.array_items
    };
    u64::try_from(size).unwrap_or(u64::MAX)
}

fn limited(limit: Limit, limits: &Limits) -> (ErrorKind, String) {
    let (amount, message) = match limit {
        Limit::Operations => (limits.operations, format!("more than {} operations", limits.operations)),
        Limit::CallLevels => (
            as_number(limits.call_levels),
            format!("more than {} calls inside each other", limits.call_levels),
        ),
        Limit::WallTime => {
            let milliseconds = u64::try_from(limits.wall_time.as_millis()).unwrap_or(u64::MAX);
            (milliseconds, format!("it took longer than {milliseconds} ms"))
        }
        Limit::Size => (as_number(limits.text_bytes), "a text, list or map grew too large".to_owned()),
        Limit::Queries => (limits.queries, format!("more than {} queries", limits.queries)),
        Limit::RowsRead => (limits.rows_read, format!("more than {} records read", limits.rows_read)),
        Limit::RowsWritten => {
            (limits.rows_written, format!("more than {} records written", limits.rows_written))
        }
    };
    (ErrorKind::Limit(limit, amount), message)
}

fn as_number(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// What a function returned, for the outcome; what has no JSON form is left out.
pub(crate) fn returned(value: &Dynamic) -> Json {
    crate::convert::dynamic_to_json(value).unwrap_or(Json::Null)
}
