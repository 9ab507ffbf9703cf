//! `admin/jobs`: what the workspace does by itself: runs of workflows, events that were given up.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::definitions::DESIGN;
use kontor_core::derived;
use kontor_core::permissions::demand_admin;
use kontor_core::queue::{self, Queue};
use kontor_view::page::admin::jobs::{JobLine, JobsPage};
use kontor_view::page::part::{ActionButton, Tab};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::workflow;
use crate::present::{Reading, flash};
use crate::visit::Reader;

const MOST: i64 = 50;
const TABS: [&str; 3] = ["runs", "calculations", "failed"];

#[derive(Deserialize)]
pub struct IdPath {
    id: String,
}

impl IdPath {
    fn id(&self) -> Result<Uuid, Failure> {
        Uuid::parse_str(&self.id).map_err(|_| Failure::not_found())
    }
}

/// The page.
pub async fn show_jobs(reader: Reader, query: Query) -> Result<Response, Failure> {
    demand_admin(&reader.session, DESIGN)?;
    let reading = reader.reading();
    let calculations = calculations(&reading).await?;
    // Who does not say what to see sees what is being worked out, if anything is.
    let busy = if calculations.is_empty() { "runs" } else { "calculations" };
    let tab = TABS.into_iter().find(|tab| *tab == query.text("tab")).unwrap_or(busy);
    let base = reading.admin_href("jobs");
    let mut page = JobsPage {
        at: reader.visit.place(),
        tabs: TABS
            .iter()
            .map(|one| Tab {
                href: address::with_query(&base, [("tab", one)]),
                title: reading.t(&format!("jobs.tab_{one}")),
                count: if *one == "calculations" && !calculations.is_empty() {
                    reading.format.count(calculations.len() as u64)
                } else {
                    String::new()
                },
                current: *one == tab,
            })
            .collect(),
        none_title: reading.t(&format!("jobs.none_{tab}")),
        none_text: reading.t(&format!("jobs.none_{tab}_text")),
        ..JobsPage::default()
    };
    if tab == "runs" {
        let runs = queue::runs(&reader.session, None, MOST).await?;
        page.runs = workflow::run_cards(&reading, &runs).await;
    } else if tab == "calculations" {
        page.jobs = calculations;
    } else {
        page.jobs = queue::dead_events(&reader.session, MOST)
            .await?
            .into_iter()
            .map(|event| {
                let when = reading.format.when(event.at);
                JobLine {
                    href: String::new(),
                    title: event
                        .entity
                        .as_ref()
                        .map_or_else(|| event.topic.clone(), |entity| format!("{} · {entity}", event.topic)),
                    state: "dead".to_owned(),
                    attempt: event.attempts.to_string(),
                    done: 0,
                    total: 0,
                    when: when.text,
                    exact: when.exact,
                    failure: event.error.clone().unwrap_or_default(),
                    actions: vec![ActionButton {
                        action: reading.admin_href(&format!("events/{}/retry", event.id)),
                        title: reading.t("workflows.retry"),
                        icon: "play".to_owned(),
                        ..ActionButton::default()
                    }],
                }
            })
            .collect();
        page.jobs.extend(queue::dead_timers(&reader.session).await?.iter().map(|timer| {
            let when = reading.format.when(timer.due_at);
            JobLine {
                title: timer_title(&reading, &timer.topic),
                state: "dead".to_owned(),
                attempt: timer.attempts.to_string(),
                when: when.text,
                exact: when.exact,
                failure: timer.error.clone().unwrap_or_default(),
                actions: vec![ActionButton {
                    action: reading.admin_href(&format!("calculations/{}/retry", timer.id)),
                    title: reading.t("workflows.retry"),
                    icon: "play".to_owned(),
                    ..ActionButton::default()
                }],
                ..JobLine::default()
            }
        }));
        let troubled = queue::troubled_runs(&reader.session, MOST).await?;
        page.runs = workflow::run_cards(&reading, &troubled).await;
    }
    reader.draw().view(&page).await
}

/// What a timer of the program itself does.
pub fn timer_title(reading: &Reading<'_>, topic: &str) -> String {
    match topic {
        "clock" => reading.t("jobs.timer_clock"),
        "stages" => reading.t("jobs.timer_stages"),
        "day" => reading.t("jobs.timer_day"),
        "sweep" => reading.t("jobs.timer_sweep"),
        other => other.to_owned(),
    }
}

/// Values that are worked out in the background.
async fn calculations(reading: &Reading<'_>) -> Result<Vec<JobLine>, Failure> {
    let jobs = derived::progress(reading.session).await?;
    let line = |job: &derived::Progress| {
        let catalogue = &reading.session.catalogue;
        let entity = reading.session.model.entity(&job.entity)?;
        let labels: Vec<&str> = job
            .fields
            .iter()
            .filter_map(|name| entity.field(name))
            .map(|field| field.label(catalogue))
            .collect();
        let fields = labels.join(&reading.t("record.calculating_and"));
        let plural = entity.plural_label(catalogue);
        let when = reading.format.when(job.due_at);
        let retry = ActionButton {
            action: reading.admin_href(&format!("calculations/{}/retry", job.id)),
            title: reading.t("workflows.retry"),
            icon: "play".to_owned(),
            ..ActionButton::default()
        };
        let stuck = stuck(reading, job);
        let (href, failure) = stuck
            .clone()
            .unwrap_or_else(|| (reading.list_href(&entity.name), job.error.clone().unwrap_or_default()));
        Some(JobLine {
            href,
            title: reading.words().with("jobs.calculation", &[("fields", &fields), ("entity", plural)]),
            state: if job.dead {
                "dead"
            } else if stuck.is_none() && job.total.is_some() {
                "running"
            } else {
                "waiting"
            }
            .to_owned(),
            attempt: job.attempts.to_string(),
            done: job.done,
            total: job.total.unwrap_or(0),
            when: when.text,
            exact: when.exact,
            actions: if failure.is_empty() { Vec::new() } else { vec![retry] },
            failure,
        })
    };
    Ok(jobs.iter().filter_map(line).collect())
}

/// Where the records are that keep their values because their new ones occur already, and what is said of them.
pub fn stuck(reading: &Reading<'_>, job: &derived::Progress) -> Option<(String, String)> {
    if job.stuck.is_empty() {
        return None;
    }
    let which = serde_json::json!({ "field": "id", "in": job.stuck }).to_string();
    let href = address::with_query(&reading.list_href(&job.entity), [("filter", &which)]);
    Some((href, reading.words().count("jobs.stuck", job.stuck.len())))
}

/// `POST admin/calculations/{id}/retry`.
pub async fn retry_calculation(
    reader: Reader,
    Path(path): Path<IdPath>,
    sent: Form,
) -> Result<Response, Failure> {
    queue::retry(&reader.session, Queue::Timer, path.id()?).await?;
    Ok(back(&reader, &sent))
}

/// `POST admin/runs/{id}/retry`.
pub async fn retry_run(reader: Reader, Path(path): Path<IdPath>, sent: Form) -> Result<Response, Failure> {
    queue::retry(&reader.session, Queue::Run, path.id()?).await?;
    Ok(back(&reader, &sent))
}

/// `POST admin/runs/{id}/stop`.
pub async fn stop_run(reader: Reader, Path(path): Path<IdPath>, sent: Form) -> Result<Response, Failure> {
    queue::stop(&reader.session, path.id()?).await?;
    Ok(back(&reader, &sent))
}

/// `POST admin/events/{id}/retry`.
pub async fn retry_event(reader: Reader, Path(path): Path<IdPath>, sent: Form) -> Result<Response, Failure> {
    queue::retry(&reader.session, Queue::Event, path.id()?).await?;
    Ok(back(&reader, &sent))
}

fn back(reader: &Reader, sent: &Form) -> Response {
    let jobs = reader.reading().admin_href("jobs");
    reader.go_saying(address::own_path_or(sent.text("next"), &jobs), &flash::done("workflows.retried", &[]))
}
