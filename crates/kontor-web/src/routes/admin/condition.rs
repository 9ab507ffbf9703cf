//! `admin/condition/{kind}/{name}?at=`: one condition of a definition, wherever it stands: a field's, a workflow's, a
//! view's, a report's.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problems};
use kontor_view::page::admin::item::ItemPage;
use kontor_view::page::part::{Place, ProblemLine};
use serde::Deserialize;
use serde_json::json;

use super::as_read;
use super::draft::Draft;
use crate::api::definitions::kind_of;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::conditions::{self, Shown};
use crate::present::admin::entity::designer_href;
use crate::present::flash;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct ConditionPath {
    kind: String,
    name: String,
}

/// The keys that hold conditions.
const KEYS: [&str; 7] =
    ["visible_when", "required_when", "readonly_when", "when", "where", "exit_when", "goal"];

/// Where the condition stands: a pointer whose last key, or the one before it, is one that holds conditions.
fn place(query: &Query) -> Result<String, Failure> {
    let at = query.text("at").to_owned();
    let mut parts = at.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let holds = KEYS.contains(&last) || parts.next() == Some("options_when");
    if at.starts_with('/') && holds { Ok(at) } else { Err(Failure::not_found()) }
}

/// `GET`.
pub async fn show_condition(
    reader: Reader,
    Path(path): Path<ConditionPath>,
    query: Query,
) -> Result<Response, Failure> {
    draw(&reader, &path, &query, None, &Problems::new()).await
}

/// `POST`.
pub async fn save_condition(
    reader: Reader,
    Path(path): Path<ConditionPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let kind = kind_of(&path.kind)?;
    let draft = Draft::open(session).await?;
    let body = draft.demand(kind, &path.name)?;
    let at = place(&query)?;
    let drafted = reader.drafted().await?;
    let model = Arc::clone(&drafted.session.model);
    let entity = entity_of(kind, &path.name, body).and_then(|name| model.entity(&name).cloned());
    let wanted = sent.text("_do");
    if matches!(wanted, "more" | "json" | "rows") {
        return draw(&reader, &path, &query, Some(&sent), &Problems::new()).await;
    }
    let base = as_read::sent(&sent);
    let drawn = match &base {
        Some(base) => base.get("where").cloned(),
        None => body.pointer(&at).cloned(),
    };
    let condition = if wanted == "remove" {
        None
    } else {
        match conditions::read_over(&drafted.reading(), entity.as_deref(), drawn.as_ref(), &sent) {
            Ok(condition) => condition,
            Err(problem) => return draw(&reader, &path, &query, Some(&sent), &problem.into()).await,
        }
    };
    let held = |condition: Option<&Json>| match condition {
        Some(condition) => json!({ "where": condition }),
        None => json!({}),
    };
    let standing = held(body.pointer(&at));
    let base = base.unwrap_or_else(|| standing.clone());
    let settled = match as_read::settle(&base, &standing, &held(condition.as_ref()), &sent) {
        Ok(settled) => settled,
        Err((problems, sent)) => return draw(&reader, &path, &query, Some(&sent), &problems).await,
    };
    let mut changed = body.clone();
    set(&mut changed, &at, settled.get("where").cloned());
    match draft.put(kind, &path.name, changed).await {
        Ok(()) => {
            let back = back_href(&reader, kind, &path.name, &query);
            Ok(reader.go_saying(&back, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => draw(&reader, &path, &query, Some(&sent), &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// The entity whose fields the conditions of a definition read.
fn entity_of(kind: DefinitionKind, name: &str, body: &Json) -> Option<String> {
    if kind == DefinitionKind::Entity {
        return Some(name.to_owned());
    }
    let own = body.get("entity").and_then(Json::as_str);
    own.or_else(|| body.pointer("/on/entity").and_then(Json::as_str)).map(str::to_owned)
}

/// Puts a value at a pointer; what is above it and is not there is made. `None` takes it away.
pub fn set(body: &mut Json, at: &str, value: Option<Json>) {
    let mut place = body;
    let mut keys = at.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).peekable();
    while let Some(key) = keys.next() {
        let is_last = keys.peek().is_none();
        place = match place {
            Json::Array(list) => {
                let Some(item) = key.parse::<usize>().ok().and_then(|index| list.get_mut(index)) else {
                    return;
                };
                item
            }
            Json::Object(object) if is_last && value.is_none() => {
                object.shift_remove(&key);
                return;
            }
            Json::Object(object) => object.entry(key).or_insert_with(|| Json::Object(serde_json::Map::new())),
            _ => return,
        };
    }
    if let Some(value) = value {
        *place = value;
    }
}

fn back_href(reader: &Reader, kind: DefinitionKind, name: &str, query: &Query) -> String {
    let reading = reader.reading();
    address::own_path_or(query.text("back"), &designer_href(&reading, kind, name)).to_owned()
}

async fn draw(
    reader: &Reader,
    path: &ConditionPath,
    query: &Query,
    sent: Option<&Form>,
    problems: &Problems,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let draft = Draft::open(&reader.session).await?;
    let body = draft.demand(kind, &path.name)?;
    let at = place(query)?;
    let drafted = reader.drafted().await?;
    let reading = drafted.reading();
    let model = Arc::clone(&drafted.session.model);
    let entity = entity_of(kind, &path.name, body).and_then(|name| model.entity(&name).cloned());
    let mut keys: Vec<&str> = at.rsplit('/').take(3).collect();
    let option = if keys.get(1) == Some(&"options_when") { keys.remove(0) } else { "" };
    // A link and whatever else has no options has no conditions of options.
    if !option.is_empty() && !has_option(body, &at) {
        return Err(Failure::not_found());
    }
    let key = keys.first().copied().unwrap_or_default();
    let holder = at.strip_prefix("/properties/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let subject = match body.pointer(&format!("/properties/{holder}/title")).and_then(Json::as_str) {
        Some(label) => reading.label(kind, &path.name, &format!("properties.{holder}.title"), label),
        None => reading.definition_title(kind, &path.name, body),
    };
    let heading = if option.is_empty() {
        reading.words().with(&format!("condition.title_{key}"), &[("subject", &subject)])
    } else {
        reading.words().with("condition.title_option", &[("subject", &subject), ("option", option)])
    };
    let about_changes = matches!(kind, DefinitionKind::Workflow | DefinitionKind::Process);
    let shown = Shown {
        legend: reading.t("condition.legend"),
        lead: String::new(),
        condition: body.pointer(&at),
        entity: entity.as_deref(),
        about_changes,
    };
    let own = reading.admin_href(&format!("condition/{kind}/{}", address::segments(&path.name)));
    let back_href = back_href(reader, kind, &path.name, query);
    let page = ItemPage {
        at: Place {
            read: match body.pointer(&at) {
                Some(condition) => as_read::carried(sent, &json!({ "where": condition })),
                None => as_read::carried(sent, &json!({})),
            },
            ..reader.visit.place()
        },
        what: reading.definition_title(kind, &path.name, body),
        heading,
        lead: reading.t(&format!("condition.lead_{}", if option.is_empty() { key } else { "options_when" })),
        action: address::with_query(&own, [("at", at.as_str()), ("back", query.text("back"))]),
        back_href: back_href.clone(),
        can_remove: body.pointer(&at).is_some(),
        condition: Some(conditions::editor(&reading, &shown, sent)),
        problems: reading
            .problem_lines(problems, "")
            .into_iter()
            .map(|line| ProblemLine { anchor: conditions::ANCHOR.to_owned(), ..line })
            .collect(),
        ..ItemPage::default()
    };
    let title = reading.definition_title(kind, &path.name, body);
    let mut draw = reader.draw().below(title, back_href);
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

/// Whether the field of `/properties/stage/options_when/won` has that option, or a condition for it.
fn has_option(body: &Json, at: &str) -> bool {
    let Some((field, option)) = at.split_once("/options_when/") else { return false };
    let option = option.replace("~1", "/").replace("~0", "~");
    let options = body.pointer(field).and_then(|field| field.get("oneOf")).and_then(Json::as_array);
    let is_it = |one: &Json| one.get("const").and_then(Json::as_str) == Some(option.as_str());
    options.is_some_and(|options| options.iter().any(is_it)) || body.pointer(at).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_put_where_it_belongs() {
        let mut body = json!({ "properties": { "a": {} }, "rules": [{ "name": "one" }] });
        set(&mut body, "/properties/a/options_when/x~1y", Some(json!({ "field": "b", "eq": 1 })));
        set(&mut body, "/rules/0/when", Some(json!({})));
        set(&mut body, "/rules/7/when", Some(json!({})));
        assert_eq!(
            body,
            json!({ "properties": { "a": { "options_when": { "x/y": { "field": "b", "eq": 1 } } } }, "rules": [{ "name": "one", "when": {} }] })
        );
        set(&mut body, "/rules/0/when", None);
        assert_eq!(body.get("rules"), Some(&json!([{ "name": "one" }])));
    }
}
