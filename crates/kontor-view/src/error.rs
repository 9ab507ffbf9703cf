//! What can fail while drawing. None of it is the fault of the person who looks at the page.

/// A page, message or chart could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A minijinja view failed; the text names template and line.
    #[error("view {template}: {cause}")]
    View {
        /// Path of the template below `templates/views/`.
        template: String,
        /// What minijinja says, with its chain of causes.
        cause: String,
    },
    /// A shell template failed.
    #[error("shell: {0}")]
    Shell(#[from] askama::Error),
    /// A catalogue below `locale/` is not readable JSON.
    #[error("locale/{language}.json: {cause}")]
    Catalogue {
        /// The language of the file.
        language: String,
        /// What the JSON reader says.
        cause: String,
    },
    /// No catalogue exists for the language all others fall back to.
    #[error("no catalogue for the fallback language en")]
    NoFallback,
}

impl Error {
    /// Turns an error of minijinja into one that names the template and keeps every cause.
    pub(crate) fn view(template: &str, error: &minijinja::Error) -> Error {
        let mut cause = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            cause.push_str(": ");
            cause.push_str(&inner.to_string());
            source = inner.source();
        }
        Error::View { template: template.to_owned(), cause }
    }
}
