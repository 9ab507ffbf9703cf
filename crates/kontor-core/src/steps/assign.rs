//! `assign`: an owner for the record.

use crate::records::batch::Batch;
use crate::records::{
    AggregateQuery, Group, Incoming, Measure, MeasureFunction, PageRequest, Save, Sort, aggregate, page, save,
};
use crate::{Error, Result, Session};
use kontor_flow::RunState;
use kontor_flow::step::{Assign, Assignee};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{EntityModel, Problem, Value};
use serde_json::json;
use uuid::Uuid;

use super::Effect;
use super::scope::RunScope;

/// Gives the record its owner.
pub async fn run(
    session: &Session,
    batch: &mut Batch,
    scope: &RunScope,
    state: &RunState,
    assign: &Assign,
) -> Result<Effect> {
    let entity = scope.entity();
    let owner = match &assign.to {
        Assignee::User(source) => {
            Incoming::Json(source.resolve(entity.fields.get(system::OWNER), scope, scope.model()))
        }
        Assignee::RoundRobin(team) => Incoming::Value(Value::Id(next_in_turn(session, entity, team).await?)),
        Assignee::Least(team) => Incoming::Value(Value::Id(least_busy(session, entity, team).await?)),
    };
    let save = Save::update(entity, state.record, vec![("owner".to_owned(), owner)]);
    let prepared = save::prepare(session, batch, save).await?;
    let owner = prepared.draft.record.at(system::OWNER).as_id();
    Ok(Effect { output: json!({ "owner": owner }), ..Effect::default() })
}

/// The members of a team who may act, in the order in which they joined.
async fn members(session: &Session, team: &str) -> Result<Vec<Uuid>> {
    let users = session.elevated().entity("user")?;
    let filter = json!({ "all": [{ "field": "team.name", "eq": team }, { "field": "active", "eq": true }] });
    let filter = Filter::parse(&filter, &users, &session.model)?;
    let request = PageRequest {
        filter,
        sort: vec![Sort { path: FieldPath::own(users.name.clone(), system::ID), descending: false }],
        limit: 500,
        ..PageRequest::default()
    };
    let found = page(&session.elevated(), &users, request).await?;
    let members: Vec<Uuid> = found.rows.iter().map(|row| row.id).collect();
    if members.is_empty() {
        return Err(Error::from(Problem::new("team_without_members", "").with("team", team)));
    }
    Ok(members)
}

/// The member after the one who got the latest record.
async fn next_in_turn(session: &Session, entity: &EntityModel, team: &str) -> Result<Uuid> {
    let members = members(session, team).await?;
    let entity = session.elevated().entity(&entity.name)?;
    let filter = json!({ "field": "owner", "in": members });
    let request = PageRequest {
        columns: vec![FieldPath::own(entity.name.clone(), system::OWNER)],
        filter: Filter::parse(&filter, &entity, &session.model)?,
        sort: vec![Sort { path: FieldPath::own(entity.name.clone(), system::CREATED_AT), descending: true }],
        limit: 1,
        ..PageRequest::default()
    };
    let latest = page(&session.elevated(), &entity, request).await?;
    let last = latest.rows.first().and_then(|row| row.values.first()).and_then(Value::as_id);
    let at = last.and_then(|last| members.iter().position(|member| *member == last));
    let next = at.map_or(0, |at| (at + 1) % members.len());
    members.get(next).copied().ok_or(Error::NotFound)
}

/// The member who owns the fewest records of the entity.
async fn least_busy(session: &Session, entity: &EntityModel, team: &str) -> Result<Uuid> {
    let members = members(session, team).await?;
    let query = AggregateQuery {
        entity: entity.name.clone(),
        group: vec![Group { path: FieldPath::own(entity.name.clone(), system::OWNER), by: None }],
        measures: vec![Measure {
            function: MeasureFunction::Count,
            path: None,
            filter: Filter::True,
            name: "n".into(),
        }],
        ..AggregateQuery::default()
    };
    let rows = aggregate(&session.elevated(), &query).await?;
    let count = |member: &Uuid| {
        let row = rows.iter().find(|row| row.first().and_then(Value::as_id) == Some(*member));
        row.and_then(|row| row.get(1)).and_then(Value::as_integer).unwrap_or(0)
    };
    members.iter().min_by_key(|member| count(member)).copied().ok_or(Error::NotFound)
}
