//! Texts: what Rhai's own methods lack, and translated messages.

use rhai::{Array, Dynamic, Map, Module, NativeCallContext};

use super::builder::add;
use super::replace;
use crate::convert::text_of;
use crate::run::Run;
use crate::types::{Answer, Fault};

/// The functions `text::…`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_doc("Texts.");
    register_simple(&mut module);
    register_growing(&mut module);
    module
}

fn register_simple(m: &mut Module) {
    add(
        m,
        "is_blank",
        &["value: ?", "bool"],
        "Whether there is nothing, or a text of blanks only.",
        |value: Dynamic| is_blank(&value),
    );
    add(
        m,
        "fold",
        &["text: String", "String"],
        "The text in lower case and composed form, as searches compare it.",
        |text: &str| kontor_model::value::fold(text).into_owned(),
    );
    add(
        m,
        "contains",
        &["text: String", "part: String", "bool"],
        "Whether the part occurs; capitals do not matter.",
        |text: &str, part: &str| {
            kontor_model::value::fold(text).contains(kontor_model::value::fold(part).as_ref())
        },
    );
    add(m, "trim", &["text: String", "String"], "The text without blanks around it.", |text: &str| {
        text.trim().to_owned()
    });
    add(
        m,
        "squeeze",
        &["text: String", "String"],
        "The text with single blanks between words and none around it.",
        |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" "),
    );
    add(
        m,
        "capitalize",
        &["text: String", "String"],
        "The text with a capital first letter.",
        |text: &str| capitalize(text),
    );
    add(
        m,
        "truncate",
        &["text: String", "letters: int", "String"],
        "The first letters, with … when some were left off.",
        |context: NativeCallContext, text: &str, letters: i64| {
            Run::mark(&context)?;
            truncate(text, letters)
        },
    );
}

/// What may give long texts: their length is checked before they are made.
fn register_growing(m: &mut Module) {
    add(
        m,
        "repeat",
        &["text: String", "times: int", "String"],
        "The text so many times.",
        |context: NativeCallContext, text: &str, times: i64| -> Answer<String> {
            let times = usize::try_from(times).unwrap_or(0);
            check_length(&context, text.len().saturating_mul(times))?;
            Ok(text.repeat(times))
        },
    );
    add(
        m,
        "pad_left",
        &["text: String", "length: int", "fill: String", "String"],
        "The text with fill letters in front, up to a length.",
        |context: NativeCallContext, text: &str, length: i64, fill: &str| -> Answer<String> {
            pad_left(&context, text, length, fill)
        },
    );
    add(
        m,
        "join",
        &["list: Array", "between: String", "String"],
        "The items as texts, joined.",
        |context: NativeCallContext, list: Array, between: &str| -> Answer<String> {
            let parts: Vec<String> = list.iter().filter(|item| !item.is_unit()).map(text_of).collect();
            let length = parts.iter().map(|part| part.len() + between.len()).sum();
            check_length(&context, length)?;
            Ok(parts.join(between))
        },
    );
    add(
        m,
        "format",
        &["pattern: String", "values: Map", "String"],
        "The pattern with {name} replaced by the values.",
        |context: NativeCallContext, pattern: &str, values: Map| -> Answer<String> {
            fill(&context, pattern, &values)
        },
    );
    add(
        m,
        "translate",
        &["key: String", "String"],
        "The text of a key of the catalogues in the user's language.",
        |context: NativeCallContext, key: &str| -> Answer<String> {
            Ok(Run::of(&context)?.catalogue.text(key).to_owned())
        },
    );
    add(
        m,
        "translate",
        &["key: String", "values: Map", "String"],
        "The text of a key with {name} replaced by the values.",
        |context: NativeCallContext, key: &str, values: Map| -> Answer<String> {
            let run = Run::of(&context)?;
            fill(&context, run.catalogue.text(key), &values)
        },
    );
}

/// Refuses a text before it is made, not after.
fn check_length(context: &NativeCallContext, length: usize) -> Answer<()> {
    replace::check_length(Run::of(context)?.limits.text_bytes, length)
}

fn is_blank(value: &Dynamic) -> bool {
    value.is_unit() || value.as_immutable_string_ref().is_ok_and(|text| text.trim().is_empty())
}

fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn truncate(text: &str, letters: i64) -> Answer<String> {
    let letters =
        usize::try_from(letters).map_err(|_| Fault::error("a text is truncated to 0 or more letters"))?;
    if text.chars().nth(letters).is_none() {
        return Ok(text.to_owned());
    }
    let mut short: String = text.chars().take(letters).collect();
    short.push('…');
    Ok(short)
}

fn pad_left(context: &NativeCallContext, text: &str, length: i64, fill: &str) -> Answer<String> {
    let Some(fill) = fill.chars().next() else { return Err(Fault::error("the fill is a letter")) };
    let length = usize::try_from(length).unwrap_or(0);
    check_length(context, length.saturating_mul(fill.len_utf8()))?;
    let missing = length.saturating_sub(text.chars().count());
    Ok(std::iter::repeat_n(fill, missing).chain(text.chars()).collect())
}

/// The pattern with `{name}` replaced by each value, in the order of the names.
fn fill(context: &NativeCallContext, pattern: &str, values: &Map) -> Answer<String> {
    let most = Run::of(context)?.limits.text_bytes;
    let mut text = pattern.to_owned();
    for (name, value) in values {
        if let Some(filled) = replace::replaced(most, &text, &format!("{{{name}}}"), &text_of(value))? {
            text = filled;
        }
    }
    Ok(text)
}
