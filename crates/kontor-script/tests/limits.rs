//! Every limit ends a script, no script catches it, and just below it a script goes through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fixture;

use std::sync::Arc;
use std::time::{Duration, Instant};

use fixture::{Memory, Trial, model};
use kontor_script::{ErrorKind, Limit, Limits, Runner};
use serde_json::json;

/// Runs a body under limits; inside `try` it must not be caught either.
#[track_caller]
fn ends(limits: Limits, limit: Limit, below: &str, above: &str) {
    let trial = |body: &str| {
        let mut trial = Trial::new(json!({}));
        trial.limits = limits;
        trial.call(&[body], "before_save")
    };
    trial(below).unwrap_or_else(|error| panic!("below the limit: {error}"));
    let caught =
        above.replace("fn before_save(record) {", "fn before_save(record) { try {") + " catch { log(1); } }";
    for source in [above, caught.as_str()] {
        let error =
            trial(source).err().unwrap_or_else(|| panic!("above the limit it went through: {source}"));
        assert!(
            matches!(error.kind, ErrorKind::Limit(found, _) if found == limit),
            "{source}: {error} {:?}",
            error.kind
        );
        assert!(error.to_problem().code.ends_with(limit.as_str()));
    }
}

#[test]
fn operations() {
    let limits = Limits { operations: 10_000, ..Limits::SAVE };
    ends(
        limits,
        Limit::Operations,
        "fn before_save(record) { let n = 0; while n < 500 { n += 1; } }",
        "fn before_save(record) { loop { } }",
    );
    // Closures called by native functions count too.
    ends(
        limits,
        Limit::Operations,
        "fn before_save(record) { [1, 2].map(|x| x + 1); }",
        "fn before_save(record) { let list = []; list.pad(1000, 1); loop { list.map(|x| { let y = x + 1; y + 1 }); } }",
    );
}

#[test]
fn an_endless_loop_ends_in_time_and_others_go_on() {
    let limits = Limits { operations: u64::MAX, wall_time: Duration::from_millis(200), ..Limits::SAVE };
    let started = Instant::now();
    let other = std::thread::spawn(|| {
        let mut trial = Trial::new(json!({ "name": "a" }));
        trial.before_save("record.name += \"b\"").unwrap();
        trial.field("name")
    });
    ends(limits, Limit::WallTime, "fn before_save(record) { 1 }", "fn before_save(record) { loop { } }");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(other.join().unwrap(), json!("ab"));
}

#[test]
fn a_slow_host_counts_as_time() {
    let model = model();
    let slow = Some(Duration::from_millis(40));
    let host = Arc::new(Memory { model: Some(Arc::clone(&model)), slow, ..Memory::default() });
    let mut trial = Trial::on(model, host, json!({}));
    trial.limits = Limits { wall_time: Duration::from_millis(60), ..Limits::SAVE };
    trial.before_save("db::count(\"customer\", #{})").unwrap();
    let error = trial.before_save("try { loop { db::count(\"customer\", #{}); } } catch { }").unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Limit(Limit::WallTime, 60)), "{error}");
    assert!(error.bill.queries <= 3);
}

#[test]
fn call_levels() {
    // The level counts the hook itself.
    ends(
        Limits::SAVE,
        Limit::CallLevels,
        "fn down(n) { if n > 0 { down(n - 1) } else { 0 } } fn before_save(record) { down(28); }",
        "fn down(n) { down(n + 1) } fn before_save(record) { down(0); }",
    );
}

#[test]
fn sizes_refuse_what_doubles() {
    let below = "fn before_save(record) { let s = \"x\"; for i in 0..17 { s += s; } }";
    ends(Limits::SAVE, Limit::Size, below, "fn before_save(record) { let s = \"x\"; loop { s += s; } }");
    ends(
        Limits::SAVE,
        Limit::Size,
        below,
        "fn before_save(record) { let s = \"x\"; loop { s = `${s}${s}`; } }",
    );
    ends(Limits::SAVE, Limit::Size, below, "fn before_save(record) { \"x\".pad(100000000, \"y\"); }");
    ends(Limits::SAVE, Limit::Size, below, "fn before_save(record) { text::repeat(\"x\", 100000000); }");
    ends(
        Limits::SAVE,
        Limit::Size,
        below,
        "fn before_save(record) { text::pad_left(\"x\", 100000000, \"y\"); }",
    );
    ends(
        Limits::SAVE,
        Limit::Size,
        "fn before_save(record) { let a = [1]; for i in 0..13 { a += a; } }",
        "fn before_save(record) { let a = [1]; loop { a += a; } }",
    );
    ends(
        Limits::SAVE,
        Limit::Size,
        "fn before_save(record) { let a = []; a.push([1]); }",
        "fn before_save(record) { let a = [1]; loop { a = [a, a]; } }",
    );
    for grow in [
        "s.replace(\"x\", s)",
        "s.replace('x', s)",
        "text::format(s, #{ x: s })",
        "regex::replace(s, \"x\", s)",
    ] {
        let above = format!("fn before_save(record) {{ let s = \"x\"; s.pad(200000, \"x{{x}}\"); {grow}; }}");
        ends(
            Limits::SAVE,
            Limit::Size,
            "fn before_save(record) { let s = \"axa\"; s.replace(\"x\", \"yy\"); if s != \"ayya\" { throw 1 } }",
            &above,
        );
    }
    ends(
        Limits { map_entries: 100, ..Limits::SAVE },
        Limit::Size,
        "fn before_save(record) { let m = #{}; m.a = 1; }",
        "fn before_save(record) { let m = #{}; let i = 0; loop { let n = #{}; n[`k${i}`] = i; m += n; i += 1; } }",
    );
    // A map that grows by its index is not measured by the engine; operations and time end it.
    let mut trial = Trial::new(json!({}));
    let error = trial.before_save("let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }").unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Limit(Limit::Operations | Limit::WallTime, _)), "{error}");
    ends(
        Limits::SAVE,
        Limit::Size,
        "fn before_save(record) { let a = []; a.pad(100, 1); }",
        "fn before_save(record) { let a = []; a.pad(1000000000, 1); }",
    );
}

#[test]
fn queries() {
    ends(
        Limits::SAVE,
        Limit::Queries,
        "fn before_save(record) { for i in 0..100 { db::count(\"customer\", #{}); } }",
        "fn before_save(record) { for i in 0..101 { db::count(\"customer\", #{}); } }",
    );
}

#[test]
fn rows_read() {
    let limits = Limits { rows_read: 1000, ..Limits::SAVE };
    ends(
        limits,
        Limit::RowsRead,
        "fn before_save(record) { db::find(\"user\", #{}, #{ limit: 1000 }); }",
        "fn before_save(record) { db::find(\"user\", #{}, #{ limit: 1001 }); }",
    );
}

#[test]
fn rows_written() {
    let limits = Limits { rows_written: 10, ..Limits::SAVE };
    ends(
        limits,
        Limit::RowsWritten,
        "fn before_save(record) { for i in 0..10 { db::create(\"customer\", #{ name: \"x\" }); } }",
        "fn before_save(record) { for i in 0..11 { db::create(\"customer\", #{ name: \"x\" }); } }",
    );
}

#[test]
fn what_is_not_there() {
    for body in ["eval(\"1\")", "let x = timestamp();", "let b = blob(10);"] {
        assert!(Trial::new(json!({})).before_save(body).is_err(), "{body}");
    }
}

#[test]
fn the_same_engine_serves_again_after_a_limit() {
    for _ in 0..3 {
        let mut trial = Trial::new(json!({}));
        trial.limits.operations = 1_000;
        trial.before_save("loop {}").unwrap_err();
        let mut trial = Trial::new(json!({}));
        trial.before_save("record.pieces = 1").unwrap();
        assert_eq!(trial.field("pieces"), json!(1));
    }
}

/// Scripts that go as deep as they can: calls inside each other through blocks, lists, closures and operators, values
/// inside each other, source inside itself.
fn deep_scripts() -> Vec<String> {
    let mut scripts = Vec::new();
    for nesting in [1, 4, 8, 12, 14, 16, 18, 20, 40] {
        let blocks = ("if n >= 0 { ".repeat(nesting), " } else { 0 }".repeat(nesting));
        let lists = ("[".repeat(nesting), "]".repeat(nesting));
        let sums = ("1 + (".repeat(nesting), ")".repeat(nesting));
        let switches = ("switch n { -1 => 0, _ => ".repeat(nesting), " }".repeat(nesting));
        let closures = ("[1].map(|x| ".repeat(nesting), ")".repeat(nesting));
        for (open, close) in [blocks, lists, sums, switches, closures] {
            scripts.push(format!(
                "fn down(n) {{ {open}down(n + 1){close} }} fn before_save(record) {{ down(0); }}"
            ));
        }
    }
    for grow in [
        "a = [a]",
        "a = [[[a]]]",
        "a = #{ x: a }",
        "a.push(a)",
        "a = [a, [a]]",
        "let b = [a]; a = b; list::unique(a)",
        "a = [a]; json::text(a)",
    ] {
        scripts.push(format!("fn before_save(record) {{ let a = []; loop {{ {grow}; }} }}"));
    }
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("#{ a: ", "}"),
        ("-", ""),
        ("!", ""),
        ("if true {", "}"),
        ("`${", "}`"),
        ("f(", ")"),
        ("|x| ", ""),
    ] {
        scripts.push(format!(
            "fn before_save(record) {{ {}1{} }}",
            open.repeat(20_000),
            close.repeat(20_000)
        ));
    }
    scripts
}

/// Runs on a thread that has just what makes the runner grow no stack, so that this must do.
fn on_just_enough_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let size = if cfg!(debug_assertions) { 129 << 20 } else { 25 << 20 };
    std::thread::Builder::new().stack_size(size).spawn(work).unwrap().join().unwrap()
}

#[test]
fn the_deepest_values_do_not_exhaust_the_stack() {
    // Printing and comparing go deepest: every level is several calls of the engine.
    let sunk = "if n >= 0 { if n >= 0 { if n < 25 { sink(a, n + 1) } else { print(a) } } }";
    for each in ["print(a)", "a == a", "log(a)", "sink(a, 0)"] {
        let source = format!(
            "fn sink(a, n) {{ {sunk} }} fn before_save(record) {{ let a = []; for i in 0..480 {{ a = [[[[[[[[[[a]]]]]]]]]]; a = #{{ a: #{{ a: #{{ a: #{{ a: a }} }} }} }}; }} {each} }}"
        );
        let mut trial = Trial::new(json!({}));
        trial.limits = Limits::JOB;
        // Whether it ends well does not matter, only that it ends.
        match on_just_enough_stack(move || trial.call(&[&source], "before_save")) {
            Ok(_) => {}
            Err(error) => assert!(error.kind != ErrorKind::Syntax, "{each}: {error}"),
        }
    }
}

#[test]
fn the_deepest_scripts_do_not_exhaust_the_stack() {
    for source in deep_scripts() {
        let error = Trial::new(json!({})).call(&[&source], "before_save").err();
        let shown: String = source.chars().take(90).collect();
        let error = error.unwrap_or_else(|| panic!("{shown} went through"));
        assert!(
            matches!(error.kind, ErrorKind::Limit(..) | ErrorKind::Syntax | ErrorKind::Runtime),
            "{shown}: {error}"
        );
        let model = model();
        fixture::runner().check("x", &source, &model, None);
        kontor_script::functions(&source);
        kontor_script::mentions(&source, "a");
    }
}
