//! Duplicate rules: which other records are the same. They look at all records, and of those that the writer cannot
//! see they say only who holds them. Texts are compared folded, telephone numbers by what is dialled.

use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::entity::{DuplicateAnswer, DuplicateRule, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::problem::NamedRecord;
use kontor_model::value::{dialled, fold};
use kontor_model::{EntityModel, FieldModel, Problem, Problems, Record, Value};
use kontor_store::PageQuery;
use uuid::Uuid;

use super::batch::Batch;
use super::parse::is_visible;
use super::select::own_paths;
use crate::Session;
use crate::error::Result;
use crate::permissions::field_right;

/// Most records that are named for one rule.
const NAMED: u64 = 5;

/// What these rules say of a record.
pub async fn find(
    session: &Session,
    batch: &mut Batch,
    entity: &Arc<EntityModel>,
    record: &Record,
    rules: &[&DuplicateRule],
) -> Result<Problems> {
    let mut problems = Problems::new();
    for rule in rules.iter().filter(|rule| rule.then != DuplicateAnswer::Allow) {
        let Some(key) = key_of(entity, rule, record) else { continue };
        let alike = alike(session, batch, entity, rule, record, &key).await?;
        if alike.is_empty() {
            continue;
        }
        let problem = say(session, batch, entity, rule, alike).await?;
        problems.push(if rule.then == DuplicateAnswer::Block { problem } else { problem.as_warning() });
    }
    Ok(problems)
}

/// What a rule compares of a record as one text; nothing when one of the fields is empty.
pub fn key_of(entity: &EntityModel, rule: &DuplicateRule, record: &Record) -> Option<String> {
    let mut key = String::new();
    for field in rule.fields.iter().filter_map(|index| entity.fields.get(*index)) {
        let part = match record.at(field.index) {
            Value::Empty => return None,
            Value::Text(text) if field.kind.is_dialled() => dialled(text),
            Value::Text(text) => fold(text).into_owned(),
            value => field.kind.to_text(field, value, chrono_tz::UTC),
        };
        key.push_str(&part);
        key.push('\u{1f}');
    }
    (!key.is_empty()).then_some(key)
}

/// The condition on one field that finds what a rule calls the same.
fn condition(entity: &EntityModel, field: &FieldModel, value: &Value) -> Filter {
    let (operator, operand) = match value {
        Value::Text(text) if field.kind.is_dialled() => (Operator::Alike, Operand::Text(dialled(text))),
        // Orders of texts are orders of their folded keys, so this is equality of those, and the index serves.
        Value::Text(_) if field.kind.is_folded() => {
            (Operator::Between, Operand::Range(value.clone(), value.clone()))
        }
        value => (Operator::Eq, Operand::One(value.clone())),
    };
    Filter::Leaf(Leaf { path: FieldPath::own(entity.name.clone(), field.index), operator, operand })
}

/// The records that are the same, a few: those of the database as this batch leaves them, and those that it wrote.
async fn alike(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    rule: &DuplicateRule,
    record: &Record,
    key: &str,
) -> Result<Vec<Arc<Record>>> {
    let id = record.id();
    let mut found = batch.alike(entity, rule, key, id);
    let mut conditions: Vec<Filter> = rule
        .fields
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .map(|field| condition(entity, field, record.at(field.index)))
        .collect();
    conditions.push(Filter::Leaf(Leaf {
        path: FieldPath::own(entity.name.clone(), system::ID),
        operator: Operator::Ne,
        operand: Operand::One(Value::Id(id)),
    }));
    let query = PageQuery {
        entity: entity.name.clone(),
        select: own_paths(entity, |_| true),
        filter: Filter::All(conditions),
        limit: NAMED,
        ..PageQuery::default()
    };
    let workspace = &session.workspace;
    let context = session.filter_context();
    let page = workspace.store.page(&session.model, &workspace.full_access, &query, &context).await?;
    for values in page.rows {
        let stored = Record { values };
        if !batch.has_written(entity, stored.id()) {
            found.push(Arc::new(stored));
        }
    }
    found.truncate(usize::try_from(NAMED).unwrap_or(usize::MAX));
    Ok(found)
}

/// The problem: which records, for those that the writer may see, and who holds the others.
async fn say(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    rule: &DuplicateRule,
    alike: Vec<Arc<Record>>,
) -> Result<Problem> {
    let access = session.actor.access.entity(&entity.name);
    let shows_title = field_right(access, entity, entity.display_field()) > FieldRight::None;
    let mut records = Vec::new();
    let mut words = Vec::new();
    for record in alike {
        let holder = holder_of(session, batch, &record).await?;
        let is_seen = is_visible(session, batch, entity, record.id()).await?;
        let seen = is_seen.then(|| {
            let title = if shows_title {
                super::view::title_of(entity, &record, session)
            } else {
                record.id().to_string()
            };
            (record.id(), title)
        });
        words.push(match (&seen, holder.is_empty()) {
            (Some((_, title)), _) => title.clone(),
            (None, true) => session.catalogue.text_with::<String>("problem.duplicate_unheld", &[]),
            (None, false) => {
                session.catalogue.text_with("problem.duplicate_held", &[("owner", holder.clone())])
            }
        });
        records.push(NamedRecord { entity: entity.name.clone(), seen, holder });
    }
    // A field that the writer may not see is not named.
    let fields: Vec<&FieldModel> = rule
        .fields
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .filter(|field| field_right(access, entity, field) > FieldRight::None)
        .collect();
    let labels: Vec<&str> = fields.iter().map(|field| field.label(&session.catalogue)).collect();
    let at = fields.first().map(|field| format!("/{}", field.name)).unwrap_or_default();
    Ok(Problem::new("duplicate", at)
        .with("entity", entity.label(&session.catalogue))
        .with("rule", &rule.name)
        .with("fields", labels.join(", "))
        .with("records", words.join(", "))
        .about(records))
}

/// Who holds a record: the name of its owner.
async fn holder_of(session: &Session, batch: &mut Batch, record: &Record) -> Result<String> {
    let (Some(owner), Some(user)) = (record.at(system::OWNER).as_id(), session.model.entity("user")) else {
        return Ok(String::new());
    };
    let user = Arc::clone(user);
    let person = batch.record(session, &user, owner).await?;
    Ok(person.map(|person| super::view::title_of(&user, &person, session)).unwrap_or_default())
}

/// Records that a rule calls the same.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// How many there are.
    pub count: u64,
    /// The first of them, by id.
    pub records: Vec<Uuid>,
}

/// What a rule finds in the whole table.
#[derive(Clone, Debug, Default)]
pub struct RuleTrial {
    /// Records that were looked at.
    pub looked_at: u64,
    /// Records that have the same as another one.
    pub alike: u64,
    /// Sets of such records.
    pub clusters: u64,
    /// The largest of them.
    pub shown: Vec<Cluster>,
    /// Whether there are more records than are looked at.
    pub capped: bool,
}

/// Most records that a trial looks at.
pub const MOST_TRIED: u64 = 500_000;
/// Sets that a trial shows.
const SHOWN: usize = 50;
/// Records read at a time.
const CHUNK: u64 = 2_000;

/// Tries a rule over these fields, published or not, on all living records that the actor may see.
///
/// # Errors
/// [`crate::Error::Forbidden`] without the right to design.
pub async fn try_fields(session: &Session, entity: &EntityModel, fields: Vec<usize>) -> Result<RuleTrial> {
    crate::permissions::demand_admin(session, "design")?;
    let rule =
        &DuplicateRule { name: String::new(), fields, then: DuplicateAnswer::Allow, when: Filter::True };
    let mut trial = RuleTrial::default();
    let mut sets: std::collections::HashMap<String, Cluster> = std::collections::HashMap::new();
    let mut after = Uuid::nil();
    let mut select = vec![FieldPath::own(entity.name.clone(), system::ID)];
    select.extend(rule.fields.iter().map(|index| FieldPath::own(entity.name.clone(), *index)));
    loop {
        let query = PageQuery {
            entity: entity.name.clone(),
            select: select.clone(),
            filter: Filter::Leaf(Leaf {
                path: FieldPath::own(entity.name.clone(), system::ID),
                operator: Operator::Gt,
                operand: Operand::One(Value::Id(after)),
            }),
            sort: vec![kontor_store::Sort {
                path: FieldPath::own(entity.name.clone(), system::ID),
                descending: false,
            }],
            limit: CHUNK,
            ..PageQuery::default()
        };
        let page = session
            .workspace
            .store
            .page(&session.model, &session.actor.access, &query, &session.filter_context())
            .await?;
        let read = u64::try_from(page.rows.len()).unwrap_or(0);
        for row in page.rows {
            let Some(id) = row.first().and_then(Value::as_id) else { continue };
            after = id;
            let mut record = Record::empty(entity);
            for (index, value) in rule.fields.iter().zip(row.into_iter().skip(1)) {
                record.set(*index, value);
            }
            let Some(key) = key_of(entity, rule, &record) else { continue };
            let set = sets.entry(key).or_insert(Cluster { count: 0, records: Vec::new() });
            set.count += 1;
            if set.records.len() < usize::try_from(NAMED).unwrap_or(usize::MAX) {
                set.records.push(id);
            }
        }
        trial.looked_at += read;
        if read < CHUNK {
            break;
        }
        if trial.looked_at >= MOST_TRIED {
            trial.capped = true;
            break;
        }
    }
    let mut clusters: Vec<Cluster> = sets.into_values().filter(|set| set.count > 1).collect();
    clusters.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.records.cmp(&other.records)));
    trial.clusters = u64::try_from(clusters.len()).unwrap_or(u64::MAX);
    trial.alike = clusters.iter().map(|set| set.count).sum();
    clusters.truncate(SHOWN);
    trial.shown = clusters;
    Ok(trial)
}
