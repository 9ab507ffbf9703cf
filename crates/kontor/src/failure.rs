//! Why a command did not do what was asked, in one readable line, and with which exit code it ends.

use std::fmt;

use kontor_core::Error;
use kontor_core::definitions::folder::FolderError;
use kontor_model::Problems;
use kontor_model::locale::Catalogue;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// Something failed or was found wrong.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    /// The command was used wrongly.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }

    /// Nothing more has to be said; the code says that something was found.
    pub fn silent() -> Self {
        Self { text: String::new(), code: 1 }
    }

    /// The same with the code that says that nothing could be told.
    #[must_use]
    pub fn into_trouble(mut self) -> Self {
        self.code = 2;
        self
    }

    /// The same with one more line.
    #[must_use]
    pub fn adding(mut self, line: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(line);
        self
    }

    /// Whether the core found nothing of that name.
    pub fn is_not_found(&self) -> bool {
        self.text == Error::NotFound.to_string()
    }

    /// The exit code: 1 failed or found wrong, 2 wrong usage.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// Everything that is wrong, each on a line when there are several.
    pub fn of_problems(problems: &Problems, catalogue: &Catalogue) -> Self {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| {
                let message = problem.message(catalogue);
                if problem.path.is_empty() { message } else { format!("{}: {message}", problem.path) }
            })
            .collect();
        Self::new(lines.join("\n"))
    }

    /// An error of the core, in words of the operator's language.
    pub fn of(error: &Error, catalogue: &Catalogue) -> Self {
        match error {
            Error::Problems(problems) => Self::of_problems(problems, catalogue),
            error => Self::new(error.words(catalogue)),
        }
    }

    /// What is wrong with a folder, a line per file and place.
    pub fn of_folder(error: &FolderError, catalogue: &Catalogue) -> Self {
        match error {
            FolderError::Failed(error) => Self::of(error, catalogue),
            FolderError::Wrong(wrong) => {
                let lines: Vec<String> = wrong
                    .iter()
                    .map(|one| {
                        let line = one.problem.line.map(|line| format!(" line {line}")).unwrap_or_default();
                        let pointer = if one.problem.path.is_empty() {
                            String::new()
                        } else {
                            format!(" {}", one.problem.path)
                        };
                        format!("{}{pointer}{line}: {}", one.file, one.problem.message(catalogue))
                    })
                    .collect();
                Self::new(lines.join("\n"))
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of(&error, &crate::open::english())
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        Self::of_folder(&error, &crate::open::english())
    }
}
