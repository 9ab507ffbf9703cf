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
use kontor_store::{SystemWrite, Write};
use serde_json::json;
use uuid::Uuid;

use super::Effect;
use super::scope::RunScope;

/// Before the names under which the workspace keeps whose turn it was.
const TURN: &str = "turn:";

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
        Assignee::RoundRobin(team) => {
            Incoming::Value(Value::Id(next_in_turn(session, batch, entity, state, team).await?))
        }
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

/// The member whose turn it is: the one after whoever this workflow chose last for the entity and the team. The turn is
/// stored with the assignment, and only in the place of what was read: of two at once one is told, and reads again. Who has
/// left is passed over, because the order is that of joining, whoever stands in it now.
async fn next_in_turn(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    state: &RunState,
    team: &str,
) -> Result<Uuid> {
    let members = members(session, team).await?;
    let place = format!("{TURN}{}:{}:{team}", state.workflow, entity.name);
    // An earlier record of the same unit may have taken a turn already, which is not stored yet.
    let taken = batch.unit.writes.iter().find_map(|write| match write {
        Write::System(write) => match &**write {
            SystemWrite::TurnMeta { name, value, .. } if *name == place => Some(value.clone()),
            _ => None,
        },
        _ => None,
    });
    let seen = session.workspace.store.meta_of(&place).await?;
    let last = taken.as_ref().or(seen.as_ref()).and_then(|last| last.parse::<Uuid>().ok());
    let after = last.and_then(|last| members.iter().find(|member| **member > last));
    let next = after.or(members.first()).copied().ok_or(Error::NotFound)?;
    let turned = batch.unit.writes.iter_mut().find_map(|write| match write {
        Write::System(write) => match &mut **write {
            SystemWrite::TurnMeta { name, value, .. } if *name == place => Some(value),
            _ => None,
        },
        _ => None,
    });
    if let Some(value) = turned {
        *value = next.to_string();
    } else {
        let turn = SystemWrite::TurnMeta { name: place, seen, value: next.to_string() };
        // Before the records: two who wait for each other's turn hold nothing else meanwhile.
        batch.unit.writes.insert(0, Write::System(Box::new(turn)));
    }
    Ok(next)
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
