//! From a report definition to the question that the store answers.

use kontor_model::definition::report::{Dimension, Measure as MeasureDefinition, ReportDefinition};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::formula::MeasureFormula;
use kontor_model::kind::NumberStyle;
use kontor_model::query::{DimensionHead, MeasureHead};
use kontor_model::{EntityModel, Json, Problem, Problems};

use super::along::Along;
use super::list::sortable;
use super::parameters::Places;
use crate::Session;
use crate::records::{DatePart, Group, Measure, MeasureFunction};

/// A report, resolved.
#[derive(Debug)]
pub struct Question {
    pub dimensions: Vec<(DimensionHead, Group)>,
    pub measures: Vec<(MeasureHead, Computed)>,
    pub filter: Filter,
    pub filter_json: Json,
}

/// Where a measure comes from.
#[derive(Debug)]
pub enum Computed {
    /// The store computes it.
    Stored(Box<Measure>),
    /// Worked out over other measures.
    Formula(MeasureFormula),
    /// Worked out over the groups, of the measure at a place.
    Along(Along, usize),
}

/// Resolves a report, its filter filled in.
pub fn question(
    session: &Session,
    entity: &EntityModel,
    report: &ReportDefinition,
    filter_json: Json,
    places: &Places,
) -> Result<Question, Problems> {
    let mut problems = Problems::new();
    let filter = match Filter::parse(&filter_json, entity, &session.model) {
        Ok(filter) => filter,
        Err(wrong) => {
            problems.0.extend(places.named(wrong).0);
            Filter::True
        }
    };
    let mut dimensions = Vec::new();
    let rows = report.rows.iter().enumerate().map(|(n, one)| ("rows", n, one));
    let columns = report.columns.iter().enumerate().map(|(n, one)| ("columns", n, one));
    for (part, n, written) in rows.chain(columns) {
        let path = format!("/{part}/{n}");
        match dimension(session, entity, written, &|own| {
            translated(session, report, part, written.name(), own)
        }) {
            Ok(one) => dimensions.push(one),
            Err(problem) => problems.push(problem.under(&path)),
        }
    }
    let mut measures = Vec::new();
    for (n, written) in report.measures.iter().enumerate() {
        if let Some((key, of)) = written.compares() {
            match along(session, report, written, (key, of), &measures) {
                Ok(one) => measures.push(one),
                Err(problem) => problems.push(problem.under(&format!("/measures/{n}"))),
            }
            continue;
        }
        match measure(session, entity, report, written) {
            Ok(one) => measures.push(one),
            Err(wrong) => problems.extend_under(&format!("/measures/{n}"), wrong),
        }
    }
    problems.into_result(Question { dimensions, measures, filter, filter_json })
}

/// A measure that compares the groups by one that stands before it.
fn along(
    session: &Session,
    report: &ReportDefinition,
    written: &MeasureDefinition,
    (key, of): (&str, &str),
    before: &[(MeasureHead, Computed)],
) -> Result<(MeasureHead, Computed), Problem> {
    let place = before.iter().position(|(head, _)| head.name == of);
    let base = place.and_then(|place| Some((place, &before.get(place)?.0)));
    let Some((place, base)) = base else {
        return Err(Problem::new("not_an_option", format!("/{key}")).with("value", of));
    };
    let how = match key {
        "share" => Along::Share,
        "running" => Along::Running,
        _ => Along::Change,
    };
    let own = session.catalogue.text(&format!("ui.measure.{key}")).replace("{measure}", &base.title);
    let title = written
        .title
        .as_deref()
        .map_or(own, |title| translated(session, report, "measures", &written.name, title));
    let head = if how == Along::Running {
        MeasureHead { name: written.name.clone(), title, ..base.clone() }
    } else {
        MeasureHead {
            name: written.name.clone(),
            title,
            kind: written.kind.clone().unwrap_or_else(|| "percent".into()),
            scale: written.scale.unwrap_or(1),
            currency: None,
            converted: false,
        }
    };
    Ok((head, Computed::Along(how, place)))
}

/// The heading in the reader's language.
fn translated(session: &Session, report: &ReportDefinition, part: &str, name: &str, own: &str) -> String {
    session.catalogue.label("report", &report.name, &format!("{part}.{name}.title"), own).to_owned()
}

fn dimension(
    session: &Session,
    entity: &EntityModel,
    written: &Dimension,
    translate: &dyn Fn(&str) -> String,
) -> Result<(DimensionHead, Group), Problem> {
    let at_field = |problem: Problem| problem.under("/field");
    let path = visible_path(session, entity, &written.field).map_err(at_field)?;
    let field = path.resolve(&session.model).ok_or_else(|| Problem::new("unknown_field", "/field"))?;
    if field.is_sealed() {
        let problem = Problem::new("encrypted_uses", "/field").with("field", field.label(&session.catalogue));
        return Err(problem.with("options", sortable(session, entity).join(", ")));
    }
    if field.kind.is_list() {
        let problem = Problem::new("not_an_option", "/field").with("value", &written.field);
        return Err(problem.with("options", sortable(session, entity).join(", ")));
    }
    let by = match written.by.as_deref() {
        None => None,
        Some("day") => Some(DatePart::Day),
        Some("week") => Some(DatePart::Week),
        Some("month") => Some(DatePart::Month),
        Some("quarter") => Some(DatePart::Quarter),
        Some("year") => Some(DatePart::Year),
        Some(other) => {
            let problem = Problem::new("unknown_option", "/by").with("value", other);
            return Err(problem.with("options", "day, week, month, quarter, year"));
        }
    };
    if by.is_some() && !field.kind.is_temporal() {
        let by = written.by.as_deref().unwrap_or_default();
        let problem = Problem::new("operator_does_not_fit", "/by").with("operator", by);
        return Err(problem.with("field", &written.field));
    }
    let own = field.label(&session.catalogue);
    let head = DimensionHead {
        name: written.name().to_owned(),
        title: written.title.as_deref().map_or_else(|| own.to_owned(), translate),
        field: written.field.clone(),
        kind: field.kind.name().to_owned(),
        by: written.by.clone(),
    };
    Ok((head, Group { path, by }))
}

/// A measure that is a formula over others, of the report itself and of its blocks; `None` for another.
pub(super) fn formula(
    session: &Session,
    report: &ReportDefinition,
    written: &MeasureDefinition,
) -> Result<Option<(MeasureHead, MeasureFormula)>, Problems> {
    let Some(formula) = &written.formula else { return Ok(None) };
    let of_blocks = report.blocks.iter().flat_map(|block| &block.measures);
    let names: Vec<&str> =
        report.measures.iter().chain(of_blocks).map(|measure| measure.name.as_str()).collect();
    let parsed = MeasureFormula::parse(formula, &names).map_err(|wrong| {
        let mut problems = Problems::new();
        problems.extend_under("/formula", wrong);
        problems
    })?;
    let title = match &written.title {
        Some(title) => translated(session, report, "measures", &written.name, title),
        None => written.name.clone(),
    };
    let head = MeasureHead {
        name: written.name.clone(),
        title,
        kind: written.kind.clone().unwrap_or_else(|| "decimal".into()),
        scale: written.scale.unwrap_or(2),
        currency: None,
        converted: false,
    };
    Ok(Some((head, parsed)))
}

fn measure(
    session: &Session,
    entity: &EntityModel,
    report: &ReportDefinition,
    written: &MeasureDefinition,
) -> Result<(MeasureHead, Computed), Problems> {
    let title = |own: String| match &written.title {
        Some(title) => translated(session, report, "measures", &written.name, title),
        None => own,
    };
    if let Some((head, parsed)) = formula(session, report, written)? {
        return Ok((head, Computed::Formula(parsed)));
    }
    let Some((function, of)) = written.function() else {
        return Err(Problem::new("measure_without_function", "").into());
    };
    let filter = match &written.filter {
        Some(json) => Filter::parse(json, entity, &session.model).map_err(|wrong| {
            let mut problems = Problems::new();
            problems.extend_under("/where", wrong);
            problems
        })?,
        None => Filter::True,
    };
    let path = match of {
        Some(name) => Some(
            visible_path(session, entity, name)
                .map_err(|problem| Problems::from(problem.under(&format!("/{function}"))))?,
        ),
        None => None,
    };
    let field = path.as_ref().and_then(|path| path.resolve(&session.model));
    if let Some(sealed) = field.filter(|field| field.is_sealed()) {
        let problem = Problem::new("encrypted_uses", format!("/{function}"));
        return Err(problem.with("field", sealed.label(&session.catalogue)).into());
    }
    let computed = match function {
        "count" => MeasureFunction::Count,
        "count_distinct" => MeasureFunction::CountDistinct,
        "sum" => MeasureFunction::Sum,
        "avg" => MeasureFunction::Avg,
        "min" => MeasureFunction::Min,
        "max" => MeasureFunction::Max,
        "median" => MeasureFunction::Median,
        other => {
            let problem = Problem::new("unknown_function", "").with("value", other);
            return Err(problem.with("options", "count, count_distinct, sum, avg, min, max, median").into());
        }
    };
    if matches!(computed, MeasureFunction::Sum | MeasureFunction::Avg | MeasureFunction::Median)
        && !field.is_some_and(|field| field.kind.is_number())
    {
        return Err(Problem::new("operator_does_not_fit", format!("/{function}"))
            .with("operator", function)
            .with("field", of.unwrap_or_default())
            .into());
    }
    let own_kind = match (computed, field) {
        (MeasureFunction::Count | MeasureFunction::CountDistinct, _) => "integer",
        (MeasureFunction::Avg | MeasureFunction::Median, Some(field))
            if field.kind.style() == NumberStyle::Plain && field.kind.scale(field).is_none() =>
        {
            "decimal"
        }
        (_, Some(field)) => field.kind.name(),
        (_, None) => "decimal",
    };
    let kind = written.kind.clone().unwrap_or_else(|| own_kind.to_owned());
    let scale = written.scale.unwrap_or(match kind.as_str() {
        "integer" => 0,
        _ => 2,
    });
    let currency = (kind == "money").then(|| session.workspace.settings().currency.clone());
    let own = field.map_or_else(
        || session.catalogue.text("ui.count").to_owned(),
        |field| field.label(&session.catalogue).to_owned(),
    );
    let head = MeasureHead {
        name: written.name.clone(),
        title: title(own),
        kind,
        scale,
        currency,
        converted: false,
    };
    let measure = Measure { function: computed, path, filter, name: written.name.clone() };
    Ok((head, Computed::Stored(Box::new(measure))))
}

/// A path whose every field the reader may see: what one may not see does not exist.
pub(super) fn visible_path(
    session: &Session,
    entity: &EntityModel,
    text: &str,
) -> Result<FieldPath, Problem> {
    let path = FieldPath::parse(text, entity, &session.model)?;
    let is_seen = |name: &str, index: usize| {
        let Some(entity) = session.model.entity(name) else { return false };
        let access = session.actor.access.entity(name);
        entity.fields.get(index).is_some_and(|field| {
            crate::permissions::field_right(access, entity, field) > kontor_model::access::FieldRight::None
        })
    };
    let all =
        path.hops.iter().all(|hop| is_seen(&hop.entity, hop.field)) && is_seen(&path.entity, path.field);
    if all {
        Ok(path)
    } else {
        Err(Problem::new("unknown_field", "").with("field", text).with("entity", &entity.name))
    }
}
