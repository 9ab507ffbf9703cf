//! `admin/changes/open`: every open change set, whosever it is; and making one of them the reader's draft.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::{change_sets, drafts, moved, places};
use kontor_core::rows::{ChangeRow, ChangeSetRow};
use kontor_view::page::admin::changes::{OpenSetLine, OpenSetsPage, TakeOverPage};
use uuid::Uuid;

use super::changes::ChangePath;
use super::draft::text;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::{Reading, flash, people};
use crate::visit::Reader;

/// Definitions that stand for a set without a title.
const MOST_NAMED: usize = 3;

/// `GET admin/changes/open`.
pub async fn list_sets(reader: Reader) -> Result<Response, Failure> {
    let session = &reader.session;
    let sets = change_sets::open(session).await?;
    let people = people::names(session, sets.iter().filter_map(|set| set.author)).await;
    let reading = reader.reading();
    let mut lines = Vec::new();
    for set in sets {
        let Ok((set, changes)) = change_sets::get(session, set.id).await else { continue };
        let is_own = drafts::is_own(session, &set);
        // A draft that holds nothing is none.
        if is_own && changes.is_empty() {
            continue;
        }
        let own_href = reading.admin_href("changes");
        let href = reading.admin_href(&format!("changes/{}", set.id));
        lines.push(OpenSetLine {
            title: title(&reading, &set, &changes),
            href: if is_own { own_href } else { href.clone() },
            whose: set
                .author
                .and_then(|id| people.get(&id).cloned())
                .unwrap_or_else(|| reading.t("history.by_system")),
            when: since(&reading, &set, &changes),
            count: places::of(&changes).len(),
            conflicts: moved::ids(&session.model, &changes).len(),
            is_own,
            by_program: set.origin.is_empty(),
            take_action: if is_own { String::new() } else { format!("{href}/take") },
            is_others: set.author.is_some_and(|id| id != session.actor.id),
            discard_action: format!("{href}/discard"),
        });
    }
    lines.sort_by_key(|line| !line.is_own);
    let page = OpenSetsPage { at: reader.visit.place(), sets: lines };
    reader
        .draw()
        .below(reader.reading().t("changes.title"), reader.reading().admin_href("changes"))
        .view(&page)
        .await
}

/// `POST admin/changes/{id}/take`: the reader's pages gather into this set from now on.
/// Somebody else's is asked about first (`confirm=1`).
pub async fn take(reader: Reader, Path(path): Path<ChangePath>, sent: Form) -> Result<Response, Failure> {
    let id = path.id()?;
    let (set, changes) = change_sets::get(&reader.session, id).await?;
    let other = set.author.filter(|author| *author != reader.session.actor.id);
    if let Some(other) = other.filter(|_| sent.text("confirm") != "1") {
        return ask(&reader, &set, &changes, other).await;
    }
    drafts::switch_to(&reader.session, id).await?;
    Ok(reader.go_saying(&reader.reading().admin_href("changes"), &flash::done("changes.switched", &[])))
}

async fn ask(
    reader: &Reader,
    set: &ChangeSetRow,
    changes: &[ChangeRow],
    other: Uuid,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let names = people::names(&reader.session, std::iter::once(other)).await;
    let href = reading.admin_href(&format!("changes/{}", set.id));
    let page = TakeOverPage {
        at: reader.visit.place(),
        title: title(&reading, set, changes),
        whose: names.get(&other).cloned().unwrap_or_else(|| reading.t("history.by_system")),
        when: since(&reading, set, changes),
        count: places::of(changes).len(),
        action: format!("{href}/take"),
        cancel_href: href,
    };
    reader.draw().below(reading.t("changes.title"), reading.admin_href("changes")).view(&page).await
}

/// Since when a set is there, and when it was last changed.
fn since(reading: &Reading<'_>, set: &ChangeSetRow, changes: &[ChangeRow]) -> String {
    let changed = changes.iter().map(|change| change.at).max().unwrap_or(set.updated_at);
    let begun = reading.format.when(set.created_at).text;
    let changed = reading.format.when(changed).text;
    reading.words().with("changes.since", &[("begun", &begun), ("changed", &changed)])
}

/// What a set is called; without a title, what it changes first.
pub fn title(reading: &Reading<'_>, set: &ChangeSetRow, changes: &[ChangeRow]) -> String {
    if !set.title.is_empty() {
        return set.title.clone();
    }
    let named = changes.iter().take(MOST_NAMED).map(|change| {
        let kind = reading.t(&format!("definition.{}.one", change.kind));
        let body = change.body.as_ref().or(change.base.as_ref());
        let own =
            body.map(|body| text(body, "title")).filter(|title| !title.is_empty()).unwrap_or(&change.name);
        reading.words().with("changes.of_definition", &[("kind", &kind), ("title", own)])
    });
    let mut names = named.collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        names = reading.t("changes.draft");
    }
    if changes.len() > MOST_NAMED { format!("{names}, +{}", changes.len() - MOST_NAMED) } else { names }
}
