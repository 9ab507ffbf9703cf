//! When settings change, what the formulas that read them give changes too.

use kontor_model::{EntityModel, Model};

use super::job::Job;

/// The jobs that a change of these settings makes necessary, one for each entity.
pub(crate) fn jobs_of_settings(model: &Model, names: &[String]) -> Vec<Job> {
    let jobs = model.entities.values().map(|entity| job_of(entity, names));
    jobs.filter(|job| !job.fields.is_empty()).collect()
}

fn job_of(entity: &EntityModel, names: &[String]) -> Job {
    let reads = |field: &&kontor_model::FieldModel| match &field.source {
        kontor_model::entity::Source::Formula(formula) => {
            formula.asks().settings.iter().any(|read| names.iter().any(|name| name == read))
        }
        _ => false,
    };
    let fields = entity.fields.iter().filter(reads).map(|field| field.key.clone()).collect();
    Job { entity: entity.key.clone(), fields, ..Job::default() }
}
