//! Step 4 of a save: defaults of a new record, and values copied over a link that was set.

use kontor_model::access::Preset;
use kontor_model::currency;
use kontor_model::entity::{Source, system};
use kontor_model::filter::{FieldPath, Hop, Offset};
use kontor_model::formula::Currency;
use kontor_model::{EntityModel, FieldModel, Json, Problem, Record, Value};

use super::batch::Batch;
use super::draft::{Draft, Incoming};
use super::parse::read_value;
use crate::Session;
use crate::error::Result;

/// Fills in what the writer did not give.
pub async fn fill(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let entity = std::sync::Arc::clone(&draft.entity);
    if draft.old.is_none() {
        let preset = preset(session, batch, draft).await?;
        for field in &entity.fields {
            // A type that is given as nothing is not given: every record has one.
            let is_given = draft.given.contains(&field.index)
                && !(field.name == "record_type" && draft.record.at(field.index).is_empty());
            let is_open = field.is_typed() && !field.kind.is_drawn() && field.companion_of.is_none();
            if is_given || preset.contains(&field.index) || !is_open {
                continue;
            }
            if entity.lacks(field, &draft.record) {
                draft.record.set(field.index, field.kind.when_absent());
                continue;
            }
            if field.index == system::OWNER
                && let Some(owner) =
                    super::lists::owner_of_document(session, batch, &entity, &draft.record).await?
            {
                draft.record.set(field.index, owner);
                continue;
            }
            if let Some(value) = default_of(session, batch, &entity, field).await? {
                draft.record.set(field.index, value);
            }
        }
    }
    copy_over_links(session, batch, draft, &entity).await?;
    Ok(())
}

/// A record of the entity in which these fields hold what they do when the writer gives them nothing, and nothing else does.
pub async fn of_fields(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    fields: &[usize],
) -> Result<Record> {
    let mut record = Record::empty(entity);
    let presets = &session.actor.access.entity(&entity.name).presets;
    let typed = fields.iter().filter_map(|index| entity.fields.get(*index));
    for field in typed.filter(|field| field.is_typed() && field.companion_of.is_none()) {
        let value = match presets.get(&field.name) {
            Some(preset) => preset_value(session, batch, field, preset).await?.ok(),
            None => default_of(session, batch, entity, field).await?,
        };
        record.set(field.index, value.unwrap_or_default());
    }
    kontor_model::kind::settle(entity, &mut record);
    Ok(record)
}

async fn preset_value(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    preset: &Preset,
) -> Result<std::result::Result<Value, Problem>> {
    match preset {
        Preset::Reader(path) => Ok(Ok(session.filter_context().attribute(path))),
        Preset::Value(written) => read_value(session, batch, field, Incoming::Json(written.clone())).await,
    }
}

/// Sets what the writer's roles fix in every record that they create. Without the value there is no record: it decides who
/// sees it.
async fn preset(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<Vec<usize>> {
    let entity = std::sync::Arc::clone(&draft.entity);
    let mut set = Vec::new();
    for (name, preset) in &session.actor.access.entity(&entity.name).presets {
        let Some(field) = entity.field(name) else { continue };
        match preset_value(session, batch, field, preset).await? {
            Ok(mut value) if !value.is_empty() => {
                field.kind.check(field, &mut value, &mut draft.problems);
                set.push(field.index);
                draft.record.set(field.index, value);
            }
            Ok(_) => draft.problems.push(Problem::at_field("preset_empty", name).with("field", &field.title)),
            Err(problem) => draft.problems.push(problem),
        }
    }
    Ok(set)
}

/// Gives every amount of money its currency: its own, the one that its definition names, or the workspace's. An empty
/// amount has none.
pub fn currencies(session: &Session, entity: &EntityModel, record: &mut Record) {
    for field in &entity.fields {
        let Some(money) = field.companion_of.filter(|_| field.part.is_none()) else { continue };
        if record.at(money).is_empty() {
            record.set(field.index, Value::Empty);
            continue;
        }
        // What follows another record is worked out with the formulas.
        if !record.at(field.index).is_empty() || field.is_derived() {
            continue;
        }
        let named = entity.fields.get(money).and_then(|money| money.definition.currency.clone());
        let currency = named.unwrap_or_else(|| session.workspace.settings().currency.clone());
        record.set(field.index, Value::text(currency));
    }
}

/// Gives a calculated amount the currency in which it was counted: the workspace's when that was in several. What is counted
/// of no amounts has the one that its definition names.
pub fn counted_in(
    session: &Session,
    entity: &EntityModel,
    record: &mut Record,
    money: &FieldModel,
    counted: Currency,
) {
    let Some(companion) = entity.currency_of(money.index) else { return };
    let stored = record.at(companion.index).clone();
    let named = currency::named(money).map(Value::text).unwrap_or_default();
    let workspace = || Value::text(session.workspace.settings().currency.clone());
    let currency = match counted {
        _ if record.at(money.index).is_empty() => Value::Empty,
        Currency::One(code) if !code.is_empty() => Value::text(code),
        Currency::None if !named.is_empty() => named,
        Currency::None if !stored.is_empty() => stored,
        Currency::None | Currency::One(_) | Currency::Several => workspace(),
    };
    record.set(companion.index, currency);
}

async fn default_of(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    field: &FieldModel,
) -> Result<Option<Value>> {
    if field.index == system::OWNER {
        let is_person = session.model.entity("user").is_some() && !session.actor.id.is_nil();
        return Ok(is_person.then_some(Value::Id(session.actor.id)));
    }
    if field.name == "record_type" {
        let access = session.actor.access.entity(&entity.name);
        let mut offered =
            entity.definition.record_types.iter().filter(|one| !one.retired && access.creates(&one.name));
        let chosen = offered.clone().find(|one| one.default).or_else(|| offered.next());
        return Ok(chosen.map(|one| Value::text(one.name.clone())));
    }
    if entity.name == currency::RATES && field.name == currency::rates::TO {
        return Ok(Some(Value::text(session.workspace.settings().currency.clone())));
    }
    let Some(written) = &field.definition.default else {
        let absent = field.kind.when_absent();
        return Ok((!absent.is_empty()).then_some(absent));
    };
    if let Some(offset) = written.get("now").and_then(Json::as_str) {
        let Some(offset) = Offset::parse(offset) else { return Ok(None) };
        let context = session.filter_context();
        return Ok(match field.kind.name() {
            "date" => Some(Value::Date(offset.day(&context))),
            _ => Some(Value::DateTime(offset.apply(session.now, context.zone, &context.working))),
        });
    }
    if let Some(attribute) = written.get("user").and_then(Json::as_str) {
        return Ok(Some(session.filter_context().attribute(attribute)));
    }
    let Ok(mut value) = read_value(session, batch, field, Incoming::Json(written.clone())).await? else {
        return Ok(None);
    };
    let mut ignored = kontor_model::Problems::new();
    if !value.is_empty() {
        field.kind.check(field, &mut value, &mut ignored);
    }
    Ok(ignored.is_empty().then_some(value))
}

async fn copy_over_links(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    entity: &EntityModel,
) -> Result<()> {
    for field in &entity.fields {
        let Source::Copy(link, name) = &field.source else { continue };
        if !draft.is_changed(*link) || entity.lacks(field, &draft.record) {
            continue;
        }
        let target = entity.fields.get(*link).and_then(|link| link.targets.first());
        let Some(target) = target.and_then(|name| session.model.entity(name)) else { continue };
        let Some(other) = target.field_index(name) else { continue };
        let hop = Hop { entity: entity.name.clone(), field: *link, to: target.name.clone() };
        // An amount comes with its currency.
        let currencies = entity.currency_of(field.index).zip(target.currency_of(other));
        let beside = currencies.map(|(own, other)| (own.index, other.index));
        for (own, other) in [(field.index, other)].into_iter().chain(beside) {
            let path = FieldPath { hops: vec![hop.clone()], entity: target.name.clone(), field: other };
            let resolved = batch.resolve(session, &draft.record, &[&path]).await?;
            let value = resolved.get(&path).cloned().unwrap_or_default();
            let Some(field) = entity.fields.get(own) else { continue };
            draft.record.set(own, kontor_model::kind::held(field, value));
        }
    }
    Ok(())
}
