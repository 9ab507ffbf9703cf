//! `GET calendar`: all calendars that the reader may see, on one page.

use std::sync::Arc;

use axum::response::Response;
use kontor_core::permissions::{Verb, allows};
use kontor_core::views;
use kontor_model::EntityModel;
use kontor_model::definition::view::{ViewDefinition, ViewType};
use kontor_view::page::calendar::{CalendarPage, Source};

use super::records::calendar as of_entity;
use crate::error::Failure;
use crate::extract::list as reading_list;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::calendar::{self, Period, Placed};
use crate::present::{Reading, list};
use crate::visit::Reader;

/// The calendars that are shown; without any, all of them.
const SHOW: &str = "_show";
/// Colours of calendars whose records have none of their own.
const TONES: [&str; 7] = ["t-accent", "t-violet", "t-amber", "t-green", "t-rose", "t-blue", "t-grey"];

/// The page.
pub async fn show_calendar(reader: Reader, query: Query) -> Result<Response, Failure> {
    let reading = reader.reading();
    let period = Period::read(&query, reading.format.today());
    let mut placed = Placed::default();
    let mut page = CalendarPage { at: reader.visit.place(), ..CalendarPage::default() };
    let asked: Vec<&str> = query.all(SHOW).collect();
    let mut is_all = true;
    for (number, (entity, view)) in calendars(&reading).into_iter().enumerate() {
        let key = format!("{}.{}", entity.name, view.name);
        let shown = asked.is_empty() || asked.contains(&key.as_str());
        let tone = TONES.get(number % TONES.len()).copied().unwrap_or("t-accent");
        if shown {
            let (filter, left_out) = views::filter_of(&reader.session, &entity, &view);
            // A calendar whose conditions cannot be applied would show more than it says.
            if left_out == 0 {
                is_all &= of_entity::add(&reading, &period, &entity, &view, filter, None, tone, &mut placed)
                    .await?;
            }
        }
        let list_href = reading.list_href(&entity.name);
        page.sources.push(Source {
            name: key,
            title: list::view_title(&reading, &view),
            href: address::with_query(&list_href, [("view", &view.name)]),
            tone: if view.color.is_some() { String::new() } else { tone.to_owned() },
            shown,
        });
    }
    if !is_all {
        page.notices.push(of_entity::too_many(&reading));
    }
    let own = format!("{}/calendar", reader.visit.base);
    calendar::fill(&reading, &mut page, &period, placed, &own, &query, |_| String::new());
    reader.draw().view(&page).await
}

/// The calendar views that somebody defined or saved, of what the reader may see.
fn calendars(reading: &Reading<'_>) -> Vec<(Arc<EntityModel>, ViewDefinition)> {
    let session = reading.session;
    let readable = session.model.entities.values().filter(|entity| allows(session, entity, Verb::Read));
    readable
        .flat_map(|entity| {
            views::of_entity(session, entity).into_iter().map(move |view| (Arc::clone(entity), view))
        })
        .filter(|(entity, view)| {
            let start = view.start.as_deref().filter(|name| entity.field(name).is_some());
            view.view_type == ViewType::Calendar
                && !view.title.is_empty()
                && start.is_some_and(|name| reading_list::path(session, entity, name).is_ok())
        })
        .collect()
}
