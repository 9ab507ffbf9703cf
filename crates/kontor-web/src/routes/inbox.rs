//! `GET inbox`: what waits for the reader. Finished imports of the reader stand here; approvals and mentions come with the
//! features that send them.

use axum::response::Response;
use kontor_core::imports;
use kontor_view::page::job::{InboxItem, InboxPage};

use crate::error::Failure;
use crate::visit::Reader;

const MOST: i64 = 20;

/// The page.
pub async fn show_inbox(reader: Reader) -> Result<Response, Failure> {
    let reading = reader.reading();
    let rows = imports::list(&reader.session, MOST).await?;
    let items = rows
        .into_iter()
        .filter(|row| row.author == Some(reader.session.actor.id))
        .map(|row| {
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
        })
        .collect();
    let page = InboxPage { at: reader.visit.place(), items, ..InboxPage::default() };
    reader.draw().view(&page).await
}
