//! `admin/origin/{kind}/{name}`: where each value of a definition comes from, and giving one back to the pack.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::origins::{self, ValueOrigin};
use kontor_core::definitions::{self, drafts};
use kontor_model::Problems;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::packs::{OriginPage, OriginRow};
use kontor_view::page::part::Pager;

use super::draft::layer_title;
use super::source::SourcePath;
use crate::api::definitions::kind_of;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::packs::shown as shown_value;
use crate::present::{Reading, flash, people};
use crate::visit::Reader;

/// The page. `?own=1` shows only what the workspace changed; that is what a long definition begins with.
pub async fn show_origin(
    reader: Reader,
    Path(path): Path<SourcePath>,
    query: Query,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let own_only = query.text("own") == "1" || (kind == DefinitionKind::Locale && query.text("own") != "0");
    let shown =
        Shown { own_only, query: query.text("q").to_owned(), from: query.text("from").parse().unwrap_or(0) };
    draw(&reader, kind, &path.name, &shown, &Problems::new()).await
}

/// Which values are shown.
#[derive(Default)]
struct Shown {
    own_only: bool,
    query: String,
    from: usize,
}

/// Values on one page.
const ROWS: usize = 100;

/// `POST`: `place` goes back to what the layer below says, in the draft.
pub async fn give_back(
    reader: Reader,
    Path(path): Path<SourcePath>,
    sent: Form,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let id = drafts::own(&reader.session).await?;
    match origins::give_back(&reader.session, id, kind, &path.name, sent.text("place")).await {
        Ok(()) => {
            let said = flash::done("admin.saved_draft", &[]);
            Ok(reader.go_saying(&reader.reading().admin_href("changes"), &said))
        }
        Err(Error::Problems(problems)) => draw(&reader, kind, &path.name, &Shown::default(), &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// Where the page of a definition is.
pub fn href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    reading.admin_href(&format!("origin/{kind}/{}", address::segments(name)))
}

/// The same from the pages of the designer: empty for what is not published yet.
pub fn known_href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    let is_known = reading.session.model.definition(kind, name).is_some();
    if is_known { href(reading, kind, name) } else { String::new() }
}

async fn draw(
    reader: &Reader,
    kind: DefinitionKind,
    name: &str,
    shown: &Shown,
    problems: &Problems,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let reading = reader.reading();
    let json = definitions::effective(session, kind, name)?;
    let looked_for = shown.query.to_lowercase();
    let wanted = |place: &str, layer: &str| {
        (!shown.own_only || layer == definitions::layers::WORKSPACE)
            && (looked_for.is_empty() || place.to_lowercase().contains(&looked_for))
    };
    let (found, count) =
        origins::page(session, kind, name, &wanted, shown.from..shown.from.saturating_add(ROWS)).await?;
    let authors = found.iter().filter_map(|one| one.since.as_ref()?.author);
    let people = people::names(session, authors).await;
    let rows = found
        .iter()
        .map(|one| {
            let mut row = row(&reading, one);
            if let Some(since) = &one.since {
                let who = since.author.and_then(|id| people.get(&id).cloned());
                let who = who.unwrap_or_else(|| reading.t("history.by_system"));
                row.by = format!("{who} · {}", reading.format.when(since.at).text);
            }
            row
        })
        .collect();
    let own = href(&reading, kind, name);
    let own_word = if shown.own_only { "1" } else { "0" };
    let at = |from: usize| {
        let from = if from == 0 { String::new() } else { from.to_string() };
        address::with_query(&own, [("own", own_word), ("q", shown.query.as_str()), ("from", from.as_str())])
    };
    let number = |number: usize| reading.format.count(number as u64);
    let last = shown.from.saturating_add(ROWS).min(count);
    let mut pager = Pager::default();
    if count > ROWS || shown.from > 0 {
        pager.range = reading.words().with(
            "list.range",
            &[("from", &number(shown.from + 1)), ("to", &number(last)), ("total", &number(count))],
        );
        pager.previous = if shown.from > 0 { at(shown.from.saturating_sub(ROWS)) } else { String::new() };
        pager.next = if last < count { at(last) } else { String::new() };
    }
    let page = OriginPage {
        at: reader.visit.place(),
        title: reading.definition_title(kind, name, &json),
        kind: reading.t(&format!("definition.{kind}.one")),
        name: name.to_owned(),
        other_href: address::with_query(&own, [("own", if shown.own_only { "0" } else { "1" })]),
        action: own,
        rows,
        own_only: shown.own_only,
        query: shown.query.clone(),
        pager,
        problems: reading.problem_lines(problems, ""),
    };
    let source = super::source::source_href(reader, kind, name);
    let draw = reader.draw().below(page.title.clone(), source);
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

fn row(reading: &Reading<'_>, one: &ValueOrigin) -> OriginRow {
    let layer = |name: &str| layer_title(reading, Some(name));
    let since = one.since.as_ref().map(|since| {
        reading.words().with("origin.version", &[("n", &since.n.to_string()), ("title", &since.title)])
    });
    OriginRow {
        place: one.place.clone(),
        value: shown_value(one.value.as_ref()),
        layer: match &one.pack_version {
            Some(version) => format!("{} {version}", layer(&one.layer)),
            None => layer(&one.layer),
        },
        is_own: one.layer == definitions::layers::WORKSPACE,
        since: since.unwrap_or_default(),
        by: String::new(),
        below_layer: one.below.as_ref().map(|(name, _)| layer(name)).unwrap_or_default(),
        below: shown_value(one.below.as_ref().and_then(|(_, value)| value.as_ref())),
        may_go_back: one.may_go_back(),
    }
}
