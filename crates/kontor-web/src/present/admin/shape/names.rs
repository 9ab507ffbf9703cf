//! What the names in a definition are names of.

use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Model};

use super::node::Node;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A definition of a kind; of entities also `*` where that is allowed.
    Definition(DefinitionKind),
    /// A field of an entity: whether a path may follow links, and whether a minus may stand before it.
    Field { path: bool, sign: bool },
    /// An option of a field.
    OptionOf(String, String),
    /// A measure of a report.
    Measure(String),
    /// A row, column or measure of the report itself: whether a minus may stand before it.
    Given { sign: bool },
    /// An icon.
    Icon,
    /// An input of the action itself.
    Input,
    /// No name of something.
    Nothing,
}

/// Keys below which names of fields stand.
const FIELDS: [&str; 24] = [
    "field",
    "fields",
    "columns",
    "card",
    "facts",
    "by",
    "sort",
    "sum",
    "avg",
    "min",
    "max",
    "median",
    "count_distinct",
    "required",
    "require_enter",
    "require_leave",
    "start",
    "end",
    "guarded",
    "on",
    "totals",
    "values",
    "at",
    "from_field",
];

/// Keys that name a definition.
const DEFINITIONS: [(&str, DefinitionKind); 17] = [
    ("entity", DefinitionKind::Entity),
    ("entities", DefinitionKind::Entity),
    ("role", DefinitionKind::Role),
    ("roles", DefinitionKind::Role),
    ("view", DefinitionKind::View),
    ("report", DefinitionKind::Report),
    ("metric", DefinitionKind::Metric),
    ("snapshot", DefinitionKind::Snapshot),
    ("dashboard", DefinitionKind::Dashboard),
    ("form", DefinitionKind::Form),
    ("process", DefinitionKind::Process),
    ("table", DefinitionKind::Table),
    ("workflow", DefinitionKind::Workflow),
    ("approval", DefinitionKind::Approval),
    ("action", DefinitionKind::Action),
    ("setting", DefinitionKind::Setting),
    ("app", DefinitionKind::App),
];

/// What is known while names are looked up.
pub struct Known<'a> {
    /// The reader.
    pub reading: &'a Reading<'a>,
    /// The definitions as they would be.
    pub draft: &'a Draft<'a>,
    /// The model as it would be.
    pub model: &'a Model,
    /// The kind of the definition.
    pub kind: DefinitionKind,
    /// The definition as the page shows it.
    pub whole: &'a Json,
}

impl Known<'_> {
    /// What the name at a pointer stands for.
    pub fn named(&self, pointer: &str, node: &Node<'_>) -> Named {
        let parts: Vec<&str> = pointer.rsplit('/').collect();
        let is_item = parts.first().is_some_and(|part| part.parse::<usize>().is_ok());
        let key = parts.get(usize::from(is_item)).copied().unwrap_or_default();
        let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
        let here = |key: &str| self.whole.pointer(above).map_or("", |json| text(json, key));
        let pattern = node.keyword("pattern").and_then(Json::as_str).unwrap_or_default();
        let is_name =
            pattern.starts_with("^[a-z]") || pattern.starts_with("^-?[a-z]") || pattern.starts_with("^(");
        if key == "icon" {
            return Named::Icon;
        }
        if let Some(stages) = self.option(pointer, key, is_item) {
            return stages;
        }
        if key == "measure" && !here("report").is_empty() {
            return Named::Measure(here("report").to_owned());
        }
        let is_list = text(self.whole, "type") == "list";
        if self.kind == DefinitionKind::Report && !is_list && matches!(key, "sort" | "x" | "y" | "stack") {
            return Named::Given { sign: key == "sort" };
        }
        if !is_name {
            return Named::Nothing;
        }
        if key == "required" && self.kind == DefinitionKind::Action {
            return Named::Input;
        }
        if key == "color" && self.kind == DefinitionKind::View {
            return Named::Field { path: false, sign: false };
        }
        if let Some((_, kind)) = DEFINITIONS.iter().find(|(known, _)| *known == key) {
            return Named::Definition(*kind);
        }
        if key == "do" || (key == "on" && self.kind != DefinitionKind::Workflow) || !FIELDS.contains(&key) {
            return Named::Nothing;
        }
        Named::Field { path: pattern.contains("\\."), sign: pattern.starts_with("^-?") }
    }

    /// The same for the keys of a map.
    pub fn keys(&self, pointer: &str) -> Named {
        let key = pointer.rsplit('/').next().unwrap_or_default();
        match (self.kind, key) {
            (DefinitionKind::Role, "entities" | "deny") => Named::Definition(DefinitionKind::Entity),
            (_, "totals" | "values" | "fields" | "preset") => {
                Named::Field { path: key == "totals", sign: false }
            }
            _ => Named::Nothing,
        }
    }

    /// Stages of a process, and what a switch and a trigger ask for.
    fn option(&self, pointer: &str, key: &str, is_item: bool) -> Option<Named> {
        // Steps that run on entering speak of other things.
        if pointer.contains("/on_enter/") && key != "is" {
            return None;
        }
        let field = match (self.kind, key) {
            (DefinitionKind::Process, "value" | "to" | "from") => text(self.whole, "field"),
            (DefinitionKind::Workflow, "stage") => {
                self.whole.pointer("/on").map(|on| text(on, "field")).unwrap_or_default()
            }
            (_, "is") => {
                let up = if is_item { 4 } else { 3 };
                let switch = pointer.rsplitn(up + 1, '/').last().unwrap_or_default();
                self.whole.pointer(switch).map(|step| text(step, "on")).unwrap_or_default()
            }
            _ => return None,
        };
        let entity = self.entity(pointer)?;
        let found = self.model.entity(&entity)?.field(field)?;
        if found.definition.one_of.is_empty() {
            None
        } else {
            Some(Named::OptionOf(entity, field.to_owned()))
        }
    }

    /// The entity whose fields the names at a pointer are.
    pub fn entity(&self, pointer: &str) -> Option<String> {
        let mut here = pointer;
        while let Some((above, key)) = here.rsplit_once('/') {
            if self.kind == DefinitionKind::Role && matches!(above, "/entities" | "/deny") {
                return Some(key.to_owned());
            }
            // The key itself names an entity, its neighbours are about that.
            let is_own = key == "entity";
            let named = self.whole.pointer(above).map(|json| text(json, "entity")).unwrap_or_default();
            if !named.is_empty() && !is_own && self.whole.pointer(above).is_some() {
                return Some(named.to_owned());
            }
            here = above;
        }
        if self.kind == DefinitionKind::Approval {
            return self.approved();
        }
        let on = self.whole.pointer("/on/entity").and_then(Json::as_str);
        on.map(str::to_owned)
    }

    /// The entity whose changes and moves the approval is asked for, when it is one.
    fn approved(&self) -> Option<String> {
        let own = Some(text(self.whole, "name")).filter(|own| !own.is_empty())?;
        let names = |json: &Json, list: &str| {
            let items = json.get(list).and_then(Json::as_array).into_iter().flatten();
            items.into_iter().any(|item| text(item, "approval") == own)
        };
        let guarded = self.draft.all(DefinitionKind::Entity).into_iter();
        let guarded = guarded.filter(|(_, json)| names(json, "guarded")).map(|(entity, _)| entity);
        let moved = self.draft.all(DefinitionKind::Process).into_iter();
        let moved =
            moved.filter(|(_, json)| names(json, "transitions")).map(|(_, json)| text(json, "entity"));
        let mut found: Vec<&str> = guarded.chain(moved).collect();
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [one] => Some((*one).to_owned()),
            _ => None,
        }
    }

    /// The same as it stands in the model.
    pub fn subject(&self, pointer: &str) -> Option<&EntityModel> {
        self.model.entity(&self.entity(pointer)?).map(AsRef::as_ref)
    }
}
