//! Hooks, layers, problems, errors with their places.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fixture;

use std::sync::Arc;

use fixture::{Memory, Trial, model, model_with, runner};
use kontor_script::{ErrorKind, Hook, Runner, Script, functions};
use serde_json::json;

#[test]
fn layers_are_called_from_the_base_up() {
    let base = "fn before_save(record) { record.name += \"1\"; } fn action_go(record) { \"base\" } fn field_pieces(record) { 1 }";
    let workspace = "fn before_save(record) { record.name += \"2\"; } fn action_go(record, input, ctx) { input.x + record.name }";
    let mut trial = Trial::new(json!({ "name": "0" }));
    let outcome = trial.call(&[base, workspace], "before_save").unwrap();
    assert_eq!(outcome.called, 2);
    assert_eq!(trial.field("name"), json!("012"));
    trial.input = json!({ "x": "in " });
    let outcome = trial.call(&[base, workspace], "action_go").unwrap();
    assert_eq!((outcome.called, outcome.returned), (1, json!("in 012")));
    let outcome = trial.call(&[base, workspace], "field_pieces").unwrap();
    assert_eq!(outcome.value, Some(kontor_model::Value::Integer(1)));
    let outcome = trial.call(&[base, workspace], "validate").unwrap();
    assert_eq!((outcome.called, outcome.bill.operations), (0, 0));
    assert_eq!(trial.field("name"), json!("012"));
}

#[test]
fn problems_stand_at_their_fields() {
    let mut trial = Trial::new(json!({ "amount": 5 }));
    let outcome = trial
        .call(
            &["fn validate(record, old, ctx) { fail(\"amount\", \"too small\"); warn(\"name\", \"no name\"); fail(\"all wrong\"); log(\"seen \" + record.amount); print(1); throw #{ field: \"stage\", msg: \"no stage\" }; }"],
            "validate",
        )
        .unwrap();
    let told: Vec<_> = outcome
        .problems
        .iter()
        .map(|p| (p.path.as_str(), p.message.clone().unwrap().into_string(), p.warning))
        .collect();
    assert_eq!(
        told,
        [
            ("/amount", "too small".to_owned(), false),
            ("/name", "no name".to_owned(), true),
            ("", "all wrong".to_owned(), false),
            ("/stage", "no stage".to_owned(), false),
        ]
    );
    assert_eq!(outcome.log, ["seen 5.0000", "1"]);

    // A thrown message ends the row of layers; a thrown text stands for the whole record.
    let outcome = trial
        .call(
            &["fn validate(record) { throw \"stop\"; }", "fn validate(record) { fail(\"not reached\"); }"],
            "validate",
        )
        .unwrap();
    assert_eq!(outcome.problems.0.len(), 1);
    assert_eq!(outcome.problems.0[0].message.as_deref(), Some("stop"));
}

#[test]
fn only_some_hooks_may_change_the_record() {
    for (function, may) in [
        ("before_save", true),
        ("action_x", true),
        ("validate", false),
        ("before_delete", false),
        ("field_name", false),
    ] {
        let mut trial = Trial::new(json!({}));
        let result =
            trial.call(&[&format!("fn {function}(record) {{ record.name = \"x\"; \"x\" }}")], function);
        assert_eq!(result.is_ok(), may, "{function}");
        if let Err(error) = result {
            assert!(error.message.contains("cannot be changed in this function"), "{error}");
        }
    }
}

#[test]
fn errors_carry_the_innermost_place() {
    let source = "fn deeper(x) {\n    x.nothing_there()\n}\n\nfn before_save(record, old, ctx) {\n    deeper(record);\n}\n";
    let error = Trial::new(json!({})).call(&[source], "before_save").unwrap_err();
    assert_eq!((error.line, error.kind), (Some(2), ErrorKind::Runtime));
    assert_eq!(
        error.to_string(),
        "layer0/entities/order, line 2, column 7: there is no function nothing_there(Record)"
    );
    let problem = error.to_problem();
    assert_eq!((problem.code.as_ref(), problem.line), ("script_failed", Some(2)));

    let error =
        Trial::new(json!({})).call(&["fn before_save(record) {\n  let x = ;\n}"], "before_save").unwrap_err();
    assert_eq!((error.kind, error.line), (ErrorKind::Syntax, Some(2)));
    // A throw that is no message is an error.
    let error = Trial::new(json!({})).before_save("throw 42").unwrap_err();
    assert!(error.message.contains("the script threw the number 42"), "{error}");
}

#[test]
fn errors_of_other_saves_can_be_caught_or_are_told() {
    let model = model();
    let host = Memory::with(&model, &[]);
    let mut trial = Trial::on(model, host, json!({}));
    let outcome = trial
        .before_save(
            "try { db::create(\"customer\", #{ name: \"bad\" }); } catch (error) { log(error.message); }",
        )
        .unwrap();
    assert_eq!(outcome.log, ["Rating is required"]);
    let outcome = trial.before_save("db::create(\"customer\", #{ name: \"bad\" });").unwrap();
    assert_eq!(outcome.problems.0.len(), 1);
    assert_eq!(
        (outcome.problems.0[0].path.as_str(), outcome.problems.0[0].message.as_deref()),
        ("", Some("Rating is required"))
    );
}

#[test]
fn a_host_that_failed_cannot_be_caught() {
    let model = model();
    let host = Arc::new(Memory { model: Some(Arc::clone(&model)), fails: true, ..Memory::default() });
    let mut trial = Trial::on(model, host, json!({}));
    let error = trial.before_save("try { db::count(\"customer\", #{}); } catch { }").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Host);
    assert!(error.message.contains("the database is gone"));
}

#[test]
fn libraries_are_imported_from_the_model() {
    let model = model_with(&[
        ("lib/words", "fn shout(x) { x.to_upper() + \"!\" }\nfn broken(x) {\n  x.no_such()\n}"),
        ("lib/more", "import \"lib/words\" as w;\nfn twice(x) { w::shout(x) + w::shout(x) }"),
        ("lib/ring_a", "import \"lib/ring_b\" as b;\nfn x() { 1 }"),
        ("lib/ring_b", "import \"lib/ring_a\" as a;\nfn x() { 1 }"),
    ]);
    let host = Memory::with(&model, &[]);
    let mut trial = Trial::on(model, host, json!({ "name": "a" }));
    let source = "import \"lib/words\" as words;\nconst SUFFIX = \"?\";\nfn before_save(record) { record.name = words::shout(record.name) + global::SUFFIX; }";
    trial.call(&[source], "before_save").unwrap();
    assert_eq!(trial.field("name"), json!("A!?"));
    trial
        .call(
            &["import \"lib/more\" as more; fn before_save(record) { record.name = more::twice(\"b\"); }"],
            "before_save",
        )
        .unwrap();
    assert_eq!(trial.field("name"), json!("B!B!"));
    let error = trial
        .call(
            &["import \"lib/words\" as words;\nfn before_save(record) { words::broken(1); }"],
            "before_save",
        )
        .unwrap_err();
    assert_eq!((error.script.as_str(), error.line), ("lib/words", Some(3)), "{error}");
    let error = trial
        .call(&["import \"lib/ring_a\" as a;\nfn before_save(record) { a::x(); }"], "before_save")
        .unwrap_err();
    assert!(error.message.contains("imports itself"), "{error}");
    for path in ["lib/none", "entities/order", "/etc/passwd"] {
        let error = trial
            .call(&[&format!("import \"{path}\" as a;\nfn before_save(record) {{ 1 }}")], "before_save")
            .unwrap_err();
        assert!(error.message.contains(path), "{error}");
    }
}

#[test]
fn functions_lists_hooks_with_comments() {
    let found = functions(
        "/// Win the deal\n/// now.\nfn action_win(record, input, ctx) { helper(record) }\n\nfn helper(x) { x }\nfn validate(record) { }\n",
    );
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].hook.clone(), found[0].line, found[0].comment.as_str()),
        (Hook::Action("win".into()), 3, "Win the deal\nnow.")
    );
    assert_eq!(found[1].parameters, ["record"]);
    assert!(functions("fn (").is_empty());
}

#[test]
fn defines_knows_what_scripts_have() {
    let scripts = [Script { name: "a".into(), source: Arc::from("fn validate(r) { }\nfn helper(r) { }") }];
    assert!(runner().defines(&scripts, "validate"));
    assert!(runner().defines(&scripts, "helper"));
    assert!(!runner().defines(&scripts, "before_save"));
}
