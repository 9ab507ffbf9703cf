//! `convert`: one record becomes others. What is there already is found and left as it is; what is not is made, with the values
//! that the step says and those of fields of the same name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::permissions::field_right;
use crate::records::batch::Batch;
use crate::records::save::prepare;
use crate::records::{Incoming, LazySubject, PageRequest, Save, Sort, carried, page};
use crate::{Error, Result, Session};
use kontor_flow::step::{Becomes, Convert};
use kontor_flow::{Named, RunState, Scope, ValueSource};
use kontor_model::access::FieldRight;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, FilterContext, Subject};
use kontor_model::{EntityModel, FieldModel, Json, Problem, Problems};
use serde_json::json;
use uuid::Uuid;

use super::Effect;
use super::RunScope;
use super::values::{self, values};

/// The scope of the step, with the records that it has made so far.
struct Made<'a> {
    scope: &'a RunScope,
    made: BTreeMap<String, (Named, Option<LazySubject>)>,
}

impl Scope for Made<'_> {
    fn record(&self) -> &dyn Subject {
        self.scope.record()
    }

    fn named(&self, name: &str) -> Option<&dyn Subject> {
        let own = self.made.get(name).and_then(|(_, record)| record.as_ref());
        own.map(|record| record as &dyn Subject).or_else(|| self.scope.named(name))
    }

    fn named_id(&self, name: &str) -> Option<(String, Uuid)> {
        let own = self.made.get(name).map(|(one, _)| (one.entity.clone(), one.id));
        own.or_else(|| self.scope.named_id(name))
    }

    fn record_id(&self) -> (String, Uuid) {
        self.scope.record_id()
    }

    fn title_of(&self, entity: &str, id: Uuid) -> Option<String> {
        self.scope.title_of(entity, id)
    }

    fn context(&self) -> &FilterContext {
        self.scope.context()
    }
}

/// Converts the record.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    convert: &Convert,
) -> Result<Effect> {
    let own = session.entity(&state.entity)?;
    let mut made = Made { scope, made: BTreeMap::new() };
    let mut told = Vec::new();
    for one in &convert.to {
        let entity = session.entity(&one.entity)?;
        let (id, is_new) = match led_to(session, batch, scope, (&own, &entity), convert, one).await? {
            Some(id) => (id, false),
            None => find_or_make(session, batch, &made, (&own, &entity), one).await?,
        };
        told.push(json!({ "entity": entity.name, "id": id, "new": is_new }));
        let record = batch.record(session, &entity, id).await?;
        let record = record.map(|record| LazySubject::new(session, &entity, (*record).clone(), None));
        made.made.insert(one.name.clone(), (Named { entity: entity.name.clone(), id }, record));
    }
    let target = convert.carry_to.as_ref().or_else(|| convert.to.first().map(|one| &one.name));
    if let Some(target) = target.and_then(|name| made.made.get(name)).map(|(target, _)| target) {
        let to = session.entity(&target.entity)?;
        for what in &convert.carry {
            carried(session, batch, what, (&own, state.record), (&to, target.id)).await?;
        }
    }
    let mut warnings = Problems::new();
    if !convert.set.is_empty() {
        let values = values(session, scope, &made, &own, &convert.set).await?;
        let save = Save::update(&own, state.record, values);
        warnings = Box::pin(prepare(session, batch, save)).await?.draft.problems;
    }
    let named = made.made.into_iter().map(|(name, (one, _))| (name, one)).collect();
    Ok(Effect { output: json!({ "records": told }), named, warnings, ..Effect::default() })
}

/// The record that the converted one leads to already by a field that the step sets to it: it was converted before.
async fn led_to(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    (own, entity): (&Arc<EntityModel>, &Arc<EntityModel>),
    convert: &Convert,
    one: &Becomes,
) -> Result<Option<Uuid>> {
    for value in &convert.set {
        let is_it = matches!(&value.source, ValueSource::Named(name) if *name == one.name);
        let field = own.field(&value.field).filter(|_| is_it);
        let Some(id) = field.and_then(|field| scope.stored().at(field.index).as_id()) else { continue };
        if batch.record(session, entity, id).await?.is_some() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

async fn find_or_make(
    session: &Session,
    batch: &mut Batch,
    made: &Made<'_>,
    (own, entity): (&Arc<EntityModel>, &Arc<EntityModel>),
    one: &Becomes,
) -> Result<(Uuid, bool)> {
    let mut values: BTreeMap<String, Incoming> = taken_over(session, made.scope, own, entity);
    let said = values::values(session, made.scope, made, entity, &one.values).await?;
    // What is said of an amount is said of its currency, too.
    for (name, value) in said {
        values.insert(name, value);
    }
    if let Some(id) = find(session, entity, &one.by, &values).await? {
        return Ok((id, false));
    }
    let save = Save::create(entity, values.into_iter().collect());
    let prepared = Box::pin(prepare(session, batch, save)).await;
    let prepared = prepared.map_err(|error| match error {
        Error::Problems(problems) => Error::Problems(told(session, entity, problems)),
        other => other,
    })?;
    Ok((prepared.draft.record.id(), true))
}

/// What is wrong with a record that would be made: nobody has a form of it before them, so each says whose field it is about.
fn told(session: &Session, entity: &EntityModel, problems: Problems) -> Problems {
    let catalogue = &session.catalogue;
    let of_field = |problem: Problem| {
        let name = problem.path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        let about = match entity.field(&name) {
            Some(field) => format!("{}, {}", entity.label(catalogue), field.label(catalogue)),
            None => entity.label(catalogue).to_owned(),
        };
        let reason = problem.message(catalogue);
        let told = Problem::new("cannot_become", problem.path).with("about", about).with("reason", reason);
        Problem { warning: problem.warning, ..told }
    };
    Problems(problems.into_iter().map(of_field).collect())
}

/// The values of fields of the same name and a kind that takes them, as far as the actor reads the one and writes the other.
fn taken_over(
    session: &Session,
    scope: &RunScope,
    own: &EntityModel,
    entity: &EntityModel,
) -> BTreeMap<String, Incoming> {
    let record = scope.stored();
    let mut values = BTreeMap::new();
    for field in entity.own_fields().filter(|field| field.is_typed() && field.part.is_none()) {
        let Some(from) = own.field(&field.name).filter(|from| from.part.is_none()) else { continue };
        let access = |entity: &EntityModel, field: &FieldModel| {
            field_right(session.actor.access.entity(&entity.name), entity, field)
        };
        let value = record.at(from.index);
        let may = access(own, from) > FieldRight::None && access(entity, field) == FieldRight::Edit;
        if !may
            || value.is_empty()
            || !fits(from, field)
            || from.companion_of.is_some() != field.companion_of.is_some()
        {
            continue;
        }
        let json = from.kind.to_json(from, value);
        let is_option = |text: &Json| {
            let text = text.as_str().unwrap_or_default();
            field.definition.one_of.iter().any(|option| option.value == text)
        };
        let has_options = !field.definition.one_of.is_empty();
        let is_known = match &json {
            Json::Array(list) => list.iter().all(is_option),
            one => is_option(one),
        };
        if !has_options || is_known {
            values.insert(field.name.clone(), Incoming::Json(json));
        }
    }
    values
}

/// Whether the values of one field are values of the other.
fn fits(from: &FieldModel, to: &FieldModel) -> bool {
    let is_kept_elsewhere = |field: &FieldModel| {
        field.kind.is_list() || field.kind.is_drawn() || field.kind.is_write_only() || field.system
    };
    if is_kept_elsewhere(to) || (is_kept_elsewhere(from) && from.index != system::OWNER) {
        return false;
    }
    let leads_there = !to.kind.is_link() || from.targets.iter().all(|target| to.targets.contains(target));
    from.kind.name() == to.kind.name() && leads_there
}

/// One that is there already, the oldest; none when a value to look for is empty.
async fn find(
    session: &Session,
    entity: &Arc<EntityModel>,
    by: &[String],
    values: &BTreeMap<String, Incoming>,
) -> Result<Option<Uuid>> {
    let mut leaves = Vec::new();
    for name in by {
        let Some(Incoming::Json(json)) = values.get(name) else { return Ok(None) };
        if json.is_null() || json.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        leaves.push(json!({ "field": name, "eq": json }));
    }
    if leaves.is_empty() {
        return Ok(None);
    }
    let filter = Filter::parse(&json!({ "all": leaves }), entity, &session.model)?;
    let oldest = FieldPath::own(entity.name.clone(), system::CREATED_AT);
    let request = PageRequest {
        filter,
        sort: vec![Sort { path: oldest, descending: false }],
        limit: 1,
        ..PageRequest::default()
    };
    Ok(page(session, entity, request).await?.rows.first().map(|row| row.id))
}
