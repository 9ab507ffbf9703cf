//! Every way in: what may be saved does not depend on how it comes. A case is data; it is tried through the preview,
//! the API, a bulk request, the form of a page, an import, a script and a workflow, each on records of its own.

use kontor_testing::{Answer, Api, Visitor};
use serde_json::{Map, Value, json};

use crate::world::{World, schema, tried};

/// What shall come of a case.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// It is saved and nothing is said.
    Saved,
    /// It is saved; people are asked first. The problem's code and field.
    Warned(&'static str, &'static str),
    /// It is refused. The problem's code and field.
    Refused(&'static str, &'static str),
    /// It is refused, but scripts and workflows may do it.
    OnlyAutomation(&'static str, &'static str),
}

/// One case. `{way}` in a text becomes the name of the way, so that ways do not meet each other's records.
#[derive(Debug)]
pub struct Case {
    /// What it is about.
    pub name: &'static str,
    /// Other records that are there before.
    pub others: Vec<Value>,
    /// The record that is changed and the changes that brought it where it is; a new record when there are none.
    pub start: Vec<Value>,
    /// What is given.
    pub values: Value,
    /// What shall come of it.
    pub outcome: Outcome,
}

impl Case {
    /// A new record.
    pub fn create(name: &'static str, values: Value, outcome: Outcome) -> Self {
        Self { name, others: Vec::new(), start: Vec::new(), values, outcome }
    }

    /// A change of a record.
    pub fn update(name: &'static str, start: Vec<Value>, values: Value, outcome: Outcome) -> Self {
        Self { start, ..Self::create(name, values, outcome) }
    }

    /// With another record that is there before.
    pub fn beside(mut self, other: Value) -> Self {
        self.others.push(other);
        self
    }
}

const WAYS: [&str; 7] = ["preview", "api", "bulk", "form", "import", "script", "workflow"];

/// The name of a workflow that takes the case's way.
fn workflow_name(index: usize) -> String {
    format!("case_{index}")
}

/// The entity whose records make scripts and workflows write: `how` names the way, `body` what is written.
pub fn errand(entity: &str) -> Value {
    json!({
        "$schema": schema("entity"), "name": "errand", "title": "Errand", "plural": "Errands", "type": "object",
        "display": "how",
        "properties": {
            "how": { "kind": "text", "title": "How" },
            "body": { "kind": "long_text", "title": "Body" },
            "target": { "kind": "link", "to": entity, "title": "Target" }
        },
        "required": ["how"]
    })
}

/// Writes what an errand says.
pub fn errand_script(entity: &str) -> Value {
    let source = format!(
        "fn before_save(record, old, ctx) {{
    if record.how != \"script\" {{ return; }}
    let values = json::parse(record.body);
    if record.target == () {{ db::create(\"{entity}\", values); }} else {{ db::update(record.target, values); }}
}}
"
    );
    json!({ "source": source })
}

/// A text with the name and the number of the way.
fn of_way(value: &Value, way: usize) -> Value {
    match value {
        Value::String(text) => text.replace("{way}", WAYS[way]).replace("{n}", &way.to_string()).into(),
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), of_way(value, way))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Tries all cases through all ways as the administrator.
pub async fn try_all(world: &World, entity: &str, cases: &[Case]) {
    let workflows: Vec<(String, Value)> = cases
        .iter()
        .enumerate()
        .map(|(index, case)| (workflow_name(index), workflow(entity, index, case)))
        .collect();
    let mut definitions =
        vec![("entity", "errand", errand(entity)), ("script", "entities/errand", errand_script(entity))];
    definitions.extend(workflows.iter().map(|(name, json)| ("workflow", name.as_str(), json.clone())));
    world.admin.publish("Ways in", &definitions).await;
    let visitor = world.server.administrator().await;
    let mut parked = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        for (way, word) in WAYS.iter().enumerate() {
            let target = prepare(&world.admin, entity, case, way).await;
            let values = of_way(&case.values, way);
            let before = state(&world.admin, entity, target.as_deref()).await;
            match *word {
                "preview" => preview(&world.admin, entity, case, target.as_deref(), values).await,
                "api" => api(&world.admin, entity, case, target.as_deref(), values).await,
                "bulk" => bulk(&world.admin, entity, case, target.as_deref(), values).await,
                "form" => form(&visitor, entity, case, target.as_deref(), &values).await,
                "import" => import(world, entity, case, target.as_deref(), &values).await,
                "script" => script(&world.admin, case, target.as_deref(), &values).await,
                _ => {
                    // Workflows run beside everything else, so they begin when nothing else is counted any more.
                    parked.push((index, case, target, before));
                    continue;
                }
            }
            let is_saved = match case.outcome {
                _ if *word == "preview" => false,
                Outcome::Saved | Outcome::Warned(..) => true,
                Outcome::Refused(..) => false,
                Outcome::OnlyAutomation(..) => *word == "script",
            };
            expect(&world.admin, entity, case, word, target.as_deref(), &before, is_saved).await;
        }
    }
    for (index, _, target, _) in &parked {
        let errand = json!({ "how": workflow_name(*index), "target": target });
        world.admin.create("errand", &errand).await;
    }
    tried(&world.server).await;
    for (index, case, target, before) in &parked {
        let is_saved = !matches!(case.outcome, Outcome::Refused(..));
        if target.is_some() {
            expect(&world.admin, entity, case, "workflow", target.as_deref(), before, is_saved).await;
            continue;
        }
        let filter = json!({ "field": "trail", "eq": mark(*index) }).to_string();
        let made = world.admin.count(entity, &[("filter", &filter)]).await;
        assert_eq!(made == 1, is_saved, "{}, by workflow: saved or not", case.name);
    }
}

/// What the workflow of a case creates carries this mark.
fn mark(index: usize) -> String {
    format!("made by the workflow of case {index}")
}

fn workflow(entity: &str, index: usize, case: &Case) -> Value {
    let mut values = of_way(&case.values, WAYS.len() - 1);
    let step = if case.start.is_empty() {
        values["trail"] = mark(index).into();
        json!({ "do": "create", "entity": entity, "values": values })
    } else {
        json!({ "do": "update_where", "entity": entity, "where": { "field": "id", "eq": { "field": "target" } },
                "values": values })
    };
    json!({
        "$schema": schema("workflow"), "name": workflow_name(index), "title": case.name,
        "on": { "entity": "errand", "event": "created" },
        "when": { "field": "how", "eq": workflow_name(index) }, "steps": [step]
    })
}

/// Makes what is there before; gives the record that is changed.
async fn prepare(admin: &Api, entity: &str, case: &Case, way: usize) -> Option<String> {
    for other in &case.others {
        admin.create(entity, &of_way(other, way)).await;
    }
    let mut states = case.start.iter();
    let id = admin.create(entity, &of_way(states.next()?, way)).await.id();
    for state in states {
        admin.patch(&format!("records/{entity}/{id}"), &of_way(state, way)).await.is(200);
    }
    Some(id)
}

/// What tells whether something was written: the version of the record, or how many there are.
async fn state(admin: &Api, entity: &str, target: Option<&str>) -> String {
    match target {
        Some(id) => admin.record(entity, id).await.at("/version").to_string(),
        None => admin.count(entity, &[]).await.to_string(),
    }
}

async fn expect(
    admin: &Api,
    entity: &str,
    case: &Case,
    way: &str,
    target: Option<&str>,
    before: &str,
    is_saved: bool,
) {
    let now = state(admin, entity, target).await;
    assert_eq!(now != before, is_saved, "{}, by {way}: saved or not", case.name);
}

/// The answer of a JSON request says what the case says.
fn says(case: &Case, way: &str, answer: &Answer, prefix: &str) {
    match case.outcome {
        Outcome::Saved => {
            assert!(answer.status < 300, "{}, by {way}\n{answer}", case.name);
            assert!(answer.json.get("_warnings").is_none(), "{}, by {way}\n{answer}", case.name);
        }
        Outcome::Warned(code, field) => {
            assert!(answer.status < 300, "{}, by {way}\n{answer}", case.name);
            let warnings =
                answer.json.get("_warnings").or_else(|| answer.json.pointer("/results/0/warnings"));
            let found = warnings.and_then(Value::as_array).into_iter().flatten();
            let path = format!("/{field}");
            assert!(
                found.into_iter().any(|one| one["code"] == code && one["path"] == path.as_str()),
                "{}, by {way}: {code} at {path}\n{answer}",
                case.name
            );
        }
        Outcome::Refused(code, field) | Outcome::OnlyAutomation(code, field) => {
            assert_eq!(answer.status, 422, "{}, by {way}\n{answer}", case.name);
            let path = if field.is_empty() { prefix.to_owned() } else { format!("{prefix}/{field}") };
            let wanted = (path, code.to_owned());
            assert!(answer.problems().contains(&wanted), "{}, by {way}: {wanted:?}\n{answer}", case.name);
        }
    }
}

async fn preview(admin: &Api, entity: &str, case: &Case, target: Option<&str>, mut values: Value) {
    if let Some(id) = target {
        values["id"] = id.into();
    }
    let answer = admin.post(&format!("records/{entity}/preview"), &values).await;
    says(case, "preview", &answer, "");
}

async fn send(admin: &Api, entity: &str, target: Option<&str>, query: &str, values: &Value) -> Answer {
    match target {
        Some(id) => admin.patch(&format!("records/{entity}/{id}{query}"), values).await,
        None => admin.post(&format!("records/{entity}{query}"), values).await,
    }
}

async fn api(admin: &Api, entity: &str, case: &Case, target: Option<&str>, values: Value) {
    if let Outcome::Warned(code, field) = case.outcome {
        // Who wants to ask somebody first is told, and nothing is saved.
        let refused = send(admin, entity, target, "?warnings=refuse", &values).await.refused(422);
        let problem = refused.problem_at(&format!("/{field}"));
        assert_eq!((&problem["code"], &problem["warning"]), (&json!(code), &json!(true)), "{refused}");
    }
    says(case, "api", &send(admin, entity, target, "", &values).await, "");
}

async fn bulk(admin: &Api, entity: &str, case: &Case, target: Option<&str>, mut values: Value) {
    let list = if let Some(id) = target {
        values["id"] = id.into();
        "update"
    } else {
        "create"
    };
    let answer = admin.post(&format!("records/{entity}/bulk"), &json!({ list: [values] })).await;
    says(case, "bulk", &answer, &format!("/{list}/0"));
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn form(visitor: &Visitor, entity: &str, case: &Case, target: Option<&str>, values: &Value) {
    let record_type = values["record_type"].as_str().unwrap_or_default();
    let path = match target {
        Some(id) => format!("r/{entity}/{id}/edit"),
        None => format!("r/{entity}/new?record_type={record_type}"),
    };
    let page = visitor.open(&path).await;
    let mut form = page.form_with("version");
    for (name, value) in values.as_object().unwrap() {
        let text = text_of(value);
        let is_choice = form.has(name) && page.all(&format!("select[name='{name}']")).len() == 1;
        let offers = form.has(name) && (!is_choice || form.offers(name).contains(&text));
        // A control that the page does not show, or an option that it does not offer, is sent all the same.
        form = if offers && name != "record_type" { form.set(name, &text) } else { form.force(name, &text) };
    }
    let answer = visitor.submit(&form).await;
    match case.outcome {
        Outcome::Saved => assert_eq!(answer.status, 303, "{}, by form\n{answer}", case.name),
        Outcome::Warned(..) => {
            assert_eq!(answer.status, 422, "{}, by form: asked first\n{answer}", case.name);
            let again = answer.form_with("version").press("Save all the same");
            let saved = visitor.submit(&again).await;
            assert_eq!(saved.status, 303, "{}, by form: saved all the same\n{saved}", case.name);
        }
        Outcome::Refused(_, field) | Outcome::OnlyAutomation(_, field) => {
            assert_eq!(answer.status, 422, "{}, by form\n{answer}", case.name);
            let told = field.is_empty()
                || answer.message_at(field).is_some()
                || !answer.all("[role=alert] li").is_empty();
            assert!(told, "{}, by form: told at {field}\n{answer}", case.name);
        }
    }
}

async fn import(world: &World, entity: &str, case: &Case, target: Option<&str>, values: &Value) {
    let mut columns: Vec<(String, String)> =
        values.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
    let mut arguments = vec!["import".to_owned(), entity.to_owned()];
    if let Some(id) = target {
        let number = world.admin.record(entity, id).await.word("/number").to_owned();
        columns.push(("number".to_owned(), number));
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let head: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let cells: Vec<String> = columns.iter().map(|(_, text)| quoted(text)).collect();
    let file =
        world.server.installation.file("case.csv", format!("{}\n{}\n", head.join(","), cells.join(",")));
    arguments.push(file.display().to_string());
    if target.is_some() {
        arguments.extend(["--match".to_owned(), "number".to_owned()]);
    }
    let finished = world.server.installation.run(&arguments).await;
    let refused = matches!(case.outcome, Outcome::Refused(..) | Outcome::OnlyAutomation(..));
    let finished = if refused { finished.failed(1) } else { finished.done() };
    match case.outcome {
        Outcome::Refused(_, field) | Outcome::OnlyAutomation(_, field) if !field.is_empty() => {
            assert!(
                finished.out.contains(&format!("{field}: ")),
                "{}, by import\n{}",
                case.name,
                finished.out
            );
        }
        Outcome::Warned(..) => {
            assert!(finished.out.contains("1 with warnings"), "{}, by import\n{}", case.name, finished.out);
        }
        _ => {}
    }
}

async fn script(admin: &Api, case: &Case, target: Option<&str>, values: &Value) {
    let errand = json!({ "how": "script", "body": values.to_string(), "target": target });
    let answer = admin.post("records/errand", &errand).await;
    let is_refused = matches!(case.outcome, Outcome::Refused(..));
    assert_eq!(answer.status, if is_refused { 422 } else { 201 }, "{}, by script\n{answer}", case.name);
}
