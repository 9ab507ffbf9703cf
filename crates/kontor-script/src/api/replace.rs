//! `replace` of texts with its result measured before it is made. Rhai's own looks at the size afterwards only, when a
//! long text in a long text has taken all memory.

use rhai::{EvalAltResult, ImmutableString, Module, NativeCallContext, Position};

use super::builder::add;
use crate::types::Answer;

pub(super) fn register(m: &mut Module) {
    let sentence = "Replaces all occurrences in the text itself.";
    let texts = ["text: String", "part: String", "by: String", "()"];
    add(
        m,
        "replace",
        &texts,
        sentence,
        |context: NativeCallContext, text: &mut ImmutableString, part: &str, by: &str| {
            replace_in_place(&context, text, part, by)
        },
    );
    let letter_by = ["text: String", "part: String", "by: char", "()"];
    add(
        m,
        "replace",
        &letter_by,
        sentence,
        |context: NativeCallContext, text: &mut ImmutableString, part: &str, by: char| {
            replace_in_place(&context, text, part, by.encode_utf8(&mut [0; 4]))
        },
    );
    let letter = ["text: String", "part: char", "by: String", "()"];
    add(
        m,
        "replace",
        &letter,
        sentence,
        |context: NativeCallContext, text: &mut ImmutableString, part: char, by: &str| {
            replace_in_place(&context, text, part.encode_utf8(&mut [0; 4]), by)
        },
    );
    let letters = ["text: String", "part: char", "by: char", "()"];
    add(
        m,
        "replace",
        &letters,
        sentence,
        |context: NativeCallContext, text: &mut ImmutableString, part: char, by: char| {
            replace_in_place(&context, text, part.encode_utf8(&mut [0; 4]), by.encode_utf8(&mut [0; 4]))
        },
    );
}

fn replace_in_place(
    context: &NativeCallContext,
    text: &mut ImmutableString,
    part: &str,
    by: &str,
) -> Answer<()> {
    if let Some(replaced) = replaced(context.engine().max_string_size(), text, part, by)? {
        *text = replaced.into();
    }
    Ok(())
}

/// The text with all occurrences replaced; `None` when there are none.
pub(super) fn replaced(most: usize, text: &str, part: &str, by: &str) -> Answer<Option<String>> {
    let count = text.matches(part).count();
    if count == 0 {
        return Ok(None);
    }
    let length = text.len().saturating_add(count.saturating_mul(by.len())) - count * part.len();
    check_length(most, length)?;
    Ok(Some(text.replace(part, by)))
}

/// Refuses a text of so many bytes before it is made.
pub(super) fn check_length(most: usize, length: usize) -> Answer<()> {
    if length <= most {
        return Ok(());
    }
    let what = format!("Length of string: {most} bytes");
    Err(Box::new(EvalAltResult::ErrorDataTooLarge(what, Position::NONE)))
}
