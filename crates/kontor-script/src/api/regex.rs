//! Regular expressions in linear time. Patterns are compiled once and remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use rhai::{Array, Dynamic, Module, NativeCallContext};

use super::builder::{add, optional};
use super::replace::check_length;
use crate::run::Run;
use crate::types::{Answer, Fault};

/// Most patterns that are remembered; then all are forgotten.
const MOST_PATTERNS: usize = 256;
/// Greatest compiled pattern, in bytes.
const GREATEST_PATTERN: usize = 1 << 20;

#[derive(Default)]
struct Patterns(Mutex<HashMap<String, Regex>>);

impl Patterns {
    fn get(&self, pattern: &str) -> Answer<Regex> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(regex) = known.get(pattern) {
            return Ok(regex.clone());
        }
        let built = RegexBuilder::new(pattern).size_limit(GREATEST_PATTERN).build();
        let regex = built.map_err(|error| Fault::error(format!("the pattern cannot be used: {error}")))?;
        if known.len() >= MOST_PATTERNS {
            known.clear();
        }
        known.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    }
}

/// The functions `regex::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    let m = &mut module;
    m.set_doc("Regular expressions in linear time: no look-around, no back-references.");
    let patterns = Arc::new(Patterns::default());
    let known = Arc::clone(&patterns);
    add(
        m,
        "matches",
        &["text: String", "pattern: String", "bool"],
        "Whether the pattern occurs; ^ and $ for the whole text.",
        move |context: NativeCallContext, text: &str, pattern: &str| -> Answer<bool> {
            Run::mark(&context)?;
            Ok(known.get(pattern)?.is_match(text))
        },
    );
    let known = Arc::clone(&patterns);
    add(
        m,
        "find",
        &["text: String", "pattern: String", "String"],
        "The first occurrence; `()` when there is none.",
        move |context: NativeCallContext, text: &str, pattern: &str| -> Answer<Dynamic> {
            Run::mark(&context)?;
            Ok(optional(known.get(pattern)?.find(text).map(|found| found.as_str().to_owned())))
        },
    );
    let known = Arc::clone(&patterns);
    add(
        m,
        "groups",
        &["text: String", "pattern: String", "Array"],
        "The whole first occurrence and its groups; empty when there is none.",
        move |context: NativeCallContext, text: &str, pattern: &str| -> Answer<Array> {
            Run::mark(&context)?;
            let groups = known.get(pattern)?;
            let Some(captures) = groups.captures(text) else { return Ok(Array::new()) };
            Ok(captures.iter().map(|group| optional(group.map(|group| group.as_str().to_owned()))).collect())
        },
    );
    let known = Arc::clone(&patterns);
    add(
        m,
        "replace",
        &["text: String", "pattern: String", "by: String", "String"],
        "All occurrences replaced; $1 is the first group.",
        move |context: NativeCallContext, text: &str, pattern: &str, by: &str| -> Answer<String> {
            Run::mark(&context)?;
            replace_all(&known.get(pattern)?, text, by, context.engine().max_string_size())
        },
    );
    module
}

/// All occurrences replaced, measured while the result grows.
fn replace_all(pattern: &Regex, text: &str, by: &str, most: usize) -> Answer<String> {
    let mut result = String::with_capacity(text.len().min(most));
    let mut end = 0;
    for found in pattern.captures_iter(text) {
        let whole = found.get_match();
        result.push_str(text.get(end..whole.start()).unwrap_or_default());
        found.expand(by, &mut result);
        check_length(most, result.len())?;
        end = whole.end();
    }
    result.push_str(text.get(end..).unwrap_or_default());
    check_length(most, result.len())?;
    Ok(result)
}
