//! Scripts that a change would break.

use std::sync::Arc;

use kontor_model::definition::{DefinitionId, DefinitionKind};
use kontor_model::diff::{Change, Class, Use};
use kontor_model::{Model, Problem};

use super::candidate::Candidate;
use super::layers::WORKSPACE;
use super::plan::PlannedChange;
use super::{mentions, script_check};
use crate::Session;

/// The scripts that were right and would be wrong.
pub fn refused_scripts(session: &Session, candidate: &Candidate) -> Vec<DefinitionId> {
    let refused = broken_scripts(session, &session.workspace.model(), &candidate.model);
    refused.into_iter().map(|one| (one.change.kind, one.change.name)).collect()
}

/// Scripts that were right and are wrong in the new model.
pub(super) fn broken_scripts(session: &Session, old: &Arc<Model>, new: &Model) -> Vec<PlannedChange> {
    let runner = &session.workspace.runner;
    let new = Arc::new(Model {
        version: new.version,
        entities: new.entities.clone(),
        definitions: Arc::clone(&new.definitions),
        catalogues: new.catalogues.clone(),
        tables: new.tables.clone(),
        settings: new.settings.clone(),
        ..Model::default()
    });
    let mut refused = Vec::new();
    for (name, json) in new.definitions_of(DefinitionKind::Script) {
        if mentions::own_entity(name).is_none() {
            continue;
        }
        for (layer, source) in kontor_model::layer::script_sources(json) {
            let is_own = layer.is_empty() || layer == WORKSPACE;
            let of = if is_own { script_check::of_own } else { script_check::of_source };
            let mut problems = of(&**runner, name, source, &new);
            if !problems.has_errors() {
                continue;
            }
            if !is_own {
                // Nobody here can put that right, and whoever reads it should know.
                let of_pack = Problem::new("script_of_pack", "/source").with("pack", layer);
                problems.push(of_pack.with("name", name));
            }
            let was = old.definition(DefinitionKind::Script, name).is_some_and(|known| {
                let sources = kontor_model::layer::script_sources(known);
                sources
                    .iter()
                    .any(|(_, other)| *other == source && of(&**runner, name, source, old).has_errors())
            });
            if was {
                continue;
            }
            for problem in problems.into_iter().filter(|problem| !problem.warning) {
                refused.push(PlannedChange {
                    change: Change {
                        kind: DefinitionKind::Script,
                        name: name.to_owned(),
                        pointer: "/source".into(),
                        what: "broken".into(),
                        parameters: Vec::new(),
                        class: Class::Refused,
                        schema: None,
                        used_by: vec![Use {
                            kind: DefinitionKind::Script,
                            name: name.to_owned(),
                            pointer: String::new(),
                            line: problem.line,
                        }],
                    },
                    rows: 0,
                    unconvertible: 0,
                    finding: None,
                    problem: Some(problem),
                });
            }
        }
    }
    refused
}
