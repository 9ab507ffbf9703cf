//! The state of one call: the record, what the host is asked, what the script says. Shared by all functions of the
//! call through the engine's tag.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kontor_model::kind::ParseContext;
use kontor_model::locale::Catalogue;
use kontor_model::{EntityModel, Model, Problem, Record};
use rhai::{EvalAltResult, NativeCallContext};
use uuid::Uuid;

use crate::error::ErrorKind;
use crate::host::{Host, HostError};
use crate::limits::{Limit, Limits};
use crate::meter::Meter;
use crate::rows::{ChangedList, Held};
use crate::types::{Answer, Fault};
use crate::{Bill, ScriptContext};

/// Most lines that a call may log, and most problems that it may report.
const MOST_LINES: usize = 1_000;

/// A record as it was read; nothing when there is none that the caller may see.
type Read = Option<Arc<Record>>;

/// Records of a list that is only looked at.
type Rows = Arc<Vec<Arc<Record>>>;

/// One call.
pub(crate) struct Run {
    pub(crate) model: Arc<Model>,
    pub(crate) entity: Arc<EntityModel>,
    pub(crate) context: Arc<ScriptContext>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) limits: Limits,
    pub(crate) meter: Arc<Meter>,
    pub(crate) old: Option<Record>,
    record: Mutex<Record>,
    writable: AtomicBool,
    problems: Mutex<Vec<Problem>>,
    log: Mutex<Vec<String>>,
    read: Mutex<HashMap<(String, Uuid), Read>>,
    lists: Mutex<HashMap<usize, Held>>,
    /// Lists of records that are only looked at: by entity, record and field.
    looked_at: Mutex<HashMap<(String, Uuid, usize), Rows>>,
    failure: Mutex<Option<(ErrorKind, String)>>,
    random: AtomicU64,
    /// Where the last function of ours was called: line and column; errors of functions in modules have no place.
    called_at: AtomicU64,
    queries: AtomicU64,
    rows_read: AtomicU64,
    rows_written: AtomicU64,
}

/// What a new run is made of.
pub(crate) struct Parts {
    pub(crate) model: Arc<Model>,
    pub(crate) entity: Arc<EntityModel>,
    pub(crate) context: Arc<ScriptContext>,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) limits: Limits,
    pub(crate) meter: Arc<Meter>,
    pub(crate) record: Record,
    pub(crate) old: Option<Record>,
    pub(crate) writable: bool,
}

/// The tag under which native functions find the run.
#[derive(Clone)]
pub(crate) struct RunTag(pub(crate) Arc<Run>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while the lock was held leaves plain data behind, never half of a value.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let catalogue = parts.model.catalogue(&parts.context.language);
        Arc::new(Self {
            random: AtomicU64::new(parts.host.seed()),
            model: parts.model,
            entity: parts.entity,
            context: parts.context,
            catalogue,
            host: parts.host,
            limits: parts.limits,
            meter: parts.meter,
            old: parts.old,
            record: Mutex::new(parts.record),
            writable: AtomicBool::new(parts.writable),
            problems: Mutex::default(),
            log: Mutex::default(),
            read: Mutex::default(),
            lists: Mutex::default(),
            looked_at: Mutex::default(),
            failure: Mutex::default(),
            called_at: AtomicU64::new(0),
            queries: AtomicU64::new(0),
            rows_read: AtomicU64::new(0),
            rows_written: AtomicU64::new(0),
        })
    }

    /// The run that a native function is called in.
    pub(crate) fn of(context: &NativeCallContext<'_>) -> Answer<Arc<Self>> {
        let tag = context.tag().and_then(|tag| tag.read_lock::<RunTag>().map(|tag| Arc::clone(&tag.0)));
        let Some(run) = tag else {
            return Err(Fault::error(format!("`{}` can be called inside functions only", context.fn_name())));
        };
        let (line, column) = crate::problem::place(context.call_position());
        run.called_at.store(u64::from(line.unwrap_or(0)) << 32 | u64::from(column.unwrap_or(0)), Relaxed);
        Ok(run)
    }

    /// Remembers the place of a call whose function needs nothing of the run but may fail.
    pub(crate) fn mark(context: &NativeCallContext<'_>) -> Answer<()> {
        Self::of(context).map(drop)
    }

    /// Line and column of the last call of one of our functions; `None` before the first.
    pub(crate) fn called_at(&self) -> Option<(u32, u32)> {
        let place = self.called_at.load(Relaxed);
        let line = u32::try_from(place >> 32).ok().filter(|line| *line > 0)?;
        Some((line, u32::try_from(place & u64::from(u32::MAX)).unwrap_or(0)))
    }

    pub(crate) fn read_record<T>(&self, read: impl FnOnce(&Record) -> T) -> T {
        read(&lock(&self.record))
    }

    pub(crate) fn change_record(&self, change: impl FnOnce(&mut Record)) {
        change(&mut lock(&self.record));
    }

    pub(crate) fn take_record(&self) -> Record {
        std::mem::replace(&mut *lock(&self.record), Record { values: Vec::new() })
    }

    pub(crate) fn holds_list(&self, field: usize) -> bool {
        lock(&self.lists).contains_key(&field)
    }

    pub(crate) fn hold_list(&self, field: usize, held: Held) {
        lock(&self.lists).insert(field, held);
    }

    /// Works on a list of the record that was read before; `None` when it was not.
    pub(crate) fn with_list<T>(&self, field: usize, work: impl FnOnce(&mut Held) -> T) -> Option<T> {
        lock(&self.lists).get_mut(&field).map(work)
    }

    /// A list that was looked at before.
    pub(crate) fn seen_list(&self, key: &(String, Uuid, usize)) -> Option<Arc<Vec<Arc<Record>>>> {
        lock(&self.looked_at).get(key).cloned()
    }

    pub(crate) fn see_list(&self, key: (String, Uuid, usize), records: Vec<Record>) -> Arc<Vec<Arc<Record>>> {
        let records = Arc::new(records.into_iter().map(Arc::new).collect::<Vec<_>>());
        lock(&self.looked_at).insert(key, Arc::clone(&records));
        records
    }

    /// The lists that the scripts changed.
    pub(crate) fn take_lists(&self) -> Vec<(usize, ChangedList)> {
        let held = std::mem::take(&mut *lock(&self.lists));
        let mut changed: Vec<_> =
            held.into_iter().filter_map(|(field, held)| Some((field, held.into_changed()?))).collect();
        changed.sort_by_key(|(field, _)| *field);
        changed
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.writable.load(Relaxed)
    }

    pub(crate) fn parse_context(&self) -> ParseContext<'_> {
        ParseContext { zone: self.context.zone, now: self.context.now, catalogue: &self.catalogue }
    }

    pub(crate) fn report(&self, problem: Problem) {
        let mut problems = lock(&self.problems);
        if problems.len() < MOST_LINES {
            problems.push(problem);
        }
    }

    pub(crate) fn take_problems(&self) -> Vec<Problem> {
        std::mem::take(&mut lock(&self.problems))
    }

    pub(crate) fn write_log(&self, line: &str) {
        let mut log = lock(&self.log);
        if log.len() < MOST_LINES {
            log.push(line.chars().take(2_000).collect());
        }
    }

    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.log))
    }

    /// A record that has been read in this run before: outer `None` when it has not.
    pub(crate) fn remembered(&self, entity: &str, id: Uuid) -> Option<Read> {
        lock(&self.read).get(&(entity.to_owned(), id)).cloned()
    }

    pub(crate) fn remember(&self, entity: &str, id: Uuid, record: Read) {
        lock(&self.read).insert((entity.to_owned(), id), record);
    }

    /// Forgets what was read, after a write.
    pub(crate) fn forget(&self) {
        lock(&self.read).clear();
        lock(&self.looked_at).clear();
    }

    /// Charges one query; the error ends the script.
    pub(crate) fn charge_query(&self) -> Answer<()> {
        self.charge(&self.queries, 1, self.limits.queries, Limit::Queries)
    }

    /// Charges records read.
    pub(crate) fn charge_rows_read(&self, rows: usize) -> Answer<()> {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        self.charge(&self.rows_read, rows, self.limits.rows_read, Limit::RowsRead)
    }

    /// Charges one record written.
    pub(crate) fn charge_row_written(&self) -> Answer<()> {
        self.charge(&self.rows_written, 1, self.limits.rows_written, Limit::RowsWritten)
    }

    /// How many records may still be read.
    pub(crate) fn rows_left(&self) -> u64 {
        self.limits.rows_read.saturating_sub(self.rows_read.load(Relaxed))
    }

    fn charge(&self, counter: &AtomicU64, amount: u64, most: u64, limit: Limit) -> Answer<()> {
        let used = counter.fetch_add(amount, Relaxed).saturating_add(amount);
        if used > most {
            return Err(self.fail(ErrorKind::Limit(limit, most), format!("more than {most} {limit}")));
        }
        Ok(())
    }

    /// Ends the script, whatever it catches.
    pub(crate) fn fail(&self, kind: ErrorKind, message: String) -> Box<EvalAltResult> {
        lock(&self.failure).get_or_insert((kind, message));
        self.meter.end();
        Box::new(EvalAltResult::ErrorTerminated(rhai::Dynamic::UNIT, rhai::Position::NONE))
    }

    pub(crate) fn take_failure(&self) -> Option<(ErrorKind, String)> {
        lock(&self.failure).take()
    }

    /// What the host answered; its errors as errors of the script. A host that took too long ends the script.
    pub(crate) fn answer<T>(&self, answer: Result<T, HostError>) -> Answer<T> {
        if self.meter.is_late() {
            return Err(Box::new(EvalAltResult::ErrorTerminated(rhai::Dynamic::UNIT, rhai::Position::NONE)));
        }
        match answer {
            Ok(value) => Ok(value),
            Err(HostError::Failed(message)) => Err(self.fail(ErrorKind::Host, message)),
            Err(HostError::Problems(problems)) => {
                let messages: Vec<String> =
                    problems.iter().map(|problem| problem.message(&self.catalogue)).collect();
                Err(Fault { message: messages.join("; "), problems }.into_error())
            }
        }
    }

    /// The next random number of the call: `SplitMix64` (Steele, Lea, Flood 2014).
    pub(crate) fn next_random(&self) -> u64 {
        let seed = self.random.fetch_add(0x9E37_79B9_7F4A_7C15, Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn bill(&self) -> Bill {
        Bill {
            operations: self.meter.operations(),
            queries: self.queries.load(Relaxed),
            rows_read: self.rows_read.load(Relaxed),
            rows_written: self.rows_written.load(Relaxed),
            microseconds: self.meter.microseconds(),
        }
    }
}
