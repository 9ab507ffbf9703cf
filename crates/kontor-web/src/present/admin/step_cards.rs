//! The kinds of step as cards in groups, each with a sentence that says what it does.

use kontor_model::Json;
use kontor_model::check::meta_schema;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::item::{Card, CardGroup};

use super::steps::kinds;
use crate::present::Reading;

/// The groups in their order; a kind that none of them names stands in the last.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "records",
        &[
            "set",
            "create",
            "update_where",
            "find",
            "delete",
            "task",
            "assign",
            "tag",
            "score",
            "convert",
            "merge",
        ],
    ),
    ("people", &["notify", "message", "comment", "ask", "approve", "follow"]),
    ("way", &["branch", "switch", "for_each", "parallel", "wait", "try", "call", "refuse", "stop"]),
    ("others", &[]),
];

/// Icon and tone of a kind of step.
pub fn icon(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "wait" => ("clock", "t-grey"),
        "approve" => ("shield-check", "t-amber"),
        "ask" => ("message-square", "t-amber"),
        "branch" | "switch" => ("workflow", "t-blue"),
        "create" | "task" => ("plus", "t-green"),
        "delete" => ("trash-2", "t-red"),
        "script" | "call" => ("code", "t-violet"),
        "stop" | "refuse" => ("square", "t-red"),
        "parallel" => ("git-compare", "t-blue"),
        "try" => ("life-buoy", "t-amber"),
        "tag" => ("tags", "t-green"),
        "score" => ("calculator", "t-violet"),
        "message" => ("mail", "t-blue"),
        "http" => ("link", "t-violet"),
        "report" => ("chart-column", "t-green"),
        "notify" => ("bell", "t-amber"),
        "comment" => ("message-square", "t-blue"),
        "follow" => ("eye", "t-blue"),
        "merge" => ("git-compare", "t-violet"),
        "convert" => ("git-compare", "t-green"),
        _ => ("pencil", "t-blue"),
    }
}

/// What a kind of step does: the first sentence of the meta-schema, in the reader's language.
pub fn about(reading: &Reading<'_>, kind: &str) -> String {
    let schema = meta_schema(DefinitionKind::Workflow);
    let own = schema.and_then(|schema| schema.pointer(&format!("/$defs/step_{kind}/description")));
    reading.schema_text(own.and_then(Json::as_str).unwrap_or_default())
}

/// All kinds of step.
pub fn groups(reading: &Reading<'_>) -> Vec<CardGroup> {
    let all = kinds();
    let is_named = |kind: &&str| GROUPS.iter().any(|(_, kinds)| kinds.contains(kind));
    let card = |kind: &str| {
        let (icon, tone) = icon(kind);
        Card {
            value: kind.to_owned(),
            title: reading.t(&format!("step.{kind}")),
            about: first_sentence(&about(reading, kind)),
            icon: icon.to_owned(),
            tone: tone.to_owned(),
        }
    };
    GROUPS
        .iter()
        .map(|(group, kinds)| {
            let own = kinds.iter().copied().filter(|kind| all.contains(kind));
            let others = all.iter().copied().filter(|kind| kinds.is_empty() && !is_named(kind));
            let title = reading.t(&format!("step_group.{group}"));
            CardGroup { title, name: "do".to_owned(), cards: own.chain(others).map(card).collect() }
        })
        .collect()
}

/// A text up to its first full stop or semicolon.
fn first_sentence(text: &str) -> String {
    let ends = [". ", "; ", "。", "；"].into_iter().filter_map(|end| text.find(end)).min();
    let short = ends.and_then(|end| text.get(..end)).unwrap_or(text);
    short.trim_end_matches(['.', '。']).to_owned()
}
