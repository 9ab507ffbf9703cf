//! Measures calls in place: microseconds per call of a ten-line hook, beside an empty one.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Model, Record};
use kontor_script::{Call, InPlace, Limits, NoHost, Runner, Script, ScriptContext};

const EMPTY: &str = "fn before_save(record, old, ctx) { }";
const TEN_LINES: &str = r#"
fn before_save(record, old, ctx) {
    if record.changed("status") {
        let likely = switch record.status { "new" => 10, "open" => 50, "done" => 100, _ => () };
        if likely != () { record.share = likely; }
        if record.status == "done" && record.day == () { record.day = ctx.today; }
    }
    record.total = record.price * record.pieces * (100 - record.share) / 100;
    if record.total > 1000000 { warn("total", "That is much"); }
    record.name = record.name.trim() + "!";
}
"#;
const ROUNDS: u32 = 200_000;

fn main() -> std::io::Result<()> {
    // As the threads of the program: with enough stack none has to be made for the call.
    let measured = std::thread::Builder::new().stack_size(32 << 20).spawn(measure)?;
    drop(measured.join());
    Ok(())
}

fn measure() {
    let mut definitions = kontor_model::built_in::definitions();
    let field = |kind: &str| serde_json::json!({ "kind": kind, "title": kind });
    let entity = serde_json::json!({
        "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "item", "title": "Item", "plural": "Items",
        "type": "object", "display": "name", "required": [],
        "properties": { "name": field("text"), "status": field("text"), "share": field("percent"), "day": field("date"),
                        "price": field("money"), "pieces": field("integer"), "total": field("money") }
    });
    definitions.insert((DefinitionKind::Entity, "item".to_owned()), entity);
    let model = Arc::new(Model::compile(1, definitions));
    let Some(entity) = model.entity("item") else { return };
    let runner = InPlace::new();
    let context = ScriptContext {
        user_id: None,
        user_name: "Ada".to_owned(),
        roles: Vec::new(),
        now: chrono::Utc::now(),
        zone: chrono_tz::UTC,
        working: Arc::default(),
        language: "en".to_owned(),
        origin: "api".to_owned(),
    };
    for (name, source) in [("empty hook", EMPTY), ("ten lines", TEN_LINES)] {
        let scripts = [Script { name: name.to_owned(), source: Arc::from(source) }];
        let mut filled = Record::empty(entity);
        for (field, value) in [
            ("name", kontor_model::Value::text("Nut")),
            ("status", kontor_model::Value::text("done")),
            ("price", kontor_model::Value::Decimal(kontor_model::Decimal::new(12_500, 2))),
            ("pieces", kontor_model::Value::Integer(3)),
        ] {
            if let Some(index) = entity.field_index(field) {
                filled.set(index, value);
            }
        }
        let started = Instant::now();
        for _ in 0..ROUNDS {
            let mut record = filled.clone();
            let call = Call {
                scripts: &scripts,
                model: &model,
                entity,
                function: "before_save",
                record: &mut record,
                old: None,
                input: Json::Null,
                context: &context,
                limits: Limits::SAVE,
            };
            match runner.call(call, Arc::new(NoHost)) {
                Ok(outcome) => drop(black_box(outcome)),
                Err(error) => println!("{error}"),
            }
        }
        println!("{name}: {:.2} µs", started.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
    }
}
