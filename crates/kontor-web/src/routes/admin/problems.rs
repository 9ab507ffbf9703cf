//! `admin/problems`: what was set aside, what failed, what was given up.

use axum::response::Response;
use kontor_core::definitions::DESIGN;
use kontor_core::permissions::demand_admin;
use kontor_core::queue;
use kontor_model::definition::DefinitionKind;
use kontor_view::shell::{ProblemGroup, ProblemItem, ProblemsPage};

use crate::error::Failure;
use crate::present::admin::entity::designer_href;
use crate::visit::Reader;

const MOST: i64 = 50;

/// The page.
pub async fn show_problems(reader: Reader) -> Result<Response, Failure> {
    demand_admin(&reader.session, DESIGN)?;
    let session = &reader.session;
    let reading = reader.reading();
    let mut definitions = Vec::new();
    let mut scripts = Vec::new();
    for broken in &session.model.broken {
        let (kind, name) = &broken.id;
        let item = ProblemItem {
            title: format!("{} {name}", reading.t(&format!("definition.{kind}.one"))),
            message: broken
                .problems
                .iter()
                .map(|problem| format!("{} {}", problem.message(&reading.labels), problem.path))
                .collect::<Vec<_>>()
                .join(" "),
            href: designer_href(&reading, *kind, name),
            ..ProblemItem::default()
        };
        if *kind == DefinitionKind::Script { scripts.push(item) } else { definitions.push(item) }
    }
    let templates = reader
        .visit
        .app
        .views
        .broken()
        .into_iter()
        .map(|one| ProblemItem { title: one.template, message: one.cause, ..ProblemItem::default() })
        .collect();
    let title_of = |workflow: &str| {
        let json = session.model.definition(DefinitionKind::Workflow, workflow);
        json.map_or_else(
            || workflow.to_owned(),
            |json| reading.definition_title(DefinitionKind::Workflow, workflow, json),
        )
    };
    let mut runs: Vec<ProblemItem> = queue::troubled_runs(session, MOST)
        .await?
        .into_iter()
        .map(|run| ProblemItem {
            title: title_of(&run.workflow),
            message: run.error.clone().unwrap_or_else(|| run.position.clone()),
            href: reading
                .admin_href(&format!("workflows/{}?tab=runs", crate::frame::address::segment(&run.workflow))),
            when: reading.format.when(run.updated_at).text,
            ..ProblemItem::default()
        })
        .collect();
    runs.extend(queue::dead_events(session, MOST).await?.into_iter().map(|event| {
        ProblemItem {
            title: event
                .entity
                .as_ref()
                .map_or_else(|| event.topic.clone(), |entity| format!("{} · {entity}", event.topic)),
            message: event.error.clone().unwrap_or_default(),
            href: reading.admin_href("jobs?tab=failed"),
            when: reading.format.when(event.at).text,
            ..ProblemItem::default()
        }
    }));
    let group = |name: &str, items: Vec<ProblemItem>| ProblemGroup { name: name.to_owned(), items };
    let page = ProblemsPage {
        words: reader.visit.words(),
        groups: vec![
            group("definitions", definitions),
            group("scripts", scripts),
            group("templates", templates),
            group("runs", runs),
        ],
    };
    reader.draw().fragment(&page.fragment()?).await
}
