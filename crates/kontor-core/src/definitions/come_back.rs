//! Changes of kinds after which values come back that were moved aside, and those that move them aside.

use std::sync::Arc;

use kontor_model::FieldModel;
use kontor_model::diff::{Change, Class, SchemaChange};
use kontor_model::entity::EntityModel;

use super::candidate::Candidate;
use crate::Session;
use crate::error::Result;

/// A kind to which every value of the old one belongs needs no conversion, nor do more digits, unless columns were moved
/// aside when the field was so before: what did not convert then, or was rounded, comes back. So do numbers that were drawn,
/// which no other value becomes.
pub(super) async fn bring_back(session: &Session, candidate: &Candidate, change: &mut Change) -> Result<()> {
    if candidate.back_to.is_some() && is_refused_for_encryption(change) {
        let entity = candidate.model.entity(&change.name);
        seal_on_the_way_back(change, entity);
        return Ok(());
    }
    let fits = change.what == "field_kind_changed" && change.schema.is_none();
    let widens = matches!(change.schema, Some(SchemaChange::RescaleField { .. }));
    let Some(entity) = candidate.model.entity(&change.name) else { return Ok(()) };
    let field = change.pointer.strip_prefix("/properties/").and_then(|name| entity.field(name));
    let Some(field) = field else { return Ok(()) };
    let is_drawn_again = change.class == Class::Refused
        && field.kind.is_drawn()
        && change.parameters.contains(&("why", "drawn".to_owned()));
    // Whatever stands there now: what was parked is there to come back. A secret is never read as anything else.
    let is_secret = || change.parameters.contains(&("why", "secret".to_owned()));
    let comes_back = candidate.back_to.is_some()
        && change.what == "field_kind_changed"
        && change.class == Class::Refused
        && !is_secret();
    if !is_drawn_again && !comes_back && (change.class != Class::Safe || !(fits || widens)) {
        return Ok(());
    }
    if session.workspace.store.parked_field(&entity.key, field).await?.is_none() {
        // Where the columns stayed in use, they are called numbers again on the way back.
        if is_drawn_again && candidate.back_to.is_some() && stays_in_place(session, entity, field) {
            change.class = Class::Safe;
            change.parameters.retain(|(name, _)| *name != "why");
        }
        return Ok(());
    }
    let is_other_kind = fits || change.what == "field_kind_changed";
    let from = change.parameters.iter().find(|(name, _)| *name == "from").filter(|_| is_other_kind);
    change.schema = Some(SchemaChange::ConvertField {
        entity: entity.name.clone(),
        field: field.name.clone(),
        from: from.map_or_else(|| field.kind.name().to_owned(), |(_, from)| from.clone()),
    });
    change.class = Class::Lossy;
    change.parameters.retain(|(name, _)| *name != "why");
    Ok(())
}

/// Whether a change is refused only because the field becomes encrypted, or is no longer, in the same step.
fn is_refused_for_encryption(change: &Change) -> bool {
    let is_kind = || change.parameters.contains(&("why", "sealed".to_owned()));
    change.class == Class::Refused
        && match change.what.as_str() {
            "field_kind_changed" => is_kind(),
            "field_scale_changed" | "field_encrypted" => true,
            _ => false,
        }
}

/// Several versions are taken back in one step, and nobody can publish the one after the other: what does not convert stays
/// parked as it was, in the clear where it was so.
fn seal_on_the_way_back(change: &mut Change, entity: Option<&Arc<EntityModel>>) {
    let parameter =
        |name: &str| change.parameters.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
    let digits = |name: &str| parameter(name).and_then(|digits| digits.parse::<u8>().ok());
    let widens = change.what == "field_scale_changed" && digits("from") < digits("to");
    change.class = if widens { Class::Safe } else { Class::Lossy };
    change.parameters.retain(|(name, _)| *name != "why");
    let field = change.pointer.strip_prefix("/properties/");
    let field = field.and_then(|name| entity?.field(name));
    change.schema = match (change.what.as_str(), field) {
        ("field_kind_changed", Some(field)) => Some(SchemaChange::ConvertField {
            entity: change.name.clone(),
            field: field.name.clone(),
            from: change
                .parameters
                .iter()
                .find(|(name, _)| *name == "from")
                .map(|(_, kind)| kind.clone())
                .unwrap_or_default(),
        }),
        // The change of the encryption, or of where values come from, carries them over.
        _ => None,
    };
}

/// Whether the published field of that key has the very columns that this one needs.
fn stays_in_place(session: &Session, entity: &EntityModel, field: &FieldModel) -> bool {
    let model = session.workspace.model();
    let published = model.entities.values().find(|one| one.key == entity.key);
    let now = published.and_then(|entity| entity.fields.iter().find(|one| one.key == field.key));
    now.is_some_and(|now| now.columns() == field.columns() && !now.is_derived())
}

/// Numbers that are rounded are moved aside with all their digits, so that these can come back.
pub(super) fn round_aside(change: &mut Change) {
    if change.class == Class::Lossy
        && let Some(SchemaChange::RescaleField { entity, field, .. }) = &change.schema
    {
        let from = change.parameters.iter().find(|(name, _)| *name == "kind");
        change.schema = Some(SchemaChange::ConvertField {
            entity: entity.clone(),
            field: field.clone(),
            from: from.map(|(_, kind)| kind.clone()).unwrap_or_default(),
        });
    }
}
