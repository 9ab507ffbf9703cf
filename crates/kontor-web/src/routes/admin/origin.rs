//! `admin/origin/{kind}/{name}`: where each value of a definition comes from, and giving one back to the pack.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Error;
use kontor_core::definitions::origins::{self, ValueOrigin};
use kontor_core::definitions::{self, change_sets};
use kontor_model::Problems;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::packs::{OriginPage, OriginRow};

use super::source::SourcePath;
use crate::api::definitions::kind_of;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::packs::shown;
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
    draw(&reader, kind, &path.name, own_only, &Problems::new()).await
}

/// `POST`: `place` goes back to what the layer below says, in the draft.
pub async fn give_back(
    reader: Reader,
    Path(path): Path<SourcePath>,
    sent: Form,
) -> Result<Response, Failure> {
    let kind = kind_of(&path.kind)?;
    let id = change_sets::own(&reader.session).await?;
    match origins::give_back(&reader.session, id, kind, &path.name, sent.text("place")).await {
        Ok(()) => {
            let said = flash::done("admin.saved_draft", &[]);
            Ok(reader.go_saying(&reader.reading().admin_href("changes"), &said))
        }
        Err(Error::Problems(problems)) => draw(&reader, kind, &path.name, false, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// Where the page of a definition is.
pub fn href(reading: &Reading<'_>, kind: DefinitionKind, name: &str) -> String {
    reading.admin_href(&format!("origin/{kind}/{}", address::segments(name)))
}

async fn draw(
    reader: &Reader,
    kind: DefinitionKind,
    name: &str,
    own_only: bool,
    problems: &Problems,
) -> Result<Response, Failure> {
    let session = &reader.session;
    let reading = reader.reading();
    let json = definitions::effective(session, kind, name)?;
    let found = origins::origins(session, kind, name).await?;
    let authors = found.iter().filter_map(|one| one.since.as_ref()?.author);
    let people = people::names(session, authors).await;
    let rows = found
        .iter()
        .filter(|one| !own_only || one.layer == definitions::layers::WORKSPACE)
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
    let page = OriginPage {
        at: reader.visit.place(),
        title: reading.definition_title(kind, name, &json),
        kind: reading.t(&format!("definition.{kind}.one")),
        name: name.to_owned(),
        other_href: address::with_query(&own, [("own", if own_only { "0" } else { "1" })]),
        action: own,
        rows,
        own_only,
        problems: reading.problem_lines(problems, ""),
    };
    let source = super::source::source_href(reader, kind, name);
    let draw = reader.draw().below(page.title.clone(), source);
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

fn row(reading: &Reading<'_>, one: &ValueOrigin) -> OriginRow {
    let layer = |name: &str| match name {
        "engine" => reading.t("admin.layer_built_in"),
        "base" => reading.t("admin.layer_base"),
        "workspace" => reading.t("admin.layer_workspace"),
        pack => pack.to_owned(),
    };
    let since = one.since.as_ref().map(|since| {
        reading.words().with("origin.version", &[("n", &since.n.to_string()), ("title", &since.title)])
    });
    OriginRow {
        place: one.place.clone(),
        value: shown(one.value.as_ref()),
        layer: match &one.pack_version {
            Some(version) => format!("{} {version}", layer(&one.layer)),
            None => layer(&one.layer),
        },
        is_own: one.layer == definitions::layers::WORKSPACE,
        since: since.unwrap_or_default(),
        by: String::new(),
        below_layer: one.below.as_ref().map(|(name, _)| layer(name)).unwrap_or_default(),
        below: shown(one.below.as_ref().and_then(|(_, value)| value.as_ref())),
        may_go_back: one.may_go_back(),
    }
}
