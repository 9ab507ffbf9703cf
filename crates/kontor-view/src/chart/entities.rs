//! Entities with their fields and how they are linked: boxes in groups, a curve from the field of each link to the entity
//! it points at, with the usual feet for "many" and bars for "one". Made on the server; each box is a link.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::bar::as_f64;
use super::{at, shortened};
use crate::Html;
use crate::page::search::escape;

/// A field inside a box.
#[derive(Clone, Debug, Default)]
pub struct EntityRow {
    /// Its name: edges begin at it.
    pub name: String,
    /// Its label.
    pub title: String,
    /// The word for its kind.
    pub kind: String,
    /// Whether it may not be empty: it is set in strong type.
    pub required: bool,
}

/// An entity.
#[derive(Clone, Debug, Default)]
pub struct EntityBox {
    /// Name by which edges refer to it.
    pub name: String,
    /// What it says on top.
    pub title: String,
    /// Where it leads.
    pub href: String,
    /// The frame it stands in; may be empty.
    pub group: String,
    /// Its fields; none draws the head alone.
    pub rows: Vec<EntityRow>,
    /// Words for the fields that are left out; empty for none.
    pub more: String,
    /// Whether the picture is about it.
    pub focus: bool,
}

/// A link.
#[derive(Clone, Debug, Default)]
pub struct EntityEdge {
    /// The entity that has the field.
    pub from: String,
    /// The field.
    pub field: String,
    /// The entity it points at.
    pub to: String,
    /// Whether many records can point at the same one.
    pub many_from: bool,
    /// Whether one record can point at many.
    pub many_to: bool,
    /// `empty`, `restrict` or `cascade`: the class of the line.
    pub on_delete: String,
    /// All of it in words.
    pub title: String,
}

/// The picture.
#[derive(Clone, Debug, Default)]
pub struct EntityDiagram {
    /// Name of the picture, for screen readers.
    pub title: String,
    /// The boxes, in order.
    pub boxes: Vec<EntityBox>,
    /// The links; those to or from an unknown box are left out.
    pub edges: Vec<EntityEdge>,
}

const WIDTH: f64 = 216.0;
const HEAD: f64 = 32.0;
const ROW: f64 = 20.0;
const GUTTER: f64 = 72.0;
const GAP: f64 = 28.0;
const PAD: f64 = 20.0;
const CAPTION: f64 = 26.0;
/// So many columns are made a little smaller where the page is a little too narrow; more of them run sideways.
const FITTING: usize = 4;

/// Where a box stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    one: &'a EntityBox,
    left: f64,
    top: f64,
}

impl Place<'_> {
    fn height(&self) -> f64 {
        height(self.one)
    }

    /// The height at which a field's edge begins: its row, or the last one when it is not shown.
    fn row(&self, field: &str) -> f64 {
        let rows = &self.one.rows;
        match rows.iter().position(|row| row.name == field) {
            Some(index) => self.top + HEAD + ROW * as_f64(index) + ROW / 2.0 + 2.0,
            None if rows.is_empty() => self.top + HEAD / 2.0,
            None => self.top + self.height() - ROW / 2.0,
        }
    }
}

fn height(one: &EntityBox) -> f64 {
    if one.rows.is_empty() {
        return HEAD;
    }
    let more = usize::from(!one.more.is_empty());
    HEAD + ROW * as_f64(one.rows.len() + more) + 6.0
}

/// Draws the picture. Empty without boxes.
pub fn entities(diagram: &EntityDiagram) -> Html {
    if diagram.boxes.is_empty() {
        return Html::default();
    }
    let columns = columns(diagram);
    let mut places: Vec<Place<'_>> = Vec::new();
    let mut frames = String::new();
    let mut top = PAD;
    let groups = groups(diagram);
    let is_framed = groups.len() > 1;
    let width = PAD * 2.0 + WIDTH * as_f64(columns) + GUTTER * as_f64(columns.saturating_sub(1)) + GAP * 2.0;
    for (caption, boxes) in &groups {
        let from = top;
        if is_framed {
            top += CAPTION;
        }
        top = fill(&near(boxes, &diagram.edges), columns, top + GAP / 2.0, &mut places) + GAP / 2.0;
        if is_framed {
            let _ = write!(
                frames,
                r#"<rect class="frame" x="{}" y="{}" width="{}" height="{}" rx="8"/><text class="caption" x="{}" y="{}">{}</text>"#,
                at(PAD / 2.0),
                at(from),
                at(width - PAD),
                at(top - from),
                at(PAD + 4.0),
                at(from + 20.0),
                escape(caption)
            );
        }
        top += GAP / 2.0;
    }
    let mut marks = String::new();
    for edge in &diagram.edges {
        draw_edge(edge, &places, &mut marks);
    }
    for place in &places {
        // The link is named by all that its box says.
        let _ = write!(marks, r#"<a href="{}">{}</a>"#, escape(&place.one.href), draw_box(place));
    }
    Html(format!(
        r#"<div class="er{fits}" role="group" tabindex="0" aria-label="{title}"><svg width="{width}" height="{height}" viewBox="0 0 {width} {height}">{frames}{marks}</svg></div>"#,
        fits = if columns <= FITTING { " fits" } else { "" },
        title = escape(&diagram.title),
        width = at(width),
        height = at(top + PAD),
    ))
}

/// As many columns as make the picture somewhat wider than high.
fn columns(diagram: &EntityDiagram) -> usize {
    let total: f64 = diagram.boxes.iter().map(|one| height(one) + GAP).sum();
    let largest = groups(diagram).iter().map(|(_, boxes)| boxes.len()).max().unwrap_or(1);
    (1..=8usize)
        .find(|count| (WIDTH + GUTTER) * as_f64(*count) >= total / as_f64(*count))
        .unwrap_or(8)
        .min(largest)
        .max(1)
}

/// The boxes by their frames, in the order in which the frames come first.
fn groups(diagram: &EntityDiagram) -> Vec<(&str, Vec<&EntityBox>)> {
    let mut groups: Vec<(&str, Vec<&EntityBox>)> = Vec::new();
    for one in &diagram.boxes {
        match groups.iter_mut().find(|(caption, _)| *caption == one.group) {
            Some((_, boxes)) => boxes.push(one),
            None => groups.push((&one.group, vec![one])),
        }
    }
    groups
}

/// The boxes so that what is linked stands near: beginning with the most linked, each followed by its neighbours.
fn near<'a>(boxes: &[&'a EntityBox], edges: &'a [EntityEdge]) -> Vec<&'a EntityBox> {
    let mut neighbours: HashMap<&str, HashSet<&str>> = HashMap::new();
    for edge in edges {
        neighbours.entry(&edge.from).or_default().insert(&edge.to);
        neighbours.entry(&edge.to).or_default().insert(&edge.from);
    }
    let weight = |name: &str| neighbours.get(name).map_or(0, HashSet::len);
    let mut left: Vec<&EntityBox> = boxes.to_vec();
    left.sort_by_key(|one| (std::cmp::Reverse(one.focus), std::cmp::Reverse(weight(&one.name))));
    let mut order: Vec<&'a EntityBox> = Vec::with_capacity(boxes.len());
    while !left.is_empty() {
        let next = left
            .iter()
            .enumerate()
            .max_by_key(|(index, one)| {
                let own = neighbours.get(one.name.as_str());
                let placed = order.iter().rev().take(4);
                let ties =
                    placed.filter(|placed| own.is_some_and(|own| own.contains(placed.name.as_str()))).count();
                (ties, std::cmp::Reverse(*index))
            })
            .map_or(0, |(index, _)| index);
        order.push(left.remove(next));
    }
    order
}

/// Puts boxes into the shortest column each; returns where they end.
fn fill<'a>(boxes: &[&'a EntityBox], columns: usize, top: f64, places: &mut Vec<Place<'a>>) -> f64 {
    let mut ends = vec![top; columns];
    for one in boxes {
        let mut shortest = 0;
        for (index, end) in ends.iter().enumerate() {
            if ends.get(shortest).is_some_and(|least| end + 0.5 < *least) {
                shortest = index;
            }
        }
        let Some(end) = ends.get_mut(shortest) else { continue };
        let left = PAD + GAP + (WIDTH + GUTTER) * as_f64(shortest);
        places.push(Place { one, left, top: *end });
        *end += height(one) + GAP;
    }
    ends.into_iter().fold(top, f64::max) - GAP / 2.0
}

fn draw_box(place: &Place<'_>) -> String {
    let Place { one, left, top } = *place;
    let focus = if one.focus { " focus" } else { "" };
    let mut mark = format!(
        r#"<rect class="box{focus}" x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/><text class="strong" x="{tx}" y="{ty}">{title}</text>"#,
        x = at(left),
        y = at(top),
        w = at(WIDTH),
        h = at(place.height()),
        tx = at(left + 10.0),
        ty = at(top + 21.0),
        title = escape(&shortened(&one.title, 26)),
    );
    if !one.rows.is_empty() {
        let _ = write!(
            mark,
            r#"<line class="rule" x1="{}" x2="{}" y1="{y}" y2="{y}"/>"#,
            at(left),
            at(left + WIDTH),
            y = at(top + HEAD)
        );
    }
    for (index, row) in one.rows.iter().enumerate() {
        let y = at(top + HEAD + ROW * as_f64(index) + 16.0);
        let class = if row.required { r#" class="need""# } else { "" };
        let _ = write!(
            mark,
            r#"<text{class} x="{}" y="{y}">{}</text><text class="kind end" x="{}" y="{y}">{}</text>"#,
            at(left + 10.0),
            escape(&shortened(&row.title, 19)),
            at(left + WIDTH - 10.0),
            escape(&shortened(&row.kind, 13))
        );
    }
    if !one.more.is_empty() {
        let _ = write!(
            mark,
            r#"<text class="kind" x="{}" y="{}">{}</text>"#,
            at(left + 10.0),
            at(top + HEAD + ROW * as_f64(one.rows.len()) + 16.0),
            escape(&one.more)
        );
    }
    mark
}

fn draw_edge(edge: &EntityEdge, places: &[Place<'_>], marks: &mut String) {
    let find = |name: &str| places.iter().find(|place| place.one.name == name);
    let (Some(from), Some(to)) = (find(&edge.from), find(&edge.to)) else { return };
    // Several links to one entity arrive one below the other.
    let ways = 5;
    let nth = places.iter().position(|place| place.one.name == edge.from).unwrap_or(0) % ways;
    let y1 = from.row(&edge.field);
    let y2 = to.top + HEAD * (as_f64(nth) + 1.0) / as_f64(ways + 1);
    // To the side on which the other one stands; below one another, and to itself, round the right side.
    let (x1, x2, out, back) = if to.left > from.left {
        (from.left + WIDTH, to.left, 1.0, -1.0)
    } else if to.left < from.left {
        (from.left, to.left + WIDTH, -1.0, 1.0)
    } else {
        (from.left + WIDTH, to.left + WIDTH, 1.0, 1.0)
    };
    let reach = ((x2 - x1).abs() / 2.0).clamp(30.0, 90.0);
    let _ = write!(
        marks,
        r#"<g class="edge {class}"><title>{title}</title><path d="M{} {} C{} {} {} {} {} {}"/>"#,
        at(x1),
        at(y1),
        at(x1 + out * reach),
        at(y1),
        at(x2 + back * reach),
        at(y2),
        at(x2),
        at(y2),
        class = escape(&edge.on_delete),
        title = escape(&edge.title),
    );
    end(x1, y1, out, edge.many_from, marks);
    end(x2, y2, back, edge.many_to, marks);
    marks.push_str("</g>");
}

/// A foot for many, a bar for one; `out` says to which side the line leaves.
fn end(x: f64, y: f64, out: f64, many: bool, marks: &mut String) {
    let _ = if many {
        write!(
            marks,
            r#"<path d="M{} {} L{} {} L{} {}"/>"#,
            at(x),
            at(y - 5.0),
            at(x + out * 9.0),
            at(y),
            at(x),
            at(y + 5.0)
        )
    } else {
        write!(marks, r#"<path d="M{x} {} L{x} {}"/>"#, at(y - 5.0), at(y + 5.0), x = at(x + out * 6.0))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(count: usize, rows: usize) -> EntityDiagram {
        let row = |index: usize| EntityRow {
            name: format!("f{index}"),
            title: format!("Field <{index}>"),
            kind: "Text".into(),
            required: index == 0,
        };
        EntityDiagram {
            title: "All".into(),
            boxes: (0..count)
                .map(|index| EntityBox {
                    name: format!("e{index}"),
                    title: format!("Entity {index}"),
                    href: format!("/e{index}"),
                    group: format!("Group {}", index % 3),
                    rows: (0..rows).map(row).collect(),
                    ..EntityBox::default()
                })
                .collect(),
            edges: (1..count)
                .map(|index| EntityEdge {
                    from: format!("e{index}"),
                    field: "f1".into(),
                    to: format!("e{}", index / 2),
                    many_from: true,
                    on_delete: "restrict".into(),
                    title: "A & B".into(),
                    ..EntityEdge::default()
                })
                .collect(),
        }
    }

    #[test]
    fn no_box_lies_on_another() {
        for (count, rows) in [(1, 3), (9, 6), (100, 0), (100, 8)] {
            let diagram = sample(count, rows);
            let mut places = Vec::new();
            let mut top = 0.0;
            for (_, boxes) in groups(&diagram) {
                top = fill(&near(&boxes, &diagram.edges), columns(&diagram), top, &mut places) + GAP;
            }
            assert_eq!(places.len(), count);
            for (index, one) in places.iter().enumerate() {
                for other in places.iter().skip(index + 1) {
                    let beside = one.left + WIDTH <= other.left || other.left + WIDTH <= one.left;
                    let below = one.top + one.height() <= other.top || other.top + other.height() <= one.top;
                    assert!(beside || below, "{} on {}", one.one.name, other.one.name);
                }
            }
        }
    }

    #[test]
    fn each_box_is_a_link_and_each_known_edge_a_line() {
        let mut diagram = sample(9, 3);
        diagram.edges.push(EntityEdge { from: "e1".into(), to: "nowhere".into(), ..EntityEdge::default() });
        let html = entities(&diagram).0;
        assert_eq!(html.matches("<a href=").count(), 9);
        assert_eq!(html.matches("<g class=\"edge").count(), 8);
        assert!(html.contains("A &amp; B") && html.contains("Field &lt;1&gt;"));
        assert_eq!(entities(&EntityDiagram::default()).0, "");
    }
}
