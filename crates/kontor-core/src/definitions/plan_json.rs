//! A plan as the API and the commands give it.

use kontor_model::Json;
use kontor_model::diff::Use;
use kontor_model::locale::Catalogue;
use serde_json::json;

use super::plan::{Plan, PlannedChange};

impl Plan {
    /// The plan as JSON: each change with what it touches, and the statements.
    pub fn to_json(&self, catalogue: &Catalogue) -> Json {
        let changes: Vec<Json> = self.changes.iter().map(|one| change_to_json(one, catalogue)).collect();
        json!({ "changes": changes, "sql": self.sql })
    }
}

fn change_to_json(planned: &PlannedChange, catalogue: &Catalogue) -> Json {
    let change = &planned.change;
    let used_by: Vec<Json> = change.used_by.iter().map(use_to_json).collect();
    json!({
        "kind": change.kind.as_str(),
        "name": change.name,
        "pointer": change.pointer,
        "what": change.what,
        "message": match planned.why(catalogue) {
            Some(why) => format!("{}. {why}", planned.sentence(catalogue)),
            None => planned.sentence(catalogue),
        },
        "class": change.class.as_str(),
        "rows": planned.rows,
        "unconvertible": planned.unconvertible,
        "found": planned.finding.as_ref().map(|found| json!({
            "what": found.what,
            "rows": found.rows,
            "at_least": found.at_least,
            "examples": found.examples.iter().map(|one| json!({
                "entity": one.entity, "id": one.id, "title": one.title, "value": one.value,
            })).collect::<Vec<_>>(),
        })),
        "used_by": used_by,
    })
}

/// A place that refers to something.
pub fn use_to_json(one: &Use) -> Json {
    match one.line {
        Some(line) => json!({ "kind": one.kind.as_str(), "name": one.name, "line": line }),
        None => json!({ "kind": one.kind.as_str(), "name": one.name, "pointer": one.pointer }),
    }
}
