//! One entity as its definition stands in the draft: fields, what belongs to it, what happens on a save.

use kontor_core::definitions::mentions;
use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::arranged;
use kontor_model::diff::use_counts;
use kontor_model::entity::system;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::entity::{EntityTab, FieldLine, PartLine};
use kontor_view::page::part::{EntityHead, Link, Tab};

use super::field_sets::{self, SetList};
use super::items::{self, Part};
use super::said::Said;
use super::{relations, removed, save_steps, source};
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{self, Draft, text};

const TABS: [&str; 9] =
    ["fields", "relations", "forms", "views", "rules", "script", "save", "settings", "source"];

/// The head of the entity's pages.
pub fn head(reading: &Reading<'_>, name: &str, json: &Json) -> EntityHead {
    let label = |path: &str| reading.label(DefinitionKind::Entity, name, path, text(json, path));
    let title = label("title");
    let plural = label("plural");
    EntityHead {
        name: name.to_owned(),
        plural: if plural.is_empty() { title.clone() } else { plural },
        title,
        icon: text(json, "icon").to_owned(),
        description: label("description"),
    }
}

fn chosen(tab: &str) -> &'static str {
    TABS.into_iter().find(|known| *known == tab).unwrap_or("fields")
}

/// The tabs.
pub fn tabs(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    name: &str,
    json: &Json,
    tab: &str,
    base: &str,
) -> Vec<Tab> {
    let list = |key: &str| json.get(key).and_then(Json::as_array).map_or(0, Vec::len);
    TABS.into_iter()
        .map(|one| {
            let count = match one {
                "fields" => json.get("properties").and_then(Json::as_object).map_or(0, serde_json::Map::len),
                "forms" => parts_of(draft, DefinitionKind::Form, name).len(),
                "views" => parts_of(draft, DefinitionKind::View, name).len(),
                "rules" => ["rules", "duplicates", "record_types", "unique", "indexes"]
                    .iter()
                    .map(|key| list(key))
                    .sum(),
                "relations" => relations::count(draft, name),
                _ => 0,
            };
            Tab {
                href: if one == "fields" {
                    base.to_owned()
                } else {
                    address::with_query(base, [("tab", one)])
                },
                title: reading.t(&format!("entity.tab_{one}")),
                count: if count == 0 { String::new() } else { count.to_string() },
                current: one == chosen(tab),
            }
        })
        .collect()
}

/// What the present tab shows.
pub fn tab(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    name: &str,
    json: &Json,
    tab: &str,
    base: &str,
) -> EntityTab {
    let mut shown = EntityTab { name: chosen(tab).to_owned(), ..EntityTab::default() };
    let segment = address::segment(name);
    match chosen(tab) {
        "forms" => {
            shown.parts = parts(reading, draft, DefinitionKind::Form, name);
            let href =
                address::with_query(&reading.admin_href(&format!("forms/{segment}")), [("entity", name)]);
            if shown.parts.is_empty() {
                shown.new_part = Link::new(href, reading.t("entity.new_form"), "plus");
            }
        }
        "views" => {
            shown.parts = parts(reading, draft, DefinitionKind::View, name);
            let href = address::with_query(&reading.admin_href("views/new"), [("entity", name)]);
            shown.new_part = Link::new(href, reading.t("entity.new_view"), "plus");
        }
        "rules" => {
            shown.parts = rules(reading, draft, name, json, base);
            let new = |part: Part| {
                let href = format!("{base}/{}/new", part.path());
                Link::new(href, reading.t(&format!("item.new_{}", part.word())), "plus")
            };
            shown.new_part = new(Part::Rule);
            shown.more_parts = vec![new(Part::Duplicate), new(Part::RecordType)];
            shown.more_parts.extend(SetList::ALL.map(|list| {
                let href = format!("{base}/sets/{}/{}", list.key(), field_sets::NEW);
                Link::new(href, reading.t(&format!("field_set.new_{}", list.word())), "plus")
            }));
        }
        "script" => {
            let script = format!("entities/{name}");
            let href = reading.admin_href(&format!("scripts/{}", address::segments(&script)));
            if draft.definition(DefinitionKind::Script, &script).is_some() {
                shown.parts = vec![PartLine {
                    href,
                    title: script.clone(),
                    icon: "code".to_owned(),
                    note: String::new(),
                    layer: draft::layer(reading, DefinitionKind::Script, &script),
                    draft: draft.state(DefinitionKind::Script, &script),
                }];
            } else {
                shown.new_part = Link::new(href, reading.t("entity.new_script"), "plus");
            }
        }
        "save" => shown.steps = save_steps::steps(reading, draft, name, json, base),
        "source" => {
            let action = reading.admin_href(&format!("source/entity/{segment}"));
            shown.source = Some(source::editor(reading, name, json, action));
        }
        _ => shown.fields = fields(reading, draft, name, json, base),
    }
    shown
}

fn fields(reading: &Reading<'_>, draft: &Draft<'_>, name: &str, json: &Json, base: &str) -> Vec<FieldLine> {
    let published = reading
        .session
        .model
        .definition(DefinitionKind::Entity, name)
        .and_then(|json| json.get("properties"));
    let is_new_entity = draft.state(DefinitionKind::Entity, name) == DraftState::New;
    let required: Vec<&str> = json
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let counts = use_counts(&reading.session.model, name);
    let from =
        |field: &str| draft::layer_of(reading, DefinitionKind::Entity, name, &format!("/properties/{field}"));
    let all = arranged(json);
    let last = all.len().saturating_sub(1);
    let mut lines: Vec<FieldLine> = all
        .into_iter()
        .enumerate()
        .map(|(at, (field, facets))| {
            let before = published.and_then(|published| published.get(field));
            let used = counts.get(field).copied().unwrap_or(0);
            FieldLine {
                name: field.to_owned(),
                layer: from(field),
                move_action: format!("{base}/fields/{}/position", address::segment(field)),
                is_first: at == 0,
                is_last: at == last,
                label: reading.label(
                    DefinitionKind::Entity,
                    name,
                    &format!("properties.{field}.title"),
                    text(facets, "title"),
                ),
                kind: text(facets, "kind").to_owned(),
                facets: facets_text(reading, draft, facets),
                rule: rule_text(reading, facets, required.contains(&field)),
                used: if used == 0 { String::new() } else { used.to_string() },
                href: format!("{base}/fields/{}", address::segment(field)),
                take_back_action: String::new(),
                system: false,
                draft: match before {
                    _ if is_new_entity => DraftState::New,
                    None => DraftState::New,
                    Some(before) if before == facets => DraftState::Same,
                    Some(_) => DraftState::Changed,
                },
            }
        })
        .collect();
    removed::insert(reading, draft, (name, json), base, &mut lines);
    if let Some(entity) = reading.session.model.entity(name) {
        lines.extend(entity.fields.iter().take(system::COUNT).map(|field| FieldLine {
            name: field.name.clone(),
            label: field.label(&reading.labels).to_owned(),
            kind: field.kind.name().to_owned(),
            system: true,
            ..FieldLine::default()
        }));
    }
    lines
}

/// What the facets of a field say: "up to 200", "to Account", "7 options".
pub(super) fn facets_text(reading: &Reading<'_>, draft: &Draft<'_>, facets: &Json) -> String {
    let words = reading.words();
    if let Some(options) = facets.get("oneOf").and_then(Json::as_array) {
        return words.count("entity.option_count", options.len());
    }
    if let Some(limit) = facets.get("maxLength") {
        return words.with("entity.up_to", &[("limit", &limit.to_string())]);
    }
    if let Some(to) = facets.get("to").and_then(Json::as_str) {
        let title = draft
            .definition(DefinitionKind::Entity, to)
            .map_or_else(|| to.to_owned(), |json| reading.definition_title(DefinitionKind::Entity, to, json));
        return words.with("entity.to", &[("title", &title)]);
    }
    match facets.get("scale").and_then(Json::as_u64).and_then(|scale| usize::try_from(scale).ok()) {
        Some(scale) => words.count("entity.digits", scale),
        None => String::new(),
    }
}

fn rule_text(reading: &Reading<'_>, facets: &Json, is_required: bool) -> String {
    let mut rules = Vec::new();
    if is_required {
        rules.push(reading.t("entity.required"));
    }
    if facets.get("unique").and_then(Json::as_bool) == Some(true) {
        rules.push(reading.t("entity.unique"));
    }
    if ["formula", "rollup", "copy"].iter().any(|key| facets.get(*key).is_some()) {
        rules.push(reading.t("entity.calculated"));
    }
    if facets.get("write").and_then(Json::as_str).is_some_and(|write| write != "people") {
        rules.push(reading.t("entity.readonly"));
    }
    rules.join(", ")
}

/// The definitions of a kind that belong to an entity.
pub fn parts_of<'a>(draft: &'a Draft<'_>, kind: DefinitionKind, entity: &str) -> Vec<(&'a str, &'a Json)> {
    draft
        .all(kind)
        .into_iter()
        .filter(|(_, json)| {
            text(json, "entity") == entity
                || json.pointer("/on/entity").and_then(Json::as_str) == Some(entity)
        })
        .collect()
}

fn parts(reading: &Reading<'_>, draft: &Draft<'_>, kind: DefinitionKind, entity: &str) -> Vec<PartLine> {
    parts_of(draft, kind, entity)
        .into_iter()
        .map(|(name, json)| PartLine {
            href: designer_href(reading, kind, name),
            title: reading.definition_title(kind, name, json),
            icon: icon_of(kind).to_owned(),
            note: name.to_owned(),
            layer: draft::layer(reading, kind, name),
            draft: draft.state(kind, name),
        })
        .collect()
}

/// The page on which a definition is changed: its designer, or its source.
pub fn designer_href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    let path = address::segments(name);
    match kind {
        DefinitionKind::Entity => reading.admin_href(&format!("entities/{path}")),
        DefinitionKind::Form => reading.admin_href(&format!("forms/{path}")),
        DefinitionKind::View => reading.admin_href(&format!("views/{path}")),
        DefinitionKind::Script => reading.admin_href(&format!("scripts/{path}")),
        DefinitionKind::Workflow => reading.admin_href(&format!("workflows/{path}")),
        DefinitionKind::Role => reading.admin_href(&format!("roles/{path}")),
        DefinitionKind::Table => reading.admin_href(&format!("tables/{path}")),
        DefinitionKind::Locale => reading.admin_href(&format!("source/{kind}/{path}")),
        _ => reading.admin_href(&format!("edit/{kind}/{path}")),
    }
}

/// The icon of a kind of definition.
pub fn icon_of(kind: DefinitionKind) -> &'static str {
    match kind {
        DefinitionKind::Entity => "database",
        DefinitionKind::Form => "layout-panel-left",
        DefinitionKind::View => "table-2",
        DefinitionKind::Process => "list-checks",
        DefinitionKind::Workflow => "workflow",
        DefinitionKind::Report => "chart-column",
        DefinitionKind::Metric => "target",
        DefinitionKind::Snapshot => "calendar-clock",
        DefinitionKind::Dashboard => "chart-pie",
        DefinitionKind::Role => "shield-check",
        DefinitionKind::App => "menu",
        DefinitionKind::Script => "code",
        _ => "file-text",
    }
}

/// Rules, duplicate rules and record types, each leading to its page.
fn rules(reading: &Reading<'_>, draft: &Draft<'_>, name: &str, json: &Json, base: &str) -> Vec<PartLine> {
    let said = Said::new(reading, draft);
    let mut lines = Vec::new();
    for part in [Part::Rule, Part::Duplicate, Part::RecordType] {
        for item in items::list_of(json, part) {
            let icon = match part {
                Part::Rule if text(&item, "level") == "warn" => "triangle-alert",
                Part::Rule => "circle-alert",
                Part::Duplicate => "copy",
                Part::RecordType => "layers",
            };
            let note = match part {
                Part::Rule => item.get("when").map(|when| said.condition(name, when)).unwrap_or_default(),
                Part::Duplicate => {
                    let fields = item.get("match").and_then(Json::as_array).into_iter().flatten();
                    let names: Vec<&str> = fields.filter_map(Json::as_str).collect();
                    let then = Some(text(&item, "then")).filter(|then| !then.is_empty()).unwrap_or("warn");
                    format!("{} · {}", names.join(", "), reading.t(&format!("item.then_{then}")))
                }
                Part::RecordType => text(&item, "name").to_owned(),
            };
            lines.push(PartLine {
                href: format!("{base}/{}/{}", part.path(), address::segment(text(&item, "name"))),
                title: items::title_of(reading, name, part, &item),
                icon: icon.to_owned(),
                note: format!("{} · {note}", reading.t(&format!("item.{}", part.word()))),
                layer: String::new(),
                draft: DraftState::Same,
            });
        }
    }
    for list in SetList::ALL {
        for set in field_sets::all(json, list) {
            lines.push(PartLine {
                href: format!("{base}/sets/{}/{}", list.key(), address::segment(&set.join(","))),
                title: field_sets::title(reading, name, json, &set),
                icon: if list == SetList::Unique { "key-round" } else { "database" }.to_owned(),
                note: reading.t(&format!("field_set.{}_note", list.word())),
                layer: String::new(),
                draft: DraftState::Same,
            });
        }
    }
    lines
}

/// Where an entity or one of its fields is used: a line per definition that leads to its page, with the lines of scripts.
pub fn uses_links(reading: &Reading<'_>, entity: &str, field: Option<&str>) -> Vec<Link> {
    let mut found: Vec<(Link, Vec<String>)> = Vec::new();
    for one in mentions::all(&reading.session.model, entity, field) {
        if one.kind == DefinitionKind::Locale {
            continue;
        }
        let title = match reading.session.model.definition(one.kind, &one.name) {
            Some(json) if one.kind != DefinitionKind::Script => {
                reading.definition_title(one.kind, &one.name, json)
            }
            _ => one.name.clone(),
        };
        let head = format!("{} {title}", reading.t(&format!("definition.{}.one", one.kind)));
        let href = designer_href(reading, one.kind, &one.name);
        let place = one.line.map(|line| reading.words().with("source.line", &[("line", &line.to_string())]));
        match found.iter_mut().find(|(known, _)| known.href == href && known.title == head) {
            Some((_, places)) => places.extend(place),
            None => found.push((Link::new(href, head, icon_of(one.kind)), place.into_iter().collect())),
        }
    }
    found.into_iter().map(|(link, places)| Link { note: places.join(", "), ..link }).collect()
}

/// The same in sentences.
fn uses_text(reading: &Reading<'_>, entity: &str, field: Option<&str>) -> Vec<String> {
    let line = |link: Link| {
        if link.note.is_empty() { link.title } else { format!("{} · {}", link.title, link.note) }
    };
    uses_links(reading, entity, field).into_iter().map(line).collect()
}

/// What removing an entity or a field touches: its records first, then each definition that refers to it.
///
/// # Errors
/// When the database does not answer.
pub async fn removal_impacts(
    reading: &Reading<'_>,
    entity: &str,
    field: Option<&str>,
) -> kontor_core::Result<Vec<String>> {
    let words = reading.words();
    let rows = kontor_core::definitions::edit::held(reading.session, entity, field).await?;
    let key = if field.is_some() { "deletion.values" } else { "deletion.records" };
    let mut impacts = vec![words.count(key, usize::try_from(rows).unwrap_or(usize::MAX))];
    let uses = uses_text(reading, entity, field);
    impacts.extend(uses.into_iter().map(|one| words.with("deletion.uses", &[("use", &one)])));
    Ok(impacts)
}
