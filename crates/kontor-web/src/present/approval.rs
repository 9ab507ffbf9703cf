//! Requests for an approval, in the words of their reader.

use std::collections::BTreeMap;

use kontor_core::Result;
use kontor_core::approvals::{self, Request, RowRequest, event};
use kontor_core::records::{RecordView, Titles};
use kontor_model::{EntityModel, FieldModel, Json, Value};
use kontor_view::page::job::InboxItem;
use kontor_view::page::part::Notice;
use uuid::Uuid;

use super::{Reading, people};

/// What waits for the reader, or what they asked.
pub fn item(reading: &Reading<'_>, request: &Request, titles: &BTreeMap<Uuid, String>) -> InboxItem {
    let when = reading.format.when(request.row.made_at);
    let entity = request.entity(&reading.session.model);
    let known = titles.get(&request.row.record).filter(|title| !title.is_empty());
    let what = entity.as_ref().map(|entity| reading.title_of(entity)).unwrap_or_default();
    let record = known.cloned().unwrap_or_else(|| what.clone());
    let me = reading.session.actor.id;
    let is_open = request.row.state == "open";
    let own = format!("{}/inbox/requests/{}", reading.visit.base, request.row.id);
    let mut lines =
        entity.as_ref().map(|entity| changes(reading, entity, request, titles)).unwrap_or_default();
    lines.splice(0..0, (!request.about.is_empty()).then(|| request.about.clone()));
    lines.extend(happened(reading, request));
    lines.extend(standing(reading, request, titles));
    lines.extend(request.reasons.iter().cloned());
    let href = match (&entity, known) {
        (Some(entity), Some(_)) => reading.record_href(&entity.name, request.row.record),
        _ => String::new(),
    };
    InboxItem {
        icon: "shield-check".to_owned(),
        tone: if request.is_late(reading.session.now) { "t-red" } else { tone(&request.row.state) }
            .to_owned(),
        title: format!("{}{}{record}", approval_title(reading, request), reading.t("form.colon")),
        note: note(reading, request, titles),
        lines,
        href,
        when: when.text,
        exact: when.exact,
        decision: if is_open && request.waiting.contains(&me) {
            format!("{own}/decision")
        } else {
            String::new()
        },
        delegation: if approvals::may_hand_over(reading.session, request) {
            format!("{own}/delegation")
        } else {
            String::new()
        },
        withdrawal: if is_open && request.row.requester == me {
            format!("{own}/withdrawal")
        } else {
            String::new()
        },
        ..InboxItem::default()
    }
}

/// What the page of a record says of a request.
fn notice(reading: &Reading<'_>, request: &Request, titles: &BTreeMap<Uuid, String>) -> Option<Notice> {
    if request.row.state != "open" {
        return None;
    }
    let entity = request.entity(&reading.session.model)?;
    let mut lines = changes(reading, &entity, request, titles);
    lines.extend(happened(reading, request));
    lines.extend(standing(reading, request, titles));
    if request.waiting.contains(&reading.session.actor.id) {
        lines.push(reading.t("approval.waits_for_you"));
    }
    Some(Notice {
        tone: "t-amber".to_owned(),
        title: format!(
            "{}{}{}",
            approval_title(reading, request),
            reading.t("form.colon"),
            note(reading, request, titles)
        ),
        lines,
    })
}

/// What the page and the form of a record say of what waits: of the record, and of its rows.
///
/// # Errors
/// When the database does not answer.
pub async fn of_record(reading: &Reading<'_>, view: &RecordView) -> Result<Vec<Notice>> {
    let requests = approvals::of_record(reading.session, &view.entity, view.record.id()).await?;
    let mut notices = Vec::new();
    if requests.iter().any(|one| one.row.state == "open") {
        let titles = named(reading, &requests).await?;
        notices.extend(requests.iter().filter_map(|one| notice(reading, one, &titles)));
    }
    notices.extend(of_rows(reading, view).await?);
    Ok(notices)
}

/// What requests name: records, who asked, and who decides.
///
/// # Errors
/// When the database does not answer.
pub async fn named(reading: &Reading<'_>, requests: &[Request]) -> Result<BTreeMap<Uuid, String>> {
    let mut titles = approvals::titles(reading.session, requests).await?;
    let open = requests.iter().filter(|one| one.row.state == "open");
    let people = people::names(reading.session, open.flat_map(|one| one.waiting.iter().copied())).await;
    for (id, name) in people {
        titles.entry(id).or_insert(name);
    }
    Ok(titles)
}

/// What the page of a document says of its rows that wait.
///
/// # Errors
/// When the database does not answer.
async fn of_rows(reading: &Reading<'_>, view: &RecordView) -> Result<Vec<Notice>> {
    let found = approvals::of_rows(reading.session, view).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let requests: Vec<Request> = found.iter().map(|one| one.request.clone()).collect();
    let titles = named(reading, &requests).await?;
    let of_row = |one: &RowRequest| {
        let mut notice = notice(reading, &one.request, &titles)?;
        let list = view.entity.fields.get(one.list)?.label(&reading.labels);
        notice.title = format!("{list} {} · {}", one.place, notice.title);
        Some(notice)
    };
    Ok(found.iter().filter_map(of_row).collect())
}

fn tone(state: &str) -> &'static str {
    match state {
        "open" => "t-amber",
        "granted" => "t-green",
        "refused" | "failed" => "t-red",
        _ => "t-grey",
    }
}

fn approval_title(reading: &Reading<'_>, request: &Request) -> String {
    let definition = kontor_model::definition::DefinitionKind::Approval;
    let own = reading.session.model.definition(definition, &request.approval);
    let own = own.and_then(|json| json.get("title")).and_then(Json::as_str).unwrap_or(&request.approval);
    reading.label(definition, &request.approval, "title", own)
}

fn note(reading: &Reading<'_>, request: &Request, titles: &BTreeMap<Uuid, String>) -> String {
    let state = reading.t(&format!("approval.{}", request.row.state));
    if request.row.requester == reading.session.actor.id {
        return reading.words().with("approval.asked_by_you", &[("state", &state)]);
    }
    match titles.get(&request.row.requester) {
        Some(person) if !person.is_empty() => {
            reading.words().with("approval.asked_by", &[("person", person), ("state", &state)])
        }
        _ => state,
    }
}

/// "Discount: 10 % → 30 %", of the fields that the reader may see.
fn changes(
    reading: &Reading<'_>,
    entity: &EntityModel,
    request: &Request,
    titles: &BTreeMap<Uuid, String>,
) -> Vec<String> {
    let titles: Titles = titles.iter().map(|(id, title)| (*id, title.clone())).collect();
    let presenter = reading.presenter(&titles);
    let said = |field: &FieldModel, json: Option<&Json>| -> String {
        let json = json.filter(|json| !json.is_null());
        let read = |json: &Json| match json.get("id").unwrap_or(json).as_str() {
            Some(id) if field.kind.is_link() && !field.kind.names_entity() => id.parse().map(Value::Id).ok(),
            _ => field.kind.parse_json(field, json, &reading.session.parse_context()).ok(),
        };
        match json.and_then(read) {
            Some(value) => presenter.cell(entity, field, &value, "").text,
            None => reading.t("value.empty"),
        }
    };
    request
        .fields(reading.session, entity)
        .into_iter()
        .map(|field| {
            let (old, new) = (request.old.get(&field.key), request.wanted.get(&field.key));
            format!(
                "{}{}{} → {}",
                field.full_label(entity, &reading.labels),
                reading.t("form.colon"),
                said(field, old),
                said(field, new)
            )
        })
        .collect()
}

/// What was decided and what else happened, in its order.
fn happened(reading: &Reading<'_>, request: &Request) -> Vec<String> {
    let said = |key: &str, words: &[(&str, &str)], comment: &str| {
        let said = reading.words().with(key, words);
        if comment.is_empty() {
            return said;
        }
        reading.words().with("approval.said_comment", &[("said", &said), ("comment", comment)])
    };
    let decisions = request.decisions.iter().map(|one| {
        let key = if one.verdict == "approve" { "approval.has_approved" } else { "approval.has_refused" };
        let when = reading.format.when(one.at);
        (one.at, said(key, &[("person", &one.name), ("when", &when.text)], &one.comment))
    });
    let events = request.events.iter().map(|one| {
        let key = match one.what.as_str() {
            event::DELEGATED => "approval.delegated",
            event::ESCALATED => "approval.escalated",
            event::APPROVED_LATE => "approval.approved_late",
            event::REFUSED_LATE => "approval.refused_late",
            _ => "approval.reminded",
        };
        let when = reading.format.when(one.at);
        let people = one.to.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>();
        let people = people.join(&reading.t("approval.and"));
        let words = [("person", one.name.as_str()), ("people", &people), ("when", &when.text)];
        (one.at, said(key, &words, &one.comment))
    });
    let mut all: Vec<_> = decisions.chain(events).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, line)| line).collect()
}

/// How far an open round is, and until when it shall be decided.
fn standing(reading: &Reading<'_>, request: &Request, titles: &BTreeMap<Uuid, String>) -> Vec<String> {
    let mut lines = Vec::new();
    if request.row.state != "open" {
        return lines;
    }
    if request.mode == "quorum" {
        let (agreed, need) = (request.agreed().to_string(), request.need.to_string());
        lines.push(reading.words().with("approval.agreed_of", &[("agreed", &agreed), ("need", &need)]));
    }
    let me = reading.session.actor.id;
    let names: Vec<&str> = request
        .waiting
        .iter()
        .filter(|one| **one != me)
        .filter_map(|one| titles.get(one))
        .map(String::as_str)
        .collect();
    if !names.is_empty() && !request.waiting.contains(&me) {
        let people = names.join(&reading.t("approval.and"));
        lines.push(reading.words().with("approval.waits_for", &[("people", &people)]));
    }
    if let Some(due) = request.due {
        let when = reading.format.moment(due);
        lines.push(reading.words().with("approval.due", &[("when", &when)]));
    }
    lines
}
