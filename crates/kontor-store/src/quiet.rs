//! Whether anything at all was written to a SQLite workspace since a look at it, by this process or another. This costs
//! two looks at files in place of a query: what is asked for on every request, and what takes long to add up, is
//! remembered until something is written.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// File times move in steps of some milliseconds: a file that was written this long ago would show any later write.
const SETTLED: Duration = Duration::from_millis(100);
/// So many answers are remembered; then all are forgotten and it begins anew.
const MOST: usize = 500;

/// Time and size of the database and of its log.
type Marks = [Option<(SystemTime, u64)>; 2];

/// Answers of the database that hold as long as nothing is written, each by its question.
#[derive(Debug)]
pub(crate) struct WhileQuiet<T> {
    files: Option<[PathBuf; 2]>,
    answers: Mutex<(Marks, HashMap<String, T>)>,
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
        Self { files, answers: Mutex::default() }
    }

    /// The kept answer, or how things stand now, to be given to [`WhileQuiet::keep`] with a fresh one.
    pub(crate) fn look(&self, question: &str) -> Result<T, Option<Look>> {
        let Some(files) = &self.files else { return Err(None) };
        let marks = files.each_ref().map(|file| {
            let metadata = std::fs::metadata(file).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        });
        let kept = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 == marks
            && let Some(answer) = kept.1.get(question)
        {
            return Ok(answer.clone());
        }
        let long_ago = |(modified, _): (SystemTime, u64)| {
            SystemTime::now().duration_since(modified).is_ok_and(|age| age >= SETTLED)
        };
        Err(Some(Look { marks, settled: marks.into_iter().flatten().all(long_ago) }))
    }

    /// Keeps an answer that was read after the look.
    pub(crate) fn keep(&self, look: Option<Look>, question: String, answer: &T) {
        let Some(look) = look.filter(|look| look.settled) else { return };
        let mut kept = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != look.marks || kept.1.len() >= MOST {
            *kept = (look.marks, HashMap::new());
        }
        kept.1.insert(question, answer.clone());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn set_back(path: &Path, seconds: u64) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        std::fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
    }

    #[test]
    fn an_answer_holds_until_something_is_written() {
        let file = tempfile::NamedTempFile::new().unwrap();
        set_back(file.path(), 9);
        let answers = WhileQuiet::new(Some(file.path()));
        let look = answers.look("a").unwrap_err();
        answers.keep(look, "a".into(), &1);
        assert_eq!(answers.look("a").ok(), Some(1));
        let look = answers.look("b").unwrap_err();
        answers.keep(look, "b".into(), &2);
        assert_eq!((answers.look("a").ok(), answers.look("b").ok()), (Some(1), Some(2)));
        set_back(file.path(), 5);
        assert_eq!((answers.look("a").ok(), answers.look("b").ok()), (None, None));
        // What was read after a look that is out of date by now is forgotten with the next one.
        let stale = answers.look("a").unwrap_err();
        set_back(file.path(), 3);
        answers.keep(stale, "a".into(), &3);
        assert_eq!(answers.look("a").ok(), None);
    }

    #[test]
    fn a_file_that_was_written_just_now_is_not_trusted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let answers = WhileQuiet::new(Some(file.path()));
        let look = answers.look("a").unwrap_err();
        answers.keep(look, "a".into(), &1);
        assert_eq!(answers.look("a").ok(), None);
        assert!(WhileQuiet::<i32>::new(None).look("a").unwrap_err().is_none());
    }
}
