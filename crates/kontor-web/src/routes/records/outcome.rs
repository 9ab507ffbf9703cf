//! `GET r/{entity}/outcome/{key}`: what became of several records that were changed, or that an action ran on. It is kept for
//! a day for who did it, so that the answer to the form is a redirect and the page can be read again.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::idempotency;
use kontor_model::{EntityModel, Json, Problem, Problems};
use kontor_view::page::bulk::{BulkPage, Refused};
use kontor_view::page::part::{Hidden, Link};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{bulk, once};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::action::lines_of;
use crate::present::{Reading, address as listing};
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct OutcomePath {
    entity: String,
    key: String,
}

/// What was done to the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Fields were changed.
    Change,
    /// A change was taken back.
    Undo,
    /// An action ran.
    Action(String),
}

/// What became of the records.
pub struct Outcome {
    kind: Kind,
    /// Records that are done, each with the version that was written, if it is known.
    pub done: Vec<(Uuid, Option<i64>)>,
    /// Those that nothing was done to, each with the reasons; true where these only warn.
    left: Vec<(Uuid, bool, Vec<String>)>,
    /// The reasons, for the form that comes back when nothing at all was done.
    problems: Problems,
    /// What was typed.
    typed: Vec<(String, String)>,
    /// The list that they were selected in.
    list: Vec<(String, String)>,
}

/// Inputs that a form that goes on does not take over.
const NOT_AGAIN: [&str; 6] = ["csrf", "id", "_all", "_accept_warnings", "change", once::KEY];
/// Reasons that a form which comes back lists.
const MOST_LINES: usize = 30;

impl Outcome {
    /// Sorts what came of each record.
    pub fn of(
        reading: &Reading<'_>,
        entity: &EntityModel,
        kind: Kind,
        query: &Query,
        sent: &Form,
        outcomes: Vec<(Uuid, Option<i64>, Problems)>,
    ) -> Self {
        let typed = sent.0.iter().filter(|(name, _)| !NOT_AGAIN.contains(&name.as_str()));
        let mut outcome = Self {
            kind,
            done: Vec::new(),
            left: Vec::new(),
            problems: Problems::new(),
            typed: typed.cloned().collect(),
            list: listing::kept(query),
        };
        for (id, version, problems) in outcomes {
            if problems.is_empty() {
                outcome.done.push((id, version));
                continue;
            }
            let warns = !problems.has_errors();
            let lines = lines_of(reading, entity, &problems, warns);
            let colon = reading.t("form.colon");
            let said = |label: &str, message: &str| {
                if label.is_empty() { message.to_owned() } else { format!("{label}{colon}{message}") }
            };
            outcome.left.push((id, warns, lines.iter().map(|one| said(&one.label, &one.message)).collect()));
            for problem in problems.iter().filter(|one| one.warning == warns) {
                outcome.add(reading, problem);
            }
        }
        outcome
    }

    /// The same reason of several records is told once, at its field.
    fn add(&mut self, reading: &Reading<'_>, problem: &Problem) {
        let message = problem.message(&reading.labels);
        let is_known = |known: &Problem| {
            known.path == problem.path
                && known.code == problem.code
                && known.message(&reading.labels) == message
        };
        if self.problems.0.len() < MOST_LINES && !self.problems.iter().any(is_known) {
            self.problems.push(problem.clone());
        }
    }

    /// Why nothing was done, each reason once.
    pub fn problems(&self) -> Problems {
        self.problems.clone()
    }

    fn to_json(&self) -> Json {
        let (kind, name) = match &self.kind {
            Kind::Change => ("change", ""),
            Kind::Undo => ("undo", ""),
            Kind::Action(name) => ("action", name.as_str()),
        };
        let done: Vec<Json> = self.done.iter().map(|(id, version)| json!([id, version])).collect();
        let left: Vec<Json> = self.left.iter().map(|(id, warns, why)| json!([id, warns, why])).collect();
        json!({ "kind": kind, "name": name, "done": done, "left": left, "typed": self.typed, "list": self.list })
    }
}

/// Keeps what came of it and answers 303 to the page that says so.
pub async fn go(reader: &Reader, entity: &Arc<EntityModel>, outcome: &Outcome) -> Result<Response, Failure> {
    let reading = reader.reading();
    let key = Uuid::new_v4().simple().to_string();
    idempotency::keep(&reader.session, &key, outcome.to_json().to_string()).await?;
    Ok(reader.go(&format!("{}/outcome/{key}", reading.list_href(&entity.name))))
}

/// The page.
pub async fn show_outcome(reader: Reader, Path(path): Path<OutcomePath>) -> Result<Response, Failure> {
    let entity = reader.session.entity(&path.entity)?;
    let text = idempotency::kept(&reader.session, &path.key).await?.ok_or_else(Failure::not_found)?;
    let kept: Json = serde_json::from_str(&text).map_err(|_| Failure::not_found())?;
    let reading = reader.reading();
    let ids = |key: &str| -> Vec<Uuid> {
        let all = kept.get(key).and_then(Json::as_array).into_iter().flatten();
        all.filter_map(|one| one.get(0)?.as_str()?.parse().ok()).collect()
    };
    let pairs = |key: &str| -> Vec<(String, String)> {
        let all = kept.get(key).and_then(Json::as_array).into_iter().flatten();
        let text = |one: &Json, at: usize| Some(one.get(at)?.as_str()?.to_owned());
        all.filter_map(|one| Some((text(one, 0)?, text(one, 1)?))).collect()
    };
    let (done, left) = (ids("done"), ids("left"));
    let titles = bulk::titles(&reading, &entity, &left).await?;
    let list = reading.list_href(&entity.name);
    let query = pairs("list");
    let place = |href: &str| address::with_query(href, query.iter().map(|(a, b)| (a.as_str(), b.as_str())));
    let (mut refused, mut warned, mut accept) = (Vec::new(), Vec::new(), Vec::new());
    for one in kept.get("left").and_then(Json::as_array).into_iter().flatten() {
        let Some(id) = one.get(0).and_then(Json::as_str).and_then(|id| id.parse::<Uuid>().ok()) else {
            continue;
        };
        // A record that the reader does not see counts, and nothing is told of it.
        let Some((_, title)) = titles.iter().find(|(own, _)| *own == id) else {
            refused
                .push(Refused { record: Link::new("", reading.t("bulk.unseen"), ""), reasons: Vec::new() });
            continue;
        };
        let reasons = one.get(2).and_then(Json::as_array).into_iter().flatten();
        let told = Refused {
            record: Link::new(reading.record_href(&entity.name, id), title.clone(), ""),
            reasons: reasons.filter_map(|text| Some(text.as_str()?.to_owned())).collect(),
        };
        if one.get(1) == Some(&Json::Bool(true)) {
            accept.push(Hidden { name: "id".to_owned(), value: id.to_string() });
            warned.push(told);
        } else {
            refused.push(told);
        }
    }
    let typed = pairs("typed").into_iter().map(|(name, value)| Hidden { name, value });
    accept.extend(typed.filter(|_| !warned.is_empty()));
    let kind = kept.get("kind").and_then(Json::as_str).unwrap_or_default();
    let name = kept.get("name").and_then(Json::as_str).unwrap_or_default();
    let undo: Vec<Hidden> = kept
        .get("done")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter(|_| kind == "change")
        .filter_map(|one| Some(format!("{}:{}", one.get(0)?.as_str()?, one.get(1)?.as_i64()?)))
        .map(|value| Hidden { name: "change".to_owned(), value })
        .collect();
    let key = match kind {
        "undo" => "bulk.undone",
        "action" => "bulk.acted",
        _ => "bulk.done",
    };
    let again = match kind {
        "action" => format!("{list}/actions/{}", address::segment(name)),
        _ => format!("{list}/bulk"),
    };
    let page = BulkPage {
        at: reader.visit.place(),
        entity: reading.head(&entity),
        count: done.len() + left.len(),
        is_result: true,
        done: reading.words().count(key, done.len()),
        refused,
        warned,
        accept_action: place(&again),
        accept,
        undo_action: if undo.is_empty() { String::new() } else { place(&format!("{list}/bulk/undo")) },
        undo,
        list_href: place(&list),
        ..BulkPage::default()
    };
    reader.draw().below(reading.plural_of(&entity), place(&list)).view(&page).await
}
