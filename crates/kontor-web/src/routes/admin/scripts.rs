//! `admin/scripts`: rules in Rhai: the list, and the editor with check and save.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::DESIGN;
use kontor_core::permissions::demand_admin;
use kontor_core::records::{self, Incoming, ScriptTrial};
use kontor_model::definition::DefinitionKind;
use kontor_model::{EntityModel, Json, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::admin::scripts::{ScriptLine, ScriptPage, ScriptsPage, TestRun, TraceLine};
use kontor_view::page::admin::source::SourceEditor;
use kontor_view::page::part::{Link, Tab};
use kontor_view::page::record::Change;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::as_read;
use super::draft::{self, Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::Reading;
use crate::present::admin::source;
use crate::present::{flash, values};
use crate::visit::Reader;

/// Hooks that an entity's script may have.
const HOOKS: [&str; 4] = ["before_save", "validate", "before_delete", "action"];

#[derive(Deserialize)]
pub struct ScriptPath {
    name: String,
}

/// Names of the functions of a source, with their lines; private helpers too.
fn functions(source: &str) -> Vec<(String, usize)> {
    (1..)
        .zip(source.lines())
        .filter_map(|(line, text)| {
            let rest = text.trim_start().trim_start_matches("private ").strip_prefix("fn ")?;
            let name: String = rest
                .trim_start()
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            (!name.is_empty()).then_some((name, line))
        })
        .collect()
}

/// Whether a function is called by the engine, and so can be tried out by itself.
fn is_hook(function: &str) -> bool {
    matches!(function, "before_save" | "validate" | "before_delete" | "run")
        || function.starts_with("action_")
        || function.starts_with("field_")
}

/// The list.
pub async fn list_scripts(reader: Reader) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let all = draft.all(DefinitionKind::Script);
    let broken = &reader.session.model.broken;
    let suggestions = reader
        .session
        .model
        .entities
        .keys()
        .map(|name| format!("entities/{name}"))
        .filter(|name| !all.iter().any(|(known, _)| known == name))
        .collect();
    let scripts = all
        .iter()
        .map(|(name, json)| ScriptLine {
            name: (*name).to_owned(),
            href: reading.admin_href(&format!("scripts/{}", address::segments(name))),
            functions: functions(text(json, "source")).into_iter().map(|(name, _)| name).collect(),
            layer: draft::layer(&reading, DefinitionKind::Script, name),
            problem: broken
                .iter()
                .find(|one| one.id.0 == DefinitionKind::Script && one.id.1 == **name)
                .map(|one| {
                    one.problems
                        .iter()
                        .map(|problem| problem.message(&reading.labels))
                        .collect::<Vec<_>>()
                        .join(" ")
                })
                .unwrap_or_default(),
            draft: draft.state(DefinitionKind::Script, name),
        })
        .collect();
    let page = ScriptsPage {
        at: reader.visit.place(),
        scripts,
        new_href: reading.admin_href("scripts/new"),
        suggestions,
    };
    reader.draw().view(&page).await
}

/// `GET admin/scripts/new?name=`.
pub async fn begin_script(reader: Reader, query: Query) -> Result<Response, Failure> {
    demand_admin(&reader.session, DESIGN)?;
    let name = query.text("name").trim();
    let is_path = !name.is_empty()
        && name.split('/').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        });
    let reading = reader.reading();
    let to = if is_path {
        reading.admin_href(&format!("scripts/{}", address::segments(name)))
    } else {
        reading.admin_href("scripts")
    };
    Ok(reader.go(&to))
}

/// The editor.
pub async fn show_script(reader: Reader, Path(path): Path<ScriptPath>) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let text = match draft.definition(DefinitionKind::Script, &path.name) {
        Some(json) => text(json, "source").to_owned(),
        None => begin_text(&path.name),
    };
    draw(&reader, &draft, &path.name, text, &Problems::new(), &Form::default(), None).await
}

fn begin_text(name: &str) -> String {
    if name.starts_with("entities/") {
        "fn before_save(record, old, ctx) {\n}\n".to_owned()
    } else {
        String::new()
    }
}

/// `POST`: `_do=check` looks at the source, `_do=save` puts it into the draft.
pub async fn save_script(
    reader: Reader,
    Path(path): Path<ScriptPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let text = sent.get("source").unwrap_or_default().replace("\r\n", "\n");
    if sent.text("_do") == "check" {
        let problems = check(&reader, &path.name, &text);
        let run = problems.is_empty().then(|| TestRun {
            passed: true,
            bill: reader.reading().t("scripts.sound"),
            ..TestRun::default()
        });
        return draw(&reader, &draft, &path.name, text, &problems, &sent, run).await;
    }
    let mine = json!({ "source": text });
    if let (Some(base), Some(standing)) =
        (as_read::sent(&sent), draft.definition(DefinitionKind::Script, &path.name))
        && let Err((problems, sent)) = as_read::settle(&base, standing, &mine, &sent)
    {
        return draw(&reader, &draft, &path.name, text, &problems, &sent, None).await;
    }
    match draft.put(DefinitionKind::Script, &path.name, mine).await {
        Ok(()) => {
            let href = reader.reading().admin_href(&format!("scripts/{}", address::segments(&path.name)));
            Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &draft, &path.name, text, &problems, &sent, None).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST admin/script-test/{name}`: what the source would do to a record; nothing is saved.
pub async fn test_script(
    reader: Reader,
    Path(path): Path<ScriptPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let entity = path
        .name
        .strip_prefix("entities/")
        .and_then(|name| reader.session.model.entity(name))
        .ok_or_else(Failure::not_found)?;
    let text = sent.get("source").unwrap_or_default().replace("\r\n", "\n");
    let problems = check(&reader, &path.name, &text);
    if !problems.is_empty() {
        return draw(&reader, &draft, &path.name, text, &problems, &sent, None).await;
    }
    let values = sent
        .text("changes")
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(field, value)| (field.trim().to_owned(), Incoming::Text(value.trim().to_owned())))
        .collect();
    let function = match sent.text("function") {
        "" => {
            functions(&text).into_iter().map(|(name, _)| name).find(|name| is_hook(name)).unwrap_or_default()
        }
        own => own.to_owned(),
    };
    let record = record_of(&reader, entity, sent.text("record")).await;
    match records::try_script(&reader.session, entity, &text, &function, record, values).await {
        Ok(trial) => {
            let run = run_of(&reader.reading(), entity, &trial);
            draw(&reader, &draft, &path.name, text, &Problems::new(), &sent, Some(run)).await
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &draft, &path.name, text, &problems, &sent, None).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The record that was typed: an id, or the exact title of a recent one.
async fn record_of(reader: &Reader, entity: &Arc<EntityModel>, typed: &str) -> Option<Uuid> {
    if let Ok(id) = Uuid::parse_str(typed) {
        return Some(id);
    }
    let words = Some(typed).filter(|typed| !typed.is_empty())?;
    let found = records::options(&reader.session, entity, Some(words), 20).await.ok()?;
    found.into_iter().find(|(_, title)| title == words).map(|(id, _)| id)
}

/// What a trial did, line by line.
fn run_of(reading: &Reading<'_>, entity: &EntityModel, trial: &ScriptTrial) -> TestRun {
    let titles = records::Titles::new();
    let label = |name: &str| {
        entity.field(name).map_or_else(|| name.to_owned(), |field| field.label(&reading.labels).to_owned())
    };
    let shown = |name: &str, json: &Json| {
        entity.field(name).map_or_else(
            || json.to_string(),
            |field| values::json_text(reading, entity, field, json, &titles, ""),
        )
    };
    let mut trace: Vec<TraceLine> =
        trial.log.iter().map(|line| TraceLine { what: line.clone(), ..TraceLine::default() }).collect();
    trace.extend(trial.problems.iter().map(|problem| TraceLine {
        line: problem.line.map(|line| line.to_string()).unwrap_or_default(),
        what: problem.message(&reading.labels),
        value: problem.field().map(label).unwrap_or_default(),
        failed: !problem.warning,
    }));
    let number = |count: u64| reading.format.count(count);
    TestRun {
        passed: !trial.problems.has_errors(),
        bill: format!(
            "{} ms · {} {} · {} {}",
            number(trial.milliseconds),
            number(trial.operations),
            reading.t("scripts.limit_operations").to_lowercase(),
            number(trial.queries),
            reading.t("scripts.limit_queries").to_lowercase()
        ),
        trace,
        changes: trial
            .changes
            .iter()
            .map(|(name, old, new)| Change {
                label: label(name),
                old: shown(name, old),
                new: shown(name, new),
            })
            .collect(),
    }
}

fn entity_of<'a>(reader: &'a Reader, name: &str) -> Option<&'a EntityModel> {
    name.strip_prefix("entities/").and_then(|name| reader.session.model.entity(name)).map(AsRef::as_ref)
}

fn check(reader: &Reader, name: &str, source: &str) -> Problems {
    let session = &reader.session;
    session.workspace.runner.check(name, source, &session.model, entity_of(reader, name))
}

async fn draw(
    reader: &Reader,
    draft: &Draft<'_>,
    name: &str,
    text: String,
    problems: &Problems,
    sent: &Form,
    run: Option<TestRun>,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let own = reading.admin_href(&format!("scripts/{}", address::segments(name)));
    let known = functions(&text);
    let layers = reader.session.workspace.layers();
    let id = (DefinitionKind::Script, name.to_owned());
    let page = ScriptPage {
        at: reader.visit.place(),
        name: name.to_owned(),
        about: about(&reading, reader, name),
        functions: known
            .iter()
            .map(|(function, line)| Link {
                note: line.to_string(),
                ..Link::new("#src", function.clone(), "code")
            })
            .collect(),
        hooks: if name.starts_with("entities/") {
            HOOKS
                .iter()
                .filter(|hook| !known.iter().any(|(function, _)| function == *hook))
                .map(|hook| {
                    let shown = if *hook == "action" { "action_<name>" } else { hook };
                    Link { note: reading.t(&format!("scripts.hook_{hook}")), ..Link::new("", shown, "plus") }
                })
                .collect()
        } else {
            Vec::new()
        },
        limits: limits(&reading),
        layers: layers
            .sets
            .iter()
            .filter(|(_, set)| set.contains_key(&id))
            .map(|(layer, _)| Tab {
                href: String::new(),
                title: layer.clone(),
                count: String::new(),
                current: layer == "workspace",
            })
            .collect(),
        editor: SourceEditor {
            read: draft
                .definition(DefinitionKind::Script, name)
                .map(|json| as_read::carried(Some(sent), json))
                .unwrap_or_default(),
            ..source::with_problems(&reading, name, text, own, problems)
        },
        test_action: if entity_of(reader, name).is_some() {
            reading.admin_href(&format!("script-test/{}", address::segments(name)))
        } else {
            String::new()
        },
        test_functions: known
            .iter()
            .filter(|(function, _)| is_hook(function))
            .map(|(function, _)| {
                OptionView::new(function.clone(), function.clone(), function == sent.text("function"))
            })
            .collect(),
        records: recent(reader, name, sent.text("record")).await,
        record: sent.text("record").to_owned(),
        changes: sent.text("changes").to_owned(),
        run,
        draft: draft.state(DefinitionKind::Script, name),
    };
    let draw = reader.draw().below(reading.t("scripts.title"), reading.admin_href("scripts"));
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// Records to try a script on.
async fn recent(reader: &Reader, name: &str, chosen: &str) -> Vec<OptionView> {
    let Some(entity) = name.strip_prefix("entities/").and_then(|name| reader.session.model.entity(name))
    else {
        return Vec::new();
    };
    let found = records::options(&reader.session, entity, None, 10).await.unwrap_or_default();
    found
        .into_iter()
        .map(|(id, title)| OptionView::new(id.to_string(), title, id.to_string() == chosen))
        .collect()
}

fn about(reading: &Reading<'_>, reader: &Reader, name: &str) -> String {
    match entity_of(reader, name) {
        Some(entity) => reading.words().with("scripts.on_entity", &[("entity", &reading.title_of(entity))]),
        None if name.starts_with("jobs/") => reading.t("scripts.job"),
        None => reading.t("scripts.library"),
    }
}

/// The limits of a script in a save (04-runtime).
fn limits(reading: &Reading<'_>) -> Vec<Link> {
    [
        ("operations", "2,000,000"),
        ("time", "250 ms"),
        ("memory", "32 MiB"),
        ("queries", "100"),
        ("depth", "32"),
    ]
    .into_iter()
    .map(|(key, value)| Link {
        note: value.to_owned(),
        ..Link::new("", reading.t(&format!("scripts.limit_{key}")), "")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::functions;

    #[test]
    fn functions_are_found_by_their_heads() {
        let found = functions(
            "// fn no\nfn before_save(record, old, ctx) {\n}\n  private fn help() {}\nlet fn_x = 1;",
        );
        assert_eq!(found, [("before_save".to_owned(), 2), ("help".to_owned(), 4)]);
    }
}
