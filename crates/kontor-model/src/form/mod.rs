//! Which form shows a record: the one that fits best, or a good one made from the fields.

mod generated;

use std::sync::Arc;

use crate::definition::form::{FormDefinition, Item};
use crate::entity::{EntityModel, FieldModel, system};
use crate::formula::Type;
use crate::model::Model;

pub use generated::{generated, generated_for_portal};

/// The channel of the workspace's own pages.
pub const INTERNAL: &str = "internal";
/// The channel of short forms beside look-ups.
pub const QUICK: &str = "quick";
/// The channels that there are so far. The language of definitions knows more, for pages to come.
pub const CHANNELS: [&str; 3] = [INTERNAL, crate::portal::PORTAL, QUICK];

/// The form for records of an entity and variant, for somebody with these roles. A form that names the variant or a
/// role of the reader wins over one that names none; among equals the first by name. Without a form, one is made.
pub fn layout(
    model: &Model,
    entity: &EntityModel,
    record_type: Option<&str>,
    roles: &[&str],
) -> Arc<FormDefinition> {
    best(model, entity, record_type, roles, INTERNAL)
        .unwrap_or_else(|| Arc::new(generated(entity, record_type)))
}

/// The form for records of an entity and variant in a portal, chosen in the same way. The one that is made leaves out what
/// is meant for the inside.
pub fn in_portal(
    model: &Model,
    entity: &EntityModel,
    record_type: Option<&str>,
    roles: &[&str],
) -> Arc<FormDefinition> {
    best(model, entity, record_type, roles, crate::portal::PORTAL)
        .unwrap_or_else(|| Arc::new(generated_for_portal(entity, record_type)))
}

/// Everything that stands in the sections of a form.
pub fn items(form: &FormDefinition) -> impl Iterator<Item = &Item> {
    form.tabs.iter().flat_map(|tab| &tab.sections).flat_map(|section| &section.items)
}

/// The short form in which a look-up makes a record on the way; `None` when nobody defined one.
pub fn quick(
    model: &Model,
    entity: &EntityModel,
    record_type: Option<&str>,
    roles: &[&str],
) -> Option<Arc<FormDefinition>> {
    best(model, entity, record_type, roles, QUICK)
}

/// The links of an entity's records that can lead to a record of another one.
pub fn ways_to<'e>(from: &'e EntityModel, to: &EntityModel) -> Vec<&'e FieldModel> {
    from.own_fields().filter(|field| leads_to(field, to)).collect()
}

/// Whether a field links to records of an entity, as one value that filters can compare.
pub fn leads_to(field: &FieldModel, entity: &EntityModel) -> bool {
    let own = field.system && field.index == system::ID;
    field.kind.is_link() && !own && !field.is_sealed() && field.targets.contains(&entity.name)
}

/// Whether the words of a field can be compared with those of other records.
pub fn has_words(field: &FieldModel) -> bool {
    field.kind.formula_type() == Type::Text
        && !field.kind.is_choice()
        && !field.kind.is_link()
        && !field.kind.holds_files()
        && !field.kind.is_write_only()
        && !field.kind.is_internal()
        && !field.is_sealed()
}

/// The form that somebody defined and that shows records of a variant in a channel, to somebody with these roles; `None` where
/// one is made.
pub fn best(
    model: &Model,
    entity: &EntityModel,
    record_type: Option<&str>,
    roles: &[&str],
    channel: &str,
) -> Option<Arc<FormDefinition>> {
    let mut best: Option<(u8, &Arc<FormDefinition>)> = None;
    let forms = model.about::<FormDefinition>(&entity.name);
    for form in forms.iter().filter(|form| form.channel.as_deref().unwrap_or(INTERNAL) == channel) {
        let Some(rank) = rank(form, record_type, roles) else { continue };
        if best.is_none_or(|(best, _)| rank > best) {
            best = Some((rank, form));
        }
    }
    best.map(|(_, form)| Arc::clone(form))
}

/// How well a form fits; `None` when it is meant for others.
fn rank(form: &FormDefinition, record_type: Option<&str>, roles: &[&str]) -> Option<u8> {
    let by_type = match form.record_type.as_deref() {
        Some(wanted) if Some(wanted) == record_type => 2,
        Some(_) => return None,
        None => 0,
    };
    let by_role = match form.roles.as_slice() {
        [] => 0,
        wanted if wanted.iter().any(|role| roles.contains(&role.as_str())) => 1,
        _ => return None,
    };
    Some(by_type + by_role)
}

#[cfg(test)]
mod tests;
