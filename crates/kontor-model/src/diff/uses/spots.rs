//! A walk over one definition that finds every place which names an entity, a field or an option: it knows in which
//! keys names, paths, formulas and texts with gaps stand, and whose fields they are.

use serde_json::Map;

use super::keys::{MEMBERS, NAMED, OF_VIEWS, OPERANDS, PATHS};
use crate::Json;
use crate::definition::DefinitionKind;
use crate::entity::EntityModel;
use crate::filter::{FieldPath, escape};
use crate::model::Model;

/// How a name stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The text is the name or path, perhaps behind a sign.
    Whole,
    /// The last part of the pointer is.
    Key,
    /// Words inside the text are.
    Words,
    /// Another name stands there that hangs on it, such as the name of a related list.
    Other,
}

/// What a place names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Entity(String),
    /// Entity and field.
    Field(String, String),
    /// Entity, field and option.
    Choice(String, String, String),
}

/// A place that names something.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) pointer: String,
    pub(super) shape: Shape,
    /// The entity at which paths begin.
    pub(super) entity: String,
    pub(super) meanings: Vec<Meaning>,
    /// The names with which paths begin there, each with its entity: of a text with gaps, and of a path or a formula that speaks
    /// of records that steps named.
    pub(super) roots: Vec<(String, String)>,
}

/// All places of a definition, outer ones first. The definition may be another one than the model holds under that
/// name: names are read as the model knows them.
pub(super) fn of<'m>(model: &'m Model, kind: DefinitionKind, name: &str, json: &'m Json) -> Vec<Spot> {
    if matches!(kind, DefinitionKind::Script | DefinitionKind::Locale) {
        return Vec::new();
    }
    let root = match kind {
        DefinitionKind::Entity => model.entity(name),
        DefinitionKind::Workflow => entity_at(model, json, "/on/entity"),
        _ => entity_at(model, json, "/entity"),
    };
    let record = root.map(AsRef::as_ref);
    let mut walk = Walk {
        model,
        kind,
        record,
        shown: if kind == DefinitionKind::Dashboard { shown(model, json) } else { Vec::new() },
        given: given_names(kind, json),
        results: Vec::new(),
        spots: Vec::new(),
    };
    walk.json(json, "", "", record);
    walk.options(json, record);
    walk.spots
}

fn entity_at<'m>(model: &'m Model, json: &Json, pointer: &str) -> Option<&'m std::sync::Arc<EntityModel>> {
    model.entity(json.pointer(pointer)?.as_str()?)
}

/// What a tile shows.
const SHOWN: [(&str, DefinitionKind); 3] =
    [("report", DefinitionKind::Report), ("metric", DefinitionKind::Metric), ("view", DefinitionKind::View)];

/// The entities whose records the tiles of a dashboard show: its filters speak of their fields.
fn shown<'m>(model: &'m Model, dashboard: &Json) -> Vec<&'m EntityModel> {
    let mut shown: Vec<&EntityModel> = Vec::new();
    for tile in dashboard.get("tiles").and_then(Json::as_array).into_iter().flatten() {
        for (key, kind) in SHOWN {
            let name = tile.get(key).and_then(Json::as_str);
            let definition = name.and_then(|name| model.definition(kind, name));
            let Some(entity) = definition.and_then(|json| entity_at(model, json, "/entity")) else {
                continue;
            };
            if !shown.iter().any(|known| known.name == entity.name) {
                shown.push(entity);
            }
        }
    }
    shown
}

pub(super) struct Walk<'m> {
    pub(super) model: &'m Model,
    kind: DefinitionKind,
    /// What the whole definition is about.
    record: Option<&'m EntityModel>,
    /// What the tiles of a dashboard are about.
    shown: Vec<&'m EntityModel>,
    /// The names that steps before this place gave to their records, with the entities of these.
    pub(super) results: Vec<(&'m str, &'m EntityModel)>,
    /// Names that a report gives to what it shows: they hide fields of the same name.
    given: Vec<&'m str>,
    pub(super) spots: Vec<Spot>,
}

/// What a report that is no list calls its rows, columns and measures; its order and its chart speak of these.
fn given_names(kind: DefinitionKind, json: &Json) -> Vec<&str> {
    let is_list = json.get("type").and_then(Json::as_str) == Some("list");
    if kind != DefinitionKind::Report || is_list {
        return Vec::new();
    }
    let parts = ["rows", "columns", "measures"].into_iter().filter_map(|part| json.get(part)?.as_array());
    let blocks = json.get("blocks").and_then(Json::as_array).into_iter().flatten();
    let of_blocks = blocks.filter_map(|block| block.get("measures")?.as_array());
    parts.chain(of_blocks).flatten().filter_map(|one| one.get("as")?.as_str()).collect()
}

impl<'m> Walk<'m> {
    pub(super) fn found(&mut self, pointer: &str, shape: Shape, entity: &str, meanings: Vec<Meaning>) {
        if !meanings.is_empty() {
            let (pointer, entity) = (pointer.to_owned(), entity.to_owned());
            self.spots.push(Spot { pointer, shape, entity, meanings, roots: Vec::new() });
        }
    }

    /// Walks a value; `key` is what it stands at, `entity` whose fields the names in it are.
    fn json(&mut self, json: &'m Json, pointer: &str, key: &str, entity: Option<&'m EntityModel>) {
        match json {
            Json::Object(object) => self.object(object, pointer, key, entity),
            Json::Array(list) => {
                // What a step names is known to those after it in its list, and inside it.
                let results = self.results.len();
                for (index, value) in list.iter().enumerate() {
                    self.json(value, &format!("{pointer}/{index}"), key, entity);
                }
                self.results.truncate(results);
            }
            Json::String(text) => self.text(text, pointer, key, entity),
            _ => {}
        }
    }

    fn object(
        &mut self,
        object: &'m Map<String, Json>,
        pointer: &str,
        key: &str,
        outside: Option<&'m EntityModel>,
    ) {
        let has_steps =
            matches!(self.kind, DefinitionKind::Workflow | DefinitionKind::Action | DefinitionKind::Process);
        // What a step gives to a report stands under the names of that report's parameters.
        let is_given = key == "parameters" && has_steps;
        if NAMED.contains(&key) || is_given {
            for (member, value) in object {
                self.json(value, &format!("{pointer}/{}", escape(member)), "", outside);
            }
            return;
        }
        let is_step = has_steps && object.contains_key("do");
        // A step, and a value that is a field, speak of the record that set it all going, wherever they stand.
        let is_value = has_steps && object.len() == 1 && object.contains_key("field");
        let inside = self.inside(object, if is_step || is_value { self.record.or(outside) } else { outside });
        if is_step {
            self.step(object, pointer, inside);
        }
        self.condition(object, pointer, inside);
        for (member, value) in object {
            let here = format!("{pointer}/{}", escape(member));
            if MEMBERS.contains(&key)
                && let Some(own) = inside
            {
                self.path(member, &here, Shape::Key, own);
                self.choice(own, member, value, &here);
            }
            // Rights are grouped by entity.
            if matches!(key, "entities" | "deny")
                && let Some(grouped) = self.model.entity(member)
            {
                let meaning = Meaning::Entity(member.clone());
                self.found(&here, Shape::Key, member, vec![meaning]);
                self.json(value, &here, "", Some(grouped));
                continue;
            }
            if MEMBERS.contains(&key) {
                // A value that is set comes from the record that set the workflow going.
                let context = if key == "values" { self.record.or(inside) } else { inside };
                self.json(value, &here, "", context);
                continue;
            }
            let context = match member.as_str() {
                "where" => self.related(object, inside),
                "columns" if object.contains_key("related") => self.listed(object, inside, "related"),
                "by" if self.kind == DefinitionKind::Form => self.charted(object).or(inside),
                _ => inside,
            };
            if matches!(member.as_str(), "has" | "has_no" | "related") {
                self.list_name(value, &here, inside);
            }
            self.json(value, &here, member, context);
        }
    }

    /// What is in a step beyond what stands in any condition: the field by which it chooses a way, with the options in
    /// its cases, and the name that it gives to a record.
    fn step(&mut self, step: &'m Map<String, Json>, pointer: &str, entity: Option<&'m EntityModel>) {
        let text = |key: &str| step.get(key).and_then(Json::as_str);
        if let (Some("switch"), Some(on)) = (text("do"), text("on")) {
            self.whole(on, &format!("{pointer}/on"), self.record);
            for (index, case) in step.get("cases").and_then(Json::as_array).into_iter().flatten().enumerate()
            {
                if let Some(is) = case.get("is") {
                    self.choice_of(self.record, on, is, &format!("{pointer}/cases/{index}/is"));
                }
            }
        }
        // What it becomes has names, each its own.
        if let (Some("convert"), Some(to)) = (text("do"), step.get("to").and_then(Json::as_array)) {
            for one in to {
                let entity = entity_at(self.model, one, "/entity").map(AsRef::as_ref);
                self.results.extend(one.get("as").and_then(Json::as_str).zip(entity));
            }
        }
        let named = match text("do") {
            // Its entity is the one of the list of the same name at the record.
            Some("task") => self.record.and_then(|record| {
                let list = record.activity_list()?;
                self.model.entity(&list.entity).map(AsRef::as_ref)
            }),
            // What people answer is no record, nor is a file.
            Some("ask" | "report" | "http") => None,
            _ => entity,
        };
        if let (Some(name), Some(entity)) = (text("as"), named) {
            self.results.push((name, entity));
        }
    }

    /// An object that names an entity speaks of that one from here on; a roll-up of the one whose records it counts.
    fn inside(
        &self,
        object: &Map<String, Json>,
        outside: Option<&'m EntityModel>,
    ) -> Option<&'m EntityModel> {
        let text = |key: &str| object.get(key).and_then(Json::as_str);
        let rows = (text("kind") == Some("rows")).then(|| text("to")).flatten();
        let rolled = text("of").map(|of| of.split('.').next().unwrap_or(of));
        let named = text("entity").or(rolled).or(rows).and_then(|name| self.model.entity(name));
        named.map(AsRef::as_ref).or(outside)
    }

    /// The condition of `has` speaks of the records that point here.
    fn related(
        &self,
        object: &Map<String, Json>,
        entity: Option<&'m EntityModel>,
    ) -> Option<&'m EntityModel> {
        let key = if object.contains_key("has_no") { "has_no" } else { "has" };
        if object.contains_key(key) { self.listed(object, entity, key) } else { entity }
    }

    fn listed(
        &self,
        object: &Map<String, Json>,
        entity: Option<&'m EntityModel>,
        key: &str,
    ) -> Option<&'m EntityModel> {
        let list = object.get(key).and_then(Json::as_str)?;
        let link = entity?.back_links.iter().find(|link| link.name == list)?;
        self.model.entity(&link.entity).map(AsRef::as_ref)
    }

    /// What leads from the records of a chart to the record is said of these.
    fn charted(&self, object: &Map<String, Json>) -> Option<&'m EntityModel> {
        let report = self.model.definition(DefinitionKind::Report, object.get("chart")?.as_str()?)?;
        entity_at(self.model, report, "/entity").map(AsRef::as_ref)
    }

    /// A related list hangs on the link that makes it.
    fn list_name(&mut self, value: &Json, pointer: &str, entity: Option<&'m EntityModel>) {
        let (Some(list), Some(entity)) = (value.as_str(), entity) else { return };
        let Some(link) = entity.back_links.iter().find(|link| link.name == list) else { return };
        let meanings = vec![
            Meaning::Field(link.entity.clone(), link.field.clone()),
            Meaning::Entity(link.entity.clone()),
        ];
        self.found(pointer, Shape::Other, &entity.name, meanings);
    }

    fn text(&mut self, text: &str, pointer: &str, key: &str, entity: Option<&'m EntityModel>) {
        let name = entity.map_or("", |entity| entity.name.as_str()).to_owned();
        let is_form = self.kind == DefinitionKind::Form;
        match key {
            _ if key == "suggest" && !is_form => {}
            "entity" | "to" | "suggest" => {
                if self.model.entity(text).is_some() {
                    self.found(pointer, Shape::Whole, &name, vec![Meaning::Entity(text.to_owned())]);
                }
                return;
            }
            "of" => return self.rolled(text, pointer),
            _ if self.kind == DefinitionKind::Entity && pointer.starts_with("/activity/") => {
                if let Some(entity) = entity {
                    self.path(text, pointer, Shape::Whole, entity);
                }
                return;
            }
            "formula" => return self.formula(text, pointer, entity),
            _ => {}
        }
        if text.contains("{{") {
            self.gaps(text, pointer, entity);
        } else if key == "user" {
            // An attribute of whoever acts.
            if let Some(user) = self.model.entity("user") {
                self.path(text, pointer, Shape::Whole, user);
            }
        } else if PATHS.contains(&key)
            || (key == "from" && is_form)
            || (key == "period" && self.kind == DefinitionKind::Dashboard)
            || (OF_VIEWS.contains(&key) && self.kind == DefinitionKind::View)
        {
            let path = text.trim_start_matches(['-', '@']);
            if matches!(key, "sort" | "x" | "y" | "stack") && self.given.contains(&path) {
                return;
            }
            let spots = self.spots.len();
            self.whole(path, pointer, entity);
            if self.spots.len() > spots {
                return;
            }
            // A step's condition may name a field of the record that set the workflow going; a dashboard's filter
            // names a field of whatever its tiles show.
            if let Some(record) = self
                .record
                .filter(|_| matches!(self.kind, DefinitionKind::Workflow | DefinitionKind::Process))
            {
                self.path(path, pointer, Shape::Whole, record);
            }
            for entity in self.shown.clone() {
                self.path(path, pointer, Shape::Whole, entity);
            }
        }
    }

    /// A text with gaps: paths that begin with the record, as it is and as it was, with who acts, or with a name that
    /// a step gave.
    fn gaps(&mut self, text: &str, pointer: &str, entity: Option<&'m EntityModel>) {
        let mut roots: Vec<(&str, &EntityModel)> = Vec::new();
        if let Some(record) = self.record.or(entity) {
            roots.extend([("record", record), ("old", record)]);
        }
        roots.extend(self.model.entity("user").map(|user| ("user", user.as_ref())));
        roots.extend(self.results.iter().rev().copied());
        let mut meanings = Vec::new();
        for path in gaps(text).iter().flat_map(|gap| super::rename::paths(gap)) {
            let Some((root, rest)) = path.split_once('.') else { continue };
            let Some((_, entity)) = roots.iter().find(|(name, _)| *name == root) else { continue };
            if let Ok(path) = FieldPath::parse(rest, entity, self.model) {
                meanings.extend(self.meanings(&path));
            }
        }
        let entity = self.record.or(entity).map_or("", |record| record.name.as_str());
        self.found(pointer, Shape::Words, entity, meanings);
        if let Some(spot) = self.spots.last_mut().filter(|spot| spot.pointer == pointer) {
            spot.roots =
                roots.iter().map(|(name, entity)| ((*name).to_owned(), entity.name.clone())).collect();
        }
    }

    /// A roll-up: the entity and its link that points here.
    fn rolled(&mut self, text: &str, pointer: &str) {
        let (name, path) = text.split_once('.').unwrap_or((text, ""));
        let Some(other) = self.model.entity(name) else { return };
        let mut meanings = vec![Meaning::Entity(name.to_owned())];
        if let Ok(path) = FieldPath::parse(path, other, self.model) {
            meanings.extend(self.meanings(&path));
        }
        self.found(pointer, Shape::Whole, name, meanings);
    }

    fn path(&mut self, text: &str, pointer: &str, shape: Shape, entity: &EntityModel) {
        let Ok(path) = FieldPath::parse(text, entity, self.model) else { return };
        let meanings = self.meanings(&path);
        self.found(pointer, shape, &entity.name, meanings);
    }

    /// The fields that a path goes through.
    pub(super) fn meanings(&self, path: &FieldPath) -> Vec<Meaning> {
        let field = |entity: &str, index: usize| {
            let field = self.model.entity(entity)?.fields.get(index)?;
            // A currency goes with its amount.
            let own = field.companion_of.and_then(|of| self.model.entity(entity)?.fields.get(of));
            let name = own.map_or(&field.name, |own| &own.name);
            (!field.system).then(|| Meaning::Field(entity.to_owned(), name.clone()))
        };
        let hops = path.hops.iter().filter_map(|hop| field(&hop.entity, hop.field));
        hops.chain(field(&path.entity, path.field)).collect()
    }

    /// `{ "field": "stage", "in": ["won"] }` names options.
    fn condition(&mut self, object: &Map<String, Json>, pointer: &str, entity: Option<&'m EntityModel>) {
        let Some(path) = object.get("field").and_then(Json::as_str) else { return };
        for operator in OPERANDS {
            if let Some(value) = object.get(operator) {
                self.choice_of(entity, path, value, &format!("{pointer}/{operator}"));
            }
        }
    }

    /// A value, or a list of values, of a field with options.
    fn choice(&mut self, entity: &EntityModel, path: &str, value: &Json, pointer: &str) {
        self.choice_of(Some(entity), path, value, pointer);
    }

    /// The same of a path that may begin with what a step named.
    fn choice_of(&mut self, entity: Option<&EntityModel>, path: &str, value: &Json, pointer: &str) {
        let Some((path, _)) = self.reached(path, entity) else { return };
        let Some(field) = path.resolve(self.model).filter(|field| !field.definition.one_of.is_empty()) else {
            return;
        };
        let option = |text: &str| Meaning::Choice(path.entity.clone(), field.name.clone(), text.to_owned());
        match value {
            Json::String(text) => self.found(pointer, Shape::Other, &path.entity, vec![option(text)]),
            Json::Array(list) => {
                for (index, text) in
                    list.iter().enumerate().filter_map(|(index, one)| Some((index, one.as_str()?)))
                {
                    let here = format!("{pointer}/{index}");
                    self.found(&here, Shape::Other, &path.entity, vec![option(text)]);
                }
            }
            _ => {}
        }
    }

    /// Options that stand in places of their own: the stages of a process, the stage of a trigger, defaults.
    fn options(&mut self, json: &Json, entity: Option<&'m EntityModel>) {
        let Some(entity) = entity else { return };
        match self.kind {
            DefinitionKind::Process => {
                let Some(field) = json.get("field").and_then(Json::as_str) else { return };
                for (index, stage) in
                    json.get("stages").and_then(Json::as_array).into_iter().flatten().enumerate()
                {
                    let autos = stage.get("auto").and_then(Json::as_array).into_iter().flatten();
                    for (part, to) in
                        autos.enumerate().filter_map(|(part, auto)| Some((part, auto.get("to")?)))
                    {
                        self.choice(entity, field, to, &format!("/stages/{index}/auto/{part}/to"));
                    }
                }
                for (list, keys) in [("stages", &["value"][..]), ("transitions", &["from", "to"])] {
                    for (index, one) in
                        json.get(list).and_then(Json::as_array).into_iter().flatten().enumerate()
                    {
                        for key in keys {
                            if let Some(value) = one.get(key) {
                                self.choice(entity, field, value, &format!("/{list}/{index}/{key}"));
                            }
                        }
                    }
                }
            }
            DefinitionKind::Workflow => {
                let Some(stage) = json.pointer("/on/stage") else { return };
                let written = json.pointer("/on/field").and_then(Json::as_str);
                let only = || {
                    let mut choices = entity.own_fields().filter(|field| field.kind.name() == "choice");
                    choices.next().map(|field| field.name.as_str())
                };
                if let Some(field) = written.or_else(only) {
                    self.choice(entity, field, stage, "/on/stage");
                }
            }
            DefinitionKind::Entity => {
                for (name, field) in json.get("properties").and_then(Json::as_object).into_iter().flatten() {
                    let at = format!("/properties/{}", escape(name));
                    if let Some(value) = field.get("default") {
                        self.choice(entity, name, value, &format!("{at}/default"));
                    }
                    for value in field.get("options_when").and_then(Json::as_object).into_iter().flatten() {
                        let here = format!("{at}/options_when/{}", escape(value.0));
                        self.choice(entity, name, &Json::String(value.0.clone()), &here);
                    }
                }
            }
            _ => {}
        }
    }
}

/// What stands between `{{` and `}}`.
fn gaps(text: &str) -> Vec<&str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(gap, _)| gap).collect()
}
