//! Files of imports between upload and import: in memory, few, and not for long. Losing one costs an upload, nothing more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kontor_core::imports::{ImportOutcome, Join, Mapping, Table};
use uuid::Uuid;

/// Most files at once; the oldest goes first.
const MOST: usize = 16;
/// How long a file waits for its import.
const LIFETIME: Duration = Duration::from_hours(2);

/// How far an import has come.
#[derive(Clone, Debug, Default)]
pub enum Stage {
    /// The columns are being matched.
    #[default]
    Mapping,
    /// It was tried without saving.
    Tried(Arc<ImportOutcome>),
    /// It runs.
    Running,
    /// It ran: the import's own id.
    Done(Uuid),
    /// It stopped.
    Failed(String),
}

/// A file that waits for its import.
#[derive(Debug)]
pub struct Upload {
    /// The workspace that it belongs to.
    pub workspace: String,
    /// Who sent it.
    pub author: Uuid,
    /// Into which entity.
    pub entity: String,
    /// The name of the file.
    pub file: String,
    /// The rows of the first file.
    records: Table,
    /// The file of rows beside it.
    rows: Option<Table>,
    /// Rows that are through.
    pub progress: AtomicUsize,
    state: Mutex<(Mapping, Stage)>,
    /// Both files as one.
    table: Mutex<Arc<Table>>,
    since: Instant,
}

impl Upload {
    /// What was just sent: a file, perhaps one of rows beside it, and both as one.
    pub fn new(
        workspace: &str,
        author: Uuid,
        entity: &str,
        file: &str,
        (records, rows): (Table, Option<Table>),
        table: Table,
        mapping: Mapping,
    ) -> Self {
        Self {
            workspace: workspace.to_owned(),
            author,
            entity: entity.to_owned(),
            file: file.to_owned(),
            records,
            rows,
            table: Mutex::new(Arc::new(table)),
            progress: AtomicUsize::new(0),
            state: Mutex::new((mapping, Stage::Mapping)),
            since: Instant::now(),
        }
    }

    /// All rows: those of the second file behind the records that they belong to.
    pub fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The columns of the first file, and those of the second when there is one.
    pub fn columns(&self) -> (&[String], Option<&[String]>) {
        (&self.records.columns, self.rows.as_ref().map(|rows| rows.columns.as_slice()))
    }

    /// Both files as one, joined in another way; as they are when there is only one.
    ///
    /// # Errors
    /// What is wrong with the columns.
    pub fn joined(&self, join: &Join) -> Result<Arc<Table>, kontor_core::Error> {
        let Some(rows) = &self.rows else { return Ok(self.table()) };
        Ok(Arc::new(join.apply(&self.records, rows)?))
    }

    /// Whether it runs or ran: then nothing about it changes any more.
    pub fn is_under_way(&self) -> bool {
        matches!(self.stage(), Stage::Running | Stage::Done(_))
    }

    /// How columns become fields, as it stands.
    pub fn mapping(&self) -> Mapping {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Sets how columns become fields, and the rows that they are of; what was tried before says nothing any more.
    /// `false`, and nothing is set, when it runs or has run already.
    pub fn set_mapping(&self, mapping: Mapping, table: Arc<Table>) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(state.1, Stage::Running | Stage::Done(_)) {
            return false;
        }
        *state = (mapping, Stage::Mapping);
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = table;
        true
    }

    /// It was tried without saving. Says nothing when it runs meanwhile.
    pub fn set_tried(&self, outcome: ImportOutcome) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(state.1, Stage::Running | Stage::Done(_)) {
            state.1 = Stage::Tried(Arc::new(outcome));
        }
    }

    /// The run ended: well or not.
    pub fn end(&self, stage: Stage) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = stage;
    }

    /// Begins to run; `false` when it runs or has run already.
    pub fn start(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(state.1, Stage::Running | Stage::Done(_)) {
            return false;
        }
        self.progress.store(0, Ordering::Relaxed);
        state.1 = Stage::Running;
        true
    }
}

/// All files that wait.
#[derive(Debug, Default)]
pub struct Uploads(Mutex<HashMap<Uuid, Arc<Upload>>>);

impl Uploads {
    /// Keeps a file; gives the id of its page.
    pub fn keep(&self, upload: Upload) -> Uuid {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, old| old.since.elapsed() < LIFETIME);
        while all.len() >= MOST {
            let Some(oldest) = all.iter().min_by_key(|(_, old)| old.since).map(|(id, _)| *id) else { break };
            all.remove(&oldest);
        }
        let id = Uuid::now_v7();
        all.insert(id, Arc::new(upload));
        id
    }

    /// The file of a page, for who sent it.
    pub fn get(&self, id: Uuid, workspace: &str, author: Uuid) -> Option<Arc<Upload>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&id).filter(|upload| upload.workspace == workspace && upload.author == author).cloned()
    }
}
