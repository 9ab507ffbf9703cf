//! Where a value of a step comes from, and what it is when the step runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kontor_model::filter::{FieldPath, FilterContext, Offset, Subject};
use kontor_model::formula::{Formula, Type};
use kontor_model::inputs::is_made;
use kontor_model::kind::{ParseContext, rounded};
use kontor_model::locale::Catalogue;
use kontor_model::{EntityModel, FieldModel, Json, Model, Problem, Problems, Value};
use serde_json::json;

use crate::Template;
use crate::hanging::OF_TEXTS;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueSource {
    /// The value itself in JSON form; `null` empties the field.
    Literal(Json),
    /// A field of the record that started the workflow.
    Field(FieldPath),
    /// That record itself, for a link that points at it.
    Record,
    /// A record that an earlier step named, for a link.
    Named(String),
    /// A field of such a record.
    NamedField(String, FieldPath),
    /// A formula over the record.
    Formula(Formula),
    /// The present moment, moved.
    Now(Offset),
    /// A field of the acting user: the path as written, and resolved.
    User(String, FieldPath),
    /// A text with gaps.
    Text(Template),
}

/// What the job runner knows while a step runs.
pub trait Scope {
    /// The record that started the workflow, as it is now; `old` is as it was before the save.
    fn record(&self) -> &dyn Subject;

    /// A record that an earlier step named.
    fn named(&self, name: &str) -> Option<&dyn Subject>;

    /// Its entity and id.
    fn named_id(&self, name: &str) -> Option<(String, uuid::Uuid)>;

    /// The entity and id of the record that started the workflow.
    fn record_id(&self) -> (String, uuid::Uuid);

    /// The moment, the zone and the acting user.
    fn context(&self) -> &FilterContext;
}

/// What is known where a step stands: the names that earlier steps gave, with their entities.
#[derive(Clone)]
pub(crate) struct Names<'m> {
    /// The name of the workflow.
    pub(crate) workflow: &'m str,
    /// The model as it is, with nothing that hangs on its records.
    pub(crate) plain: &'m Model,
    /// The model in which records have ways to what hangs on them.
    pub(crate) model: &'m Model,
    /// The entity of the record that sets it all going, in that model.
    pub(crate) entity: Option<&'m EntityModel>,
    pub(crate) known: BTreeMap<String, String>,
    /// Whether the record lies in the bin when the steps run: nothing of it can be changed, and nothing linked to it.
    pub(crate) in_bin: bool,
    /// What hangs on the record beside its fields: inputs, and the answers that earlier steps got.
    pub(crate) hanging: BTreeSet<String>,
    /// Whether `entity` only carries what hangs on it.
    pub(crate) without_record: bool,
}

impl<'m> Names<'m> {
    /// The entity of the record that set it all going; none where there is no record.
    pub(crate) fn record(&self) -> Option<&EntityModel> {
        self.entity.filter(|_| !self.without_record)
    }

    /// The fields of what hangs on the record under a name, whether it is known here or only to steps behind.
    pub(crate) fn way(&self, name: &str) -> Option<&'m Arc<EntityModel>> {
        let way = self.entity?.field(name)?;
        let target = way.targets.iter().find(|target| is_made(target))?;
        self.model.entity(target)
    }

    /// Whether a record that a step names cannot be called so: it would be taken for something else.
    pub(crate) fn is_taken(&self, name: &str) -> bool {
        OF_TEXTS.contains(&name) || self.way(name).is_some() || self.known.contains_key(name)
    }

    /// What a path leads to must be there: a record's own field, or what hangs on it by now.
    pub(crate) fn check(&self, path: &str) -> Result<(), Problem> {
        let name = path.split('.').next().unwrap_or_default();
        let is_there = match self.way(name) {
            Some(_) => self.hanging.contains(name),
            None => !self.without_record,
        };
        let unknown = || Problem::new("unknown_field", "").with("field", path);
        if is_there { Ok(()) } else { Err(unknown()) }
    }
}

impl ValueSource {
    /// Reads a value. `target` is the field that takes it; without one, any type will do. Problems are at the root.
    pub(crate) fn read(
        json: &Json,
        target: Option<&FieldModel>,
        names: &Names<'_>,
    ) -> Result<Self, Problems> {
        match json {
            Json::Object(object) => {
                let mut members = object.iter();
                match (members.next(), members.next()) {
                    (Some((key, value)), None) => computed(key, value, json, target, names),
                    _ => literal(json, target),
                }
            }
            Json::String(text) if Template::is_one(text) => {
                let read = Template::read(text, names)?;
                // A gap alone is the value itself where the field takes it, and no text that is read again.
                let typed = target.filter(|field| field.kind.formula_type() != Type::Text);
                let alone = typed.and_then(|field| alone(text, field, names));
                Ok(alone.unwrap_or(Self::Text(read)))
            }
            _ => literal(json, target),
        }
    }

    /// The value in the JSON form of the field that takes it; `null` is empty.
    pub fn resolve(&self, target: Option<&FieldModel>, scope: &dyn Scope, model: &Model) -> Json {
        match self {
            Self::Literal(json) => json.clone(),
            Self::Record => {
                let (entity, id) = scope.record_id();
                link(&entity, id, target)
            }
            Self::Named(name) => {
                scope.named_id(name).map_or(Json::Null, |(entity, id)| link(&entity, id, target))
            }
            Self::Field(path) => in_form(&scope.record().value(path), path.resolve(model), target, scope),
            Self::NamedField(name, path) => {
                let value = scope.named(name).map_or(Value::Empty, |record| record.value(path));
                in_form(&value, path.resolve(model), target, scope)
            }
            Self::User(name, path) => {
                in_form(&scope.context().attribute(name), path.resolve(model), target, scope)
            }
            Self::Formula(formula) => {
                let value = match target {
                    // Whoever saves it says what of it does not fit.
                    Some(field) => rounded(field, formula.evaluate(scope.record(), scope.context())),
                    None => formula.evaluate(scope.record(), scope.context()),
                };
                in_form(&value, target, target, scope)
            }
            Self::Now(offset) => {
                let context = scope.context();
                let moment = offset.apply(context.now, context.zone, &context.working);
                in_form(&Value::DateTime(moment), None, target, scope)
            }
            Self::Text(template) => Json::String(template.render(scope, model)),
        }
    }

    /// The moment that the value is, for a wait; `None` when it is empty or no time.
    pub fn moment(&self, scope: &dyn Scope, model: &Model) -> Option<chrono::DateTime<chrono::Utc>> {
        let context = scope.context();
        let midnight = |day: chrono::NaiveDate| kontor_model::filter::day_start(day, context.zone);
        let value = match self {
            Self::Field(path) => scope.record().value(path),
            Self::NamedField(name, path) => {
                scope.named(name).map_or(Value::Empty, |record| record.value(path))
            }
            Self::Formula(formula) => formula.evaluate(scope.record(), context),
            other => {
                let json = other.resolve(None, scope, model);
                let text = json.as_str()?;
                if let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) {
                    return Some(moment.to_utc());
                }
                return text.parse().ok().map(midnight);
            }
        };
        match value {
            Value::DateTime(moment) => Some(moment),
            Value::Date(day) => Some(midnight(day)),
            _ => None,
        }
    }
}

/// `{ "field": … }` and its kin; any other object is a literal.
fn computed(
    key: &str,
    value: &Json,
    whole: &Json,
    target: Option<&FieldModel>,
    names: &Names<'_>,
) -> Result<ValueSource, Problems> {
    let at = |problem: Problem| Problems::from(problem.under(&format!("/{key}")));
    let Some(text) = value.as_str().filter(|_| matches!(key, "field" | "formula" | "now" | "user")) else {
        return literal(whole, target);
    };
    match key {
        "field" => field(text, target, names).map_err(at),
        "formula" => {
            let entity = names.entity.ok_or_else(|| at(Problem::new("no_record", "")))?;
            let formula = Formula::parse(text, entity, names.model).map_err(|problems| {
                let mut under = Problems::new();
                under.extend_under("/formula", problems);
                under
            })?;
            check_type(formula.result, target).map_err(at)?;
            Ok(ValueSource::Formula(formula))
        }
        "now" => {
            let offset = Offset::parse(text)
                .ok_or_else(|| at(Problem::new("not_a_duration", "").with("value", text)))?;
            check_type(Type::DateTime, target).map_err(at)?;
            Ok(ValueSource::Now(offset))
        }
        _ => {
            let user = names
                .model
                .entity("user")
                .ok_or_else(|| at(Problem::new("unknown_entity", "").with("entity", "user")))?;
            let path = FieldPath::parse(text, user, names.model).map_err(at)?;
            if let Some(from) = path.resolve(names.model) {
                check_fields(from, text == "id", "user", target).map_err(at)?;
            }
            Ok(ValueSource::User(text.to_owned(), path))
        }
    }
}

fn field(text: &str, target: Option<&FieldModel>, names: &Names<'_>) -> Result<ValueSource, Problem> {
    let own = names
        .entity
        .map(|entity| (entity, names.check(text).and_then(|()| FieldPath::parse(text, entity, names.model))));
    match own {
        Some((entity, Ok(path))) => {
            let Some(from) = path.resolve(names.model) else { return Ok(ValueSource::Field(path)) };
            let is_record = path.is_own() && from.name == "id";
            check_list(from, path.is_own(), target)?;
            check_fields(from, is_record, &entity.name, target)?;
            let links = target.is_some_and(|target| target.kind.is_link());
            Ok(if is_record && links { ValueSource::Record } else { ValueSource::Field(path) })
        }
        other => {
            let missing = Problem::new("unknown_field", "").with("field", text);
            let unknown = other.and_then(|(_, path)| path.err()).unwrap_or(missing);
            let (name, rest) = text.split_once('.').map_or((text, None), |(name, rest)| (name, Some(rest)));
            let Some(entity) = names.known.get(name) else { return Err(unknown) };
            let Some(rest) = rest else {
                check_points(entity, target)?;
                return Ok(ValueSource::Named(text.to_owned()));
            };
            let entity = names.model.entity(entity).ok_or(unknown)?;
            let path = FieldPath::parse(rest, entity, names.model)?;
            if let Some(from) = path.resolve(names.model) {
                check_fields(from, path.is_own() && from.name == "id", &entity.name, target)?;
                check_list(from, false, target)?;
            }
            Ok(ValueSource::NamedField(name.to_owned(), path))
        }
    }
}

/// The value that a text is which is one gap and nothing else; `None` where the field does not take it as it is.
fn alone(text: &str, target: &FieldModel, names: &Names<'_>) -> Option<ValueSource> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    if inside == "now" {
        check_type(Type::DateTime, Some(target)).ok()?;
        return Some(ValueSource::Now(Offset::parse("0d")?));
    }
    if let Some(name) = inside.strip_prefix("user.") {
        return computed("user", &Json::String(name.to_owned()), &Json::Null, Some(target), names).ok();
    }
    let path = inside.strip_prefix("record.").unwrap_or(inside);
    let is_other = inside.starts_with("old.") || inside.contains("{{");
    if is_other { None } else { field(path, Some(target), names).ok() }
}

/// Lists come from lists of the same records alone, and from the record itself; nothing else takes them.
fn check_list(from: &FieldModel, is_own: bool, target: Option<&FieldModel>) -> Result<(), Problem> {
    let Some(to) = target else { return Ok(()) };
    if !from.kind.is_list() && !to.kind.is_list() {
        return Ok(());
    }
    let is_links = |field: &FieldModel| field.list.as_ref().is_some_and(|list| list.through.is_some());
    let fits = is_own
        && is_links(from)
        && is_links(to)
        && from.targets.iter().all(|target| to.targets.contains(target));
    if fits { Ok(()) } else { Err(unfit(&from.name, to)) }
}

/// A literal is checked as the field's kind would check it when it is typed.
fn literal(json: &Json, target: Option<&FieldModel>) -> Result<ValueSource, Problems> {
    let Some(field) = target else { return Ok(ValueSource::Literal(json.clone())) };
    if json.is_null() || json.as_str().is_some_and(str::is_empty) {
        return Ok(ValueSource::Literal(Json::Null));
    }
    if field.kind.is_link() && json.is_object() || field.kind.is_list() && json.is_array() {
        // `{ "name": "Acme" }` is looked up when the record is saved, and so is what a list holds.
        return Ok(ValueSource::Literal(json.clone()));
    }
    if field.kind.is_list() {
        return Err(Problem::new("wrong_type", "").with("expected", "list").into());
    }
    let catalogue = Catalogue::default();
    let mut problems = Problems::new();
    match field.kind.parse_json(field, json, &ParseContext::neutral(&catalogue)) {
        Ok(mut value) => field.kind.check(field, &mut value, &mut problems),
        Err(problem) => problems.push(problem),
    }
    // The kinds say the field's name; here the place is known better.
    for problem in &mut problems.0 {
        problem.path.clear();
    }
    problems.into_result(ValueSource::Literal(json.clone()))
}

/// Whether the value of one field fits into another. `is_record` says that it is the id of a record of `entity`.
fn check_fields(
    from: &FieldModel,
    is_record: bool,
    entity: &str,
    target: Option<&FieldModel>,
) -> Result<(), Problem> {
    let Some(to) = target else { return Ok(()) };
    if !to.kind.is_link() {
        return check_type(from.kind.formula_type(), target);
    }
    if is_record {
        return check_points(entity, target);
    }
    let reaches = |target: &String| from.targets.contains(target);
    if !from.kind.is_link() || !to.targets.iter().any(reaches) {
        return Err(unfit(&from.name, to));
    }
    Ok(())
}

/// Whether a link may point at records of an entity.
fn check_points(entity: &str, target: Option<&FieldModel>) -> Result<(), Problem> {
    match target {
        Some(to) if !to.targets.iter().any(|target| target == entity) => Err(unfit(entity, to)),
        _ => Ok(()),
    }
}

fn check_type(from: Type, target: Option<&FieldModel>) -> Result<(), Problem> {
    let Some(to) = target else { return Ok(()) };
    let wanted = to.kind.formula_type();
    let is_time = |one: Type| matches!(one, Type::Date | Type::DateTime);
    if from == wanted || (is_time(from) && is_time(wanted)) {
        return Ok(());
    }
    Err(unfit(from.as_str(), to))
}

/// What comes from `from` is no value of the field; of a link it is said where it leads.
fn unfit(from: &str, to: &FieldModel) -> Problem {
    let problem = Problem::new("source_does_not_fit", "").with("from", from).with("field", &to.name);
    match to.targets.as_slice() {
        [] => problem.with("expected", to.kind.name()),
        targets => problem.with("expected", format!("{} ({})", to.kind.name(), targets.join(", "))),
    }
}

/// The JSON form of a link.
fn link(entity: &str, id: uuid::Uuid, target: Option<&FieldModel>) -> Json {
    match target {
        Some(field) if field.kind.names_entity() => json!({ "entity": entity, "id": id.to_string() }),
        _ => Json::String(id.to_string()),
    }
}

/// A value of the field `from` in the JSON form of the field `target`.
fn in_form(value: &Value, from: Option<&FieldModel>, target: Option<&FieldModel>, scope: &dyn Scope) -> Json {
    let zone = scope.context().zone;
    let wanted = target.map(|field| field.kind.formula_type());
    match (value, wanted) {
        (Value::Empty, _) => Json::Null,
        (Value::DateTime(moment), Some(Type::Date)) => {
            Json::String(moment.with_timezone(&zone).date_naive().to_string())
        }
        (Value::DateTime(moment), _) => {
            Json::String(moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        }
        (Value::Date(day), Some(Type::DateTime)) => {
            let moment = kontor_model::filter::day_start(*day, zone);
            Json::String(moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        }
        (Value::Id(id), _) => match from.map(|field| field.targets.as_slice()) {
            Some([entity]) => link(entity, *id, target),
            _ => Json::String(id.to_string()),
        },
        (Value::AnyLink(any), _) => link(&any.entity, any.id, target.or(from)),
        (value, _) => from.or(target).map_or(Json::Null, |field| field.kind.to_json(field, value)),
    }
}
