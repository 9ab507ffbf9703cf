//! `admin/source/{kind}/{name}`: a definition as JSON, checked on save, with problems at their lines.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::{self, change_sets, drafts, repair};
use kontor_model::check::meta_schema;
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem, Problems, json_fault};
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::source::{SourceEditor, SourcePage};
use kontor_view::page::part::Link;
use serde::Deserialize;
use serde_json::json;

use super::as_read;
use super::draft::{Draft, layer_title};
use crate::api::definitions::kind_of;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::json as strict;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::{entity::designer_href, source};
use crate::present::flash;
use crate::visit::Reader;

/// The name in the address of a definition that has none yet.
const NEW: &str = "new";

#[derive(Deserialize)]
pub struct SourcePath {
    pub(super) kind: String,
    pub(super) name: String,
}

/// The page. Under the name `new` it begins with what a definition of the kind must say.
pub async fn show_source(
    reader: Reader,
    Path(path): Path<SourcePath>,
    _query: Query,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let draft = Draft::open(&reader.session).await?;
    let text = match draft.definition(kind, &path.name) {
        Some(json) => source::text_of(json),
        None if path.name == NEW => source::text_of(&skeleton(kind)),
        None => {
            // The draft removes it: what was published can still be read and put back. So can what is broken.
            match reader.session.model.definition(kind, &path.name) {
                Some(published) => source::text_of(published),
                None => match repair::stored(&reader.session, kind, &path.name)? {
                    Json::String(unreadable) => unreadable,
                    json => source::text_of(&json),
                },
            }
        }
    };
    let id = (kind, path.name.clone());
    let broken = reader.session.model.broken.iter().find(|broken| broken.id == id);
    let is_drafted = draft.changes.iter().any(|row| row.kind == kind.as_str() && row.name == path.name);
    let problems = broken.filter(|_| !is_drafted).map(|broken| broken.problems.clone()).unwrap_or_default();
    let read = draft.definition(kind, &path.name).cloned();
    let mut page = draw(&reader, &draft, (kind, &path.name), (text, read), &problems).await?;
    // Reading what is broken is no mistake of the reader's.
    *page.status_mut() = StatusCode::OK;
    Ok(page)
}

/// `POST`: into the draft. The name is the one that the text says.
pub async fn save_source(
    reader: Reader,
    Path(path): Path<SourcePath>,
    sent: Form,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let draft = Draft::open(&reader.session).await?;
    let text = sent.get("source").unwrap_or_default().replace("\r\n", "\n");
    let body = if kind == DefinitionKind::Script {
        Ok(json!({ "source": text }))
    } else {
        strict::parse(text.as_bytes())
    };
    let body = match body {
        Ok(body) => body,
        Err(unreadable) => {
            return draw(
                &reader,
                &draft,
                (kind, &path.name),
                (text, as_read::sent(&sent)),
                &syntax_problem(unreadable.0).into(),
            )
            .await;
        }
    };
    let name = match body.get("name").and_then(Json::as_str) {
        Some(own) if path.name == NEW => own.to_owned(),
        _ => path.name.clone(),
    };
    let mut read = as_read::sent(&sent);
    let standing = draft.definition(kind, &name);
    let mut body = body;
    if let (Some(base), Some(standing)) = (&read, standing)
        && base != standing
    {
        let whole = match kind {
            // The text of a script is one value.
            DefinitionKind::Script if body == *standing || body == *base => Ok(standing.clone()),
            _ => as_read::join(base, standing, &body),
        };
        match whole {
            Ok(whole) => body = whole,
            Err((problems, whole)) => {
                let text = source::text_of(&whole);
                read = Some(standing.clone());
                return draw(&reader, &draft, (kind, &path.name), (text, read), &problems).await;
            }
        }
    }
    match draft.put(kind, &name, body).await {
        Ok(()) => {
            Ok(reader.go_saying(&source_href(&reader, kind, &name), &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => {
            draw(&reader, &draft, (kind, &path.name), (text, read), &problems).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST admin/discard/{kind}/{name}`: the draft of one definition goes.
pub async fn discard_draft(
    reader: Reader,
    Path(path): Path<SourcePath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let draft = Draft::open(&reader.session).await?;
    let id = draft.id.ok_or_else(Failure::not_found)?;
    let state = draft.state(kind, &path.name);
    change_sets::discard(&reader.session, id, kind, &path.name).await?;
    let reading = reader.reading();
    let next = if state == DraftState::New {
        reading.admin_href(&format!("definitions/{kind}"))
    } else {
        source_href(&reader, kind, &path.name)
    };
    Ok(reader.go_saying(&next, &flash::done("changes.discarded", &[])))
}

/// `POST admin/removal/{kind}/{name}`: publishing removes the definition, or what the workspace says of a pack's.
pub async fn remove_definition(
    reader: Reader,
    Path(path): Path<SourcePath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    Draft::open(&reader.session).await?;
    let id = drafts::own(&reader.session).await?;
    change_sets::delete(&reader.session, id, kind, &path.name).await?;
    Ok(reader.go_saying(&reader.reading().admin_href("changes"), &flash::done("admin.saved_draft", &[])))
}

pub(super) fn source_href(reader: &Reader, kind: DefinitionKind, name: &str) -> String {
    reader.reading().admin_href(&format!("source/{kind}/{}", address::segments(name)))
}

/// What a JSON reader says, at its line.
pub fn syntax_problem(reason: String) -> Problem {
    json_fault::problem(&reason)
}

/// The keys that a definition of the kind must have.
fn skeleton(kind: DefinitionKind) -> Json {
    let mut object = serde_json::Map::new();
    object.insert("name".into(), "".into());
    object.insert("title".into(), "".into());
    if let Some(required) =
        meta_schema(kind).and_then(|schema| schema.get("required")).and_then(Json::as_array)
    {
        for name in required.iter().filter_map(Json::as_str).filter(|name| *name != "$schema") {
            object.entry(name).or_insert_with(|| match name {
                "steps" | "tiles" | "menu" | "stages" | "tabs" | "columns" | "measures" | "rows"
                | "levels" => Json::Array(Vec::new()),
                "on" | "entities" | "properties" => Json::Object(serde_json::Map::new()),
                _ => "".into(),
            });
        }
    }
    Json::Object(object)
}

async fn draw(
    reader: &Reader,
    draft: &Draft<'_>,
    (kind, name): (DefinitionKind, &str),
    (text, read): (String, Option<Json>),
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let state = draft.state(kind, name);
    let is_known = draft.definition(kind, name).is_some();
    let designer = designer_href(&reading, kind, name);
    let own = source_href(reader, kind, name);
    let layers = reader.session.workspace.layers();
    let id = (kind, name.to_owned());
    let page = SourcePage {
        at: reader.visit.place(),
        kind: kind.to_string(),
        name: name.to_owned(),
        title: draft
            .definition(kind, name)
            .map(|json| reading.definition_title(kind, name, json))
            .unwrap_or_default(),
        layers: layers
            .sets
            .iter()
            .filter(|(_, set)| set.contains_key(&id))
            .map(|(layer, _)| Link::new("", layer_title(&reading, Some(layer)), ""))
            .collect(),
        origin_href: if reader.session.model.definition(kind, name).is_some() {
            super::origin::href(&reading, kind, name)
        } else {
            String::new()
        },
        tabs: super::shape::tabs(&reading, kind, name, "source"),
        editor: SourceEditor {
            read: read.map(|json| json.to_string()).unwrap_or_default(),
            ..source::with_problems(&reading, name, text, own.clone(), problems)
        },
        draft: state,
        designer_href: if designer == own || !is_known { String::new() } else { designer },
        remove_action: if is_known
            && definitions::origin(&reader.session, kind, name, "").is_none_or(|layer| layer == "workspace")
        {
            reading.admin_href(&format!("removal/{kind}/{}", address::segments(name)))
        } else {
            String::new()
        },
        discard_action: if state == DraftState::Same {
            String::new()
        } else {
            reading.admin_href(&format!("discard/{kind}/{}", address::segments(name)))
        },
        keys: keys(&reading, kind),
    };
    let draw = reader.draw().below(
        reading.t(&format!("definition.{kind}.plural")),
        reading.admin_href(&format!("definitions/{kind}")),
    );
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// What a definition of the kind may say, from its meta-schema.
fn keys(reading: &crate::present::Reading<'_>, kind: DefinitionKind) -> Vec<Link> {
    let properties = meta_schema(kind).and_then(|schema| schema.get("properties")).and_then(Json::as_object);
    properties
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "$schema")
        .map(|(key, schema)| Link {
            note: reading.described(kind.as_str(), key, schema),
            ..Link::new("", key.clone(), "")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_syntax_has_its_line() {
        let problem = syntax_problem("expected `,` or `}` at line 4 column 12".to_owned());
        assert_eq!((problem.line, problem.column), (Some(4), Some(12)));
        assert_eq!(problem.code, "json_comma");
        for (text, code) in [
            ("", "json_ends"),
            ("{\"a\" 1}", "json_colon"),
            ("{\"a\": x}", "json_value"),
            ("{} {}", "json_more"),
        ] {
            let said = strict::parse(text.as_bytes()).err().map(|one| syntax_problem(one.0).code);
            assert_eq!(said.as_deref(), Some(code), "{text}");
        }
        assert_eq!(syntax_problem("nonsense".to_owned()).line, None);
    }
}
