//! Prints a plan: what changes, how safe it is, who uses it, and the statements.

use kontor_core::definitions::Plan;

/// Prints a plan for people.
pub fn print(plan: &Plan) {
    let catalogue = crate::open::english();
    if plan.changes.is_empty() {
        println!("nothing to publish: the workspace says the same already");
        return;
    }
    for one in &plan.changes {
        let change = &one.change;
        let rows = if one.rows > 0 { format!(" ({} records)", one.rows) } else { String::new() };
        println!(
            "{:8} {} {}: {}{rows}",
            change.class.as_str(),
            change.kind,
            change.name,
            one.sentence(&catalogue)
        );
        if let Some(finding) = &one.finding {
            let number = if finding.rows == 1 { "one" } else { "other" };
            let key = format!("ui.changes.found_{}.{number}", finding.what);
            println!("         {}", catalogue.text_with(&key, &[("count", finding.rows.to_string())]));
            for example in &finding.examples {
                println!("         - {}: {}", example.title, example.value);
            }
            if finding.at_least {
                println!("         {}", catalogue.text("ui.changes.found_more"));
            }
        }
        for user in &change.used_by {
            let place = user.line.map_or_else(|| user.pointer.clone(), |line| format!(" line {line}"));
            println!("         used by {} {}{place}", user.kind, user.name);
        }
    }
    if !plan.sql.is_empty() {
        println!();
        for statement in &plan.sql {
            println!("{statement};");
        }
    }
}
