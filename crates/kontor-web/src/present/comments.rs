//! Comments on the page of a record.

use kontor_core::comments;
use kontor_core::permissions::{Verb, allows};
use kontor_core::records::RecordView;
use kontor_model::Problems;
use kontor_view::page::part::ProblemLine;
use kontor_view::page::record::{CommentLine, Comments, RecordPage};
use uuid::Uuid;

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
            typed: one.row.body.clone(),
            body: one.row.body,
            problem: String::new(),
            id: one.row.id.to_string(),
        }
    });
    let lines = lines.collect();
    let action = if may_write { format!("{here}/comments") } else { String::new() };
    Some(Comments { lines, action, ..Comments::default() })
}

/// Puts back a comment that was refused: a new one, or what somebody wanted to make of one.
pub fn put_back(
    reading: &Reading<'_>,
    page: &mut RecordPage,
    typed: &str,
    of: Option<Uuid>,
    problems: &Problems,
) {
    let Some(card) = page.comments.as_mut() else { return };
    let messages: Vec<String> = problems.iter().map(|problem| problem.message(&reading.labels)).collect();
    let said = messages.join(" ");
    let own = of.map(|id| id.to_string());
    let line = own.as_ref().and_then(|id| card.lines.iter_mut().find(|line| line.id == *id));
    let anchor = if let (Some(line), Some(id)) = (line, &own) {
        typed.clone_into(&mut line.typed);
        line.problem = said;
        format!("comment-{id}")
    } else {
        // It is not among those on the page: what was typed is not lost for that.
        typed.clone_into(&mut card.typed);
        card.problem = said;
        "comment".to_owned()
    };
    page.problems.extend(messages.into_iter().map(|message| ProblemLine {
        anchor: anchor.clone(),
        label: reading.t("comments.title"),
        message,
        ..ProblemLine::default()
    }));
}
