//! The picture of entities and their links: all of them, or those around one.

use std::collections::BTreeMap;

use kontor_model::definition::DefinitionKind;
use kontor_model::definition::app::AppDefinition;
use kontor_model::definition::entity::arranged;
use kontor_model::{Json, definition};
use kontor_view::Html;
use kontor_view::chart::{EntityBox, EntityDiagram, EntityEdge, EntityRow, entities};
use kontor_view::page::admin::diagram::LinkLine;
use kontor_view::page::part::Link;

use super::relations::{Relation, all, cardinality, on_delete};
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, made_in, text};

/// Most fields that a box shows.
const ROWS: usize = 9;
/// From so many entities on, boxes have their names alone.
const MANY: usize = 24;
/// More entities than this are no picture any more: one is chosen then, and drawn with its neighbours.
pub const MOST: usize = 60;

/// What of the model is drawn.
pub struct Chosen<'j> {
    /// The entities, by name.
    pub names: Vec<&'j str>,
    /// The one in the middle; empty for all.
    pub around: &'j str,
    /// Whether boxes show their fields; `None` decides by their number.
    pub fields: Option<bool>,
}

/// The entities within so many links of one; all of them when there is no such entity.
pub fn within<'j>(draft: &'j Draft<'_>, around: &'j str, depth: usize) -> Chosen<'j> {
    let names: Vec<&str> = draft.all(DefinitionKind::Entity).into_iter().map(|(name, _)| name).collect();
    if !names.contains(&around) {
        return Chosen { names, around: "", fields: None };
    }
    let links = drawn(draft);
    let mut known = vec![around];
    for _ in 0..depth {
        let mut found: Vec<&str> = Vec::new();
        for link in &links {
            // Everybody is linked to people: following those links would bring in everything.
            let ends = link.to.iter().map(|to| (link.from, *to));
            for (from, to) in ends.filter(|(_, to)| depth < 2 || !matches!(*to, "user" | "team")) {
                if known.contains(&from) {
                    found.push(to);
                }
                if known.contains(&to) {
                    found.push(from);
                }
            }
        }
        for name in found {
            if !known.contains(&name) && names.contains(&name) {
                known.push(name);
            }
        }
    }
    Chosen { names: known, around, fields: None }
}

/// The entity that most others are linked with, people left aside.
pub fn busiest<'j>(draft: &'j Draft<'_>) -> &'j str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for link in drawn(draft) {
        for end in link.to.iter().copied().chain([link.from]).filter(|end| !matches!(*end, "user" | "team")) {
            *counts.entry(end).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or("", |(name, _)| name)
}

/// The links that are drawn: those to the people that every record has are left to the table.
fn drawn<'j>(draft: &'j Draft<'_>) -> Vec<Relation<'j>> {
    all(draft)
}

/// A small picture of an entity and its neighbours.
pub fn around(reading: &Reading<'_>, draft: &Draft<'_>, entity: &str, depth: usize) -> Html {
    let mut chosen = within(draft, entity, depth);
    chosen.fields = Some(false);
    draw(reading, draft, &chosen)
}

/// The picture.
pub fn draw(reading: &Reading<'_>, draft: &Draft<'_>, chosen: &Chosen<'_>) -> Html {
    let with_fields = chosen.fields.unwrap_or(chosen.names.len() <= MANY);
    let apps = apps(draft);
    let mut boxes: Vec<EntityBox> = chosen
        .names
        .iter()
        .filter_map(|name| Some((*name, draft.definition(DefinitionKind::Entity, name)?)))
        .map(|(name, json)| entity_box(reading, name, json, with_fields, &apps))
        .collect();
    for one in &mut boxes {
        one.focus = one.name == chosen.around;
        if !chosen.around.is_empty() {
            // Around one entity, nearness says more than where things come from.
            one.group = String::new();
        }
    }
    boxes.sort_by(|left, right| {
        (left.group.is_empty(), &left.group).cmp(&(right.group.is_empty(), &right.group))
    });
    let mut edges = Vec::new();
    for relation in drawn(draft) {
        for to in &relation.to {
            if chosen.names.contains(to) && chosen.names.contains(&relation.from) {
                edges.push(edge(reading, &relation, to));
            }
        }
    }
    entities(&EntityDiagram { title: reading.t("entities.diagram"), boxes, edges })
}

fn edge(reading: &Reading<'_>, relation: &Relation<'_>, to: &str) -> EntityEdge {
    let cardinality = cardinality(relation.facets);
    let is_person = matches!(to, "user" | "team");
    EntityEdge {
        from: relation.from.to_owned(),
        field: relation.field.to_owned(),
        to: to.to_owned(),
        many_from: matches!(cardinality, "many_one" | "many_many"),
        many_to: matches!(cardinality, "many_many" | "one_many"),
        on_delete: if is_person { "person".to_owned() } else { on_delete(relation.facets).to_owned() },
        title: format!("{}: {}", label(reading, relation), reading.t(&format!("relations.{cardinality}"))),
    }
}

fn label(reading: &Reading<'_>, relation: &Relation<'_>) -> String {
    let path = format!("properties.{}.title", relation.field);
    reading.label(DefinitionKind::Entity, relation.from, &path, text(relation.facets, "title"))
}

fn entity_box(
    reading: &Reading<'_>,
    name: &str,
    json: &Json,
    with_fields: bool,
    apps: &[AppDefinition],
) -> EntityBox {
    let required: Vec<&str> = json
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let mut fields = arranged(json);
    // Links are what the picture is about: they come first, then what is needed, in order.
    fields.sort_by_key(|(field, facets)| {
        (facets.get("to").is_none(), text(json, "display") != *field, !required.contains(field))
    });
    let left_out = fields.len().saturating_sub(ROWS);
    let rows = fields.into_iter().take(if with_fields { ROWS } else { 0 }).map(|(field, facets)| {
        let path = format!("properties.{field}.title");
        EntityRow {
            name: field.to_owned(),
            title: reading.label(DefinitionKind::Entity, name, &path, text(facets, "title")),
            kind: reading.kind_title(text(facets, "kind")),
            required: required.contains(&field),
        }
    });
    EntityBox {
        name: name.to_owned(),
        title: reading.definition_title(DefinitionKind::Entity, name, json),
        href: reading.admin_href(&format!("entities/{}", address::segment(name))),
        group: group(reading, name, apps),
        rows: rows.collect(),
        more: if with_fields && left_out > 0 {
            reading.words().count("diagram.more_fields", left_out)
        } else {
            String::new()
        },
        focus: false,
    }
}

fn apps(draft: &Draft<'_>) -> Vec<AppDefinition> {
    draft
        .all(DefinitionKind::App)
        .into_iter()
        .filter_map(|(_, json)| definition::read::<AppDefinition>(json).ok())
        .collect()
}

/// The frame of an entity: the group of the menu that shows it, else where it comes from.
fn group(reading: &Reading<'_>, name: &str, apps: &[AppDefinition]) -> String {
    let in_menu = apps.iter().find_map(|app| {
        let group = app
            .menu
            .iter()
            .find(|group| group.items.iter().any(|item| item.entity.as_deref() == Some(name)))?;
        let path = format!("menu.{}.title", group.name);
        Some(reading.label(DefinitionKind::App, &app.name, &path, &group.title))
    });
    in_menu.unwrap_or_else(|| {
        let from = made_in(reading, DefinitionKind::Entity, name);
        if from.is_empty() { reading.t("admin.layer_workspace") } else { from }
    })
}

/// The same as lines of a table.
pub fn lines(reading: &Reading<'_>, draft: &Draft<'_>, chosen: &Chosen<'_>) -> Vec<LinkLine> {
    let mut found = Vec::new();
    let title = |name: &str| {
        let title = draft.definition(DefinitionKind::Entity, name).map_or_else(
            || name.to_owned(),
            |json| reading.definition_title(DefinitionKind::Entity, name, json),
        );
        Link::new(reading.admin_href(&format!("entities/{}", address::segment(name))), title, "")
    };
    for relation in all(draft) {
        let is_seen = |name: &&str| chosen.names.contains(name);
        if !is_seen(&relation.from) || !relation.to.iter().any(is_seen) {
            continue;
        }
        let person = matches!(text(relation.facets, "kind"), "user" | "team");
        let back = relation.facets.get("back");
        let path = format!("properties.{}.back.title", relation.field);
        let field = address::segment(relation.field);
        let from = title(relation.from);
        found.push(LinkLine {
            field: Link::new(format!("{}/fields/{field}", from.href), label(reading, &relation), ""),
            from,
            to: relation.to.iter().map(|name| title(name)).collect(),
            cardinality: reading.t(&format!("relations.{}", cardinality(relation.facets))),
            on_delete: if person {
                String::new()
            } else {
                reading.t(&format!("field_editor.facet_on_delete_{}", on_delete(relation.facets)))
            },
            back: back
                .map(|back| reading.label(DefinitionKind::Entity, relation.from, &path, text(back, "title")))
                .unwrap_or_default(),
        });
    }
    found
}
