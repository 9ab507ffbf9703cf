//! `admin/settings`: the workspace's own settings and the parameters that definitions bring. Saved at once, no change
//! set: values are data.

use std::sync::Arc;

use axum::response::Response;
use chrono::Weekday;
use kontor_core::workspace::Settings;
use kontor_core::{Error, permissions, records, settings};
use kontor_model::currency;
use kontor_model::definition::DefinitionKind;
use kontor_model::held_file::{bytes_of, size_text};
use kontor_model::setting::Setting;
use kontor_model::territory::TERRITORIES;
use kontor_model::working_time::{HOLIDAYS, WEEKDAYS, WorkingHours, WorkingTime};
use kontor_model::{Problem, Problems};
use kontor_view::field::{FieldView, OptionView};
use kontor_view::page::admin::settings::SettingsPage;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::present::{Reading, flash};
use crate::visit::Reader;

/// Before the names of inputs of the workspace's own settings: no setting has such a name.
const OWN: &str = "workspace.";
/// Before the names of weekdays.
const DAY: &str = "day_";
/// The months of the calendar.
const MONTHS: std::ops::RangeInclusive<u32> = 1..=12;

/// `GET`.
pub async fn show_settings(reader: Reader, _query: Query) -> Result<Response, Failure> {
    draw(&reader, None, &Problems::new()).await
}

/// `POST`.
pub async fn save_settings(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let session = &reader.session;
    let before = session.workspace.settings();
    let text = |name: &str| sent.text(&format!("{OWN}{name}")).trim().to_owned();
    let mut problems = Problems::new();
    let zone = text("zone").parse::<chrono_tz::Tz>();
    if zone.is_err() {
        problems.push(Problem::at_field("not_an_option", "zone").with("value", text("zone")));
    }
    let limit = if sent.has(&format!("{OWN}file_limit")) {
        bytes_of(&text("file_limit"))
    } else {
        Some(before.file_limit)
    };
    if limit.is_none() {
        problems.push(Problem::at_field("not_a_size", "file_limit").with("value", text("file_limit")));
    }
    let hours = if sent.has(&format!("{OWN}{DAY}{}", WEEKDAYS[0].0)) {
        WorkingHours::read(|day| sent.get(&format!("{OWN}{DAY}{day}")))
    } else {
        Ok(before.working.hours().clone())
    };
    let hours = hours.unwrap_or_else(|found| {
        for problem in found.0 {
            let day = problem.field().unwrap_or_default().to_owned();
            problems.push(Problem { path: format!("/{DAY}{day}"), ..problem });
        }
        WorkingHours::default()
    });
    let zone_wanted = zone.unwrap_or(before.zone);
    let wanted = Settings {
        working: Arc::new(WorkingTime::new(zone_wanted, hours, &[])),
        file_limit: limit.unwrap_or(before.file_limit),
        title: text("workspace"),
        currency: text("currency").to_uppercase(),
        zone: zone_wanted,
        language: text("language"),
        fiscal_start: text("fiscal_start").parse().unwrap_or(0),
        chosen: before.chosen.clone(),
    };
    let values: Vec<(String, String)> = session
        .model
        .settings
        .keys()
        // An empty box is sent, too: it takes the default again.
        .filter_map(|name| Some((name.clone(), sent.get(name)?.replace("\r\n", "\n"))))
        .collect();
    let outcome = match problems.into_result(()) {
        Ok(()) => match settings::save(session, wanted).await {
            Ok(()) => settings::choose(session, &values).await,
            refused => refused,
        },
        Err(problems) => Err(problems.into()),
    };
    match outcome {
        Ok(()) => {
            Ok(reader
                .go_saying(&reader.reading().admin_href("settings"), &flash::done("settings.saved", &[])))
        }
        Err(Error::Problems(problems)) => draw(&reader, Some(&sent), &problems).await,
        Err(other) => Err(other.into()),
    }
}

async fn draw(reader: &Reader, sent: Option<&Form>, problems: &Problems) -> Result<Response, Failure> {
    permissions::demand_admin(&reader.session, "design")?;
    let reading = reader.reading();
    let mut general = general(&reading, sent);
    let mut working = working(&reading, sent);
    let mut own = Vec::new();
    for (name, setting) in &reader.session.model.settings {
        own.push(parameter(&reading, name, setting, sent).await?);
    }
    let placed = Problems(
        problems
            .iter()
            .map(|problem| {
                let is_own =
                    problem.field().is_some_and(|name| reader.session.model.settings.contains_key(name));
                let path = if is_own {
                    problem.path.clone()
                } else {
                    format!("/{OWN}{}", problem.field().unwrap_or_default())
                };
                Problem { path, ..problem.clone() }
            })
            .collect(),
    );
    let mut places: Vec<&mut FieldView> = general.iter_mut().chain(&mut working).chain(&mut own).collect();
    let titles = records::Titles::new();
    let lines = reading.presenter(&titles).place_problems(&placed, &mut places, false);
    let page = SettingsPage {
        at: reader.visit.place(),
        action: reading.admin_href("settings"),
        general,
        working,
        own,
        rates_href: reading.list_href(currency::RATES),
        holidays_href: reading.list_href(HOLIDAYS),
        territories_href: reading.list_href(TERRITORIES),
        definitions_href: reading.admin_href("definitions/setting"),
        problems: lines,
    };
    let mut draw = reader.draw();
    if !problems.is_empty() {
        draw = draw.refused();
    }
    draw.view(&page).await
}

fn general(reading: &Reading<'_>, sent: Option<&Form>) -> Vec<FieldView> {
    let settings = reading.session.workspace.settings();
    let line = |name: &str, stored: String| {
        let name = format!("{OWN}{name}");
        let value = sent.and_then(|sent| sent.get(&name)).map_or(stored, str::to_owned);
        let word = name.strip_prefix(OWN).unwrap_or_default();
        FieldView {
            label: reading.t(&format!("settings.{word}")),
            kind: "text".to_owned(),
            required: true,
            text: value.clone(),
            value,
            name,
            ..FieldView::default()
        }
    };
    let month = line("fiscal_start", settings.fiscal_start.to_string());
    let months = MONTHS
        .map(|one| {
            let title = reading.words().with("settings.month", &[("month", &one.to_string())]);
            OptionView::new(one.to_string(), title, one.to_string() == month.value)
        })
        .collect();
    let language = line("language", settings.language.clone());
    let mut known: Vec<&str> = reading.session.model.catalogues.keys().map(String::as_str).collect();
    if !known.contains(&language.value.as_str()) {
        known.push(&language.value);
    }
    let own_name = |tag: &str| {
        let catalogue = reading.session.model.catalogues.get(tag);
        let said = catalogue.and_then(|catalogue| catalogue.find_own("ui.language.own_name"));
        said.map_or_else(|| kontor_model::conventions::own_name(tag), str::to_owned)
    };
    let languages =
        known.into_iter().map(|one| OptionView::new(one, own_name(one), one == language.value)).collect();
    let currency = line("currency", settings.currency.clone());
    let mut offered: Vec<OptionView> = currency::codes()
        .map(|code| {
            let name = reading.session.catalogue.text(&format!("ui.currency.{code}")).to_owned();
            OptionView::new(code, format!("{code} · {name}"), code == currency.value)
        })
        .collect();
    if !offered.iter().any(|option| option.selected) {
        offered.insert(0, OptionView::new(currency.value.clone(), currency.value.clone(), true));
    }
    vec![
        line("workspace", settings.title.clone()),
        FieldView { kind: "choice".to_owned(), closed: true, options: offered, ..currency.clone() },
        line("zone", settings.zone.name().to_owned()),
        FieldView { kind: "choice".to_owned(), closed: true, options: languages, ..language.clone() },
        FieldView { kind: "choice".to_owned(), closed: true, options: months, ..month },
        line("file_limit", size_text(settings.file_limit)),
    ]
}

/// The hours of each weekday.
fn working(reading: &Reading<'_>, sent: Option<&Form>) -> Vec<FieldView> {
    let settings = reading.session.workspace.settings();
    let day = |(word, day): &(&str, Weekday)| {
        let name = format!("{OWN}{DAY}{word}");
        let stored = settings.working.hours().text(*day);
        let value = sent.and_then(|sent| sent.get(&name)).map_or(stored, str::to_owned);
        FieldView {
            label: reading.t(&format!("settings.day.{word}")),
            kind: "text".to_owned(),
            text: value.clone(),
            value,
            placeholder: reading.t("settings.free"),
            name,
            ..FieldView::default()
        }
    };
    WEEKDAYS.iter().map(day).collect()
}

/// A parameter: its control, and who chose its value.
async fn parameter(
    reading: &Reading<'_>,
    name: &str,
    setting: &Setting,
    sent: Option<&Form>,
) -> Result<FieldView, Failure> {
    let session = reading.session;
    let field = &setting.field;
    let value = session.workspace.parameters(&session.model).get(name).cloned().unwrap_or_default();
    let typed = sent.and_then(|sent| sent.get(name).map(str::to_owned));
    let written =
        if value.is_empty() { String::new() } else { field.kind.to_text(field, &value, session.actor.zone) };
    let text = typed.unwrap_or(written);
    let chosen = settings::chosen(session, name).await?;
    let default = if setting.default.is_empty() {
        reading.t("value.none")
    } else {
        field.kind.to_text(field, &setting.default, session.actor.zone)
    };
    let mut help = vec![
        reading.label(
            DefinitionKind::Setting,
            name,
            "help",
            field.definition.help.as_deref().unwrap_or_default(),
        ),
        reading.words().with("settings.default", &[("value", &default)]),
    ];
    if let Some(last) = &chosen.last {
        help.push(reading.words().with("settings.last", &[("when", &reading.format.when(last.at).text)]));
    }
    help.retain(|part| !part.is_empty());
    Ok(FieldView {
        name: name.to_owned(),
        label: reading.label(DefinitionKind::Setting, name, "title", &field.title),
        kind: field.kind.name().to_owned(),
        help: help.join(" · "),
        full: field.kind.is_long(),
        closed: field.kind.is_choice(),
        options: field
            .definition
            .one_of
            .iter()
            .filter(|option| !option.retired || option.value == text)
            .map(|option| {
                let path = format!("oneOf.{}.title", option.value);
                let title = reading.label(DefinitionKind::Setting, name, &path, &option.title);
                OptionView::new(option.value.clone(), title, option.value == text)
            })
            .collect(),
        text: text.clone(),
        value: text,
        ..FieldView::default()
    })
}
