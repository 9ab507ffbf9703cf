//! Whether anything at all was written to a SQLite workspace since a look at it, by this process or another. Asked
//! for on every request, this costs two looks at files in place of a query.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// File times move in steps of some milliseconds: a file that was written this long ago would show any later write.
const SETTLED: Duration = Duration::from_millis(100);

/// Time and size of the database and of its log.
type Marks = [Option<(SystemTime, u64)>; 2];

/// An answer of the database that holds as long as nothing is written.
#[derive(Debug)]
pub(crate) struct WhileQuiet<T> {
    files: Option<[PathBuf; 2]>,
    answer: Mutex<Option<(Marks, T)>>,
}

/// How the files stood before the database was asked.
pub(crate) struct Look {
    marks: Marks,
    settled: bool,
}

impl<T: Clone> WhileQuiet<T> {
    /// Over a SQLite file; without one no answer is ever kept.
    pub(crate) fn new(path: Option<&Path>) -> Self {
        let files = path.map(|path| {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            [path.to_owned(), PathBuf::from(log)]
        });
        Self { files, answer: Mutex::new(None) }
    }

    /// The kept answer, or how things stand now, to be given to [`WhileQuiet::keep`] with a fresh one.
    pub(crate) fn look(&self) -> Result<T, Option<Look>> {
        let Some(files) = &self.files else { return Err(None) };
        let marks = files.each_ref().map(|file| {
            let metadata = std::fs::metadata(file).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        });
        let kept = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, answer)) = kept.as_ref()
            && *then == marks
        {
            return Ok(answer.clone());
        }
        let long_ago = |(modified, _): (SystemTime, u64)| {
            SystemTime::now().duration_since(modified).is_ok_and(|age| age >= SETTLED)
        };
        Err(Some(Look { marks, settled: marks.into_iter().flatten().all(long_ago) }))
    }

    /// Keeps an answer that was read after the look.
    pub(crate) fn keep(&self, look: Option<Look>, answer: &T) {
        let Some(look) = look.filter(|look| look.settled) else { return };
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some((look.marks, answer.clone()));
    }
}
