//! Snapshots: figures kept per day as a line and a table.

use std::cmp::Reverse;

use chrono::{Days, NaiveDate};
use kontor_core::reports::snapshot::History;
use kontor_model::definition::DefinitionKind;
use kontor_model::query::Group;
use kontor_view::Html;
use kontor_view::chart;
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::part::Notice;
use kontor_view::page::snapshot::SnapshotPage;
use kontor_view::present::report as present;

use super::{Reading, export};
use crate::frame::address;

/// How far back one can look, in days; the first one when nothing is said.
const BACK: [u64; 4] = [90, 30, 365, 3_660];

/// How far back is asked for.
pub fn days(asked: &str) -> u64 {
    let asked = asked.parse().ok();
    BACK.into_iter().find(|days| Some(*days) == asked).unwrap_or(90)
}

/// The first day, seen from the last one.
pub fn first(last: NaiveDate, days: u64) -> NaiveDate {
    last.checked_sub_days(Days::new(days.saturating_sub(1))).unwrap_or(last)
}

/// The page.
pub fn page(reading: &Reading<'_>, history: &History, days: u64) -> SnapshotPage {
    let definition = &history.definition;
    let name = address::segment(&definition.name);
    let own = definition.description.as_deref().unwrap_or_default();
    let mut newest = history.answer.clone();
    // The order of the groups within a day stays.
    newest.rows.sort_by_key(|group| Reverse(group.keys.first().and_then(|key| key.value.as_date())));
    let mut options: Vec<u64> = BACK.to_vec();
    options.sort_unstable();
    SnapshotPage {
        at: reading.visit.place(),
        title: history.report.title.clone(),
        description: reading.label(DefinitionKind::Snapshot, &definition.name, "description", own),
        action: format!("{}/snapshots/{name}", reading.visit.base),
        period: FieldView {
            name: "days".to_owned(),
            label: reading.t("snapshot.period"),
            kind: "choice".to_owned(),
            value: days.to_string(),
            options: options
                .into_iter()
                .map(|one| {
                    let count = usize::try_from(one).unwrap_or(usize::MAX);
                    OptionView::new(
                        one.to_string(),
                        reading.words().count("snapshot.days", count),
                        one == days,
                    )
                })
                .collect(),
            closed: true,
            ..FieldView::default()
        },
        notices: notices(reading, history),
        taken: history.taken_at.map_or_else(String::new, |at| {
            reading.words().with("snapshot.taken", &[("when", &reading.format.moment(at))])
        }),
        chart: chart_html(reading, history),
        table: present::table(&reading.format, &newest, |_: &Group| String::new(), |_| Default::default()),
        customise: reading.customise(&[
            ("customise.edit_snapshot", reading.admin_href(&format!("edit/snapshot/{name}")), "pencil"),
            ("builder.source", reading.admin_href(&format!("source/snapshot/{name}")), "code"),
        ]),
    }
}

/// The line over the days; empty before there are two of them.
pub fn chart_html(reading: &Reading<'_>, history: &History) -> Html {
    let drawn = export::chart_of(reading, &history.report, &history.answer, &|_| String::new());
    drawn.map_or_else(Html::default, |(kind, data)| chart::draw(kind, &data, reading.words()))
}

/// What is to be known of the figures.
fn notices(reading: &Reading<'_>, history: &History) -> Vec<Notice> {
    let notice = |title: String, tone: &str| Notice { tone: tone.to_owned(), title, lines: Vec::new() };
    let mut notices = Vec::new();
    if history.missing > 0 {
        notices.push(notice(reading.words().count("snapshot.missing", history.missing), "t-amber"));
    }
    if history.answer.capped {
        notices.push(notice(reading.t("report.capped"), "t-amber"));
    }
    notices
}
