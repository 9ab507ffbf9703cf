//! `GET inbox`: what waits for the reader: what others did to records that they follow, and their imports.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::{following, imports};
use kontor_view::page::job::{InboxItem, InboxPage};
use kontor_view::page::part::ActionButton;
use uuid::Uuid;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::Reading;
use crate::visit::Reader;

const MOST: i64 = 20;

/// The page.
pub async fn show_inbox(reader: Reader) -> Result<Response, Failure> {
    let reading = reader.reading();
    let rows = imports::list(&reader.session, MOST).await?;
    let mut items = news(&reading).await?;
    let imported = rows.into_iter().filter(|row| row.author == Some(reader.session.actor.id)).map(|row| {
        let when = reading.format.when(row.at);
        InboxItem {
            icon: "upload".to_owned(),
            tone: "t-blue".to_owned(),
            title: row.file.clone(),
            note: reading.t(&format!("state.{}", super::imports::state_word(&row.state))),
            href: format!("{}/import/{}", reader.visit.base, row.id),
            when: when.text,
            exact: when.exact,
            ..InboxItem::default()
        }
    });
    items.extend(imported);
    let page = InboxPage { at: reader.visit.place(), items, ..InboxPage::default() };
    reader.draw().view(&page).await
}

/// What others did to records that the reader follows.
async fn news(reading: &Reading<'_>) -> Result<Vec<InboxItem>, Failure> {
    let found = following::news(reading.session).await?;
    let items = found.into_iter().map(|news| {
        let when = reading.format.when(news.at);
        let count = |key: &str, count: usize| (count > 0).then(|| reading.words().count(key, count));
        let said = [count("following.changes", news.changes), count("following.comments", news.comments)];
        InboxItem {
            icon: "bell".to_owned(),
            tone: "t-amber".to_owned(),
            title: news.title,
            note: said.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            href: reading.record_href(&news.entity.name, news.record),
            when: when.text,
            exact: when.exact,
            actions: vec![ActionButton {
                action: format!("{}/inbox/{}/seen", reading.visit.base, news.record),
                title: reading.t("following.seen"),
                icon: "check".to_owned(),
                ..ActionButton::default()
            }],
            ..InboxItem::default()
        }
    });
    Ok(items.collect())
}

/// `POST inbox/{record}/seen`.
pub async fn mark_seen(reader: Reader, Path(record): Path<Seen>, _sent: Form) -> Result<Response, Failure> {
    following::seen(&reader.session, record.record).await?;
    Ok(reader.go(&format!("{}/inbox", reader.visit.base)))
}

/// `inbox/{record}/seen`.
#[derive(serde::Deserialize)]
pub struct Seen {
    record: Uuid,
}
