//! `admin/definitions/{kind}`: all definitions of one kind.

use axum::extract::Path;
use axum::response::Response;
use kontor_model::Json;
use kontor_model::definition::DefinitionKind;
use kontor_view::page::admin::definitions::{DefinitionLine, DefinitionsPage};
use kontor_view::page::part::Tab;
use serde::Deserialize;

use super::draft::{self, Draft};
use crate::api::definitions::kind_of;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::entity::designer_href;
use crate::present::long_list::LongList;
use crate::visit::Reader;

#[derive(Deserialize)]
pub struct KindPath {
    kind: String,
}

/// `GET admin/definitions/{kind}`.
pub async fn list_definitions(
    reader: Reader,
    Path(path): Path<KindPath>,
    query: Query,
) -> Result<Response, Failure> {
    draw(reader, &query, &path.kind).await
}

/// The same under the address of one kind (`admin/views`).
pub async fn list_kind(reader: Reader, query: Query, kind: &'static str) -> Result<Response, Failure> {
    draw(reader, &query, kind).await
}

async fn draw(reader: Reader, query: &Query, word: &str) -> Result<Response, Failure> {
    let kind = kind_of(word)?;
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let broken = &reader.session.model.broken;
    let list = LongList::of(query);
    let all = draft.all(kind);
    let is_long = list.is_long(all.len());
    let title = |name: &str, json: &Json| match kind {
        DefinitionKind::Script => name.to_owned(),
        _ => reading.definition_title(kind, name, json),
    };
    let found = all.into_iter().map(|(name, json)| (name, json, title(name, json)));
    let found = found.filter(|(name, _, title)| list.finds(&[name, title.as_str()])).collect();
    let (found, shown) = list.part(found);
    let definitions = found
        .into_iter()
        .map(|(name, json, title)| {
            let about = json.get("entity").or_else(|| json.pointer("/on/entity")).and_then(Json::as_str);
            let problem = broken.iter().find(|one| one.id.0 == kind && one.id.1 == name);
            DefinitionLine {
                name: name.to_owned(),
                title,
                href: designer_href(&reading, kind, name),
                about: about
                    .map(|entity| {
                        reader
                            .session
                            .model
                            .entity(entity)
                            .map_or_else(|| entity.to_owned(), |entity| reading.plural_of(entity))
                    })
                    .unwrap_or_default(),
                layer: draft::layer(&reading, kind, name),
                when: draft
                    .changes
                    .iter()
                    .find(|change| change.kind == kind.as_str() && change.name == name)
                    .map(|change| reading.format.when(change.at).text)
                    .unwrap_or_default(),
                problem: problem
                    .map(|one| {
                        one.problems
                            .iter()
                            .map(|problem| problem.message(&reading.labels))
                            .collect::<Vec<_>>()
                            .join(" ")
                    })
                    .unwrap_or_default(),
                draft: draft.state(kind, name),
            }
        })
        .collect();
    let page = DefinitionsPage {
        at: reader.visit.place(),
        kind: kind.to_string(),
        kinds: DefinitionKind::ALL
            .into_iter()
            .filter(|one| *one != DefinitionKind::Locale)
            .map(|one| Tab {
                href: reading.admin_href(&format!("definitions/{one}")),
                title: reading.t(&format!("definition.{one}.plural")),
                count: String::new(),
                current: one == kind,
            })
            .collect(),
        pager: list.pager(&reading, &reading.admin_href(&format!("definitions/{kind}")), shown),
        q: list.q,
        is_long,
        definitions,
        new_href: new_href(&reading, kind),
    };
    reader.draw().view(&page).await
}

/// Where a new definition of a kind begins.
fn new_href(reading: &crate::present::Reading<'_>, kind: DefinitionKind) -> String {
    match kind {
        DefinitionKind::Entity => reading.admin_href("entities/new"),
        DefinitionKind::Role => reading.admin_href("roles/new"),
        DefinitionKind::Table => reading.admin_href("tables/new"),
        DefinitionKind::Report => format!("{}/reports/new", reading.visit.base),
        DefinitionKind::Workflow => reading.admin_href(&format!("workflows/{}/trigger", super::trigger::NEW)),
        DefinitionKind::Process => reading.admin_href("processes/new"),
        DefinitionKind::Form | DefinitionKind::View => reading.admin_href(&format!("begin/{kind}")),
        DefinitionKind::Script => reading.admin_href("scripts"),
        DefinitionKind::Locale => reading.admin_href(&format!("source/{kind}/{}", address::segment("new"))),
        _ => super::shape::href(reading, kind, super::shape::NEW),
    }
}
