//! Compiled sources, remembered by content. A script's name is not part of it: layers may share a text.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rhai::{AST, Engine, Module, ParseError, Scope, Shared};

use crate::hook::{Function, Hook};
use crate::scan;

/// Longest source, in bytes.
pub(crate) const LONGEST_SOURCE: usize = 256 * 1024;
/// Most sources that are remembered; then all are forgotten.
const MOST_SOURCES: usize = 2_000;

/// A source that compiled.
pub(crate) struct Compiled {
    pub(crate) ast: AST,
    /// The hooks that it defines.
    pub(crate) functions: Vec<Function>,
    /// Whether there is something to run before a function: imports, constants.
    pub(crate) has_top: bool,
}

/// All sources that compiled.
#[derive(Default)]
pub(crate) struct Sources {
    compiled: RwLock<HashMap<Arc<str>, Arc<Compiled>>>,
    libraries: RwLock<HashMap<Arc<str>, Shared<Module>>>,
}

/// Why a source is no script.
pub(crate) enum SourceError {
    Parse(ParseError),
    TooLong(usize),
}

impl Sources {
    /// The compiled source, when it is remembered.
    pub(crate) fn known(&self, source: &Arc<str>) -> Option<Arc<Compiled>> {
        self.compiled.read().unwrap_or_else(PoisonError::into_inner).get(source).cloned()
    }

    /// The compiled source, from memory or anew.
    pub(crate) fn get(&self, engine: &Engine, source: &Arc<str>) -> Result<Arc<Compiled>, SourceError> {
        if let Some(compiled) = self.known(source) {
            return Ok(compiled);
        }
        let compiled = Arc::new(compile(engine, source)?);
        let mut known = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_SOURCES {
            known.clear();
        }
        known.insert(Arc::clone(source), Arc::clone(&compiled));
        Ok(compiled)
    }

    /// A library as a module, from memory or anew.
    pub(crate) fn library(
        &self,
        engine: &Engine,
        path: &str,
        source: &str,
    ) -> Result<Shared<Module>, Box<rhai::EvalAltResult>> {
        if let Some(module) = self.libraries.read().unwrap_or_else(PoisonError::into_inner).get(source) {
            return Ok(Shared::clone(module));
        }
        let mut ast = engine.compile(source)?;
        ast.set_source(path);
        let mut module = Module::eval_ast_as_new(Scope::new(), &ast, engine)?;
        module.set_id(path);
        module.build_index();
        let module: Shared<Module> = module.into();
        let mut known = self.libraries.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_SOURCES {
            known.clear();
        }
        known.insert(Arc::from(source), Shared::clone(&module));
        Ok(module)
    }
}

/// Compiles a source and finds its hooks.
pub(crate) fn compile(engine: &Engine, source: &str) -> Result<Compiled, SourceError> {
    if source.len() > LONGEST_SOURCE {
        return Err(SourceError::TooLong(source.len()));
    }
    let ast = engine.compile(source).map_err(SourceError::Parse)?;
    let functions = hooks(&ast, source);
    let has_top = scan::has_top_level(source);
    Ok(Compiled { ast, functions, has_top })
}

/// The functions that Kontor calls, in the order of the source.
pub(crate) fn hooks(ast: &AST, source: &str) -> Vec<Function> {
    let lines: HashMap<String, u32> =
        scan::functions(source).into_iter().map(|found| (found.name, found.line)).collect();
    let mut functions: Vec<Function> = ast
        .iter_functions()
        .filter_map(|function| {
            let hook = Hook::of(function.name)?;
            Some(Function {
                name: function.name.to_owned(),
                hook,
                parameters: function.params.iter().map(ToString::to_string).collect(),
                comment: comment(&function.comments),
                line: lines.get(function.name).copied().unwrap_or(1),
            })
        })
        .collect();
    functions.sort_by_key(|function| function.line);
    functions
}

/// A doc comment without its slashes.
fn comment(lines: &[&str]) -> String {
    let texts: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.lines())
        .map(|line| line.trim().trim_start_matches('/').trim())
        .collect();
    texts.join("\n").trim().to_owned()
}
