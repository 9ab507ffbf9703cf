//! What a script can call, one file per module. `modules` builds it once; all engines share it.

mod builder;
mod date;
mod db;
mod decimal;
pub(crate) mod description;
mod formula;
mod hash;
mod json;
mod list;
mod lookup;
mod money;
mod random;
mod record;
mod regex;
mod replace;
mod say;
mod text;

use rhai::{Module, Shared};

pub(crate) use say::{CODE, Context};

/// Everything that scripts can call besides Rhai's own packages.
pub(crate) struct Modules {
    /// What is called without a module's name: operators, methods, `fail`, `warn`, `log`.
    pub(crate) global: Shared<Module>,
    /// What is called as `name::function`.
    pub(crate) named: Vec<(&'static str, Shared<Module>)>,
}

/// Builds all modules.
pub(crate) fn modules() -> Modules {
    let mut global = Module::new();
    record::register(&mut global);
    decimal::register(&mut global);
    date::register_methods(&mut global);
    say::register(&mut global);
    lookup::register(&mut global);
    replace::register(&mut global);
    formula::register(&mut global);
    let named = vec![
        ("db", db::module()),
        ("text", text::module()),
        ("list", list::module()),
        ("date", date::module()),
        ("money", money::module()),
        ("json", json::module()),
        ("regex", regex::module()),
        ("hash", hash::module()),
        ("random", random::module()),
    ];
    Modules {
        global: seal(global, "kontor"),
        named: named.into_iter().map(|(name, module)| (name, seal(module, name))).collect(),
    }
}

/// Indexes a module once, so that every engine takes it over without a copy.
fn seal(mut module: Module, name: &str) -> Shared<Module> {
    module.set_id(name);
    module.build_index();
    module.into()
}
