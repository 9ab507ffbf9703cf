//! What a script may ask of records: with the caller's rights, into the batch.

use std::sync::Arc;

use kontor_model::filter::{FieldPath, Filter};
use kontor_model::{Decimal, EntityModel, Json, Problem, Problems, Record, Value};
use kontor_script::{DocumentList, Host, HostError};
use kontor_store::{AggregateQuery, Measure, MeasureFunction, PageQuery, Sort};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::batch::Batch;
use super::draft::{Draft, Save};
use super::hooks::{MAX_CASCADE, too_deep};
use super::lists::Document;
use super::parse::is_visible;
use super::select::own_paths;
use crate::Session;
use crate::error::Error;

/// The door from a script to records.
pub struct RecordHost {
    session: Session,
    batch: Mutex<Batch>,
    document: Mutex<Option<Document>>,
    handle: Handle,
}

impl RecordHost {
    /// A host that holds a batch, and the lists of the record, for as long as the script runs. Its calls block; whoever runs a script has left the
    /// async threads.
    pub fn new(session: &Session, batch: &mut Batch, document: Document) -> Self {
        let granted = session.cause.granted.as_ref().and_then(|granted| granted.nested()).map(Arc::new);
        // Neither what was approved nor the will of a process speaks for what a script saves itself.
        let cause = crate::Cause { script: true, granted, by_process: false, ..session.cause.clone() };
        let session = Session { cause, ..session.clone() };
        let batch = Mutex::new(std::mem::take(batch));
        Self { session, batch, document: Mutex::new(Some(document)), handle: Handle::current() }
    }

    /// Gives the batch back, with what the script wrote, and the lists as they were; whether the batch was told of the
    /// record for the sake of new rows.
    pub async fn give_back(&self, batch: &mut Batch, draft: &mut Draft) -> bool {
        *batch = std::mem::take(&mut *self.batch.lock().await);
        let Some(document) = self.document.lock().await.take() else { return false };
        let told = document.told;
        draft.lists = document.into_lists();
        told
    }

    fn entity(&self, name: &str) -> Result<Arc<EntityModel>, HostError> {
        self.session
            .entity(name)
            .map_err(|_| HostError::Problems(Problem::new("unknown_entity", "").with("entity", name).into()))
    }

    fn filter(&self, entity: &EntityModel, json: &Json) -> Result<Filter, HostError> {
        if json.is_null() {
            return Ok(Filter::True);
        }
        Filter::parse(json, entity, &self.session.model).map_err(HostError::Problems)
    }
}

fn failed(error: Error) -> HostError {
    match error {
        Error::Problems(problems) => HostError::Problems(problems),
        Error::NotFound => HostError::Problems(Problem::new("not_found", "").into()),
        Error::Forbidden(verb) => {
            HostError::Problems(Problem::new("forbidden", "").with("verb", verb).into())
        }
        error => HostError::Failed(error.to_string()),
    }
}

fn ended() -> HostError {
    HostError::Failed("the script has ended".to_owned())
}

impl Host for RecordHost {
    fn get(&self, entity: &str, id: Uuid) -> Result<Option<Record>, HostError> {
        let entity = self.entity(entity)?;
        self.handle.block_on(async {
            let mut batch = self.batch.lock().await;
            if !is_visible(&self.session, &mut batch, &entity, id).await.map_err(failed)? {
                return Ok(None);
            }
            let record = batch.record(&self.session, &entity, id).await.map_err(failed)?;
            Ok(record.map(|record| masked(&self.session, &entity, &record)))
        })
    }

    fn find(
        &self,
        entity: &str,
        filter: &Json,
        sort: &[String],
        limit: u64,
    ) -> Result<Vec<Record>, HostError> {
        let entity = self.entity(entity)?;
        let filter = self.filter(&entity, filter)?;
        let mut keys = Vec::new();
        for key in sort {
            let (descending, name) = key.strip_prefix('-').map_or((false, key.as_str()), |name| (true, name));
            let path = FieldPath::parse(name, &entity, &self.session.model)
                .map_err(|problem| HostError::Problems(problem.into()))?;
            keys.push(Sort { path, descending });
        }
        let rights = super::view::rights_of(&self.session, &entity);
        let readable = |index: usize| {
            rights.get(index).is_some_and(|right| *right > kontor_model::access::FieldRight::None)
        };
        let select = own_paths(&entity, readable);
        let query = PageQuery {
            entity: entity.name.clone(),
            select: select.clone(),
            filter,
            sort: keys,
            limit,
            ..PageQuery::default()
        };
        let session = &self.session;
        let page = self
            .handle
            .block_on(session.workspace.store.page(
                &session.model,
                &session.actor.access,
                &query,
                &session.filter_context(),
            ))
            .map_err(|error| failed(error.into()))?;
        Ok(page
            .rows
            .into_iter()
            .map(|row| {
                let mut record = Record::empty(&entity);
                for (path, value) in select.iter().zip(row) {
                    record.set(path.field, value);
                }
                record
            })
            .collect())
    }

    fn count(&self, entity: &str, filter: &Json) -> Result<u64, HostError> {
        let value = self.aggregate(entity, None, MeasureFunction::Count, filter)?;
        Ok(u64::try_from(value.as_integer().unwrap_or(0)).unwrap_or(0))
    }

    fn sum(&self, entity: &str, field: &str, filter: &Json) -> Result<Decimal, HostError> {
        let value = self.aggregate(entity, Some(field), MeasureFunction::Sum, filter)?;
        Ok(value.as_decimal().unwrap_or(Decimal::ZERO))
    }

    fn create(&self, entity: &str, values: Json) -> Result<Uuid, HostError> {
        let entity = self.entity(entity)?;
        let save = Save::create(&entity, Save::values_of(object(&values)?));
        self.save(save)
    }

    fn update(&self, entity: &str, id: Uuid, values: Json) -> Result<(), HostError> {
        let entity = self.entity(entity)?;
        let save = Save::update(&entity, id, Save::values_of(object(&values)?));
        self.save(save).map(|_| ())
    }

    fn delete(&self, entity: &str, id: Uuid) -> Result<(), HostError> {
        let entity = self.entity(entity)?;
        self.handle.block_on(async {
            let mut batch = self.batch.lock().await;
            super::delete::prepare(&self.session, &mut batch, &entity, id, None).await.map_err(failed)
        })
    }

    fn title(&self, entity: &str, id: Uuid) -> Result<Option<String>, HostError> {
        let record = self.get(entity, id)?;
        let entity = self.entity(entity)?;
        Ok(record.map(|record| super::view::title_of(&entity, &record, &self.session)))
    }

    fn lookup(&self, table: &str, inputs: &Json) -> Result<Json, HostError> {
        let Some(found) = self.session.model.tables.get(table) else {
            let known: Vec<&str> = self.session.model.tables.keys().map(String::as_str).collect();
            let problem = Problem::new("unknown_table", "").with("table", table);
            return Err(HostError::Problems(problem.with("options", known.join(", ")).into()));
        };
        let today = self.session.filter_context().today();
        found.ask(inputs, today, &self.session.parse_context()).map_err(HostError::Problems)
    }

    fn worth(&self, amount: Decimal, currency: &str) -> Result<Option<Decimal>, HostError> {
        if currency == self.session.workspace.settings().currency {
            return Ok(Some(amount));
        }
        let today = self.session.filter_context().today();
        let rate = self
            .handle
            .block_on(async { self.batch.lock().await.rate(&self.session, currency, today).await })
            .map_err(failed)?;
        Ok(rate.and_then(|rate| rate.convert(amount)))
    }

    fn setting(&self, name: &str) -> Result<Json, HostError> {
        let Some(setting) = self.session.model.settings.get(name) else {
            let known: Vec<&str> = self.session.model.settings.keys().map(String::as_str).collect();
            let problem = Problem::new("unknown_setting", "").with("name", name);
            return Err(HostError::Problems(problem.with("options", known.join(", ")).into()));
        };
        let value = self.session.parameters.get(name).cloned().unwrap_or_default();
        Ok(if value.is_empty() { Json::Null } else { setting.field.kind.to_json(&setting.field, &value) })
    }

    fn document_list(&self, field: usize) -> Result<DocumentList, HostError> {
        self.handle.block_on(async {
            let document = self.document.lock().await;
            let document = document.as_ref().ok_or_else(ended)?;
            document.list(&self.session, field).await.map_err(failed)
        })
    }

    fn stored_list(&self, field: usize) -> Result<Vec<Record>, HostError> {
        self.handle.block_on(async {
            let document = self.document.lock().await;
            let document = document.as_ref().ok_or_else(ended)?;
            document.stored(&self.session, field).await.map_err(failed)
        })
    }

    fn new_row(
        &self,
        field: usize,
        current: &Record,
        values: &[(usize, Value)],
    ) -> Result<Record, HostError> {
        self.handle.block_on(async {
            let mut document = self.document.lock().await;
            let document = document.as_mut().ok_or_else(ended)?;
            let mut batch = self.batch.lock().await;
            document.new_row(&self.session, &mut batch, field, current, values).await.map_err(failed)
        })
    }

    fn seed(&self) -> u64 {
        let mut bytes = [0_u8; 8];
        // Without randomness of the machine the clock has to do: the numbers are no secrets.
        match getrandom::fill(&mut bytes) {
            Ok(()) => u64::from_le_bytes(bytes),
            Err(_) => self.session.now.timestamp_millis().unsigned_abs(),
        }
    }
}

impl RecordHost {
    fn save(&self, save: Save) -> Result<Uuid, HostError> {
        self.handle.block_on(async {
            let mut batch = self.batch.lock().await;
            if batch.depth >= MAX_CASCADE {
                return Err(HostError::Problems(Problems::from(too_deep())));
            }
            batch.depth += 1;
            let prepared = Box::pin(super::save::prepare(&self.session, &mut batch, save)).await;
            batch.depth -= 1;
            prepared.map(|prepared| prepared.draft.record.id()).map_err(failed)
        })
    }

    fn aggregate(
        &self,
        entity: &str,
        field: Option<&str>,
        function: MeasureFunction,
        filter: &Json,
    ) -> Result<Value, HostError> {
        let entity = self.entity(entity)?;
        let path = match field {
            Some(name) => Some(
                FieldPath::parse(name, &entity, &self.session.model)
                    .map_err(|problem| HostError::Problems(problem.into()))?,
            ),
            None => None,
        };
        let query = AggregateQuery {
            entity: entity.name.clone(),
            measures: vec![Measure { function, path, filter: Filter::True, name: "value".into() }],
            filter: self.filter(&entity, filter)?,
            ..AggregateQuery::default()
        };
        let session = &self.session;
        let rows = self.handle.block_on(super::aggregate::aggregate(session, &query)).map_err(failed)?;
        Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or_default())
    }
}

fn object(json: &Json) -> Result<&serde_json::Map<String, Json>, HostError> {
    json.as_object().ok_or_else(|| HostError::Problems(Problem::new("not_an_object", "").into()))
}

/// The record without what the actor may not see.
fn masked(session: &Session, entity: &EntityModel, record: &Record) -> Record {
    let mut seen = record.clone();
    for (index, right) in super::view::rights_of(session, entity).into_iter().enumerate() {
        if right == kontor_model::access::FieldRight::None {
            seen.set(index, Value::Empty);
        }
    }
    seen
}
