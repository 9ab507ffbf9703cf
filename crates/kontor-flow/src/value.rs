//! Where a value of a step comes from, and what it is when the step runs.

use kontor_model::filter::{FieldPath, FilterContext, Offset, Subject};
use kontor_model::formula::{Formula, Type};
use kontor_model::kind::{ParseContext, rounded};
use kontor_model::locale::Catalogue;
use kontor_model::{FieldModel, Json, Model, Problem, Problems, Value};
use serde_json::json;

use crate::Template;
use crate::names::Names;

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

    /// What titles a record, for texts; `None` when it is not there, or not for who it is done for to see.
    fn title_of(&self, entity: &str, id: uuid::Uuid) -> Option<String>;

    /// The moment, the zone and the acting user.
    fn context(&self) -> &FilterContext;
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

    /// Whether values of the field can equal the value at all: both are of one type and, where they are records, of one entity.
    /// A text may be an id, and the other way round; what a text with gaps becomes, nobody knows yet.
    pub(crate) fn may_equal(&self, field: &FieldModel, names: &Names<'_>) -> Result<(), Problem> {
        let at_end = |path: &FieldPath| {
            let from = path.resolve(names.model)?;
            let is_one = !from.kind.is_list();
            is_one.then(|| (from.name.clone(), from.kind.formula_type(), points_at(from)))
        };
        let record = |entity: &str| Some((entity.to_owned(), Type::Id, vec![entity.to_owned()]));
        let from = match self {
            Self::Field(path) | Self::NamedField(_, path) | Self::User(_, path) => at_end(path),
            Self::Record => names.record().and_then(|own| record(&own.name)),
            Self::Named(name) => names.known.get(name).and_then(|entity| record(entity)),
            Self::Formula(formula) => Some((formula.result.as_str().into(), formula.result, Vec::new())),
            Self::Literal(_) | Self::Now(_) | Self::Text(_) => None,
        };
        let Some((from, kind, own)) = from.filter(|_| !field.kind.is_list()) else { return Ok(()) };
        let (wanted, others) = (field.kind.formula_type(), points_at(field));
        let both = |one: Type, other: Type| [(kind, wanted), (wanted, kind)].contains(&(one, other));
        let is_type = kind == wanted || both(Type::Date, Type::DateTime) || both(Type::Text, Type::Id);
        let is_same = own.is_empty() || others.is_empty() || own.iter().any(|one| others.contains(one));
        if is_type && is_same { Ok(()) } else { Err(unfit(&from, field)) }
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
            let entity = names.entity().ok_or_else(|| at(Problem::new("no_record", "")))?;
            let formula = Formula::parse(text, entity, names.model).map_err(|problems| {
                let explained = problems.0.into_iter().map(|problem| names.explained(problem));
                let mut under = Problems::new();
                under.extend_under("/formula", Problems(explained.collect()));
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
    // What a step named is no field of the record, though a way leads there.
    let is_named = names.known.contains_key(text.split('.').next().unwrap_or_default());
    let own = names.entity().filter(|_| !is_named);
    let own = own
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
            let unknown = names.explained(other.and_then(|(_, path)| path.err()).unwrap_or(missing));
            let (name, rest) = text.split_once('.').map_or((text, None), |(name, rest)| (name, Some(rest)));
            let Some(entity) = names.known.get(name) else { return Err(unknown) };
            let Some(rest) = rest else {
                check_points(entity, target)?;
                return Ok(ValueSource::Named(text.to_owned()));
            };
            let entity = names.plain.entity(entity).ok_or(unknown)?;
            let path = FieldPath::parse(rest, entity, names.plain)?;
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

/// The entities whose records a field names: of an id its own.
fn points_at(field: &FieldModel) -> Vec<String> {
    let is_id = field.system && field.index == kontor_model::entity::system::ID;
    if is_id { vec![field.entity.clone()] } else { field.targets.clone() }
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
