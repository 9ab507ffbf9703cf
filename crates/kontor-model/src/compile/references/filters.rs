//! Filters of dashboards: what they narrow, and what they are when nobody chose.

use serde_json::json;

use super::{Checker, fields_of};
use crate::definition::DefinitionKind;
use crate::definition::dashboard::{DashboardDefinition, DashboardFilter, Tile};
use crate::entity::EntityModel;
use crate::filter::{FieldPath, Filter, PERIODS, Period};
use crate::formula::Type;
use crate::problem::Problem;
use crate::tile_date;

pub(super) fn filters(dashboard: &DashboardDefinition, checker: &mut Checker<'_>) {
    let shown = shown(dashboard, checker);
    checker.distinct(dashboard.filters.iter().map(|filter| filter.name.as_str()), &|index| {
        format!("/filters/{index}/name")
    });
    for (index, tile) in dashboard.tiles.iter().enumerate() {
        own_date(tile, &format!("/tiles/{index}/period"), checker);
    }
    for (index, filter) in dashboard.filters.iter().enumerate() {
        let at = format!("/filters/{index}");
        if filter.kind == "period" && filter.field.is_empty() {
            // Each tile goes by its own date.
            period_default(filter, &at, checker);
            continue;
        }
        if filter.field.is_empty() {
            checker.add(Problem::new("required", format!("{at}/field")).with("key", "field"));
            continue;
        }
        field(filter, &shown, &at, checker);
    }
}

/// A filter narrows the tiles whose records have the field.
fn field(filter: &DashboardFilter, shown: &[&EntityModel], at: &str, checker: &mut Checker<'_>) {
    let model = checker.model;
    let mut refused = None;
    let mut has_it = |entity: &EntityModel| match FieldPath::parse(&filter.field, entity, model) {
        Ok(_) => true,
        Err(problem) => {
            refused.get_or_insert(problem);
            false
        }
    };
    let all = model.entities.values().map(AsRef::as_ref);
    let among: Vec<&EntityModel> = if shown.is_empty() { all.collect() } else { shown.to_vec() };
    let fitting: Vec<&EntityModel> = among.into_iter().filter(|entity| has_it(entity)).collect();
    let at_field = format!("{at}/field");
    match refused {
        Some(problem) if fitting.is_empty() && !shown.is_empty() => checker.add(problem.under(&at_field)),
        _ if fitting.is_empty() => {
            checker
                .add(Problem::new("unknown_field", at_field).with("field", &filter.field).with("entity", ""));
        }
        _ if filter.kind == "period" => period_default(filter, at, checker),
        _ => {
            // One that is a value of the field somewhere narrows what it can.
            let Some(default) = &filter.default else { return };
            let asked = json!({ "field": filter.field, "eq": default });
            let mut wrong = fitting.iter().map(|entity| Filter::parse(&asked, entity, model).err());
            if let Some(Some(first)) = wrong.next()
                && wrong.all(|one| one.is_some())
            {
                let default_at = format!("{at}/default");
                checker.problems.0.extend(
                    first.0.into_iter().map(|problem| Problem { path: default_at.clone(), ..problem }),
                );
            }
        }
    }
}

fn period_default(filter: &DashboardFilter, at: &str, checker: &mut Checker<'_>) {
    let Some(default) = &filter.default else { return };
    if Period::parse(default).is_none() {
        let problem = Problem::new("not_a_period", format!("{at}/default")).with("value", default);
        checker.add(problem.with("options", PERIODS));
    }
}

/// The date by which a tile is narrowed is one of what it shows.
fn own_date(tile: &Tile, at: &str, checker: &mut Checker<'_>) {
    let (Some(path), Some(entity)) = (&tile.period, about(tile, checker)) else { return };
    let Some(field) = checker.open(entity, path, at) else { return };
    if !tile_date::is_date(checker.model, entity, path) {
        let problem = Problem::new("only_for_dates", at).with("kind", field.kind.name());
        checker.add(problem.with(
            "options",
            fields_of(entity, &|field| matches!(field.kind.formula_type(), Type::Date | Type::DateTime)),
        ));
    }
}

/// The entity whose records a tile shows.
fn about<'m>(tile: &Tile, checker: &Checker<'m>) -> Option<&'m EntityModel> {
    let shown = [
        (DefinitionKind::Report, &tile.report),
        (DefinitionKind::Metric, &tile.metric),
        (DefinitionKind::View, &tile.view),
    ];
    shown.into_iter().find_map(|(kind, name)| checker.about(kind, name.as_deref()?))
}

/// The entities whose records the tiles of a dashboard show.
fn shown<'m>(dashboard: &DashboardDefinition, checker: &Checker<'m>) -> Vec<&'m EntityModel> {
    dashboard.tiles.iter().filter_map(|tile| about(tile, checker)).collect()
}
