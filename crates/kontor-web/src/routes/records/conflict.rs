//! Somebody else saved first: what does not collide is merged, what does is shown field by field.

use axum::http::StatusCode;
use axum::response::Response;
use kontor_core::records::{self, RecordView, Revision};
use kontor_model::{Json, Problem, Value};

use super::{form, save};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::{conflict, typed, values};
use crate::visit::Reader;

/// Most revisions that are looked back over.
const MOST_REVISIONS: i64 = 200;

/// The form after the choices of the conflict page: what was typed where `theirs` was chosen is dropped.
pub fn settled(mut form: Form) -> Form {
    let all = form.text("_all").to_owned();
    let choices: Vec<(String, String)> = form
        .0
        .iter()
        .filter_map(|(name, choice)| Some((name.strip_prefix("choose.")?.to_owned(), choice.clone())))
        .collect();
    let dropped: Vec<String> = choices
        .into_iter()
        .filter(|(_, choice)| if all.is_empty() { choice == "theirs" } else { all == "theirs" })
        .map(|(name, _)| name)
        .collect();
    form.0.retain(|(name, _)| {
        let field = name.split('.').next().unwrap_or(name);
        let own = field.strip_suffix("_currency").unwrap_or(field);
        !name.starts_with("choose.") && !dropped.iter().any(|gone| gone == field || gone == own)
    });
    form
}

/// A form that was opened with an older version.
pub async fn meet(reader: &Reader, now: &RecordView, sent: &Form, seen: i64) -> Result<Response, Failure> {
    let entity = &now.entity;
    let id = now.record.id();
    let (revisions, titles) = records::history(&reader.session, entity, id, MOST_REVISIONS).await?;
    let is_later = |revision: &&Revision| revision.version > seen && revision.is_of_values();
    let later: Vec<&Revision> = revisions.iter().filter(is_later).collect();
    if later.is_empty() || seen < 1 {
        // The version is none of this record's: nothing can be compared with it.
        let problems = Problem::new("version_conflict", "").with("found", now.record.version()).into();
        return form::come_back(reader, entity, Some(now), sent, problems).await;
    }
    let reading = reader.reading();
    let mut opened = now.clone();
    opened.titles.extend(titles);
    // From the newest back: the oldest change after the form was opened says what stood there then.
    for revision in &later {
        for (name, old, _) in &revision.changes {
            if let Some(field) = entity.field(name) {
                opened.record.set(field.index, value_of(&reading, field, old));
            }
        }
    }
    let theirs: Vec<String> = entity
        .fields
        .iter()
        .filter(|field| !field.system && opened.record.at(field.index) != now.record.at(field.index))
        .map(|field| field.name.clone())
        .collect();
    let mine = typed::changed(&reading, &opened, sent);
    let against_now = typed::changed(&reading, now, sent);
    let colliding: Vec<String> =
        mine.iter().filter(|name| theirs.contains(name) && against_now.contains(name)).cloned().collect();
    if colliding.is_empty() {
        return save::save_changes(reader, now, sent, &mine).await;
    }
    let newest = later.first().copied();
    let parts = conflict::Parts {
        now,
        opened: &opened,
        sent,
        mine: &mine,
        theirs: &theirs,
        colliding: &colliding,
        newest,
    };
    let page = conflict::page(&reading, &parts);
    reader
        .draw()
        .below(reading.plural_of(entity), reading.list_href(&entity.name))
        .below(now.title(&reader.session), reading.record_href(&entity.name, id))
        .with_status(StatusCode::CONFLICT)
        .view(&page)
        .await
}

fn value_of(reading: &crate::present::Reading<'_>, field: &kontor_model::FieldModel, json: &Json) -> Value {
    values::json_value(reading, field, json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::address;

    #[test]
    fn what_theirs_won_is_dropped() {
        let form = Form(address::pairs(
            b"version=3&a=1&b=2&b.id=x&c=3&c_currency=EUR&choose.a=mine&choose.b=theirs&choose.c=theirs",
        ));
        let names: Vec<String> = settled(form.clone()).0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["version", "a"]);
        let mut all = form;
        all.0.push(("_all".into(), "mine".into()));
        assert!(settled(all).has("c"));
    }
}
