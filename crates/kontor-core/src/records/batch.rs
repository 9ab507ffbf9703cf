//! What several saves of one request share: records read on the way, look-ups of links, and the writes to come.
//! An import of thousands of rows looks each account up once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use kontor_model::currency::Rate;
use kontor_model::entity::DuplicateRule;
use kontor_model::value::HeldFile;
use kontor_model::{EntityModel, Record};
use kontor_store::CommitUnit;
use kontor_store::system::FileRow;
use uuid::Uuid;

use super::duplicates::key_of;
use super::lists::{Overlay, Touched};
use super::refused::Places;
use super::select::own_paths;
use crate::Session;
use crate::error::Result;

/// How a look-up by a field's value ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Exactly one record that the actor may see.
    One(Uuid),
    /// None.
    None,
    /// Several: the value does not tell which.
    Several,
}

/// A record in the bin with all its fields, whatever the actor may see.
///
/// # Errors
/// When the database does not answer.
pub async fn deleted(session: &Session, entity: &EntityModel, id: Uuid) -> Result<Option<Arc<Record>>> {
    let workspace = &session.workspace;
    let (paths, context) = (own_paths(entity, |_| true), session.filter_context());
    let access = &workspace.full_access;
    let row = workspace.store.get_deleted(&session.model, access, &entity.name, id, &paths, &context).await?;
    Ok(row.map(|values| Arc::new(Record { values })))
}

/// Records as a batch writes them, by entity and id; `None` for what goes to the bin.
pub type Written = HashMap<(String, Uuid), Option<Arc<Record>>>;

/// What several saves of one request share.
#[derive(Debug, Default)]
pub struct Batch {
    /// Everything that will be committed together.
    pub unit: CommitUnit,
    /// How many saves are inside each other: a script that saves runs scripts.
    pub depth: u32,
    /// What the lists of documents will hold.
    pub overlay: Overlay,
    /// Whether records are prepared that stand for themselves and are committed together.
    pub of_many: bool,
    /// The pointer of the record that is being prepared, among all that was sent.
    pub at: String,
    /// Where the records that were prepared stand in what was sent.
    pub places: Places,
    /// Documents that are asked before the commit what they say of the rows that this batch writes, and where in what was
    /// sent the first of these stands.
    pub(super) touched: BTreeMap<Touched, String>,
    /// The entries of the history of stages that this batch began, by record and stage field.
    pub(super) stays: HashMap<(Uuid, usize), Record>,
    rates: HashMap<(String, NaiveDate), Option<Rate>>,
    records: HashMap<(String, Uuid), Option<Arc<Record>>>,
    pub(super) written: Written,
    /// Documents as they will be with a row that is saved by itself; the commit works them out.
    pub(super) foreseen: HashMap<(String, Uuid), Arc<Record>>,
    pub(super) lookups: HashMap<(String, usize, String), Found>,
    /// What this batch wrote, by entity, duplicate rule and what that compares; an id may have been written over.
    alike: HashMap<(String, String, String), Vec<Uuid>>,
    /// What files became that records of this batch were given, by record and field.
    files: HashMap<(Uuid, usize), Vec<HeldFile>>,
    /// Files that this batch makes, by id.
    made: HashMap<Uuid, FileRow>,
    /// Fields by which records were looked up: what this batch writes is found by them too.
    pub(super) watched: HashMap<String, BTreeSet<usize>>,
}

impl Batch {
    /// What a currency is worth in the workspace's on a day, as far as it is stored.
    pub async fn rate(&mut self, session: &Session, currency: &str, day: NaiveDate) -> Result<Option<Rate>> {
        let key = (currency.to_owned(), day);
        if let Some(rate) = self.rates.get(&key) {
            return Ok(*rate);
        }
        let settings = session.workspace.settings();
        let found = session.workspace.store.rate(&session.model, currency, &settings.currency, day).await?;
        self.rates.insert(key, found);
        Ok(found)
    }

    /// A record with all its fields, whatever the actor may see; as written by this batch, if it was.
    pub async fn record(
        &mut self,
        session: &Session,
        entity: &EntityModel,
        id: Uuid,
    ) -> Result<Option<Arc<Record>>> {
        let key = (entity.name.clone(), id);
        if let Some(record) = self.written.get(&key).or_else(|| self.records.get(&key)) {
            return Ok(record.clone());
        }
        let workspace = &session.workspace;
        let paths = own_paths(entity, |_| true);
        let context = session.filter_context();
        let row = workspace
            .store
            .get(&session.model, &workspace.full_access, &entity.name, id, &paths, &context)
            .await?;
        let record = row.map(|values| Arc::new(Record { values }));
        self.records.insert(key, record.clone());
        Ok(record)
    }

    /// What a file became that a field of a record of this batch was given.
    pub fn held(&self, record: Uuid, field: usize, file: Uuid) -> Option<&HeldFile> {
        self.files.get(&(record, field))?.iter().find(|held| held.id == file)
    }

    /// Remembers it.
    pub fn hold(&mut self, record: Uuid, field: usize, file: HeldFile) {
        self.files.entry((record, field)).or_default().push(file);
    }

    /// A file that this batch makes: it is known before it is stored.
    pub fn made(&self, file: Uuid) -> Option<&FileRow> {
        self.made.get(&file)
    }

    /// Remembers it.
    pub fn make(&mut self, file: FileRow) {
        self.made.insert(file.id, file);
    }

    /// Whether a record of this batch holds the file already.
    pub fn is_claimed(&self, file: Uuid) -> bool {
        self.files.values().flatten().any(|held| held.id == file)
    }

    /// Forgets what was read, so that a second attempt sees what is stored now.
    pub fn forget(&mut self) {
        *self = Self { depth: self.depth, ..Self::default() };
    }

    /// Forgets the records after their writes were committed; what look-ups found stays.
    pub fn committed(&mut self) {
        self.overlay = Overlay::default();
        self.places = Places::default();
        self.touched.clear();
        self.stays.clear();
        self.records.clear();
        self.written.clear();
        self.foreseen.clear();
        self.alike.clear();
    }

    /// Remembers what a save of this batch will write; `None` for a record that goes to the bin.
    pub fn wrote(&mut self, entity: &EntityModel, id: Uuid, record: Option<Record>) {
        let watched: Vec<usize> = self.watched.get(&entity.name).into_iter().flatten().copied().collect();
        if let Some(record) = &record {
            for index in watched {
                self.index(entity, index, id, record);
            }
            for rule in &entity.duplicates {
                if let Some(key) = key_of(entity, rule, record) {
                    let key = (entity.name.clone(), rule.name.clone(), key);
                    self.alike.entry(key).or_default().push(id);
                }
            }
        }
        let key = (entity.name.clone(), id);
        self.foreseen.remove(&key);
        self.written.insert(key, record.map(Arc::new));
    }

    /// What this batch writes so far.
    pub fn written(&self) -> Written {
        self.written.clone()
    }

    /// Takes back what was worked out since then and is not written.
    pub fn put_back(&mut self, written: Written) {
        self.written = written;
    }

    /// Remembers what a document will be with a row that is saved by itself, for whoever reads it behind a link.
    pub fn foresee(&mut self, entity: &EntityModel, record: &Record) {
        self.foreseen.insert((entity.name.clone(), record.id()), Arc::new(record.clone()));
    }

    /// Forgets it: the row is not saved.
    pub fn forget_foreseen(&mut self) {
        self.foreseen.clear();
    }

    /// Whether this batch writes the record, so that what the database holds of it is out of date.
    pub fn has_written(&self, entity: &EntityModel, id: Uuid) -> bool {
        self.written.contains_key(&(entity.name.clone(), id))
    }

    /// What this batch writes of an entity, by id; `None` for what goes to the bin.
    pub fn written_of(&self, entity: &EntityModel) -> BTreeMap<Uuid, Option<Arc<Record>>> {
        let own = self.written.iter().filter(|((name, _), _)| *name == entity.name);
        own.map(|((_, id), record)| (*id, record.clone())).collect()
    }

    /// Other records that this batch writes and that a duplicate rule calls the same.
    pub fn alike(
        &self,
        entity: &EntityModel,
        rule: &DuplicateRule,
        key: &str,
        but: Uuid,
    ) -> Vec<Arc<Record>> {
        let place = (entity.name.clone(), rule.name.clone(), key.to_owned());
        let ids: BTreeSet<Uuid> = self.alike.get(&place).into_iter().flatten().copied().collect();
        ids.into_iter()
            .filter(|id| *id != but)
            .filter_map(|id| self.written.get(&(entity.name.clone(), id))?.clone())
            .filter(|record| key_of(entity, rule, record).as_deref() == Some(key))
            .collect()
    }

    /// Forgets that a record was written, because its writes were taken back.
    pub fn unwrite(&mut self, entity: &EntityModel, id: Uuid) {
        self.overlay.forget(id);
        self.written.remove(&(entity.name.clone(), id));
        self.lookups.retain(|(name, _, _), found| *name != entity.name || *found != Found::One(id));
    }

    /// Whether this batch puts the record into the bin.
    pub fn is_gone(&self, entity: &EntityModel, id: Uuid) -> bool {
        matches!(self.written.get(&(entity.name.clone(), id)), Some(None))
    }

    /// Whether this batch lets a link of a record lead somewhere else than there.
    pub fn leads_elsewhere(&self, entity: &EntityModel, id: Uuid, field: usize, there: Uuid) -> bool {
        let written = self.written.get(&(entity.name.clone(), id)).and_then(Option::as_ref);
        written.is_some_and(|record| record.at(field).as_id() != Some(there))
    }
}
