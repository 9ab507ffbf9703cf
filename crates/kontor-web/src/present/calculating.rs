//! Says that values are being worked out: until that is done, some of them are old.

use kontor_core::derived;
use kontor_model::EntityModel;
use kontor_view::page::part::Notice;

use super::{Reading, values};

/// What the reader of records of an entity must know; nothing when no value is under way that they may see.
pub async fn notices(reading: &Reading<'_>, entity: &EntityModel) -> Vec<Notice> {
    // Not knowing is no reason to refuse the page.
    let fields = derived::of_entity(reading.session, entity).await.unwrap_or_default();
    let labels: Vec<&str> = fields
        .iter()
        .filter_map(|index| entity.fields.get(*index))
        .filter(|field| values::is_readable(reading, entity, field))
        .map(|field| field.label(&reading.session.catalogue))
        .collect();
    if labels.is_empty() {
        return Vec::new();
    }
    let named = labels.join(&reading.t("record.calculating_and"));
    vec![Notice {
        tone: "t-blue".to_owned(),
        title: reading.words().with("record.calculating", &[("fields", &named)]),
        lines: vec![reading.t("record.calculating_note")],
    }]
}
