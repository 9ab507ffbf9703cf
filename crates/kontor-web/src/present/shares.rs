//! With whom a record is shared, on its page and in its history.

use kontor_core::records::{RecordView, Titles};
use kontor_core::sharing;
use kontor_model::{Json, Problems};
use kontor_view::field::OptionView;
use kontor_view::page::part::ProblemLine;
use kontor_view::page::record::{RecordPage, RefusedShare, ShareLine, Shares};

use super::Reading;
use crate::extract::form::Form;

/// The card; none for a record that is shared with nobody and that the reader may not share.
pub async fn card(reading: &Reading<'_>, view: &RecordView, here: &str) -> Option<Shares> {
    let session = reading.session;
    if !sharing::is_shared(&view.entity) {
        return None;
    }
    let may_share = sharing::may_share(session, &view.entity);
    let list = sharing::list_of(session, view).await.ok()?;
    if list.is_empty() && !may_share {
        return None;
    }
    let today = session.filter_context().today();
    let lines = list
        .into_iter()
        .map(|share| ShareLine {
            id: share.id.to_string(),
            icon: icon(share.entity).to_owned(),
            title: share.title.unwrap_or_else(|| reading.t("value.hidden")),
            right: reading.t(right_key(share.edits)),
            until: share
                .until
                .map(|day| reading.words().with("sharing.until_day", &[("day", &reading.format.date(day))]))
                .unwrap_or_default(),
            over: share.until.is_some_and(|day| day < today),
            by: share.by.unwrap_or_default(),
        })
        .collect();
    let mut card = Shares { lines, ..Shares::default() };
    if may_share {
        card.action = format!("{here}/shares");
        card.today = today.to_string();
        for (entity, id, title) in sharing::offered(session).await.ok()? {
            let option = OptionView::new(format!("{entity}:{id}"), title, false);
            if entity == "team" { card.teams.push(option) } else { card.people.push(option) }
        }
    }
    Some(card)
}

/// Puts back a share that was refused, with what is wrong at its controls.
pub fn put_back(reading: &Reading<'_>, page: &mut RecordPage, sent: &Form, problems: &Problems) {
    let Some(card) = page.shares.as_mut() else { return };
    let said = |name: &str| {
        let own = problems.iter().filter(|problem| problem.field() == Some(name));
        own.map(|problem| problem.message(&reading.labels)).collect::<Vec<_>>().join(" ")
    };
    card.refused = RefusedShare {
        any: true,
        with: sent.text("with").to_owned(),
        right: sent.text("right").to_owned(),
        until: sent.text("until").to_owned(),
        with_problem: said("with"),
        right_problem: said("right"),
        until_problem: said("until"),
    };
    page.problems.extend(problems.iter().map(|problem| {
        let field = problem.field().filter(|field| matches!(*field, "with" | "right" | "until"));
        ProblemLine {
            anchor: field.map(|field| format!("share-{field}")).unwrap_or_default(),
            label: field
                .map_or_else(|| reading.t("sharing.title"), |field| reading.t(&format!("sharing.{field}"))),
            message: problem.message(&reading.labels),
            ..ProblemLine::default()
        }
    }));
}

fn icon(entity: &str) -> &'static str {
    if entity == "team" { "users" } else { "user" }
}

fn right_key(edits: bool) -> &'static str {
    if edits { "sharing.edit" } else { "sharing.read" }
}

/// What the history says of a share.
pub fn told(reading: &Reading<'_>, json: &Json, titles: &Titles) -> String {
    let Some(with) = json.get("with") else { return String::new() };
    let id = with.get("id").and_then(Json::as_str).and_then(|id| id.parse().ok());
    let name = id.and_then(|id| titles.get(&id).cloned()).unwrap_or_else(|| reading.t("value.hidden"));
    let right = reading.t(right_key(json.get("right").and_then(Json::as_str) == Some("edit")));
    let day = json.get("until").and_then(Json::as_str).and_then(|day| day.parse().ok());
    let until =
        day.map(|day| reading.words().with("sharing.until_day", &[("day", &reading.format.date(day))]));
    [Some(name), Some(right), until].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
