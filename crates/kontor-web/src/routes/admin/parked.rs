//! `admin/parked`: what the database keeps although no definition names it, and its end.

use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::parked::{self, Parked};
use kontor_model::Problems;
use kontor_view::page::admin::parked::{ParkedLine, ParkedPage};
use kontor_view::page::part::Pager;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::{Reading, flash};
use crate::visit::Reader;

/// Lines on one page.
const ROWS: usize = 50;

/// `GET admin/parked?from=`.
pub async fn show_parked(reader: Reader, query: Query) -> Result<Response, Failure> {
    draw(&reader, query.text("from").parse().unwrap_or(0), &Problems::new()).await
}

/// `POST admin/parked`: `table`, `column`, `confirm`.
pub async fn purge(reader: Reader, sent: Form) -> Result<Response, Failure> {
    if sent.text("confirm") != "1" {
        let problem = kontor_model::Problem::new("purge_unconfirmed", "/confirm");
        return draw(&reader, 0, &problem.into()).await;
    }
    match parked::purge(&reader.session, sent.text("table"), sent.text("column")).await {
        Ok(one) => {
            let said = flash::done("parked.purged", &[("title", &one.title)]);
            Ok(reader.go_saying(&reader.reading().admin_href("parked"), &said))
        }
        Err(Error::Problems(problems)) => draw(&reader, 0, &problems).await,
        Err(other) => Err(other.into()),
    }
}

async fn draw(reader: &Reader, from: usize, problems: &Problems) -> Result<Response, Failure> {
    let reading = reader.reading();
    let all = parked::list(&reader.session).await?;
    let from = from.min(all.len().saturating_sub(1));
    let lines = all.iter().skip(from).take(ROWS).map(|one| line(&reading, one)).collect();
    let page = ParkedPage {
        at: reader.visit.place(),
        action: reading.admin_href("parked"),
        lines,
        pager: pager(&reading, from, all.len()),
        problems: reading.problem_lines(problems, ""),
    };
    let drawing = reader.draw().below(reading.t("changes.title"), reading.admin_href("changes"));
    if problems.is_empty() { drawing.view(&page).await } else { drawing.refused().view(&page).await }
}

fn pager(reading: &Reading<'_>, from: usize, count: usize) -> Pager {
    if count <= ROWS && from == 0 {
        return Pager::default();
    }
    let own = reading.admin_href("parked");
    let at = |from: usize| address::with_query(&own, [("from", from.to_string())]);
    let last = from.saturating_add(ROWS).min(count);
    let number = |number: usize| reading.format.count(number as u64);
    let range = [("from", number(from + 1)), ("to", number(last)), ("total", number(count))];
    let range: Vec<(&str, &str)> = range.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Pager {
        range: reading.words().with("list.range", &range),
        previous: if from > 0 { at(from.saturating_sub(ROWS)) } else { String::new() },
        next: if last < count { at(last) } else { String::new() },
    }
}

fn line(reading: &Reading<'_>, one: &Parked) -> ParkedLine {
    let words = reading.words();
    let entity = reading
        .session
        .model
        .entity(&one.entity)
        .map_or_else(|| one.entity.clone(), |entity| entity.label(&reading.labels).to_owned());
    let mut notes = Vec::new();
    if one.held.column.contains("__to_") {
        notes.push(words.t("parked.unfinished"));
    } else if !one.kind.is_empty() {
        let kind = format!("kind.{}.title", one.kind);
        let kind = if words.has(&kind) { words.t(&kind) } else { one.kind.clone() };
        notes.push(words.with("parked.was", &[("kind", &kind)]));
    }
    if let Some(since) = one.since {
        notes.push(words.with("parked.since", &[("when", &reading.format.when(since).text)]));
    }
    let title = if one.held.column.is_empty() {
        one.title.clone()
    } else {
        format!("{entity}{}{}", words.t("form.colon"), one.title)
    };
    ParkedLine {
        table: one.held.table.clone(),
        column: one.held.column.clone(),
        title,
        note: notes.join(" · "),
        rows: words.count("parked.rows", usize::try_from(one.held.rows).unwrap_or(usize::MAX)),
        size: size(one.held.bytes),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes / 1_024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}
