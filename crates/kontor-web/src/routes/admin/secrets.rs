//! `admin/secrets`: what machines of others sign with, and what is sent to them; with the hooks that listen.

use std::collections::BTreeSet;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::{Error, incoming, secrets};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problems};
use kontor_view::page::admin::secrets::{HookLine, SecretLine, SecretsPage};
use kontor_view::page::deletion::DeletionPage;
use kontor_view::page::part::EntityHead;
use serde::Deserialize;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::{Reading, flash, people};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct SecretPath {
    name: String,
}

/// What is drawn beside what is stored.
#[derive(Default)]
struct Said {
    /// The name and the secret that was just made.
    made: (String, String),
    name: String,
    problems: Problems,
}

/// The page.
pub async fn list_secrets(reader: Reader) -> Result<Response, Failure> {
    draw(&reader, Said::default()).await
}

/// `POST admin/secrets`: `name`, and `secret` where the other side chose it. It is shown on the page that follows at once.
pub async fn make_secret(reader: Reader, sent: Form) -> Result<Response, Failure> {
    put(&reader, sent.text("name").trim().to_owned(), &sent, true).await
}

/// `POST admin/secrets/{name}/rotation`: another one in its place.
pub async fn change_secret(
    reader: Reader,
    Path(path): Path<SecretPath>,
    sent: Form,
) -> Result<Response, Failure> {
    put(&reader, path.name, &sent, false).await
}

async fn put(reader: &Reader, name: String, sent: &Form, is_new: bool) -> Result<Response, Failure> {
    let given = sent.text("secret");
    match secrets::put(&reader.session, &name, given, is_new).await {
        Ok(secret) => {
            // What the other side chose is known there.
            let shown = if given.trim().is_empty() { secret } else { String::new() };
            draw(reader, Said { made: (name, shown), ..Said::default() }).await
        }
        Err(Error::Problems(problems)) => draw(reader, Said { name, problems, ..Said::default() }).await,
        Err(other) => Err(other.into()),
    }
}

/// `GET admin/secrets/{name}/deletion`: who uses it, and whether it shall go.
pub async fn ask_removal(reader: Reader, Path(path): Path<SecretPath>) -> Result<Response, Failure> {
    if !secrets::list(&reader.session).await?.iter().any(|one| one.name == path.name) {
        return Err(Failure::not_found());
    }
    let reading = reader.reading();
    let list = reading.admin_href("secrets");
    let words = reading.words();
    let users = named(&reading).into_iter().filter(|(name, _)| *name == path.name);
    let mut impacts: Vec<String> =
        users.map(|(_, workflow)| words.with("secrets.removal_use", &[("workflow", &workflow)])).collect();
    if impacts.is_empty() {
        impacts.push(reading.t("secrets.removal_unused"));
    }
    let title = reading.t("secrets.one");
    let page = DeletionPage {
        at: reader.visit.place(),
        entity: EntityHead { title: title.clone(), plural: title, ..EntityHead::default() },
        titles: vec![path.name.clone()],
        count: 1,
        impacts,
        action: format!("{list}/{}/deletion", address::segment(&path.name)),
        cancel_href: list.clone(),
        last: reading.t("secrets.removal_text"),
        ..DeletionPage::default()
    };
    reader.draw().below(reading.t("secrets.title"), list).view(&page).await
}

/// `POST admin/secrets/{name}/deletion`: `confirm`, which the page sends that asks.
pub async fn remove_secret(
    reader: Reader,
    Path(path): Path<SecretPath>,
    sent: Form,
) -> Result<Response, Failure> {
    if sent.text("confirm") != "1" {
        return ask_removal(reader, Path(path)).await;
    }
    secrets::remove(&reader.session, &path.name).await?;
    let said = flash::done("secrets.removed", &[("name", &path.name)]);
    Ok(reader.go_saying(&reader.reading().admin_href("secrets"), &said))
}

/// The names of secrets that the workflows of a workspace speak of, each with the workflow.
pub fn named(reading: &Reading<'_>) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (name, json) in reading.session.model.definitions_of(DefinitionKind::Workflow) {
        let title = reading.definition_title(DefinitionKind::Workflow, name, json);
        let on = json.get("on").unwrap_or(&Json::Null);
        let text = |key: &str| on.get(key).and_then(Json::as_str);
        if text("event") == Some("webhook") {
            let secret = text("secret").or_else(|| text("name")).unwrap_or(name);
            found.insert((secret.to_owned(), title.clone()));
        }
        look(json.get("steps").unwrap_or(&Json::Null), &mut |secret| {
            found.insert((secret.to_owned(), title.clone()));
        });
    }
    found
}

/// Every secret that a step names.
fn look(json: &Json, found: &mut dyn FnMut(&str)) {
    match json {
        Json::Array(list) => list.iter().for_each(|item| look(item, found)),
        Json::Object(step) if step.get("do").and_then(Json::as_str) == Some("http") => {
            let headers = step.get("headers").and_then(Json::as_object).into_iter().flatten();
            let in_headers = headers.filter_map(|(_, value)| value.get("secret"));
            let all = step.get("sign").into_iter().chain(in_headers);
            all.filter_map(Json::as_str).for_each(found);
        }
        Json::Object(object) => object.values().for_each(|value| look(value, found)),
        _ => {}
    }
}

async fn draw(reader: &Reader, said: Said) -> Result<Response, Failure> {
    let session = &reader.session;
    let reading = reader.reading();
    let words = reading.words();
    let stored = secrets::list(session).await?;
    let named = named(&reading);
    let users = |secret: &str| -> Vec<String> {
        named.iter().filter(|(name, _)| name == secret).map(|(_, title)| title.clone()).collect()
    };
    let action = reading.admin_href("secrets");
    let people = people::names(session, stored.iter().filter_map(|one| one.changed_by)).await;
    let mut lines = Vec::new();
    for secret in &stored {
        let who = secret.changed_by.and_then(|id| people.get(&id).cloned());
        let who = who.unwrap_or_else(|| reading.t("history.by_system"));
        let when = reading.format.when(secret.changed_at).text;
        let follows = secret.follows_until.filter(|until| *until > session.now);
        lines.push(SecretLine {
            name: secret.name.clone(),
            sort: reading.t(if secret.signs { "secrets.signs" } else { "secrets.is_sent" }),
            changed: words.with("secrets.changed_by", &[("when", &when), ("who", &who)]),
            follows: follows.map_or_else(String::new, |until| {
                words.with("secrets.follows", &[("until", &reading.format.when(until).text)])
            }),
            users: users(&secret.name),
            action: format!("{action}/{}", address::segment(&secret.name)),
        });
    }
    let is_known = |name: &str| stored.iter().any(|one| one.name == name);
    let missing: BTreeSet<&String> =
        named.iter().map(|(name, _)| name).filter(|name| !is_known(name)).collect();
    let refusals = incoming::refusals(session).await?;
    let hooks = incoming::list(session)?.into_iter().map(|one| {
        let refused = refusals.iter().find(|refused| refused.hook == one.hook.name);
        let json = session.model.definition(DefinitionKind::Workflow, &one.workflow.name);
        HookLine {
            title: json.map_or_else(
                || one.workflow.title.clone(),
                |json| reading.definition_title(DefinitionKind::Workflow, &one.workflow.name, json),
            ),
            href: reading.admin_href(&format!("workflows/{}", address::segment(&one.workflow.name))),
            address: format!("{}/api/v1/hooks/{}", reader.visit.base, one.hook.name),
            active: one.workflow.active,
            lacks: !is_known(&one.hook.secret),
            secret: one.hook.secret,
            refused: refused.map_or_else(String::new, |refused| {
                let count = usize::try_from(refused.count).unwrap_or(usize::MAX);
                let (when, times) =
                    (reading.format.when(refused.last).text, words.count("problems.times", count));
                let why = reading.t(&format!("secrets.why_{}", refused.why));
                words.with("secrets.refused", &[("times", &times), ("when", &when), ("why", &why)])
            }),
        }
    });
    let page = SecretsPage {
        at: reader.visit.place(),
        hooks: hooks.collect(),
        secrets: lines,
        missing: missing.into_iter().cloned().collect(),
        action,
        made_name: said.made.0,
        made: said.made.1,
        name: said.name,
        problems: said.problems.iter().map(|problem| problem.message(&reading.labels)).collect(),
    };
    let mut draw = reader.draw();
    if !said.problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}
