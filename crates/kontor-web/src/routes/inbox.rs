//! `GET inbox`: what waits for the reader, and what they asked: requests for approvals are decided here; below stands what they
//! were told, what others did to records that they follow, and their imports.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::approvals::{self, Verdict};
use kontor_core::{Error, following, imports, notices as told, questions};
use kontor_view::page::job::{InboxItem, InboxPage};
use kontor_view::page::part::{ActionButton, Hidden, Notice, Pager};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{Reading, approval, flash};
use crate::visit::Reader;

const MOST: i64 = 20;
/// Records of which the reader was told something, and records that they follow, on one page each.
const NEWS: i64 = 50;
/// Requests that the page shows of each sort.
const REQUESTS: usize = 50;

#[derive(Deserialize)]
pub struct RequestPath {
    /// The id of a request, of news, or of a question.
    pub id: String,
}

/// The page: `?page=` for earlier news, from 2.
pub async fn show_inbox(reader: Reader, query: Query) -> Result<Response, Failure> {
    let page = query.text("page").parse::<u16>().unwrap_or(1).max(1);
    if page > 1 { earlier(&reader, page).await } else { draw(&reader, None).await }
}

/// News behind those of the first page.
async fn earlier(reader: &Reader, page: u16) -> Result<Response, Failure> {
    let reading = reader.reading();
    let News { items, any_new, is_more } = news(&reading, page).await?;
    if items.is_empty() && !is_more {
        return Ok(reader.go(&address_of(&reader.visit.base, last_page(&reading, page).await?)));
    }
    let drawn = InboxPage {
        at: reader.visit.place(),
        items,
        see_all: see_all(reader, any_new),
        pager: pager(reader, page, is_more),
        ..InboxPage::default()
    };
    reader.draw().view(&drawn).await
}

fn see_all(reader: &Reader, any_new: bool) -> String {
    if any_new { format!("{}/inbox/seen", reader.visit.base) } else { String::new() }
}

/// The last page that has news, when this one has none.
async fn last_page(reading: &Reading<'_>, page: u16) -> Result<u16, Failure> {
    // The news end somewhere between.
    let (mut has, mut none) = (1, page);
    while none - has > 1 {
        let middle = has + (none - has) / 2;
        let found = news(reading, middle).await?;
        if found.items.is_empty() && !found.is_more { none = middle } else { has = middle }
    }
    Ok(has)
}

/// The address of a page.
fn address_of(base: &str, page: u16) -> String {
    let own = format!("{base}/inbox");
    if page > 1 { address::with_query(&own, [("page", page.to_string())]) } else { own }
}

/// The page that a form was sent from.
fn page_of(sent: &Form) -> u16 {
    sent.text("page").parse().unwrap_or(1)
}

/// The page that a button was on, as an input of it.
fn on_page(page: u16) -> Vec<Hidden> {
    if page > 1 { vec![Hidden { name: "page".to_owned(), value: page.to_string() }] } else { Vec::new() }
}

fn pager(reader: &Reader, page: u16, is_more: bool) -> Pager {
    let at = |page: u16| address_of(&reader.visit.base, page);
    Pager {
        previous: if page > 1 { at(page - 1) } else { String::new() },
        next: if is_more { at(page.saturating_add(1)) } else { String::new() },
        ..Pager::default()
    }
}

/// What was refused, with what was typed.
struct Refused {
    notice: Notice,
    request: Uuid,
    to: String,
    comment: String,
}

async fn draw(reader: &Reader, refused: Option<Refused>) -> Result<Response, Failure> {
    let reading = reader.reading();
    let session = &reader.session;
    let mut requests = approvals::waiting(session).await?;
    let more = requests.len().saturating_sub(REQUESTS);
    requests.truncate(REQUESTS);
    let hands_over = requests.iter().any(|one| approvals::may_hand_over(session, one));
    let colleagues = if hands_over { approvals::colleagues(session).await? } else { Vec::new() };
    let own = approvals::asked(session).await?;
    let is_there = |id: Uuid, list: &[approvals::Request]| list.iter().any(|one| one.row.id == id);
    let own: Vec<_> = own.into_iter().filter(|one| !is_there(one.row.id, &requests)).take(REQUESTS).collect();
    requests.extend(own);
    let titles = approval::named(&reading, &requests).await?;
    let item = |request: &approvals::Request| {
        let mut item = approval::item(&reading, request, &titles);
        if let Some(refused) = refused.as_ref().filter(|refused| refused.request == request.row.id) {
            item.to.clone_from(&refused.to);
            item.comment.clone_from(&refused.comment);
        }
        item
    };
    let mut items: Vec<InboxItem> = requests.iter().map(item).collect();
    let asked = questions::waiting(session).await?;
    let more_asked = asked.len().saturating_sub(REQUESTS);
    items.extend(asked.iter().take(REQUESTS).map(|one| super::questions::item(&reading, one)));
    let News { items: told, any_new, is_more } = news(&reading, 1).await?;
    items.extend(told);
    let rows = imports::list(session, MOST).await?;
    items.extend(rows.into_iter().filter(|row| row.author == Some(session.actor.id)).map(|row| {
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
    }));
    let is_refused = refused.is_some();
    let mut notices: Vec<Notice> = refused.into_iter().map(|refused| refused.notice).collect();
    if more > 0 {
        let title = reading.words().count("approval.more", more);
        notices.push(Notice { tone: "t-amber".to_owned(), title, lines: Vec::new() });
    }
    if more_asked > 0 {
        let title = reading.words().count("question.more", more_asked);
        notices.push(Notice { tone: "t-amber".to_owned(), title, lines: Vec::new() });
    }
    let page = InboxPage {
        at: reader.visit.place(),
        items,
        notices,
        colleagues,
        see_all: see_all(reader, any_new),
        pager: pager(reader, 1, is_more),
    };
    let draw = reader.draw();
    if is_refused { draw.refused().view(&page).await } else { draw.view(&page).await }
}

/// `POST inbox/requests/{id}/decision`: `verdict` and `comment`.
pub async fn decide(reader: Reader, Path(path): Path<RequestPath>, sent: Form) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    let verdict = Verdict::parse(sent.text("verdict"))
        .ok_or_else(|| Failure::Unreadable("a decision says approve or refuse".to_owned()))?;
    let done = Box::pin(approvals::decide(&reader.session, id, verdict, sent.text("comment"))).await;
    let done = done.map(|request| match request.row.state.as_str() {
        "failed" => "approval.said_failed",
        "refused" => "approval.said_refused",
        // What was decided is held back by another guard or process.
        "granted" if !request.reasons.is_empty() => "approval.said_granted_waits",
        "granted" => "approval.said_granted",
        _ => "approval.said_approved",
    });
    answer(&reader, id, &sent, done).await
}

/// `POST inbox/requests/{id}/delegation`: `to` and `comment`.
pub async fn delegate(
    reader: Reader,
    Path(path): Path<RequestPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    let done = approvals::delegate(&reader.session, id, sent.text("to"), sent.text("comment")).await;
    answer(&reader, id, &sent, done.map(|_| "approval.said_handed_over")).await
}

/// `POST inbox/requests/{id}/withdrawal`.
pub async fn withdraw(
    reader: Reader,
    Path(path): Path<RequestPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    let done = approvals::withdraw(&reader.session, id).await;
    answer(&reader, id, &sent, done.map(|_| "approval.said_withdrawn")).await
}

async fn answer(
    reader: &Reader,
    request: Uuid,
    sent: &Form,
    done: Result<&'static str, Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(said) => {
            let inbox = format!("{}/inbox", reader.visit.base);
            Ok(reader.go_saying(&inbox, &flash::done(said, &[])))
        }
        Err(Error::Problems(problems)) => {
            let reading = reader.reading();
            let lines = problems.iter().map(|problem| problem.message(&reading.labels));
            let notice = Notice {
                tone: "t-red".to_owned(),
                title: reading.t("approval.not_done"),
                lines: lines.collect(),
            };
            let (to, comment) = (sent.text("to").to_owned(), sent.text("comment").to_owned());
            draw(reader, Some(Refused { notice, request, to, comment })).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What the reader was told of one record.
fn told_item(reading: &Reading<'_>, told: told::Told, page: u16) -> InboxItem {
    let told::Told { last: notice, before, left_out, fresh } = told;
    let when = reading.format.when(notice.at);
    let is_new = fresh > 0;
    let href = notice.about.as_ref().map(|(entity, id, _)| reading.record_href(&entity.name, *id));
    let title = notice.about.as_ref().map(|(_, _, title)| title.clone());
    let count = (fresh > 1).then(|| reading.words().count("inbox.new", fresh));
    let mut lines: Vec<String> = before
        .into_iter()
        .map(|(text, at)| {
            let when = reading.format.when(at).text;
            reading.words().with("inbox.said_before", &[("when", &when), ("text", &text)])
        })
        .collect();
    lines.extend((left_out > 0).then(|| reading.words().count("inbox.left_out", left_out)));
    let seen = is_new.then(|| ActionButton {
        action: format!("{}/inbox/notices/{}/seen", reading.visit.base, notice.id),
        title: reading.t("following.seen"),
        icon: "check".to_owned(),
        hidden: on_page(page),
        ..ActionButton::default()
    });
    InboxItem {
        icon: "bell".to_owned(),
        tone: if is_new { "t-blue" } else { "t-grey" }.to_owned(),
        title: notice.text,
        note: [title, count].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        lines,
        href: href.unwrap_or_default(),
        when: when.text,
        exact: when.exact,
        actions: seen.into_iter().collect(),
        ..InboxItem::default()
    }
}

/// `POST inbox/seen`: everything that the reader was told is seen.
pub async fn see_notices(reader: Reader, _sent: Form) -> Result<Response, Failure> {
    told::see(&reader.session, None, false).await?;
    Ok(reader.go(&format!("{}/inbox", reader.visit.base)))
}

/// `POST inbox/notices/{id}/seen`: with what was said of the same record before.
pub async fn see_notice(
    reader: Reader,
    Path(path): Path<RequestPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    told::see(&reader.session, Some(id), true).await?;
    Ok(reader.go(&address_of(&reader.visit.base, page_of(&sent))))
}

/// A page of news.
struct News {
    items: Vec<InboxItem>,
    any_new: bool,
    is_more: bool,
}

/// What the reader was told, and what others did to records that they follow.
async fn news(reading: &Reading<'_>, page: u16) -> Result<News, Failure> {
    let skip = (i64::from(page) - 1) * NEWS;
    let (told, more_told) = told::by_record(reading.session, skip, NEWS).await?;
    let any_new = told.iter().any(|told| told.fresh > 0);
    let mut items: Vec<InboxItem> = told.into_iter().map(|told| told_item(reading, told, page)).collect();
    let (found, more_followed) = following::news(reading.session, skip, NEWS).await?;
    items.extend(found.into_iter().map(|news| {
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
                hidden: on_page(page),
                ..ActionButton::default()
            }],
            ..InboxItem::default()
        }
    }));
    Ok(News { items, any_new, is_more: more_told || more_followed })
}

/// `POST inbox/{record}/seen`.
pub async fn mark_seen(reader: Reader, Path(record): Path<Seen>, sent: Form) -> Result<Response, Failure> {
    following::seen(&reader.session, record.record).await?;
    Ok(reader.go(&address_of(&reader.visit.base, page_of(&sent))))
}

/// `inbox/{record}/seen`.
#[derive(serde::Deserialize)]
pub struct Seen {
    record: Uuid,
}
