//! `import "lib/dates" as dates`: libraries are scripts of the pinned model below `lib/`, nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use kontor_model::Model;
use kontor_model::definition::DefinitionKind;
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Shared};

use crate::source::Sources;

/// Where the libraries of the running call are; none while no call runs.
pub(crate) struct Resolver(pub(crate) Arc<Mutex<Option<Libraries>>>);

/// The libraries of one model.
#[derive(Clone)]
pub(crate) struct Libraries {
    pub(crate) model: Arc<Model>,
    pub(crate) sources: Arc<Sources>,
    /// The libraries that are being loaded, the outermost first.
    pub(crate) loading: Vec<String>,
}

impl Resolver {
    fn set_loading(&self, change: impl FnOnce(&mut Vec<String>)) {
        if let Some(libraries) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            change(&mut libraries.loading);
        }
    }
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        _importer: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let missing = || Box::new(EvalAltResult::ErrorModuleNotFound(path.to_owned(), position));
        // Cloned, because a library may import another while it is loaded.
        let libraries = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(libraries) = libraries else { return Err(missing()) };
        let Some(source) = library_source(&libraries.model, path) else { return Err(missing()) };
        if libraries.loading.iter().any(|loading| loading == path) {
            let circle = EvalAltResult::ErrorSystem(format!("`{path}` imports itself"), String::new().into());
            return Err(Box::new(EvalAltResult::ErrorInModule(path.to_owned(), Box::new(circle), position)));
        }
        self.set_loading(|loading| loading.push(path.to_owned()));
        let module = libraries.sources.library(engine, path, source);
        self.set_loading(|loading| loading.truncate(libraries.loading.len()));
        module.map_err(|error| Box::new(EvalAltResult::ErrorInModule(path.to_owned(), error, position)))
    }
}

/// The source of a library; `None` for what lies outside `lib/`.
pub(crate) fn library_source<'m>(model: &'m Model, path: &str) -> Option<&'m str> {
    if !path.starts_with("lib/") {
        return None;
    }
    model.definition(DefinitionKind::Script, path)?.get("source")?.as_str()
}
