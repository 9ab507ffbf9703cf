//! Engines: cheap to make, because the modules are built once and shared; one runs one call at a time, so that
//! limits and clock are its own.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage,
    BasicMathPackage, BasicStringPackage, LanguageCorePackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Engine, Module, OptimizationLevel, Shared, def_package};

use crate::api::description::{Callable, callable};
use crate::api::{Modules, modules};
use crate::library::{Libraries, Resolver};
use crate::limits::Limits;
use crate::meter::Meter;

/// Greatest nesting of expressions, at the top and inside functions.
pub(crate) const EXPRESSION_DEPTH: usize = 64;
/// Most variables of one scope.
const MOST_VARIABLES: usize = 256;
/// Most functions of one script, and most scripts that one imports.
const MOST_FUNCTIONS: usize = 500;
const MOST_IMPORTS: usize = 20;

def_package! {
    /// What Rhai brings, as one module: every module more is one more look-up for every function of a call.
    /// No blobs, bit fields, clocks: scripts have no use for them, and each is one more thing to bound.
    pub(crate) Language(module):
        LanguageCorePackage,
        ArithmeticPackage,
        BasicStringPackage,
        BasicIteratorPackage,
        BasicFnPackage,
        LogicPackage,
        BasicMathPackage,
        BasicArrayPackage,
        BasicMapPackage,
        MoreStringPackage
    {
        module.set_id("language");
    }
}

/// What all engines share.
pub(crate) struct Kit {
    language: Shared<Module>,
    modules: Modules,
    idle: Mutex<Vec<Seat>>,
    callable: OnceLock<Callable>,
}

/// An engine and its meter.
pub(crate) struct Seat {
    pub(crate) engine: Engine,
    pub(crate) meter: Arc<Meter>,
    lines: Arc<Mutex<Vec<String>>>,
    /// Where `import` finds its libraries during a call.
    libraries: Arc<Mutex<Option<Libraries>>>,
    limits: Limits,
}

impl Kit {
    pub(crate) fn new() -> Self {
        Self {
            language: Language::new().as_shared_module(),
            modules: modules(),
            idle: Mutex::default(),
            callable: OnceLock::new(),
        }
    }

    /// Lends an engine, set to the limits of one call. If the call panics, the engine is thrown away with it.
    pub(crate) fn with<T>(&self, limits: &Limits, call: impl FnOnce(&Seat) -> T) -> T {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut seat = idle.unwrap_or_else(|| self.build());
        if seat.limits != *limits {
            set_limits(&mut seat.engine, limits);
            seat.limits = *limits;
        }
        seat.meter.start(limits);
        let result = call(&seat);
        seat.take_lines();
        *seat.libraries.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(seat);
        result
    }

    /// Everything that a script can call, Rhai's packages included; found out once.
    pub(crate) fn callable(&self, engine: &Engine) -> &Callable {
        self.callable.get_or_init(|| callable(engine, true))
    }

    fn build(&self) -> Seat {
        let mut engine = Engine::new_raw();
        engine.register_global_module(Shared::clone(&self.language));
        engine.register_global_module(Shared::clone(&self.modules.global));
        for (name, module) in &self.modules.named {
            engine.register_static_module(name, Shared::clone(module));
        }
        engine.set_max_strings_interned(256);
        // The optimizer takes twice as long for every `switch` inside another, and gains nothing worth that.
        engine.set_optimization_level(OptimizationLevel::None);
        engine.set_strict_variables(true);
        engine.set_fail_on_invalid_map_property(false);
        engine.disable_symbol("eval");
        engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
        engine.set_max_variables(MOST_VARIABLES);
        engine.set_max_functions(MOST_FUNCTIONS);
        engine.set_max_modules(MOST_IMPORTS);
        set_limits(&mut engine, &Limits::SAVE);
        let libraries = Arc::new(Mutex::new(None));
        engine.set_module_resolver(Resolver(Arc::clone(&libraries)));
        let meter = Meter::new();
        let clock = Arc::clone(&meter);
        engine.on_progress(move |_| clock.tick());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        engine.on_print(move |line| write(&sink, line));
        let sink = Arc::clone(&lines);
        engine.on_debug(move |line, _, position| write(&sink, &format!("{position}: {line}")));
        Seat { engine, meter, lines, libraries, limits: Limits::SAVE }
    }
}

impl Seat {
    /// Lets scripts import these libraries until the call ends.
    pub(crate) fn offer(&self, libraries: Libraries) {
        *self.libraries.lock().unwrap_or_else(PoisonError::into_inner) = Some(libraries);
    }

    /// What `print` and `debug` wrote since the last time.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn write(sink: &Mutex<Vec<String>>, line: &str) {
    let mut lines = sink.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() < 1_000 {
        lines.push(line.chars().take(2_000).collect());
    }
}

fn set_limits(engine: &mut Engine, limits: &Limits) {
    engine.set_max_call_levels(limits.call_levels);
    engine.set_max_string_size(NonZeroUsize::new(limits.text_bytes).map_or(1, NonZeroUsize::get));
    engine.set_max_array_size(NonZeroUsize::new(limits.array_items).map_or(1, NonZeroUsize::get));
    engine.set_max_map_size(NonZeroUsize::new(limits.map_entries).map_or(1, NonZeroUsize::get));
}
