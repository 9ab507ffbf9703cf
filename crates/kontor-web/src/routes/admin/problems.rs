//! `admin/problems`: what was set aside, what failed, what was given up.

use axum::response::Response;
use kontor_core::definitions::{DESIGN, repair};
use kontor_core::derived;
use kontor_core::permissions::demand_admin;
use kontor_core::queue;
use kontor_core::records::faults;
use kontor_model::Problem;
use kontor_model::definition::DefinitionKind;
use kontor_view::shell::{ProblemGroup, ProblemItem, ProblemsPage};

use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::{Reading, flash};
use crate::visit::Reader;

const MOST: i64 = 50;

/// `POST admin/problems/revert`: `definition` is `kind/name`.
pub async fn revert(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let (kind, name) = sent.text("definition").split_once('/').ok_or_else(Failure::not_found)?;
    let kind: DefinitionKind = kind.parse().map_err(|_| Failure::not_found())?;
    match repair::revert(&reader.session, kind, name).await {
        Ok(_) => {
            let said = flash::done("problems.reverted", &[("name", name)]);
            Ok(reader.go_saying(&reader.reading().admin_href("problems"), &said))
        }
        // It is as it was published: there is nothing older to go back to.
        Err(kontor_core::Error::Problems(_)) => {
            let href = reader.reading().admin_href(&format!("source/{kind}/{}", address::segments(name)));
            Ok(reader.go(&href))
        }
        Err(other) => Err(other.into()),
    }
}

/// A problem with its place.
fn said(problem: &Problem, kind: DefinitionKind, reading: &Reading<'_>) -> String {
    let line = problem.line.map(|line| reading.words().with("source.line", &[("line", &line.to_string())]));
    // A script is one text: its line says where, a pointer to the whole of it nothing.
    let path = if kind == DefinitionKind::Script { "" } else { problem.path.as_str() };
    let mut said = problem.message(&reading.labels);
    for place in [Some(path.to_owned()).filter(|path| !path.is_empty()), line].into_iter().flatten() {
        said = format!("{said} {place}");
    }
    said
}

/// The page.
pub async fn show_problems(reader: Reader) -> Result<Response, Failure> {
    demand_admin(&reader.session, DESIGN)?;
    let session = &reader.session;
    let reading = reader.reading();
    let words = reading.words();
    let mut definitions = Vec::new();
    let mut scripts = Vec::new();
    let of_scripts = repair::broken_scripts(session)?;
    let mut following = Vec::new();
    for broken in session.model.broken.iter().chain(&of_scripts) {
        let (kind, name) = &broken.id;
        let causes = repair::causes_of(session, broken);
        let said = |problem: &Problem| said(problem, *kind, &reading);
        let item = ProblemItem {
            title: format!("{} {name}", reading.t(&format!("definition.{kind}.one"))),
            message: broken.problems.iter().map(said).collect::<Vec<_>>().join(" "),
            consequence: reading.t(match kind {
                DefinitionKind::Entity if session.model.entity(name).is_some() => "problems.part_left_out",
                DefinitionKind::Role => "problems.without_role",
                DefinitionKind::Script => "problems.without_script",
                _ => "problems.set_aside",
            }),
            href: reading.admin_href(&format!("source/{kind}/{}", address::segments(name))),
            revert: format!("{kind}/{name}"),
            ..ProblemItem::default()
        };
        if *kind == DefinitionKind::Script {
            scripts.push(item);
        } else if causes.is_empty() {
            definitions.push(item);
        } else {
            // Nothing of its own is wrong: it is back as soon as the others are put right.
            let message = words.with("problems.follows", &[("causes", &causes.join(", "))]);
            following.push(ProblemItem { message, revert: String::new(), ..item });
        }
    }
    // What is the matter comes before what follows from it.
    definitions.append(&mut following);
    let layers = session.workspace.layers();
    let stray = layers.stray.iter().map(|one| ProblemItem {
        title: one.place.clone(),
        message: one.problem.message(&reading.labels),
        ..ProblemItem::default()
    });
    let templates = reader
        .visit
        .app
        .views
        .broken()
        .into_iter()
        .map(|one| ProblemItem { title: one.template, message: one.cause, ..ProblemItem::default() })
        .collect();
    let runs = troubled(&reader, &reading).await?;
    let group = |name: &str, items: Vec<ProblemItem>| ProblemGroup { name: name.to_owned(), items };
    let page = ProblemsPage {
        words: reader.visit.words(),
        revert_action: reading.admin_href("problems/revert"),
        csrf: reader.visit.place().csrf,
        groups: vec![
            group("definitions", definitions),
            group("stray", stray.collect()),
            group("roles_gone", roles_gone(&reader, &reading).await?),
            group("scripts", scripts),
            group("script_faults", script_faults(&reader, &reading).await?),
            group("templates", templates),
            group("secrets", lacking(&reading).await?),
            group("runs", runs),
        ],
    };
    reader.draw().fragment(&page.fragment()?).await
}

/// Secrets that workflows speak of and nobody made: hooks refuse everything, and steps fail.
async fn lacking(reading: &Reading<'_>) -> Result<Vec<ProblemItem>, Failure> {
    let kept = kontor_core::secrets::list(reading.session).await?;
    let named = super::secrets::named(reading);
    let lacking = named.into_iter().filter(|(secret, _)| !kept.iter().any(|one| one.name == *secret));
    let items = lacking.map(|(secret, workflow)| ProblemItem {
        title: workflow,
        message: Problem::new("no_secret", "").with("name", &secret).message(&reading.labels),
        href: reading.admin_href("secrets"),
        ..ProblemItem::default()
    });
    Ok(items.collect())
}

/// Runs that failed or stand still, work that was given up, calculations that do not go on.
async fn troubled(reader: &Reader, reading: &Reading<'_>) -> Result<Vec<ProblemItem>, Failure> {
    let session = &reader.session;
    let words = reading.words();
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
            href: reading.admin_href(&format!("workflows/{}?tab=runs", address::segment(&run.workflow))),
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
    runs.extend(queue::dead_timers(session).await?.into_iter().map(|timer| ProblemItem {
        title: super::jobs::timer_title(reading, &timer.topic),
        message: timer.error.unwrap_or_default(),
        href: reading.admin_href("jobs?tab=failed"),
        when: reading.format.when(timer.due_at).text,
        ..ProblemItem::default()
    }));
    runs.extend(derived::progress(session).await?.iter().filter_map(|job| {
        let (href, message) = super::jobs::stuck(reading, job)?;
        let entity = session.model.entity(&job.entity)?;
        let fields = job.fields.iter().filter_map(|name| entity.field(name));
        let labels: Vec<&str> = fields.map(|field| field.label(&session.catalogue)).collect();
        let labels = labels.join(&reading.t("record.calculating_and"));
        let plural = entity.plural_label(&session.catalogue);
        Some(ProblemItem {
            title: words.with("jobs.calculation", &[("fields", &labels), ("entity", plural)]),
            message,
            href,
            ..ProblemItem::default()
        })
    }));
    Ok(runs)
}

/// People who hold a role that is not there: what it allowed, they may no longer do.
async fn roles_gone(reader: &Reader, reading: &Reading<'_>) -> Result<Vec<ProblemItem>, Failure> {
    let session = &reader.session;
    let words = reading.words();
    let gone = repair::roles_gone(session).await?;
    let items = gone.into_iter().map(|one| ProblemItem {
        title: one.name,
        message: words.with("problems.role_gone", &[("roles", &one.roles.join(", "))]),
        href: reading.record_href("user", one.id),
        ..ProblemItem::default()
    });
    Ok(items.collect())
}

/// Scripts that failed for people, with how often and for whom last.
async fn script_faults(reader: &Reader, reading: &Reading<'_>) -> Result<Vec<ProblemItem>, Failure> {
    let words = reading.words();
    let faults = faults::list(&reader.session).await?;
    let items = faults.into_iter().map(|fault| {
        let count = usize::try_from(fault.count).unwrap_or(usize::MAX);
        let times = words.count("problems.times", count);
        let since = reading.format.when(fault.first).text;
        let who = if fault.person.is_empty() { reading.t("history.by_system") } else { fault.person };
        let line = fault.problem.line.map(|line| words.with("source.line", &[("line", &line.to_string())]));
        ProblemItem {
            title: [Some(fault.script.clone()), Some(format!("{}()", fault.function)), line]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
            message: fault.problem.message(&reading.labels),
            consequence: words
                .with("problems.fault_since", &[("times", &times), ("since", &since), ("person", &who)]),
            href: reading.admin_href(&format!("scripts/{}", address::segments(&fault.script))),
            when: reading.format.when(fault.last).text,
            ..ProblemItem::default()
        }
    });
    Ok(items.collect())
}
