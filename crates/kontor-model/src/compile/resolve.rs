//! Expressions of entities: formulas, roll-ups, copies, conditions, rules and defaults, against all entities.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{dependents, derived, guards, rollups};
use crate::Json;
use crate::entity::{
    Conditions, Conversion, DuplicateAnswer, DuplicateRule, EntityModel, FieldModel, Guarded, Rule, Source,
    system,
};
use crate::filter::{FieldPath, Filter, Offset, Operator, escape, points_at};
use crate::formula::{Formula, Type};
use crate::kind::{CONVERTED, ParseContext, currency};
use crate::locale::Catalogue;
use crate::model::Model;
use crate::problem::{Problem, Problems};
use crate::value::Value;
use indexmap::IndexMap;

/// What resolving finds out about one entity.
struct Found {
    sources: Vec<Source>,
    conditions: Vec<Conditions>,
    rules: Vec<Rule>,
    duplicates: Vec<DuplicateRule>,
    guarded: Vec<Guarded>,
}

/// The entities with everything resolved, or what is wrong by entity.
pub(super) fn resolve(
    draft: Model,
) -> Result<IndexMap<String, Arc<EntityModel>>, BTreeMap<String, Problems>> {
    let mut problems_of: BTreeMap<String, Problems> = BTreeMap::new();
    let mut found = Vec::with_capacity(draft.entities.len());
    for (name, entity) in &draft.entities {
        let mut problems = Problems::new();
        found.push(resolve_entity(entity, &draft, &mut problems));
        if problems.has_errors() {
            problems_of.insert(name.clone(), problems);
        }
    }
    if !problems_of.is_empty() {
        return Err(problems_of);
    }
    let mut entities = IndexMap::with_capacity(draft.entities.len());
    for ((name, entity), found) in draft.entities.into_iter().zip(found) {
        // Nobody else holds the draft, so this takes it back without a copy.
        let Some(mut entity) = Arc::into_inner(entity) else { continue };
        take(&mut entity, found);
        entities.insert(name, entity);
    }
    derived::order(&mut entities)?;
    dependents::connect(&mut entities);
    guards::connect(&mut entities);
    Ok(entities.into_iter().map(|(name, entity)| (name, Arc::new(entity))).collect())
}

fn take(entity: &mut EntityModel, found: Found) {
    for ((field, source), conditions) in entity.fields.iter_mut().zip(found.sources).zip(found.conditions) {
        field.source = source;
        field.conditions = conditions;
    }
    let derived: Vec<bool> = entity.fields.iter().map(FieldModel::is_derived).collect();
    for field in entity.fields.iter_mut().filter(|field| field.part.is_none() && !field.is_derived()) {
        field.beside_derived = field.companion_of.is_some_and(|amount| derived.get(amount) == Some(&true));
    }
    entity.rules = found.rules;
    entity.duplicates = found.duplicates;
    entity.guarded = found.guarded;
}

/// An entity beside those of a model: nothing points at it, and it has no records.
pub(crate) fn beside(name: &str, json: &Json, model: &Model) -> Result<EntityModel, Problems> {
    let names = model.entities.keys().cloned().collect();
    let mut entity = super::entity::draft(name, json, &names)?;
    let mut problems = Problems::new();
    let found = resolve_entity(&entity, model, &mut problems);
    problems.into_result(())?;
    take(&mut entity, found);
    Ok(entity)
}

fn resolve_entity(entity: &EntityModel, model: &Model, problems: &mut Problems) -> Found {
    let mut sources = Vec::with_capacity(entity.fields.len());
    let mut conditions = Vec::with_capacity(entity.fields.len());
    for field in &entity.fields {
        let mut found = Problems::new();
        sources.push(source(field, entity, model, &mut found));
        conditions.push(conditions_of(field, entity, model, &mut found));
        check_default(field, model, &mut found);
        check_rate_date(field, entity, &mut found);
        check_names(field, entity, &mut found);
        if let Some(Err(problem)) = followed_currency(field, entity, model) {
            found.push(problem);
        }
        problems.extend_under(&format!("/properties/{}", field.name), found);
    }
    let rules = rules(entity, model, problems);
    let duplicates = duplicates(entity, model, problems);
    super::variants::check(entity, problems);
    let guarded = super::guarded::resolve(entity, model, problems);
    Found { sources, conditions, rules, duplicates, guarded }
}

/// The amount, its currency and the days of a converted amount.
fn conversion(field: &FieldModel, entity: &EntityModel) -> Option<Conversion> {
    let amount = field.companion_of.filter(|_| field.part == Some(CONVERTED))?;
    let named = entity.fields.get(amount)?.definition.rate_date.as_deref();
    let named = named.and_then(|name| entity.field(name)).filter(|day| day.kind.is_temporal());
    let days = named.map(|day| day.index).into_iter().chain([system::CREATED_AT]).collect();
    Some(Conversion { amount, currency: entity.currency_of(amount)?.index, days })
}

/// The currency of an amount that follows the record at the other end of a link: `@quote`. It is calculated, from the
/// first field with a currency there: one of that kind, or the one beside an amount that people type.
fn followed_currency(
    amount: &FieldModel,
    entity: &EntityModel,
    model: &Model,
) -> Option<Result<Arc<Formula>, Problem>> {
    let link = amount.definition.currency.as_deref()?.strip_prefix('@')?;
    let problem = |code: &'static str| Problem::new(code, "/currency").with("field", link);
    let Some(field) = entity.field(link) else {
        return Some(Err(problem("unknown_field").with("entity", &entity.name)));
    };
    let target = match field.targets.as_slice() {
        [target] if !field.kind.is_list() => model.entity(target),
        _ => None,
    };
    let Some(target) = target else { return Some(Err(problem("not_a_link").with("entity", &entity.name))) };
    let is_typed =
        |field: &FieldModel| field.definition.formula.is_none() && field.definition.rollup.is_none();
    let of_kind = target
        .own_fields()
        .find(|field| field.companion_of.is_none() && field.kind.name() == currency::NAME && is_typed(field));
    let beside = || {
        let mut amounts = target.own_fields().filter(|field| is_typed(field));
        amounts.find_map(|amount| target.currency_of(amount.index))
    };
    let Some(found) = of_kind.or_else(beside) else {
        return Some(Err(problem("no_currency_there").with("entity", &target.name)));
    };
    let formula = Formula::parse(&format!("{link}.{}", found.name), entity, model);
    Some(formula.map(Arc::new).map_err(|_| problem("no_currency_there").with("entity", &target.name)))
}

/// The day of an amount's rate is one that the record has.
fn check_rate_date(field: &FieldModel, entity: &EntityModel, problems: &mut Problems) {
    let Some(name) = field.definition.rate_date.as_deref() else { return };
    match entity.field(name) {
        Some(day) if day.kind.is_temporal() => {}
        Some(_) => {
            problems.push(Problem::new("not_a_date", "/rate_date").with("value", name).with("field", name));
        }
        None => problems.push(
            Problem::new("unknown_field", "/rate_date").with("field", name).with("entity", &entity.name),
        ),
    }
}

/// Whose a name is says the record itself, in fields that hold text.
fn check_names(field: &FieldModel, entity: &EntityModel, problems: &mut Problems) {
    let Some(names) = &field.definition.names else { return };
    for key in names.needed() {
        if names.beside().all(|(known, _)| known != *key) {
            problems.push(Problem::new("required", format!("/names/{key}")));
        }
    }
    for (key, name) in names.beside() {
        let path = format!("/names/{key}");
        match entity.field(name) {
            Some(other) if other.kind.name() == field.kind.name() => {}
            Some(other) => problems.push(
                Problem::new("kinds_differ", path)
                    .with("field", name)
                    .with("kind", other.kind.name())
                    .with("expected", field.kind.name()),
            ),
            None => problems
                .push(Problem::new("unknown_field", path).with("field", name).with("entity", &entity.name)),
        }
    }
}

fn source(field: &FieldModel, entity: &EntityModel, model: &Model, problems: &mut Problems) -> Source {
    if matches!(field.source, Source::Kept) {
        return Source::Kept;
    }
    let amount =
        field.companion_of.filter(|_| field.part.is_none()).and_then(|index| entity.fields.get(index));
    if let Some(Ok(formula)) = amount.and_then(|amount| followed_currency(amount, entity, model)) {
        return Source::Formula(formula);
    }
    if let Some(conversion) = conversion(field, entity) {
        return Source::Converted(conversion);
    }
    if let Some(written) = &field.definition.formula {
        return match Formula::parse(written, entity, model) {
            Ok(formula) => {
                check_type(field, formula.result, "/formula", problems);
                check_targets(field, &formula, model, problems);
                for path in &formula.reads {
                    stays_sealed(field, path, model, "/formula", problems);
                }
                Source::Formula(Arc::new(formula))
            }
            Err(found) => {
                problems.extend_under("/formula", found);
                Source::Typed
            }
        };
    }
    if let Some(written) = &field.definition.rollup {
        let mut found = Problems::new();
        let rollup = rollups::read(written, field, entity, model, &mut found);
        problems.extend_under("/rollup", found);
        return rollup.map_or(Source::Typed, |rollup| Source::Rollup(Arc::new(rollup)));
    }
    if let Some(written) = &field.definition.copy {
        if let Ok(path) = FieldPath::parse(written, entity, model) {
            stays_sealed(field, &path, model, "/copy", problems);
        }
        return copy(written, field, entity, model).unwrap_or_else(|problem| {
            problems.push(problem.under("/copy"));
            Source::Typed
        });
    }
    Source::Typed
}

/// What is made of a sealed value is sealed, too.
fn stays_sealed(field: &FieldModel, path: &FieldPath, model: &Model, at: &str, problems: &mut Problems) {
    let read = path.resolve(model).filter(|read| read.is_sealed() && !field.is_sealed());
    if let Some(read) = read {
        problems.push(Problem::new("encrypted_source", at).with("field", &read.title));
    }
}

/// Whether a field can hold results of a type.
pub(super) fn check_type(field: &FieldModel, result: Type, at: &str, problems: &mut Problems) {
    let wanted = field.kind.formula_type();
    if result != wanted {
        let problem =
            Problem::new("formula_type", at).with("found", result.as_str()).with("expected", wanted.as_str());
        problems.push(problem);
    }
}

/// A link holds what points where it does: records of another entity are not found there.
fn check_targets(field: &FieldModel, formula: &Formula, model: &Model, problems: &mut Problems) {
    if formula.result != Type::Id || field.kind.formula_type() != Type::Id {
        return;
    }
    let wrong = formula.gives(model).into_iter().find(|other| !fits(field, other));
    if let Some(other) = wrong {
        let problem = Problem::new("rollup_same_kind", "/formula").with("field", &other.title);
        problems.push(problem.with("kind", other.kind.name()).with("expected", field.kind.name()));
    }
}

fn copy(written: &str, field: &FieldModel, entity: &EntityModel, model: &Model) -> Result<Source, Problem> {
    let path = FieldPath::parse(written, entity, model)?;
    let [link] = path.hops.as_slice() else {
        return Err(Problem::new("copy_one_link", "").with("field", written));
    };
    let Some(copied) = path.resolve(model) else { return Ok(Source::Typed) };
    if copied.kind.name() != field.kind.name() || !fits(field, copied) {
        let problem =
            Problem::new("kinds_differ", "").with("field", written).with("kind", copied.kind.name());
        return Err(problem.with("expected", field.kind.name()));
    }
    Ok(Source::Copy(link.field, copied.name.clone()))
}

fn conditions_of(
    field: &FieldModel,
    entity: &EntityModel,
    model: &Model,
    problems: &mut Problems,
) -> Conditions {
    let mut read = |written: Option<&Json>, at: &str| match Filter::parse(written?, entity, model) {
        // A form asks its conditions while it is filled in, over what stands in it.
        Ok(filter) if filter.asks_for_history() => {
            problems.push(Problem::new("history_not_here", at));
            None
        }
        Ok(filter) => Some(filter),
        Err(found) => {
            problems.extend_under(at, found);
            None
        }
    };
    let definition = &field.definition;
    let mut conditions = Conditions {
        visible: read(definition.visible_when.as_ref(), "/visible_when"),
        required: read(definition.required_when.as_ref(), "/required_when"),
        readonly: read(definition.readonly_when.as_ref(), "/readonly_when"),
        options: Vec::new(),
    };
    for (option, written) in definition.options_when.as_ref().and_then(Json::as_object).into_iter().flatten()
    {
        let at = format!("/options_when/{}", escape(option));
        if let Some(filter) = read(Some(written), &at) {
            conditions.options.push((option.clone(), filter));
        }
    }
    for option in
        definition.options_when.as_ref().and_then(Json::as_object).into_iter().flatten().map(|(key, _)| key)
    {
        if !definition.one_of.iter().any(|known| known.value == *option) {
            let known: Vec<&str> = definition.one_of.iter().map(|known| known.value.as_str()).collect();
            let at = format!("/options_when/{}", escape(option));
            problems.push(
                Problem::new("not_an_option", at).with("value", option).with("options", known.join(", ")),
            );
        }
    }
    super::variants::narrow(field, entity, model, &mut conditions);
    conditions
}

/// Whether a field can take the values of another: of the same type and, where they point at records, at its own.
fn fits(field: &FieldModel, other: &FieldModel) -> bool {
    let found = points_at(other);
    let leads_here = |target: &&str| field.targets.iter().any(|own| own == target);
    // A value that names its entity is looked at by itself.
    let leads = match (field.kind.names_entity(), other.kind.names_entity()) {
        (true, true) => found.iter().any(leads_here),
        (false, false) => found.iter().all(leads_here),
        _ => false,
    };
    field.kind.formula_type() == other.kind.formula_type() && leads
}

/// A literal default has to be a value of the field; a computed one has to give values of its type.
fn check_default(field: &FieldModel, model: &Model, problems: &mut Problems) {
    let Some(default) = &field.definition.default else { return };
    let catalogue = Catalogue::default();
    if let Some(offset) = default.get("now") {
        let is_date = matches!(field.kind.formula_type(), Type::Date | Type::DateTime);
        if !is_date {
            problems.push(Problem::new("only_for_dates", "/default/now").with("kind", field.kind.name()));
        } else if offset.as_str().and_then(Offset::parse).is_none() {
            problems.push(Problem::new("not_a_span", "/default/now").with("value", offset));
        }
        return;
    }
    if let Some(path) = default.get("user").and_then(Json::as_str) {
        let Some(user) = model.entity("user") else { return };
        let found = FieldPath::parse(path, user, model).map(|found| found.resolve(model));
        match found {
            Ok(Some(other)) if !fits(field, other) => {
                let problem = Problem::new("kinds_differ", "/default/user").with("field", path);
                problems.push(problem.with("kind", other.kind.name()).with("expected", field.kind.name()));
            }
            Ok(_) => {}
            Err(problem) => problems.push(problem.under("/default/user")),
        }
        return;
    }
    if default.is_null() || default.as_str() == Some("") {
        return;
    }
    let read = field.kind.parse_json(field, default, &ParseContext::neutral(&catalogue));
    let mut found = Problems::new();
    match read {
        Ok(Value::Empty) => {}
        Ok(mut value) => field.kind.check(field, &mut value, &mut found),
        Err(problem) => found.push(problem),
    }
    for problem in found.0 {
        problems.push(Problem { path: "/default".into(), ..problem });
    }
}

fn rules(entity: &EntityModel, model: &Model, problems: &mut Problems) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for (index, written) in entity.definition.rules.iter().enumerate() {
        let at = format!("/rules/{index}");
        if rules.iter().any(|rule| rule.name == written.name) {
            problems.push(Problem::new("duplicate_value", format!("{at}/name")).with("value", &written.name));
        }
        if let Some(field) = written.at.as_deref().filter(|field| entity.field(field).is_none()) {
            problems.push(
                Problem::new("unknown_field", format!("{at}/at"))
                    .with("field", field)
                    .with("entity", &entity.name),
            );
        }
        match Filter::parse_trigger(&written.when, entity, model) {
            Ok(when) => rules.push(Rule {
                name: written.name.clone(),
                when,
                at: written.at.clone(),
                warning: written.level.as_deref() == Some("warn"),
                message: written.message.clone(),
            }),
            Err(found) => problems.extend_under(&format!("{at}/when"), found),
        }
    }
    rules
}

fn duplicates(entity: &EntityModel, model: &Model, problems: &mut Problems) -> Vec<DuplicateRule> {
    let mut rules: Vec<DuplicateRule> = Vec::new();
    for (index, written) in entity.definition.duplicates.iter().enumerate() {
        let at = format!("/duplicates/{index}");
        if rules.iter().any(|rule| rule.name == written.name) {
            problems.push(Problem::new("duplicate_value", format!("{at}/name")).with("value", &written.name));
        }
        let mut fields = Vec::new();
        for (part, name) in written.fields.iter().enumerate() {
            let at = format!("{at}/match/{part}");
            match entity.field(name) {
                Some(field) if field.kind.operators().contains(&Operator::Eq) => fields.push(field.index),
                Some(field) => problems.push(
                    Problem::new("kind_does_not_match", at)
                        .with("field", name)
                        .with("kind", field.kind.name()),
                ),
                None => problems
                    .push(Problem::new("unknown_field", at).with("field", name).with("entity", &entity.name)),
            }
        }
        let when = match written.when.as_ref().map(|when| Filter::parse_trigger(when, entity, model)) {
            Some(Err(found)) => {
                problems.extend_under(&format!("{at}/when"), found);
                Filter::True
            }
            Some(Ok(filter)) => filter,
            None => Filter::True,
        };
        let then = match written.then.as_deref() {
            Some("block") => DuplicateAnswer::Block,
            Some("allow") => DuplicateAnswer::Allow,
            _ => DuplicateAnswer::Warn,
        };
        rules.push(DuplicateRule { name: written.name.clone(), fields, then, when });
    }
    rules
}
