//! The description of everything that a script can call, made from what the engine itself knows.

use std::collections::BTreeMap;
use std::fmt::Write;

use kontor_model::Json;
use rhai::{Engine, Shared};
use serde_json::json;

use super::{Modules, modules};

/// The functions of a module: name to what is known of each overload.
pub(crate) type Overloads = BTreeMap<String, Vec<Described>>;

/// One overload.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// How many parameters it has; a method's record counts.
    pub(crate) parameters: usize,
    /// How it is called.
    pub(crate) signature: String,
    sentence: String,
}

/// Everything that can be called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Callable {
    /// Without a module's name; of Rhai's packages too, when asked for.
    pub(crate) global: Overloads,
    /// By module.
    pub(crate) named: BTreeMap<String, Overloads>,
}

/// What an engine can call: our own, or with everything that Rhai brings.
pub(crate) fn callable(engine: &Engine, with_packages: bool) -> Callable {
    let text = engine.gen_fn_metadata_to_json(with_packages).unwrap_or_default();
    let json: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
    let mut callable = Callable { global: overloads(&json), named: BTreeMap::new() };
    for (name, module) in json.get("modules").and_then(Json::as_object).into_iter().flatten() {
        callable.named.insert(name.clone(), overloads(module));
    }
    callable
}

fn overloads(module: &Json) -> Overloads {
    let mut overloads = Overloads::new();
    for function in module.get("functions").and_then(Json::as_array).into_iter().flatten() {
        let text = |key: &str| function.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let comments = function.get("docComments").and_then(Json::as_array).into_iter().flatten();
        let sentence: Vec<&str> =
            comments.filter_map(Json::as_str).map(|line| line.trim_start_matches('/').trim()).collect();
        let parameters = function.get("numParams").and_then(Json::as_u64).unwrap_or(0);
        overloads.entry(text("name")).or_default().push(Described {
            parameters: usize::try_from(parameters).unwrap_or(0),
            signature: text("signature"),
            sentence: sentence.join(" "),
        });
    }
    // The engine keeps them in a map whose order is chance.
    for many in overloads.values_mut() {
        many.sort_by(|left, right| left.signature.cmp(&right.signature));
    }
    overloads
}

/// The files of `scripts/host_api/`: names and texts. `functions.json` is for editors, `README.md` for people.
pub fn host_api() -> Vec<(&'static str, String)> {
    let modules = modules();
    let callable = callable(&bare_engine(&modules), false);
    vec![("README.md", markdown(&callable, &modules)), ("functions.json", machine_readable(&callable))]
}

/// An engine with our modules only.
fn bare_engine(modules: &Modules) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(Shared::clone(&modules.global));
    for (name, module) in &modules.named {
        engine.register_static_module(name, Shared::clone(module));
    }
    engine
}

/// Whether a function is written as a sign between its parameters.
pub(crate) fn is_operator(name: &str) -> bool {
    !name.chars().any(|letter| letter.is_alphanumeric() || letter == '_')
}

fn machine_readable(callable: &Callable) -> String {
    let list = |overloads: &Overloads| -> Json {
        let all = overloads.iter().filter(|(name, _)| !is_operator(name)).flat_map(|(name, many)| {
            many.iter()
                .map(move |one| json!({ "name": name, "signature": one.signature, "about": one.sentence }))
        });
        all.collect()
    };
    let named: BTreeMap<&String, Json> =
        callable.named.iter().map(|(name, overloads)| (name, list(overloads))).collect();
    let whole = json!({ "functions": list(&callable.global), "modules": named });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

fn markdown(callable: &Callable, modules: &Modules) -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Functions and methods\n\nA function whose first parameter is a `Record`, `Decimal`, `Date` or `DateTime` is also its method: `record.changed(\"stage\")`.\n\n");
    table(&mut page, "", &callable.global);
    for (name, overloads) in &callable.named {
        let doc = modules.named.iter().find(|(own, _)| own == name).map_or("", |(_, module)| module.doc());
        let _ = write!(page, "\n## `{name}::`\n\n{doc}\n\n");
        table(&mut page, &format!("{name}::"), overloads);
    }
    page
}

fn table(page: &mut String, prefix: &str, overloads: &Overloads) {
    page.push_str("| call | gives |\n|---|---|\n");
    for (name, many) in overloads.iter().filter(|(name, _)| !is_operator(name) && !is_internal(name)) {
        for one in many {
            let signature = one.signature.replace('|', " or ");
            let _ = writeln!(page, "| `{prefix}{signature}` | {} |", one.sentence.replace('|', "\\|"));
            debug_assert!(one.signature.contains(name.as_str()), "the signature names its function");
        }
    }
}

/// Getters, setters and indexers are described as properties in the introduction.
fn is_internal(name: &str) -> bool {
    name.contains('$')
}

const INTRODUCTION: &str = r#"# What a script can call

Generated from the script engine by `cargo run -p kontor-script --example host_api`; a test holds it current.

Scripts are [Rhai](https://rhai.rs/book/). One file per entity, `scripts/entities/<entity>.rhai`; the names of its functions are the hooks:

| function | when | record |
|---|---|---|
| `before_save(record, old, ctx)` | before derived values and validation | may be changed |
| `validate(record, old, ctx)` | after derived values | read-only |
| `before_delete(record, ctx)` | before a record goes to the bin | read-only |
| `action_<name>(record, input, ctx)`, or `(record, ctx)` | a button or API call | may be changed |
| `field_<name>(record, ctx)` | computes the field of that name | read-only |
| a name of your own `(record, ctx)` | an approval asks who decides: gives ids of users | read-only |
| `run(ctx)` | a job, `scripts/jobs/*.rhai` | – |

Parameters at the end may be left out. `scripts/lib/*.rhai` are modules: `import "lib/dates" as dates;` at the top, then `dates::next_monday(day)`.

- **record, old**: fields by name. `record.total = 5` changes the record; the value is parsed as the field's kind, numbers are rounded to the field's digits, `()` empties it. `old` is what is stored, and `()` while the record is being created. Links are followed: `record.parent.name`. A link takes a record or an id. Reading through something empty gives `()`.
- **Lists of the record** (fields of kind rows and links) are arrays of records, of the whole document, whoever saves it: `for line in record.lines { line.price = 5; }` changes rows, `record.lines.push(#{ quantity: 2 })` adds one with the defaults of its fields, `record.lines.remove(0)` or `record.lines = record.lines.filter(|line| line.price > 0)` takes out, `old.lines` is what is stored. All of it before the document is computed and checked. A link of a list has what the list keeps of it and the fields of what it leads to; `push` takes a record, an id, or `#{ id: …, place: "A1" }`. `line.fail("price", "…")` speaks at a row. Lists of other records hold what the caller may see, and cannot be changed.
- **ctx**: `ctx.user` (a record), `ctx.user_name`, `ctx.roles`, `ctx.has_role("manager")`, `ctx.now`, `ctx.today`, `ctx.locale`, `ctx.origin`.
- **Decimal**: what decimal, percent and money fields hold; exact to 8 digits after the point. `+ - * / %` and comparisons work with integers and literals too; a literal such as `0.15` is taken as written. Integers among themselves calculate as in Rhai: `7 / 2` is 3, `decimal(7) / 2` is 3.5. An empty value compares as false and cannot be calculated with.
- **Expressions of formulas** can stand in a script and give the same, functions included (`days_between`, `coalesce`, `lookup("table.output", x)`), but where Rhai has its own mind: whole numbers divide whole, empty values stop, texts are ordered by their bytes, and `trim`, `replace`, `contains`, `starts_with` are those of Rhai's texts.
- **Date** has `.year .month .day .quarter .week .weekday` (Monday is 1), `date + 3` is three days later, `date - date` the days between. **DateTime** is a moment; its days and hours are those of the caller's time zone.
- **Saying what is wrong**: `fail("total", "…")` and go on, or `throw #{ field: "total", msg: "…" }` and end. `warn` lets the save go on.
- **Limits** in a save: 2,000,000 operations, 1 second, 32 calls inside each other, texts of 500,000 bytes, lists of 5,000 items, maps of 2,000 entries (what is inside counts too), 100 queries, 50,000 records read, 10,000 written. No script can catch the end of a limit.
- There is no `eval`, `sleep`, file or network. `print` and `debug` write into the log.
"#;
