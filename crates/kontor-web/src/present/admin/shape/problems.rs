//! What is wrong with a definition, each with the control that it belongs to.

use kontor_view::page::admin::shape::ShapeField;
use kontor_view::page::part::ProblemLine;

use super::draw::Drawing;

/// All that is wrong, each with the control that it belongs to.
pub fn problem_lines(drawing: &Drawing<'_>, fields: &[ShapeField]) -> Vec<ProblemLine> {
    drawing
        .problems
        .iter()
        .map(|problem| {
            let mut anchor = problem.path.clone();
            let mut label = find(fields, &anchor);
            while label.is_none() {
                let Some((above, _)) = anchor.rsplit_once('/') else { break };
                anchor = above.to_owned();
                label = find(fields, &anchor);
            }
            ProblemLine {
                anchor: if label.is_some() { format!("g{anchor}") } else { String::new() },
                label: label.unwrap_or_default(),
                message: drawing.told(problem),
                ..ProblemLine::default()
            }
        })
        .collect()
}

fn find(fields: &[ShapeField], at: &str) -> Option<String> {
    for field in fields {
        if field.at == at {
            return Some(field.label.clone());
        }
        if let Some(label) = find(&field.fields, at) {
            return Some(label);
        }
        for item in &field.items {
            if item.at == at {
                return Some(item.label.clone());
            }
            if let Some(label) = find(&item.fields, at) {
                return Some(label);
            }
        }
    }
    None
}
