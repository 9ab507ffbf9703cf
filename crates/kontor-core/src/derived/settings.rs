//! When settings change, what the formulas that read them give changes too.

use kontor_model::entity::Source;
use kontor_model::{EntityModel, Model};

use super::job::Job;

/// The jobs that a change of these settings makes necessary, one for each entity.
pub(crate) fn jobs_of_settings(model: &Model, names: &[String]) -> Vec<Job> {
    let jobs = model.entities.values().map(|entity| job_of(entity, names));
    jobs.filter(|job| !job.fields.is_empty()).collect()
}

/// The jobs that another currency of the workspace makes necessary: what amounts are worth, and totals and formulas that
/// were counted in it.
pub(crate) fn jobs_of_currency(model: &Model) -> Vec<Job> {
    let is_concerned = |entity: &EntityModel, field: &kontor_model::FieldModel| {
        let is_money = entity.currency_of(field.index).is_some();
        matches!(field.source, Source::Converted(_)) || (is_money && field.is_derived())
    };
    let jobs = model.entities.values().map(|entity| {
        let fields = entity.fields.iter().filter(|field| is_concerned(entity, field));
        let fields = fields.map(|field| field.key.clone()).collect();
        Job { entity: entity.key.clone(), fields, ..Job::default() }
    });
    jobs.filter(|job| !job.fields.is_empty()).collect()
}

/// The jobs that other working hours, or another zone of them, make necessary.
pub(crate) fn jobs_of_working_time(model: &Model) -> Vec<Job> {
    let jobs = model.entities.values().map(|entity| {
        let fields = entity.fields.iter().filter(|field| field.reads_working_time());
        let fields = fields.map(|field| field.key.clone()).collect();
        Job { entity: entity.key.clone(), fields, ..Job::default() }
    });
    jobs.filter(|job| !job.fields.is_empty()).collect()
}

fn job_of(entity: &EntityModel, names: &[String]) -> Job {
    let reads = |field: &&kontor_model::FieldModel| match &field.source {
        Source::Formula(formula) => {
            formula.asks().settings.iter().any(|read| names.iter().any(|name| name == read))
        }
        _ => false,
    };
    let fields = entity.fields.iter().filter(reads).map(|field| field.key.clone()).collect();
    Job { entity: entity.key.clone(), fields, ..Job::default() }
}
