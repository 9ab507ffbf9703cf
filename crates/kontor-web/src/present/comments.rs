//! Comments on the page of a record.

use kontor_core::comments;
use kontor_core::permissions::{Verb, allows};
use kontor_core::records::RecordView;
use kontor_view::page::record::{CommentLine, Comments};

use super::Reading;

/// So many comments are on the page.
const NEWEST: i64 = 100;

/// The card; none for an entity without comments.
pub async fn card(reading: &Reading<'_>, view: &RecordView, here: &str) -> Option<Comments> {
    let session = reading.session;
    let list = comments::list_of(session, view, NEWEST).await.ok()?;
    let may_write = allows(session, &view.entity, Verb::Comment);
    let lines = list.into_iter().map(|one| {
        let when = reading.format.when(one.row.created_at);
        CommentLine {
            action: if one.is_own && may_write {
                format!("{here}/comments/{}", one.row.id)
            } else {
                String::new()
            },
            who: one.author.unwrap_or_else(|| reading.t("history.by_system")),
            when: when.text,
            exact: when.exact,
            edited: one.row.edited_at.is_some(),
            deleted: one.row.deleted_at.is_some(),
            body: one.row.body,
        }
    });
    let lines = lines.collect();
    Some(Comments { lines, action: if may_write { format!("{here}/comments") } else { String::new() } })
}
