//! Is what somebody saves right? Like a definition, and for who saves it: what they may not read is not there.

use kontor_model::definition::dashboard::{DashboardDefinition, Tile};
use kontor_model::definition::report::ReportDefinition;
use kontor_model::definition::{DefinitionKind, read};
use kontor_model::{Json, Problem, Problems};
use uuid::Uuid;

use super::{STORED_NAME, definition, named, of_kind};
use crate::Session;
use crate::error::Result;
use crate::reports::{self, metric, snapshot};

/// Checks a body; `team` is the one that will see it too.
pub(super) fn check(session: &Session, kind: DefinitionKind, body: &Json, team: Option<Uuid>) -> Result<()> {
    let model = &session.model;
    if body.get("extends").is_some_and(|below| !below.is_null()) {
        // It stands alone: there is no layer below it that it could refine.
        return Err(Problem::new("unknown_key", "/extends").with("key", "extends").into());
    }
    let own = [DefinitionKind::Report, DefinitionKind::View].into_iter();
    let mut own = own.flat_map(|kind| of_kind(session, kind)).peekable();
    // A dashboard shows what was saved as it shows what is published.
    if kind == DefinitionKind::Dashboard && own.peek().is_some() {
        let more = own.map(|saved| ((saved.kind, saved.name()), saved.body.clone()));
        let model = model.with_definitions(more);
        kontor_model::check::check_saved(kind, STORED_NAME, body, &model).into_result(())?;
    } else {
        kontor_model::check::check_saved(kind, STORED_NAME, body, model).into_result(())?;
    }
    let problems = match kind {
        DefinitionKind::Report => reports::unseen(session, &read::<ReportDefinition>(body)?),
        DefinitionKind::Dashboard => dashboard(session, &read(body)?, team),
        _ => Problems::new(),
    };
    Ok(problems.into_result(())?)
}

/// The tiles that show what the reader may not see, or what the team would not see though it may.
fn dashboard(session: &Session, dashboard: &DashboardDefinition, team: Option<Uuid>) -> Problems {
    let mut problems = Problems::new();
    for (index, tile) in dashboard.tiles.iter().enumerate() {
        let Some((kind, name)) = shown(tile) else { continue };
        let at = format!("/tiles/{index}/{kind}");
        if !is_seen(session, kind, name) {
            let problem = Problem::new("unknown_definition", at);
            problems.push(problem.with("kind", kind).with("name", name));
        } else if let Some(saved) = named(session, kind, name)
            && team.is_some()
            && saved.team != team
        {
            problems.push(Problem::new("not_of_team", at).with("title", saved.title()));
        }
    }
    problems
}

fn shown(tile: &Tile) -> Option<(DefinitionKind, &str)> {
    let shown = [
        (DefinitionKind::Report, &tile.report),
        (DefinitionKind::Metric, &tile.metric),
        (DefinitionKind::Snapshot, &tile.snapshot),
        (DefinitionKind::View, &tile.view),
    ];
    shown.into_iter().find_map(|(kind, name)| Some((kind, name.as_deref()?)))
}

/// Whether a report, a metric, a snapshot or a view shows the reader anything.
pub fn is_seen(session: &Session, kind: DefinitionKind, name: &str) -> bool {
    match kind {
        DefinitionKind::Metric => {
            metric::find(session, name).is_ok_and(|metric| session.entity(&metric.entity).is_ok())
        }
        DefinitionKind::Snapshot => snapshot::find(session, name).is_ok(),
        _ => {
            let entity = definition(session, kind, name).and_then(|json| json.get("entity")?.as_str());
            entity.is_some_and(|entity| session.entity(entity).is_ok())
        }
    }
}
