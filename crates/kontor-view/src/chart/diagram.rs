//! How entities are linked: boxes on a grid, edges between them.

use std::fmt::Write as _;

use super::bar::as_f64;
use super::{at, linked, shortened};
use crate::Html;
use crate::page::search::escape;

/// An entity.
#[derive(Clone, Debug, Default)]
pub struct DiagramBox {
    /// Name by which edges refer to it.
    pub name: String,
    /// What it says.
    pub title: String,
    /// Where it leads.
    pub href: String,
}

/// A link from one entity to another.
#[derive(Clone, Debug, Default)]
pub struct DiagramEdge {
    /// Name of the box with the link.
    pub from: String,
    /// Name of the box it points at.
    pub to: String,
    /// Label of the link.
    pub title: String,
}

/// Boxes and edges.
#[derive(Clone, Debug, Default)]
pub struct Diagram {
    /// Name of the picture, for screen readers.
    pub title: String,
    /// The boxes.
    pub boxes: Vec<DiagramBox>,
    /// The edges; those to or from an unknown box are left out.
    pub edges: Vec<DiagramEdge>,
}

const WIDTH: f64 = 128.0;
const HEIGHT: f64 = 34.0;
const ACROSS: f64 = 176.0;
const DOWN: f64 = 84.0;

/// Draws the diagram: most linked boxes first, in columns of a grid. Empty without boxes.
pub fn diagram(diagram: &Diagram) -> Html {
    if diagram.boxes.is_empty() {
        return Html::default();
    }
    let degree =
        |name: &str| diagram.edges.iter().filter(|edge| edge.from == name || edge.to == name).count();
    let mut order: Vec<&DiagramBox> = diagram.boxes.iter().collect();
    order.sort_by_key(|one| std::cmp::Reverse(degree(&one.name)));
    let columns = columns(order.len());
    let place = |name: &str| {
        let index = order.iter().position(|one| one.name == name)?;
        Some((8.0 + ACROSS * as_f64(index % columns), 8.0 + DOWN * as_f64(index / columns)))
    };
    let mut marks = String::new();
    for edge in &diagram.edges {
        let (Some(from), Some(to)) = (place(&edge.from), place(&edge.to)) else { continue };
        if edge.from == edge.to {
            continue;
        }
        let _ = write!(
            marks,
            r#"<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"><title>{}</title></line>"#,
            at(from.0 + WIDTH / 2.0),
            at(from.1 + HEIGHT / 2.0),
            at(to.0 + WIDTH / 2.0),
            at(to.1 + HEIGHT / 2.0),
            escape(&edge.title)
        );
    }
    for one in &order {
        let Some((left, top)) = place(&one.name) else { continue };
        let mark = format!(
            r#"<rect class="box" x="{}" y="{}" width="{}" height="{}" rx="6"/><text class="strong mid" x="{}" y="{}">{}</text>"#,
            at(left),
            at(top),
            at(WIDTH),
            at(HEIGHT),
            at(left + WIDTH / 2.0),
            at(top + 21.0),
            escape(&shortened(&one.title, 18))
        );
        marks.push_str(&linked(&one.href, &one.title, &mark));
    }
    let rows = order.len().div_ceil(columns);
    let (width, height) = (ACROSS * as_f64(columns), DOWN * as_f64(rows) - DOWN + HEIGHT + 16.0);
    Html(format!(
        r#"<div class="chart wide"><svg viewBox="0 0 {} {}" role="group" aria-label="{}">{marks}</svg></div>"#,
        at(width),
        at(height),
        escape(&diagram.title)
    ))
}

fn columns(count: usize) -> usize {
    match count {
        0..=3 => 3,
        4..=12 => 4,
        _ => 6,
    }
}
