//! A definition as a text to edit, with its problems at their lines.

use kontor_model::{Json, Problems};
use kontor_view::page::admin::source::{LineProblem, SourceEditor};

use super::lines;
use crate::present::Reading;

/// The text of a definition: a script's source, or JSON with two blanks.
pub fn text_of(json: &Json) -> String {
    match json.get("source").and_then(Json::as_str) {
        Some(source) if json.as_object().is_some_and(|object| object.len() == 1) => source.to_owned(),
        _ => serde_json::to_string_pretty(json).unwrap_or_default(),
    }
}

/// The editor of a definition as it stands.
pub fn editor(reading: &Reading<'_>, name: &str, json: &Json, action: String) -> SourceEditor {
    SourceEditor {
        read: json.to_string(),
        ..with_problems(reading, name, text_of(json), action, &Problems::new())
    }
}

/// The editor with what was typed and what is wrong with it.
pub fn with_problems(
    reading: &Reading<'_>,
    name: &str,
    text: String,
    action: String,
    problems: &Problems,
) -> SourceEditor {
    let known = if problems.is_empty() { Vec::new() } else { lines::of_pointers(&text) };
    let is_json = text.trim_start().starts_with('{');
    let problems = problems
        .iter()
        .map(|problem| {
            let within = problem.line.filter(|_| is_json && !problem.path.is_empty());
            let line = problem.line.filter(|_| within.is_none());
            let mut message = problem.message(&reading.labels);
            if let Some(own) = within {
                // A formula counts its own lines; in the definition it is one text.
                let column = problem.column.unwrap_or(1).to_string();
                let place = [("line", own.to_string()), ("column", column)];
                let place: Vec<(&str, &str)> =
                    place.iter().map(|(name, text)| (*name, text.as_str())).collect();
                message = format!("{message} ({})", reading.words().with("source.within", &place));
            }
            LineProblem {
                line: line.map_or_else(
                    || lines::of_pointer(&known, &problem.path),
                    |line| usize::try_from(line).unwrap_or(0),
                ),
                column: problem
                    .column
                    .filter(|_| within.is_none())
                    .map(|one| one.to_string())
                    .unwrap_or_default(),
                pointer: problem.path.clone(),
                message,
            }
        })
        .collect();
    SourceEditor {
        action,
        label: reading.words().with("source.label", &[("name", name)]),
        source: text,
        problems,
        ..SourceEditor::default()
    }
    .with_lines()
}
