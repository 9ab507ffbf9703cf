//! What a save changed, for the derived values of other records that follow: the store works them out in the same
//! commit.

use kontor_model::dependent::Step;
use kontor_model::entity::Source;
use kontor_model::{EntityModel, Record, Value};
use kontor_store::Write;

use super::batch::Batch;
use crate::Session;

/// Tells the commit which fields of a record changed. Nothing is told when nobody follows and nothing of the record
/// itself hangs on others, so that a plain save costs nothing more.
pub fn changed(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    old: Option<&Record>,
    new: &Record,
    fields: &[usize],
) {
    // An amount in the workspace's own currency has no rate that somebody might change meanwhile.
    let own = session.workspace.settings();
    let is_abroad = |index: &usize| match entity.fields.get(*index).map(|field| &field.source) {
        Some(Source::Converted(conversion)) => {
            new.at(conversion.currency).as_text().is_some_and(|code| code != own.currency)
        }
        _ => false,
    };
    let settle = !entity.unsettled.is_empty() || entity.rated.iter().any(is_abroad);
    let concerned: Vec<usize> = fields
        .iter()
        .copied()
        .filter(|index| {
            entity.dependents.iter().any(|dependent| dependent.on == *index && !dependent.route.is_empty())
        })
        .collect();
    if concerned.is_empty() && !settle && entity.asked.is_empty() {
        return;
    }
    let mut links: Vec<(usize, Value)> = Vec::new();
    let mut add = |link: usize| {
        if links.iter().all(|(known, _)| *known != link) {
            links
                .extend([old, Some(new)].into_iter().flatten().map(|record| (link, record.at(link).clone())));
        }
    };
    // Whose rules look at these records is asked, whatever changed.
    entity.asked.iter().for_each(|asked| add(asked.link));
    for dependent in &entity.dependents {
        let Some(Step::Forward { field, .. }) = dependent.route.first() else { continue };
        if concerned.contains(&dependent.on) {
            add(*field);
        }
    }
    batch.unit.push(Write::Changed {
        entity: entity.name.clone(),
        id: new.id(),
        fields: concerned,
        links,
        created: old.is_none(),
        settle,
    });
}
