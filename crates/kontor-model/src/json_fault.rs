//! What a JSON reader says of a text that is no JSON, in words of our own.

use crate::problem::Problem;

/// How a JSON reader begins to say what is wrong, and which text says that.
const FAULTS: [(&str, &str); 14] = [
    ("EOF", "json_ends"),
    ("expected `:`", "json_colon"),
    ("expected `,`", "json_comma"),
    ("trailing comma", "json_last_comma"),
    ("trailing characters", "json_more"),
    ("key must be a string", "json_key"),
    ("expected value", "json_value"),
    ("expected ident", "json_value"),
    ("invalid number", "json_number"),
    ("number out of range", "json_number"),
    ("control character", "json_text"),
    ("invalid escape", "json_text"),
    ("invalid unicode", "json_text"),
    ("recursion limit", "json_too_deep"),
];

/// The problem, with its line and column where the reader tells them.
pub fn problem(reason: &str) -> Problem {
    let number = |word: &str| -> Option<u32> {
        let (_, rest) = reason.split_once(word)?;
        rest.trim_start().split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    };
    let (line, column) = (number(" line "), number(" column "));
    let own = reason.split(" at line ").next().unwrap_or_default();
    let code = FAULTS.into_iter().find(|(begin, _)| own.starts_with(begin));
    let problem = match code {
        Some((_, code)) => Problem::new(code, ""),
        None => Problem::new("not_json", "").with("reason", own),
    };
    match line {
        Some(line) => problem.on_line(line, column),
        None => problem,
    }
}

/// The same where nothing beside the sentence shows the place: the sentence itself says line and column.
pub fn told(reason: &str, at: String) -> Problem {
    let problem = Problem { path: at, ..problem(reason) };
    match (problem.line, problem.column) {
        (Some(line), Some(column)) => problem.with("at_line", line).with("at_column", column),
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::Json;

    #[test]
    fn what_is_no_json_is_told_in_own_words_with_its_place() {
        for (text, code, line) in [
            ("{\"a\":", "json_ends", 1),
            ("{\"a\": 01}", "json_number", 1),
            ("{\n\"a\": \"\\x\"}", "json_text", 2),
            ("[1, 2,]", "json_last_comma", 1),
        ] {
            let reason = serde_json::from_str::<Json>(text).unwrap_err().to_string();
            let problem = told(&reason, "/a".to_owned());
            assert_eq!(problem.code, code, "{reason}");
            assert_eq!((problem.line, problem.column.is_some()), (Some(line), true), "{reason}");
            assert_eq!(problem.path, "/a");
        }
    }
}
