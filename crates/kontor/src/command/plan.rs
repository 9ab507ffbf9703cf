//! Prints a plan: what changes, how safe it is, who uses it, and the statements. Values are only recognised here, so they
//! are short; the plan as JSON has them whole.

use kontor_core::definitions::{Example, Plan};
use kontor_model::words::shortened;

/// Prints a plan for people.
pub fn print(plan: &Plan) {
    let catalogue = crate::open::english();
    if plan.changes.is_empty() {
        say!("nothing to publish: the workspace says the same already");
        return;
    }
    for one in &plan.changes {
        let change = &one.change;
        let rows = match one.rows {
            0 => String::new(),
            1 => " (1 record)".to_owned(),
            rows => format!(" ({rows} records)"),
        };
        say!(
            "{:8} {} {}: {}{rows}",
            change.class.as_str(),
            change.kind,
            change.name,
            one.sentence(&catalogue)
        );
        if let Some(finding) = &one.finding {
            let number = if finding.rows == 1 { "one" } else { "other" };
            let key = format!("ui.changes.found_{}.{number}", finding.what);
            say!("         {}", catalogue.text_with(&key, &[("count", finding.rows.to_string())]));
            for example in &finding.examples {
                say!("         - {}", told(example));
            }
            if finding.at_least {
                say!("         {}", catalogue.text("ui.changes.found_more"));
            }
        }
        for user in &change.used_by {
            let place = user.line.map_or_else(|| user.pointer.clone(), |line| format!(" line {line}"));
            say!("         used by {} {}{place}", user.kind, user.name);
        }
    }
    if !plan.sql.is_empty() {
        say!();
        for statement in &plan.sql {
            say!("{statement};");
        }
    }
}

/// A record by its title with what it holds, which may be its title.
fn told(example: &Example) -> String {
    let title = if example.title.is_empty() { example.id.to_string() } else { shortened(&example.title) };
    if example.title == example.value || example.value.is_empty() {
        return title;
    }
    format!("{title}: {}", shortened(&example.value))
}
