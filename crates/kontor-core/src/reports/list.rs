//! Reports that show records themselves: which, in what order, how many, and measures over all that match.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::Json;
use kontor_model::definition::report::{ReportDefinition, ReportType};
use kontor_model::filter::{FieldPath, Filter};
use kontor_model::query::Answer;
use kontor_model::{EntityModel, FieldModel, Problem, Problems};

use super::build::visible_path;
use super::parameters::filled;
use super::run::run_counted;
use crate::Session;
use crate::error::Result;
use crate::records::{Count, Counting, PageRequest, RecordPage, Sort, page};

/// The records of a list that names no limit.
const USUAL: u32 = 1_000;
/// The records of one query.
const AT_ONCE: u32 = 500;

/// The records of a report.
#[derive(Debug)]
pub struct Listed {
    /// Whose they are.
    pub entity: Arc<EntityModel>,
    /// All of them, as one page; where there are more than these (`capped`), with how many there are.
    pub page: RecordPage,
    /// The measures over everything that matches, as the one group of an answer; without measures there are none.
    pub totals: Answer,
}

/// The records of a report of the type `list`, with values for `columns`.
///
/// # Errors
/// [`crate::Error::NotFound`] when its entity may not be read, [`crate::Error::Problems`] for what is wrong with it.
#[expect(clippy::implicit_hasher, reason = "nobody brings another hasher")]
pub async fn listed(
    session: &Session,
    report: &ReportDefinition,
    parameters: &HashMap<String, Json>,
    columns: Vec<FieldPath>,
) -> Result<Listed> {
    let entity = session.entity(&report.entity)?;
    let (filter, places) = filled(report, parameters);
    let filter = Filter::parse(&filter, &entity, &session.model).map_err(|wrong| places.named(wrong))?;
    let sort = order(session, &entity, &report.sort)?;
    let limit = report.limit.unwrap_or(USUAL);
    let mut found =
        RecordPage { rows: Vec::new(), titles: HashMap::new(), next: None, count: None, capped: false };
    let mut after = None;
    loop {
        let have = u32::try_from(found.rows.len()).unwrap_or(u32::MAX);
        let request = PageRequest {
            columns: columns.clone(),
            filter: filter.clone(),
            sort: sort.clone(),
            limit: limit.saturating_sub(have).clamp(1, AT_ONCE),
            after: after.take(),
            count: Count::None,
            ..PageRequest::default()
        };
        let next = page(session, &entity, request).await?;
        found.rows.extend(next.rows);
        found.titles.extend(next.titles);
        after = next.next;
        if after.is_none() || found.rows.len() >= limit as usize {
            break;
        }
    }
    found.capped = after.is_some();
    if found.capped {
        // How many there are is asked only where not all of them are here.
        let request = PageRequest { filter, limit: 1, count: Count::Exact, ..PageRequest::default() };
        found.count = page(session, &entity, request).await?.count;
    }
    let totals = if report.measures.is_empty() || report.totals == Some(false) {
        Answer::default()
    } else {
        let alone = ReportDefinition {
            report_type: ReportType::Summary,
            rows: Vec::new(),
            columns: Vec::new(),
            sort: Vec::new(),
            limit: None,
            ..report.clone()
        };
        run_counted(session, &alone, parameters, Counting::Alike).await?
    };
    Ok(Listed { entity, page: found, totals })
}

/// The order of the records; what cannot be an order is told with what can.
fn order(session: &Session, entity: &EntityModel, written: &[String]) -> Result<Vec<Sort>> {
    let mut problems = Problems::new();
    let mut keys = Vec::new();
    for (index, written) in written.iter().enumerate() {
        let at = format!("/sort/{index}");
        let (descending, name) =
            written.strip_prefix('-').map_or((false, written.as_str()), |name| (true, name));
        match visible_path(session, entity, name) {
            Ok(path) if path.resolve(&session.model).is_some_and(FieldModel::is_sortable) => {
                keys.push(Sort { path, descending });
            }
            Ok(_) => problems.push(
                Problem::new("not_an_option", at)
                    .with("value", name)
                    .with("options", sortable(session, entity).join(", ")),
            ),
            Err(problem) => problems.push(problem.under(&at)),
        }
    }
    Ok(problems.into_result(keys)?)
}

/// The names of the fields that an entity's records can be sorted by, of those that the reader may see.
pub fn sortable(session: &Session, entity: &EntityModel) -> Vec<String> {
    let access = session.actor.access.entity(&entity.name);
    let is_seen = |field: &&FieldModel| {
        crate::permissions::field_right(access, entity, field) > kontor_model::access::FieldRight::None
    };
    let fields = entity.fields.iter().filter(|field| field.is_sortable()).filter(is_seen);
    fields.map(|field| field.name.clone()).collect()
}
