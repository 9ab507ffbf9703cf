//! The entities that the engine itself brings: people, teams, territories, what currencies are worth, holidays, and
//! the history of stages. Packs and workspaces extend them like any other.

use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};

/// The name of the layer.
pub const LAYER: &str = "engine";

const FILES: [(&str, &str); 6] = [
    ("user", include_str!("user.json")),
    ("team", include_str!("team.json")),
    (crate::stages::STAGE_LOG, include_str!("stage_log.json")),
    (crate::currency::RATES, include_str!("exchange_rate.json")),
    (crate::working_time::HOLIDAYS, include_str!("holiday.json")),
    (crate::territory::TERRITORIES, include_str!("territory.json")),
];

/// The definitions of the engine: the layer below every pack.
pub fn definitions() -> DefinitionSet {
    let read = |(name, text): (&str, &str)| {
        // The files are part of the program; a test reads them.
        let mut json: Json = serde_json::from_str(text).unwrap_or_default();
        // As definitions of packs are held: what schema a file follows belongs to the file. A layer on top would say that
        // it has none.
        if let Some(object) = json.as_object_mut() {
            object.shift_remove("$schema");
        }
        ((DefinitionKind::Entity, name.to_owned()), json)
    };
    FILES.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;

    #[test]
    fn what_the_engine_brings_compiles() {
        let model = Model::compile(1, definitions());
        assert!(model.broken.is_empty(), "{:?}", model.broken);
        assert_eq!(
            model.entities.keys().collect::<Vec<_>>(),
            ["exchange_rate", "holiday", "stage_log", "team", "territory", "user", "territory_members"]
        );
    }
}
