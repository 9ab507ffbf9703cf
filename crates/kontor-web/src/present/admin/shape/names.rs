//! What the names in a definition are names of, and what there is to choose from.

use kontor_core::saved;
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, FieldModel, Json, Model};
use kontor_view::field::OptionView;

use super::node::Node;
use crate::present::values::is_readable;
use crate::present::{Reading, filters};
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

    /// What there is to choose from; `None` where anything may be typed.
    pub fn options(&self, pointer: &str, named: &Named, chosen: &str) -> Option<Vec<OptionView>> {
        let mut found = match named {
            Named::Nothing | Named::Icon => return None,
            Named::Definition(kind) => self.definitions(*kind, pointer, chosen),
            Named::OptionOf(entity, field) => {
                let field = self.model.entity(entity)?.field(field)?;
                let mut options = Vec::new();
                if self.kind == DefinitionKind::Process && pointer.contains("/from") {
                    options.push(OptionView::new("*", self.reading.t("shape.every_stage"), chosen == "*"));
                }
                options.extend(field.definition.one_of.iter().map(|option| {
                    let label = field.option_label(&option.value, &self.reading.labels);
                    OptionView::new(option.value.clone(), label, option.value == chosen)
                }));
                options
            }
            Named::Measure(report) => {
                let json = self.draft.definition(DefinitionKind::Report, report)?;
                let measures = json.get("measures").and_then(Json::as_array).into_iter().flatten();
                measures
                    .filter_map(|one| {
                        let name = one.get("as").and_then(Json::as_str)?;
                        let own = one.get("title").and_then(Json::as_str).unwrap_or(name);
                        Some(OptionView::new(name, own, name == chosen))
                    })
                    .collect()
            }
            Named::Given { sign } => self.given(*sign, chosen),
            Named::Input => {
                let inputs = self.whole.get("inputs").and_then(Json::as_object).into_iter().flatten();
                inputs
                    .map(|(name, input)| {
                        let title = input.get("title").and_then(Json::as_str).unwrap_or(name);
                        OptionView::new(name.clone(), title, name == chosen)
                    })
                    .collect()
            }
            Named::Field { path, sign } => self.fields(pointer, *path, *sign, chosen)?,
        };
        // What is written stays among what can be chosen.
        if !chosen.is_empty() && !found.iter().any(|option| option.selected) {
            found.push(OptionView::new(chosen, chosen, true));
        }
        Some(found)
    }

    fn definitions(&self, kind: DefinitionKind, pointer: &str, chosen: &str) -> Vec<OptionView> {
        let mut found = Vec::new();
        if self.kind == DefinitionKind::Role
            && (pointer.starts_with("/entities") || pointer.starts_with("/deny"))
        {
            found.push(OptionView::new("*", self.reading.t("roles.every_entity"), chosen == "*"));
        }
        // A view of a menu is one of the entity beside it, when one is chosen.
        let about = match kind {
            DefinitionKind::View | DefinitionKind::Form | DefinitionKind::Process => self.neighbour(pointer),
            _ => String::new(),
        };
        for (name, json) in self.draft.all(kind) {
            if kind == DefinitionKind::Entity
                && self.model.entity(name).is_some_and(|one| one.implied.is_some())
            {
                continue;
            }
            if !about.is_empty() && text(json, "entity") != about {
                continue;
            }
            if !self.is_offered(kind, name) {
                continue;
            }
            found.push(OptionView::new(
                name,
                self.reading.definition_title(kind, name, json),
                name == chosen,
            ));
        }
        if kind == DefinitionKind::Entity {
            // Those that the program brings are in the model only.
            for entity in
                self.model.entities.values().filter(|one| one.is_built_in() && one.implied.is_none())
            {
                if !self.is_offered(kind, &entity.name) {
                    continue;
                }
                if !found.iter().any(|option| option.value == entity.name) {
                    let title = self.reading.title_of(entity);
                    found.push(OptionView::new(entity.name.clone(), title, entity.name == chosen));
                }
            }
        }
        found.sort_by(|left, right| left.title.cmp(&right.title));
        found
    }

    /// Whether the reader is told of a definition: who shapes the workspace of all, others of what they may read.
    fn is_offered(&self, kind: DefinitionKind, name: &str) -> bool {
        let session = self.reading.session;
        match kind {
            _ if self.reading.may_design() => true,
            DefinitionKind::Entity => session.entity(name).is_ok(),
            DefinitionKind::Report
            | DefinitionKind::Metric
            | DefinitionKind::Snapshot
            | DefinitionKind::View => saved::is_seen(session, kind, name),
            _ => false,
        }
    }

    fn neighbour(&self, pointer: &str) -> String {
        let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
        self.whole.pointer(above).map(|json| text(json, "entity").to_owned()).unwrap_or_default()
    }

    fn fields(&self, pointer: &str, path: bool, sign: bool, chosen: &str) -> Option<Vec<OptionView>> {
        let mut entities: Vec<&EntityModel> = self.subject(pointer).into_iter().collect();
        if self.kind == DefinitionKind::Dashboard {
            entities = self.shown();
        }
        if entities.is_empty() {
            return None;
        }
        let mut found: Vec<OptionView> = Vec::new();
        for entity in entities {
            for own in filters::fields(self.reading, entity, chosen) {
                // What cannot be sorted by is no order.
                if sign && entity.field(&own.value).is_none_or(|field| !field.may_order()) {
                    continue;
                }
                if !found.iter().any(|known| known.value == own.value) {
                    found.push(own);
                }
            }
            if path {
                self.behind(entity, sign, chosen, &mut found);
            }
        }
        if sign {
            self.add_descending(&mut found, chosen);
        }
        Some(found)
    }

    fn add_descending(&self, found: &mut Vec<OptionView>, chosen: &str) {
        let down = found.iter().map(|one| {
            let value = format!("-{}", one.value);
            let title = self.reading.words().with("shape.descending", &[("field", &one.title)]);
            OptionView::new(value.clone(), title, value == chosen)
        });
        let down: Vec<OptionView> = down.collect();
        found.extend(down);
    }

    /// What the report itself names: its rows, columns and measures.
    fn given(&self, sign: bool, chosen: &str) -> Vec<OptionView> {
        let entity = self.subject("/rows");
        let mut found = Vec::new();
        let parts = ["rows", "columns", "measures"].into_iter().filter_map(|part| self.whole.get(part));
        let blocks = self.whole.get("blocks").and_then(Json::as_array).into_iter().flatten();
        for part in parts.chain(blocks.filter_map(|block| block.get("measures"))) {
            for one in part.as_array().into_iter().flatten() {
                let own =
                    one.get("as").or_else(|| one.get("field")).and_then(Json::as_str).unwrap_or_default();
                let field = entity.and_then(|entity| entity.field(own));
                let title = match (one.get("title").and_then(Json::as_str), field) {
                    (Some(title), _) => title.to_owned(),
                    (None, Some(field)) => field.label(&self.reading.labels).to_owned(),
                    (None, None) => own.to_owned(),
                };
                if !own.is_empty() {
                    found.push(OptionView::new(own, title, own == chosen));
                }
            }
        }
        if sign {
            self.add_descending(&mut found, chosen);
        }
        found
    }

    /// The fields behind the links of an entity.
    fn behind(&self, entity: &EntityModel, sign: bool, chosen: &str, found: &mut Vec<OptionView>) {
        for link in entity.fields.iter().filter(|field| field.kind.is_link() && !field.kind.is_list()) {
            let is_way = !link.system || link.name == "owner";
            let [target] = link.targets.as_slice() else { continue };
            let Some(target) = self.model.entity(target).filter(|_| is_way) else { continue };
            let is_told = |entity: &EntityModel, field: &FieldModel| {
                self.reading.may_design() || is_readable(self.reading, entity, field)
            };
            if !is_told(entity, link) {
                continue;
            }
            let label = link.full_label(entity, &self.reading.labels);
            let fits = |field: &&FieldModel| field.companion_of.is_none() && (!sign || field.may_order());
            let fields = target.own_fields().filter(fits);
            for field in fields.filter(|field| is_told(target, field)) {
                let value = format!("{}.{}", link.name, field.name);
                let title = format!("{label} › {}", field.full_label(target, &self.reading.labels));
                if !found.iter().any(|known| known.value == value) {
                    let selected = value == chosen;
                    found.push(OptionView::new(value, title, selected));
                }
            }
        }
    }

    /// What the tiles of a dashboard show.
    fn shown(&self) -> Vec<&EntityModel> {
        let mut found: Vec<&EntityModel> = Vec::new();
        for tile in self.whole.get("tiles").and_then(Json::as_array).into_iter().flatten() {
            for (key, kind) in [
                ("report", DefinitionKind::Report),
                ("metric", DefinitionKind::Metric),
                ("view", DefinitionKind::View),
            ] {
                let definition = self.draft.definition(kind, text(tile, key));
                let entity = definition.and_then(|json| self.model.entity(text(json, "entity")));
                if let Some(entity) = entity
                    && !found.iter().any(|known| known.name == entity.name)
                {
                    found.push(entity);
                }
            }
        }
        found
    }

    /// What a name is called; the name itself where nothing is known of it.
    pub fn label(&self, pointer: &str, named: &Named, name: &str) -> String {
        let options = self.options(pointer, named, name).unwrap_or_default();
        options.into_iter().find(|option| option.selected).map_or_else(|| name.to_owned(), |one| one.title)
    }
}
