//! Throwing a whole change set away: asked first, and taken back afterwards.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::{change_sets, discarded, drafts, places};
use kontor_view::page::admin::changes::DiscardPage;

use super::changes::ChangePath;
use super::draft::Draft;
use super::open_sets;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::{admin, flash, people};
use crate::visit::Reader;

/// Places that are named.
const MOST_NAMED: usize = 20;

/// `GET admin/changes/{id}/discard`: what would go.
pub async fn ask(reader: Reader, Path(path): Path<ChangePath>) -> Result<Response, Failure> {
    draw(&reader, &path).await
}

/// The page that asks.
pub async fn draw(reader: &Reader, path: &ChangePath) -> Result<Response, Failure> {
    let session = &reader.session;
    let id = path.id()?;
    let (set, changes) = change_sets::get(session, id).await?;
    let draft = Draft::of(session, id).await?;
    let reading = reader.reading();
    let all = places::of(&changes);
    let names = people::names(session, set.author.into_iter()).await;
    let other = set.author.filter(|author| *author != session.actor.id);
    let is_own = drafts::is_own(session, &set);
    let home = reading.admin_href(&if is_own { "changes".to_owned() } else { format!("changes/{id}") });
    let page = DiscardPage {
        at: reader.visit.place(),
        title: open_sets::title(&reading, &set, &changes),
        whose: other.and_then(|other| names.get(&other).cloned()).unwrap_or_default(),
        count: all.len(),
        places: all
            .iter()
            .take(MOST_NAMED)
            .map(|place| admin::changes::subject(&reading, &draft, place))
            .collect(),
        more: all.len().saturating_sub(MOST_NAMED),
        action: reading.admin_href(&format!("changes/{id}/discard")),
        cancel_href: home,
    };
    reader.draw().below(reading.t("changes.title"), reading.admin_href("changes")).view(&page).await
}

/// Throws all of it away, and offers to take that back.
pub async fn discard_all(reader: &Reader, path: &ChangePath) -> Result<Response, Failure> {
    let session = &reader.session;
    let id = path.id()?;
    let (_, changes) = change_sets::get(session, id).await?;
    let count = places::of(&changes).len();
    discarded::discard(session, id).await?;
    let reading = reader.reading();
    let said = reading.words().count("pending.count", count);
    let said = flash::done("changes.discarded_all", &[("title", &said)]);
    let said = said.with_undo(reading.admin_href(&format!("changes/{id}/return")));
    Ok(reader.go_saying(&reading.admin_href("changes"), &said))
}

/// `POST admin/changes/{id}/return`.
pub async fn bring_back(
    reader: Reader,
    Path(path): Path<ChangePath>,
    _sent: Form,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let id = path.id()?;
    discarded::bring_back(session, id).await?;
    let (set, _) = change_sets::get(session, id).await?;
    let home = if drafts::is_own(session, &set) { "changes".to_owned() } else { format!("changes/{id}") };
    Ok(reader.go_saying(&reader.reading().admin_href(&home), &flash::done("changes.discarded_back", &[])))
}
