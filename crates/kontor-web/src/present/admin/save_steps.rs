//! What happens here: the ten steps of a save, each with what of it is defined for one entity, in the reader's words.

use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::arranged;
use kontor_model::{FieldKind, kind};
use kontor_view::page::admin::entity::SaveStep;
use kontor_view::page::part::Link;

use super::entity::{designer_href, icon_of, parts_of};
use super::said::Said;
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// How many steps a save has.
const STEPS: usize = 10;

struct Steps<'a> {
    reading: &'a Reading<'a>,
    draft: &'a Draft<'a>,
    said: Said<'a>,
    name: &'a str,
    json: &'a Json,
    base: &'a str,
}

/// The steps, in the order of execution.
pub fn steps<'a>(
    reading: &'a Reading<'a>,
    draft: &'a Draft<'a>,
    name: &'a str,
    json: &'a Json,
    base: &'a str,
) -> Vec<SaveStep> {
    let here = Steps { reading, draft, said: Said::new(reading, draft), name, json, base };
    (1..=STEPS)
        .map(|number| SaveStep {
            number: number.to_string(),
            title: reading.t(&format!("entity.save_step_{number}")),
            about: reading.t(&format!("entity.save_about_{number}")),
            parts: here.parts(number),
        })
        .collect()
}

impl Steps<'_> {
    fn parts(&self, number: usize) -> Vec<Link> {
        match number {
            2 => self.roles(),
            3 => self.written(),
            4 => self.defaults(),
            5 => self.script("before_save"),
            6 => self.calculated(),
            7 => {
                let mut found = self.rules();
                found.extend(self.conditions());
                found.extend(self.definitions(DefinitionKind::Process));
                found.extend(self.script("validate"));
                found
            }
            8 => self.committed(),
            10 => self.workflows(),
            _ => Vec::new(),
        }
    }

    fn fields(&self) -> Vec<(&str, &Json)> {
        arranged(self.json)
    }

    fn field_link(&self, field: &str, icon: &str, note: String) -> Link {
        let href = format!("{}/fields/{}", self.base, address::segment(field));
        Link { note, ..Link::new(href, self.said.field(self.name, field), icon) }
    }

    /// The roles that may write records here.
    fn roles(&self) -> Vec<Link> {
        let mut found = Vec::new();
        for (role, json) in self.draft.all(DefinitionKind::Role) {
            let entities = json.get("entities");
            let grant = entities.and_then(|all| all.get(self.name).or_else(|| all.get("*")));
            let verbs: Vec<String> = ["create", "update"]
                .into_iter()
                .filter_map(|verb| {
                    let scope = grant?.get(verb)?;
                    let shown = match scope {
                        Json::Bool(true) => String::new(),
                        Json::String(scope) if scope != "none" => {
                            let key = format!("roles.scope_{scope}");
                            let word = self.reading.words().has(&key);
                            if word { self.reading.t(&key) } else { scope.clone() }
                        }
                        Json::Object(_) => self.reading.t("said.where"),
                        _ => return None,
                    };
                    let verb = self.reading.t(&format!("verb.{verb}"));
                    Some(if shown.is_empty() { verb } else { format!("{verb}: {shown}") })
                })
                .collect();
            let is_all = json.get("entities").is_none() && json.get("admin").is_some();
            if !verbs.is_empty() || is_all {
                let title = self.reading.definition_title(DefinitionKind::Role, role, json);
                let href = designer_href(self.reading, DefinitionKind::Role, role);
                found.push(Link { note: verbs.join(", "), ..Link::new(href, title, "shield-check") });
            }
        }
        found
    }

    /// Fields that not everybody may write at any time.
    fn written(&self) -> Vec<Link> {
        let mut found = Vec::new();
        for (field, facets) in self.fields() {
            if let Some(who) = facets.get("write").and_then(Json::as_str).filter(|who| *who != "people") {
                found.push(self.field_link(field, "settings", self.reading.t(&format!("said.write_{who}"))));
            }
            if facets.get("set_once").and_then(Json::as_bool) == Some(true) {
                found.push(self.field_link(
                    field,
                    "key-round",
                    self.reading.t("field_editor.facet_set_once"),
                ));
            }
        }
        found
    }

    fn defaults(&self) -> Vec<Link> {
        let mut found = Vec::new();
        for (field, facets) in self.fields() {
            if let Some(default) = facets.get("default") {
                found.push(self.field_link(field, "pencil", self.said.value(self.name, field, default)));
            }
        }
        for (field, facets) in self.fields() {
            if let Some(copy) = facets.get("copy").and_then(Json::as_str) {
                let from = self.reading.words().with("said.copied", &[("field", copy)]);
                found.push(self.field_link(field, "copy", from));
            }
        }
        found
    }

    fn calculated(&self) -> Vec<Link> {
        let mut found = Vec::new();
        for (field, facets) in self.fields() {
            if let Some(formula) = facets.get("formula").and_then(Json::as_str) {
                found.push(self.field_link(field, "calculator", formula.to_owned()));
            }
            if let Some(rollup) = facets.get("rollup") {
                found.push(self.field_link(
                    field,
                    "calculator",
                    rollup_text(self.reading, self.draft, &self.said, rollup),
                ));
            }
        }
        found
    }

    fn rules(&self) -> Vec<Link> {
        let rules = self.json.get("rules").and_then(Json::as_array).into_iter().flatten();
        rules
            .map(|rule| {
                let own = text(rule, "name");
                let path = format!("rules.{own}.message");
                let message =
                    self.reading.label(DefinitionKind::Entity, self.name, &path, text(rule, "message"));
                let note = rule.get("when").map(|when| self.said.condition(self.name, when));
                let icon = if text(rule, "level") == "warn" { "triangle-alert" } else { "circle-alert" };
                let href = address::with_query(self.base, [("tab", "rules")]);
                Link { note: note.unwrap_or_default(), ..Link::new(href, message, icon) }
            })
            .collect()
    }

    fn conditions(&self) -> Vec<Link> {
        let mut found = Vec::new();
        for (field, facets) in self.fields() {
            for key in ["required_when", "visible_when", "readonly_when"] {
                if let Some(filter) = facets.get(key) {
                    let condition = self.said.condition(self.name, filter);
                    let note =
                        self.reading.words().with(&format!("said.{key}"), &[("condition", &condition)]);
                    found.push(self.field_link(field, "eye", note));
                }
            }
        }
        found
    }

    /// What the one transaction checks and draws.
    fn committed(&self) -> Vec<Link> {
        let mut found = Vec::new();
        for (field, facets) in self.fields() {
            if facets.get("unique").and_then(Json::as_bool) == Some(true) {
                found.push(self.field_link(field, "key-round", self.reading.t("entity.unique")));
            }
            if kind::find(text(facets, "kind")).is_some_and(FieldKind::is_drawn) {
                found.push(self.field_link(field, "hash", text(facets, "pattern").to_owned()));
            }
        }
        let sets = self.json.get("unique").and_then(Json::as_array).into_iter().flatten();
        for set in sets.filter_map(Json::as_array) {
            let fields: Vec<String> =
                set.iter().filter_map(Json::as_str).map(|one| self.said.field(self.name, one)).collect();
            let title = fields.join(" + ");
            found.push(Link {
                note: self.reading.t("entity.unique"),
                ..Link::new(address::with_query(self.base, [("tab", "source")]), title, "key-round")
            });
        }
        for (other, json) in self.draft.all(DefinitionKind::Entity) {
            for (field, facets) in arranged(json) {
                let of = facets.get("rollup").map(|rollup| text(rollup, "of")).unwrap_or_default();
                if of.split('.').next() == Some(self.name) && other != self.name {
                    let title = self.said.field(other, field);
                    let owner = self.reading.definition_title(DefinitionKind::Entity, other, json);
                    let href = self.reading.admin_href(&format!(
                        "entities/{}/fields/{}",
                        address::segment(other),
                        address::segment(field)
                    ));
                    let note = self.reading.words().with("said.recomputed", &[("entity", &owner)]);
                    found.push(Link { note, ..Link::new(href, title, "calculator") });
                }
            }
        }
        found
    }

    fn definitions(&self, kind: DefinitionKind) -> Vec<Link> {
        parts_of(self.draft, kind, self.name)
            .into_iter()
            .map(|(own, json)| {
                let title = self.reading.definition_title(kind, own, json);
                Link::new(designer_href(self.reading, kind, own), title, icon_of(kind))
            })
            .collect()
    }

    fn workflows(&self) -> Vec<Link> {
        parts_of(self.draft, DefinitionKind::Workflow, self.name)
            .into_iter()
            .map(|(own, json)| {
                let title = self.reading.definition_title(DefinitionKind::Workflow, own, json);
                let event = json.pointer("/on/event").and_then(Json::as_str).unwrap_or_default();
                let key = format!("trigger.{event}");
                let mut note =
                    if self.reading.words().has(&key) { self.reading.t(&key) } else { event.to_owned() };
                if let Some(when) = json.get("when") {
                    note.push_str(&self.reading.t("said.comma"));
                    note.push_str(&self.said.condition(self.name, when));
                }
                let href = designer_href(self.reading, DefinitionKind::Workflow, own);
                Link { note, ..Link::new(href, title, "workflow") }
            })
            .collect()
    }

    /// The hook of that name in the entity's script, with its line.
    fn script(&self, hook: &str) -> Vec<Link> {
        let Some(entity) = self.reading.session.model.entity(self.name) else { return Vec::new() };
        let script = format!("scripts/entities/{}", address::segment(self.name));
        let href = self.reading.admin_href(&script);
        let functions = self.reading.session.workspace.scripts(&self.reading.session.model, entity);
        functions
            .functions
            .iter()
            .filter(|one| one.name == hook)
            .map(|one| Link {
                note: self.reading.words().with("source.line", &[("line", &one.line.to_string())]),
                ..Link::new(href.clone(), one.name.clone(), "code")
            })
            .collect()
    }
}

/// A roll-up in words: "number of Activities", "sum of Amount of Deals".
pub(super) fn rollup_text(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    said: &Said<'_>,
    rollup: &Json,
) -> String {
    let of = text(rollup, "of");
    let other = of.split('.').next().unwrap_or_default();
    let plural = draft.definition(DefinitionKind::Entity, other).map_or_else(
        || other.to_owned(),
        |json| {
            let own = json.get("plural").and_then(Json::as_str).unwrap_or_else(|| text(json, "title"));
            reading.label(DefinitionKind::Entity, other, "plural", own)
        },
    );
    let found = ["sum", "avg", "min", "max", "first", "last", "list", "count_distinct"]
        .into_iter()
        .find_map(|function| Some((function, rollup.get(function)?.as_str()?)));
    let mut told = match found {
        Some((function, field)) => reading.words().with(
            &format!("said.rollup_{function}"),
            &[("field", &said.field(other, field)), ("records", &plural)],
        ),
        None => reading.words().with("said.rollup_count", &[("records", &plural)]),
    };
    if let Some(filter) = rollup.get("where") {
        told.push_str(&reading.t("said.comma"));
        told.push_str(&said.condition(other, filter));
    }
    told
}
