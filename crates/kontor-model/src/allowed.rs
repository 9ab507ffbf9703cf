//! What a message says beyond what is wrong: what was most likely meant, what would be allowed, how it is written. Each
//! is said when the problem knows it, in the reader's language.

use std::borrow::Cow;

use crate::likeness::{listed, nearest};
use crate::locale::Catalogue;
use crate::problem::Problem;

/// Parameters that hold what somebody wrote, the first of them that is there.
const WRITTEN: [&str; 10] =
    ["value", "key", "operator", "name", "field", "entity", "table", "function", "column", "setting"];

/// Problems whose own text says all there is to say.
const COMPLETE: [&str; 2] = ["condition_form", "not_a_filter"];

/// The sentence of a problem with everything that helps to put it right.
pub(crate) fn sentence(problem: &Problem, catalogue: &Catalogue) -> String {
    // One character is no plural.
    let is_one = problem.parameters.iter().any(|(name, value)| *name == "limit" && value == "1");
    let says = |wanted: &str, is_so: &dyn Fn(&str) -> bool| {
        problem.parameters.iter().any(|(name, value)| *name == wanted && is_so(value))
    };
    let key = match problem.code.as_ref() {
        "too_short" if is_one => "problem.too_short_one".to_owned(),
        // Where there is none at all, nothing can be listed.
        "script_unknown_library" if says("options", &str::is_empty) => {
            "problem.script_unknown_library_none".to_owned()
        }
        "key_does_not_fit" if says("fitting", &|fitting| !fitting.is_empty()) => {
            "problem.key_does_not_fit_as".to_owned()
        }
        code => format!("problem.{code}"),
    };
    let template = catalogue.text(&key);
    let parameters: Vec<(&str, Cow<'_, str>)> = problem
        .parameters
        .iter()
        .map(|(name, value)| (*name, in_words(&problem.code, name, value, catalogue)))
        .collect();
    let mut said = catalogue.text_with(&key, &parameters);
    if COMPLETE.contains(&problem.code.as_ref()) {
        return said;
    }
    let parameter = |wanted: &str| {
        let found = parameters.iter().find(|(name, value)| *name == wanted && !value.is_empty());
        found.map(|(_, value)| value.as_ref()).filter(|_| !template.contains(&format!("{{{wanted}}}")))
    };
    let options = parameter("options");
    let written = WRITTEN.iter().find_map(|wanted| {
        problem.parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    });
    let like = parameter("like").or_else(|| nearest(written?, options?.split(", ")));
    let hints = [
        ("came", parameter("came").map(str::to_owned)),
        ("like", like.map(str::to_owned)),
        ("options", options.map(|options| listed(options.split(", ")))),
        ("reserved", parameter("reserved").map(str::to_owned)),
        ("fits", parameter("fits").map(str::to_owned)),
        ("example", parameter("example").or_else(|| parameter("signature")).map(str::to_owned)),
    ];
    for (name, value) in hints {
        let key = format!("problem.hint_{name}");
        let (Some(value), Some(_)) = (value, catalogue.find(&key)) else { continue };
        let whole = said.trim_end_matches(['.', '。']).to_owned();
        said = catalogue.text_with(&key, &[("message", whole.as_str()), (name, value.as_str())]);
        // A question has its mark already.
        said = said.replace("?. ", "? ").replace("？。", "？");
    }
    if let (Some(line), Some(column)) = (parameter("at_line"), parameter("at_column")) {
        let whole = said.trim_end_matches(['.', '。']).to_owned();
        let place = [("message", whole.as_str()), ("line", line), ("column", column)];
        said = catalogue.text_with("problem.hint_place", &place);
    }
    let why = problem.parameters.iter().find(|(name, _)| *name == "why");
    if let Some(why) = why.and_then(|(_, why)| catalogue.find(&format!("problem.kind_stays_{why}"))) {
        return format!("{}. {why}", said.trim_end_matches(['.', '。']));
    }
    said
}

/// Words of definitions that stand in messages, in the reader's language.
fn in_words<'v>(code: &str, name: &str, value: &'v str, catalogue: &Catalogue) -> Cow<'v, str> {
    match (code, name) {
        ("wrong_type", "expected" | "came")
        | ("formula_type", "expected" | "found")
        | ("formula_types", "left" | "right") => {
            let words: Vec<&str> = value
                .split(", ")
                .map(|word| {
                    let known = catalogue.find(&format!("ui.json.{word}"));
                    known.or_else(|| catalogue.find(&format!("ui.kind.{word}.title"))).unwrap_or(word)
                })
                .collect();
            let or = catalogue.find("ui.json.or").unwrap_or(", ");
            Cow::Owned(words.join(or))
        }
        ("change_field_kind_changed", "kind" | "from") => catalogue
            .find(&format!("ui.kind.{value}.title"))
            .map_or(Cow::Borrowed(value), |word| Cow::Owned(word.to_owned())),
        (
            "unknown_definition"
            | "kind_not_available_yet"
            | "definition_moved"
            | "changed_here_too"
            | "changed_here_too_at"
            | "changed_and_gone"
            | "defined_below",
            "kind",
        ) => {
            let Some(word) = catalogue.find(&format!("ui.definition.{value}.one")) else {
                return Cow::Borrowed(value);
            };
            // Inside an English sentence.
            Cow::Owned(if catalogue.language.starts_with("en") {
                word.to_lowercase()
            } else {
                word.to_owned()
            })
        }
        _ => Cow::Borrowed(value),
    }
}
